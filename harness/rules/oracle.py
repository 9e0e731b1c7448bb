"""What the source-aware rules ask of source and answer before they compare them.

One fault is one finding here too: where an answer ended early, and another rule says so, what is missing behind that
place is no second finding.
"""

from __future__ import annotations

from harness.protocol.event_reading import reading_up_to_a_bad_call
from harness.protocol.reading import Reading
from harness.protocol.streamchunk import TERMINAL
from harness.rules.abort import done_after_the_abort
from harness.rules.asked import heard_the_harness
from harness.rules.sound import SoundTranscript

PARSE_ERROR = "TOOL_ARGS_PARSE_ERROR"
CONFLICT = "TOOL_CALL_CONFLICT"
NOTHING = Reading()


def owes_error(transcript: SoundTranscript) -> bool:
    """Tell whether the source holds a call that has to end the stream in an error (R9, R12)."""
    source = transcript.source
    return bool(source.conflicts) or not all(call.intact for call in source.tool_calls)


def gives_up_a_good_answer(transcript: SoundTranscript) -> bool:
    """Tell whether it raised before any end though its source, which is known, finished and owes no error (END-12)."""
    return (
        transcript.ending.kind == "raised"
        and transcript.expected is not None
        and transcript.expected.ended == "finished"
        and transcript.ends_open
        and transcript.by_type.keys().isdisjoint(TERMINAL)
        and not owes_error(transcript)
        and not heard_the_harness(transcript)
    )


def runs_on(transcript: SoundTranscript) -> bool:
    """Tell whether a part of the answer stands behind its end, where no client reads it (END-2)."""
    return any(record.chunk["type"] not in TERMINAL for record in transcript.beyond)


def claims_to_be_whole(transcript: SoundTranscript) -> bool:
    """Tell whether the answer ends in a `done` that no other rule finds too early."""
    return transcript.got.ended == "finished" and not runs_on(transcript) and done_after_the_abort(transcript) is None


def owed(transcript: SoundTranscript) -> Reading:
    """Return what must be there at least of the source's text, reasoning and results; the rest may be missing.

    A stream that was aborted, has no end, goes on behind it, or fails where the source does not owes nothing: the rules
    about the ending have said so. One that fails for a call that it cannot pass on owes what came before the call. All
    others owe everything.
    """
    got, source = transcript.got, transcript.source
    if claims_to_be_whole(transcript):
        return source
    if got.ended != "error" or runs_on(transcript) or transcript.ending.kind == "aborted":
        return NOTHING
    code = got.error.code if got.error is not None else None
    if owes_error(transcript) and (code in {PARSE_ERROR, CONFLICT} or source.ended != "finished"):
        return reading_up_to_a_bad_call(transcript.stimulus.events or ())
    return NOTHING if source.ended == "finished" else source
