"""Every place of a JSON Schema, and where its references lead (R33, R34)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import unquote

_ONE = ("items", "not", "if", "then", "else", "contains", "propertyNames", "additionalProperties", "additionalItems",
        "unevaluatedItems", "unevaluatedProperties")  # fmt: skip
_VARIANTS = ("anyOf", "oneOf", "allOf")
_LISTS = (*_VARIANTS, "prefixItems")
_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LONGEST_INDEX = 9  # digits of an index in a pointer

Path = tuple[str, ...]


class Place(NamedTuple):
    """A schema within a schema."""

    path: Path
    schema: dict[str, Any]


def named(path: Path) -> str:
    """Return a path as a finding shows it."""
    return ".".join(path) or "the root"


def places(schema: Any) -> Iterator[Place]:
    """Yield every schema that stands in a schema, itself first, and then those elsewhere that a reference leads to."""
    targets = Targets(schema)
    met: set[int] = set()
    left: list[str] = []
    waiting: list[tuple[Path, Any]] = [((), schema)]
    while waiting:
        path, here = waiting.pop()
        if isinstance(here, dict):
            met.add(id(here))
            yield Place(path, here)
            left += [here["$ref"]] if isinstance(here.get("$ref"), str) else []
            waiting += reversed(list(parts(path, here)))
        while left and not waiting:
            reference = left.pop()
            if id(target := targets.at(reference)) not in met:
                waiting.append((tuple(reference.lstrip("#/").split("/")), target))


def parts(path: Path, schema: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Yield what stands where a schema has schemas: schemas, booleans, and whatever else is there by mistake."""
    for key in _ONE:
        if key in schema and not isinstance(schema[key], list):
            yield (*path, key), schema[key]
    for key in (*_LISTS, "items"):
        if isinstance(variants := schema.get(key), list):
            yield from (((*path, key, str(at)), variant) for at, variant in enumerate(variants))
    for key in _NAMED:
        if isinstance(members := schema.get(key), dict):
            yield from (((*path, key, name), member) for name, member in members.items())


def properties(schema: Any) -> dict[str, Any]:
    """Return the properties of an object's schema, none where it has none."""
    found = schema.get("properties") if isinstance(schema, dict) else None
    return found if isinstance(found, dict) else {}


def required(schema: Any) -> set[str]:
    """Return the names that an object's schema requires."""
    found = schema.get("required") if isinstance(schema, dict) else None
    return {name for name in found if isinstance(name, str)} if isinstance(found, list) else set()


def types(schema: Any) -> set[str]:
    """Return a schema's types in small letters, for Gemini writes capitals."""
    found = schema.get("type") if isinstance(schema, dict) else None
    return {word.lower() for word in (found if isinstance(found, list) else [found]) if isinstance(word, str)}


def is_object(schema: dict[str, Any]) -> bool:
    """Tell whether a schema is of objects, by its type or, where it has none, by its properties."""
    return "object" in types(schema) or bool(properties(schema) and not types(schema))


@dataclass(slots=True)
class Targets:
    """Where the references of one schema lead; references to other documents lead nowhere, for nothing is fetched."""

    root: Any
    _anchors: dict[str, Any] = field(default_factory=dict)
    _anchors_are_known: bool = False

    def at(self, reference: str) -> Any:
        """Return what a reference leads to, by a pointer (RFC 6901 §6) or an anchor; None where it leads nowhere."""
        if not reference.startswith("#"):
            return None
        pointer = unquote(reference[1:])
        if pointer and not pointer.startswith("/"):
            return self._anchored(pointer)
        here = self.root
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(here, dict) and key in here:
                here = here[key]
            elif isinstance(here, list) and _is_index(key) and int(key) < len(here):
                here = here[int(key)]
            else:
                return None
        return here

    def behind(self, schema: Any) -> Any:
        """Return what a schema that is nothing but a reference leads to in the end, the schema itself where it is more.

        A reference that leads nowhere, or round in a circle, is its own end.
        """
        met: set[int] = set()
        while isinstance(schema, dict) and schema.keys() == {"$ref"} and isinstance(schema["$ref"], str):
            target = self.at(schema["$ref"])
            if target is None or id(target) in met:
                break
            met.add(id(target))
            schema = target
        return schema

    def _anchored(self, name: str) -> Any:
        if not self._anchors_are_known:
            self._anchors_are_known = True
            for place in _tree(self.root):
                for key in ("$anchor", "$dynamicAnchor"):
                    if isinstance(anchor := place.get(key), str):
                        self._anchors.setdefault(anchor, place)
                if isinstance(own := place.get("$id"), str) and own.startswith("#"):  # an anchor, until draft 7
                    self._anchors.setdefault(own[1:], place)
        return self._anchors.get(name)


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) <= _LONGEST_INDEX


def _tree(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema that stands in a schema; references are not followed."""
    waiting = [schema]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield here
            waiting += [part for _, part in parts((), here)]


def references(schema: Any) -> set[str]:
    """Return the references of a schema, and those of what they lead to."""
    return {reference for place in places(schema) if isinstance(reference := place.schema.get("$ref"), str)}


def comes_to_an_end(root: Any) -> bool:
    """Tell whether every reference leads somewhere, and none back to its own place by references and variants alone."""
    targets = Targets(root)
    grey: set[int] = set()
    black: set[int] = set()
    waiting: list[tuple[Any, bool]] = [(place.schema, False) for place in places(root)]
    while waiting:
        here, left = waiting.pop()
        if left:
            grey.discard(id(here))
            black.add(id(here))
        elif id(here) in grey or not isinstance(here, dict | bool):
            return False
        elif isinstance(here, dict) and id(here) not in black:
            grey.add(id(here))
            waiting.append((here, True))
            waiting += [(targets.at(here["$ref"]), False)] if isinstance(here.get("$ref"), str) else []
            for key in _VARIANTS:
                waiting += [(part, False) for part in here[key]] if isinstance(here.get(key), list) else []
    return True


def refers_to_itself(root: Any) -> bool:
    """Tell whether a reference leads back to where it stands, or nowhere: then it cannot be replaced by its target."""
    targets = Targets(root)
    grey: set[str] = set()
    black: set[str] = set()
    waiting = [(reference, False) for reference in _references_within(root)]
    while waiting:
        reference, left = waiting.pop()
        if left:
            grey.discard(reference)
            black.add(reference)
        elif reference in grey or (target := targets.at(reference)) is None:
            return True
        elif reference not in black:
            grey.add(reference)
            waiting.append((reference, True))
            waiting += [(inner, False) for inner in _references_within(target)]
    return False


def _references_within(schema: Any) -> set[str]:
    return {reference for place in _tree(schema) if isinstance(reference := place.get("$ref"), str)}
