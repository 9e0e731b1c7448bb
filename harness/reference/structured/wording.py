"""What a message quotes of an answer or of a schema, which may be a megabyte long and hold half an emoji."""

from __future__ import annotations

MOST_QUOTED = 100


def cut(text: str, most: int = MOST_QUOTED) -> str:
    """Return a text that can be printed, and at most so many characters of it; what is left out is shown as ``…``."""
    shown = text[:most].encode(errors="replace").decode()
    return shown if len(text) <= most else f"{shown}…"
