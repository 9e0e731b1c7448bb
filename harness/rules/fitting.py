"""Whether a value fits a schema, and whether it is another one but for its nulls (R35, R36)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

_MOST_PARTS = 200_000
_MOST_NULLS = 50

Path = tuple[str | int, ...]
TakesNull = Callable[[Any], bool | None]
"""From a part of a schema to whether it takes null; None where that cannot be told."""


@cache
def _unusable() -> tuple[type[Exception], ...]:
    """Return what jsonschema raises for a schema that is none or leads nowhere, and for a value beyond all bounds."""
    from jsonschema.exceptions import SchemaError, UnknownType  # noqa: PLC0415 - most runs never need it
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 - as above

    own = (SchemaError, UnknownType, Unresolvable)
    return (*own, RecursionError, re.error, ArithmeticError, AttributeError, TypeError, ValueError)


def is_schema(schema: Any) -> bool:
    """Tell whether a schema is one, by the draft that it names."""
    try:
        _validator(schema)
    except _unusable():
        return False
    return True


def fits(value: Any, schema: Any) -> bool | None:
    """Tell whether a value fits a schema; None where that cannot be told. Nothing is ever fetched from a network."""
    return fitting(schema)(value)


def fitting(schema: Any) -> Callable[[Any], bool | None]:
    """Return :func:`fits` for one schema and many values."""
    try:
        validator = _validator(schema)
    except _unusable():
        return lambda _: None

    def fits_it(value: Any) -> bool | None:
        if _size(value) > _MOST_PARTS:
            return None
        try:
            return bool(validator.is_valid(value))
        except _unusable():
            return None

    return fits_it


def why_not(value: Any, schema: Any) -> str:
    """Return in a sentence why a value does not fit."""
    error = next(iter(_validator(schema).iter_errors(value)))
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    return f"{error.message[:200]} (at data{place})"


def taking_null(root: Any) -> TakesNull:
    """Return a function that tells whether a part of a schema takes null; ``nullable`` is Gemini's word for it."""
    try:
        validator: Any = _validator(root)
    except _unusable():
        validator = None  # Gemini's types are in capitals

    def takes_null(part: Any) -> bool | None:
        if isinstance(part, dict) and part.get("nullable") is True:
            return True
        try:
            return validator is not None and bool(validator.evolve(schema=part).is_valid(None))
        except _unusable():
            return None

    return takes_null


def _validator(schema: Any) -> Any:
    """Return the validator of a schema, which fetches nothing; raises one of :func:`_unusable`."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - most runs never need it, and it is slow to load
    from jsonschema.validators import validator_for  # noqa: PLC0415 - as above
    from referencing import Registry  # noqa: PLC0415 - as above

    made = validator_for(schema, default=Draft202012Validator)
    made.check_schema(schema)
    return made(schema, registry=Registry())


def fits_without_nulls(value: Any, schema: Any) -> bool | None:
    """Tell whether a value fits once nulls that the schema does not take are left out; None where nobody can tell."""
    places = [path for path, holder in _nulls(value) if isinstance(holder, dict)][: _MOST_NULLS + 1]
    if not places:
        return False
    if len(places) > _MOST_NULLS or _size(value) > _MOST_PARTS:
        return None
    try:
        validator = _validator(schema)
        errors = _count(validator, value)
        for place in places:
            without = _changed(value, place, remove=True)
            if (fewer := _count(validator, without)) < errors:
                value, errors = without, fewer
    except _unusable():
        return None
    return True if errors == 0 else None


def _count(validator: Any, value: Any) -> int:
    return sum(1 for _ in validator.iter_errors(value))


def stands_for(data: Any, said: Any) -> bool:
    """Tell whether ``data`` is what was ``said``, but for members that were null and are absent.

    Numbers are equal where a double cannot tell them apart: JavaScript has no others.
    """
    pairs = [(data, said)]
    while pairs:
        one, other = pairs.pop()
        if isinstance(other, dict):
            if not isinstance(one, dict) or not one.keys() <= other.keys():
                return False
            if any(other[key] is not None for key in other.keys() - one.keys()):
                return False
            pairs += [(one[key], other[key]) for key in one]
        elif isinstance(other, list):
            if not isinstance(one, list) or len(one) != len(other):
                return False
            pairs += zip(one, other, strict=True)
        elif not _equal(one, other):
            return False
    return True


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool) or not isinstance(one, int | float):
        return type(one) is type(other) and bool(one == other)
    try:
        return isinstance(other, int | float) and (one == other or float(one) == float(other))
    except OverflowError:
        return False


def nulls_left_out(data: Any, said: Any) -> list[Path]:
    """Return where ``said`` has a member that is null and ``data``, which stands for it, has none."""
    found: list[Path] = []
    waiting: list[tuple[Path, Any, Any]] = [((), data, said)]
    while waiting:
        here, one, other = waiting.pop()
        if isinstance(other, dict):
            found += [(*here, key) for key in other if key not in one]
            waiting += [((*here, key), one[key], other[key]) for key in one]
        elif isinstance(other, list):
            waiting += [((*here, at), *pair) for at, pair in enumerate(zip(one, other, strict=True))]
    return found


def with_null(data: Any, place: Path) -> Any:
    """Return a copy of ``data`` with a null put in place."""
    return _changed(data, place, remove=False)


def _changed(value: Any, place: Path, *, remove: bool) -> Any:
    """Copy only what stands on the way to the place."""
    first, *rest = place
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    if rest:
        copy[first] = _changed(value[first], tuple(rest), remove=remove)
    elif remove:
        del copy[first]
    else:
        copy[first] = None
    return copy


def _nulls(value: Any) -> Iterator[tuple[Path, Any]]:
    waiting: list[tuple[Path, Any]] = [((), value)]
    while waiting:
        here, holder = waiting.pop()
        if isinstance(holder, dict | list):
            for key, item in holder.items() if isinstance(holder, dict) else enumerate(holder):
                if item is None:
                    yield (*here, key), holder
                elif isinstance(item, dict | list):
                    waiting.append(((*here, key), item))


def _size(value: Any) -> int:
    """Count the parts of a value, as far as anybody wants to know."""
    count, waiting = 0, [value]
    while waiting and count <= _MOST_PARTS:
        item = waiting.pop()
        count += 1
        if isinstance(item, dict | list):
            waiting.extend(item.values() if isinstance(item, dict) else item)
    return count
