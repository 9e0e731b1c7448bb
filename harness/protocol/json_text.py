r"""JSON as text: read together with the faults that a parser swallows, and written as one line.

A JSON parser takes ``NaN`` for a number and the last of two equal keys for the only one. A protocol must do neither,
so both are read and named. A lone surrogate (``"\ud83d"``) is legal: a JavaScript adapter that cuts an emoji emits it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from json.scanner import make_scanner
from typing import Any, NoReturn, TypeAlias

import msgspec

MAX_DEPTH = 200
"""How deep arrays and objects may nest; deeper text is refused on every Python alike, before any recursion ends."""

FaultsOf: TypeAlias = Callable[[Any], tuple[str, ...]]
"""From a part of a value that was read (the very object) to the faults of its text."""


class NotJson(ValueError):
    """A text that is no JSON value; ``at_end`` tells that it is good as far as it goes and only ends too early."""

    def __init__(self, message: str, *, at_end: bool = False) -> None:
        super().__init__(message)
        self.at_end = at_end


class _SecondLookNeeded(Exception):
    """Only the slow reading can say what is wrong with this text."""


def decoded(text: str) -> tuple[Any, tuple[str, ...]]:
    """Return the value of a JSON text and its faults: NaN, Infinity, duplicate keys, numbers of over 4300 digits.

    A fault is a sentence for a person; the value is what a forgiving parser makes of the text. Raises
    :class:`NotJson` for a text that is not JSON, or that nests deeper than :data:`MAX_DEPTH`.
    """
    try:
        value, end = _scan(text, 0)
    except (_SecondLookNeeded, ValueError, StopIteration, RecursionError):
        end = -1
    if end != len(text) or (end > 2 * MAX_DEPTH and _may_be_deep(text) and _depth(value) > MAX_DEPTH):
        value, noted = _explained(text)
        return value, tuple(sentence for _, sentence in noted)
    return value, ()


def decoded_bytes(data: bytes) -> tuple[Any, tuple[str, ...]]:
    """Return the same as :func:`decoded` for the UTF-8 of a text, several times as fast where it is written plainly.

    What gives the very same bytes when it is written again, holds nothing that a parser swallows: no key twice, no
    number that was rounded. All else is read slowly, and may be as good. Raises ``UnicodeDecodeError`` too.
    """
    try:
        value = _read_quickly(data)
        if _written_quickly(value) == data and not (len(data) > 2 * MAX_DEPTH and _may_be_deep(data)):
            return value, ()
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        pass  # a lone surrogate, NaN, a text that is not JSON
    return decoded(data.decode())


def decoded_parts(text: str) -> tuple[Any, FaultsOf]:
    """Return the value of a JSON text and a function that gives the faults of any part of it; raises as above."""
    value, faults = decoded(text)
    if not faults:
        return value, _faultless
    value, noted = _explained(text)

    def faults_of(part: Any) -> tuple[str, ...]:
        inside = {id(item) for level in _levels(part) for item in level}
        return tuple(sentence for holder, sentence in noted if id(holder) in inside)

    return value, faults_of


def line(value: Any) -> str:
    """Return the JSON of a value on one line, without its line end; raises ``ValueError`` for NaN and the infinities.

    Text stays readable; only a line that holds a lone surrogate is written in ASCII, because UTF-8 has no bytes for it.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text if encodable(text) else json.dumps(value, separators=(",", ":"))


def encodable(text: str) -> bool:
    """Tell whether a text has a UTF-8 form, that is: holds no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _SecondLookNeeded
    return made


def _constant(_: str) -> NoReturn:
    raise _SecondLookNeeded


# The decoder's own scanner, without the two searches for white space that ``decode`` makes around it.
_decoder: Any = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
_scan = make_scanner(_decoder)

_read_quickly = msgspec.json.Decoder().decode
_written_quickly = msgspec.json.Encoder().encode


def _explained(text: str) -> tuple[Any, list[tuple[Any, str]]]:
    """Read slowly; return each fault beside the very object that has it."""
    noted: list[tuple[Any, str]] = []

    def noted_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key in made:
                noted.append((made, f"the key {_shown(key)} stands twice in one object"))
            made[key] = value
        return made

    def noted_constant(word: str) -> float:
        value = float(word)
        noted.append((value, f"{word} is not a JSON number"))
        return value

    def noted_integer(digits: str) -> int | float:
        try:
            return int(digits)
        except ValueError:  # CPython refuses to convert more than 4300 digits
            value = float(digits)
            noted.append((value, f"a number of {len(digits.lstrip('-'))} digits is beyond every reader"))
            return value

    decoder = json.JSONDecoder(object_pairs_hook=noted_object, parse_constant=noted_constant, parse_int=noted_integer)
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as error:
        place = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno} column {error.colno}"
        at_end = error.pos >= len(text.rstrip())
        raise NotJson(f"not JSON: {error.msg} ({place})", at_end=at_end) from None
    except RecursionError:
        raise NotJson(_TOO_DEEP) from None
    if _depth(value) > MAX_DEPTH:
        raise NotJson(_TOO_DEEP)
    return value, noted


_TOO_DEEP = f"nested more than {MAX_DEPTH} deep"


def _shown(key: str) -> str:
    return json.dumps(key if len(key) <= 40 else key[:40] + "…")


def _faultless(_: Any) -> tuple[str, ...]:
    return ()


def _may_be_deep(text: str | bytes) -> bool:
    """Tell whether there are enough brackets to nest too deep: counting them is far cheaper than following them."""
    if isinstance(text, bytes):
        return text.count(b"[") + text.count(b"{") > MAX_DEPTH
    return text.count("[") + text.count("{") > MAX_DEPTH


def _levels(value: Any) -> list[list[Any]]:
    """Return what a value holds, level by level; the value itself is the first, and one behind the limit the last."""
    levels = [[value]]
    while len(levels) <= MAX_DEPTH + 2 and levels[-1]:
        levels.append(
            [
                item
                for holder in levels[-1]
                if isinstance(holder, dict | list)
                for item in (holder.values() if isinstance(holder, dict) else holder)
            ]
        )
    return levels


def _depth(value: Any) -> int:
    """Return how deep a value nests: 0 for a scalar, 1 for a flat object or an empty one."""
    return sum(any(isinstance(item, dict | list) for item in level) for level in _levels(value))
