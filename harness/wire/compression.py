"""A body's compression, undone as its bytes arrive: gzip of any number of members, deflate, brotli and zstd.

RFC 9110 8.4.1, RFC 7932, RFC 8878. httpx forgets all members of gzip but the first, does not know ``x-gzip`` and takes
a body whose compression is cut for a whole one.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_MOST = 5  # codings of one body; nobody uses more than one, and each may swell a thousand times
_PIECE = 64 * 1024  # bytes, as large as what comes from the network at once
_OF_ZLIB = 8  # the method "deflate" in the first byte of zlib's frame (RFC 1950 2.2)
_WIDEST = 27  # log 2 of zstd's window: 128 MiB is the most that one body may make us hold


class UnknownCompression(Exception):
    """A ``content-encoding`` that nobody knows, or more of them than anybody uses; ``words`` are what it says."""

    def __init__(self, words: list[str]) -> None:
        super().__init__(", ".join(words))
        self.words = words


class BrokenCompression(Exception):
    """Bytes that are not so compressed as they are said to be; the message is the coding's name."""


class Compression:
    """The compression of one body; ``header`` is its ``content-encoding``.

    Raises :class:`UnknownCompression`.
    """

    def __init__(self, header: str) -> None:
        words = [word for word in (part.strip().lower() for part in header.split(",")) if word not in ("", "identity")]
        if len(words) > _MOST or not all(word in _CODINGS for word in words):
            raise UnknownCompression(words)
        self._codings = [_CODINGS[word]() for word in reversed(words)]  # they are named in the order of packing

    @property
    def is_cut(self) -> bool:
        """Whether more must come: what came is neither nothing nor whole."""
        return any(coding.is_cut for coding in self._codings)

    def undone(self, data: bytes) -> Iterator[bytes]:
        """Yield what some more bytes hold, in pieces of at most 64 KiB; read it to its end before the next call.

        Raises :class:`BrokenCompression` for what is not so compressed.
        """
        pieces: Iterable[bytes] = (data,)
        for coding in self._codings:
            pieces = chain.from_iterable(map(coding.undone, pieces))
        return iter(pieces)


class _Coding(Protocol):
    """One coding."""

    @property
    def is_cut(self) -> bool: ...

    def undone(self, data: bytes) -> Iterator[bytes]: ...


class _Members:
    """A coding of which another one may begin behind its end, as gzip and zstd allow (RFC 1952 2.2, RFC 8878 3.1).

    ``begin`` takes the first byte of what it is to undo; ``padding`` may stand between two.
    """

    def __init__(self, name: str, begin: Callable[[int], _Member], padding: bytes = b"") -> None:
        self._name = name
        self._begin = begin
        self._padding = padding
        self._member: _Member | None = None

    @property
    def is_cut(self) -> bool:
        return self._member is not None and not self._member.eof

    def undone(self, data: bytes) -> Iterator[bytes]:
        is_full = False
        while data or is_full:
            if self._member is not None and self._member.eof:
                data = data.lstrip(self._padding) if self._padding else data
                if not data:
                    return
                self._member = None
            if self._member is None:
                self._member = self._begin(data[0])
            try:
                piece, data = self._member.undone(data)
            except (zlib.error, zstd.ZstdError) as error:
                raise BrokenCompression(self._name) from error
            if piece:
                yield piece
            is_full = len(piece) == _PIECE and not self._member.eof  # what is still held back needs no input


class _Member(Protocol):
    """One member of a body; ``undone`` gives at most 64 KiB, and what it did not take."""

    @property
    def eof(self) -> bool: ...

    def undone(self, data: bytes) -> tuple[bytes, bytes]: ...


class _Deflated:
    def __init__(self, window: int) -> None:
        self._stream = zlib.decompressobj(window)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    def undone(self, data: bytes) -> tuple[bytes, bytes]:
        piece = self._stream.decompress(data, _PIECE)
        return piece, self._stream.unused_data or self._stream.unconsumed_tail


class _ZstdFrame:
    def __init__(self) -> None:
        self._stream = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WIDEST})

    @property
    def eof(self) -> bool:
        return self._stream.eof

    def undone(self, data: bytes) -> tuple[bytes, bytes]:
        piece = self._stream.decompress(data, _PIECE)
        return piece, self._stream.unused_data  # what was taken and does not fit yet, it keeps by itself


class _Brotli:
    """Brotli, of which there is one stream and nothing behind it."""

    def __init__(self) -> None:
        self._stream: Any = None

    @property
    def is_cut(self) -> bool:
        return self._stream is not None and not self._stream.is_finished()

    def undone(self, data: bytes) -> Iterator[bytes]:
        if not data:
            return
        self._stream = self._stream or brotli.Decompressor()
        if self._stream.is_finished():
            raise BrokenCompression("br")
        while True:
            try:
                piece = self._stream.process(data, output_buffer_limit=_PIECE)
            except brotli.error as error:
                raise BrokenCompression("br") from error
            for start in range(0, len(piece), _PIECE):  # the limit is one that it may pass
                yield piece[start : start + _PIECE]
            if not piece or self._stream.is_finished():
                return
            data = b""  # it was taken whole; what is still held back needs no input


def _window(first: int) -> int:
    """Return what zlib calls the format; ``deflate`` has a frame by the standard, and in practice often none."""
    return zlib.MAX_WBITS if first & 0x0F == _OF_ZLIB else -zlib.MAX_WBITS


def _gzip() -> _Coding:
    return _Members("gzip", lambda _: _Deflated(zlib.MAX_WBITS | 16), padding=b"\0")


def _deflate() -> _Coding:
    return _Members("deflate", lambda first: _Deflated(_window(first)), padding=b"\0")


def _zstd() -> _Coding:
    return _Members("zstd", lambda _: _ZstdFrame())


_CODINGS: Mapping[str, Callable[[], _Coding]] = {
    "gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _Brotli, "zstd": _zstd,
}  # fmt: skip

KNOWN = tuple(_CODINGS)
"""The words of a ``content-encoding`` that can be undone."""
