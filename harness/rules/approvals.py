"""Approvals and the client's own tools, as far as one stream shows them (§6.4)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from harness.protocol.exact_json import holds_object, same_text
from harness.protocol.streamchunk import APPROVAL_REQUESTED, TOOL_CALL, TOOL_INPUT_AVAILABLE
from harness.rules.results import without_call
from harness.rules.rule import MUST_IN_SPEC, TANSTACK, Finding, Level, Source, rule
from harness.rules.sound import SoundTranscript, has
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
    arguments = {call.id: call.arguments for call in transcript.calls}
    for record in transcript.of(*QUESTIONS):
        known = arguments.get(record.chunk["toolCallId"])
        if known is None:
            continue
        text = known if known.strip() else "{}"
        if holds_object(text) and not _is(record.chunk["input"], text):
            yield Finding(record.number, shown(text), shown(record.chunk["input"]), "input")


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
    """There is at most one `approval-requested` chunk for each call."""
    asked: set[str] = set()
    for record in transcript.by_type[APPROVAL_REQUESTED]:
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


def _is(value: object, text: str) -> bool:
    try:
        return same_text(json.dumps(value, ensure_ascii=False), text)
    except (RecursionError, TypeError, ValueError):
        return False
