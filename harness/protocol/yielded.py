"""Records → the chunks as they were yielded: the cumulative ``content``, which a transcript forgets, is built again.

A transcript keeps of each ``content`` only whether it was right (:mod:`harness.protocol.compaction`), which is nothing
to show to a person: nobody yielded a ``$contentLength``. Where it was proven to be previous + delta it is that again.
Of one that was wrong only an excerpt was kept, so there it is told how long it was and where it went wrong.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from harness.protocol.compaction import APPENDED, COMPACT_LENGTH, MARKS, MISMATCH, RESTARTED
from harness.protocol.streamchunk import CONTENT, THINKING
from harness.protocol.text import joined, units
from harness.protocol.transcript import Record

_LONGEST = 200  # characters of a cumulative text that are shown
_BEFORE = 20  # characters that an excerpt has in front of the place where it is wrong
_COUNTLESS = 10**15  # no text is that long; a length may be an integer that Python refuses to print


def yielded(records: Iterable[Record], numbers: Container[int]) -> Iterator[Record]:
    """Yield those of all records of an answer that have these numbers, with ``content`` in the place of our marks.

    A long ``content`` is cut, and its length told behind it: ``Once upon… (20000 characters)``.
    """
    said = {CONTENT: _Said(), THINKING: _Said()}
    for record in records:
        chunk = record.chunk
        kind = chunk.get("type") if isinstance(chunk, dict) else None
        if isinstance(kind, str) and kind in said and type(chunk.get(COMPACT_LENGTH)) is int:
            so_far = said[kind]
            so_far.take(chunk)
            if record.number in numbers:
                yield record._replace(chunk=_with_content(chunk, so_far.shown(chunk)))
        elif record.number in numbers:
            yield record


class _Said:
    """What one type of chunk has said so far; without its beginning where a ``content`` was wrong and is not known."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._is_whole = True

    def take(self, chunk: dict[str, Any]) -> None:
        """Go on with a compact chunk."""
        if MISMATCH in chunk:
            wrong = chunk[MISMATCH]
            self._is_whole = wrong["at"] <= _BEFORE and units(wrong["seen"]) == chunk[COMPACT_LENGTH]
            self._pieces = [wrong["seen"]] if self._is_whole else []
            return
        if RESTARTED in chunk:
            self._pieces, self._is_whole = [], True
        delta = chunk.get("delta")
        added = delta if isinstance(delta, str) else chunk.get(APPENDED)
        self._pieces.append(added if isinstance(added, str) else "")

    def shown(self, chunk: dict[str, Any]) -> str:
        """Return the ``content`` of the chunk that was just taken, or what is known of it."""
        text = joined(self._pieces)
        if self._is_whole:
            return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
        length = _count(chunk[COMPACT_LENGTH])
        if MISMATCH not in chunk:
            return f"…{text[-_LONGEST:]} ({length} characters)"
        wrong = chunk[MISMATCH]
        if wrong["seen"] == f"{length} characters":
            return f"… ({length} characters, where the text so far and the delta have {wrong['expected']})"
        start, at = "…" if wrong["at"] > _BEFORE else "", _count(wrong["at"])
        return f"{start}{wrong['seen']}… ({length} characters; from {at} on not the text so far and the delta)"


def _with_content(chunk: dict[str, Any], content: str) -> dict[str, Any]:
    """Return a compact chunk as it was, with ``content`` where adapters have it: behind its delta."""
    place = "delta" if "delta" in chunk else COMPACT_LENGTH
    whole: dict[str, Any] = {}
    for name, value in chunk.items():
        if name not in MARKS:
            whole[name] = value
        if name == place:
            whole["content"] = content
    return whole


def _count(number: int) -> int:
    return max(-1, min(number, _COUNTLESS))
