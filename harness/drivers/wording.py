"""What a shim sent, as it is shown in a sentence: one line, and not all of it if it is long."""

from __future__ import annotations

import json
from typing import Any

_LONGEST = 160


def shown(value: Any) -> str:
    """Return the JSON of a value that was read from a line."""
    return cut(json.dumps(value))


def excerpt(line: bytes) -> str:
    """Return a line that may be anything: as text where it is one, with escapes for what cannot be printed."""
    head = line[: 4 * _LONGEST].decode("utf-8", "backslashreplace")
    return cut("".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in head))


def cut(text: str) -> str:
    """Return a text, not all of it if it is long."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
