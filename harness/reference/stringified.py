"""Values as JSON text, the way ``JSON.stringify`` writes them (§12.2, §13.3).

Python's ``json`` differs from it in white space, in escaping all that is not ASCII, and in writing ``NaN``.
"""

from __future__ import annotations

import json
import math


def stringified(value: object) -> str:
    """Return the JSON text of a value on one line; a lone surrogate is escaped, since UTF-8 has no bytes for it.

    Raises ``ValueError`` for what is not JSON: NaN and Infinity, bytes, an object nested too deeply.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text


def without_nan(value: object) -> object:
    """Replace NaN and Infinity by null, as ``JSON.stringify`` does; what nests too deeply is returned as it is."""
    try:
        return _checked(value)
    except RecursionError:
        return value


def _checked(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _checked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_checked(item) for item in value]
    return value
