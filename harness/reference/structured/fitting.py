"""Does an answer fit? A schema becomes functions, one for each keyword, that say yes or no in linear time.

``jsonschema`` needs microseconds for each value and prints each that does not fit, which is too long for an answer of a
megabyte; and a recursive schema with choices costs it time exponential in the depth of a hostile answer. Here every
schema that is referred to is asked once about a value, and all work is counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from harness.reference.structured.keywords import Schema
from harness.reference.structured.references import References
from harness.reference.structured.scalar_tests import SCALAR_TESTS, Test
from harness.reference.structured.unevaluated import UNEVALUATED, Unevaluated
from harness.reference.structured.work import Work

_OF_OBJECTS = ("required", "properties", "patternProperties", "additionalProperties")
_OF_ARRAYS = ("prefixItems", "items")


class Fitting:
    """The tests of a schema of the normal form, each made when it is first asked for.

    A test is a function of a value and the work that is left: it raises :class:`TooMuchWork`, and ``RecursionError``
    for an answer too deep for the stack. ``optional_nulls``: a null in an optional property is nothing to look at.
    """

    def __init__(self, references: References, *, optional_nulls: bool = False) -> None:
        self._references = references
        self._optional_nulls = optional_nulls
        self._unevaluated = Unevaluated(self.test_of, references)
        self._made: dict[int, Test] = {}
        self._shared: dict[int, Test] = {}

    def test_of(self, schema: Any) -> Test:
        """Return the test of a schema inside of this one."""
        if isinstance(schema, bool):
            return _always if schema else _never
        if id(schema) not in self._made:
            tests = [self.keyword_test(schema, keyword) for keyword in _IN_ORDER if keyword in schema]
            for words, make in ((_OF_OBJECTS, self._object), (_OF_ARRAYS, self._array)):
                if any(word in schema for word in words):
                    tests.append(make(schema))
            self._made[id(schema)] = tests[0] if len(tests) == 1 else _all(tests)
        return self._made[id(schema)]

    def keyword_test(self, schema: Schema, keyword: str) -> Test:
        """Return the test of one keyword that needs no others beside it, or has them in the same schema."""
        if keyword in SCALAR_TESTS:
            return SCALAR_TESTS[keyword](schema[keyword])
        if keyword in UNEVALUATED:
            return self._unevaluated.test(schema, keyword)
        return _APPLYING[keyword](self, schema)

    def _object(self, schema: Schema) -> Test:
        properties = {name: self.test_of(sub) for name, sub in schema.get("properties", {}).items()}
        patterns = [(re.compile(word).search, self.test_of(sub)) for word, sub in _patterns(schema)]
        more = self.test_of(schema.get("additionalProperties", True))
        needed = schema.get("required", ())
        overlooked = properties.keys() - {*needed} if self._optional_nulls else frozenset()
        cost = 1 + len(patterns)

        def test(value: Any, work: Work) -> bool:
            if not isinstance(value, dict):
                return True
            for name in needed:  # first, so that a branch that cannot fit costs no descent
                if name not in value:
                    return False
            work.spend(cost * len(value) + len(needed))
            for name, item in value.items():
                if item is None and name in overlooked:
                    continue
                own = properties.get(name)
                about = [] if own is None else [own]
                if patterns:
                    about += [sub for found, sub in patterns if found(name)]
                for one in about or (more,):
                    if not one(item, work):
                        return False
            return True

        return test

    def _array(self, schema: Schema) -> Test:
        first = [self.test_of(sub) for sub in schema.get("prefixItems", ())]
        rest = self.test_of(schema.get("items", True))

        def test(value: Any, work: Work) -> bool:
            if not isinstance(value, list):
                return True
            work.spend(len(value))
            for own, item in zip(first, value, strict=False):
                if not own(item, work):
                    return False
            for item in value[len(first) :] if rest is not _always else ():  # noqa: SIM110 - see _all
                if not rest(item, work):
                    return False
            return True

        return test

    def _reference(self, schema: Schema) -> Test:
        """Follow a reference when it is met, since it may lead to the schema that is being made, and ask it once."""
        target = self._references.target(schema["$ref"])

        def test(value: Any, work: Work) -> bool:
            key = (id(test), id(value))
            fits = work.known.get(key)
            if fits is None:
                work.spend(1)
                fits = work.known[key] = self.test_of(target)(value, work)
            return fits

        return self._shared.setdefault(id(target), test)

    def _any_of(self, schema: Schema) -> Test:
        tests = [self.test_of(sub) for sub in schema["anyOf"]]

        def test(value: Any, work: Work) -> bool:
            work.spend(len(tests))
            for one in tests:  # noqa: SIM110 - see _all
                if one(value, work):
                    return True
            return False

        return test

    def _one_of(self, schema: Schema) -> Test:
        tests = [self.test_of(sub) for sub in schema["oneOf"]]

        def test(value: Any, work: Work) -> bool:
            work.spend(len(tests))
            return [one(value, work) for one in tests].count(True) == 1

        return test

    def _all_of(self, schema: Schema) -> Test:
        return _all([self.test_of(sub) for sub in schema["allOf"]])

    def _not(self, schema: Schema) -> Test:
        inner = self.test_of(schema["not"])
        return lambda value, work: not inner(value, work)

    def _if(self, schema: Schema) -> Test:
        if_, then, else_ = (self.test_of(schema.get(word, True)) for word in ("if", "then", "else"))
        return lambda value, work: (then if if_(value, work) else else_)(value, work)

    def _contains(self, schema: Schema) -> Test:
        inner = self.test_of(schema["contains"])
        fewest, most = schema.get("minContains", 1), schema.get("maxContains")

        def test(value: Any, work: Work) -> bool:
            if not isinstance(value, list):
                return True
            work.spend(len(value))
            count = sum(inner(item, work) for item in value)
            return count >= fewest and (most is None or count <= most)

        return test

    def _property_names(self, schema: Schema) -> Test:
        inner = self.test_of(schema["propertyNames"])

        def test(value: Any, work: Work) -> bool:
            if not isinstance(value, dict):
                return True
            work.spend(len(value))
            return all(inner(name, work) for name in value)

        return test

    def _dependent_schemas(self, schema: Schema) -> Test:
        tests = {name: self.test_of(sub) for name, sub in schema["dependentSchemas"].items()}

        def test(value: Any, work: Work) -> bool:
            if not isinstance(value, dict):
                return True
            work.spend(len(tests))
            return all(one(value, work) for name, one in tests.items() if name in value)

        return test


def _patterns(schema: Schema) -> list[tuple[str, Any]]:
    return [*schema.get("patternProperties", {}).items()]


def _always(_: Any, __: Work) -> bool:
    return True


def _never(_: Any, __: Work) -> bool:
    return False


def _all(tests: list[Test]) -> Test:
    cost = len(tests)

    def test(value: Any, work: Work) -> bool:
        work.left -= cost
        for one in tests:  # noqa: SIM110 - `all` would cost a frame in every depth of the answer
            if not one(value, work):
                return False
        return True

    return test


_APPLYING: dict[str, Callable[[Fitting, Schema], Test]] = {
    "not": Fitting._not,  # noqa: SLF001 - the table of this class
    "if": Fitting._if,  # noqa: SLF001
    "contains": Fitting._contains,  # noqa: SLF001
    "propertyNames": Fitting._property_names,  # noqa: SLF001
    "dependentSchemas": Fitting._dependent_schemas,  # noqa: SLF001
    "allOf": Fitting._all_of,  # noqa: SLF001
    "anyOf": Fitting._any_of,  # noqa: SLF001
    "oneOf": Fitting._one_of,  # noqa: SLF001
    "$ref": Fitting._reference,  # noqa: SLF001
}
_IN_ORDER = (*SCALAR_TESTS, *_APPLYING, *UNEVALUATED)
"""What one value tells comes first: it is cheap."""
