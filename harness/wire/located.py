"""Where in a body each item came from: byte ranges for whoever must show the source."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

from harness.stage import Stage

Item = TypeVar("Item")

_PIECE = re.compile(rb"[^\n}]*[\n}]|[^\n}]+")


class Located(NamedTuple, Generic[Item]):
    """An item and the bytes ``body[start:end]`` that made it known."""

    start: int
    end: int
    item: Item


def located(stage: Stage[bytes, Item], body: bytes, cuts: Iterable[int] | None = None) -> list[Located[Item]]:
    """Feed a whole body to a stage and say where each item came from.

    Every stage of this room gives the same items however the bytes are cut, so the body is cut after each newline and
    each closing brace, or at ``cuts`` (rising offsets) where the body is no text, and what comes out belongs to the
    bytes since the last item. Items that come together share a range; what only ``close`` gives has the rest of the
    body, or the last range where nothing is left. Raises what the stage raises.
    """
    found: list[Located[Item]] = []
    start = end = last = 0
    ends = (piece.end() for piece in _PIECE.finditer(body)) if cuts is None else chain(cuts, (len(body),))
    for cut in ends:
        piece, end = body[end:cut], cut
        if items := stage.feed(piece):
            found += [Located(start, end, item) for item in items]
            last, start = start, end
    if not body[start:].strip():
        start = last
    return found + [Located(start, len(body), item) for item in stage.close()]
