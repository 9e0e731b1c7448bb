"""Texts, one per line: newline-delimited JSON before anybody parses it."""

from __future__ import annotations

from harness.errors import WireError

LIMIT = 64 * 1024 * 1024
"""The longest line in bytes; more is a :class:`WireError`, not memory."""

_BOM = b"\xef\xbb\xbf"


class NdjsonDecoder:
    """Bytes in, the text of each line out, without its end.

    Lines end at LF or CRLF; a line of nothing but white space is skipped; an unterminated last line is a line; one byte
    order mark at the start is dropped and invalid UTF-8 becomes U+FFFD. Raises :class:`WireError` for a line over
    :data:`LIMIT`; the lines before it are returned first and the next call raises.
    """

    def __init__(self) -> None:
        self._line: list[bytes] = []  # pieces of the line that has no end yet: joined once, so joins stay linear
        self._line_size = 0
        self._offset = 0
        self._at_start = True
        self._fault: WireError | None = None

    def feed(self, piece: bytes, /) -> list[str]:
        """Take bytes, return the lines that have ended."""
        if self._fault is not None:
            raise self._fault
        end = piece.rfind(b"\n") + 1
        lines = self._lines(piece[:end]) if end else []
        if rest := piece[end:]:
            self._line.append(rest)
            self._line_size += len(rest)
            if self._line_size > LIMIT:
                self._fail()
        if self._fault is not None and not lines:
            raise self._fault
        return lines

    def close(self) -> list[str]:
        """Return the last line, if no newline ended it."""
        if self._fault is not None:
            raise self._fault
        return self._lines(b"")

    def _lines(self, end: bytes) -> list[str]:
        block = b"".join([*self._line, end])
        self._line = []
        self._line_size = 0
        if self._at_start and block:
            self._at_start = False
            block = block.removeprefix(_BOM)
        lines: list[str] = []
        for line in block.split(b"\n"):
            if len(line) > LIMIT:
                self._fail()
                break
            self._offset += len(line) + 1
            if text := line.decode("utf-8", "replace").strip(" \t\r"):
                lines.append(text)
        return lines

    def _fail(self) -> None:
        self._line = []
        self._fault = WireError(f"a line is longer than {LIMIT} bytes", self._offset)
