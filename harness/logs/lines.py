"""Lines of a log, none skipped and none repaired, so that whoever judges them can name each by its number."""

from __future__ import annotations

from harness.errors import InputError

LIMIT = 64 * 1024 * 1024
"""The longest line, and the longest JSON text that is read as a whole, in bytes."""

TOO_LONG = f"longer than {LIMIT // 1024 // 1024} MB, which is the most that is read at once"
BOM = b"\xef\xbb\xbf"


class LineSplitter:
    """Bytes in, lines out, without their line feed; a line that is not UTF-8 stays bytes.

    What differs from :class:`harness.wire.ndjson.NdjsonDecoder`: blank lines count, and invalid UTF-8 is not repaired.
    Raises :class:`InputError` for a line over :data:`LIMIT`, naming it from 1.
    """

    def __init__(self) -> None:
        self._rest: list[bytes] = []  # pieces of the line that has no end yet: joined once, so joins stay linear
        self._size = 0
        self._number = 0

    def feed(self, piece: bytes, /) -> list[str | bytes]:
        """Take bytes, return the lines that have ended."""
        end = piece.rfind(b"\n")
        self._size += len(piece) if end < 0 else piece.find(b"\n")
        self._check(self._size)
        if end < 0:
            self._rest.append(piece)
            return []
        block = b"".join([*self._rest, piece[:end]])
        self._rest = [piece[end + 1 :]]
        self._size = len(self._rest[0])
        lines = _texts(block)
        if len(block) > LIMIT:
            self._check(max(map(len, lines)))
        self._number += len(lines)
        self._check(self._size)
        return lines

    def close(self) -> list[str | bytes]:
        """Return the last line if no line feed ended it."""
        block = b"".join(self._rest)
        self._rest = []
        return _texts(block) if block else []

    def _check(self, size: int) -> None:
        if size > LIMIT:
            raise InputError(f"line {self._number + 1} is {TOO_LONG}")


def _texts(block: bytes) -> list[str | bytes]:
    try:
        return [*block.decode().split("\n")]
    except UnicodeDecodeError:
        return [_text(line) for line in block.split(b"\n")]


def _text(line: bytes) -> str | bytes:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line
