"""Text that grows by deltas, and the chunks that carry all of it so far, joined only when one asks.

A stream of n deltas has chunks of n²/2 characters. So a chunk of growing text keeps its delta and how many parts it
covers, and joins them in :meth:`GrowingChunk.as_json`. Whoever asks each chunk in turn pays for one copy of each
``content`` and nothing more, since the last joined text is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeAlias

from harness.protocol.streamchunk import Chunk
from harness.reference.chunks import Identity


class GrowingText:
    """All deltas of one kind in a stream, and the text of the first so many of them."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._joined = ""
        self._joined_parts = 0

    def append(self, delta: str) -> int:
        """Take the next delta; return how many there are now."""
        self._parts.append(delta)
        return len(self._parts)

    def of_first(self, count: int) -> str:
        """Return the text of the first ``count`` deltas; a little dear only for whoever goes backwards."""
        if count < self._joined_parts:
            return _extended("", self._parts[:count])
        self._joined = _extended(self._joined, self._parts[self._joined_parts : count])
        self._joined_parts = count
        return self._joined


class _Constructor(Protocol):
    def __call__(self, *, id: str, model: str, timestamp: int, delta: str, content: str) -> Chunk: ...  # noqa: A002


class GrowingChunk:
    """A ``content`` or ``thinking`` chunk whose ``content`` is not there yet."""

    __slots__ = ("_constructor", "_count", "_identity", "_text", "delta")

    def __init__(self, constructor: _Constructor, identity: Identity, text: GrowingText, delta: str) -> None:
        self._constructor = constructor
        self._identity = identity
        self._text = text
        self._count = text.append(delta)
        self.delta = delta

    def as_json(self) -> Chunk:
        """Return the chunk as JSON, with all text so far."""
        return self._constructor(**self._identity, delta=self.delta, content=self._text.of_first(self._count))


StreamChunk: TypeAlias = Chunk | GrowingChunk
"""What the transformer emits: JSON, or a chunk that becomes JSON when it is asked to."""


def as_json(chunk: StreamChunk) -> Chunk:
    """Return a chunk as JSON, whichever it is."""
    return chunk.as_json() if isinstance(chunk, GrowingChunk) else chunk


def materialised(chunks: Iterable[StreamChunk]) -> Iterator[Chunk]:
    """Yield every chunk as JSON, in order."""
    return map(as_json, chunks)


def _extended(text: str, parts: list[str]) -> str:
    """Join as JavaScript does: two halves of an emoji that meet become one (R4)."""
    added = "".join(parts)
    if "\ud800" <= text[-1:] <= "\udbff":
        text, added = text[:-1], text[-1] + added
    try:
        added.encode()
    except UnicodeEncodeError:
        added = added.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return text + added
