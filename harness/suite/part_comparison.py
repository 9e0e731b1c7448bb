"""One part of a turn that a person wrote, held against the part that came: what is left out may be any."""

from __future__ import annotations

from harness.protocol.exact_json import same_text
from harness.protocol.likeness import same_media_type
from harness.protocol.messages import Answered, Call, File, Part

ANYTHING = "\ufdd0"
"""Stands for a text that may be any; a noncharacter, which no text of a model holds."""


def same_part(wanted: Part, seen: Part) -> bool:
    """Tell whether a part is the one that is wanted: calls and answers as values with exact numbers (R8).

    Of two media types either may tell only its first half, as §11's parts do.
    """
    match wanted, seen:
        case File(), File():
            same_place = (wanted.data, wanted.url) == (seen.data, seen.url)
            return same_place and _is_of_type(wanted.media_type, seen.media_type)
        case Call(), Call():
            same = _is_as(wanted.id, seen.id) and _is_as(wanted.name, seen.name)
            return same and _says(wanted.arguments, seen.arguments)
        case Answered(), Answered():
            same = _is_as(wanted.id, seen.id) and _is_as(wanted.name, seen.name)
            return same and _says(wanted.content, seen.content) and (seen.is_error or not wanted.is_error)
        case _:
            return wanted == seen


def _is_of_type(wanted: str | None, seen: str | None) -> bool:
    return wanted is None or (seen is not None and same_media_type(wanted, seen))


def _is_as(wanted: str | None, seen: str | None) -> bool:
    return wanted in {None, ANYTHING, seen}


def _says(wanted: str, seen: str) -> bool:
    return ANYTHING in wanted or same_text(wanted, seen)
