"""Tool results: each refers to a call, once, and says what the source says."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

from harness.protocol.exact_json import same_text
from harness.protocol.streamchunk import APPROVAL_REQUESTED, ENGINE, TOOL_CALL, TOOL_RESULT
from harness.rules.oracle import may_end_early
from harness.rules.rule import MUST_IN_SPEC, Finding, Level, rule
from harness.rules.sound import SoundTranscript, has
from harness.rules.wording import shown


def results_and_calls_are_sound(transcript: SoundTranscript) -> bool:
    """Apply where there are results, and no malformed call that one of them may refer to."""
    return TOOL_RESULT in transcript.by_type and TOOL_CALL not in transcript.broken


@rule(
    "RESULT-1",
    Level.MUST,
    "§5",
    "§6.4",
    "R14",
    applies=results_and_calls_are_sound,
    by_turn=False,
    why="a client that looks for the call throws, or drops the result",
    mend="emit the tool_call first; leave out results of calls that the provider ran itself",
)
def a_result_refers_to_a_call(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every `tool_result` names a call that was emitted before it.

    In scope chat a resumed conversation begins with results of calls that stand in the request's messages.
    """
    return without_call(transcript, TOOL_RESULT)


@rule(
    "RESULT-2",
    MUST_IN_SPEC,
    "§5",
    "R14",
    "R15",
    applies=has(TOOL_RESULT),
    by_turn=False,
    why="the model is told two answers to one call",
    mend="emit the final result once, and no preliminary ones",
)
def a_call_has_one_result(transcript: SoundTranscript) -> Iterator[Finding]:
    """There is at most one `tool_result` for each call."""
    seen: dict[str, int] = {}
    for record in transcript.by_type[TOOL_RESULT]:
        id_ = record.chunk["toolCallId"]
        if id_ in seen:
            yield Finding(record.number, f"one result for {shown(id_)}, chunk {seen[id_]}", "another one", "toolCallId")
        seen.setdefault(id_, record.number)


def results_are_owed(transcript: SoundTranscript) -> bool:
    """Apply where the source has results of client calls, and no malformed chunk hides one."""
    return bool(transcript.source.tool_results) and transcript.broken.isdisjoint({TOOL_RESULT, TOOL_CALL})


@rule(
    "RESULT-3",
    MUST_IN_SPEC,
    "§5",
    "§12.2",
    "R14",
    "R15",
    applies=results_are_owed,
    needs_source=True,
    why="the conversation goes on without what the tool said",
    mend="emit a tool_result for every tool-result event of a client call",
)
def every_result_arrives(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every result that the source carries for a client call is emitted."""
    if may_end_early(transcript):
        return
    seen = {record.chunk["toolCallId"] for record in transcript.by_type.get(TOOL_RESULT, ())}
    callable_ids = {call.id for call in transcript.source.tool_calls} - _asked(transcript)
    for id_ in dict.fromkeys(result.tool_call_id for result in transcript.source.tool_results):
        if id_ in callable_ids and id_ not in seen:
            yield Finding(None, f"the result of {shown(id_)}", "no tool_result chunk for it")


def results_are_known(transcript: SoundTranscript) -> bool:
    """Apply where results were emitted."""
    return TOOL_RESULT in transcript.by_type


@rule(
    "RESULT-4",
    MUST_IN_SPEC,
    "§12.2",
    "R15",
    applies=results_are_known,
    needs_source=True,
    why="the model goes on from an answer that the tool did not give",
    mend='put the result\'s JSON text in `content`; undefined is null, and a failed result is {"error": …}, once',
)
def the_result_is_the_sources(transcript: SoundTranscript) -> Iterator[Finding]:
    """The content of a `tool_result` is the JSON text of the source's result.

    A result that is a text may also be passed without its quotes. A failed result keeps its mark as {"error": …}.
    """
    owed: dict[str, list[str | None]] = defaultdict(list)
    for result in transcript.source.tool_results:
        owed[result.tool_call_id].append(result.content)
    last = {record.chunk["toolCallId"]: record for record in transcript.by_type[TOOL_RESULT]}
    for id_ in last.keys() - _asked(transcript):
        content = last[id_].chunk["content"]
        if id_ in owed and not any(_says(content, one) for one in owed[id_]):
            yield Finding(last[id_].number, shown(owed[id_][-1]), shown(content), "content")


@rule(
    "RESULT-5",
    MUST_IN_SPEC,
    "§12.2",
    "R14",
    "R15",
    applies=results_are_known,
    needs_source=True,
    why="the model goes on from an answer that no tool gave",
    mend="emit a tool_result on a final tool-result event of a client call, and on nothing else",
)
def no_result_is_invented(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every `tool_result` is a final result of the source; the answer to a denied approval is one too (§6.4)."""
    owed = {result.tool_call_id for result in transcript.source.tool_results}
    strange = {call.id for call in transcript.calls} - owed - _asked(transcript)
    for record in transcript.by_type[TOOL_RESULT]:
        if (id_ := record.chunk["toolCallId"]) in strange:
            strange.remove(id_)
            yield Finding(record.number, "a result of the source", f"a result for {shown(id_)}", "toolCallId")


def without_call(transcript: SoundTranscript, kind: str) -> Iterator[Finding]:
    """Yield a finding for each chunk of a type whose ``toolCallId`` is of no call before it (see RESULT-1)."""
    begun: dict[str, int] = dict.fromkeys(_called_before(transcript), -1)
    for record in transcript.by_type.get(TOOL_CALL, ()):
        begun.setdefault(record.chunk["toolCall"]["id"], record.number)
    resumed = _resumed_until(transcript)
    for record in transcript.by_type[kind]:
        id_ = record.chunk["toolCallId"]
        if record.number > resumed and begun.get(id_, record.number) >= record.number:
            yield Finding(record.number, "the id of a tool_call before it", shown(id_), "toolCallId")


def _called_before(transcript: SoundTranscript) -> set[str]:
    """Return the ids of the calls in the request's messages."""
    messages = transcript.stimulus.request.get("messages")
    found: set[str] = set()
    for message in messages if isinstance(messages, list) else ():
        calls = message.get("toolCalls") if isinstance(message, dict) else None
        for call in calls if isinstance(calls, list) else ():
            if isinstance(call, dict) and isinstance(id_ := call.get("id"), str):
                found.add(id_)
    return found


def _resumed_until(transcript: SoundTranscript) -> int:
    """Return the last chunk that may belong to a conversation before, whose messages are not known; -1 for none."""
    if transcript.scope != "chat" or "messages" in transcript.stimulus.request:
        return -1
    own = next((record for record in transcript.records if record.chunk["type"] not in ENGINE), None)
    return transcript.records[-1].number if own is None else own.number


def _asked(transcript: SoundTranscript) -> set[str]:
    """Return the ids of calls that wait for an approval, or had one: what follows is the answer's, not the source's."""
    return {record.chunk["toolCallId"] for record in transcript.by_type.get(APPROVAL_REQUESTED, ())}


def _says(content: str, owed: str | None) -> bool:
    """Tell whether a content is the result; of a value without a JSON text nobody knows what to say."""
    if owed is None or same_text(content, owed):
        return True
    try:
        return bool(json.loads(owed) == content)
    except (ValueError, RecursionError):
        return False
