"""A schema → Gemini's ``Schema``, a subset of OpenAPI 3.0's, for ``responseSchema`` (§14.8, R33).

§14.8 says that Gemini takes the standard schema; its ``responseSchema`` knows only ``type format title description
nullable enum items minItems maxItems properties required propertyOrdering anyOf minimum maximum minLength maxLength
pattern minProperties maxProperties``, and ``enum`` only for texts. We read: what it has another word for is said in
that word, references are written out, and ``oneOf`` is said as ``anyOf``. What only narrows (``multipleOf``,
``additionalProperties: false`` …) is left out, since every answer is checked against the original schema. What would
hide the shape of the answer from the model is refused: recursion, maps, ``allOf``, conditions, tuples.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from harness.errors import InputError
from harness.reference.stringified import stringified
from harness.reference.structured.given_schema import normal_schema
from harness.reference.structured.keywords import ANNOTATIONS, Schema, below
from harness.reference.structured.references import References, takes_all
from harness.reference.structured.wording import cut

_KEPT = (
    "title", "description", "format", "nullable", "minItems", "maxItems", "minLength", "maxLength", "pattern",
    "minimum", "maximum", "minProperties", "maxProperties", "required", "propertyOrdering",
)  # fmt: skip
_OF_TYPE = {
    "string": ("format", "minLength", "maxLength", "pattern", "enum", "const"),
    "number": ("format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const"),
    "integer": ("format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const"),
    "boolean": ("enum", "const"),
    "array": ("items", "minItems", "maxItems"),
    "object": ("properties", "required", "propertyOrdering", "minProperties", "maxProperties", "additionalProperties"),
}
_REFUSED = (
    "allOf", "not", "if", "then", "else", "patternProperties", "prefixItems", "dependentSchemas", "dependencies",
    "$dynamicRef", "$recursiveRef",
)  # fmt: skip
_ABOUT = ("title", "description", "nullable")
_MOST_SCHEMAS = 5000


def transform_schema_for_gemini(schema: object) -> Schema:
    """Return a schema in Gemini's words; the given one is left as it is.

    Raises :class:`InputError`, with the path, for what Gemini has no word for and could not be left out.
    """
    root = normal_schema(schema).schema
    try:
        return _Subset(root).form_of(root, "$", ())
    except RecursionError:
        raise InputError("$: with its references written out, the schema nests too deeply") from None


class _Subset:
    """One transformation; ``root`` is where references start."""

    def __init__(self, root: Schema) -> None:
        self._references = References(root)
        self._count = 0

    def form_of(self, schema: Any, path: str, inside: tuple[str, ...]) -> Schema:
        """Transform one schema; ``inside`` are the references that are being written out around it."""
        self._count += 1
        if self._count > _MOST_SCHEMAS:
            raise InputError(
                f"{path}: with its references written out, the schema grows beyond {_MOST_SCHEMAS} schemas"
            )
        if schema is False:
            raise InputError(f"{path}: the schema false, which nothing fits, has no form in Gemini's Schema")
        if schema is True:
            return {}
        for keyword in _REFUSED:
            if keyword in schema:
                raise InputError(f"{path}: {keyword} has no form in Gemini's Schema")
        if "$ref" in schema:
            return self._written_out(schema, path, inside)
        types = schema.get("type")
        if isinstance(types, list):
            return self._one_of_types(schema, types, path, inside)
        if "const" in schema or "enum" in schema:
            return _enumerated(schema, path)
        if types is None and ("properties" in schema or "items" in schema):
            schema = {**schema, "type": "object" if "properties" in schema else "array"}
        made = {keyword: schema[keyword] for keyword in ("type", *_KEPT) if keyword in schema}
        made |= _bounds(schema)
        more = schema.get("additionalProperties", True)
        if isinstance(more, dict) and not takes_all(more) and types in {None, "object"}:
            raise InputError(f"{path}: additionalProperties makes a map of this, which Gemini's Schema cannot hold")
        if "properties" in schema:
            made["properties"] = {
                name: self.form_of(sub, below(path, "properties", name), inside)
                for name, sub in schema["properties"].items()
            }
        if "items" in schema and schema["items"] is not False:
            made["items"] = self.form_of(schema["items"], below(path, "items"), inside)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                branches = [
                    self.form_of(sub, below(path, keyword, index), inside) for index, sub in enumerate(schema[keyword])
                ]
                made = _joined(made, branches, below(path, keyword))
        return made

    def _written_out(self, schema: Schema, path: str, inside: tuple[str, ...]) -> Schema:
        ref = schema["$ref"]
        if ref in inside:
            circle = cut(" → ".join([*inside[inside.index(ref) :], ref]), 300)
            raise InputError(f"{path}: the recursion {circle} has no form in Gemini's Schema")
        if beside := sorted(set(schema) - ANNOTATIONS - {"$ref", "nullable"}):
            raise InputError(f"{path}: {', '.join(beside)} beside a $ref has no form in Gemini's Schema")
        target = self._references.target(ref)
        around: Schema = {
            keyword: schema[keyword] for keyword in ("title", "description", "nullable") if keyword in schema
        }
        return {**self.form_of(target, path, (*inside, ref)), **around}

    def _one_of_types(self, schema: Schema, types: list[str], path: str, inside: tuple[str, ...]) -> Schema:
        """Say a list of types as ``nullable``, and as ``anyOf`` where more than one is left."""
        bare = {keyword: value for keyword, value in schema.items() if keyword != "type"}
        named = [type_ for type_ in types if type_ != "null"]
        if "enum" in schema or "const" in schema:
            return self.form_of(bare, path, inside)  # the values tell their types
        if not named:
            return self.form_of({**bare, "type": "null"}, path, inside)
        if len(named) == 1:
            made = self.form_of({**bare, "type": named[0]}, path, inside)
        else:
            common = {word: value for word, value in bare.items() if not any(word in own for own in _OF_TYPE.values())}
            branches = [
                self.form_of(
                    {"type": type_, **{word: bare[word] for word in _OF_TYPE[type_] if word in bare}}, path, inside
                )
                for type_ in named
            ]
            made = _joined(self.form_of(common, path, inside), branches, path)
        return {**made, "nullable": True} if "null" in types else made


def _bounds(schema: Schema) -> Schema:
    """Say exclusive bounds as inclusive ones: exactly for whole numbers, else a hair too wide."""
    whole = schema.get("type") == "integer"
    made: Schema = {}
    if (low := schema.get("exclusiveMinimum")) is not None:
        low = math.floor(low) + 1 if whole else low
        made["minimum"] = max(low, schema.get("minimum", low))
    if (high := schema.get("exclusiveMaximum")) is not None:
        high = math.ceil(high) - 1 if whole else high
        made["maximum"] = min(high, schema.get("maximum", high))
    return made


def _joined(made: Schema, branches: list[Schema], path: str) -> Schema:
    """Put branches into a schema: null becomes ``nullable``, a single branch becomes the schema itself."""
    if "anyOf" in made:
        raise InputError(f"{path}: two choices in one place have no form in Gemini's Schema")
    rest = [branch for branch in branches if branch.get("type") != "null"]
    if not rest:
        return {**made, "type": "null"}
    if len(rest) < len(branches):
        made = {**made, "nullable": True}
    if len(rest) == 1 and not (rest[0].keys() & made.keys() - {*_ABOUT}):
        return {**rest[0], **made}
    return {**made, "anyOf": rest}


def _enumerated(schema: Schema, path: str) -> Schema:
    """Say ``enum`` and ``const``: texts as ``enum``, whole and other numbers by their bounds and in words."""
    values = [schema["const"]] if "const" in schema else schema["enum"]
    if not values:
        raise InputError(f"{path}: an empty enum, which nothing fits, has no form in Gemini's Schema")
    about: Schema = {keyword: schema[keyword] for keyword in _ABOUT if keyword in schema}
    groups: list[Schema] = []
    for test, say in _KINDS:
        if members := [value for value in values if test(value)]:
            groups.append(say(members))
    if sum(map(len, ([value for value in values if test(value)] for test, _ in _KINDS))) < len(values):
        raise InputError(f"{path}: an object or an array as a fixed value has no form in Gemini's Schema")
    made = _joined({}, groups, path)
    words = [text for text in (about.get("description"), made.get("description")) if text]
    return {**made, **about, **({"description": " ".join(words)} if words else {})}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(values: list[Any]) -> Schema:
    whole = all(isinstance(value, int) for value in values)
    said = f"One of {', '.join(map(stringified, values))}."
    return {
        "type": "integer" if whole else "number",
        "minimum": min(values),
        "maximum": max(values),
        "description": said,
    }


def _booleans(values: list[Any]) -> Schema:
    said = {"description": f"Always {stringified(values[0])}."} if len(set(values)) == 1 else {}
    return {"type": "boolean", **said}


_KINDS: tuple[tuple[Callable[[object], bool], Callable[[list[Any]], Schema]], ...] = (
    (lambda value: isinstance(value, str), lambda values: {"type": "string", "enum": values}),
    (_is_number, _numbers),
    (lambda value: isinstance(value, bool), _booleans),
    (lambda value: value is None, lambda _: {"type": "null"}),
)
