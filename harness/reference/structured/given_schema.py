"""A schema as the user gave it → a copy that is known to be one (JSON Schema, draft 2020-12)."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from harness.errors import InputError
from harness.reference.structured.keywords import Schema, below, every
from harness.reference.structured.references import target_of

_KEPT = 64


def read_schema(schema: object) -> Schema:
    """Return a deep copy of a schema, so that nothing done to it is done to the user's.

    Raises :class:`InputError`, with the path, for what is no JSON object, no valid schema (``outputSchema`` is one
    already, §3), too deep to be read, or refers to what is not there or to itself and nothing else.
    """
    text = schema_text(schema)
    checked(text)
    copy: Schema = json.loads(text)
    return copy


def schema_text(schema: object) -> str:
    """Return the JSON text of a schema; raises :class:`InputError` for what is no JSON object."""
    if not isinstance(schema, dict):
        raise InputError(f"$: a schema is a JSON object, this is {type(schema).__name__}")
    try:
        return json.dumps(schema, allow_nan=False)
    except (TypeError, ValueError) as error:  # a class, NaN, or an object that holds itself
        raise InputError(f"$: the schema is not JSON: {error}") from None
    except RecursionError:
        raise InputError("$: the schema nests too deeply to be read") from None


def is_readable(pattern: str) -> bool:
    """Tell whether Python can read a regular expression, which a schema writes in JavaScript's dialect."""
    try:
        re.compile(pattern)
    except (re.error, OverflowError):
        return False
    return True


@lru_cache(maxsize=_KEPT)
def checked(text: str) -> None:
    """Check the JSON text of a schema against the meta-schema, and each of its references; raises as above."""
    # Most runs of the adapter ask for no structured output, and jsonschema is slow to load.
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415

    schema: Any = json.loads(text)
    try:
        # Without formats: a pattern of JavaScript's, which Python cannot read, is no fault of the schema.
        check: Any = Draft202012Validator.check_schema  # its annotation does not know None
        check(schema, format_checker=None)
        for path, node in every(schema):
            if "$ref" in node:
                target_of(schema, node["$ref"], path)
            for pattern in node.get("patternProperties", ()):
                if not is_readable(pattern):
                    raise InputError(f"{below(path, 'patternProperties', pattern)}: Python cannot read this pattern")
    except SchemaError as error:
        said = error.message if len(error.message) <= 200 else error.message[:200] + "…"
        raise InputError(f"{below('$', *error.absolute_path)}: this is no JSON Schema: {said}") from None
    except RecursionError:
        raise InputError("$: the schema nests too deeply to be read") from None
