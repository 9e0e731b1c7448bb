"""Abort: whoever stops listening is sent nothing more, is not told of a good end, and does not wait (§6.7)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.streamchunk import (
    APPROVAL_REQUESTED,
    CONTENT,
    DONE,
    ERROR,
    THINKING,
    TOOL_CALL,
    TOOL_INPUT_AVAILABLE,
    TOOL_RESULT,
)
from harness.protocol.transcript import Operation, Record
from harness.rules.rule import Finding, Level, rule
from harness.rules.sound import SoundTranscript
from harness.rules.wording import and_more, shown

OVER_A_MODEL: tuple[Operation, ...] = ("transform", "chat", "structuredOutput")
"""The operations that wait for a model's answer, so that it pays to abort them."""
_ANSWERS = (APPROVAL_REQUESTED, TOOL_INPUT_AVAILABLE, TOOL_RESULT)
LONGEST = 1000
"""How many milliseconds after the abort a stream, or a connection, may last (R28)."""


def was_aborted(transcript: SoundTranscript) -> bool:
    """Apply where the consumer aborted."""
    return transcript.ending.kind == "aborted"


def is_stuck_after_an_abort(transcript: SoundTranscript) -> bool:
    """Tell whether the consumer aborted and no end came all the same; see ABORT-7."""
    ending = transcript.ending
    return ending.kind == "timed out" and (ending.at is not None or ending.place is not None)


def was_aborted_at_a_known_place(transcript: SoundTranscript) -> bool:
    """Apply where the consumer aborted before the end, and it is known behind which chunk."""
    return was_aborted(transcript) and transcript.ending.place is not None and not _had_ended(transcript)


@rule(
    "ABORT-1",
    Level.SHOULD,
    "§6.7",
    "R28",
    applies=was_aborted,
    why='the user who pressed "stop" is shown a failure',
    mend="end quietly, or with one error of code ABORTED",
)
def an_aborted_stream_ends_quietly(transcript: SoundTranscript) -> Iterator[Finding]:
    """After an abort the stream ends silently, or with one `error` of code ABORTED.

    §6.7 names no chunk for it and §9 asks for a clean end. An error that the source itself reports is no such end;
    where the source is not known it cannot be told apart, so this warns.
    """
    terminal = transcript.terminal
    if terminal is None or terminal.chunk["type"] != ERROR or _had_ended(transcript):
        return
    code = terminal.chunk["error"].get("code")
    failed = transcript.stimulus.events is not None and transcript.source.ended == "error"
    if code != "ABORTED" and not failed:
        yield Finding(terminal.number, "no error, or one of code ABORTED", "no code" if code is None else shown(code))


@rule(
    "ABORT-2",
    Level.MUST,
    "§6.7",
    "R28",
    applies=was_aborted_at_a_known_place,
    why='the answer grows on after the user pressed "stop", and every token of it is paid for',
    mend="look at the signal before each chunk, and return when it is aborted",
)
def nothing_is_said_after_an_abort(transcript: SoundTranscript) -> Iterator[Finding]:
    """After an abort no `content`, `thinking` or `tool_call` follows. An abort behind the end changes nothing.

    An adapter does not ask the person who went away either, nor answer a call in that person's place (R27, R28).
    """
    place = transcript.ending.place or 0
    kinds = (CONTENT, THINKING, TOOL_CALL) + (_ANSWERS if transcript.scope == "adapter" else ())
    late = [record for record in transcript.of(*kinds) if record.number >= place]
    if late:
        expected = f"nothing, for the consumer aborted after {place} chunk{'' if place == 1 else 's'}"
        yield Finding(late[0].number, expected, f"{late[0].chunk['type']}{and_more(len(late) - 1)}", "type")


@rule(
    "ABORT-3",
    Level.MUST,
    "§6.7",
    "R28",
    applies=was_aborted,
    why="half an answer is stored as a whole one",
    mend="after an abort return without `done`, or yield one error of code ABORTED",
)
def an_aborted_stream_is_not_done(transcript: SoundTranscript) -> Iterator[Finding]:
    """A stream that was aborted does not end in `done`.

    An abort behind the terminal chunk changes nothing. Where nobody knows when the consumer aborted, only a `done`
    counts that comes though the source never finished.
    """
    done = done_after_the_abort(transcript)
    if done is not None:
        yield Finding(done.number, "no end, or an error of code ABORTED", f"done({done.chunk['finishReason']})", "type")


def its_time_is_known(transcript: SoundTranscript) -> bool:
    """Apply where the consumer aborted before the end, and it is known when, and how long the run took."""
    ending = transcript.ending
    timed = ending.duration is not None and (ending.at is not None or ending.place is not None)
    return was_aborted(transcript) and timed and not _had_ended(transcript)


@rule(
    "ABORT-4",
    Level.SHOULD,
    "§6.7",
    "R28",
    applies=its_time_is_known,
    operations=OVER_A_MODEL,
    why="the connection to the provider stays open, and whoever waits for the stream hangs",
    mend="pass the abort signal on to the call of the model, and end when it throws",
)
def an_aborted_stream_ends_soon(transcript: SoundTranscript) -> Iterator[Finding]:
    """What is aborted ends within a second.

    Where nobody noted the time of the abort (R28) it is counted from the last chunk before it, or from the begin of the
    run where that chunk's time is unknown too.
    """
    ending = transcript.ending
    if ending.at is not None:
        since, event = ending.at, "the abort"
    else:
        place = ending.place or 0
        before = [record.at for record in transcript.records if record.number < place and record.at is not None]
        since, event = (before[-1] if before else 0), "the last chunk before it"
    waited = (ending.duration or 0) - since
    if waited > LONGEST:
        yield Finding(None, f"the end within {LONGEST} ms", f"{shown(round(waited))} ms after {event}")


def done_after_the_abort(transcript: SoundTranscript) -> Record | None:
    """Return the `done` that claims an aborted stream to be whole, if there is one; see ABORT-3."""
    terminal = transcript.terminal
    if not was_aborted(transcript) or terminal is None or terminal.chunk["type"] != DONE:
        return None
    place = transcript.ending.place
    if place is not None:
        return terminal if terminal.number >= place else None
    known = transcript.stimulus.events is not None
    return terminal if known and transcript.source.ended == "truncated" else None


def _had_ended(transcript: SoundTranscript) -> bool:
    """Tell whether the end was out before the abort; one whose place is not known came before none."""
    place, terminal = transcript.ending.place, transcript.terminal
    return place is not None and terminal is not None and terminal.number < place
