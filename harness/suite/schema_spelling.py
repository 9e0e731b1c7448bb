"""One spelling for JSON Schemas that mean the same: what has no order gets one, and null is a type."""

from __future__ import annotations

from typing import Any

_DATA = frozenset({"const", "default", "enum", "example", "examples"})
"""Keywords whose values are data, in which the names of keywords are names like others."""
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
"""Keywords whose values are objects of schemas, by names that are no keywords."""
_NULL = {"type": "null"}
_BESIDE_A_CHOICE = frozenset({"anyOf", "title", "description"})
_MORE_THAN_A_TYPE = frozenset({"enum", "const", "anyOf", "oneOf", "allOf", "not"})


def spelled(schema: Any) -> Any:
    """Return a schema with ``required`` and lists of types in order, and types in small letters, as Gemini's are not.

    A list of one type is that type. A choice between what a type describes and null is that type or null. All else
    stays as it is.
    """
    if isinstance(schema, list):
        return [spelled(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    return _with_null_as_a_type({key: _keyword(key, value) for key, value in schema.items()})


def _keyword(key: str, value: Any) -> Any:
    if key in _DATA:
        return value
    if key in _NAMED and isinstance(value, dict):
        return {name: spelled(inner) for name, inner in value.items()}
    if key == "required" and _are_words(value):
        return sorted(value)
    if key == "type" and isinstance(value, str):
        return value.lower()
    if key == "type" and _are_words(value):
        return _types(value)
    return spelled(value)


def _with_null_as_a_type(schema: dict[str, Any]) -> dict[str, Any]:
    choice = schema.get("anyOf")
    if not isinstance(choice, list) or _NULL not in choice or not schema.keys() <= _BESIDE_A_CHOICE:
        return schema
    others = [one for one in choice if one != _NULL]
    if len(others) != 1 or not isinstance(others[0], dict) or not _MORE_THAN_A_TYPE.isdisjoint(others[0]):
        return schema
    types = others[0].get("type")
    words = [types] if isinstance(types, str) else types if isinstance(types, list) else []
    about = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**others[0], **about, "type": _types([*words, "null"])} if words else schema


def _types(words: list[str]) -> Any:
    found = sorted({word.lower() for word in words})
    return found[0] if len(found) == 1 else found


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
