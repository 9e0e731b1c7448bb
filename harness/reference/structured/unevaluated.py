"""``unevaluatedProperties`` and ``unevaluatedItems``: about what no other keyword of the schema has spoken of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from harness.reference.structured.keywords import Schema
from harness.reference.structured.references import References
from harness.reference.structured.scalar_tests import Test
from harness.reference.structured.work import Work

UNEVALUATED: dict[str, type] = {"unevaluatedProperties": dict, "unevaluatedItems": list}


class Unevaluated:
    """Finds the members of a value that a schema leaves open; ``test_of`` gives the test of a schema inside of it."""

    def __init__(self, test_of: Callable[[Any], Test], references: References) -> None:
        self._test_of = test_of
        self._references = references

    def test(self, schema: Schema, keyword: str) -> Test:
        """Return the test of one of :data:`UNEVALUATED`."""
        kind = UNEVALUATED[keyword]
        inner = self._test_of(schema[keyword])

        def test(value: Any, work: Work) -> bool:
            if not isinstance(value, kind):
                return True
            around = {word: sub for word, sub in schema.items() if word != keyword}
            spoken_of = self._evaluated(around, value, work)
            return all(inner(item, work) for member, item in _members(value) if member not in spoken_of)

        return test

    def _evaluated(self, schema: Any, value: Any, work: Work) -> set[str | int]:
        """Return the names or indexes that a schema, which the value fits, has spoken of."""
        if isinstance(schema, bool):
            return set()
        work.spend(1 + len(value))
        own = self._of_object(schema, value) if isinstance(value, dict) else self._of_array(schema, value, work)
        return own.union(*(self._evaluated(sub, value, work) for sub in self._beside(schema, value, work)))

    def _of_object(self, schema: Schema, value: dict[str, Any]) -> set[str | int]:
        if "additionalProperties" in schema or "unevaluatedProperties" in schema:
            return {*value}
        patterns = [re.compile(pattern).search for pattern in schema.get("patternProperties", ())]
        named = value.keys() & schema.get("properties", {}).keys()
        return {*named, *(name for name in value if any(found(name) for found in patterns))}

    def _of_array(self, schema: Schema, value: list[Any], work: Work) -> set[str | int]:
        if "items" in schema or "unevaluatedItems" in schema:
            return {*range(len(value))}
        found: set[str | int] = {*range(min(len(value), len(schema.get("prefixItems", ()))))}
        if "contains" in schema:
            is_one = self._test_of(schema["contains"])
            found |= {index for index, item in enumerate(value) if is_one(item, work)}
        return found

    def _beside(self, schema: Schema, value: Any, work: Work) -> Iterator[Any]:
        """Yield the schemas that speak of the same value, as far as it fits them."""
        if "$ref" in schema:
            yield self._references.target(schema["$ref"])
        yield from schema.get("allOf", ())
        for keyword in ("anyOf", "oneOf"):
            yield from (sub for sub in schema.get(keyword, ()) if self._test_of(sub)(value, work))
        if "if" in schema:
            fits = self._test_of(schema["if"])(value, work)
            yield from (schema[word] for word in (("if", "then") if fits else ("else",)) if word in schema)
        yield from (sub for name, sub in schema.get("dependentSchemas", {}).items() if name in value)


def _members(value: Any) -> Iterator[tuple[str | int, Any]]:
    return iter(value.items()) if isinstance(value, dict) else enumerate(value)
