"""A stream of bytes as windows: blocks of one size, each with what stands before and behind it.

Where the blocks lie depends on nothing but how many bytes came before, so whatever is done to windows gives the same
however the stream is cut.
"""

from __future__ import annotations

from typing import NamedTuple

BLOCK = 256 * 1024
"""So many bytes are decided at once."""

CONTEXT = 64 * 1024
"""So many bytes before and behind a block are looked at to decide it: of a secret that is longer, or is split over
messages that are, a part may be found only."""


class Window(NamedTuple):
    """``data[start:stop]`` is a block; ``offset`` is where ``data`` begins in the stream."""

    data: bytes
    start: int
    stop: int
    offset: int


class Windows:
    """A stage that gives the windows of a stream; it holds no more than a block and the context on both sides."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._offset = 0
        self._start = 0

    def feed(self, item: bytes) -> list[Window]:
        """Take some bytes; return the blocks behind which enough is known."""
        found = []
        for at in range(0, len(item), BLOCK):
            self._data += item[at : at + BLOCK]
            while len(self._data) >= self._start + BLOCK + CONTEXT:
                found.append(self._taken(BLOCK))
        return found

    def close(self) -> list[Window]:
        """Return what is left, of which two blocks may be."""
        found = []
        while (left := len(self._data) - self._start) > 0:
            found.append(self._taken(min(BLOCK, left)))
        return found

    def _taken(self, size: int) -> Window:
        stop = self._start + size
        window = Window(bytes(self._data[: stop + CONTEXT]), self._start, stop, self._offset)
        kept = max(0, stop - CONTEXT)
        del self._data[:kept]
        self._offset += kept
        self._start = stop - kept
        return window
