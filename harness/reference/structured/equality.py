"""Which values are equal as JSON: ``1`` is ``1.0`` and is not ``true``; the order of keys is nothing.

Numbers are told apart by their digits, since the hashes of integers collide as a hostile answer wants.
"""

from __future__ import annotations

from typing import Any

from harness.reference.structured.work import Work

HOLDERS = (dict, list)
"""What holds values in an answer; a tuple, since a union would be made anew for each of half a million values."""

_COST = 2


def scalar_key(value: Any) -> object:
    """Return what is equal, and hashes well, for equal scalars only."""
    kind = type(value)
    if kind is int:
        return b"%d" % value
    if kind is float:
        return b"%d" % int(value) if value.is_integer() else repr(value).encode()
    return value


def likeness(value: Any, work: Work) -> object:
    """Return an object that is the same for equal values of one look; each container is gone through once."""
    if not isinstance(value, HOLDERS):
        return scalar_key(value)
    alike = work.alike
    if id(value) not in alike:
        new, todo = [], [value]
        while todo:
            holder = todo.pop()
            new.append(holder)
            inside = holder.values() if isinstance(holder, dict) else holder
            todo += [item for item in inside if isinstance(item, HOLDERS) and id(item) not in alike]
        for holder in reversed(new):
            work.spend(_COST * (len(holder) + 1))
            key = _object_key(holder, alike) if isinstance(holder, dict) else _array_key(holder, alike)
            alike[id(holder)] = alike.setdefault(key, object())
    return alike[id(value)]


def _object_key(value: dict[str, Any], alike: dict[Any, object]) -> object:
    return frozenset((name, _of(item, alike)) for name, item in value.items())


def _array_key(value: list[Any], alike: dict[Any, object]) -> object:
    return tuple(_of(item, alike) for item in value)


def _of(item: Any, alike: dict[Any, object]) -> object:
    return alike[id(item)] if isinstance(item, HOLDERS) else scalar_key(item)
