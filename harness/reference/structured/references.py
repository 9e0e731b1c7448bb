"""``$ref`` in a schema of the normal form: to the root, or to one of its definitions (RFC 6901)."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from harness.reference.structured.keywords import ANNOTATIONS, Schema, pointed_at


class References:
    """What the references of one schema mean; each is followed once."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._known: dict[str, Any] = {}

    def target(self, ref: str) -> Any:
        """Return the schema that a ``$ref`` points to, behind all schemas that are only a ``$ref`` themselves."""
        way: list[str] = []
        while ref not in self._known:
            way.append(ref)
            target = self._pointed(ref)
            if not isinstance(target, dict) or not is_pure(target):
                self._known[ref] = target
                break
            ref = target["$ref"]
        target = self._known[ref]
        for passed in way:
            self._known[passed] = target
        return target

    def _pointed(self, ref: str) -> Any:
        return pointed_at(self._root, unquote(ref[1:]))


def is_pure(schema: Schema) -> bool:
    """Tell whether a schema says no more than its ``$ref``, annotations apart."""
    return "$ref" in schema and schema.keys() - ANNOTATIONS == {"$ref"}


def takes_all(schema: Any) -> bool:
    """Tell whether a schema visibly refuses nothing: ``{}`` means ``true``, and so do annotations alone."""
    return schema is True or (isinstance(schema, dict) and schema.keys() <= ANNOTATIONS)
