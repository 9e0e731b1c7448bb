"""What one place of a JSON Schema says, in one form, whatever keywords it is said with.

References are followed, a variant that stands alone is taken out of its ``anyOf``, ``const`` is a list of one value,
and null is told apart, whether it is a type, a value or a variant.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from harness.rules.schema_places import Targets, properties, required, types

OF_TYPE = {
    "string": ("pattern", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
    "object": ("properties", "required", "minProperties", "maxProperties"),
}
"""Keywords that mean nothing for values of another type; those of integers are those of numbers."""
_NO_CONDITIONS = frozenset({
    "$schema", "$id", "$anchor", "$comment", "$defs", "definitions", "title", "description", "default", "example",
    "examples", "deprecated", "readOnly", "writeOnly",
})  # fmt: skip
"""Keywords by which no value is refused."""
_MOST_VARIANTS = 64
"""Variants of variants are looked at as long as there are not more than so many."""
_DEEPEST_NULL = 4  # variants within variants


class Form(NamedTuple):
    """What one place of a schema says.

    ``said`` are its keywords, with those of what it refers to; ``variants`` are its variants but for null. ``types``
    and ``values`` are what it takes, null apart, and None where it takes any, or nobody can say; ``null`` tells whether
    it names null among it, and ``nullable`` whether it does by that word of OpenAPI's. ``joined`` tells that several
    schemas were put into one, whose limits may have been combined.
    """

    said: dict[str, Any]
    variants: tuple[Any, ...]
    types: frozenset[str] | None
    values: tuple[Any, ...] | None
    null: bool
    nullable: bool
    joined: bool


def form_of(schema: Any, targets: Targets) -> Form:
    """Return the form of a place, with the types and values that its variants have together, and theirs."""
    form = level_of(schema, targets)
    null, nullable = form.null, form.nullable
    leaves: list[Form] = []
    waiting = [(variant, form.types) for variant in form.variants]
    while waiting and len(waiting) + len(leaves) <= _MOST_VARIANTS:
        variant, inherited = waiting.pop(0)
        level = level_of(variant, targets)
        null, nullable = null or level.null, nullable or level.nullable
        some = level.types or inherited
        waiting = [*((inner, some) for inner in level.variants), *waiting]
        leaves += [] if level.variants else [level._replace(types=some)]
    types_, values = form.types, form.values
    if form.variants and not waiting:
        if all(leaf.types is not None for leaf in leaves):
            types_ = _named(name for leaf in leaves for name in leaf.types or ())
        if values is None and all(leaf.values is not None for leaf in leaves):
            values = tuple(value for leaf in leaves for value in leaf.values or ())
    return form._replace(types=types_, values=values, null=null, nullable=nullable)


def flat(form: Form, targets: Targets) -> tuple[Any, ...]:
    """Return the variants of a form, with those of a variant in its place, and one for each of several types."""
    found: list[Any] = []
    waiting = list(form.variants)
    while waiting:
        variant = waiting.pop(0)
        level = level_of(variant, targets)
        few = len(waiting) + len(found) < _MOST_VARIANTS
        if few and level.variants and level.said.keys() <= _NO_CONDITIONS | {"anyOf", "nullable"}:
            waiting = [*level.variants, *waiting]
        elif few and not level.variants and len(level.types or ()) > 1:
            found += [of_types(level.said, {name}) for name in sorted(level.types or ())]
        else:
            found.append(variant)
    return tuple(found)


def level_of(schema: Any, targets: Targets) -> Form:
    """Return the form of a place by what it says itself; what its variants add is added by :func:`form_of`."""
    said: dict[str, Any] = dict(schema) if isinstance(schema, dict) else {}
    null = joined = False
    met: set[int] = set()
    while True:
        if "oneOf" in said and "anyOf" not in said:
            said["anyOf"] = said.pop("oneOf")
        given = _list(said.get("anyOf"))
        variants = [variant for variant in given if not _is_null(variant, targets)]
        null = null or len(variants) < len(given)
        if given and not variants:
            said = {"type": "null"} | {name: value for name, value in said.items() if name != "anyOf"}
        parts = [("$ref", targets.at(said["$ref"]))] if isinstance(said.get("$ref"), str) else []
        parts += [("allOf", part) for part in _list(said.get("allOf"))]
        parts += [("anyOf", variants[0])] if len(variants) == 1 else []
        key, added = next(((key, part) for key, part in parts if part is not None and id(part) not in met), ("", None))
        if not key:
            break
        met.add(id(added))
        joined = joined or key == "allOf"
        kept = said if key == "allOf" else {name: value for name, value in said.items() if name != key}
        said = _joined(kept, added if isinstance(added, dict) else {})
    names = types(said)
    if "const" in said:
        said["enum"] = [said.pop("const")]
    listed = said.get("enum")
    values = tuple(value for value in listed if value is not None) if isinstance(listed, list) else None
    null = null or "null" in names or (values is not None and len(values) < len(_list(listed)))
    some = _named(names) if names or (null and values == ()) else None
    return Form(said, tuple(variants), some, values, null, said.get("nullable") is True, joined)


def _named(names: Iterable[str]) -> frozenset[str]:
    """Return types without null, and without integers where all numbers are taken."""
    some = frozenset(names) - {"null"}
    return some - {"integer"} if "number" in some else some


def _joined(said: dict[str, Any], added: dict[str, Any]) -> dict[str, Any]:
    """Return what two schemas of one place say; of a keyword of both the first counts, but for members."""
    both = {**added, **said}
    if "properties" in said and "properties" in added:
        both["properties"] = {**properties(added), **properties(said)}
    if "required" in said and "required" in added:
        both["required"] = sorted(required(added) | required(said))
    if "allOf" in said and "allOf" in added:
        both["allOf"] = [*_list(said["allOf"]), *_list(added["allOf"])]
    return both


def _is_null(schema: Any, targets: Targets, depth: int = _DEEPEST_NULL) -> bool:
    """Tell whether a variant takes null and nothing else, by its own words or by all of its variants."""
    schema = targets.behind(schema)
    if not isinstance(schema, dict):
        return False
    if types(schema) == {"null"} or schema.get("const", False) is None or schema.get("enum") == [None]:
        return True
    inner = _list(schema.get("anyOf")) or _list(schema.get("oneOf"))
    return bool(inner) and depth > 0 and all(_is_null(one, targets, depth - 1) for one in inner)


def of_types(said: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Return what is said of values of some types only, without what is said of the place as a whole."""
    rest = {key: value for key, value in said.items() if key not in _NO_CONDITIONS and key != "anyOf"}
    mine = types(said)
    if not names or not mine:
        return rest
    kinds = {"number" if name == "integer" else name for name in names}
    foreign = {key for kind, keys in OF_TYPE.items() if kind not in kinds for key in keys}
    own: dict[str, Any] = {"type": sorted(mine & names)}
    if isinstance(values := said.get("enum"), list):
        own["enum"] = [value for value in values if kind_of(value) in kinds]
    return {key: value for key, value in rest.items() if key not in foreign} | own


def kind_of(value: Any) -> str:
    """Return the type of a JSON value; integers are numbers."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, dict) else "array" if isinstance(value, list) else "number"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
