"""Bytes from a shim → lines, however the bytes are cut."""

from __future__ import annotations

from harness.errors import ShimError

LONGEST_LINE = 64 * 1024 * 1024
"""The longest line that is read, in bytes (driver protocol)."""


class Lines:
    """Takes bytes and gives the lines that have ended, without their line feed; the cost is linear in the bytes.

    Raises :class:`ShimError` for a line over :data:`LONGEST_LINE` bytes, as soon as it is known to be one.
    """

    def __init__(self) -> None:
        self._rest: list[bytes] = []  # pieces of the line that has no end yet: joined once, so joins stay linear
        self._size = 0

    def feed(self, piece: bytes, /) -> list[bytes]:
        """Take bytes, return the lines that have ended; the lines before one that is too long are lost with it."""
        first, *others = piece.split(b"\n")
        self._rest.append(first)
        self._size += len(first)
        self._check(self._size)
        if not others:
            return []
        lines = [b"".join(self._rest), *others]
        rest = lines.pop()
        self._rest = [rest] if rest else []
        self._size = len(rest)
        if len(piece) > LONGEST_LINE:
            self._check(max(map(len, others)))
        return lines

    def close(self) -> list[bytes]:
        """Return the beginning of a line that never ended, if there is one."""
        rest = b"".join(self._rest)
        self._rest = []
        return [rest] if rest else []

    def _check(self, size: int) -> None:
        if size > LONGEST_LINE:
            self._rest = []
            raise ShimError(f"your shim sent a line of over {LONGEST_LINE // 1024 // 1024} MB; no message is that long")
