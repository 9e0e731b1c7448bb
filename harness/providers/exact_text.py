"""JSON that survives being read and written: the numbers keep the letters in which they came.

Providers that send tool arguments as an object, not as text, would otherwise lose ``1.0``, ``1e400`` and the digits
that a float has no room for (trap 9 of the architecture; R8 compares exact numbers).
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring
from typing import Any, NoReturn, Self


class ExactFloat(float):
    """A float that remembers its text."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """Read the text of one JSON number."""
        made = super().__new__(cls, text)
        made.text = text
        return made


class _NotJson(ValueError):
    pass


def _refused(word: str) -> NoReturn:
    raise _NotJson(f"{word} is not JSON")


_DECODER = json.JSONDecoder(parse_float=ExactFloat, parse_constant=_refused)


def parsed_json(text: str) -> Any:
    """Return the value of one JSON text, with floats as :class:`ExactFloat`.

    Lone surrogates are let through. Raises ``ValueError`` for all that is not JSON, for nesting beyond the
    interpreter's stack and for whole numbers beyond its digit limit. A bare ``NaN`` or ``Infinity``, which servers
    written in Python may send, is not JSON (RFC 8259, section 6): ``JSON.parse`` refuses the whole message, so there is
    nothing in it that an adapter could have read, and it counts as an error here too. R24's NaN stands in source parts.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except (json.JSONDecodeError, _NotJson):
        raise
    except ValueError:  # only int() is left, whose words are for programmers
        raise ValueError("a whole number has more digits than can be read") from None


def json_text(value: Any, *, comma: str = ",", colon: str = ":") -> str:
    """Return the JSON text of a parsed value, its floats in the letters in which they came, compact by default.

    Never recurses, so whatever :func:`parsed_json` read can be written.
    """
    out: list[str] = []
    todo: list[Any] = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, _Written):
            out.append(item)
        elif isinstance(item, str):
            out.append(encode_basestring(item))
        elif isinstance(item, ExactFloat):
            out.append(item.text)
        elif isinstance(item, dict):
            todo.append(_Written("}"))
            for number, (key, inner) in reversed(list(enumerate(item.items()))):
                todo += [inner, _Written(f"{comma if number else ''}{encode_basestring(key)}{colon}")]
            out.append("{")
        elif isinstance(item, list):
            todo.append(_Written("]"))
            for number, inner in reversed(list(enumerate(item))):
                todo += [inner, _Written(comma if number else "")]
            out.append("[")
        else:
            out.append(json.dumps(item))
    return "".join(out)


class _Written(str):
    """A text that is JSON already."""

    __slots__ = ()
