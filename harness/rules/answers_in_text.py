"""Where a model's text holds JSON: the whole text, its fenced blocks, and the objects and arrays between words (R36).

Every search here is linear in the text, whatever the text: each character is looked at a fixed number of times.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import Any, NoReturn

from harness.protocol.transcript import NOTHING

_FENCE = re.compile("`{3,}")
_TILDES = re.compile("~{3,}")
_INFO = re.compile(r"[^\s{}\[\]\"]*\s")
_THOUGHT = re.compile(r"<(/?)(?:think|thinking|thoughts?|reasoning)\s*>", re.IGNORECASE)
_BRACKET = re.compile(r"[\[\]{}]")
_BEGINS_NOTHING = re.compile(r"\{(?![ \t\n\r]*+[\"}])")
_STRING = r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"'
_SCALAR = r"-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?|true|false|null"
_GOES_ON = re.compile(rf"\{{[ \t\n\r]*+\"|\[[ \t\n\r]*+(?:[\[{{\"]|{_SCALAR})")
_NUMBER = re.compile(r"-?\d[\d.eE+-]*")
_TOKEN = re.compile(rf"[ \t\n\r]*+(?P<token>[\[\]{{}},:]|{_STRING}|{_SCALAR})")
_CLOSES = {"{": "}", "[": "]"}
_DEEPEST = 200
"""Levels of objects and arrays; R36 does not say how deep an answer may nest, and readers differ behind so many."""
_MAY_BE_TOO_BIG = re.compile(r"\d{200}|\d[eE]\+?0*[1-9]\d\d")
"""A number that no double holds has so many digits before its point, or behind its e."""
_JAVASCRIPTS_SPACE = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f"
    "\u3000\ufeff"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A part of the text that is JSON; ``value`` is what it says.

    ``sure`` is false where another reader may see it as a part of something larger, or not at all: brackets or quotes
    around it do not pair, it stands in what breaks off, or behind a fence that may be none.
    """

    text: str
    value: Any
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Answers:
    """All that a text may mean as JSON; ``whole`` is None where the text itself is none.

    ``sure`` is false where the text can be read in more ways than these, so that nobody can say what is missing.
    ``ordered`` is false where fences can be paired in more than one way, so that nobody can say what stands in a block
    and comes before the rest. ``spans`` are where the outermost begin and end in the trimmed text.
    """

    whole: Candidate | None
    fenced: tuple[Candidate, ...]
    outermost: tuple[Candidate, ...]
    sure: bool
    ordered: bool = True
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def all(self) -> tuple[Candidate, ...]:
        """Every candidate."""
        return (*(() if self.whole is None else (self.whole,)), *self.fenced, *self.outermost)


@lru_cache(maxsize=8)
def answers_in(text: str) -> Answers:
    """Return what a text holds; the last few are remembered, for several rules ask for the same."""
    trimmed = trim(text)
    value, has_room = _value(trimmed)
    if value is not NOTHING:
        return Answers(Candidate(trimmed, value), (), (), sure=has_room)
    fences, tildes = list(_FENCE.finditer(trimmed)), list(_TILDES.finditer(trimmed))
    blocks = [_in_block(inside, sure=len(fences) % 2 == 0) for inside in _blocks(trimmed, fences)]
    blocks += [_in_block(inside, sure=False) for inside in _blocks(trimmed, tildes)]
    outermost, spans, sure = _outermost(trimmed)
    ordered = not tildes and _pair_in_one_way(trimmed, fences, spans)
    return Answers(None, tuple(filter(None, blocks)), outermost, sure and has_room, ordered, tuple(spans))


@lru_cache(maxsize=8)
def without_thoughts(text: str) -> tuple[str, ...]:
    """Return a text without what stands between `<think>` and `</think>`, or tags of the same meaning; nothing if none.

    An opening tag may have been in the prompt, and a closing one may not have come: then a thought reaches from the
    text's beginning, or to its end. There are two where a tag stands in a value, and may be no tag but a part of it.
    """
    trimmed = trim(text)
    tags = list(_THOUGHT.finditer(trimmed))
    spans = answers_in(text).spans if tags else ()
    outside = [tag for tag in tags if not _is_within(tag.start(), spans)]
    return tuple(dict.fromkeys(_kept(trimmed, some) for some in (tags, outside) if some))


def _kept(text: str, tags: list[re.Match[str]]) -> str:
    kept: list[str] = []
    behind, thinks = 0, False
    for tag in tags:
        if tag[1] and not thinks:
            kept.clear()
        elif not tag[1] and not thinks:
            kept.append(text[behind : tag.start()])
        behind, thinks = tag.end(), not tag[1]
    return "".join(kept) + ("" if thinks else text[behind:])


def _is_within(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    at = bisect_right(spans, place, key=itemgetter(0)) - 1
    return at >= 0 and place < spans[at][1]


def trim(text: str) -> str:
    """Remove the white space around a text as JavaScript's ``trim`` does: a byte order mark is, U+0085 is not."""
    return text.strip(_JAVASCRIPTS_SPACE)


def _refused(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refused)  # one for all: a text may hold half a million values


def parsed(text: str) -> Any:
    """Return the value of a JSON text, :data:`NOTHING` for all else, also for one that nests too deeply."""
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return NOTHING


def _value(text: str) -> tuple[Any, bool]:
    """Return the value of a JSON text or :data:`NOTHING`, and whether every reader of JSON has room for it."""
    value = parsed(text)
    if value is NOTHING:
        return NOTHING, not _NUMBER.fullmatch(text)  # Python reads no number of more than 4300 digits
    deep = len(text) > _DEEPEST and text.count("[") + text.count("{") > _DEEPEST
    return value, not (deep or _MAY_BE_TOO_BIG.search(text)) or _has_room(value)


def _has_room(value: Any) -> bool:
    """Tell whether a value nests no deeper than most readers go, and all of its numbers are doubles."""
    level, depth = [value], 0
    while level:
        holders = [one for one in level if isinstance(one, dict | list)]
        depth += bool(holders)
        if depth > _DEEPEST or not all(_is_double(one) for one in level if type(one) in {int, float}):
            return False
        level = [part for one in holders for part in (one.values() if isinstance(one, dict) else one)]
    return True


def _is_double(number: float) -> bool:
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False


def _blocks(text: str, fences: list[re.Match[str]]) -> Iterator[str]:
    """Yield what stands between each pair of fences; where they are odd between any two of them, and behind the last.

    Then another reader may have taken the first for none, or the last block for one that breaks off.
    """
    odd = len(fences) % 2
    for opening, closing in list(pairwise(fences))[:: 1 if odd else 2]:
        yield text[opening.end() : closing.start()]
    if odd:
        yield text[fences[-1].end() :]


def _in_block(inside: str, *, sure: bool) -> Candidate | None:
    """Return the JSON of a block, which may begin with the name of its language and with more words in that line."""
    info = _INFO.match(inside)
    first, _, rest = inside.partition("\n")
    only_words = not _BRACKET.search(first)
    for content, is_sure in ((inside, sure), (inside[info.end() :] if info else "", sure), (rest, sure and only_words)):
        trimmed = trim(content)
        value, has_room = _value(trimmed)
        if value is not NOTHING:
            return Candidate(trimmed, value, is_sure and has_room)
    return None


def _pair_in_one_way(text: str, fences: list[re.Match[str]], spans: list[tuple[int, int]]) -> bool:
    """Tell whether every reader pairs these fences alike.

    Then none is left, none closes one of another length, or with a language behind it, and none stands in a value.
    """
    lengths = [len(fence[0]) for fence in fences]
    may_open = any(text[fence.end() : fence.end() + 1].isalnum() for fence in fences[1::2])
    inside = any(_is_within(fence.start(), spans) for fence in fences)
    return not (inside or may_open or len(fences) % 2) and lengths[::2] == lengths[1::2]


@dataclass(slots=True)
class _Open:
    """An object or array whose end has not come yet, and the whole ones inside it."""

    start: int
    bracket: str
    inside: list[tuple[int, int]] = field(default_factory=list)


def _outermost(text: str) -> tuple[tuple[Candidate, ...], list[tuple[int, int]], bool]:
    """Return the objects and arrays that are in no other, where they stand, and whether every reader finds just these.

    Where an object or array breaks off, all that are open there are none, and the whole ones inside them are the
    outermost; so nothing is read twice. Others may see all that follows as a part of what broke off.
    """
    spans: list[tuple[int, int]] = []
    loose: list[int] = []  # brackets that belong to no value
    begun: set[int] = set()  # those of them behind which an object or array goes on for a while
    sure, at = True, 0
    while bracket := _BRACKET.search(text, at):
        at = bracket.start()
        if bracket[0] not in _CLOSES or _BEGINS_NOTHING.match(text, at):
            loose.append(at)
            at += 1
            continue
        broken, at, hidden = _read(text, at, spans)
        loose += [one.start for one in broken]
        begun.update(one.start for one in broken if _GOES_ON.match(text, one.start))
        sure = sure and not (broken and hidden)
    opened = min((place for place in loose if text[place] in _CLOSES), default=len(text))
    closed = max((place for place in loose if text[place] not in _CLOSES), default=-1)
    cut = min(begun.intersection(_never_closed(text, loose)), default=len(text))
    found = []
    for start, end in spans:
        value, has_room = _value(text[start:end])
        sure = sure and has_room and value is not NOTHING  # it nests too deeply, or holds a number of too many digits
        if value is not NOTHING:
            within = start > cut or (opened < start and end <= closed)
            found.append(Candidate(text[start:end], value, sure=not within))
    return tuple(found), spans, sure


def _never_closed(text: str, loose: list[int]) -> list[int]:
    """Return the opening ones among brackets that belong to no value that no closing one among them pairs with."""
    opened: list[int] = []
    for place in loose:
        if text[place] in _CLOSES:
            opened.append(place)
        elif opened and _CLOSES[text[opened[-1]]] == text[place]:
            opened.pop()
    return opened


def _read(text: str, start: int, spans: list[tuple[int, int]]) -> tuple[list[_Open], int, bool]:
    """Read one object or array as far as it is JSON, and add to ``spans`` what is whole.

    Return what stays open, where reading ended, and whether a string that was read on the way hides a bracket.
    """
    stack: list[_Open] = []
    wanted, at, hidden = "value", start, False
    while True:
        match = _TOKEN.match(text, at)
        token = match["token"] if match else ""
        step = _step(wanted, token, stack[-1].bracket if stack else "")
        if match is None or step is None:
            for one in stack:
                spans += one.inside
            return stack, max(at, start + 1), hidden
        wanted, at = step, match.end()
        if token in _CLOSES:
            stack.append(_Open(match.start("token"), token))
        elif token in _CLOSES.values():
            done = (stack.pop().start, at)
            if not stack:
                spans.append(done)
                return [], at, hidden
            stack[-1].inside.append(done)
        elif token[0] == '"' and _BRACKET.search(token):
            hidden = True


def _step(wanted: str, word: str, inside: str) -> str | None:
    """Return what is wanted behind a token, or None where it is not what was wanted."""
    if not word:
        return None
    if word == _CLOSES.get(inside) and wanted in {"more", "first"}:
        return "more"
    if wanted == "more":
        return {"{": "key", "[": "value"}[inside] if word == "," else None
    if wanted == "colon":
        return "value" if word == ":" else None
    if wanted == "key" or (wanted == "first" and inside == "{"):
        return "colon" if word[0] == '"' else None
    if word in _CLOSES:
        return "first"
    return None if word in {",", ":", "]", "}"} else "more"
