"""Scope `chat`: what TanStack's engine puts between the turns (R39)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.streamchunk import (
    APPROVAL_REQUESTED,
    CONTENT,
    DONE,
    ENGINE,
    THINKING,
    TOOL_CALL,
    TOOL_INPUT_AVAILABLE,
)
from harness.protocol.transcript import Record
from harness.rules.rule import Finding, Level, Source, rule
from harness.rules.sound import SoundTranscript, has
from harness.rules.wording import shown

_SPEECH = frozenset({CONTENT, THINKING, TOOL_CALL})
_QUESTIONS = frozenset({APPROVAL_REQUESTED, TOOL_INPUT_AVAILABLE})


def is_done_once(transcript: SoundTranscript) -> bool:
    """Apply where a turn is done, no `done` is malformed, and something may follow."""
    return DONE in transcript.by_type and DONE not in transcript.broken


@rule(
    "CHAT-1",
    Level.MUST,
    "§4",
    "R39",
    source=Source.CONSUMER,
    applies=is_done_once,
    scopes=("chat",),
    by_turn=False,
    why="a tool has run, or a person is asked, for a call that nobody left to the client",
    mend="run tools only after done(tool_calls)",
)
def the_engine_acts_after_tool_calls(transcript: SoundTranscript) -> Iterator[Finding]:
    """What the engine adds after a turn comes only where the turn ended in done(tool_calls)."""
    for record, before in _after_each_turn(transcript):
        if record.chunk["type"] in ENGINE and not before:
            yield Finding(
                record.number, "done(tool_calls) before it", f"{record.chunk['type']} after another end", "type"
            )
            return


@rule(
    "CHAT-2",
    Level.MUST,
    "§4",
    "R39",
    source=Source.CONSUMER,
    applies=is_done_once,
    scopes=("chat",),
    by_turn=False,
    why="the model is asked again though it had finished, which costs money and may never end",
    mend="go on only after done(tool_calls)",
)
def a_turn_follows_only_tool_calls(transcript: SoundTranscript) -> Iterator[Finding]:
    """A further turn begins only after a turn that ended in done(tool_calls)."""
    for record, before in _after_each_turn(transcript):
        if record.chunk["type"] in _SPEECH and not before:
            yield Finding(
                record.number, "the end of the conversation", f"a further turn: {record.chunk['type']}", "type"
            )
            return


@rule(
    "CHAT-3",
    Level.SHOULD,
    "§6.4",
    "R27",
    "R39",
    source=Source.CONSUMER,
    applies=has(*_QUESTIONS),
    scopes=("chat",),
    by_turn=False,
    why="the model goes on without the answer that was asked for",
    mend="end the stream after the question, and go on in a new one when the answer is there",
)
def the_engine_waits_for_the_answer(transcript: SoundTranscript) -> Iterator[Finding]:
    """After `approval-requested` or `tool-input-available` no further turn begins in the same stream."""
    first = transcript.of(*_QUESTIONS)[0]
    after = next(
        (other for other in transcript.of(*_SPEECH) if other.number > first.number),
        None,
    )
    if after is not None:
        seen = f"{after.chunk['type']} after {shown(first.chunk['type'])}"
        yield Finding(after.number, "the end of the stream", seen, "type")


def _after_each_turn(transcript: SoundTranscript) -> Iterator[tuple[Record, bool]]:
    """Yield each chunk between two turns, and each turn's first, with whether tools were called before.

    A done(stop) right after done(tool_calls) belongs to the turn before, as in END-4.
    """
    between, called = False, False
    for record in transcript.records:
        if record.chunk["type"] == DONE:
            reason = record.chunk["finishReason"]
            called = reason == "tool_calls" or (between and called and reason == "stop")
            between = True
        elif between:
            yield record, called
            between = record.chunk["type"] in ENGINE
