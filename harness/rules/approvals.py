"""Approvals and the client's own tools, as far as one stream shows them (§6.4)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

from harness.protocol.exact_json import holds_object, same_text
from harness.protocol.streamchunk import APPROVAL_REQUESTED, DONE, TOOL_CALL, TOOL_INPUT_AVAILABLE, TOOL_RESULT
from harness.protocol.transcript import Record
from harness.rules.results import without_call
from harness.rules.rule import MUST_IN_SPEC, SPEC, TANSTACK, Finding, Level, Source, rule
from harness.rules.sound import Call, SoundTranscript, calls_named_by, calls_of, has
from harness.rules.wording import shown

QUESTIONS = (APPROVAL_REQUESTED, TOOL_INPUT_AVAILABLE)


@rule(
    "APPROVAL-1",
    Level.MUST,
    "§6.4",
    "R27",
    source=Source.CONSUMER,
    applies=has(APPROVAL_REQUESTED),
    by_turn=False,
    why="the answer is looked up as approval_<toolCallId>: it is not found, and the call waits for ever",
    mend='set approval.id to "approval_" and the id of the call',
)
def the_approval_is_named_after_its_call(transcript: SoundTranscript) -> Iterator[Finding]:
    """The id of an approval is `approval_` and the id of its call."""
    for record in transcript.by_type[APPROVAL_REQUESTED]:
        expected = f"approval_{record.chunk['toolCallId']}"
        if record.chunk["approval"]["id"] != expected:
            yield Finding(record.number, shown(expected), shown(record.chunk["approval"]["id"]), "approval.id")


def asks_about_sound_calls(transcript: SoundTranscript) -> bool:
    """Apply where the client is asked something, and no malformed call can be what it is about."""
    return has(*QUESTIONS)(transcript) and TOOL_CALL not in transcript.broken


@rule(
    "APPROVAL-2",
    Level.MUST,
    "§6.4",
    "R27",
    applies=asks_about_sound_calls,
    by_turn=False,
    why="the client is asked about a call that it has never seen",
    mend="emit the tool_call first",
)
def a_question_refers_to_a_call(transcript: SoundTranscript) -> Iterator[Finding]:
    """An `approval-requested` or `tool-input-available` chunk names a call that was emitted before it."""
    for kind in QUESTIONS:
        if kind in transcript.by_type:
            yield from without_call(transcript, kind)


@rule(
    "APPROVAL-3",
    Level.MUST,
    "§6.4",
    "R27",
    applies=asks_about_sound_calls,
    by_turn=False,
    why="a person approves other arguments than those that the tool will run with",
    mend="put the parsed arguments of the call into `input`, not their text",
)
def the_question_shows_the_arguments(transcript: SoundTranscript) -> Iterator[Finding]:
    """The `input` of such a chunk is the parsed arguments of its call."""
    for record, call in _questions_and_calls(transcript):
        text = call.object_text
        if holds_object(text) and not _is(record.chunk["input"], text):
            yield Finding(record.number, shown(text), shown(record.chunk["input"]), "input")


@rule(
    "APPROVAL-7",
    Level.MUST,
    "§6.4",
    "R27",
    applies=asks_about_sound_calls,
    by_turn=False,
    why="a person approves one tool, and another one runs",
    mend="copy the tool's name from the tool_call",
)
def the_question_names_the_tool(transcript: SoundTranscript) -> Iterator[Finding]:
    """The `toolName` of such a chunk is the tool of its call."""
    for record, call in _questions_and_calls(transcript):
        if call.name and record.chunk["toolName"] != call.name:
            yield Finding(record.number, shown(call.name), shown(record.chunk["toolName"]), "toolName")


@rule(
    "APPROVAL-4",
    MUST_IN_SPEC,
    "§6.4",
    "R27",
    applies=has(APPROVAL_REQUESTED),
    by_turn=False,
    why="a person is asked twice, and the second answer goes nowhere",
    mend="ask once for each call",
)
def a_call_is_asked_about_once(transcript: SoundTranscript) -> Iterator[Finding]:
    """There is at most one `approval-requested` chunk for each call. TanStack's types allow more; so it warns there."""
    asked: set[str] = set()
    for record in transcript.of(TOOL_CALL, APPROVAL_REQUESTED):
        if record.chunk["type"] == TOOL_CALL:
            asked.discard(record.chunk["toolCall"]["id"])  # an id that a later turn uses again is another call
            continue
        id_ = record.chunk["toolCallId"]
        if id_ in asked:
            yield Finding(record.number, f"one question about {shown(id_)}", "another one", "toolCallId")
        asked.add(id_)


@rule(
    "APPROVAL-5",
    Level.MUST,
    "§6.4",
    "R27",
    source=Source.CONSUMER,
    profiles=TANSTACK,
    applies=has(TOOL_CALL, APPROVAL_REQUESTED),
    scopes=("adapter",),
    why="the engine asks by itself after done(tool_calls): a person is asked twice",
    mend="emit the tool_call and done(tool_calls), and leave the question to the engine",
)
def the_engine_asks(transcript: SoundTranscript) -> Iterator[Finding]:
    """An adapter does not emit `approval-requested`: TanStack's engine does.

    §6.4 wants the adapter to ask. In the profile spec we read it so, in the profile tanstack the engine's own question
    comes on top.
    """
    for record in transcript.by_type.get(APPROVAL_REQUESTED, ()):
        yield Finding(record.number, "no question from the adapter", f"one about {shown(record.chunk['toolCallId'])}")


@rule(
    "APPROVAL-6",
    {"spec": Level.SHOULD, "tanstack": Level.MUST},
    "§5",
    "R39",
    source=Source.CONSUMER,
    applies=has(TOOL_CALL, TOOL_INPUT_AVAILABLE),
    scopes=("adapter",),
    why="the engine hands the call to the client by itself: the client's tool runs twice",
    mend="emit the tool_call and done(tool_calls), and leave tool-input-available to the engine",
)
def the_engine_hands_calls_to_the_client(transcript: SoundTranscript) -> Iterator[Finding]:
    """An adapter does not emit `tool-input-available`: §5 maps nothing to it, and TanStack's engine sends it."""
    for record in transcript.by_type.get(TOOL_INPUT_AVAILABLE, ()):
        yield Finding(record.number, "no such chunk from the adapter", f"one for {shown(record.chunk['toolCallId'])}")


def asks_for_approvals(transcript: SoundTranscript) -> bool:
    """Apply where a tool of the request needs approval, calls are done, and no malformed chunk can be the question."""
    return (
        bool(_need_approval(transcript))
        and TOOL_CALL in transcript.by_type
        and DONE in transcript.by_type
        and APPROVAL_REQUESTED not in transcript.broken
    )


@rule(
    "APPROVAL-8",
    Level.MUST,
    "§4",
    "§6.4",
    "R27",
    profiles=SPEC,
    applies=asks_for_approvals,
    scopes=("adapter",),
    why="a tool that a person must approve runs unasked",
    mend="emit approval-requested behind the tool_call of a tool whose needsApproval is true",
)
def a_call_that_needs_approval_is_asked_about(transcript: SoundTranscript) -> Iterator[Finding]:
    """A call of a tool that needs approval is followed by `approval-requested`.

    In the profile tanstack the engine asks (APPROVAL-5). A call that has its result was asked about elsewhere, unless
    an answer was ready for the question (R27).
    """
    tools = _need_approval(transcript)
    known = calls_named_by(transcript, TOOL_RESULT) - transcript.stimulus.approvals.keys()
    known |= calls_named_by(transcript, APPROVAL_REQUESTED)
    for call in transcript.calls:
        if call.name in tools and call.id not in known:
            seen = f"no question about {shown(call.id)}"
            yield Finding(call.number, f"approval-requested for {shown(call.name)}", seen, "toolCall.id")


def _need_approval(transcript: SoundTranscript) -> set[str]:
    tools = transcript.stimulus.request.get("tools")
    return {
        name
        for tool in (tools if isinstance(tools, list) else ())
        if isinstance(tool, dict) and tool.get("needsApproval") is True and isinstance(name := tool.get("name"), str)
    }


def _questions_and_calls(transcript: SoundTranscript) -> Iterator[tuple[Record, Call]]:
    """Yield each question beside its call: the last of the id before it, for a later turn may use an id again."""
    calls: dict[str, list[Call]] = defaultdict(list)
    turn: list[Record] = []
    for record in transcript.of(TOOL_CALL, DONE):
        if record.chunk["type"] == TOOL_CALL:
            turn.append(record)
            continue
        for call in calls_of(turn):
            calls[call.id].append(call)
        turn = []
    for call in calls_of(turn):
        calls[call.id].append(call)
    for record in transcript.of(*QUESTIONS):
        before = [call for call in calls[record.chunk["toolCallId"]] if call.number < record.number]
        if before:
            yield record, before[-1]


def _is(value: object, text: str) -> bool:
    try:
        return same_text(json.dumps(value, ensure_ascii=False), text)
    except (RecursionError, TypeError, ValueError):
        return False
