"""What a secret looks like: one row of the table, and how the rows of keys with a prefix are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

WORD = rb"[A-Za-z0-9_-]"
ALPHANUMERIC = rb"[A-Za-z0-9]"
HEXADECIMAL = rb"[0-9a-fA-FxX]"
BASE64 = rb"[A-Za-z0-9+/_=-]"
TOKEN = rb"[A-Za-z0-9._~+/=-]"
"""Letters that keys are made of; placeholders are of ``x``, ``X`` and ``0``, and must have the look of their keys."""

_ALONE = rb"(?:(?<![A-Za-z0-9_-])|(?<=[^A-Za-z0-9_-][_-]))"
"""A short prefix may occur in base64 for URLs; an emphasis of Markdown may stand before it (``_sk-…_``)."""
_NO_LETTER = rb"(?<![A-Za-z0-9])"
_SURE_PREFIX = 4

_WORD_OF_TEXT = rb"(?:(?:[A-Z]?[a-z]{1,19}+){1,4}|[A-Z]{1,19}+)[0-9]{0,8}+"
NO_WORDS = rb"(?!(?:%b|[0-9]{1,4}+)(?:[._-]{1,2}(?:%b|[0-9]{1,4}+))*+[._-]{0,2}(?![A-Za-z0-9+/=~]))" % (
    _WORD_OF_TEXT,
    _WORD_OF_TEXT,
)
"""Words, as names and paths of programs are made of: ``settings.SECRET_KEY_2``, ``circle-fade-dot-animation-1``."""
NO_WORD = rb"(?![A-Z]?[a-z]++[0-9]{0,4}+(?![A-Za-z0-9]))"
"""One word, however long."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of secret.

    ``pattern`` is matched against text in which no letter is escaped; its group ``secret`` is what is replaced. A match
    begins with one of ``starts``, in lower case where ``folded`` says that case does not matter; a shape without them
    is searched everywhere, but only where its ``anchor`` occurs. ``example`` is invented, and what is secret in it is
    written in pieces in the source. ``keeps`` says that what stands before the secret tells whose it is (``sk-ant-``)
    and stays, whatever else matches there. ``distinct`` shapes are so unlikely by chance that they are looked for in
    binary data that was base64.
    """

    name: str
    where: str
    starts: tuple[bytes, ...]
    pattern: re.Pattern[bytes] = field(repr=False)
    example: str = field(repr=False)
    anchor: bytes = b""
    folded: bool = False
    keeps: bool = False
    distinct: bool = False

    def matches(self, text: bytes, folded: bytes) -> Iterator[re.Match[bytes]]:
        """Yield the matches in a text, given in lower case too; for each start those that do not overlap."""
        searched = folded if self.folded else text
        if not self.starts and self.anchor in searched:
            yield from self.pattern.finditer(text)
        for start in self.starts:
            at = searched.find(start)
            while at >= 0:
                match = self.pattern.match(text, at)
                if match:
                    yield match
                at = searched.find(start, match.end() if match else at + 1)


def key(name: str, prefix: bytes, rest: bytes, *example: str, where: str = "a header, often behind Bearer") -> Shape:
    """Return the shape of a key that begins with its family's prefix and stands by itself; ``rest`` is a pattern."""
    alone = _NO_LETTER if len(prefix) >= _SURE_PREFIX else _ALONE
    pattern = re.compile(alone + re.escape(prefix) + rb"(?P<secret>" + rest + rb")")
    return Shape(name, where, (prefix,), pattern, "".join(example), keeps=True, distinct=True)


def written(name: str, where: str, starts: tuple[bytes, ...], pattern: bytes, *example: str) -> Shape:
    """Return the shape of a secret that is told by what stands around it; capitals do not matter."""
    return Shape(name, where, starts, re.compile(pattern, re.IGNORECASE), "".join(example), folded=True)


def behind(*words: bytes) -> bytes:
    """Return a pattern of what stands before a place: one of some words, with or without ``-`` or ``_`` after it."""
    return rb"(?:" + rb"|".join(rb"(?<=%b)|(?<=%b[_-])" % (word, word) for word in words) + rb")"
