"""Scope `wire`: the frame around the chunks (R39)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.streamchunk import ERROR
from harness.protocol.transcript import FramingFault
from harness.rules.rule import MUST_IN_SPEC, Finding, Level, Source, rule
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
    NDJSON: one JSON object per line. An event with a name is WIRE-3.
    """
    alike: dict[str, list[FramingFault]] = {}
    for fault in _faults(transcript, of_names=False):
        alike.setdefault(fault.expected, []).append(fault)
    for expected, (first, *more) in alike.items():
        seen = f"{first.seen} (and in {len(more)} more places)" if more else first.seen
        yield Finding(None, expected, seen, f"line {first.line}")


def is_sse(transcript: SoundTranscript) -> bool:
    """Apply where the chunks are server-sent events."""
    return transcript.framing is not None and transcript.framing.kind == "sse"


@rule(
    "WIRE-3",
    MUST_IN_SPEC,
    "R39",
    source=Source.CONSUMER,
    applies=is_sse,
    scopes=("wire",),
    by_turn=False,
    why="an EventSource hands a named event to nobody who listens to `message`: the whole answer is lost there",
    mend="write no `event:` line; the chunk has its type inside",
)
def events_have_no_name(transcript: SoundTranscript) -> Iterator[Finding]:
    """A server-sent event has no `event:` line, or says message there.

    TanStack's own client reads `data:` lines and passes over all others, so its profile warns.
    """
    named = list(_faults(transcript, of_names=True))
    if named:
        more = f" (and in {len(named) - 1} more places)" if len(named) > 1 else ""
        yield Finding(None, "no event: line", f"{named[0].seen}{more}", f"line {named[0].line}")


def _faults(transcript: SoundTranscript, *, of_names: bool) -> Iterator[FramingFault]:
    """Yield the faults of the frame; whoever reads it gives an `event:` line as it stands."""
    for fault in transcript.framing.faults if transcript.framing else ():
        if of_names == (fault.seen.startswith("event:") and fault.expected.startswith("data:")):
            yield fault


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
