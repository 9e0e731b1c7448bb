"""``$ref`` inside of one schema: JSON Pointers and anchors (RFC 6901, JSON Schema 2020-12); nothing is ever fetched."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from harness.errors import InputError
from harness.reference.structured.keywords import ANNOTATIONS, Schema, every


def target_of(root: Schema, ref: str, path: str) -> Any:
    """Return the schema that a ``$ref`` at a path points to, behind all schemas that are only a ``$ref`` themselves.

    Raises :class:`InputError` for a ``$ref`` out of the schema or to nothing, and for a circle of pure references.
    """
    seen: list[str] = []
    while True:
        if ref in seen:
            raise InputError(f"{path}: circular $ref, which never comes to a schema: {' → '.join([*seen, ref])}")
        seen.append(ref)
        target = _pointed(root, ref, path)
        if not isinstance(target, dict) or not is_pure(target):
            return target
        ref = target["$ref"]


def is_pure(schema: Schema) -> bool:
    """Tell whether a schema says no more than its ``$ref``, annotations apart."""
    return "$ref" in schema and all(keyword == "$ref" or keyword in ANNOTATIONS for keyword in schema)


def _pointed(root: Schema, ref: str, path: str) -> Any:
    if not ref.startswith("#"):
        raise InputError(f"{path}: $ref {ref!r} points out of the schema, and nothing is fetched")
    fragment = unquote(ref[1:])
    if fragment and not fragment.startswith("/"):
        for _, schema in every(root):
            if schema.get("$anchor") == fragment:
                return schema
        raise InputError(f"{path}: $ref {ref!r} names an anchor that is not in the schema")
    place: Any = root
    for token in fragment.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(place, dict) and name in place:
            place = place[name]
        elif isinstance(place, list) and name.isdecimal() and int(name) < len(place):
            place = place[int(name)]
        else:
            raise InputError(f"{path}: $ref {ref!r} points to nothing in the schema")
    if not isinstance(place, dict | bool):
        raise InputError(f"{path}: $ref {ref!r} points to what is no schema")
    return place
