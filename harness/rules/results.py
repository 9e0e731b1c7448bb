"""Tool results: each refers to a call, once, and says what the source says."""

from __future__ import annotations

import json
from collections.abc import Iterator

from harness.protocol.exact_json import same_text
from harness.protocol.streamchunk import APPROVAL_REQUESTED, DONE, ENGINE, TOOL_CALL, TOOL_RESULT
from harness.rules.oracle import owed
from harness.rules.pairing import pairing
from harness.rules.rule import MUST_IN_SPEC, SPEC, Finding, Level, rule
from harness.rules.sound import SoundTranscript, calls_named_by, has
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

    In the scopes chat and wire a resumed conversation begins with results of calls of the request's messages.
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
    """There is at most one `tool_result` for each call.

    An id that a later turn's call uses again is another call. TanStack's engine keeps the last; so its profile warns.
    """
    seen: dict[str, int] = {}
    for record in transcript.of(TOOL_CALL, TOOL_RESULT):
        if record.chunk["type"] == TOOL_CALL:
            seen.pop(record.chunk["toolCall"]["id"], None)
            continue
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
    """Every result that the source carries for a client call is emitted. TanStack's types do not ask for it."""
    seen = calls_named_by(transcript, TOOL_RESULT)
    emitted = _emitted_ids(transcript)
    callable_ids = {emitted.get(call.id, call.id) for call in transcript.source.tool_calls} - _asked(transcript)
    answered = [result.tool_call_id for result in owed(transcript).tool_results]
    for id_ in dict.fromkeys(emitted.get(id_, id_) for id_ in answered):
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
    TanStack's types take any text; so its profile warns.
    """
    contents = results_of_the_source(transcript)
    last = {record.chunk["toolCallId"]: record for record in transcript.by_type[TOOL_RESULT]}
    for id_ in last.keys() - _asked(transcript):
        content = last[id_].chunk["content"]
        if id_ in contents and not any(_says(content, one) for one in contents[id_]):
            yield Finding(last[id_].number, shown(contents[id_][-1]), shown(content), "content")


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
    """Every `tool_result` is a final result of the source; the answer to a denied approval is RESULT-6.

    TanStack's types let an adapter run a tool itself; so its profile warns.
    """
    strange = {call.id for call in transcript.calls} - results_of_the_source(transcript).keys() - _asked(transcript)
    for record in transcript.by_type[TOOL_RESULT]:
        if (id_ := record.chunk["toolCallId"]) in strange:
            strange.remove(id_)
            yield Finding(record.number, "a result of the source", f"a result for {shown(id_)}", "toolCallId")


def answers_a_question(transcript: SoundTranscript) -> bool:
    """Apply where there are results and questions."""
    return TOOL_RESULT in transcript.by_type and APPROVAL_REQUESTED in transcript.by_type


@rule(
    "RESULT-6",
    Level.MUST,
    "§6.4",
    "R27",
    profiles=SPEC,
    applies=answers_a_question,
    needs_source=True,
    why="the model is told that a denied tool has run, or goes on from an answer that no tool gave",
    mend='answer a denied call with {"error": …}, an approved one with the result of the source, if it has one',
)
def an_answered_question_gives_no_other_result(transcript: SoundTranscript) -> Iterator[Finding]:
    """The result of a call that was asked about is the source's, or {"error": …} where it was denied.

    §6.4 does not say what follows an approval; the adapter runs no tool, so we read it as what the source carries.
    Where it is known that the call was denied, APPROVAL-9 says what it owes.
    """
    contents = results_of_the_source(transcript)
    asked = _asked(transcript)
    answers = transcript.stimulus.approvals
    for record in transcript.by_type[TOOL_RESULT]:
        id_, content = record.chunk["toolCallId"], record.chunk["content"]
        if id_ not in asked or answers.get(id_) is False or any(_says(content, one) for one in contents.get(id_, ())):
            continue
        if id_ in answers or not is_denial(content):
            denied = "" if id_ in answers else ", or an object with `error`"
            yield Finding(record.number, f"the source's result, if it has one{denied}", shown(content), "content")


def answers_its_calls(transcript: SoundTranscript) -> bool:
    """Apply where calls and results are followed by `done`, and no malformed one is among them."""
    return all(kind in transcript.by_type for kind in (TOOL_CALL, TOOL_RESULT, DONE)) and transcript.broken.isdisjoint(
        {TOOL_CALL, TOOL_RESULT}
    )


@rule(
    "RESULT-7",
    MUST_IN_SPEC,
    "§6.3",
    "§6.4",
    "R19",
    "R27",
    applies=answers_its_calls,
    why="the engine runs the calls once more, also one that a person has denied",
    mend="report stop where every call has its tool_result in the stream",
)
def answered_calls_end_in_stop(transcript: SoundTranscript) -> Iterator[Finding]:
    """A response whose calls were all answered in the stream, or denied, does not end in the finish reason tool_calls.

    §6.4 does not say how it ends; we read §6.3: no call is left, so it is no tool_calls. A result that the source does
    not have is RESULT-5. TanStack's types let an adapter send results, so its profile warns.
    """
    done = transcript.by_type[DONE][0]
    answered = calls_named_by(transcript, TOOL_RESULT)
    if transcript.stimulus.events is not None:
        answered &= results_of_the_source(transcript).keys() | _asked(transcript)
    if done.chunk["finishReason"] == "tool_calls" and all(call.id in answered for call in transcript.calls):
        yield Finding(done.number, "stop, for every call is answered", '"tool_calls"', "finishReason")


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
    if transcript.scope == "adapter" or "messages" in transcript.stimulus.request:
        return -1
    own = next((record for record in transcript.records if record.chunk["type"] not in ENGINE), None)
    return transcript.records[-1].number if own is None else own.number


def _emitted_ids(transcript: SoundTranscript) -> dict[str, str]:
    """Return the id under which a call was emitted, for each whose own was made by our decoder (R38)."""
    made = transcript.stimulus.made_ids
    return {one.id: call.id for call, one in pairing(transcript).pairs if one.id in made} if made else {}


def results_of_the_source(transcript: SoundTranscript) -> dict[str, list[str | None]]:
    """Return the source's results by the id of the emitted call that they answer."""
    emitted = _emitted_ids(transcript)
    contents: dict[str, list[str | None]] = {}
    for result in transcript.source.tool_results:
        contents.setdefault(emitted.get(result.tool_call_id, result.tool_call_id), []).append(result.content)
    return contents


def is_denial(content: str) -> bool:
    """Tell whether a result is the JSON text of an object that carries an error, as a denied call is answered."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "error" in value


def _asked(transcript: SoundTranscript) -> set[str]:
    """Return the ids of calls that wait for an approval, or had one: what follows is the answer's, not the source's."""
    return calls_named_by(transcript, APPROVAL_REQUESTED)


def _says(content: str, owed: str | None) -> bool:
    """Tell whether a content is the result; of a value without a JSON text nobody knows what to say."""
    if owed is None or same_text(content, owed):
        return True
    try:
        return bool(json.loads(owed) == content)
    except (ValueError, RecursionError):
        return False
