"""Whether two JSON Schemas ask for the same, whatever a provider's dialect of JSON Schema made of one of them.

Three forms are known beside the schema itself. OpenAI's strict form requires every property, lets optional ones be null
and closes objects. Gemini's subset (OpenAPI) writes types in capitals, ``nullable`` for a null, ``enum`` for ``const``,
and has no word for some keywords. Both may write a definition in the place of its ``$ref``. Two schemas are compared
pair by pair, each pair once, so that definitions which use one another cost no more than they are long.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.protocol.exact_json import same_text

_MEANINGLESS = frozenset({"$schema", "$id", "$comment", "$defs", "definitions", "title", "propertyOrdering"})
_COMPARED_APART = frozenset({"properties", "required", "items", "anyOf", "additionalProperties", "nullable", "type"})
_BEYOND_OPENAPI = frozenset(
    {
        "additionalProperties", "patternProperties", "propertyNames", "unevaluatedProperties", "dependentRequired",
        "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems", "contains", "prefixItems", "not", "if",
        "then", "else", "default", "examples", "deprecated", "readOnly", "writeOnly", "contentEncoding",
        "contentMediaType", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
        "minProperties", "maxProperties",
    }
)  # fmt: skip
"""Keywords that Gemini's converters leave out: some of them its subset knows today and did not yesterday."""


def same_schema(own: Any, sent: Any) -> bool:
    """Tell whether the schema that was ``sent`` to a provider asks for what the request's ``own`` asks for."""
    return _Pair(own, sent, _speaks_openapi(sent)).alike(own, sent, may_be_null=False)


def equal_schema(own: Any, given: Any) -> bool:
    """Tell whether two schemas are the same JSON; no schema is that of an object without properties."""
    return _json_equal(_bare(own), _bare(given))


def _bare(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return {} if schema is None else schema
    bare = {key: value for key, value in schema.items() if key != "$schema"}
    empty = bare.get("type") == "object" and not bare.get("properties") and not bare.get("required")
    return {} if empty and bare.keys() <= {"type", "properties", "required", "additionalProperties"} else bare


@dataclass(slots=True)
class _Pair:
    """Two schemas that are compared, and the pairs of their parts that were met already: those are held to be alike."""

    own_root: Any
    sent_root: Any
    in_openapi: bool
    met: set[tuple[int, int, bool]] = field(default_factory=set)

    def alike(self, own: Any, sent: Any, *, may_be_null: bool) -> bool:
        key = (id(own), id(sent), may_be_null)
        if key in self.met:
            return True
        self.met.add(key)
        one, other = _view(own, self.own_root), _view(sent, self.sent_root)
        nulls = (bool(one.get("nullable")), bool(other.get("nullable")))
        return (
            (nulls[0] == nulls[1] or (may_be_null and nulls[1]))
            and self._same_type(one, other)
            and self._same_properties(one, other)
            and self._same_lists(one, other)
            and self._same_maps(one, other)
            and self._same_rest(one, other)
        )

    def _same_type(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        if one.get("type") == other.get("type"):
            return True
        return _is_empty(one) and _is_empty(other)

    def _same_properties(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        properties, others = _object(one.get("properties")), _object(other.get("properties"))
        required, others_required = _names(one.get("required")), _names(other.get("required"))
        if properties.keys() != others.keys() or not required <= others_required:
            return False
        for name in others_required - required:
            if name in others and not _view(others[name], self.sent_root).get("nullable"):
                return False
        return all(self.alike(properties[name], others[name], may_be_null=name not in required) for name in properties)

    def _same_lists(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        ways, others = _list(one.get("anyOf")), _list(other.get("anyOf"))
        if len(ways) != len(others) or ("items" in one) != ("items" in other):
            return False
        pairs = list(zip(ways, others, strict=True))
        if "items" in one:
            pairs.append((one["items"], other["items"]))
        return all(self.alike(own, sent, may_be_null=False) for own, sent in pairs)

    def _same_maps(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        values, others = one.get("additionalProperties"), other.get("additionalProperties")
        if isinstance(values, dict) and isinstance(others, dict):
            return self.alike(values, others, may_be_null=False)
        return not isinstance(others, dict) and (self.in_openapi or not isinstance(values, dict))

    def _same_rest(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        rest = one.keys() - _COMPARED_APART
        lost = rest - other.keys()
        if (other.keys() - _COMPARED_APART - rest) or (lost and not (self.in_openapi and lost <= _BEYOND_OPENAPI)):
            return False
        return all(_json_equal(one[key], other[key]) for key in rest - lost)


def _view(schema: Any, root: Any) -> dict[str, Any]:
    """Return one level of a schema in one form: references followed, null told by ``nullable``, types in small letters.

    What stands below it are the parts of the schema themselves, as long as they live.
    """
    if not isinstance(schema, Mapping):
        return {"not": {}} if schema is False else {}
    found = _followed(schema, root)
    if "oneOf" in found and "anyOf" not in found:
        found["anyOf"] = found.pop("oneOf")
    if "const" in found:
        found["enum"] = [found.pop("const")]
    ways = _list(found.get("anyOf"))
    kept = [way for way in ways if not _is_null(way)]
    if len(kept) < len(ways):
        found["nullable"] = True
        found["anyOf"] = kept
    if len(kept) == 1:
        del found["anyOf"]
        found = _referred(kept[0], root) | found
    if isinstance(types := found.get("type"), str | list):
        names = sorted({str(name).lower() for name in ([types] if isinstance(types, str) else types)})
        others = [name for name in names if name != "null"]
        if others and len(others) < len(names):
            found["nullable"] = True
            names = others
        found["type"] = names
    elif "properties" in found or "items" in found:
        found["type"] = ["object" if "properties" in found else "array"]
    if isinstance(words := found.get("enum"), list) and None in words:
        found["nullable"] = True
        found["enum"] = [word for word in words if word is not None]
    if isinstance(found.get("additionalProperties"), bool) or found.get("additionalProperties") == {}:
        del found["additionalProperties"]
    return {key: value for key, value in found.items() if key not in _MEANINGLESS}


def _followed(schema: Mapping[str, Any], root: Any) -> dict[str, Any]:
    """Return a schema with what it refers to, and with what its ``allOf`` adds; neither is followed any deeper."""
    found = _referred(schema, root)
    for part in _list(found.pop("allOf", None)):
        added = _referred(part, root)
        both = {
            "properties": {**_object(found.get("properties")), **_object(added.get("properties"))},
            "required": [*_list(found.get("required")), *_list(added.get("required"))],
        }
        found = added | found | {key: value for key, value in both.items() if value}
    return found


def _referred(schema: Any, root: Any) -> dict[str, Any]:
    """Return a schema with what it refers to in the place of its ``$ref``; a circle of references ends."""
    found = dict(_object(schema))
    followed: set[str] = set()
    while isinstance(reference := found.pop("$ref", None), str) and reference not in followed:
        followed.add(reference)
        found = _target(reference, root) | found
    return found


def _target(reference: str, root: Any) -> dict[str, Any]:
    if not reference.startswith("#"):
        return {"$elsewhere": reference}
    value = root
    for step in reference[1:].split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value.get(name) if isinstance(value, Mapping) else None
    return dict(value) if isinstance(value, Mapping) else {"$elsewhere": reference}


def _is_null(way: Any) -> bool:
    return isinstance(way, Mapping) and str(way.get("type")).lower() == "null"


def _is_empty(view: Mapping[str, Any]) -> bool:
    return (
        not view.get("properties")
        and view.keys() <= {"type", "properties", "required"}
        and view.get("type")
        in (
            None,
            ["object"],
        )
    )


def _speaks_openapi(schema: Any) -> bool:
    """Tell whether a type in capitals, or ``nullable``, stands anywhere in a schema."""
    left = [schema]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            kind = value.get("type")
            if (isinstance(kind, str) and kind.isupper()) or value.get("nullable") is True:
                return True
            left += value.values()
        elif isinstance(value, list):
            left += value
    return False


def _json_equal(one: Any, other: Any) -> bool:
    return same_text(json.dumps(one), json.dumps(other))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _names(value: Any) -> frozenset[str]:
    return frozenset(name for name in _list(value) if isinstance(name, str))
