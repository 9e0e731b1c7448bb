"""Completed calls leave in the order in which their inputs started (§6.2, R11).

Providers complete parallel calls in any order. Holding a call until the earlier ones are settled costs its consumer
nothing: TanStack's engine runs tools only after ``done``, and text is never held.
"""

from __future__ import annotations

from harness.protocol.streamchunk import Chunk


class IndexOrder:
    """Chunks of calls, held until every call of a lower index is settled: emitted, or known to emit nothing."""

    def __init__(self) -> None:
        self._held: dict[int, list[Chunk]] = {}
        self._next = 0

    def settle(self, index: int, chunks: list[Chunk]) -> list[Chunk]:
        """Take all that one call emits; return what may leave now."""
        self._held[index] = chunks
        leaving: list[Chunk] = []
        while self._next in self._held:
            leaving += self._held.pop(self._next)
            self._next += 1
        return leaving

    def follow(self, index: int, chunk: Chunk) -> list[Chunk]:
        """Take a chunk that belongs behind a settled call; return it at once where the call itself has left."""
        held = self._held.get(index)
        if held is None:
            return [chunk]
        held.append(chunk)
        return []

    def flush(self) -> list[Chunk]:
        """Return all that is held, by index: the calls between were never completed (R13)."""
        leaving = [chunk for index in sorted(self._held) for chunk in self._held[index]]
        self._held.clear()
        return leaving
