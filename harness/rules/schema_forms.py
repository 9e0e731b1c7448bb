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
_OF_THE_PLACE = frozenset({"anyOf", "description", "title"})
_MOST_VARIANTS = 64
"""Variants of variants are taken for variants as long as there are not more than so many."""


class Form(NamedTuple):
    """What one place of a schema says.

    ``said`` are its keywords, with those of what it refers to; ``variants`` are its variants but for null. ``types``
    and ``values`` are what it takes, null apart, and None where it takes any; ``null`` tells whether it names null
    among it. ``joined`` tells that several schemas were put into one, whose limits may have been combined.
    """

    said: dict[str, Any]
    variants: tuple[Any, ...]
    types: frozenset[str] | None
    values: tuple[Any, ...] | None
    null: bool
    joined: bool


def form_of(schema: Any, targets: Targets) -> Form:
    """Return the form of a place, with the types and values that its variants have together."""
    form = level_of(schema, targets)
    if not form.variants:
        return form
    levels: list[Form] = []
    variants: list[Any] = []
    null = form.null
    waiting = list(reversed(form.variants))
    while waiting:
        variant = waiting.pop()
        level = level_of(variant, targets)
        null = null or level.null
        if level.variants and level.said.keys() <= _OF_THE_PLACE and len(waiting) + len(levels) < _MOST_VARIANTS:
            waiting += reversed(level.variants)
        else:
            levels.append(level)
            variants.append(variant)
    some, values = form.types, form.values
    if some is None and all(level.types is not None for level in levels):
        some = _named(name for level in levels for name in level.types or ())
    if values is None and all(level.values is not None for level in levels):
        values = tuple(value for level in levels for value in level.values or ())
    return form._replace(variants=tuple(variants), types=some, values=values, null=null)


def level_of(schema: Any, targets: Targets) -> Form:
    """Return the form of a place by what it says itself; what its variants add is added by :func:`form_of`."""
    said: dict[str, Any] = dict(schema) if isinstance(schema, dict) else {}
    null = joined = False
    met: set[int] = set()
    while True:
        if "oneOf" in said and "anyOf" not in said:
            said["anyOf"] = said.pop("oneOf")
        given = _list(said.get("anyOf"))
        variants = [variant for variant in given if not _is_null(targets.behind(variant))]
        null = null or len(variants) < len(given)
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
    return Form(said, tuple(variants), _named(names) if names else None, values, null, joined)


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


def _is_null(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return False
    return types(schema) == {"null"} or schema.get("const", False) is None or schema.get("enum") == [None]


def of_types(said: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Return what is said of values of some types only, without what is said of the place as a whole."""
    rest = {key: value for key, value in said.items() if key not in _OF_THE_PLACE}
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
