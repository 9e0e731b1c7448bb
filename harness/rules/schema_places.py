"""JSON Schemas beside what was made of them: every place of a schema, and what was lost on the way (R33, R34)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

_ONE = ("items", "not", "if", "then", "else", "contains", "propertyNames", "additionalProperties", "additionalItems",
        "unevaluatedItems", "unevaluatedProperties")  # fmt: skip
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_FREE = frozenset({"required", "additionalProperties", "nullable", "propertyOrdering", "$defs", "definitions"})
"""Keywords whose change is judged by rules of their own, or means nothing by itself."""
_CONSTRAINTS = ("pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
                "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties",
                "maxProperties")  # fmt: skip
_DEEPEST_REFERENCE = 32

Path = tuple[str, ...]


class Place(NamedTuple):
    """A schema within a schema."""

    path: Path
    schema: dict[str, Any]


class Change(NamedTuple):
    """Where two schemas part."""

    path: Path
    expected: str
    seen: str


def named(path: Path) -> str:
    """Return a path as a finding shows it."""
    return ".".join(path) or "the root"


def places(schema: Any) -> Iterator[Place]:
    """Yield every schema that stands in a schema, itself first; references are not followed."""
    waiting: list[tuple[Path, Any]] = [((), schema)]
    while waiting:
        path, here = waiting.pop()
        if not isinstance(here, dict):
            continue
        yield Place(path, here)
        inside = [((*path, key), here[key]) for key in _ONE if key in here]
        for key in (*_LISTS, "items"):
            if isinstance(variants := here.get(key), list):
                inside += [((*path, key, str(at)), variant) for at, variant in enumerate(variants)]
        for key in _NAMED:
            if isinstance(members := here.get(key), dict):
                inside += [((*path, key, name), member) for name, member in members.items()]
        waiting += reversed(inside)


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
    """Tell whether a schema is of objects."""
    return "object" in types(schema) or bool(properties(schema))


def resolved(schema: Any, root: Any) -> Any:
    """Return what a local reference refers to, without what stands beside it; the schema itself where there is none.

    A reference that leads nowhere, or round in a circle, is None.
    """
    for _ in range(_DEEPEST_REFERENCE):
        if not (isinstance(schema, dict) and isinstance(reference := schema.get("$ref"), str)):
            return schema
        schema = _at(reference, root)
    return None


def _at(reference: str, root: Any) -> Any:
    if not reference.startswith("#"):
        return None
    here = root
    for part in reference[1:].split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if not (isinstance(here, dict) and key in here):
            return None
        here = here[key]
    return here


def leads_somewhere(root: Any) -> bool:
    """Tell whether every local reference comes to a schema in the end."""
    return all(resolved({"$ref": reference}, root) is not None for reference in _references(root))


def refers_to_itself(root: Any) -> bool:
    """Tell whether a reference leads back to where it stands, or nowhere: then it cannot be replaced by its target."""
    grey: set[str] = set()
    black: set[str] = set()
    waiting: list[tuple[str, bool]] = [(reference, False) for reference in _references(root)]
    while waiting:
        reference, left = waiting.pop()
        if left:
            grey.discard(reference)
            black.add(reference)
        elif reference in grey or (target := _at(reference, root)) is None:
            return True
        elif reference not in black:
            grey.add(reference)
            waiting.append((reference, True))
            waiting += [(inner, False) for inner in _references(target)]
    return False


def _references(schema: Any) -> set[str]:
    return {reference for place in places(schema) if isinstance(reference := place.schema.get("$ref"), str)}


def unwrapped(original: Any, made: Any) -> Any:
    """Return what was made of a schema that is of no object, where it was put into an object as its only property."""
    of_no_object = isinstance(original, dict) and not is_object(original)
    inside = properties(made)
    return next(iter(inside.values())) if of_no_object and is_object(made) and len(inside) == 1 else made


class Pair(NamedTuple):
    """A place of the original beside what was made of it, with null variants taken off."""

    path: Path
    original: dict[str, Any]
    made: dict[str, Any]


def pairs(original: Any, made: Any) -> Iterator[Pair | Change]:
    """Yield each place of a schema beside its counterpart, and a change where there is no counterpart.

    A counterpart may be the original's with null as a further type, enum value or variant. A reference may have been
    replaced by its target; of definitions only those are looked at that are still there.
    """
    waiting: list[tuple[Path, Any, Any]] = [((), original, unwrapped(original, made))]
    while waiting:
        path, one, other = waiting.pop()
        if _says_null(other):
            one = _without_null(other, one)
        other = _without_null(one, other)
        if isinstance(one, dict) and isinstance(other, dict) and "$ref" in one and "$ref" not in other:
            target = resolved(one, original)
            one = {**target, **{key: one[key] for key in one if key != "$ref"}} if isinstance(target, dict) else one
        if not (isinstance(one, dict) and isinstance(other, dict)):
            if isinstance(one, dict) and one:
                yield Change(path, "a schema", "none" if other is None else str(other))
            continue
        yield Pair(path, one, other)
        waiting += reversed(list(_inside(path, one, other)))


def _inside(path: Path, one: dict[str, Any], other: dict[str, Any]) -> Iterator[tuple[Path, Any, Any]]:
    for name, part in properties(one).items():
        yield (*path, "properties", name), part, properties(other).get(name)
    if isinstance(one.get("items"), dict):
        yield (*path, "items"), one["items"], other.get("items")
    for key in ("anyOf", "prefixItems"):
        if isinstance(variants := one.get(key), list):
            theirs = other.get(key)
            for at, part in enumerate(variants):
                counterpart = theirs[at] if isinstance(theirs, list) and at < len(theirs) else None
                yield (*path, key, str(at)), part, counterpart
    for key in ("$defs", "definitions"):
        ours, theirs = one.get(key), other.get(key)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            yield from (((*path, key, name), part, theirs.get(name)) for name, part in ours.items())


def _says_null(schema: Any) -> bool:
    """Tell whether a schema takes null by its own words, as Gemini's do, and not by a variant."""
    return isinstance(schema, dict) and (schema.get("nullable") is True or "null" in types(schema))


def _without_null(one: Any, other: Any) -> Any:
    """Take a null variant off ``other``, where the schema beside it has no variants."""
    if not (isinstance(one, dict) and isinstance(other, dict)) or "anyOf" in one or "anyOf" not in other:
        return other
    variants = other["anyOf"] if isinstance(other["anyOf"], list) else []
    rest = [variant for variant in variants if types(variant) != {"null"}]
    if len(rest) != 1 or not isinstance(rest[0], dict):
        return other
    return {**{key: value for key, value in other.items() if key != "anyOf"}, **rest[0]}


def changes(original: Any, made: Any, *, all_required: bool = False) -> Iterator[Change]:
    """Yield where a schema says less than the original, or something else, null and closed objects apart.

    ``all_required`` tells that another rule looks at what is required.
    """
    for pair in pairs(original, made):
        if isinstance(pair, Change):
            yield pair
        else:
            yield from _changed(pair)
            if not all_required and (lost := required(pair.original) - required(pair.made)):
                yield Change((*pair.path, "required"), ", ".join(sorted(lost)), "optional")
    for reference in sorted(_references(made)):
        if _at(reference, made) is None and not _leads_nowhere(reference, original):
            yield Change(("$ref",), f"the target of {reference}", "none")


def _leads_nowhere(reference: str, schema: Any) -> bool:
    return reference in _references(schema) and _at(reference, schema) is None


def _changed(pair: Pair) -> Iterator[Change]:
    path, one, other = pair
    if types(one) and not types(one) - {"null"} <= types(other) | _variant_types(other):
        yield Change((*path, "type"), str(one["type"]), str(other.get("type")))
    elif types(other) and types(one) and not types(other) <= types(one) | {"null"}:
        yield Change((*path, "type"), str(one["type"]), str(other["type"]))
    if "description" in one and other.get("description") != one["description"]:
        yield Change((*path, "description"), str(one["description"]), str(other.get("description")))
    if one.get("$ref") != other.get("$ref") and "$ref" in one:
        yield Change((*path, "$ref"), str(one["$ref"]), str(other.get("$ref")))
    values = one["enum"] if isinstance(one.get("enum"), list) else [one["const"]] if "const" in one else None
    theirs = other["enum"] if isinstance(other.get("enum"), list) else [other["const"]] if "const" in other else None
    if values is not None and (theirs is None or not _same_but_for_null(values, theirs)):
        yield Change((*path, "enum"), str(values), str(theirs))
    for key in _CONSTRAINTS:
        if key in other and (key not in one or other[key] != one[key]):
            yield Change((*path, key), str(one.get(key)), str(other[key]))


def _variant_types(schema: dict[str, Any]) -> set[str]:
    variants = schema.get("anyOf")
    return {word for variant in variants for word in types(variant)} if isinstance(variants, list) else set()


def _same_but_for_null(values: list[Any], theirs: list[Any]) -> bool:
    return [repr(value) for value in values if value is not None] == [
        repr(value) for value in theirs if value is not None
    ]
