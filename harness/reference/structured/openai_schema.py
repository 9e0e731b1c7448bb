"""A schema → the form in which OpenAI takes it for strict structured output (§14.3, §14.7, R34).

OpenAI wants every property required and every object closed. So an optional property becomes one that may be null; the
nulls are taken out again by :mod:`harness.reference.structured.nulls`. What strict mode has no word for is refused
where a model could not know the shape of its answer, and left out where it only narrows: every answer is checked
against the original schema.

§14.3 leaves optional objects, arrays, enums and references as they are and takes what was required from a second
argument (ledger H7). We read R34: every optional property, at any depth, and each object's own ``required``. An object
that says ``additionalProperties: true`` and names properties is closed like one that says nothing; a map
(``additionalProperties`` with a schema, or ``true`` on an object without properties) has no closed form and is refused;
``{}`` means ``true``. What is referred to outside of the definitions moves there, so that it does not become nullable
with the property that it was.
"""

from __future__ import annotations

from typing import Any

from harness.errors import InputError
from harness.reference.structured.given_schema import Normal, normal_schema
from harness.reference.structured.keywords import ANNOTATIONS, DEFINITIONS, Schema, rebuilt
from harness.reference.structured.references import References, is_pure, takes_all
from harness.reference.structured.wording import cut

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
_MAP = (
    "additionalProperties makes a map of this, which OpenAI structured output schemas cannot hold; "
    "name the properties, or ask for a list of entries"
)
_NULL: Schema = {"type": "null"}


def transform_schema_for_openai(schema: object) -> Schema:
    """Return the strict form of a schema, which is left as it is; a strict form is its own.

    Raises :class:`InputError`, with the path, for ``oneOf``, ``allOf``, maps, conditions and whatever else has no form.
    """
    normal = inlined_root(normal_schema(schema))
    try:
        strict: Schema = _Strict(normal).form_of(normal.schema, "$")
    except RecursionError:  # not the schema, which is bounded, but the stack that we were called on
        raise InputError("$: the schema nests too deeply to be transformed") from None
    return strict


def inlined_root(normal: Normal) -> Normal:
    """Return a root that is only a reference as the schema that it refers to; any other root as it is."""
    root = normal.schema
    target = References(root).target(root["$ref"]) if is_pure(root) else None
    if not isinstance(target, dict):
        return normal
    beside = {keyword: value for keyword, value in root.items() if keyword != "$ref"}
    return Normal({**target, **beside}, normal.origins)


class _Strict:
    """One transformation; ``normal`` is the schema whose references are met in it."""

    def __init__(self, normal: Normal) -> None:
        self._origins = normal.origins
        self._references = References(normal.schema)
        self._nullable_references: dict[str, bool] = {}

    def form_of(self, schema: Any, path: str) -> Any:
        path = self._origins.get(path, path)
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
        else:
            _refuse_map(kept, path)
            kept.pop("additionalProperties", None)  # it says nothing where no object can be
        # Beside what can be, `false` only says that nothing else is there, and strict mode wants to hear it.
        shut = {word: kept.pop(word) for word in ("additionalProperties", "items") if kept.get(word) is False}
        made = {**rebuilt(kept, path, self.form_of), **shut}
        if "properties" in made:
            needed = {*schema.get("required", ())}
            for name, sub in made["properties"].items():
                if name not in needed:
                    made["properties"][name] = self._nullable(sub)
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

    def _nullable(self, schema: Schema) -> Schema:
        """Let a property of the strict form be null as well."""
        if self._takes_null(schema):
            return schema
        if "$ref" in schema or "const" in schema:
            return {"anyOf": [schema, dict(_NULL)]}
        made = dict(schema)
        if "type" in made and not _names_null(made["type"]):
            types = made["type"]
            made["type"] = [*types, "null"] if isinstance(types, list) else [types, "null"]
        if "enum" in made and None not in made["enum"]:
            made["enum"] = [*made["enum"], None]
        if "anyOf" in made and not any(self._takes_null(sub) for sub in made["anyOf"]):
            made["anyOf"] = [*made["anyOf"], dict(_NULL)]
        return made

    def _takes_null(self, schema: Any) -> bool:
        """Tell whether null fits, as far as the strict form's keywords can tell."""
        if isinstance(schema, bool):
            return schema
        if ref := schema.get("$ref"):
            if ref not in self._nullable_references:
                self._nullable_references[ref] = self._takes_null(self._references.target(ref))
            return self._nullable_references[ref]
        return (
            ("type" not in schema or _names_null(schema["type"]))
            and ("enum" not in schema or None in schema["enum"])
            and ("const" not in schema or schema["const"] is None)
            and ("anyOf" not in schema or any(self._takes_null(sub) for sub in schema["anyOf"]))
        )


def _is_object(schema: Schema) -> bool:
    types = schema.get("type", "object" if "properties" in schema or "required" in schema else ())
    return types == "object" or (isinstance(types, list) and "object" in types)


def _closed(schema: Schema, path: str) -> Schema:
    """Return an object's schema closed, with a type and with properties."""
    more = schema.get("additionalProperties", False)
    if more is not False and not (takes_all(more) and schema.get("properties")):
        raise InputError(f"{path}: {_MAP}")
    properties = schema.get("properties", {})
    if unnamed := [name for name in schema.get("required", ()) if name not in properties]:
        raise InputError(f"{path}: {cut(unnamed[0])!r} is required, but there is no such property")
    return {"type": "object", **schema, "properties": dict(properties), "additionalProperties": False}


def _refuse_map(schema: Schema, path: str) -> None:
    """Refuse a map that does not say that it is an object; a type that is none makes noise of the keyword."""
    more = schema.get("additionalProperties", True)
    if "type" not in schema and more is not False and not takes_all(more):
        raise InputError(f"{path}: {_MAP}")


def _names_null(types: Any) -> bool:
    return types == "null" or (isinstance(types, list) and "null" in types)
