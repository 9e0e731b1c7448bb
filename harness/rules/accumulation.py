"""What `content` and `thinking` have in common: a text that grows by deltas.

The comparison of each ``content`` with its predecessor was made while the transcript was written
(:mod:`harness.protocol.compaction`); here its answers become findings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.protocol.compaction import APPENDED, COMPACT_LENGTH, MISMATCH, RESTARTED
from harness.protocol.text import units
from harness.protocol.transcript import Record
from harness.rules.rule import Finding
from harness.rules.sound import SoundTranscript
from harness.rules.wording import and_more, shown


def appended(chunk: dict[str, Any]) -> str:
    """Return what a chunk adds: its ``delta``, or what was found to be new in it."""
    delta = chunk.get("delta", chunk.get(APPENDED))
    return delta if isinstance(delta, str) else ""


def mismatches(transcript: SoundTranscript, kind: str) -> Iterator[Finding]:
    """Yield one finding at the first chunk whose text is neither grown by its delta nor begun again."""
    wrong = [record for record in transcript.by_type[kind] if MISMATCH in record.chunk]
    if wrong:
        mismatch = wrong[0].chunk[MISMATCH]
        yield Finding(
            wrong[0].number,
            f"{shown(mismatch.get('expected'))} at character {shown(mismatch.get('at'))}",
            f"{shown(mismatch.get('seen'))}{and_more(len(wrong) - 1)}",
            "content",
        )


def begins_wrongly(transcript: SoundTranscript, kind: str) -> Iterator[Finding]:
    """Yield one finding where a later turn goes on with the text of the turn before: each accumulates by itself."""
    first = transcript.by_type[kind][0]
    if transcript.place == 0 or MISMATCH in first.chunk or RESTARTED in first.chunk:
        return
    length = first.chunk.get(COMPACT_LENGTH)
    own = units(appended(first.chunk))
    if length != own:
        yield Finding(first.number, f"{own} characters, this turn's own text", f"{shown(length)} characters", "content")


def restarts(transcript: SoundTranscript, kind: str) -> list[Record]:
    """Return the chunks whose text begins again; a later turn's first chunk has to (R39)."""
    return [record for record in transcript.by_type[kind][transcript.place > 0 :] if RESTARTED in record.chunk]


def empty_deltas(transcript: SoundTranscript, kind: str) -> Iterator[Finding]:
    """Yield one finding at the first chunk that adds nothing; one that also spoils the text is another rule's."""
    empty = [
        record
        for record in transcript.by_type[kind]
        if not appended(record.chunk) and RESTARTED not in record.chunk and MISMATCH not in record.chunk
    ]
    if empty:
        yield Finding(empty[0].number, "a delta with text", f'""{and_more(len(empty) - 1)}', "delta")
