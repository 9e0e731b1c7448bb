"""Where a text has fenced blocks, and whether every reader finds the same ones (R36).

R36 names fenced blocks and not how they are fenced: readers pair every three backticks with the next, or read as
Markdown does, where a fence begins a line, may be of tildes, and is closed by one that is as long.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

_BACKTICKS = re.compile("`{3,}")
_TILDES = re.compile("~{3,}")
_LINE = re.compile(r"^ {0,3}(?P<mark>`{3,}|~{3,})(?P<info>[^\n]*)", re.MULTILINE)
_BEGINS_LINE = re.compile(r"(?:.*\n)? {0,3}", re.DOTALL)
_INDENT = 4  # so many spaces are too many for a fence

Span = tuple[int, int]
"""Where something begins and ends in a text."""


class Block(NamedTuple):
    """What stands between two fences, its language and all; ``sure`` is false where another reader sees no block.

    ``begins_line`` tells whether its first fence does, so that whatever else is in that line is no part of the block.
    """

    inside: str
    sure: bool
    begins_line: bool


def blocks_in(text: str, within: Sequence[Span]) -> tuple[list[Block], bool]:
    """Return the blocks of a text, behind them those that only some readers see, and whether all pair fences alike.

    ``within`` are the places of values in the text, in whose strings a fence may be none.
    """
    backticks, tildes = list(_BACKTICKS.finditer(text)), list(_TILDES.finditer(text))
    sure = _pair_in_one_way(text, backticks, within)
    others = [*_between(text, tildes, sure=False), *_by_lines(text)]
    return [*_between(text, backticks, sure=sure), *others], sure


def is_within(place: int, spans: Sequence[Span]) -> bool:
    """Tell whether a place is in one of some spans that are in order."""
    at = bisect_right(spans, place, key=itemgetter(0)) - 1
    return at >= 0 and place < spans[at][1]


def _between(text: str, fences: list[re.Match[str]], *, sure: bool) -> Iterator[Block]:
    """Yield what stands between each pair of fences, or else between any two of them and behind the last.

    For then another reader may have taken the first for none, or the last block for one that breaks off.
    """
    edges = [(opening, closing.start()) for opening, closing in pairwise(fences)]
    if fences and not sure:
        edges.append((fences[-1], len(text)))
    for opening, end in edges[:: 2 if sure else 1]:
        begins_line = _BEGINS_LINE.fullmatch(text, max(0, opening.start() - _INDENT), opening.start())
        yield Block(text[opening.end() : end], sure, bool(begins_line))


def _by_lines(text: str) -> Iterator[Block]:
    """Yield the blocks that Markdown has; the last may break off."""
    opening: re.Match[str] | None = None
    for fence in _LINE.finditer(text):
        if opening is None:
            opening = fence if fence["mark"][0] == "~" or "`" not in fence["info"] else None
        elif fence["mark"].startswith(opening["mark"]) and not fence["info"].strip():
            yield Block(text[opening.end("mark") : fence.start()], sure=False, begins_line=True)
            opening = None
    if opening is not None:
        yield Block(text[opening.end("mark") :], sure=False, begins_line=True)


def _pair_in_one_way(text: str, fences: list[re.Match[str]], within: Sequence[Span]) -> bool:
    """Tell whether every reader who pairs fences pairs these alike.

    Then none is left, none closes one of another length, or with a language behind it, and none stands in a value.
    """
    lengths = [len(fence[0]) for fence in fences]
    may_open = any(text[fence.end() : fence.end() + 1].isalnum() for fence in fences[1::2])
    inside = any(is_within(fence.start(), within) for fence in fences)
    return not (inside or may_open or len(fences) % 2) and lengths[::2] == lengths[1::2]
