"""The elements of one JSON array, as they arrive: Gemini's stream without ``alt=sse``.

Strings and brackets are understood, and what may stand between elements; the elements themselves are not judged. So an
element's text goes on to a JSON parser, and a broken number inside it is that parser's finding.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from harness.errors import WireError

LIMIT = 64 * 1024 * 1024
"""The longest element in bytes; more is a :class:`WireError`, not memory."""

_BOM = b"\xef\xbb\xbf"
_STRUCTURE = re.compile(rb'["{}\[\]]')
_IN_STRING = re.compile(rb'["\\]')
_SCALAR_END = re.compile(rb"[,\] \t\r\n]")
_INK = re.compile(rb"[^ \t\r\n]")


class _At(Enum):
    START = auto()
    FIRST = auto()  # a value or the end
    VALUE = auto()
    NESTED = auto()
    STRING = auto()
    SCALAR = auto()
    AFTER = auto()  # a comma or the end
    END = auto()


_EXPECTED = {
    _At.START: "the array's [",
    _At.FIRST: "a value or ]",
    _At.VALUE: "a value",
    _At.AFTER: "a comma or ]",
    _At.END: "nothing after the array",
}


class JsonArrayDecoder:
    """Bytes in, the text of each element out as soon as it is complete; linear in the bytes.

    An element that the stream cuts is dropped. Raises :class:`WireError` with the offset of a byte that no array has
    there, and for an element over :data:`LIMIT`; the elements before it are returned first and the next call raises.
    """

    def __init__(self) -> None:
        self._at = _At.START
        self._depth = 0
        self._escaped = False
        self._element: list[bytes] = []  # pieces of the element that is not complete
        self._element_size = 0
        self._offset = 0
        self._fault: WireError | None = None

    @property
    def closed(self) -> bool:
        """Whether the array's last bracket came."""
        return self._at is _At.END

    def feed(self, piece: bytes, /) -> list[str]:
        """Take bytes, return the elements that are complete."""
        if self._fault is not None:
            raise self._fault
        elements: list[str] = []
        position = begin = 0
        while position < len(piece) and self._fault is None:
            if self._at in _EXPECTED:
                begin = position = self._between(piece, position)
                continue
            position, complete = self._inside(piece, position)
            if complete:
                self._keep(piece[begin:position])
                if self._fault is None:
                    elements.append(b"".join(self._element).decode("utf-8", "replace"))
                self._element = []
                self._element_size = 0
                self._at = _At.AFTER
        if self._at not in _EXPECTED and begin < len(piece):
            self._keep(piece[begin:])
        self._offset += len(piece)
        if self._fault is not None and not elements:
            raise self._fault
        return elements

    def close(self) -> list[str]:
        """Drop an element that was cut; never returns one."""
        if self._fault is not None:
            raise self._fault
        return []

    def _keep(self, part: bytes) -> None:
        self._element.append(part)
        self._element_size += len(part)
        if self._element_size > LIMIT:
            self._element = []
            self._fault = WireError(f"an element of the JSON array is longer than {LIMIT} bytes", self._offset)

    def _between(self, piece: bytes, position: int) -> int:
        """Read on outside every element; return where to continue, at an element's first byte if one begins."""
        found = _INK.search(piece, position)
        if found is None:
            return len(piece)
        position, byte = found.start(), found[0]
        match self._at:
            case _At.START if byte == b"[":
                self._at = _At.FIRST
            case _At.START if byte == _BOM[self._offset + position :][:1]:
                pass
            case _At.FIRST | _At.AFTER if byte == b"]":
                self._at = _At.END
            case _At.AFTER if byte == b",":
                self._at = _At.VALUE
            case _At.FIRST | _At.VALUE if byte not in b",:]}":
                self._at = _At.NESTED if byte in b'{["' else _At.SCALAR
                return position
            case _:
                seen = byte.decode("ascii", "backslashreplace")
                self._fault = WireError(
                    f"a JSON array has {_EXPECTED[self._at]} here, not {seen!r}", self._offset + position
                )
        return position + 1

    def _inside(self, piece: bytes, position: int) -> tuple[int, bool]:
        """Read on inside an element; return where to continue, and whether the element ended there."""
        if self._escaped:
            self._escaped = False
            return position + 1, False
        pattern = {_At.NESTED: _STRUCTURE, _At.STRING: _IN_STRING, _At.SCALAR: _SCALAR_END}[self._at]
        found = pattern.search(piece, position)
        if found is None:
            return len(piece), False
        byte = found[0]
        if self._at is _At.SCALAR:
            return found.start(), True
        if self._at is _At.STRING:
            self._escaped = byte == b"\\"
            self._at = _At.STRING if self._escaped else _At.NESTED
        elif byte == b'"':
            self._at = _At.STRING
            return found.end(), False
        else:
            self._depth += 1 if byte in b"{[" else -1
        return found.end(), self._at is _At.NESTED and self._depth == 0
