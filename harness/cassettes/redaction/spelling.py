r"""Text whose letters may be escaped, read as what it says, and written back letter by letter in its own spelling.

A letter is escaped as in JSON (``\/``, ``\u0041``, after up to sixteen backslashes, so JSON four times within JSON is
the same) or as in a URL (``%41``, ``%2541``). Whatever else a byte stands for, it is itself. What is read is UTF-8.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

_ESCAPE = re.compile(
    rb"\\{1,16}(?:u(?:[dD][89abAB][0-9a-fA-F]{2}\\{1,16}u[dD][c-fC-F][0-9a-fA-F]{2}|[0-9a-fA-F]{4})|[\"/bfnrt])"
    rb"|%(?:25){0,2}[0-9a-fA-F]{2}|\\{2,16}"
)
_TWO_WAYS = re.compile(rb"(?<!\\)(?:\\\\)+[bfnrtu]|%[0-9a-fA-F]{2}[A-Za-z0-9]")
_UNITS = re.compile(rb"u([0-9a-fA-F]{4})")
_CONTROLS = {ord("b"): b"\b", ord("f"): b"\f", ord("n"): b"\n", ord("r"): b"\r", ord("t"): b"\t"}


class _Letter(NamedTuple):
    """An escaped letter: where it stands in what is read, and in what is written."""

    start: int
    stop: int
    raw_start: int
    raw_stop: int


class Spelled:
    r"""Bytes, and as ``text`` what they say; offsets of the one are offsets of the other where nothing is escaped.

    ``is_ambiguous`` tells that ``\\n`` may be a newline in JSON within JSON, or in JSON a backslash and the n of what
    follows, and ``%ab`` a letter or not: then they should be read once more as they are, without ``escapes``.
    """

    def __init__(self, raw: bytes, *, escapes: bool = True) -> None:
        self.raw = raw
        self._letters: list[_Letter] = []
        self.is_ambiguous = escapes and _TWO_WAYS.search(raw) is not None
        if not escapes or (b"\\" not in raw and b"%" not in raw):
            self.text = raw
            return
        parts, size, end = [], 0, 0
        for match in _ESCAPE.finditer(raw):
            start, stop = match.span()
            said = _said(match[0])
            size += start - end
            parts += [raw[end:start], said]
            self._letters.append(_Letter(size, size + len(said), start, stop))
            size, end = size + len(said), stop
        self.text = b"".join([*parts, raw[end:]])

    def escapes(self) -> Iterator[tuple[int, int]]:
        """Yield where in the bytes the escaped letters are written."""
        return ((letter.raw_start, letter.raw_stop) for letter in self._letters)

    def written(self, start: int, stop: int) -> tuple[int, int]:
        """Return where in the bytes a range of the text is written."""
        first = bisect_right(self._letters, start, key=lambda letter: letter.start) - 1
        last = bisect_right(self._letters, stop - 1, key=lambda letter: letter.start) - 1
        return self._raw(first, start)[0], self._raw(last, stop - 1)[1]

    def read(self, raw: int) -> int:
        """Return where in the text stands what is written at an offset of the bytes."""
        before = bisect_right(self._letters, raw, key=lambda letter: letter.raw_start) - 1
        if before < 0:
            return raw
        letter = self._letters[before]
        return letter.start if raw < letter.raw_stop else letter.stop + raw - letter.raw_stop

    def respelled(self, text: bytes) -> bytes:
        """Return the bytes that say another text, as long as this one, with the same letters escaped the same way."""
        parts, at = [], 0
        for letter in self._letters:
            said = text[letter.start : letter.stop]
            parts += [text[at : letter.start], self._spelled(letter, said)]
            at = letter.stop
        return b"".join([*parts, text[at:]])

    def _raw(self, before: int, at: int) -> tuple[int, int]:
        """Return the range of the bytes that say one byte of the text, behind the escaped letter of a number."""
        if before < 0:
            return at, at + 1
        letter = self._letters[before]
        if at < letter.stop:
            return letter.raw_start, letter.raw_stop
        raw = letter.raw_stop + at - letter.stop
        return raw, raw + 1

    def _spelled(self, letter: _Letter, said: bytes) -> bytes:
        spelling = self.raw[letter.raw_start : letter.raw_stop]
        if said == self.text[letter.start : letter.stop]:
            return spelling
        if spelling.startswith(b"%"):
            return spelling[:-2] + _in_case(b"%02X" % said[0], spelling[-2:])
        units = said.decode("utf-8", "surrogatepass").encode("utf-16-be", "surrogatepass").hex().encode()
        places = iter(range(0, len(units), 4))

        def unit(match: re.Match[bytes]) -> bytes:
            at = next(places)
            return b"u" + _in_case(units[at : at + 4], match[1])

        return _UNITS.sub(unit, spelling)


def _said(escape: bytes) -> bytes:
    if escape.startswith(b"%"):
        return bytes.fromhex(escape[-2:].decode())
    if units := _UNITS.findall(escape):
        return (
            bytes.fromhex(b"".join(units).decode())
            .decode("utf-16-be", "surrogatepass")
            .encode("utf-8", "surrogatepass")
        )
    return _CONTROLS.get(escape[-1], escape[-1:])


def _in_case(digits: bytes, like: bytes) -> bytes:
    """Return hexadecimal digits in the case of others; where those have no letters, as they are."""
    if like.upper() == like.lower():
        return digits
    return digits.upper() if like.upper() == like else digits.lower()
