"""The ending against the source: no failure swallowed or invented, no reason changed, no cut stream called whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.protocol.events import THROW, Event
from harness.protocol.streamchunk import DONE, ERROR
from harness.rules.abort import done_after_the_abort
from harness.rules.asked import heard_the_harness
from harness.rules.ending import is_no_code, what_was_raised
from harness.rules.oracle import CONFLICT, PARSE_ERROR, gives_up_a_good_answer, owes_error
from harness.rules.rule import SPEC, Finding, Level, rule
from harness.rules.sound import SoundTranscript
from harness.rules.wording import shown

_CODES = ("code", "statusCode", "status", "type")
_STATUS = re.compile("[45][0-9][0-9]")
_KEPT = frozenset({"length", "content_filter"})


def the_source_failed(transcript: SoundTranscript) -> bool:
    """Apply where the source ends in an error, and the stream has an end that is not the abort's (ABORT-3)."""
    return (
        transcript.source.ended == "error"
        and transcript.terminal is not None
        and done_after_the_abort(transcript) is None
    )


@rule(
    "END-11",
    Level.MUST,
    "§5",
    "§6.8",
    "R18",
    "R21",
    applies=the_source_failed,
    needs_source=True,
    why="a failure looks like a finished answer, and half an answer is stored as a whole one",
    mend="map the source's error event, its exception, and its finish reason `error` to an `error` chunk",
)
def a_failure_is_not_success(transcript: SoundTranscript) -> Iterator[Finding]:
    """A source that fails makes an `error` chunk, never `done`.

    §5 maps the event `error`, the code of §12.2 and §13.5 has no case for it and takes the reason `error` for stop; we
    read §5.
    """
    if (terminal := transcript.terminal) is not None and terminal.chunk["type"] == DONE:
        error = transcript.source.error
        expected = f"an error chunk: {shown(error.message if error else None)}"
        yield Finding(terminal.number, expected, f"done({terminal.chunk['finishReason']})", "type")


def the_source_finished(transcript: SoundTranscript) -> bool:
    """Apply where the source comes to a good end, and owes no error for one of its calls."""
    return (_both_ended(transcript) and not owes_error(transcript)) or gives_up_a_good_answer(transcript)


def the_reason_counts(transcript: SoundTranscript) -> bool:
    """Apply where the source names its end; a call that the token limit cut is held back under it, or fails (R9)."""
    return _both_ended(transcript) and (transcript.source.finish_reason == "length" or not owes_error(transcript))


@rule(
    "END-12",
    Level.MUST,
    "§5",
    "R18",
    "R21",
    applies=the_source_finished,
    needs_source=True,
    why="a good answer is thrown away, and asked and paid for again",
    mend="end with `done` where the source finishes; ignore unknown events, and an error after finish",
)
def no_failure_is_invented(transcript: SoundTranscript) -> Iterator[Finding]:
    """A source that finishes makes `done`, not `error`. An end by length or content filter is END-13.

    Nor does an implementation raise then: it may where it cannot go on (§6.8), and here it could. With the exception
    the answer's end is lost, whatever the reason was.
    """
    terminal = transcript.terminal
    if gives_up_a_good_answer(transcript):
        yield Finding(None, f"done({transcript.source.finish_reason})", what_was_raised(transcript))
    if terminal is None or terminal.chunk["type"] != ERROR or transcript.source.finish_reason in _KEPT:
        return
    if not _was_interrupted(transcript):
        expected = f"done({transcript.source.finish_reason})"
        yield Finding(terminal.number, expected, f"an error: {shown(terminal.chunk['error']['message'])}", "type")


@rule(
    "END-13",
    Level.MUST,
    "§6.3",
    "§12.2",
    "R18",
    "R19",
    applies=the_reason_counts,
    needs_source=True,
    why="an answer that was cut or filtered is taken for a whole one, or a tool runs that should not",
    mend="map every spelling of the provider's reason, hyphens too; only stop beside a call becomes tool_calls",
)
def the_reason_survives(transcript: SoundTranscript) -> Iterator[Finding]:
    """The provider's finish reason reaches the client: length stays length, a filtered answer stays filtered.

    §12.2 knows few spellings and makes stop of all others; R18 lists those that occur. Stop and tool_calls change into
    each other by the calls that are there (TOOL-10, TOOL-11, RESULT-7), and null is END-9.
    """
    terminal = transcript.terminal
    expected = transcript.source.finish_reason
    if terminal is None:
        return
    if terminal.chunk["type"] == ERROR:
        owed = owes_error(transcript) and terminal.chunk["error"].get("code") in {PARSE_ERROR, CONFLICT}
        if expected in _KEPT and not owed:
            yield Finding(terminal.number, f"done({expected})", f"an error: {shown(_message(terminal.chunk))}", "type")
        return
    if not _agrees(transcript, terminal.chunk["finishReason"]):
        yield Finding(terminal.number, shown(expected), shown(terminal.chunk["finishReason"]), "finishReason")


def the_source_was_cut(transcript: SoundTranscript) -> bool:
    """Apply where the source has no end, and the stream has one that is not the abort's (ABORT-3)."""
    return (
        transcript.source.ended == "truncated"
        and transcript.terminal is not None
        and done_after_the_abort(transcript) is None
    )


@rule(
    "END-14",
    Level.SHOULD,
    "§6.3",
    "R20",
    applies=the_source_was_cut,
    needs_source=True,
    why="half an answer is stored and shown as a whole one",
    mend="end with an error of code STREAM_TRUNCATED where no finish event came",
)
def a_cut_stream_is_not_success(transcript: SoundTranscript) -> Iterator[Finding]:
    """A source that just stops makes an `error`, not `done`.

    §6.3 lets a missing finish *reason* be stop. A missing finish *event* is something else: nobody said that the answer
    is whole. Official adapters synthesise a `done` on purpose, so this warns; under --strict it counts.
    """
    if (terminal := transcript.terminal) is not None and terminal.chunk["type"] == DONE:
        yield Finding(
            terminal.number, "an error, for the source was cut", f"done({terminal.chunk['finishReason']})", "type"
        )


def a_cut_source_ends_in_an_error(transcript: SoundTranscript) -> bool:
    """Apply where the source has no end and the stream ends in an error, and nobody aborted."""
    return (
        transcript.source.ended == "truncated"
        and ERROR in transcript.by_type
        and transcript.ending.kind == "completed"
        and not owes_error(transcript)
        and not heard_the_harness(transcript)
    )


@rule(
    "END-15",
    Level.SHOULD,
    "§6.3",
    "R20",
    profiles=SPEC,
    applies=a_cut_source_ends_in_an_error,
    needs_source=True,
    why="a client cannot tell a cut connection, which it may try again, from a refusal",
    mend="use the code STREAM_TRUNCATED",
)
def a_cut_stream_says_so(transcript: SoundTranscript) -> Iterator[Finding]:
    """The error of a cut source has the code STREAM_TRUNCATED."""
    terminal = transcript.by_type[ERROR][0]
    code = terminal.chunk["error"].get("code")
    if code != "STREAM_TRUNCATED" and not (code and is_no_code(code)):
        yield Finding(terminal.number, '"STREAM_TRUNCATED"', "no code" if code is None else shown(code), "error.code")


def a_failure_has_a_code(transcript: SoundTranscript) -> bool:
    """Apply where the source's error has a code, and the answer's error too; that of an abort is ABORT-1's."""
    return (
        the_source_failed(transcript)
        and transcript.ending.kind != "aborted"
        and not owes_error(transcript)
        and not heard_the_harness(transcript)
        and transcript.source.error is not None
        and transcript.source.error.code is not None
        and ERROR in transcript.by_type
        and "code" in transcript.by_type[ERROR][0].chunk["error"]
    )


@rule(
    "END-16",
    Level.SHOULD,
    "§5",
    "§12.2",
    "R21",
    "R22",
    profiles=SPEC,
    applies=a_failure_has_a_code,
    needs_source=True,
    why="a client that retries by code does the wrong thing",
    mend="take the first of code, statusCode, status and type that the error has, as a text",
)
def the_code_is_the_sources(transcript: SoundTranscript) -> Iterator[Finding]:
    """The code of an `error` is one that the source's error carries, or an HTTP status; it may be left out.

    A failure before the stream has the status of the response for its code (R22), whatever its body says.
    """
    record = transcript.by_type[ERROR][0]
    code = record.chunk["error"]["code"]
    error = transcript.source.error
    if error is not None and code not in _codes(transcript) and not (_STATUS.fullmatch(code) or is_no_code(code)):
        yield Finding(record.number, shown(error.code), shown(code), "error.code")


def _both_ended(transcript: SoundTranscript) -> bool:
    """Tell whether source and stream came to their own ends: not by an abort, and not by an answer of ours."""
    return (
        transcript.source.ended == "finished"
        and transcript.terminal is not None
        and transcript.ending.kind != "aborted"
        and not heard_the_harness(transcript)
    )


def _events(transcript: SoundTranscript) -> tuple[Event, ...]:
    return transcript.stimulus.events or ()


def _agrees(transcript: SoundTranscript, got: str | None) -> bool:
    expected = transcript.source.finish_reason
    return got == expected if expected in _KEPT else got in {"stop", "tool_calls", None}


def _was_interrupted(transcript: SoundTranscript) -> bool:
    """The reason `interrupted` may also be told as an error (R18)."""
    reasons = [event.get("finishReason") for event in _events(transcript) if event.get("type") == "finish"]
    words = [reason.get("unified") if isinstance(reason, Mapping) else reason for reason in reasons]
    return any(isinstance(word, str) and word.lower() == "interrupted" for word in words)


def _message(chunk: Mapping[str, Any]) -> Any:
    return chunk["error"]["message"]


def _codes(transcript: SoundTranscript) -> set[str]:
    """Return every code that the source's error carries at any depth: which comes first is a matter of its shape."""
    error = transcript.source.error
    found = {error.code} if error is not None and error.code is not None else set()
    waiting = [event.get("error", event.get(THROW)) for event in _events(transcript)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            found |= {code for key in _CODES if (code := _code(value.get(key))) is not None}
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found


def _code(value: Any) -> str | None:
    if isinstance(value, int) and value.bit_length() <= 64:  # Python refuses to print a number of 5000 digits
        return str(value)
    return value if isinstance(value, str) else None
