"""Where a model's text holds JSON: the whole text, its fenced blocks, and the objects and arrays between words (R36).

Every search here is linear in the text, whatever the text: each character is looked at a fixed number of times.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

from harness.protocol.transcript import NOTHING
from harness.rules.fences import Block, Span, blocks_in, is_within

_INFO = re.compile(r"[^\s{}\[\]\"]*\s")
_THOUGHT = re.compile(r"<(/?)(?:think|thinking|thoughts?|reasoning)\s*>", re.IGNORECASE)
_BRACKET = re.compile(r"[\[\]{}]")
_BEGINS_NOTHING = re.compile(r"\{(?![ \t\n\r]*+[\"}])")
_STRING = r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"'
_SCALAR = r"-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?|true|false|null"
_STRING_BEGINS = re.compile(r"[ \t\n\r]*+\"")
_GOES_ON = re.compile(rf"\{{[\s\ufeff]*+\"|\[[\s\ufeff]*+(?:[\[{{\"]|{_SCALAR})")
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
    spans: tuple[Span, ...] = ()

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
    found = _outermost(trimmed)
    fenced: list[Candidate] = []
    unsure: dict[str, Candidate] = {}
    blocks, one_way = blocks_in(trimmed, found.within)
    for block in blocks:
        candidate = _in_block(block)
        if candidate is not None and block.sure:
            fenced.append(candidate)
        elif candidate is not None:
            unsure[candidate.text] = candidate
    known = {block.text for block in fenced}
    more = [candidate for inside, candidate in unsure.items() if inside not in known]
    return Answers(
        None,
        (*fenced, *more),
        found.values,
        sure=found.sure and has_room,
        ordered=one_way and not more,
        spans=tuple(found.spans),
    )


class Spoken(NamedTuple):
    """A text without the thoughts in it: none where it has none, two where a tag stands in a value and may be a part.

    ``closed`` tells whether every thought begins and ends, so that nobody sees thoughts elsewhere.
    """

    texts: tuple[str, ...]
    closed: bool


@lru_cache(maxsize=8)
def without_thoughts(text: str) -> Spoken:
    """Return a text without what stands between `<think>` and `</think>`, or tags of the same meaning.

    An opening tag may have been in the prompt, and a closing one may not have come: then a thought reaches from the
    text's beginning, or to its end.
    """
    trimmed = trim(text)
    tags = list(_THOUGHT.finditer(trimmed))
    if not tags:
        return Spoken((), closed=True)
    spans = answers_in(text).spans
    outside = [tag for tag in tags if not is_within(tag.start(), spans)]
    texts = tuple(dict.fromkeys(_kept(trimmed, some) for some in (tags, outside) if some))
    closes = [bool(tag[1]) for tag in outside]
    return Spoken(texts, closed=not any(closes[::2]) and all(closes[1::2]) and len(closes) % 2 == 0)


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


def _in_block(block: Block) -> Candidate | None:
    """Return the JSON of a block, which may begin with the name of its language and with more words in that line."""
    info = _INFO.match(block.inside)
    first, _, rest = block.inside.partition("\n")
    sure_words = block.begins_line and not _BRACKET.search(first)
    for content, sure in ((block.inside, True), (block.inside[info.end() :] if info else "", True), (rest, sure_words)):
        trimmed = trim(content)
        value, has_room = _value(trimmed)
        if value is not NOTHING:
            return Candidate(trimmed, value, block.sure and sure and has_room)
    return None


@dataclass(slots=True)
class _Open:
    """An object or array whose end has not come yet, and the whole ones inside it."""

    start: int
    bracket: str
    inside: list[Span] = field(default_factory=list)


class _Found(NamedTuple):
    """The objects and arrays between words, where they stand, and where they or what breaks off stand.

    ``sure`` tells whether every reader finds just these.
    """

    values: tuple[Candidate, ...]
    spans: list[Span]
    within: list[Span]
    sure: bool


def _outermost(text: str) -> _Found:
    """Return the objects and arrays that are in no other.

    Where an object or array breaks off, all that are open there are none, and the whole ones inside them are the
    outermost; so nothing is read twice. Others may see all that follows as a part of what broke off.
    """
    spans: list[Span] = []
    within: list[Span] = []
    loose: list[int] = []  # brackets that belong to no value
    begun: set[int] = set()  # those of them behind which an object or array goes on for a while
    sure, at = True, 0
    while bracket := _BRACKET.search(text, at):
        at = bracket.start()
        if bracket[0] not in _CLOSES or _BEGINS_NOTHING.match(text, at):
            loose.append(at)
            at += 1
            continue
        start = at
        broken, at, hidden = _read(text, start, spans)
        end = len(text) if broken and _STRING_BEGINS.match(text, at) else at
        within.append((start, max(end, within[-1][1]) if within else end))
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
            is_part = start > cut or (opened < start and end <= closed)
            found.append(Candidate(text[start:end], value, sure=not is_part))
    return _Found(tuple(found), spans, within, sure)


def _never_closed(text: str, loose: list[int]) -> list[int]:
    """Return the opening ones among brackets that belong to no value that no closing one among them pairs with."""
    opened: list[int] = []
    for place in loose:
        if text[place] in _CLOSES:
            opened.append(place)
        elif opened and _CLOSES[text[opened[-1]]] == text[place]:
            opened.pop()
    return opened


def _read(text: str, start: int, spans: list[Span]) -> tuple[list[_Open], int, bool]:
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
