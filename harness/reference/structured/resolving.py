"""Every schema inside of a schema, and what each ``$ref`` means: JSON Pointers, anchors, own addresses (RFC 6901).

Nothing is ever fetched: a schema holds all that it refers to, by the names that it gives itself. A pointer may lead to
a place that no keyword tells of (``#/components/schemas/X``); what is found there is a schema too. All of it is looked
at once, without recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import unquote, urldefrag, urljoin

from harness.errors import InputError
from harness.reference.structured.drafts import DRAFT_4, forget_unknown
from harness.reference.structured.keywords import LISTS, MAPS, SINGLES, Schema, below
from harness.reference.structured.schema_shape import check_shape
from harness.reference.structured.wording import cut

MOST_LEVELS = 100
"""How deep schemas may stand inside of each other; the transformations of a schema are recursive."""

REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_OLD_MAPS, _OLD_SINGLES = (*MAPS, "dependencies"), (*SINGLES, "additionalItems")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_KEYWORDS = frozenset({*_OLD_MAPS, *LISTS, *_OLD_SINGLES, "enum", "const", "default", "examples"})


class Place(NamedTuple):
    """Where a schema directly inside of another one stands: ``holder[key]``, and the steps there."""

    holder: Any
    key: str | int
    steps: tuple[str | int, ...]


def places_in(schema: Schema) -> Iterator[Place]:
    """Yield where schemas stand directly inside of a schema, booleans included, by the keywords of all drafts."""
    for keyword, inside in schema.items():
        if keyword in _OLD_MAPS and isinstance(inside, dict):
            yield from (Place(inside, name, (keyword, name)) for name in inside)
        elif keyword in LISTS or (keyword == "items" and isinstance(inside, list)):
            yield from (Place(inside, index, (keyword, index)) for index in range(len(inside)))
        elif keyword in _OLD_SINGLES:
            yield Place(schema, keyword, (keyword,))


@dataclass(slots=True)
class Resolved:
    """What is known of a schema: ``schemas`` with their paths, in order, and what their references mean.

    ``targets`` holds for the ``id`` of a schema what each of its reference keywords points to. ``strays`` are the
    places, below no keyword, that hold a target: the schema around them and its member there.
    """

    schemas: list[tuple[str, Schema]] = field(default_factory=list)
    targets: dict[int, dict[str, Any]] = field(default_factory=dict)
    strays: list[tuple[Schema, str]] = field(default_factory=list)


def resolve(root: Schema, draft: str | None) -> Resolved:
    """Look at a schema and all inside of it.

    Raises :class:`InputError`, with the path, for what is no schema, nests more than :data:`MOST_LEVELS` deep, or
    refers to what is not there.
    """
    return _Resolving(root, draft).run()


class _Resolving:
    def __init__(self, root: Schema, draft: str | None) -> None:
        self._root = root
        self._draft = draft
        self._found = Resolved()
        self._seen: set[int] = set()
        self._bases: dict[int, str] = {}
        self._resources: dict[str, Schema] = {"": root}
        self._anchors: dict[tuple[str, str], Schema] = {}
        self._referring: list[tuple[str, Schema]] = []
        self._dynamic: dict[str, int] = {}

    def run(self) -> Resolved:
        self._visit("$", self._root, "")
        for path, schema in self._referring:  # it grows, where a target is found below no keyword
            self._found.targets[id(schema)] = {
                keyword: self._target(schema, keyword, path) for keyword in REFERENCES if keyword in schema
            }
        return self._found

    def _visit(self, path: str, schema: Schema, base: str) -> None:
        todo = [(path, schema, base, 0)]
        while todo:
            path, schema, base, level = todo.pop()
            if id(schema) in self._seen:
                continue
            if level > MOST_LEVELS:
                raise InputError("$: the schema nests too deeply to be read")
            self._seen.add(id(schema))
            check_shape(schema, path, self._draft)
            forget_unknown(schema, self._draft)
            self._found.schemas.append((path, schema))
            self._bases[id(schema)] = base = self._named(schema, base, path)
            if not schema.keys().isdisjoint(REFERENCES):
                self._referring.append((path, schema))
            inside = [
                (below(path, *place.steps), sub, base, level + 1)
                for place in places_in(schema)
                if isinstance(sub := place.holder[place.key], dict)
            ]
            todo += reversed(inside)

    def _named(self, schema: Schema, base: str, path: str) -> str:
        """Take note of the names that a schema gives itself; return the address that it is at."""
        id_ = schema.get("$id", schema.get("id") if self._draft == DRAFT_4 else None)
        if isinstance(id_, str):
            address, anchor = urldefrag(id_)
            if address:
                base = _joined(base, address, path)
                self._resources.setdefault(base, schema)
            if anchor:
                self._anchors[base, anchor] = schema
        for keyword in ("$anchor", "$dynamicAnchor"):
            if keyword in schema:
                self._anchors[base, schema[keyword]] = schema
        if name := schema.get("$dynamicAnchor"):
            self._dynamic[name] = self._dynamic.get(name, 0) + 1
        return base

    def _target(self, schema: Schema, keyword: str, path: str) -> Any:
        ref = schema[keyword]
        if not isinstance(ref, str):  # draft 4 does not say so
            raise InputError(f"{path}: this is no JSON Schema: {keyword} is no text")
        said = f"{path}: {keyword} {cut(ref)!r}"
        address, _, fragment = ref.partition("#")
        base = _joined(self._bases[id(schema)], address, path) if address else self._bases[id(schema)]
        resource = self._resources.get(base)
        if resource is None:
            raise InputError(f"{said} points out of the schema, and nothing is fetched")
        fragment = unquote(fragment)
        if keyword == "$dynamicRef" and self._dynamic.get(fragment, 0) > 1:
            raise InputError(f"{said} names more than one $dynamicAnchor, which is not supported")
        if not fragment.startswith("/") and fragment:
            if (base, fragment) not in self._anchors:
                raise InputError(f"{said} names an anchor that is not in the schema")
            return self._anchors[base, fragment]
        return self._pointed(resource, fragment, said, base)

    def _pointed(self, resource: Schema, pointer: str, said: str, base: str) -> Any:
        place: Any = resource
        around: tuple[Schema, str] | None = None
        steps: list[str | int] = []
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            if isinstance(place, dict) and name in place:
                if id(place) in self._seen:
                    around = (place, name)
                place = place[name]
                steps.append(name)
            elif isinstance(place, list) and _INDEX.fullmatch(name) and int(name) < len(place):
                place = place[int(name)]
                steps.append(int(name))
            else:
                raise InputError(f"{said} points to nothing in the schema")
        if not isinstance(place, dict | bool):
            raise InputError(f"{said} points to what is no schema")
        if isinstance(place, dict) and id(place) not in self._seen:
            if around and around[1] not in _KEYWORDS:
                self._found.strays.append(around)
            self._visit(below("$", *steps), place, base)
        return place


def _joined(base: str, address: str, path: str) -> str:
    try:
        return urldefrag(urljoin(base, address))[0]
    except ValueError:
        raise InputError(f"{path}: {cut(address)!r} is no address") from None


_IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
_IN_PLACE = ("not", "if", "then", "else")


def refuse_circles(found: Resolved) -> None:
    """Raise :class:`InputError`, with the references, for a circle that a value goes around without a step inside."""
    done: set[int] = set()
    for path, start in found.schemas:
        if id(start) in done:
            continue
        way: list[tuple[Schema, str | None]] = [(start, None)]
        on_the_way = {id(start)}
        ahead = [_same_value(start, found)]
        while way:
            following = next(ahead[-1], None)
            if following is None:
                done.add(id(way[-1][0]))
                on_the_way.discard(id(way.pop()[0]))
                ahead.pop()
            elif id(following[0]) in on_the_way:
                first = next(place for place, (schema, _) in enumerate(way) if schema is following[0])
                refs = [cut(ref) for _, ref in [*way[first:], following] if ref]
                shown = refs if len(refs) <= _MOST_SHOWN else [*refs[:_MOST_SHOWN], "…"]
                raise InputError(f"{path}: circular $ref, which never comes to an end: {' → '.join(shown)}")
            elif id(following[0]) not in done:
                way.append(following)
                on_the_way.add(id(following[0]))
                ahead.append(_same_value(following[0], found))


_MOST_SHOWN = 10


def _same_value(schema: Schema, found: Resolved) -> Iterator[tuple[Schema, str | None]]:
    """Yield the schemas that are asked about a value as soon as this one is, each with the reference to it, if any."""
    for keyword, target in found.targets.get(id(schema), {}).items():
        if isinstance(target, dict) and keyword in schema:
            yield target, schema[keyword]
    named = schema.get("dependentSchemas", {})
    inside = [sub for keyword in _IN_PLACE_LISTS for sub in schema.get(keyword, ())]
    inside += [schema[keyword] for keyword in _IN_PLACE if keyword in schema]
    yield from ((sub, None) for sub in (*inside, *named.values()) if isinstance(sub, dict))
