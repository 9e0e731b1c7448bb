"""Reasoning: emitted as `thinking`, accumulated like text, and allowed to begin again at a new block."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.streamchunk import THINKING
from harness.protocol.text import units
from harness.rules.accumulation import appended, begins_wrongly, empty_deltas, mismatches, restarts
from harness.rules.difference import text_findings
from harness.rules.oracle import owed
from harness.rules.rule import MUST_IN_SPEC, Finding, Level, rule
from harness.rules.sound import SoundTranscript, has


def thinking_is_sound(transcript: SoundTranscript) -> bool:
    """Apply where there is reasoning, none of it malformed: places are counted, and each is compared with the last."""
    return THINKING in transcript.by_type and THINKING not in transcript.broken


@rule(
    "THINK-1",
    MUST_IN_SPEC,
    "§5",
    "R5",
    applies=thinking_is_sound,
    why="what is shown of the model's reasoning depends on which field the client reads",
    mend="keep a buffer for reasoning, and send `content` = the buffer after `delta` was added",
)
def thinking_is_all_deltas_so_far(transcript: SoundTranscript) -> Iterator[Finding]:
    """Each `content` of a `thinking` chunk is the previous one plus its `delta`, or begins again.

    TanStack's engine keeps no reasoning, and official adapters differ; so its profile warns.
    """
    yield from begins_wrongly(transcript, THINKING)
    yield from mismatches(transcript, THINKING)


@rule(
    "THINK-2",
    MUST_IN_SPEC,
    "§5",
    "R5",
    applies=thinking_is_sound,
    needs_source=True,
    why="a client that shows `content` loses the reasoning that came before",
    mend="begin again only at reasoning-start, or never",
)
def thinking_begins_again_only_at_a_block(transcript: SoundTranscript) -> Iterator[Finding]:
    """The accumulated reasoning begins again only where the source begins a new block of reasoning.

    §12.2 keeps one buffer per block, official adapters differ; we accept both.
    """
    again = {record.number for record in restarts(transcript, THINKING)}
    if not again:
        return
    begun, place = _blocks(transcript), 0
    for record in transcript.by_type[THINKING]:
        if record.number in again and place not in begun:
            yield Finding(record.number, "reasoning that goes on", f"begun again after {place} characters", "content")
            return
        place += units(appended(record.chunk))


@rule(
    "THINK-3",
    Level.SHOULD,
    "§5",
    "R6",
    applies=has(THINKING),
    why="clients open a box for reasoning that has nothing in it",
    mend="skip deltas that are empty; providers send them to carry signatures",
)
def no_thought_is_empty(transcript: SoundTranscript) -> Iterator[Finding]:
    """A `thinking` chunk adds at least one character."""
    return empty_deltas(transcript, THINKING)


def thinking_is_whole(transcript: SoundTranscript) -> bool:
    """Apply where no malformed `thinking` hides a part of the reasoning."""
    return THINKING not in transcript.broken


@rule(
    "THINK-4",
    MUST_IN_SPEC,
    "§5",
    "R5",
    applies=thinking_is_whole,
    needs_source=True,
    why="the reader sees other reasoning than the model's, or none",
    mend="send each reasoning-delta once, in order, as a `thinking` chunk",
)
def the_reasoning_is_the_sources(transcript: SoundTranscript) -> Iterator[Finding]:
    """The deltas of the `thinking` chunks, joined, are the reasoning of the source."""
    whole, least, got = transcript.source.reasoning, owed(transcript).reasoning, transcript.got.reasoning
    return text_findings(transcript, THINKING, whole, least, got)


def _blocks(transcript: SoundTranscript) -> set[int]:
    """Return the places, in code units of the reasoning, at which the source begins a block."""
    begun, place, block = {0}, 0, None
    for event in transcript.stimulus.events or ():
        kind = event.get("type")
        if kind == "reasoning-start" or (kind == "reasoning-delta" and event.get("id") != block):
            begun.add(place)
            block = event.get("id")
        if kind == "reasoning-delta" and isinstance(delta := event.get("delta"), str):
            place += units(delta)
    return begun
