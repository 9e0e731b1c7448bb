"""A schema → the form in which OpenAI takes it for strict structured output (§14.3, §14.7, R34).

OpenAI wants every property required and every object closed. So an optional property becomes one that may be null; the
nulls are taken out again by :mod:`harness.reference.structured.nulls`. What strict mode has no word for is refused
where a model could not know the shape of its answer, and left out where it only narrows: every answer is checked
against the original schema.

§14.3 leaves optional objects, arrays, enums and references as they are and takes what was required from a second
argument (ledger H7). We read R34: every optional property, at any depth, and each object's own ``required``. An object
that says ``additionalProperties: true`` and names properties is closed like one that says nothing; a map
(``additionalProperties`` with a schema, or ``true`` on an object without properties) has no closed form and is refused.
"""

from __future__ import annotations

from typing import Any

from harness.errors import InputError
from harness.reference.structured.given_schema import read_schema
from harness.reference.structured.keywords import ANNOTATIONS, DEFINITIONS, Schema, below, rebuilt
from harness.reference.structured.references import is_pure, target_of

_REFUSED = (
    "oneOf", "allOf", "not", "if", "then", "else", "patternProperties", "dependentRequired", "dependentSchemas",
    "dependencies", "$dynamicRef", "$recursiveRef",
)  # fmt: skip
_LEFT_OUT = frozenset(
    {
        "default", "propertyNames", "minProperties", "maxProperties", "unevaluatedProperties", "unevaluatedItems",
        "contains", "minContains", "maxContains", "uniqueItems",
    }
)  # fmt: skip
_NULL: Schema = {"type": "null"}


def transform_schema_for_openai(schema: object) -> Schema:
    """Return the strict form of a schema, which is left as it is; a strict form is its own.

    Raises :class:`InputError`, with the path, for ``oneOf``, ``allOf``, maps, conditions and whatever else has no form.
    """
    root = read_schema(schema)
    if isinstance(root.get("$ref"), str):
        root = inlined_root(root)
    strict: Schema = _Strict(root).form_of(root, "$")
    return strict


def inlined_root(root: Schema) -> Schema:
    """Return a root that is only a reference as the schema that it refers to; any other root as it is."""
    if not is_pure(root):
        return root
    target = target_of(root, root["$ref"], "$")
    if not isinstance(target, dict):
        return root
    beside = {keyword: value for keyword, value in root.items() if keyword != "$ref"}
    return {**target, **beside}


class _Strict:
    """One transformation; ``root`` is where references start."""

    def __init__(self, root: Schema) -> None:
        self._root = root

    def form_of(self, schema: Any, path: str) -> Any:
        if isinstance(schema, bool):
            if not schema:
                raise InputError(f"{path}: the schema false, which nothing fits, has no form in OpenAI's strict mode")
            return {}
        for keyword in _REFUSED:
            if keyword in schema:
                raise InputError(f"{path}: {keyword} is not supported in OpenAI structured output schemas")
        kept = {keyword: value for keyword, value in schema.items() if keyword not in _LEFT_OUT}
        if "$ref" in kept:
            return self._reference(kept, path)
        if _is_object(kept):
            kept = _closed(kept, path)
        elif isinstance(kept.get("additionalProperties"), bool):
            del kept["additionalProperties"]  # it says nothing where no object can be
        # Beside what can be, `false` only says that nothing else is there, and strict mode wants to hear it.
        shut = {word: kept.pop(word) for word in ("additionalProperties", "items") if kept.get(word) is False}
        made = {**rebuilt(kept, path, self.form_of), **shut}
        if "properties" in made:
            needed = schema.get("required", ())
            for name, sub in made["properties"].items():
                if name not in needed:
                    made["properties"][name] = self._nullable(sub, below(path, "properties", name))
            made["required"] = list(made["properties"])
        return made

    def _reference(self, schema: Schema, path: str) -> Schema:
        """Keep a reference alone, as strict mode wants it: a description goes around it."""
        if not is_pure(schema):
            beside = ", ".join(sorted(set(schema) - ANNOTATIONS - {"$ref"}))
            raise InputError(f"{path}: {beside} beside a $ref is not supported in OpenAI structured output schemas")
        defined = {keyword: schema[keyword] for keyword in DEFINITIONS if keyword in schema}
        around: Schema = {keyword: schema[keyword] for keyword in ("title", "description") if keyword in schema}
        reference = {"$ref": schema["$ref"]}
        made = {**around, "anyOf": [reference]} if around else reference
        return {**made, **rebuilt(defined, path, self.form_of)}

    def _nullable(self, schema: Schema, path: str) -> Schema:
        """Let a property of the strict form be null as well."""
        if self._takes_null(schema, path):
            return schema
        if "$ref" in schema or "const" in schema:
            return {"anyOf": [schema, dict(_NULL)]}
        made = dict(schema)
        if "type" in made and not _names_null(made["type"]):
            types = made["type"]
            made["type"] = [*types, "null"] if isinstance(types, list) else [types, "null"]
        if "enum" in made and None not in made["enum"]:
            made["enum"] = [*made["enum"], None]
        if "anyOf" in made and not any(self._takes_null(sub, path) for sub in made["anyOf"]):
            made["anyOf"] = [*made["anyOf"], dict(_NULL)]
        return made

    def _takes_null(self, schema: Any, path: str, seen: tuple[str, ...] = ()) -> bool:
        """Tell whether null fits, as far as the strict form's keywords can tell."""
        if isinstance(schema, bool):
            return schema
        if ref := schema.get("$ref"):
            return ref not in seen and self._takes_null(target_of(self._root, ref, path), path, (*seen, ref))
        return (
            ("type" not in schema or _names_null(schema["type"]))
            and ("enum" not in schema or None in schema["enum"])
            and ("const" not in schema or schema["const"] is None)
            and ("anyOf" not in schema or any(self._takes_null(sub, path, seen) for sub in schema["anyOf"]))
        )


def _is_object(schema: Schema) -> bool:
    types = schema.get("type", "object" if "properties" in schema or "required" in schema else ())
    return types == "object" or (isinstance(types, list) and "object" in types)


def _closed(schema: Schema, path: str) -> Schema:
    """Return an object's schema closed, with a type and with properties."""
    more = schema.get("additionalProperties", False)
    if isinstance(more, dict) or (more is True and not schema.get("properties")):
        raise InputError(
            f"{path}: additionalProperties makes a map of this, which OpenAI structured output schemas cannot hold; "
            "name the properties, or ask for a list of entries"
        )
    properties = schema.get("properties", {})
    if unnamed := [name for name in schema.get("required", ()) if name not in properties]:
        raise InputError(f"{path}: {unnamed[0]!r} is required, but there is no such property")
    return {"type": "object", **schema, "properties": dict(properties), "additionalProperties": False}


def _names_null(types: Any) -> bool:
    return types == "null" or (isinstance(types, list) and "null" in types)
