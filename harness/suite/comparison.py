"""What a person checked by hand, held against what came out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.protocol.exact_json import parsed, same_text
from harness.protocol.reading import ToolCall, Usage
from harness.protocol.streamchunk import CONTENT, THINKING
from harness.protocol.transcript import Profile, Transcript
from harness.suite.expect import Expect, ExpectedCall, ExpectedError
from harness.suite.mismatch import Mismatch, allowed, choice, shown
from harness.suite.tanstack_expect import asked_of_tanstack
from harness.suite.value_comparison import VALUE_COMPARISONS, speaks_for_the_harness


def mismatches(expect: Expect, transcript: Transcript, profile: Profile = "spec") -> tuple[Mismatch, ...]:
    """Return every expectation that the transcript does not meet, in the order of the case format's keys.

    In profile ``tanstack`` only what is a MUST there is expected (:mod:`harness.suite.tanstack_expect`).
    """
    if profile == "tanstack":
        expect = asked_of_tanstack(expect, transcript)
    stated = expect.model_fields_set
    return tuple(
        mismatch
        for field, compare in _COMPARISONS.items()
        if field in stated
        for mismatch in compare(expect, transcript)
    )


_Differences = Iterator[Mismatch]


def _text(expect: Expect, transcript: Transcript) -> _Differences:
    if transcript.got.text != expect.text:
        yield Mismatch("text", shown(expect.text), shown(transcript.got.text))


def _reasoning(expect: Expect, transcript: Transcript) -> _Differences:
    if transcript.got.reasoning != expect.reasoning:
        yield Mismatch("reasoning", shown(expect.reasoning), shown(transcript.got.reasoning))


def _tool_calls(expect: Expect, transcript: Transcript) -> _Differences:
    """Calls are matched by index, since their order is a SHOULD (R11); arguments are compared as values (R8)."""
    seen = sorted(transcript.got.tool_calls, key=lambda call: (call.index is None, call.index or 0))
    if len(seen) != len(expect.tool_calls):
        yield Mismatch(
            "toolCalls", shown([_wanted(call) for call in expect.tool_calls]), shown([_had(c) for c in seen])
        )
        return
    for place, (wanted, had) in enumerate(zip(expect.tool_calls, seen, strict=True)):
        index_differs = "index" in wanted.model_fields_set and wanted.index != had.index
        same = wanted.name == had.name and wanted.id in {None, had.id} and same_text(wanted.arguments, had.arguments)
        if not same or index_differs:
            yield Mismatch(f"toolCalls[{place}]", shown(_wanted(wanted)), shown(_had(had)))


def _wanted(call: ExpectedCall) -> Mapping[str, Any]:
    return call.model_dump(exclude_unset=True)


def _had(call: ToolCall) -> Mapping[str, Any]:
    return {"id": call.id, "name": call.name, "arguments": call.arguments, "index": call.index}


def _tool_results(expect: Expect, transcript: Transcript) -> _Differences:
    """Results are matched in order; a string may be passed quoted or bare (R15)."""
    seen = transcript.got.tool_results
    same = len(seen) == len(expect.tool_results) and all(
        wanted.tool_call_id == had.tool_call_id and _same_content(wanted.content, had.content)
        for wanted, had in zip(expect.tool_results, seen, strict=True)
    )
    if not same:
        both = (
            [{"toolCallId": one.tool_call_id, "content": one.content} for one in side]
            for side in (expect.tool_results, seen)
        )
        yield Mismatch("toolResults", *map(shown, both))


def _same_content(wanted: str, had: str | None) -> bool:
    """Compare as JSON; a string result may come bare, and a case may state it bare. Other values are never quoted."""
    if had is None:
        return False
    if same_text(wanted, had) or same_text(wanted, json.dumps(had)):
        return True
    try:
        parsed(wanted)
    except ValueError:
        return same_text(json.dumps(wanted), had)
    return False


def _finish_reason(expect: Expect, transcript: Transcript) -> _Differences:
    if transcript.got.finish_reason not in allowed(expect.finish_reason):
        yield Mismatch("finishReason", choice(expect.finish_reason), shown(transcript.got.finish_reason))


def _usage(expect: Expect, transcript: Transcript) -> _Differences:
    seen = transcript.got.usage
    wanted = None if expect.usage is None else Usage(*(dict(expect.usage).values()))
    if seen != wanted:
        had = None if seen is None else _counted(seen)
        yield Mismatch("usage", shown(None if wanted is None else _counted(wanted)), shown(had))


def _counted(usage: Usage) -> Mapping[str, Any]:
    counts = (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens)
    return dict(zip(("promptTokens", "completionTokens", "totalTokens"), counts, strict=True))


def _error(expect: Expect, transcript: Transcript) -> _Differences:
    """True is any error chunk, None is none; a code must be one of the allowed, a message must contain the words."""
    seen = transcript.got.error
    errored = transcript.got.ended == "error"
    wanted = expect.error
    told = "no error chunk" if not errored or seen is None else shown({"message": seen.message, "code": seen.code})
    if wanted is None:
        if errored:
            yield Mismatch("error", "no error chunk", told)
    elif not errored:
        yield Mismatch("error", "an error chunk", told)
    elif isinstance(wanted, ExpectedError) and not speaks_for_the_harness(transcript):
        message, code = ("", None) if seen is None else (seen.message, seen.code)
        if "code" in wanted.model_fields_set and code not in allowed(wanted.code):
            yield Mismatch("error.code", choice(wanted.code), shown(code))
        if wanted.message is not None and wanted.message not in message:
            yield Mismatch("error.message", f"a text with {shown(wanted.message)}", shown(message))


def _ended(expect: Expect, transcript: Transcript) -> _Differences:
    if transcript.got.ended not in allowed(expect.ended):
        yield Mismatch("ended", choice(expect.ended), shown(transcript.got.ended))


def _types(expect: Expect, transcript: Transcript) -> _Differences:
    seen: list[str] = []
    for record in transcript.records:
        kind = str(record.chunk.get("type")) if isinstance(record.chunk, Mapping) else "not an object"
        if not (seen and seen[-1] == kind and kind in {CONTENT, THINKING}):
            seen.append(kind)
    if seen != expect.types:
        yield Mismatch("types", shown(expect.types), shown(seen))


def _of_every_chunk(key: str) -> Callable[[Expect, Transcript], _Differences]:
    def compare(expect: Expect, transcript: Transcript) -> _Differences:
        wanted = getattr(expect, key)
        for record in transcript.records:
            seen = record.chunk.get(key) if isinstance(record.chunk, Mapping) else None
            if seen != wanted:
                yield Mismatch(key, f"{shown(wanted)} in every chunk", f"{shown(seen)} in chunk {record.number}")
                return

    return compare


_COMPARISONS: Mapping[str, Callable[[Expect, Transcript], _Differences]] = {
    "text": _text,
    "reasoning": _reasoning,
    "tool_calls": _tool_calls,
    "tool_results": _tool_results,
    "finish_reason": _finish_reason,
    "usage": _usage,
    "error": _error,
    "ended": _ended,
    "types": _types,
    "id": _of_every_chunk("id"),
    "model": _of_every_chunk("model"),
    **VALUE_COMPARISONS,
}
