"""A schema as the user gave it → copies that are known to be one: as it is, and in the form that all work is done on.

A schema is JSON Schema 2020-12 unless it names draft 4, 6, 7 or 2019-09.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, NamedTuple

from harness.errors import InputError
from harness.reference.structured.keywords import Schema
from harness.reference.structured.normal_form import normalize
from harness.reference.structured.wording import cut

_KEPT = 64
_TOO_DEEP = "$: the schema nests too deeply to be read"


class Normal(NamedTuple):
    """A schema in the normal form, and the paths that moved schemas had in the user's, by their new ones."""

    schema: Schema
    origins: dict[str, str]


def read_schema(schema: object) -> Schema:
    """Return a deep copy of a schema, so that nothing done to it is done to the user's.

    Raises :class:`InputError`, with the path, for what is no JSON object, no valid schema (``outputSchema`` is one
    already, §3), too deep to be read, or refers to what is not there or to itself and nothing else.
    """
    text = schema_text(schema)
    _normal_text(text)
    copy: Schema = json.loads(text)
    return copy


def normal_schema(schema: object) -> Normal:
    """Return a copy of a schema in the normal form; raises as :func:`read_schema` does."""
    text, origins = _normal_text(schema_text(schema))
    return Normal(json.loads(text), dict(origins))


def schema_text(schema: object) -> str:
    """Return the JSON text of a schema; raises :class:`InputError` for what is no JSON object."""
    if not isinstance(schema, dict):
        raise InputError(f"$: a schema is a JSON object, this is {type(schema).__name__}")
    try:
        return json.dumps(schema, allow_nan=False)
    except (TypeError, ValueError) as error:  # a class, NaN, or an object that holds itself
        raise InputError(f"$: the schema is not JSON: {cut(str(error))}") from None
    except RecursionError:
        raise InputError(_TOO_DEEP) from None


@lru_cache(maxsize=_KEPT)
def _normal_text(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    # Most runs of the adapter ask for no structured output, and jsonschema is slow to load: so it is imported late.
    try:
        schema: Any = json.loads(text)
        origins = normalize(schema)
        return json.dumps(schema), tuple(origins.items())
    except RecursionError:
        raise InputError(_TOO_DEEP) from None
