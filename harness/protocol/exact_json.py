"""JSON compared by value with exact numbers, and never by a float's luck.

Tool arguments are judged as parsed values (R8): other white space or key order is no change, another number is. So
numbers are read as :class:`decimal.Decimal`, ``NaN`` is not JSON, and every failure is a ``ValueError``.
"""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn


def _refused(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError("a number beyond every range")
    return number


def _faithful(digits: str) -> float | Decimal:
    number, exact = float(digits), Decimal(digits)
    return number if math.isfinite(number) and Decimal(repr(number)) == exact else exact


_DECODER = json.JSONDecoder(parse_int=Decimal, parse_float=Decimal, parse_constant=_refused)
_PLAIN_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_refused)
_FAITHFUL_DECODER = json.JSONDecoder(parse_float=_faithful, parse_constant=_refused)


def parsed(text: str) -> Any:
    """Return the value of a JSON text with its numbers as ``Decimal``; raises ``ValueError`` for all else."""
    return _decoded(_DECODER, text)


def plain(text: str) -> Any:
    """Return the value of a JSON text with Python's own numbers: integers exact, fractions as the nearest double.

    Raises ``ValueError`` for what is not JSON, and for a number that is beyond every double or every ``int``.
    """
    return _decoded(_PLAIN_DECODER, text)


def faithful(text: str) -> Any:
    """Return the value of a JSON text with Python's own numbers, and with a ``Decimal`` for what no double can hold.

    Raises ``ValueError`` for what is not JSON, and for an integer of more than 4300 digits.
    """
    return _decoded(_FAITHFUL_DECODER, text)


def _decoded(decoder: json.JSONDecoder, text: str) -> Any:
    try:
        return decoder.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except InvalidOperation:
        raise ValueError("a number beyond every range") from None


def holds_object(text: str) -> bool:
    """Tell whether a text is one JSON object and nothing else but white space."""
    try:
        return isinstance(parsed(text), dict)
    except ValueError:
        return False


def same(left: Any, right: Any, same_string: Callable[[str, str], bool] = operator.eq) -> bool:
    """Tell whether two parsed values are equal: key order is free, ``1`` is ``1.0`` and is not ``true``.

    ``same_string`` tells whether two strings are; names of members are compared letter by letter in any case.
    """
    pairs = [(left, right)]
    while pairs:
        one, other = pairs.pop()
        if isinstance(one, dict):
            if not isinstance(other, dict) or one.keys() != other.keys():
                return False
            pairs += [(one[key], other[key]) for key in one]
        elif isinstance(one, list):
            if not isinstance(other, list) or len(one) != len(other):
                return False
            pairs += zip(one, other, strict=True)
        elif isinstance(one, bool) or isinstance(other, bool):
            if one is not other:
                return False
        elif isinstance(one, str) and isinstance(other, str):
            if not same_string(one, other):
                return False
        elif one != other:
            return False
    return True


def same_text(left: str, right: str) -> bool:
    """Tell whether two texts are the same JSON value; texts that are not JSON are the same only letter by letter."""
    if left == right:
        return True
    try:
        return same(parsed(left), parsed(right))
    except ValueError:
        return False
