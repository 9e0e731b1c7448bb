"""Where a model's text holds JSON: the whole text, its fenced blocks, and the objects and arrays between words (R36).

Every search here is linear in the text, whatever the text: each character is looked at a fixed number of times.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NoReturn

from harness.protocol.transcript import NOTHING

_FENCE = re.compile("`{3,}")
_INFO = re.compile(r"[^\s{}\[\]\"]*\s")
_BRACKET = re.compile(r"[\[\]{}]")
_STRING = r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"'
_SCALAR = r"-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?|true|false|null"
_TOKEN = re.compile(rf"[ \t\n\r]*+(?P<token>[\[\]{{}},:]|{_STRING}|{_SCALAR})")
_CLOSES = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A part of the text that is JSON; ``value`` is what it says.

    ``sure`` is false where another reader may see it as a part of something larger, or not at all: brackets or quotes
    around it do not pair.
    """

    text: str
    value: Any
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Answers:
    """All that a text may mean as JSON; ``whole`` is None where the text itself is none.

    ``sure`` is false where the text can be read in more ways than these, so that nobody can say what is missing.
    """

    whole: Candidate | None
    fenced: tuple[Candidate, ...]
    outermost: tuple[Candidate, ...]
    sure: bool

    @property
    def all(self) -> tuple[Candidate, ...]:
        """Every candidate."""
        return (*(() if self.whole is None else (self.whole,)), *self.fenced, *self.outermost)


@lru_cache(maxsize=8)
def answers_in(text: str) -> Answers:
    """Return what a text holds; the last few are remembered, for several rules ask for the same."""
    trimmed = trim(text)
    value = parsed(trimmed)
    if value is not NOTHING:
        return Answers(Candidate(trimmed, value), (), (), sure=True)
    fenced = tuple(_fenced(trimmed))
    outermost, sure = _outermost(trimmed)
    return Answers(None, fenced, outermost, sure)


def trim(text: str) -> str:
    """Remove the white space around a text as JavaScript's ``trim`` does, a byte order mark included."""
    return text.strip().strip("\ufeff").strip()


def _refused(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def parsed(text: str) -> Any:
    """Return the value of a JSON text, :data:`NOTHING` for all else, also for one that nests too deeply."""
    try:
        return json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        return NOTHING


def _fenced(text: str) -> Iterator[Candidate]:
    """Yield what stands between each pair of fences, if it is JSON; a word behind the first fence is its language."""
    fences = list(_FENCE.finditer(text))
    even = len(fences) % 2 == 0
    for opening, closing in zip(fences[::2], fences[1::2], strict=False):
        inside = text[opening.end() : closing.start()]
        info = _INFO.match(inside)
        for content in (inside, inside[info.end() :] if info else ""):
            value = parsed(trim(content))
            if value is not NOTHING:
                yield Candidate(trim(content), value, sure=even)
                break


@dataclass(slots=True)
class _Open:
    """An object or array whose end has not come yet, and the whole ones inside it."""

    start: int
    bracket: str
    inside: list[tuple[int, int]] = field(default_factory=list)


def _outermost(text: str) -> tuple[tuple[Candidate, ...], bool]:
    """Return the objects and arrays that are in no other, and whether every reader finds just these.

    Where an object or array breaks off, all that are open there are none, and the whole ones inside them are the
    outermost; so nothing is read twice.
    """
    spans: list[tuple[int, int]] = []
    loose: list[int] = []  # brackets that belong to no value
    sure, at = True, 0
    while bracket := _BRACKET.search(text, at):
        at = bracket.start()
        if bracket[0] not in _CLOSES:
            loose.append(at)
            at += 1
            continue
        broken, at, hidden = _read(text, at, spans)
        loose += [one.start for one in broken]
        sure = sure and not (broken and hidden)
    opened = min((place for place in loose if text[place] in _CLOSES), default=len(text))
    closed = max((place for place in loose if text[place] not in _CLOSES), default=-1)
    found = []
    for start, end in spans:
        value = parsed(text[start:end])
        if value is NOTHING:  # it nests too deeply, or holds a number of too many digits
            sure = False
        else:
            found.append(Candidate(text[start:end], value, sure=not (opened < start and end <= closed)))
    return tuple(found), sure


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
