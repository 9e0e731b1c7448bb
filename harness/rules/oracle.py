"""What the source-aware rules ask of source and answer before they compare them.

One fault is one finding here too: where an answer ended early, and another rule says so, what is missing behind that
place is no second finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.protocol.events import loaded
from harness.rules.sound import SoundTranscript

PARSE_ERROR = "TOOL_ARGS_PARSE_ERROR"
CONFLICT = "TOOL_CALL_CONFLICT"


def source_events(transcript: SoundTranscript) -> Iterator[dict[str, Any]]:
    """Yield the source events that are objects, also those that came as the text of one (R1)."""
    for item in transcript.stimulus.events or ():
        event: object = item
        if isinstance(event, str | bytes):
            try:
                event = loaded(event)
            except (ValueError, RecursionError):
                continue
        if isinstance(event, dict):
            yield event


def owes_error(transcript: SoundTranscript) -> bool:
    """Tell whether the source holds a call that has to end the stream in an error (R9, R12)."""
    source = transcript.source
    return bool(source.conflicts) or not all(call.intact for call in source.tool_calls)


def may_end_early(transcript: SoundTranscript) -> bool:
    """Tell whether the rest of the answer may be missing.

    An aborted stream may stop anywhere, unless it claims with ``done`` to be whole (R28). A stream without an end, and
    an error where the source finished, are findings of the rules about the ending.
    """
    ended = transcript.got.ended
    return (
        ended == "truncated"
        or owes_error(transcript)
        or (ended == "error" and (transcript.ending.kind == "aborted" or transcript.source.ended == "finished"))
    )
