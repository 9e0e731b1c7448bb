"""The quick look at an answer: a schema of common keywords becomes one function, which may only accept.

``jsonschema`` needs microseconds for each value, which is too long for an answer of a megabyte. What is accepted here
needs no second look; all else, and every schema with a keyword that is left out here, goes to ``jsonschema``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from harness.reference.structured.keywords import Schema
from harness.reference.structured.references import target_of

MOST_REFERENCES = 200_000
"""How many references are followed in one answer: what takes more is left to the bounded look."""


class Run:
    """What one look has left."""

    __slots__ = ("references",)

    def __init__(self) -> None:
        self.references = MOST_REFERENCES


Test: TypeAlias = Callable[[Any, Run], bool]


class _NotInTheTable(Exception):
    """A schema that only ``jsonschema`` can judge."""


def accepting(schema: Schema) -> Test | None:
    """Return a function that tells whether an answer surely fits, or None where no such function can be made."""
    try:
        return _Making(schema).test_of(schema)
    except _NotInTheTable:
        return None


class _Making:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._made: dict[int, Test] = {}

    def test_of(self, schema: Any) -> Test:
        if isinstance(schema, bool):
            return _always if schema else _never
        if not _LEFT.isdisjoint(schema) or ("$id" in schema and schema is not self._root):
            raise _NotInTheTable  # an `$id` inside changes what the references around it mean
        tests = [make(schema[keyword]) for keyword, make in _MAKERS.items() if keyword in schema]
        if not _OF_OBJECTS.isdisjoint(schema):
            tests.append(self._object_test(schema))
        if "items" in schema:
            tests.append(_items(self.test_of(schema["items"])))
        if "anyOf" in schema:
            tests.append(_any([self.test_of(sub) for sub in schema["anyOf"]]))
        if "allOf" in schema:
            tests.append(_all([self.test_of(sub) for sub in schema["allOf"]]))
        if "$ref" in schema:
            tests.append(self._reference_test(schema["$ref"]))
        return tests[0] if len(tests) == 1 else _all(tests)

    def _object_test(self, schema: Schema) -> Test:
        properties = {name: self.test_of(sub) for name, sub in schema.get("properties", {}).items()}
        more = self.test_of(schema.get("additionalProperties", True))
        needed = schema.get("required", ())

        def test(value: Any, run: Run) -> bool:
            if not isinstance(value, dict):
                return True
            for name in needed:  # first, so that a branch that cannot fit costs no descent
                if name not in value:
                    return False
            for name, item in value.items():  # noqa: SIM110 - see _all
                if not properties.get(name, more)(item, run):
                    return False
            return True

        return test

    def _reference_test(self, ref: str) -> Test:
        """Follow a reference when it is met: it may lead to the schema that is being made."""
        target = target_of(self._root, ref, "$")
        if id(target) not in self._made:
            self._made[id(target)] = _never  # stands in while the target is made, and is never asked
            self._made[id(target)] = self.test_of(target)
        made = self._made

        def test(value: Any, run: Run) -> bool:
            run.references -= 1
            return run.references >= 0 and made[id(target)](value, run)

        return test


_OF_OBJECTS = frozenset({"properties", "required", "additionalProperties"})
_LEFT = frozenset(
    {
        "oneOf", "not", "if", "prefixItems", "contains", "uniqueItems", "multipleOf", "patternProperties",
        "propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties",
        "$dynamicRef",
    }
)  # fmt: skip
"""What is left to ``jsonschema``; keywords that neither it nor this table knows refuse nothing."""


def _always(_: Any, __: Run) -> bool:
    return True


def _never(_: Any, __: Run) -> bool:
    return False


def _all(tests: list[Test]) -> Test:
    def test(value: Any, run: Run) -> bool:
        for one in tests:  # noqa: SIM110 - `all` would cost a frame in every depth of the answer
            if not one(value, run):
                return False
        return True

    return test


def _any(tests: list[Test]) -> Test:
    def test(value: Any, run: Run) -> bool:
        for one in tests:  # noqa: SIM110 - see _all
            if one(value, run):
                return True
        return False

    return test


def _items(inner: Test) -> Test:
    def test(value: Any, run: Run) -> bool:
        if isinstance(value, list):
            for item in value:
                if not inner(item, run):
                    return False
        return True

    return test


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: type(value) is int or (isinstance(value, float) and value.is_integer()),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _type(types: str | list[str]) -> Test:
    if isinstance(types, str):
        is_type = _TYPES[types]
        return lambda value, _: is_type(value)
    known = [_TYPES[type_] for type_ in types]
    return lambda value, _: any(is_type(value) for is_type in known)


def _enum(values: list[Any]) -> Test:
    if any(isinstance(value, dict | list) for value in values):
        raise _NotInTheTable
    allowed = {(isinstance(value, bool), value) for value in values}  # `1` is `1.0` and is not `true`
    return lambda value, _: not isinstance(value, dict | list) and (isinstance(value, bool), value) in allowed


def _when(is_kind: Callable[[Any], bool], fits: Callable[[Any], bool]) -> Test:
    return lambda value, _: not is_kind(value) or fits(value)


def _pattern(pattern: str) -> Test:
    found = re.compile(pattern).search
    return _when(_TYPES["string"], lambda text: found(text) is not None)


_MAKERS: dict[str, Callable[[Any], Test]] = {
    "type": _type,
    "enum": _enum,
    "const": lambda value: _enum([value]),
    "pattern": _pattern,
    "minimum": lambda bound: _when(_is_number, lambda number: number >= bound),
    "maximum": lambda bound: _when(_is_number, lambda number: number <= bound),
    "exclusiveMinimum": lambda bound: _when(_is_number, lambda number: number > bound),
    "exclusiveMaximum": lambda bound: _when(_is_number, lambda number: number < bound),
    "minLength": lambda bound: _when(_TYPES["string"], lambda text: len(text) >= bound),
    "maxLength": lambda bound: _when(_TYPES["string"], lambda text: len(text) <= bound),
    "minItems": lambda bound: _when(_TYPES["array"], lambda items: len(items) >= bound),
    "maxItems": lambda bound: _when(_TYPES["array"], lambda items: len(items) <= bound),
    "minProperties": lambda bound: _when(_TYPES["object"], lambda items: len(items) >= bound),
    "maxProperties": lambda bound: _when(_TYPES["object"], lambda items: len(items) <= bound),
}
