"""Texts as a JavaScript client sees them: counted in UTF-16 code units, joined across the halves of an emoji."""

from __future__ import annotations

from collections.abc import Iterable


def joined(parts: Iterable[str]) -> str:
    """Join texts, and join UTF-16 surrogate halves that were cut apart (R4); a lone half stays."""
    text = "".join(parts)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return text


def units(text: str) -> int:
    """Return a text's length in UTF-16 code units, which is JavaScript's ``length``."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def common_prefix(one: str, other: str) -> int:
    """Return how many characters two texts share from the start.

    It bisects with ``startswith``: a log whose every chunk is wrong must not cost a loop over each character.
    """
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one.startswith(other[low:middle], low):
            low = middle
        else:
            high = middle - 1
    return low
