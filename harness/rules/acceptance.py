"""A JSON Schema as a predicate that is fast and may only accept.

What it accepts, the schema accepts. What it does not accept, the schema may still accept (``5.0`` is an integer in JSON
Schema), so whoever uses it asks a validator before saying no. It is compiled from the schema itself, so that the law
of shapes stands in one place only; a keyword that it does not know makes it accept nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import EllipsisType
from typing import Any

Predicate = Callable[[Any], bool]

_TYPES: dict[str, frozenset[type]] = {
    "string": frozenset({str}),
    "number": frozenset({int, float}),
    "integer": frozenset({int}),
    "boolean": frozenset({bool}),
    "null": frozenset({type(None)}),
    "object": frozenset({dict}),
    "array": frozenset({list}),
}
_ANNOTATIONS = frozenset({"$schema", "$id", "title", "description"})


def acceptance(schema: Mapping[str, Any]) -> Predicate:
    """Return the predicate of a schema that refers to no other."""
    law = {keyword: wanted for keyword, wanted in schema.items() if keyword not in _ANNOTATIONS}
    parts: list[Predicate] = []
    if "type" in law:
        parts.append(_of_type(_TYPES[law.pop("type")], law.pop("minimum", None)))
    if "properties" in law:
        parts += _properties(law.pop("properties"), law.pop("required", ()))
    for keyword, wanted in law.items():
        match keyword:
            case "anyOf":
                parts.append(_any_of(tuple(acceptance(each) for each in wanted)))
            case "const":
                parts.append(_one_of((wanted,)))
            case "enum":
                parts.append(_one_of(tuple(wanted)))
            case "required":
                parts += [_has(key) for key in wanted]
            case _:
                parts.append(_never)
    return parts[0] if len(parts) == 1 else _all_of(tuple(parts))


def _properties(properties: Mapping[str, Any], required: Iterable[str]) -> list[Predicate]:
    """One loop over the keys whose schema is only a type or a word: most keys of most chunks are such."""
    typed: list[tuple[str, frozenset[type]]] = []
    worded: list[tuple[str, str, object]] = []
    other = [_has(key) for key in required if key not in properties]
    for key, schema in properties.items():
        law = {keyword: wanted for keyword, wanted in schema.items() if keyword not in _ANNOTATIONS}
        if law.keys() == {"type"}:
            absent = frozenset[type]() if key in required else frozenset({EllipsisType})
            typed.append((key, _TYPES[law["type"]] | absent))
        elif law.keys() == {"const"} and isinstance(law["const"], str):
            worded.append((key, law["const"], ... if key in required else law["const"]))
        else:
            other.append(_member(key, acceptance(schema), required=key in required))
    return [_simple(tuple(typed), tuple(worded)), *other]


def _simple(typed: tuple[tuple[str, frozenset[type]], ...], worded: tuple[tuple[str, str, object], ...]) -> Predicate:
    def accepts(value: Any) -> bool:
        get = value.get
        for key, types in typed:
            if type(get(key, ...)) not in types:
                return False
        for key, word, absent in worded:  # noqa: SIM110 - all() costs twice the time, and this runs for every chunk
            if get(key, absent) != word:
                return False
        return True

    return accepts


def _member(key: str, accepts: Predicate, *, required: bool) -> Predicate:
    def member(value: Any) -> bool:
        return accepts(value[key]) if key in value else not required

    return member


def _all_of(parts: tuple[Predicate, ...]) -> Predicate:
    def accepts(value: Any) -> bool:
        for part in parts:  # noqa: SIM110 - as above
            if not part(value):
                return False
        return True

    return accepts


def _any_of(choices: tuple[Predicate, ...]) -> Predicate:
    def accepts(value: Any) -> bool:
        for choice in choices:  # noqa: SIM110 - as above
            if choice(value):
                return True
        return False

    return accepts


def _of_type(types: frozenset[type], minimum: float | None) -> Predicate:
    if minimum is None:
        return lambda value: type(value) in types
    return lambda value: type(value) in types and value >= minimum


def _one_of(values: tuple[Any, ...]) -> Predicate:
    """Compare types too: ``True == 1`` in Python, and not in JSON."""
    return lambda value: any(type(value) is type(one) and value == one for one in values)


def _has(key: str) -> Predicate:
    return lambda value: key in value


def _never(_: Any) -> bool:
    return False
