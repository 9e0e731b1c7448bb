"""The ending, as far as the chunks alone show: exactly one terminal chunk, a readable one, and nothing after it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from harness.protocol.streamchunk import DONE, ERROR, TERMINAL
from harness.protocol.transcript import FLOODS, OPERATIONS, Record
from harness.rules.abort import is_stuck_after_an_abort
from harness.rules.oracle import gives_up_a_good_answer
from harness.rules.rule import MUST_IN_SPEC, SPEC, Finding, Level, Source, rule
from harness.rules.sound import SoundTranscript, has
from harness.rules.wording import and_more, shown

_NOTHING = frozenset({"", "undefined", "null", "none", "nan", "error", "error:", "error: undefined"})
_NO_CODE = frozenset({"", "undefined", "null", "none", "nan"})
_SECRET = re.compile(
    r"\b(?:(?:sk|pk|gsk|xai)[-_]|AIza)[A-Za-z0-9_-]{20,}"  # letter by letter: a model may be called skill-…
    r"|(?i:Bearer\s+[A-Za-z0-9._~+/-]{16,})"
    r"|(?i:[\"']?(?:authorization|x-api-key|api-key|x-goog-api-key|requestBodyValues)[\"']?\s*[:=])"
)


def comes_to_its_end(transcript: SoundTranscript) -> bool:
    """Apply where the stream ended by itself; what was raised, timed out or was aborted is another rule's."""
    return transcript.ending.kind == "completed"


@rule(
    "END-1",
    Level.MUST,
    "§5",
    "§6.3",
    "R17",
    applies=comes_to_its_end,
    why="the client waits for ever, and the engine never runs the tools",
    mend="end every stream with one `done` or one `error`, also when the source just stops",
)
def a_stream_has_an_end(transcript: SoundTranscript) -> Iterator[Finding]:
    """A stream ends with a terminal chunk, `done` or `error`.

    §6.3 lets a missing finish reason be stop, which needs a `done` all the same. Only an aborted stream may end
    without one.
    """
    if transcript.ends_open:
        last = transcript.records[-1] if transcript.records else None
        seen = (
            "no chunk that a client can read"
            if last is None
            else f"the stream ends after {last.chunk['type']}, chunk {last.number}"
        )
        yield Finding(None, "done or error as the last chunk", seen)


def has_a_terminal(transcript: SoundTranscript) -> bool:
    """Apply where there is a terminal chunk, so that something can come behind it."""
    return transcript.terminal is not None or not transcript.broken.isdisjoint(TERMINAL)


@rule(
    "END-2",
    Level.MUST,
    "§5",
    "§6.8",
    "R17",
    source=Source.CONSUMER,
    applies=has_a_terminal,
    why="no client reads past the end: what comes there is lost",
    mend="return after the terminal chunk",
)
def nothing_follows_the_end(transcript: SoundTranscript) -> Iterator[Finding]:
    """No content, thinking, tool_call or other chunk comes after the terminal chunk.

    §13.5 emits an `error` for one bad call and goes on; the engine stops reading at the first error, so we read `error`
    as an end.
    """
    after = [record for record in transcript.beyond if record.chunk["type"] not in TERMINAL]
    if after:
        yield Finding(after[0].number, "nothing", f"{after[0].chunk['type']}{and_more(len(after) - 1)}", "type")


@rule(
    "END-3",
    Level.MUST,
    "§6.3",
    "R17",
    source=Source.CONSUMER,
    applies=has_a_terminal,
    why="the engine keeps the last `done`: a length or a failure before it is overwritten",
    mend="send one terminal chunk: `error` for a failure, `done` for everything else, never both",
)
def there_is_one_end(transcript: SoundTranscript) -> Iterator[Finding]:
    """There is no second terminal chunk. A done(stop) right after done(tool_calls) is END-4."""
    again = _second_ends(transcript)
    if again and not _is_tolerated(transcript, again):
        seen = f"{again[0].chunk['type']} after {_first_end(transcript)}{and_more(len(again) - 1)}"
        yield Finding(again[0].number, "nothing after the first terminal chunk", seen, "type")


@rule(
    "END-4",
    MUST_IN_SPEC,
    "§6.3",
    "R17",
    source=Source.CONSUMER,
    applies=has_a_terminal,
    why="a client that reads the last finish reason believes that no tool is to run",
    mend="send done(tool_calls) only, also where the provider's message ends by an event of its own",
)
def done_is_not_said_twice(transcript: SoundTranscript) -> Iterator[Finding]:
    """After done(tool_calls) there is no done(stop). TanStack's engine has a case for it, so there it warns."""
    again = _second_ends(transcript)
    if again and _is_tolerated(transcript, again):
        yield Finding(again[0].number, "nothing after done(tool_calls)", "done(stop)", "type")


def was_raised(transcript: SoundTranscript) -> bool:
    """Apply where the implementation raised."""
    return transcript.ending.kind == "raised"


@rule(
    "END-5",
    MUST_IN_SPEC,
    "§6.8",
    "R22",
    applies=was_raised,
    by_turn=False,
    why="the client sees a broken connection and no reason: it cannot tell a wrong key from a busy provider",
    mend="put the call to the model inside the try block, and yield one `error` chunk before anything is thrown",
)
def an_error_chunk_comes_before_raising(transcript: SoundTranscript) -> Iterator[Finding]:
    """An implementation raises only after it has yielded an `error` chunk.

    §12.5 calls the model outside of every try block, §6.8 asks for the chunk first; we read §6.8. TanStack's server
    writes an error of its own where an adapter throws, so the profile tanstack warns. Where there was no failure to
    tell of, the source having finished, it is END-12.
    """
    if ERROR in transcript.by_type or ERROR in transcript.broken or gives_up_a_good_answer(transcript):
        return
    yield Finding(None, "an error chunk before the exception", what_was_raised(transcript))


def what_was_raised(transcript: SoundTranscript) -> str:
    """Return the name and the message of what the implementation raised."""
    error = transcript.ending.error or {}
    return f"raised {error.get('name') or 'an exception'}: {shown(error.get('message'))}"


@rule(
    "END-6",
    MUST_IN_SPEC,
    "§5",
    "§6.8",
    "R21",
    applies=has(ERROR),
    why='the user reads "undefined" where the reason should stand',
    mend="read the message from every shape that an error has: a text, {message}, {error: {message}}, an exception",
)
def the_error_is_readable(transcript: SoundTranscript) -> Iterator[Finding]:
    """The message of an error says something: it is not empty, not "undefined", and not "[object Object]".

    TanStack's types allow any text, and its consumers show it as it is (R21), so its profile warns.
    """
    for record in transcript.by_type[ERROR]:
        message = record.chunk["error"]["message"]
        if says_nothing(message):
            yield Finding(record.number, "a message for a person", shown(message), "error.message")


def says_nothing(message: str) -> bool:
    """Tell whether a message is empty, or the text of a value that is missing or was never made a text."""
    return message.strip().lower() in _NOTHING or "[object " in message


@rule(
    "END-7",
    MUST_IN_SPEC,
    "§5",
    "§12.2",
    "R21",
    applies=has(ERROR),
    why="a client that retries by code compares with a code that means nothing",
    mend="leave `code` out where there is none: String(undefined) is a text",
)
def the_error_code_is_a_code(transcript: SoundTranscript) -> Iterator[Finding]:
    """The code of an error is not the text of a missing value, such as "undefined" or "null".

    TanStack's types allow any text, and none of its consumers reads the code (R21), so its profile warns.
    """
    for record in transcript.by_type[ERROR]:
        code = record.chunk["error"].get("code")
        if code is not None and is_no_code(code):
            yield Finding(record.number, "a code, or none", shown(code), "error.code")


def is_no_code(code: str) -> bool:
    """Tell whether a code is the text of a missing value; then END-7 has said what is wrong with it."""
    return code.strip().lower() in _NO_CODE or "[object " in code


def ran(transcript: SoundTranscript) -> bool:
    """Apply where nobody aborted: whoever aborts does not wait, and one who waits all the same is ABORT-7's."""
    return transcript.ending.kind != "aborted" and not is_stuck_after_an_abort(transcript)


@rule(
    "END-8",
    Level.MUST,
    "§6.3",
    "R17",
    applies=ran,
    by_turn=False,
    operations=OPERATIONS,
    why="the client waits for ever, or reads until its memory is full",
    mend="end the stream where its source ends, and with an `error` when that says nothing for too long",
)
def the_stream_ends_in_time(transcript: SoundTranscript) -> Iterator[Finding]:
    """The stream, or an operation that gives one value, ends within the time that the run allows.

    A stream that goes on and on is cut off before it fills the memory; it has no end either.
    """
    if transcript.ending.kind == "timed out":
        yield Finding(None, "the end", _instead_of_an_end(transcript))


def _instead_of_an_end(transcript: SoundTranscript) -> str:
    error = transcript.ending.error or {}
    last = f"chunk {transcript.records[-1].number}" if transcript.records else None
    if error.get("name") in FLOODS:
        return f"{error.get('message')}"
    return "nothing at all" if last is None else f"silence after {last}"


@rule(
    "END-9",
    Level.MUST,
    "§6.3",
    "§12.2",
    "R18",
    profiles=SPEC,
    applies=has(DONE),
    why="the engine and the client compare the reason with words; null is none of them",
    mend="report stop where the provider names no reason",
)
def the_reason_is_named(transcript: SoundTranscript) -> Iterator[Finding]:
    """The finish reason is a word, not null.

    §3 lets it be null, §6.3 makes a missing reason stop, and §12.2 never gives null; we read §6.3. The profile tanstack
    allows null.
    """
    done = transcript.by_type[DONE][0]
    if done.chunk["finishReason"] is None:
        yield Finding(done.number, 'a reason, "stop" by default', "null", "finishReason")


@rule(
    "END-10",
    MUST_IN_SPEC,
    "§6.8",
    "R22",
    applies=has(ERROR),
    why="a key, or a user's whole request, is shown in the browser and stored in logs",
    mend="send the provider's short message, not the exception with its request, headers and body",
)
def the_error_keeps_secrets(transcript: SoundTranscript) -> Iterator[Finding]:
    """The message of an error carries no key, no header and no request body.

    TanStack's types allow any text (R22), so its profile warns; what leaked has leaked in both.
    """
    for record in transcript.by_type[ERROR]:
        if secret := secret_in(record.chunk["error"]["message"]):
            yield Finding(record.number, "a message without secrets", f"{secret[:12]}…", "error.message")


def secret_in(message: str) -> str | None:
    """Return the first part of a message that looks like a key, a header or a request body, None where none does."""
    found = _SECRET.search(message)
    return found[0] if found else None


def _second_ends(transcript: SoundTranscript) -> list[Record]:
    """Return the terminal chunks right behind the first; one behind other chunks is a part of what END-2 says."""
    return list(takewhile(lambda record: record.chunk["type"] in TERMINAL, transcript.beyond))


def _is_tolerated(transcript: SoundTranscript, again: list[Record]) -> bool:
    first = transcript.terminal
    return (
        first is not None
        and first.chunk.get("finishReason") == "tool_calls"
        and len(again) == 1
        and again[0].chunk.get("finishReason") == "stop"
    )


def _first_end(transcript: SoundTranscript) -> str:
    return str(transcript.terminal.chunk["type"]) if transcript.terminal is not None else "a malformed terminal chunk"
