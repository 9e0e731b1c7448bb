"""An answer that is no object goes in one: tools, and OpenAI's strict mode, take only an object at the root (§14.5).

§14.5 copies ``properties`` and ``required`` and so loses ``$defs``, ``anyOf`` and arrays at the root (ledger H4). We
keep the whole schema, and put one whose root is no object under a property, from which the answer is taken out again.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from harness.reference.structured.given_schema import normal_schema, read_schema
from harness.reference.structured.keywords import DEFINITIONS, Schema, rebuilt
from harness.reference.structured.openai_schema import inlined_root
from harness.reference.structured.parsing import Parsed

_PROPERTY = "value"
_BEGINNING = re.compile(rf'\s*\{{\s*"{_PROPERTY}"\s*:\s*')


class ObjectSchema(NamedTuple):
    """A schema whose root is an object, and whether it holds the given one under a property."""

    schema: Schema
    wraps: bool


def as_object(schema: object) -> ObjectSchema:
    """Return a schema with an object at its root; raises :class:`harness.errors.InputError` for what is no schema."""
    given, normal = read_schema(schema), inlined_root(normal_schema(schema)).schema
    for root in (given, normal):
        if root.get("type", "object" if "properties" in root else None) == "object":
            return ObjectSchema({"type": "object", **root}, wraps=False)
    inner = _moved(normal)
    defined = {keyword: inner.pop(keyword) for keyword in DEFINITIONS if keyword in inner}
    return ObjectSchema(
        {
            "type": "object",
            "properties": {_PROPERTY: inner},
            "required": [_PROPERTY],
            "additionalProperties": False,
            **defined,
        },
        wraps=True,
    )


def unwrapped(answer: Parsed) -> Parsed:
    """Return what an answer to a wrapping schema holds, and the letters of that."""
    beginning = _BEGINNING.match(answer.raw_text)
    start = beginning.end() if beginning else 0
    _, end = json.JSONDecoder().raw_decode(answer.raw_text, start)
    return Parsed(answer.data[_PROPERTY], answer.raw_text[start:end])


def _moved(schema: Any, _: str = "") -> Any:
    """Let references to the root follow it under the property; definitions stay where they are."""
    if not isinstance(schema, dict):
        return schema
    made = rebuilt(schema, "$", _moved)
    if made.get("$ref") == "#":
        made["$ref"] = f"#/properties/{_PROPERTY}"
    return made
