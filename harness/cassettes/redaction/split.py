"""Secrets that a stream gave in pieces: no message holds one, and who joins their texts has it.

All texts of a body are searched at once, with a mark between them that no secret holds, so a body of many short texts
takes no longer than one of a few long ones.
"""

from __future__ import annotations

import binascii
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from harness.cassettes.redaction.messages import Piece, texts
from harness.cassettes.redaction.search import Found, Search

_WHERE = "split over messages"
_BETWEEN = b"\n\0\n"
_NUMBER = re.compile(rb"[0-9]+")
_LARGEST = 255
_ROUNDS = 4
"""So often is a body searched again where something was split: what one way to join it leaves another may change."""
_PACKED = re.compile(rb'"(e[yw][A-Za-z0-9+/]{6,}+={0,2})"')  # base64 of an object, as AWS has it in its messages


class _Part(NamedTuple):
    """A piece, the bytes that it says, and where these are searched."""

    at: int
    said: bytes
    piece: Piece


def without_any(raw: bytes, search: Search, since: int = 0) -> tuple[bytes, list[Found]]:
    """Return a body as long as the one given, without secrets, those included whose pieces lie in several messages.

    The pieces of one text are joined and searched like any text, and each gets back as many bytes as it had. Of a part
    of a longer body ``since`` is where a message may begin.
    """
    said, found = _round(raw, search, since)
    if any(_WHERE in one.where for one in found):
        for _ in range(_ROUNDS):
            before, said = said, _round(said, search, since)[0]
            if said == before:
                break
    return said, found


def _round(raw: bytes, search: Search, since: int) -> tuple[bytes, list[Found]]:
    said, found = search.of(raw)
    out = bytearray(said)
    taken = bytearray(len(raw))
    for one in found:
        if one.likely:
            taken[one.start : one.stop] = b"\1" * (one.stop - one.start)
    for one in [*_without_split(raw, out, search, since), *_without_packed(raw, out, search, since)]:
        if taken.find(1, one.start, one.stop) < 0:
            taken[one.start : one.stop] = b"\1" * (one.stop - one.start)
            found.append(one)
    return bytes(out), sorted(found, key=lambda one: (one.start, one.stop))


def _without_split(raw: bytes, out: bytearray, search: Search, since: int) -> list[Found]:
    """Replace what is split over the messages of a body; return it."""
    parts, joined = _joined(raw, since)
    said, found = search.of(joined)
    if not found:
        return []
    for at, part, piece in parts:
        if (new := said[at : at + len(part)]) != part:
            _write(out, piece, part, new)
    starts = [part.at for part in parts]
    return [_in_pieces(one, parts, starts) for one in found]


def _joined(raw: bytes, since: int) -> tuple[list[_Part], bytes]:
    parts: list[_Part] = []
    joined: list[bytes] = []
    size = 0
    for pieces in texts(raw, since):
        said = [_said(raw, piece) for piece in pieces]
        if len(said) > 1 and len(set(said)) == 1:  # a word that every message repeats, such as its id
            continue
        for part, piece in zip(said, pieces, strict=True):
            parts.append(_Part(size, part, piece))
            size += len(part)
        joined += [*said, _BETWEEN]
        size += len(_BETWEEN)
    return parts, b"".join(joined)


def _said(raw: bytes, piece: Piece) -> bytes:
    written = raw[piece.start : piece.stop]
    if not piece.is_numbers:
        return written
    numbers = [int(one) for one in _NUMBER.findall(written)]
    return bytes(numbers) if max(numbers) <= _LARGEST else b""


def _write(out: bytearray, piece: Piece, old: bytes, new: bytes) -> None:
    """Write what is new in a piece in its place, in as many letters or digits as it had."""
    if not piece.is_numbers:
        for place, (before, after) in enumerate(zip(old, new, strict=True), piece.start):
            if before != after:
                out[place] = after
        return
    for match, before, after in zip(_NUMBER.finditer(bytes(out[piece.start : piece.stop])), old, new, strict=True):
        if before != after:
            digits = b"%0*d" % (len(match[0]), after)
            if len(digits) > len(match[0]):  # of the small letters a, b and c have two digits, and x has three
                digits = b"%d" % ord("X")
            out[piece.start + match.start() : piece.start + match.end()] = digits


def _in_pieces(found: Found, parts: list[_Part], starts: list[int]) -> Found:
    """Return where a secret begins and ends; one that lies in one piece is known by what stands in another."""
    first, last = (parts[bisect_right(starts, at) - 1] for at in (found.start, found.stop - 1))
    where = f"{found.where}, {_WHERE}" if found.where else _WHERE
    start = first.piece.start + (0 if first.piece.is_numbers else found.start - first.at)
    stop = last.piece.stop if last.piece.is_numbers else last.piece.start + found.stop - last.at
    return replace(found, where=where, start=min(start, stop - 1), stop=max(start + 1, stop))


def _without_packed(raw: bytes, out: bytearray, search: Search, since: int) -> Iterator[Found]:
    """Replace what is split over messages of which each is base64 in another; yield it."""
    spans, messages = [], []
    for match in _PACKED.finditer(raw, since):
        if (said := _unpacked(match[1])) is not None:
            spans.append(match.span(1))
            messages.append(said)
    if len(messages) < 2:
        return
    inner = b"\n".join(messages)
    changed = bytearray(inner)
    found = _without_split(inner, changed, search, 0)
    starts, at = [], 0
    for (start, stop), said in zip(spans, messages, strict=True):
        starts.append(at)
        new = changed[at : at + len(said)]
        if new != said:
            now = binascii.a2b_base64(bytes(out[start:stop]))
            merged = bytes(b if a != b else c for a, b, c in zip(said, new, now, strict=True))
            out[start:stop] = binascii.b2a_base64(merged, newline=False)
        at += len(said) + 1
    for one in found:
        first, last = (spans[bisect_right(starts, place) - 1] for place in (one.start, one.stop - 1))
        yield replace(one, where=f"{one.where}, base64", start=first[0], stop=last[1])


def _unpacked(letters: bytes) -> bytes | None:
    """Return what letters say that can be written back as they were."""
    try:
        said = binascii.a2b_base64(letters)
    except binascii.Error:
        return None
    return said if binascii.b2a_base64(said, newline=False) == letters else None
