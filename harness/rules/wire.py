"""Scope `wire`: the frame around the chunks (R39)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.streamchunk import ERROR
from harness.rules.rule import Finding, Level, Source, rule
from harness.rules.shape import IDENTITY
from harness.rules.sound import SoundTranscript, has


def is_framed(transcript: SoundTranscript) -> bool:
    """Apply where the frame is known."""
    return transcript.framing is not None


@rule(
    "WIRE-1",
    Level.MUST,
    "R39",
    source=Source.CONSUMER,
    applies=is_framed,
    scopes=("wire",),
    by_turn=False,
    why="a client skips lines that it cannot read, or waits for an end that does not come",
    mend="write `data: {json}` and a blank line per chunk, and `data: [DONE]` last; NDJSON is one object per line",
)
def the_frame_is_right(transcript: SoundTranscript) -> Iterator[Finding]:
    """The bytes follow the rules of their frame.

    Server-sent events: each chunk is one `data:` line and a blank line, `data: [DONE]` comes last, nothing after it.
    NDJSON: one JSON object per line.
    """
    for fault in transcript.framing.faults if transcript.framing else ():
        yield Finding(None, fault.expected, fault.seen, f"line {fault.line}")


@rule(
    "WIRE-2",
    Level.SHOULD,
    "§3",
    "§5",
    "R39",
    source=Source.TYPES,
    applies=has(ERROR),
    scopes=("wire",),
    by_turn=False,
    why="a client that keys messages by id cannot tell which answer failed",
    mend="add id, model and timestamp where the server turns an exception into an `error` chunk",
)
def an_error_on_the_wire_names_its_response(transcript: SoundTranscript) -> Iterator[Finding]:
    """An `error` chunk on the wire has id, model and timestamp.

    §5 asks for them on every chunk. TanStack's own server writes an error without them, so here it warns.
    """
    for record in transcript.by_type[ERROR]:
        missing = [key for key in IDENTITY if key not in record.chunk]
        if missing:
            yield Finding(record.number, "id, model and timestamp", "no " + ", no ".join(missing), missing[0])
