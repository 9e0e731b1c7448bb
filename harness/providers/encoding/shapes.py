"""JSON with blanks in it: what a provider sends, as data, and the blanks filled in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any


class Blank(Enum):
    """A place in a shape that is filled when a message is written.

    A member whose blank is not filled is left out; those that end in ``_OR_NULL`` are always filled.
    """

    ID = auto()
    CREATED = auto()
    MODEL = auto()
    OBJECT = auto()
    CHOICES = auto()
    DELTA = auto()
    REASON = auto()
    REASON_OR_NULL = auto()
    STOP_REASON = auto()
    NATIVE_REASON_OR_NULL = auto()
    ROLE = auto()
    WORDS = auto()
    TEXT = auto()
    SIGNATURE = auto()
    SAID = auto()
    INDEX = auto()
    CALL_ID = auto()
    NAME = auto()
    ARGUMENTS = auto()
    USAGE = auto()
    USAGE_OR_NULL = auto()
    BESIDE_USAGE = auto()
    PROMPT = auto()
    UNCACHED = auto()
    CACHED = auto()
    COMPLETION = auto()
    PROMPT_DETAILS = auto()
    COMPLETION_DETAILS = auto()
    REASONING = auto()
    TOTAL = auto()
    URL = auto()
    TITLE = auto()
    CITATIONS = auto()
    SEARCH_RESULTS = auto()
    FILTERED = auto()
    SEVERITY = auto()
    MESSAGE = auto()
    CODE = auto()
    NUMBER_OR_CODE = auto()


def filled(shape: Any, blanks: Mapping[Blank, Any]) -> Any:
    """Return a shape with its blanks filled; members and elements whose blank is not in ``blanks`` are left out."""
    if isinstance(shape, Blank):
        return blanks[shape]
    if isinstance(shape, Mapping):
        return {key: filled(inner, blanks) for key, inner in shape.items() if _is_known(inner, blanks)}
    if isinstance(shape, tuple | list):
        return [filled(inner, blanks) for inner in shape if _is_known(inner, blanks)]
    return shape


def _is_known(shape: Any, blanks: Mapping[Blank, Any]) -> bool:
    return not isinstance(shape, Blank) or shape in blanks
