"""Texts that a stream gives in pieces: the string leaves at one place of its messages, in order.

Messages are the JSON objects of a body, whatever stands around them: ``data:`` of server-sent events, newlines, an
array's commas, the frames of AWS. Places within lists are one place, so the messages may be items of a list too. Texts
that grow side by side are told apart by what their messages say beside them: an ``index``, an ``id``, a ``type``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Range: TypeAlias = tuple[int, int]
"""Where the letters of a string stand, without its quotation marks."""

_TOKEN = re.compile(rb'"((?:[^"\\\x00-\x1f]|\\.)*+)("?)|[{}\[\],:]|-?[0-9]{1,9}(?=[\s,}\]])')
_TELLS_APART = re.compile(rb"(?:index|id|type)$", re.IGNORECASE)
_DEEPEST = 100
_Place: TypeAlias = tuple[bytes, ...]


@dataclass(slots=True)
class _Level:
    """An object or list that is open: the name of its member at hand, what tells it apart."""

    is_object: bool
    name: bytes | None = None
    apart: list[bytes] = field(default_factory=list)


def texts(body: bytes) -> Iterator[list[Range]]:
    """Yield the pieces of each text of a body that came in more than one, by their places; a piece may be in two."""
    by_place: dict[_Place, list[Range]] = {}
    by_all: dict[tuple[_Place, _Place], list[Range]] = {}
    for place, apart, piece in _leaves(body):
        by_place.setdefault(place, []).append(piece)
        by_all.setdefault((place, apart), []).append(piece)
    for pieces in by_place.values():
        if len(pieces) > 1:
            yield pieces
    for (place, _), pieces in by_all.items():
        if 1 < len(pieces) < len(by_place[place]):
            yield pieces


def _leaves(body: bytes) -> Iterator[tuple[_Place, _Place, Range]]:
    """Yield place, what tells it apart, and range of each string that is a member's value or a list's item."""
    levels: list[_Level] = []
    found: list[tuple[_Place, list[list[bytes]], Range]] = []
    for match in _TOKEN.finditer(body):
        token = match[0]
        if token == b"{" and len(levels) < _DEEPEST:
            levels.append(_Level(is_object=True))
        elif not levels:
            continue
        elif token == b"[" and len(levels) < _DEEPEST:
            levels.append(_Level(is_object=False))
        elif token in (b"}", b"]", b"{", b"["):
            if levels.pop().is_object is not (token == b"}"):  # no JSON: whatever it is, it is no message
                levels.clear()
            if not levels:
                yield from ((place, tuple(b"\n".join(one) for one in apart), piece) for place, apart, piece in found)
                found.clear()
        elif token == b",":
            levels[-1].name = None
        elif token != b":":
            _take(match, levels, found)


def _take(match: re.Match[bytes], levels: list[_Level], found: list[tuple[_Place, list[list[bytes]], Range]]) -> None:
    """Take a string or a number: a member's name, or a value."""
    level = levels[-1]
    if level.is_object and level.name is None:
        level.name = match[1] or b""
        return
    if level.is_object and level.name and len(match[0]) <= 80 and _TELLS_APART.search(level.name):
        level.apart.append(level.name + b"=" + match[0])
    if match[1] and match[2]:
        place = tuple(b"*" if one.name is None else one.name for one in levels)
        found.append((place, [one.apart for one in levels], match.span(1)))
