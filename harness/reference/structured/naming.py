"""``jsonschema``, led straight to the first fault of an answer: a look at each part tells what fits and is passed over.

The keywords that hold other schemas are replaced by ones that go only where something does not fit. Those for which
``jsonschema`` would need more than linear time, or floats, say no more than that they are not met.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from itertools import islice
from typing import Any, TypeAlias

from harness.reference.structured.fitting import Fitting
from harness.reference.structured.keywords import Schema, below
from harness.reference.structured.references import References
from harness.reference.structured.wording import cut
from harness.reference.structured.work import Work

_LONGEST_PLACE = 60
_LONGEST_MESSAGE = 100

_SAID = {
    "anyOf": "it fits none of the schemas in anyOf",
    "oneOf": "it does not fit exactly one of the schemas in oneOf",
    "not": "it fits the schema in not",
    "contains": "it holds too few, or too many, of what contains asks for",
    "uniqueItems": "it has equal items",
    "multipleOf": "it is no such multiple as multipleOf asks for",
    "propertyNames": "it has a property with a name that propertyNames refuses",
    "unevaluatedProperties": "it has a property that unevaluatedProperties refuses",
    "unevaluatedItems": "it has an item that unevaluatedItems refuses",
}

_Inside: TypeAlias = Iterable[tuple[Any, Any, str | int | None]]
_work: ContextVar[Work] = ContextVar("_work")


class Naming:
    """Names faults of answers to one schema; ``fitting`` is the look at their parts."""

    def __init__(self, root: Schema, references: References, fitting: Fitting) -> None:
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to load, see given_schema
        from jsonschema.validators import extend  # noqa: PLC0415
        from referencing.jsonschema import EMPTY_REGISTRY  # noqa: PLC0415

        self._fitting = fitting
        looks = {keyword: self._guided(inside) for keyword, inside in _INSIDE.items()}
        looks["$ref"] = self._guided(lambda schema, value: [(value, references.target(schema["$ref"]), None)])
        looks["if"] = self._guided(self._then_or_else)
        looks |= {keyword: self._saying(keyword) for keyword in _SAID}
        made: Any = extend  # its annotations are incomplete
        self._validator = made(Draft202012Validator, looks)(root, registry=EMPTY_REGISTRY)

    def fault_of(self, data: Any, work: Work) -> str | None:
        """Return the first fault of an answer, its place first, or None; raises what the look at it raises."""
        token = _work.set(work)
        try:
            error = next(self._validator.iter_errors(data), None)
        finally:
            _work.reset(token)
        if error is None:
            return None
        short = len(error.message) <= _LONGEST_MESSAGE
        said = cut(error.message) if short else f"does not fit {error.validator!r}"
        return f"{cut(below('$', *error.absolute_path), _LONGEST_PLACE)}: {said}"

    def _guided(self, inside: Callable[[Schema, Any], _Inside]) -> Callable[[Any, Any, Any, Any], Iterator[Any]]:
        def look(validator: Any, _: Any, value: Any, schema: Schema) -> Iterator[Any]:
            from jsonschema.exceptions import ValidationError  # noqa: PLC0415

            work = _work.get()
            for item, sub, step in inside(schema, value):
                work.spend(1)
                if self._fitting.test_of(sub)(item, work):
                    continue
                if isinstance(sub, bool):
                    yield ValidationError("is not allowed here", path=() if step is None else (step,))
                else:
                    yield from validator.descend(item, sub, path=step)

        return look

    def _then_or_else(self, schema: Schema, value: Any) -> _Inside:
        fits = self._fitting.test_of(schema["if"])(value, _work.get())
        return [(value, schema.get("then" if fits else "else", True), None)]

    def _saying(self, keyword: str) -> Callable[[Any, Any, Any, Any], Iterator[Any]]:
        def look(_: Any, __: Any, value: Any, schema: Schema) -> Iterator[Any]:
            from jsonschema.exceptions import ValidationError  # noqa: PLC0415

            if not self._fitting.keyword_test(schema, keyword)(value, _work.get()):
                yield ValidationError(_SAID[keyword])

        return look


def _properties(schema: Schema, value: Any) -> _Inside:
    if isinstance(value, dict):
        yield from ((value[name], sub, name) for name, sub in schema["properties"].items() if name in value)


def _pattern_properties(schema: Schema, value: Any) -> _Inside:
    if isinstance(value, dict):
        for pattern, sub in schema["patternProperties"].items():
            found = re.compile(pattern).search
            yield from ((item, sub, name) for name, item in value.items() if found(name))


def _additional_properties(schema: Schema, value: Any) -> _Inside:
    if isinstance(value, dict):
        named = schema.get("properties", {})
        patterns = [re.compile(pattern).search for pattern in schema.get("patternProperties", ())]
        for name, item in value.items():
            if name not in named and not any(found(name) for found in patterns):
                yield item, schema["additionalProperties"], name


def _prefix_items(schema: Schema, value: Any) -> _Inside:
    if isinstance(value, list):
        pairs = zip(value, schema["prefixItems"], strict=False)
        yield from ((item, sub, index) for index, (item, sub) in enumerate(pairs))


def _items(schema: Schema, value: Any) -> _Inside:
    if isinstance(value, list):
        first = len(schema.get("prefixItems", ()))
        yield from ((item, schema["items"], index) for index, item in islice(enumerate(value), first, None))


def _all_of(schema: Schema, value: Any) -> _Inside:
    return ((value, sub, None) for sub in schema["allOf"])


def _dependent_schemas(schema: Schema, value: Any) -> _Inside:
    if isinstance(value, dict):
        yield from ((value, sub, None) for name, sub in schema["dependentSchemas"].items() if name in value)


_INSIDE: dict[str, Callable[[Schema, Any], _Inside]] = {
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "prefixItems": _prefix_items,
    "items": _items,
    "allOf": _all_of,
    "dependentSchemas": _dependent_schemas,
}
"""For a schema with the keyword and a value: the parts of the value, each with its schema and the step to it."""
