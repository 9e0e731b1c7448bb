"""Secrets that a stream gave in pieces: no message holds one, and who joins their texts has it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import accumulate

from harness.cassettes.redaction.messages import Range, texts
from harness.cassettes.redaction.search import Found, Search

_WHERE = "split over messages"


def without_any(raw: bytes, search: Search) -> tuple[bytes, list[Found]]:
    """Return a body as long as the one given, without secrets, those included whose pieces lie in several messages.

    The pieces of one text are joined and searched like any text, and each gets back as many bytes as it had.
    """
    said, found = search.of(raw)
    out = bytearray(said)
    taken = bytearray(len(raw))
    for one in found:
        if one.likely:
            taken[one.start : one.stop] = b"\1" * (one.stop - one.start)
    for pieces in texts(raw):
        for one in _without(raw, out, pieces, search):
            if taken.find(1, one.start, one.stop) < 0:
                taken[one.start : one.stop] = b"\1" * (one.stop - one.start)
                found.append(one)
    return bytes(out), sorted(found, key=lambda one: (one.start, one.stop))


def _without(raw: bytes, out: bytearray, pieces: list[Range], search: Search) -> list[Found]:
    """Replace what is secret in one text; return it."""
    parts = [raw[start:stop] for start, stop in pieces]
    if len(set(parts)) == 1:  # a word that every message repeats, such as its id
        return []
    joined = b"".join(parts)
    said, found = search.of(joined)
    if not found:
        return []
    ends = [0, *accumulate(map(len, parts))]
    for (start, _), part, at in zip(pieces, parts, ends, strict=False):
        for place, (old, new) in enumerate(zip(part, said[at : at + len(part)], strict=True)):
            if old != new:
                out[start + place] = new
    return [_in_pieces(one, pieces, ends) for one in found]


def _in_pieces(found: Found, pieces: list[Range], ends: list[int]) -> Found:
    """Return where a secret begins and ends; one that lies in one piece is known by what stands in another."""
    first, last = (bisect_right(ends, at) - 1 for at in (found.start, found.stop - 1))
    where = f"{found.where}, {_WHERE}" if found.where else _WHERE
    start = pieces[first][0] + found.start - ends[first]
    return replace(found, where=where, start=start, stop=pieces[last][0] + found.stop - ends[last])
