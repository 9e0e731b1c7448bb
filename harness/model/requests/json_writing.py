"""A request's body as bytes of JSON, with every number exactly as it was given.

Tool arguments of earlier turns come back with numbers that a float cannot hold (trap 9): they are given as ``Decimal``,
as a float that remembers its letters, or as a whole number of any size, and are written in their own letters.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from harness.errors import InputError
from harness.protocol.json_text import encodable
from harness.providers.exact_text import ExactFloat


def body_bytes(body: Any) -> bytes:
    """Return the compact JSON of a body in UTF-8; raises what :func:`exact_text` raises."""
    return exact_text(body).encode()


def exact_text(value: Any) -> str:
    """Return the compact JSON text of a value; one with a lone surrogate is escaped, since UTF-8 has no bytes for it.

    Never recurses. Raises :class:`InputError` for what is not JSON: NaN, the infinities, keys that are no text, bytes,
    and objects that contain themselves.
    """
    out: list[str] = []
    todo: list[Any] = [value]
    around: set[int] = set()  # the ids of the objects and arrays that are begun and not ended
    while todo:
        item = todo.pop()
        if isinstance(item, _Written):
            out.append(item)
        elif isinstance(item, _End):
            around.remove(item.holder)
            out.append(item.bracket)
        elif isinstance(item, dict | list | tuple):
            if id(item) in around:
                raise InputError("a request cannot be written: a value is circular, it contains itself")
            around.add(id(item))
            if isinstance(item, dict):
                todo.append(_End("}", id(item)))
                for place, (key, inner) in reversed(list(enumerate(item.items()))):
                    todo += [inner, _Written(f"{',' if place else ''}{_key(key)}:")]
                out.append("{")
            else:
                todo.append(_End("]", id(item)))
                for place, inner in reversed(list(enumerate(item))):
                    todo += [inner, _Written("," if place else "")]
                out.append("[")
        else:
            out.append(_scalar(item))
    return "".join(out)


class _Written(str):
    """A text that is JSON already."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _End:
    """Where an object or an array ends; ``holder`` is its id."""

    bracket: str
    holder: int


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise InputError(f"a request cannot be written: {type(key).__name__} is no key of a JSON object")
    return _text(key)


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, ExactFloat):
        return value.text
    if isinstance(value, int):
        try:
            return int.__repr__(value)
        except ValueError:  # CPython refuses to write more than 4300 digits
            raise InputError("a request cannot be written: a whole number has too many digits") from None
    if isinstance(value, float) and math.isfinite(value):
        return float.__repr__(value)
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    if isinstance(value, float | Decimal):
        raise InputError(f"a request cannot be written: JSON has no word for {value}")
    raise InputError(f"a request cannot be written: {type(value).__name__} is not JSON")


def _text(text: str) -> str:
    return encode_basestring(text) if encodable(text) else json.dumps(text)
