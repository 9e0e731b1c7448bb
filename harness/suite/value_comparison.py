"""What a person checked about values, exceptions and requests, held against what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.protocol.transcript import NOTHING, Transcript
from harness.suite.expect import Expect, ExpectedError
from harness.suite.matching import same_value
from harness.suite.mismatch import Mismatch, allowed, choice, shown
from harness.suite.request_comparison import request_mismatches
from harness.suite.schema_spelling import spelled
from harness.suite.turn_comparison import tool_mismatches, turn_mismatches

_Differences = Iterator[Mismatch]


def _result(expect: Expect, transcript: Transcript) -> _Differences:
    """Compare the value; what is a schema, with its required members and its types in any order (R34)."""
    wanted, seen = expect.result, transcript.result
    if transcript.stimulus.operation == "transformSchema" and seen is not NOTHING:
        wanted, seen = spelled(wanted), spelled(seen)
    if seen is NOTHING or not same_value(wanted, seen):
        yield Mismatch("result", shown(expect.result), shown(transcript.result))


def _data(expect: Expect, transcript: Transcript) -> _Differences:
    seen = _member(transcript.result, "data")
    if seen is NOTHING or not same_value(expect.data, seen):
        yield Mismatch("data", shown(expect.data), shown(seen))


def _raw_text(expect: Expect, transcript: Transcript) -> _Differences:
    """White space at both ends says nothing (R36): a fence's last line may end in a line end or not."""
    seen = _member(transcript.result, "rawText")
    if not isinstance(seen, str) or seen.strip() not in (text.strip() for text in allowed(expect.raw_text)):
        yield Mismatch("rawText", choice(expect.raw_text), shown(seen))


def _member(result: Any, key: str) -> Any:
    return result.get(key, NOTHING) if isinstance(result, Mapping) else NOTHING


def speaks_for_the_harness(transcript: Transcript) -> bool:
    """Tell whether an error repeats our own words, because no script was left for the last request."""
    return any(last.is_unscripted for last in (transcript.exchanges or ())[-1:])


def _raised(expect: Expect, transcript: Transcript) -> _Differences:
    """True is any exception, None is none; a code must be one of the allowed, a message must contain the words."""
    ending, wanted = transcript.ending, expect.raised
    error = ending.error if ending.kind == "raised" else None
    if wanted is None:
        if error is not None:
            yield Mismatch("raised", "no exception", shown(dict(error)))
    elif error is None:
        yield Mismatch("raised", "an exception", f"none; it {ending.kind}")
    elif isinstance(wanted, ExpectedError) and not speaks_for_the_harness(transcript):
        if "code" in wanted.model_fields_set and error.get("code") not in allowed(wanted.code):
            yield Mismatch("raised.code", choice(wanted.code), shown(error.get("code")))
        if wanted.message is not None and wanted.message not in str(error.get("message")):
            yield Mismatch("raised.message", f"a text with {shown(wanted.message)}", shown(error.get("message")))


VALUE_COMPARISONS: Mapping[str, Callable[[Expect, Transcript], _Differences]] = {
    "result": _result,
    "data": _data,
    "raw_text": _raw_text,
    "raised": _raised,
    "requests": request_mismatches,
    "turns": turn_mismatches,
    "tools": tool_mismatches,
}
