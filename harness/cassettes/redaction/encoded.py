r"""Base64 and hexadecimal digits within text: what they say, and which of their letters say it otherwise.

Both alphabets of RFC 4648 are read, padded or not, and a run of letters is read from each of its first four (or two),
since what stands before it may be made of the same letters: a path, a name, the rest of a line. Letters of the first
alphabet are read over the ends of lines of one length too. Base32, UTF-16, digits between colons or after ``\x``, and
what is compressed are not read.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_TO_URL = bytes.maketrans(b"+/", b"-_")
_WRAPPED = re.compile(rb"(?<![A-Za-z0-9+/=])(?P<line>[A-Za-z0-9+/]{40,100}+)(?P<gap>\r?\n)(?=[A-Za-z0-9+/])")
_LINE = re.compile(rb"[A-Za-z0-9+/]++")
_DIGIT_OF_URL = re.compile(rb"[-_]")


class Run(NamedTuple):
    """Letters from ``start`` on, and the bytes that they say; ``base`` is 64 or 16.

    Between lines of ``width`` letters there are ``gap`` bytes; a width of 0 says that there is one line.
    """

    start: int
    letters: bytes
    said: bytes
    base: int
    width: int = 0
    gap: int = 0

    def changes(self, said: bytes) -> Iterator[tuple[int, int]]:
        """Yield place and letter of what must change for the run to say other bytes, as many as it does."""
        before, after = (_written(one, self.base) for one in (self.said, said))
        if self.base == 64 and _DIGIT_OF_URL.search(self.letters):
            after = after.translate(_TO_URL)
            before = before.translate(_TO_URL)
        if self.base == 16 and self.letters.upper() == self.letters:
            after = after.upper()
            before = before.upper()
        for at, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                yield self._place(at), new

    def place(self, start: int, stop: int) -> tuple[int, int]:
        """Return which letters, in the text around the run, say a range of the bytes."""
        if self.base == 16:
            return self.start + 2 * start, self.start + 2 * stop
        return self._place(start * 4 // 3), self._place(min(-(-stop * 4 // 3), len(self.letters)) - 1) + 1

    def _place(self, letter: int) -> int:
        return self.start + letter + (letter // self.width * self.gap if self.width else 0)


def runs(text: bytes, least: int) -> Iterator[Run]:
    """Yield every way to read a run of letters that says at least so many bytes."""
    for match in _base64(-(-least * 4 // 3)).finditer(text):
        letters = match[0].translate(_TO_STANDARD)
        for shift in range(4):
            read = letters[shift : len(letters) - ((len(letters) - shift) % 4 == 1)]
            yield Run(match.start() + shift, match[0][shift:], binascii.a2b_base64(read + b"=" * (-len(read) % 4)), 64)
    yield from _wrapped(text)
    for match in _hexadecimal(2 * least).finditer(text):
        for shift in range(2):
            read = match[0][shift : len(match[0]) - (len(match[0]) - shift) % 2]
            yield Run(match.start() + shift, read, binascii.a2b_hex(read), 16)


def _wrapped(text: bytes) -> Iterator[Run]:
    """Yield base64 in lines of one length and a last one that may be shorter, as mail and ``base64`` write it."""
    end = 0
    while match := _WRAPPED.search(text, end):
        width, gap = len(match["line"]), match["gap"]
        lines, end = [match["line"]], match.end()
        while (line := _LINE.match(text, end)) and len(line[0]) <= width:
            lines.append(line[0])
            end = line.end()
            if len(line[0]) < width or not text.startswith(gap, end):
                break
            end += len(gap)
        letters = b"".join(lines)
        read = letters[: len(letters) - (len(letters) % 4 == 1)]
        said = binascii.a2b_base64(read + b"=" * (-len(read) % 4))
        yield Run(match.start(), letters, said, 64, width, len(gap))


def _written(said: bytes, base: int) -> bytes:
    return binascii.b2a_hex(said) if base == 16 else binascii.b2a_base64(said, newline=False).rstrip(b"=")


@cache
def _base64(least: int) -> re.Pattern[bytes]:
    return re.compile(rb"[A-Za-z0-9+/_-]{%d,}+" % least)


@cache
def _hexadecimal(least: int) -> re.Pattern[bytes]:
    return re.compile(rb"[0-9a-fA-F]{%d,}+" % least)
