"""A body's compression, undone as its bytes arrive: gzip of any number of members, and deflate (RFC 9110 8.4.1).

httpx forgets all members but the first, does not know ``x-gzip`` and takes a body whose compression is cut for a whole
one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

ACCEPTED = "gzip, deflate"
"""What a request's ``accept-encoding`` says."""

_NAMES = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}
_MOST = 5  # codings of one body; nobody uses more than one, and each may swell a thousand times
_PIECE = 64 * 1024  # bytes, as large as what comes from the network at once
_OF_ZLIB = 8  # the method "deflate" in the first byte of zlib's frame (RFC 1950 2.2)


class UnknownCompression(Exception):
    """A ``content-encoding`` that was not asked for, or more of them than anybody uses."""


class Compression:
    """The compression of one body; ``header`` is its ``content-encoding``.

    Raises :class:`UnknownCompression`.
    """

    def __init__(self, header: str) -> None:
        words = [word for word in (part.strip().lower() for part in header.split(",")) if word not in ("", "identity")]
        if len(words) > _MOST or not all(word in _NAMES for word in words):
            raise UnknownCompression
        self._codings = [_Coding(_NAMES[word]) for word in reversed(words)]  # they are named in the order of packing

    @property
    def is_cut(self) -> bool:
        """Whether more must come: what came is neither nothing nor whole."""
        return any(coding.is_cut for coding in self._codings)

    def undone(self, data: bytes) -> Iterator[bytes]:
        """Yield what some more bytes hold, in pieces of at most 64 KiB; read it to its end before the next call.

        Raises ``zlib.error`` for what is not so compressed.
        """
        pieces: Iterable[bytes] = (data,)
        for coding in self._codings:
            pieces = chain.from_iterable(map(coding.undone, pieces))
        return iter(pieces)


class _Coding:
    """One coding; behind its end another one may begin, as gzip allows (RFC 1952 2.2), and zeros there are padding."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._stream: zlib._Decompress | None = None

    @property
    def is_cut(self) -> bool:
        return self._stream is not None and not self._stream.eof

    def undone(self, data: bytes) -> Iterator[bytes]:
        is_full = False
        while data or is_full:
            if self._stream is not None and self._stream.eof:
                data = data.lstrip(b"\0")
                if not data:
                    return
                self._stream = None
            if self._stream is None:
                self._stream = zlib.decompressobj(self._window(data[0]))
            piece = self._stream.decompress(data, _PIECE)
            if piece:
                yield piece
            data = self._stream.unused_data or self._stream.unconsumed_tail
            is_full = len(piece) == _PIECE and not self._stream.eof  # what zlib still holds back needs no input

    def _window(self, first: int) -> int:
        """Return what zlib calls the format; ``deflate`` has a frame by the standard, and in practice often none."""
        if self._name == "gzip":
            return zlib.MAX_WBITS | 16
        return zlib.MAX_WBITS if first & 0x0F == _OF_ZLIB else -zlib.MAX_WBITS
