"""The keywords that ask about one value alone, each as a function: its own value → does a value of an answer fit it?"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

from harness.reference.structured.equality import HOLDERS, likeness, scalar_key
from harness.reference.structured.work import Work

Test: TypeAlias = Callable[[Any, Work], bool]


_NUMBERS = (int, float)


def is_number(value: Any) -> bool:
    """Tell whether a value of an answer is a number, which ``true`` is not."""
    return isinstance(value, _NUMBERS) and not isinstance(value, bool)


_TYPES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "integer": lambda value: type(value) is int or (isinstance(value, float) and value.is_integer()),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _type(types: str | list[str]) -> Test:
    if isinstance(types, str):
        is_type = _TYPES[types]
        return lambda value, _: is_type(value)
    known = [_TYPES[type_] for type_ in types]
    return lambda value, _: any(is_type(value) for is_type in known)


def _enum(values: list[Any]) -> Test:
    allowed = {scalar_key(value) for value in values if not isinstance(value, HOLDERS)}
    holders = [value for value in values if isinstance(value, HOLDERS)]

    def test(value: Any, work: Work) -> bool:
        if not isinstance(value, HOLDERS):
            return scalar_key(value) in allowed
        work.spend(len(holders))
        alike = [holder for holder in holders if type(holder) is type(value) and len(holder) == len(value)]
        return any(likeness(holder, work) is likeness(value, work) for holder in alike)

    return test


def _multiple(of: float) -> Test:
    """``multipleOf``, exact: ``0.3`` is a multiple of ``0.1``, as it is written, and not of what floats make of it."""
    above, below = _ratio(of)

    def test(value: Any, work: Work) -> bool:
        if not is_number(value):
            return True
        work.spend(_COST_OF_A_DIVISION)
        over, under = _ratio(value)
        return over * below % (under * above) == 0

    return test


_COST_OF_A_DIVISION = 10


def _ratio(number: float) -> tuple[int, int]:
    return (number, 1) if isinstance(number, int) else Decimal(repr(number)).as_integer_ratio()


def _pattern(pattern: str) -> Test:
    found = re.compile(pattern).search
    return _when(_TYPES["string"], lambda text: found(text) is not None)


def _unique(wanted: bool) -> Test:  # noqa: FBT001 - a keyword's value
    def test(value: Any, work: Work) -> bool:
        if not wanted or not isinstance(value, list):
            return True
        work.spend(len(value))
        seen: set[object] = set()
        for item in value:
            if (key := likeness(item, work)) in seen:
                return False
            seen.add(key)
        return True

    return test


def _dependent(needed: dict[str, list[str]]) -> Test:
    return _when(
        _TYPES["object"],
        lambda value: all(other in value for name, others in needed.items() if name in value for other in others),
    )


def _when(is_kind: Callable[[Any], bool], fits: Callable[[Any], bool]) -> Test:
    return lambda value, _: not is_kind(value) or fits(value)


SCALAR_TESTS: dict[str, Callable[[Any], Test]] = {
    "type": _type,
    "enum": _enum,
    "const": lambda value: _enum([value]),
    "pattern": _pattern,
    "multipleOf": _multiple,
    "minimum": lambda bound: _when(is_number, lambda number: number >= bound),
    "maximum": lambda bound: _when(is_number, lambda number: number <= bound),
    "exclusiveMinimum": lambda bound: _when(is_number, lambda number: number > bound),
    "exclusiveMaximum": lambda bound: _when(is_number, lambda number: number < bound),
    "minLength": lambda bound: _when(_TYPES["string"], lambda text: len(text) >= bound),
    "maxLength": lambda bound: _when(_TYPES["string"], lambda text: len(text) <= bound),
    "minItems": lambda bound: _when(_TYPES["array"], lambda items: len(items) >= bound),
    "maxItems": lambda bound: _when(_TYPES["array"], lambda items: len(items) <= bound),
    "minProperties": lambda bound: _when(_TYPES["object"], lambda items: len(items) >= bound),
    "maxProperties": lambda bound: _when(_TYPES["object"], lambda items: len(items) <= bound),
    "uniqueItems": _unique,
    "dependentRequired": _dependent,
}
"""By keyword. A pattern is the user's own regular expression, and one that backtracks without end will do so here."""
