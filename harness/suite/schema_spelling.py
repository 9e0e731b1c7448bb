"""One spelling for JSON Schemas that mean the same: what has no order gets one."""

from __future__ import annotations

from typing import Any

_DATA = frozenset({"const", "default", "enum", "example", "examples"})
"""Keywords whose values are data, in which the names of keywords are names like others."""
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
"""Keywords whose values are objects of schemas, by names that are no keywords."""


def spelled(schema: Any) -> Any:
    """Return a schema with ``required`` and lists of types in order, and types in small letters, as Gemini's are not.

    A list of one type is that type. All else stays as it is.
    """
    if isinstance(schema, list):
        return [spelled(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _keyword(key, value) for key, value in schema.items()}


def _keyword(key: str, value: Any) -> Any:
    if key in _DATA:
        return value
    if key in _NAMED and isinstance(value, dict):
        return {name: spelled(inner) for name, inner in value.items()}
    if key in {"required", "type"} and isinstance(value, list) and all(isinstance(word, str) for word in value):
        words = sorted(map(str.lower, value) if key == "type" else value)
        return words[0] if key == "type" and len(words) == 1 else words
    if key == "type" and isinstance(value, str):
        return value.lower()
    return spelled(value)
