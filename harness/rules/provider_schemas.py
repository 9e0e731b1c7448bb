"""What OpenAI's strict mode and Gemini's responseSchema take of JSON Schema, and what nobody can say (R34)."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from harness.rules.fitting import is_schema
from harness.rules.schema_places import (
    Path,
    comes_to_an_end,
    is_object,
    parts,
    places,
    properties,
    refers_to_itself,
    required,
)

_UNSUPPORTED = ("oneOf", "allOf")
_DEFINITIONS = ("$defs", "definitions")
GEMINIS = frozenset(
    {
        "type", "format", "title", "description", "nullable", "enum", "items", "minItems", "maxItems", "properties",
        "required", "minProperties", "maxProperties", "minLength", "maxLength", "pattern", "example", "anyOf",
        "propertyOrdering", "default", "minimum", "maximum",
    }
)  # fmt: skip
"""Gemini's Schema, a subset of OpenAPI 3.0's."""
_OPENAIS = frozenset(
    {
        "type", "title", "description", "properties", "required", "additionalProperties", "items", "enum", "const",
        "anyOf", "$ref", "$defs", "definitions", "pattern", "format", "minimum", "maximum", "minLength", "maxLength",
        "minItems", "maxItems",
    }
)  # fmt: skip
"""What R34 gives nobody a reason to refuse: OpenAI's strict mode takes it, or limits that may be left out."""


def openai_takes(schema: Any) -> bool:
    """Tell whether OpenAI's strict mode takes all of a schema, so that nobody has a reason to refuse it."""
    closed = all(
        here.get("additionalProperties", is_object(here) and not properties(here)) is False
        for _, here in places(schema)
    )
    return is_object(schema) and closed and _is_plain(schema, _OPENAIS) and comes_to_an_end(schema)


def gemini_takes(schema: Any) -> bool:
    """Tell whether a schema can be said in Gemini's subset once references and closed objects are out of it."""
    known = GEMINIS | {"$ref", "$defs", "definitions", "$schema", "$id", "additionalProperties"}
    return _is_plain(schema, known) and comes_to_an_end(schema) and not refers_to_itself(schema) and not maps(schema)


def _is_plain(schema: Any, known: frozenset[str]) -> bool:
    """Tell whether nothing is in a schema whose fate could be argued about: all is known, and asks for something.

    A boolean schema, an empty enum, and a required name that is no property are legal, and of no use to a provider.
    """
    return all(
        here.keys() <= known
        and here.get("enum") != []
        and required(here) <= properties(here).keys()
        and not any(isinstance(part, bool) for path, part in parts((), here) if path[0] != "additionalProperties")
        for _, here in places(schema)
    )


def unsupported(schema: Any) -> list[Path]:
    """Return where a schema has what OpenAI's strict mode does not take: oneOf, allOf, and maps."""
    found = [(*place.path, key) for place in places(schema) for key in _UNSUPPORTED if key in place.schema]
    return found + maps(schema)


def maps(schema: Any) -> list[Path]:
    """Return where a schema has members of any name: by a schema for all of them, or by a pattern."""
    return [
        (*place.path, "additionalProperties")
        for place in places(schema)
        if isinstance(values := place.schema.get("additionalProperties"), dict) and values
    ] + [(*place.path, "patternProperties") for place in places(schema) if place.schema.get("patternProperties")]


def has_another_fault(schema: Any) -> bool:
    """Tell whether a schema may be refused for something else than oneOf, allOf and maps, which may be named then."""
    known = _OPENAIS | {*_UNSUPPORTED, "patternProperties"}
    return not (is_schema(schema) and _is_plain(schema, known) and comes_to_an_end(schema))


def is_named(path: Path, message: str) -> bool:
    """Tell whether a message names the place: its property or definition, or at the root the keyword itself.

    What stands in a definition, or where only a reference leads, may also be named by its keyword, for it has as many
    places as there are references to it.
    """
    names = [name for before, name in pairwise(path) if before in {"properties", *_DEFINITIONS}]
    if names and any(form in message for form in _written(names[-1])):
        return True
    by_keyword = not names or path[0] in _DEFINITIONS
    return by_keyword and (path[-1] in message or "map" in message)


def _written(name: str) -> set[str]:
    """Return the ways in which a name is written into a path: as it is, as JSON, as a pointer, as a fragment."""
    pointer = name.replace("~", "~0").replace("/", "~1")
    return {name, json.dumps(name)[1:-1], pointer, quote(pointer)}
