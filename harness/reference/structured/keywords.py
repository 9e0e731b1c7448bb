"""Where a schema holds schemas, so that a property named ``oneOf`` is not taken for the keyword; and what leads there.

A path is written as ``$.properties.address.anyOf[0]``, names that are no words in brackets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]

MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
"""Keywords whose value is an object of schemas, by names of the user's own."""

LISTS = ("prefixItems", "anyOf", "oneOf", "allOf")
"""Keywords whose value is a list of schemas."""

SINGLES = (
    "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems",
    "unevaluatedProperties", "contentSchema",
)  # fmt: skip
"""Keywords whose value is one schema, a boolean included."""

DEFINITIONS = ("$defs", "definitions")

ANNOTATIONS = frozenset(
    {
        "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "format", "$comment",
        "$schema", "$id", "$anchor", "$defs", "definitions",
    }
)  # fmt: skip
"""Keywords that refuse no value (``format`` is one of them unless a reader is told otherwise)."""

_WORD = re.compile(r"[$\w-]+")
_LONGEST_NAME = 100


def below(path: str, *steps: str | int) -> str:
    """Return the path of something inside of what stands at a path; a name of over 100 characters is cut."""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            name = step if len(step) <= _LONGEST_NAME else f"{step[:_LONGEST_NAME]}…"
            path += f".{name}" if _WORD.fullmatch(step) else f"[{json.dumps(name)}]"
    return path


def pointed_at(root: Any, pointer: str) -> Any:
    """Return what a JSON Pointer leads to (RFC 6901); raises ``LookupError`` where that is nothing."""
    place = root
    for token in pointer.split("/")[1:]:
        listed = {str(index): item for index, item in enumerate(place)} if isinstance(place, list) else {}
        place = (place if isinstance(place, dict) else listed)[token.replace("~1", "/").replace("~0", "~")]
    return place


def rebuilt(schema: Schema, path: str, change: Callable[[Any, str], Any]) -> Schema:
    """Return a copy of a schema in which every schema directly inside of it is what ``change`` makes of it."""
    made = dict(schema)
    for keyword in MAPS:
        if keyword in made:
            made[keyword] = {name: change(sub, below(path, keyword, name)) for name, sub in made[keyword].items()}
    for keyword in LISTS:
        if keyword in made:
            made[keyword] = [change(sub, below(path, keyword, index)) for index, sub in enumerate(made[keyword])]
    for keyword in SINGLES:
        if keyword in made:
            made[keyword] = change(made[keyword], below(path, keyword))
    return made


def children(schema: Schema, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every schema directly inside of a schema, booleans included, with its path; what is none is passed over."""
    for keyword in MAPS:
        if isinstance(named := schema.get(keyword), dict):
            yield from ((below(path, keyword, name), sub) for name, sub in named.items())
    for keyword in LISTS:
        if isinstance(listed := schema.get(keyword), list):
            yield from ((below(path, keyword, index), sub) for index, sub in enumerate(listed))
    for keyword in SINGLES:
        if keyword in schema:
            yield below(path, keyword), schema[keyword]


def every(schema: Any, path: str = "$") -> Iterator[tuple[str, Schema]]:
    """Yield a schema and all schemas inside of it with their paths, the outer before the inner; no booleans.

    A Python object that stands in several places is yielded for the first: it may contain itself, or double at each
    depth.
    """
    todo = [(path, schema)]
    seen: set[int] = set()
    while todo:
        place, node = todo.pop()
        if isinstance(node, dict) and id(node) not in seen:
            seen.add(id(node))
            yield place, node
            todo += reversed(list(children(node, place)))
