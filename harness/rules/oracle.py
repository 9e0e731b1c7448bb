"""What the source-aware rules ask of source and answer before they compare them.

One fault is one finding here too: where an answer ended early, and another rule says so, what is missing behind that
place is no second finding.
"""

from __future__ import annotations

from harness.protocol.streamchunk import TERMINAL
from harness.rules.sound import SoundTranscript

PARSE_ERROR = "TOOL_ARGS_PARSE_ERROR"
CONFLICT = "TOOL_CALL_CONFLICT"


def owes_error(transcript: SoundTranscript) -> bool:
    """Tell whether the source holds a call that has to end the stream in an error (R9, R12)."""
    source = transcript.source
    return bool(source.conflicts) or not all(call.intact for call in source.tool_calls)


def runs_on(transcript: SoundTranscript) -> bool:
    """Tell whether a part of the answer stands behind its end, where no client reads it (END-2)."""
    return any(record.chunk["type"] not in TERMINAL for record in transcript.beyond)


def may_end_early(transcript: SoundTranscript) -> bool:
    """Tell whether the rest of the answer may be missing.

    An aborted stream may stop anywhere, unless it claims with ``done`` to be whole (R28). A stream without an end, one
    that goes on behind it, and an error where the source finished are findings of the rules about the ending.
    """
    ended = transcript.got.ended
    return (
        ended == "truncated"
        or runs_on(transcript)
        or owes_error(transcript)
        or (ended == "error" and (transcript.ending.kind == "aborted" or transcript.source.ended == "finished"))
    )
