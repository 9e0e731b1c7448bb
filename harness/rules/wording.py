"""How findings say what was seen: any value as a short text, whatever the value."""

from __future__ import annotations

import json
from typing import Any

_LONG = 300


def shown(value: Any) -> str:
    """Return a value as JSON, cut where it is long; never raises, however deep or large the value is."""
    if isinstance(value, str):
        value = value if len(value) <= _LONG else value[:_LONG] + "…"
    try:
        text = json.dumps(value, ensure_ascii=False, default=lambda other: f"<{type(other).__name__}>")
    except (RecursionError, TypeError, ValueError):  # too deep, a key of a strange type, a number of 5000 digits
        return f"<{type(value).__name__}>"
    return text if len(text) <= _LONG else text[:_LONG] + "…"


def and_more(count: int) -> str:
    """Return how many further chunks show the same fault, to be put behind the first."""
    return "" if count <= 0 else f" (and in {count} more chunk{'' if count == 1 else 's'})"
