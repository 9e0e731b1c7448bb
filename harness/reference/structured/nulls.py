"""Nulls that a strict form put in the place of absent properties are taken out again (§14.3, R35).

§14.3's ``transformNullsToUndefined`` takes out every null and leaves holes in arrays (ledger H8). We read R35: a null
becomes absent only where the original schema names the property, does not require it and does not let it be null.
"""

from __future__ import annotations

import re
from typing import Any

from harness.protocol.json_text import MAX_DEPTH
from harness.reference.structured.equality import HOLDERS
from harness.reference.structured.keywords import Schema
from harness.reference.structured.validation import Checker
from harness.reference.structured.work import TooMuchWork, Work


def without_optional_nulls(data: Any, schema: object) -> Any:
    """Return a copy of an answer in which the nulls that stand for absent properties are absent.

    Where the schema offers a choice, the branch that fits decides (once its own optional nulls are overlooked). Nothing
    deeper than :data:`harness.protocol.json_text.MAX_DEPTH` containers is touched, and an answer that cannot be checked
    against its schema in bounded work is returned as it is. Raises :class:`harness.errors.InputError` for what is no
    schema.
    """
    try:
        return mended(data, Checker(schema), Work())
    except TooMuchWork:
        return data


def mended(data: Any, checker: Checker, work: Work) -> Any:
    """Do the same with a schema that is read already; raises :class:`TooMuchWork`."""
    work.begin(data)
    try:
        return _Mending(checker, work, data).of(data, [checker.schema], 0)
    except RecursionError:
        raise TooMuchWork from None


class _Mending:
    def __init__(self, checker: Checker, work: Work, data: Any) -> None:
        self._checker = checker
        self._work = work
        self._null_inside = _holding_null(data)
        self._required: dict[int, frozenset[str]] = {}

    def of(self, value: Any, schemas: list[Any], depth: int) -> Any:
        """Mend a value that all of these schemas are about."""
        if not isinstance(value, dict | list) or id(value) not in self._null_inside or depth >= MAX_DEPTH:
            return value
        about = self._applying(schemas, value)
        self._work.spend(len(value) * sum(1 + len(schema.get("patternProperties", ())) for schema in about))
        if isinstance(value, list):
            return [self.of(item, _of_item(about, index), depth + 1) for index, item in enumerate(value)]
        needed = [self._required_by(schema) for schema in about]
        made = {}
        for name, item in value.items():
            inner = _of_property(about, name)
            named = any(name in schema.get("properties", ()) for schema in about)
            if item is None and named and not any(name in names for names in needed) and not self._may_be_null(inner):
                continue
            made[name] = self.of(item, inner, depth + 1)
        return made

    def _required_by(self, schema: Schema) -> frozenset[str]:
        if id(schema) not in self._required:
            self._required[id(schema)] = frozenset(schema.get("required", ()))
        return self._required[id(schema)]

    def _may_be_null(self, schemas: list[Any]) -> bool:
        return all(self._checker.fits(None, schema, self._work) for schema in schemas)

    def _applying(self, schemas: list[Any], value: Any) -> list[Schema]:
        """Return the schemas and all that they bring in: references, ``allOf``, the branches that fit."""
        found: list[Schema] = []
        seen: set[int] = set()
        todo = list(schemas)
        while todo:
            schema = todo.pop()
            if not isinstance(schema, dict) or id(schema) in seen:
                continue
            seen.add(id(schema))
            found.append(schema)
            if "$ref" in schema:
                todo.append(self._checker.references.target(schema["$ref"]))
            todo += schema.get("allOf", ())
            todo += [self._fitting(schema[choice], value) for choice in ("anyOf", "oneOf") if choice in schema]
            if "if" in schema:
                todo.append(schema.get("then" if self._fits(value, schema["if"]) else "else"))
            if isinstance(value, dict):
                todo += [sub for name, sub in schema.get("dependentSchemas", {}).items() if name in value]
        return found

    def _fitting(self, branches: list[Any], value: Any) -> Any:
        """Return the first branch that fits as it is, else the first that fits without its optional nulls."""
        for with_nulls in (False, True):
            for branch in branches:
                if self._checker.fits(value, branch, self._work, with_nulls=with_nulls):
                    return branch
        return None

    def _fits(self, value: Any, schema: Any) -> bool:
        return self._checker.fits(value, schema, self._work, with_nulls=True)


def _of_item(schemas: list[Schema], index: int) -> list[Any]:
    found = []
    for schema in schemas:
        prefix = schema.get("prefixItems", ())
        found.append(prefix[index] if index < len(prefix) else schema.get("items", True))
    return found


def _of_property(schemas: list[Schema], name: str) -> list[Any]:
    found = []
    for schema in schemas:
        own = [schema["properties"][name]] if name in schema.get("properties", ()) else []
        own += [sub for pattern, sub in schema.get("patternProperties", {}).items() if re.search(pattern, name)]
        found += own or [schema.get("additionalProperties", True)]
    return found


def _containers(data: Any) -> list[dict[str, Any] | list[Any]]:
    """Return every object and array of an answer, each before those inside of it; never recurses."""
    found: list[dict[str, Any] | list[Any]] = []
    todo = [data]
    while todo:
        item = todo.pop()
        if isinstance(item, HOLDERS):
            found.append(item)
            todo += item.values() if isinstance(item, dict) else item
    return found


def _holding_null(data: Any) -> set[int]:
    """Return the ``id`` of every container with a null somewhere inside."""
    holding: set[int] = set()
    for holder in reversed(_containers(data)):
        inside = holder.values() if isinstance(holder, dict) else holder
        if any(item is None or id(item) in holding for item in inside):
            holding.add(id(holder))
    return holding
