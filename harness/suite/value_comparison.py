"""What a person checked about values, exceptions and requests, held against what came out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.protocol.exact_json import same_text
from harness.protocol.script import Exchange
from harness.protocol.transcript import NOTHING, Transcript
from harness.suite.expect import Expect, ExpectedError, ExpectedRequest
from harness.suite.mismatch import Mismatch, allowed, choice, shown
from harness.suite.turn_comparison import tool_mismatches, turn_mismatches

_Differences = Iterator[Mismatch]


def _result(expect: Expect, transcript: Transcript) -> _Differences:
    yield from _compared("result", expect.result, transcript.result)


def _data(expect: Expect, transcript: Transcript) -> _Differences:
    yield from _compared("data", expect.data, _member(transcript.result, "data"))


def _raw_text(expect: Expect, transcript: Transcript) -> _Differences:
    seen = _member(transcript.result, "rawText")
    if seen not in allowed(expect.raw_text):
        yield Mismatch("rawText", choice(expect.raw_text), shown(seen))


def _compared(field: str, wanted: Any, seen: Any) -> _Differences:
    if seen is NOTHING or not _same(wanted, seen):
        yield Mismatch(field, shown(wanted), shown(seen))


def _same(wanted: Any, seen: Any) -> bool:
    """Compare as JSON with exact numbers: 1 and true differ, the order of members does not count."""
    return same_text(json.dumps(wanted), json.dumps(seen))


def _member(result: Any, key: str) -> Any:
    return result.get(key, NOTHING) if isinstance(result, Mapping) else NOTHING


def _raised(expect: Expect, transcript: Transcript) -> _Differences:
    """True is any exception, None is none; a code must be one of the allowed, a message must contain the words."""
    ending, wanted = transcript.ending, expect.raised
    error = ending.error if ending.kind == "raised" else None
    if wanted is None:
        if error is not None:
            yield Mismatch("raised", "no exception", shown(dict(error)))
    elif error is None:
        yield Mismatch("raised", "an exception", f"none; it {ending.kind}")
    elif isinstance(wanted, ExpectedError):
        if "code" in wanted.model_fields_set and error.get("code") not in allowed(wanted.code):
            yield Mismatch("raised.code", choice(wanted.code), shown(error.get("code")))
        if wanted.message is not None and wanted.message not in str(error.get("message")):
            yield Mismatch("raised.message", f"a text with {shown(wanted.message)}", shown(error.get("message")))


def _requests(expect: Expect, transcript: Transcript) -> _Differences:
    """Every request that was received is expected, in order, and each is as far as it is named as it should be."""
    seen = transcript.exchanges or ()
    if len(seen) != len(expect.requests):
        lines = [f"{one.method} {one.target}" for one in seen]
        yield Mismatch("requests", f"{len(expect.requests)} requests", f"{len(seen)}: {shown(lines)}")
        return
    for place, (wanted, exchange) in enumerate(zip(expect.requests, seen, strict=True)):
        yield from _request(f"requests[{place}]", wanted, exchange)


def _request(field: str, wanted: ExpectedRequest, exchange: Exchange) -> _Differences:
    if not exchange.target.endswith(wanted.path):
        yield Mismatch(f"{field}.path", wanted.path, exchange.target)
    for name, value in wanted.headers.items():
        if exchange.header(name) != value:
            yield Mismatch(f"{field}.headers.{name}", shown(value), shown(exchange.header(name)))
    if "body" in wanted.model_fields_set:
        try:
            body = json.loads(exchange.body)
        except ValueError:
            yield Mismatch(f"{field}.body", "JSON", shown(exchange.body.decode("utf-8", "replace")))
        else:
            yield from _matched(f"{field}.body", wanted.body, body)


def _matched(field: str, wanted: Any, seen: Any) -> _Differences:
    """Hold what is named against what is there; members that are not named may be anything."""
    if isinstance(wanted, dict) and isinstance(seen, dict):
        for key, value in wanted.items():
            if value is None:
                if seen.get(key) is not None:
                    yield Mismatch(f"{field}.{key}", "nothing", shown(seen[key]))
            elif key not in seen:
                yield Mismatch(f"{field}.{key}", shown(value), "nothing")
            else:
                yield from _matched(f"{field}.{key}", value, seen[key])
    elif isinstance(wanted, list) and isinstance(seen, list) and len(wanted) == len(seen):
        for place, (one, other) in enumerate(zip(wanted, seen, strict=True)):
            yield from _matched(f"{field}[{place}]", one, other)
    elif not _same(wanted, seen):
        yield Mismatch(field, shown(wanted), shown(seen))


VALUE_COMPARISONS: Mapping[str, Callable[[Expect, Transcript], _Differences]] = {
    "result": _result,
    "data": _data,
    "raw_text": _raw_text,
    "raised": _raised,
    "requests": _requests,
    "turns": turn_mismatches,
    "tools": tool_mismatches,
}
