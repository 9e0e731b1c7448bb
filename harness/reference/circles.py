"""Python objects that no JSON text can say: those that contain themselves, and keys that are no text.

What contains itself has no end for whoever walks through it, so it is found before anybody does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from harness.errors import InputError
from harness.reference.structured.keywords import below

_Places: TypeAlias = Iterator[tuple[str, object]]


def refuse_circles(value: object, path: str, whose: str = "") -> None:
    """Raise :class:`InputError` for what contains itself, or has a key that is no text; never recurses.

    The message begins with ``whose`` and the place, written from ``path`` on. An object that stands in several places
    is looked at once, however many ways lead to it.
    """
    around: set[int] = set()
    seen: set[int] = set()
    entered: list[tuple[object, _Places]] = []
    found: tuple[str, object] | None = (path, value)
    while True:
        if found is None:
            item, _ = entered.pop()
            around.remove(id(item))
        else:
            place, item = found
            if id(item) in around:
                raise InputError(f"{whose}{place} contains itself: it is circular")
            if id(item) not in seen and isinstance(item, Mapping | list | tuple):
                seen.add(id(item))
                around.add(id(item))
                entered.append((item, _inside(item, place, whose)))
        if not entered:
            return
        found = next(entered[-1][1], None)


def _inside(item: Mapping[object, object] | list[object] | tuple[object, ...], place: str, whose: str) -> _Places:
    if not isinstance(item, Mapping):
        return ((below(place, index), value) for index, value in enumerate(item))
    if not all(isinstance(key, str) for key in item):
        raise InputError(f"{whose}{place} has a key that is no text")
    return ((below(place, str(key)), value) for key, value in item.items())
