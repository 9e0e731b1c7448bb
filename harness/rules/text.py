"""Text: it accumulates over the whole response, and it is the source's text."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.streamchunk import CONTENT
from harness.rules.accumulation import begins_wrongly, empty_deltas, mismatches, restarts
from harness.rules.difference import text_findings
from harness.rules.oracle import owed
from harness.rules.rule import Finding, Level, Source, rule
from harness.rules.sound import SoundTranscript, has
from harness.rules.wording import and_more


def content_is_sound(transcript: SoundTranscript) -> bool:
    """Apply where there is text, none of it malformed: each chunk is compared with the one before it."""
    return CONTENT in transcript.by_type and CONTENT not in transcript.broken


@rule(
    "TEXT-1",
    Level.MUST,
    "§5",
    "§12.2",
    "R4",
    source=Source.CONSUMER,
    applies=content_is_sound,
    why="the engine keeps `content`, the client adds up `delta`: what is shown and what goes into history differ",
    mend="keep one buffer per response, and send `content` = the buffer after `delta` was added",
)
def content_is_all_deltas_so_far(transcript: SoundTranscript) -> Iterator[Finding]:
    """Each `content` is the previous `content` plus its `delta`, over the whole response."""
    yield from begins_wrongly(transcript, CONTENT)
    yield from mismatches(transcript, CONTENT)


@rule(
    "TEXT-2",
    Level.MUST,
    "§5",
    "§12.2",
    "R4",
    source=Source.CONSUMER,
    applies=content_is_sound,
    why="the engine stores the last `content` as the whole message: what came before is lost from history",
    mend="keep one buffer per response, not one per text block, and do not clear it at text-end",
)
def content_never_starts_again(transcript: SoundTranscript) -> Iterator[Finding]:
    """`content` does not begin again, neither at a new text block nor at an empty delta.

    §5 asks for cumulative content, §12.2 keeps one buffer per block; we read §5, since the per-block buffer was shown
    to lose the first block from the conversation's history.
    """
    again = restarts(transcript, CONTENT)
    if again:
        seen = f"content that begins again{and_more(len(again) - 1)}"
        yield Finding(again[0].number, "content that continues the text so far", seen, "content")


@rule(
    "TEXT-3",
    Level.SHOULD,
    "§5",
    "R6",
    applies=has(CONTENT),
    why="clients draw an empty message, or count a chunk that says nothing",
    mend="skip deltas that are empty",
)
def no_delta_is_empty(transcript: SoundTranscript) -> Iterator[Finding]:
    """A `content` chunk adds at least one character."""
    return empty_deltas(transcript, CONTENT)


def text_is_whole(transcript: SoundTranscript) -> bool:
    """Apply where no malformed `content` hides a part of the text."""
    return CONTENT not in transcript.broken


@rule(
    "TEXT-4",
    Level.MUST,
    "§5",
    "R4",
    applies=text_is_whole,
    needs_source=True,
    why="the reader sees another text than the model wrote",
    mend="send each text-delta once, in order, as it is",
)
def the_text_is_the_sources(transcript: SoundTranscript) -> Iterator[Finding]:
    """The deltas, joined, are the text of the source: nothing lost, doubled, reordered or invented.

    Texts are compared after joining UTF-16 surrogate halves. A stream that was aborted may lack the rest, and one that
    fails for a broken call what comes behind that call.
    """
    whole, least, got = transcript.source.text, owed(transcript).text, transcript.got.text
    return text_findings(transcript, CONTENT, whole, least, got)
