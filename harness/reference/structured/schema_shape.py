"""Is each keyword of a schema of its right shape? A quick look at common ones, and else ``jsonschema``'s own check.

Each schema is checked alone, with those inside of it taken for granted: so it costs linear time, and no recursion,
however large and deep the whole is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from harness.errors import InputError
from harness.reference.structured.drafts import DRAFT_4, checker_of
from harness.reference.structured.keywords import LISTS, MAPS, SINGLES, Schema, below
from harness.reference.structured.wording import cut

_NAMED = (*MAPS, "dependencies")
_ONE = (*SINGLES, "additionalItems")
_ANCHOR = re.compile(r"[A-Za-z][-A-Za-z0-9._]*")
_TYPES = frozenset({"null", "boolean", "string", "number", "integer", "array", "object"})
_FRAMES = 150
"""How many frames of the stack ``jsonschema`` may need here; it must not run out in the extension below it."""


def check_shape(schema: Schema, path: str, draft: str | None) -> None:
    """Raise :class:`InputError`, with the path, where a keyword of a schema has a value that it cannot have.

    Also raises ``RecursionError``, where the stack is almost at its end.
    """
    if draft != DRAFT_4 and _surely_right(schema, _RIGHT_BEFORE if draft else _RIGHT):
        return
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415 - slow to load, see given_schema

    _need(_FRAMES)
    try:
        # Without formats: a pattern of JavaScript's, which Python cannot read, is no fault of the schema.
        checker_of(draft).check_schema(_alone(schema), format_checker=None)
    except SchemaError as error:
        place = cut(below(path, *error.absolute_path))
        raise InputError(f"{place}: this is no JSON Schema: {cut(error.message, 200)}") from None


def _need(frames: int) -> None:
    """Raise ``RecursionError`` here, where it does no harm, if there are not so many frames left."""
    if frames:
        _need(frames - 1)


def _alone(schema: Schema) -> Schema:
    """Return a schema in which those directly inside of it say nothing."""
    made = dict(schema)
    for keyword in (*_NAMED, *LISTS, *_ONE):
        if keyword in made:
            made[keyword] = _emptied(made[keyword], inside=keyword not in _ONE)
    return made


def _emptied(value: Any, *, inside: bool) -> Any:
    if isinstance(value, list):
        return [{} if isinstance(sub, dict) else sub for sub in value]
    if isinstance(value, dict):
        return {name: {} if isinstance(sub, dict) else sub for name, sub in value.items()} if inside else {}
    return value


def _surely_right(schema: Schema, right: dict[str, Callable[[Any], bool]]) -> bool:
    for keyword, value in schema.items():
        is_right = right.get(keyword)
        if is_right is None:
            if keyword in _DOUBTFUL:
                return False
        elif not is_right(value):
            return False
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value)) and len(set(value)) == len(value)


def _is_type(value: Any) -> bool:
    if isinstance(value, str):
        return value in _TYPES
    return _are_texts(value) and bool(value) and _TYPES.issuperset(value)


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _are_schemas(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_schema, value))


def _are_named_schemas(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_schema, value.values()))


_RIGHT: dict[str, Callable[[Any], bool]] = {
    "type": _is_type,
    "enum": lambda value: isinstance(value, list),
    "const": lambda _: True,
    "required": _are_texts,
    "multipleOf": lambda value: _is_number(value) and value > 0,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys(
        (
            "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains",
            "maxContains",
        ),
        _is_count,
    ),
    **dict.fromkeys(("title", "description", "$comment", "pattern", "format", "$ref", "$schema"), _is_text),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), _is_flag),
    "$anchor": lambda value: isinstance(value, str) and _ANCHOR.fullmatch(value) is not None,
    "$id": lambda value: isinstance(value, str) and "#" not in value,
    "examples": lambda value: isinstance(value, list),
    **dict.fromkeys(MAPS, _are_named_schemas),
    **dict.fromkeys(LISTS, _are_schemas),
    **dict.fromkeys(SINGLES, _is_schema),
}  # fmt: skip
_RIGHT_BEFORE = {
    **_RIGHT,
    "items": lambda value: _is_schema(value) or _are_schemas(value),
    "additionalItems": _is_schema,
    "dependencies": lambda value: (
        isinstance(value, dict) and all(_is_schema(v) or _are_texts(v) for v in value.values())
    ),
}
_DOUBTFUL = frozenset(
    {
        "id", "additionalItems", "dependencies", "dependentRequired", "$dynamicRef", "$dynamicAnchor", "$recursiveRef",
        "$recursiveAnchor", "$vocabulary", "contentEncoding", "contentMediaType",
    }
)  # fmt: skip
"""What a draft knows and is not looked at here; what no draft knows has no wrong shape."""
