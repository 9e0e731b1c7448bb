"""Older drafts of JSON Schema: a schema that names one in ``$schema`` is checked by it, and said in 2020-12's words.

So every other module knows one draft only. What changes its name: tuples (``items`` with a list, ``additionalItems``),
``dependencies``, draft 4's boolean ``exclusiveMinimum``, and what stands beside a ``$ref`` before 2019, which counts
for nothing. Known limit: draft 4's whole numbers exclude ``1.0``, ours do not.
"""

from __future__ import annotations

from typing import Any

from harness.reference.structured.keywords import ANNOTATIONS, Schema

DRAFT_4 = "http://json-schema.org/draft-04/schema"
_DRAFT_6, _DRAFT_7 = "http://json-schema.org/draft-06/schema", "http://json-schema.org/draft-07/schema"
_DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema"
_OLDER = (DRAFT_4, _DRAFT_6, _DRAFT_7, _DRAFT_2019)
_REF_STANDS_ALONE = frozenset({DRAFT_4, _DRAFT_6, _DRAFT_7})
_NEW_AFTER = {
    DRAFT_4: ("const", "contains", "propertyNames", "$id"),
    _DRAFT_6: ("if", "then", "else"),
    _DRAFT_7: (
        "dependentRequired", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties", "minContains",
        "maxContains", "contentSchema", "$anchor", "$recursiveRef",
    ),
    _DRAFT_2019: ("prefixItems", "$dynamicRef", "$dynamicAnchor"),
}  # fmt: skip


def draft_of(root: Schema) -> str | None:
    """Return the address of the older draft that a schema names, or None for 2020-12 and whatever nobody knows."""
    named = root.get("$schema")
    address = named.removesuffix("#") if isinstance(named, str) else None
    return address if address in _OLDER else None


def checker_of(draft: str | None) -> Any:
    """Return the class of ``jsonschema`` that knows what is a schema of a draft."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to load, see given_schema
    from jsonschema.validators import validator_for  # noqa: PLC0415

    return validator_for({"$schema": draft or ""}, default=Draft202012Validator)


def forget_unknown(schema: Schema, draft: str | None) -> None:
    """Take out of one schema, in its place, the keywords that its draft does not know and another does.

    ``$defs`` stays where it holds schemas, since references to it were written before it was a keyword.
    """
    if draft is None:
        schema.pop("additionalItems", None)
        return
    for older in _OLDER[_OLDER.index(draft) :]:
        for keyword in _NEW_AFTER[older]:
            schema.pop(keyword, None)
    if "$defs" in schema:
        named = schema.pop("$defs")
        inside = named.items() if isinstance(named, dict) else ()
        schema["$defs"] = {name: sub for name, sub in inside if isinstance(sub, dict | bool)}


def modernize(schema: Schema, draft: str) -> None:
    """Say one schema of an older draft in 2020-12's words, in its place; those inside of it stay as they are."""
    if draft in _REF_STANDS_ALONE and "$ref" in schema:
        for keyword in schema.keys() - ANNOTATIONS - {"$ref"}:
            del schema[keyword]
    if isinstance(schema.get("items"), list):
        schema["prefixItems"] = schema.pop("items")
        if "additionalItems" in schema:
            schema["items"] = schema["additionalItems"]
    schema.pop("additionalItems", None)
    for name, needed in schema.pop("dependencies", {}).items():
        schema.setdefault("dependentRequired" if isinstance(needed, list) else "dependentSchemas", {})[name] = needed
    if draft == DRAFT_4:
        for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if schema.pop(exclusive, False) and bound in schema:
                schema[exclusive] = schema.pop(bound)
