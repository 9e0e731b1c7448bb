"""When two texts, or two media types, say the same although their letters differ."""

from __future__ import annotations

from collections.abc import Sequence

_SYNONYMS = {
    "image/jpg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
}


def runs_through(texts: Sequence[str], whole: str) -> bool:
    """Tell whether a text is these texts in order, with nothing but white space before, between and behind them."""
    at = 0
    for text in texts:
        if not whole.startswith(text, at):
            at = len(whole) - len(whole[at:].lstrip())
        if not whole.startswith(text, at):
            return False
        at += len(text)
    return not whole[at:].strip()


def same_media_type(one: str, other: str) -> bool:
    """Tell whether two media types are one; either may tell only its first half (``image/*``). Parameters are left out.

    Case is free (RFC 2045, 5.1), and names that are in use for the same format are the same.
    """
    one, other = _canonical(one), _canonical(other)
    if "*" in (one[-1:], other[-1:]):
        return one.partition("/")[0] == other.partition("/")[0]
    return one == other


def _canonical(media_type: str) -> str:
    plain = media_type.partition(";")[0].strip().lower()
    return _SYNONYMS.get(plain, plain)
