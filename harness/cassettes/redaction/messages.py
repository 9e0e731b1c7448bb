"""Texts that a stream gives in pieces: what stands at one place of its messages, in order.

Messages are the JSON objects of a body, whatever stands around them: ``data:`` of server-sent events, newlines, an
array's commas; and lines that are no JSON object but say a piece of text, such as ``data: hello`` or ``0:"hello"``.
Places within lists are one place, so the messages may be items of a list too. Pieces are the strings there, and lists
of the numbers of bytes, which logprobs have beside their tokens.

Texts that grow side by side are told apart by what their messages say beside them: an ``index``, a ``thought``, the
place in a list. Which of these it is nobody says, so pieces are joined in several ways: all of a place; those that
agree in whatever takes few values; those that agree in one of these.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias


class Piece(NamedTuple):
    """Where a piece of text stands: the letters of a string without its quotation marks, or numbers of bytes."""

    start: int
    stop: int
    is_numbers: bool = False


_TOKEN = re.compile(
    rb'"((?:[^"\\\x00-\x1f]|\\.)*+)("?)|\[(\s*+[0-9]{1,3}(?:\s*,\s*[0-9]{1,3})*+\s*)\]|[{}\[\],:]'
    rb"|-?[0-9]{1,9}(?=[\s,}\]])|true|false"
)
_LINE = re.compile(
    rb"^(?:data:[ ]?(?![ ]*[\[{\"])(?P<plain>[^\r\n]++)|(?P<name>data:[ ]?|[0-9a-z]:)\"(?P<quoted>[^\r\n]*+)(?<=\"))",
    re.MULTILINE,
)
_BEGINS = re.compile(rb"\n|\},?\s{0,3}(\{\")")
_NAMES = re.compile(rb"(?:index|id|type|name|role|kind|channel|phase)$", re.IGNORECASE)
_DEEPEST = 100
_LONGEST_VALUE = 80
_MOST_BESIDE = 16
"""So many members of one object may stand beside a piece, and those of so many objects around it."""
_MOST_WAYS = 3
"""So many members may tell texts of one place apart; those with the fewest values are taken."""

Place: TypeAlias = tuple[bytes, ...]
_Told: TypeAlias = tuple[int, bytes]
"""A member that may tell texts apart: how deep its object lies, and its name; ``#`` is the place in a list."""


@dataclass(slots=True)
class _Level:
    """An object or list that is open: the name of its member at hand, how many items it has, what it says beside."""

    is_object: bool
    name: bytes | None = None
    items: int = 0
    says: dict[bytes, bytes] = field(default_factory=dict)


class _Leaf(NamedTuple):
    """A piece, where it stands in the lists around it (-1 in an object), and what the objects around it say."""

    piece: Piece
    positions: tuple[int, ...]
    levels: tuple[dict[bytes, bytes], ...]

    def beside(self) -> dict[_Told, bytes]:
        """Return what is said beside a piece, once its message is read."""
        found = {(depth, name): value for depth, says in enumerate(self.levels) for name, value in says.items()}
        found.update(((depth, b"#"), b"%d" % at) for depth, at in enumerate(self.positions) if at >= 0)
        return found


def texts(body: bytes, since: int = 0) -> Iterator[list[Piece]]:
    """Yield the pieces of each text of a body, each way that they may belong together; a piece may be in several.

    ``since`` is where a message may begin, if the body is a part of a longer one.
    """
    by_place: dict[Place, list[_Leaf]] = {}
    for place, leaf in _leaves(body, since):
        by_place.setdefault(place, []).append(leaf)
    for leaves in by_place.values():
        if len(leaves) > 1 or leaves[0].piece.is_numbers:
            yield [leaf.piece for leaf in leaves]
        if len(leaves) > 2:
            yield from _told_apart(leaves)
    by_name: dict[bytes, list[Piece]] = {}
    for match in _LINE.finditer(body, since):
        of_plain = match["plain"] is not None
        start, stop = match.span("plain" if of_plain else "quoted")
        by_name.setdefault(match["name"] or b"", []).append(Piece(start, stop - (not of_plain)))
    yield from (pieces for pieces in by_name.values() if len(pieces) > 1)


def first_message(window: bytes) -> int:
    """Return where in a part of a body a message may begin: behind a line, or with an object in a list."""
    match = _BEGINS.search(window)
    return match.end() - len(match[1] or b"") if match else 0


def _told_apart(leaves: list[_Leaf]) -> Iterator[list[Piece]]:
    """Yield pieces that agree in all that takes few values, and those that agree in one of these."""
    beside = [leaf.beside() for leaf in leaves]
    values: dict[_Told, set[bytes]] = {}
    said: Counter[_Told] = Counter()
    for one in beside:
        said.update(one.keys())
        for name, value in one.items():
            values.setdefault(name, set()).add(value)
    # What is missing now and then, such as Gemini's thought, tells texts apart as well.
    fewest = sorted((len(found) + (said[name] < len(leaves)), name) for name, found in values.items())
    telling = [name for number, name in fewest if 1 < number <= len(leaves) // 2][:_MOST_WAYS]
    for names in [telling, *([name] for name in telling if len(telling) > 1)]:
        apart: dict[Place, list[Piece]] = {}
        for leaf, one in zip(leaves, beside, strict=True):
            apart.setdefault(tuple(one.get(name, b"") for name in names), []).append(leaf.piece)
        yield from (group for group in apart.values() if 1 < len(group) < len(leaves))


def _leaves(body: bytes, since: int) -> Iterator[tuple[Place, _Leaf]]:
    """Yield place and piece of each string that is a member's value or a list's item, and of each list of bytes."""
    levels: list[_Level] = []
    for match in _TOKEN.finditer(body, since):
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
        elif token == b",":
            levels[-1].name = None
            levels[-1].items += 1
        elif token != b":" and (leaf := _taken(match, levels)):
            yield tuple(b"*" if one.name is None else one.name for one in levels), leaf


def _taken(match: re.Match[bytes], levels: list[_Level]) -> _Leaf | None:
    """Take a member's name, or a value: a string, a number or a list of bytes, a piece or what stands beside one."""
    level = levels[-1]
    if level.is_object and level.name is None:
        level.name = match[1] or b""
        return None
    piece = None
    if match[3]:
        piece = Piece(*match.span(3), is_numbers=True)
    elif match[2]:
        piece = Piece(*match.span(1)) if match[1] else None
    if level.is_object and level.name is not None and _tells_apart(match, level.name, level.says):
        level.says[level.name] = match[0]
    if piece is None:
        return None
    around = levels[-_MOST_BESIDE:]
    return _Leaf(piece, tuple(-1 if one.is_object else one.items for one in around), tuple(one.says for one in around))


def _tells_apart(match: re.Match[bytes], name: bytes, says: dict[bytes, bytes]) -> bool:
    """Tell whether a value may say which text stands beside it; a string does by its name."""
    if match[3] or len(match[0]) > _LONGEST_VALUE or len(says) >= _MOST_BESIDE:
        return False
    return match[1] is None or _NAMES.search(name) is not None
