"""Does an answer fit its schema? ``jsonschema`` says so, within a bound on its work.

A recursive schema with ``anyOf`` can cost time exponential in the depth of a hostile answer, ``uniqueItems`` and
``unevaluatedItems`` quadratic time, and every message of ``jsonschema`` prints the value that it is about. So each
keyword that is looked at is counted, large values for more, and an answer that takes too much :class:`Work` is refused.
``format`` is an annotation (2020-12's default). Known limits: a ``pattern`` is the user's own regular expression and is
not bounded, so one that backtracks without end will do so here; one in words that only JavaScript has is not checked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from harness.errors import InputError
from harness.reference.structured.accepting import Run, Test, accepting
from harness.reference.structured.given_schema import checked, is_readable, schema_text
from harness.reference.structured.keywords import Schema, below, every

MOST_STEPS = 50_000
"""How many keywords are looked at while one text is parsed: half a second of work where nothing fits."""

_LONGEST = 160


class TooMuchWork(Exception):
    """The answer cannot be checked within the bound."""


@dataclass(slots=True)
class Work:
    """What is left of the bound, shared by all candidates of one text; ``weights`` are container sizes by ``id``."""

    left: int = MOST_STEPS
    weights: dict[int, int] = field(default_factory=dict)

    def weigh(self, data: Any) -> None:
        """Take the answer whose parts are looked at next."""
        self.weights = _weights(data)

    def spend(self, steps: int) -> None:
        """Take note of work; raises :class:`TooMuchWork` when nothing is left."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchWork


class Checker:
    """A schema that answers are held to."""

    def __init__(self, schema: object) -> None:
        """Raise :class:`InputError`, with the path, for what is no schema."""
        text = schema_text(schema)
        checked(text)
        self.schema, self._accepts, self._strict, self._lenient = _validators(text)

    def fault_of(self, data: Any, work: Work) -> str | None:
        """Return the first thing that is wrong with an answer, its path first, or None; raises :class:`TooMuchWork`."""
        if self._surely_fits(data):
            return None
        work.weigh(data)
        error = _within(work, lambda: next(self._strict.iter_errors(data), None))
        if error is None:
            return None
        said = error.message if len(error.message) <= _LONGEST else f"does not fit {error.validator!r}"
        return f"{below('$', *error.absolute_path)}: {said}"

    def _surely_fits(self, data: Any) -> bool:
        try:
            return self._accepts is not None and self._accepts(data, Run())
        except RecursionError:
            return False

    def fits(self, data: Any, schema: Any, work: Work, *, with_nulls: bool = False) -> bool:
        """Tell whether a part of the answer that was weighed fits a schema inside of this one.

        ``with_nulls``: an optional property may be null.
        """
        validator = self._lenient if with_nulls else self._strict
        return bool(_within(work, lambda: validator.evolve(schema=schema).is_valid(data)))


_work: ContextVar[Work] = ContextVar("_work")


def _within(work: Work, judge: Callable[[], Any]) -> Any:
    """Run ``jsonschema`` on an answer; its own ways to fail become ours."""
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 - slow to load, see given_schema

    token = _work.set(work)
    try:
        return judge()
    except (RecursionError, OverflowError):  # deep in both; a whole number beyond floats against a `multipleOf`
        raise TooMuchWork from None
    except Unresolvable as error:
        raise InputError(f"$: the reference {error.ref!r} cannot be resolved, and nothing is fetched") from None
    finally:
        _work.reset(token)


def containers(data: Any) -> list[dict[str, Any] | list[Any]]:
    """Return every object and array of an answer, each before those inside of it; never recurses."""
    found: list[dict[str, Any] | list[Any]] = []
    todo = [data]
    while todo:
        item = todo.pop()
        if isinstance(item, dict | list):
            found.append(item)
            todo += item.values() if isinstance(item, dict) else item
    return found


def _weights(data: Any) -> dict[int, int]:
    """Return about how many characters each container prints, by ``id``."""
    weights: dict[int, int] = {}
    for holder in reversed(containers(data)):
        inside = holder.values() if isinstance(holder, dict) else holder
        weight = len(holder)
        for item in inside:
            kind = type(item)  # a loop over exact types: hostile answers have half a million containers
            weight += weights[id(item)] if kind is list or kind is dict else len(item) if kind is str else 4
        weights[id(holder)] = weight
    return weights


_Keyword = Callable[[Any, Any, Any, Any], Iterator[Any] | None]


def _counted(keyword: str, look: _Keyword) -> _Keyword:
    quadratic = keyword in {"unevaluatedItems", "unevaluatedProperties"}

    def counting(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        work = _work.get()
        steps = 1
        if isinstance(instance, dict | list):
            steps += work.weights.get(id(instance), 0) // 1000 + (len(instance) ** 2 // 400 if quadratic else 0)
        elif isinstance(instance, str):
            steps += len(instance) // 1000
        if keyword in {"enum", "required", "patternProperties", "properties"}:
            steps += len(value) // 20
        work.spend(steps)
        yield from look(validator, value, instance, schema) or ()

    return counting


def _unique(_: Any, wanted: Any, instance: Any, __: Any) -> Iterator[Any]:
    """``uniqueItems`` in linear time: ``jsonschema`` compares every pair where it cannot sort."""
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415 - slow to load, see given_schema

    if wanted and isinstance(instance, list) and len({_frozen(item) for item in instance}) < len(instance):
        yield ValidationError("has non-unique elements")


_TRUE, _FALSE = object(), object()


def _frozen(value: Any) -> Any:
    """Return a hashable stand-in that is equal for equal JSON: ``1`` is ``1.0`` and is not ``true``."""
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, dict):
        return frozenset((key, _frozen(item)) for key, item in value.items())
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _lenient_properties(validator: Any, properties: Any, instance: Any, schema: Any) -> Iterator[Any]:
    """``properties``, but a null in an optional one is nothing to look at."""
    if isinstance(instance, dict):
        for name, sub in properties.items():
            if name in instance and (instance[name] is not None or name in schema.get("required", ())):
                yield from validator.descend(instance[name], sub, path=name, schema_path=name)


@lru_cache(maxsize=1)
def _classes() -> tuple[Any, Any]:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to load, see given_schema
    from jsonschema.validators import extend  # noqa: PLC0415

    looks: dict[str, Any] = {**Draft202012Validator.VALIDATORS, "uniqueItems": _unique}
    strict = {keyword: _counted(keyword, look) for keyword, look in looks.items()}
    lenient = {**strict, "properties": _counted("properties", _lenient_properties)}
    made: Any = extend  # its annotations are incomplete
    return made(Draft202012Validator, strict), made(Draft202012Validator, lenient)


@lru_cache(maxsize=64)
def _validators(text: str) -> tuple[Schema, Test | None, Any, Any]:
    """Return a schema with the quick look at it and its validators; they are made of a copy that nobody changes."""
    from referencing.jsonschema import EMPTY_REGISTRY  # noqa: PLC0415

    schema: Schema = json.loads(text)
    schema.pop("$schema", None)  # another draft's name would bring that draft's validator, which counts nothing
    for _, node in every(schema):
        if not is_readable(node.get("pattern", "")):
            del node["pattern"]
    strict, lenient = _classes()
    return schema, accepting(schema), strict(schema, registry=EMPTY_REGISTRY), lenient(schema, registry=EMPTY_REGISTRY)
