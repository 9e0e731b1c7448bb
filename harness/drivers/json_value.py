"""A Python value that an implementation yields → JSON, with a fault for everything that JSON has no word for.

Nothing is coerced in silence: ``json.dumps`` writes a tuple as an array and the key ``1`` as ``"1"``, and a client in
another process would get something else than its author tested.
"""

from __future__ import annotations

import math
from typing import Any

from harness.protocol.json_text import MAX_DEPTH

NOT_JSON = "$notJson"
"""``{"$notJson": "<what stood there>"}`` stands in a transcript where no JSON value can."""

_MAX_BITS = 14_280  # about 4300 digits, the most that Python writes


def as_json(value: Any) -> tuple[Any, tuple[str, ...]]:
    """Return a deep copy that is JSON, and the faults: each a sentence that begins with the place.

    NaN and infinities stay what they are, as in every transcript, and are faults.
    """
    faults: list[str] = []
    return _copied(value, "", (), faults), tuple(faults)


def _copied(value: Any, path: str, above: tuple[int, ...], faults: list[str]) -> Any:
    """Copy one value; ``above`` are the identities of what holds it, so that a circle ends."""
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if isinstance(value, dict | list):
        if id(value) in above:
            return _replaced(path, "holds itself", "circle", faults)
        if len(above) >= MAX_DEPTH:
            return _replaced(path, f"is nested more than {MAX_DEPTH} deep", "depth", faults)
        above = (*above, id(value))
    if isinstance(value, dict):
        copied = {}
        for key, item in list(value.items()):
            name = _key(key, path, faults)
            copied[name] = _copied(item, f"{path}.{name}" if path else name, above, faults)
        return copied
    if isinstance(value, list):
        return [_copied(item, f"{path}[{place}]", above, faults) for place, item in enumerate(list(value))]
    if isinstance(value, str):
        return str.__str__(value)  # an Enum's own __str__ says its name, not its value
    if isinstance(value, int):
        if value.bit_length() > _MAX_BITS:
            return _replaced(path, "is a number of over 4000 digits, beyond every reader", "int", faults)
        return int.__index__(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            faults.append(f"{path or 'the chunk'} is {float(value)}, which is not a JSON number")
        return float.__float__(value)
    return _replaced(path, f"is a Python {kind.__name__}, which is not JSON", kind.__name__, faults)


def _replaced(path: str, fault: str, word: str, faults: list[str]) -> dict[str, str]:
    faults.append(f"{path or 'the chunk'} {fault}")
    return {NOT_JSON: word}


def _key(key: Any, path: str, faults: list[str]) -> str:
    if isinstance(key, str):
        return str.__str__(key)
    faults.append(f"{path or 'the chunk'} has a key that is a Python {type(key).__name__}, not a string")
    return f"{NOT_JSON} {type(key).__name__}"
