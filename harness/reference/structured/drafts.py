"""Older drafts of JSON Schema: a schema that names one in ``$schema`` is checked by it, and said in 2020-12's words.

So every other module knows one draft only. What changes its name: tuples (``items`` with a list, ``additionalItems``),
``dependencies``, draft 4's boolean ``exclusiveMinimum``, and what stands beside a ``$ref`` before 2019, which counts
for nothing. Known limit: draft 4's whole numbers exclude ``1.0``, ours do not.
"""

from __future__ import annotations

from typing import Any

from harness.reference.structured.keywords import ANNOTATIONS, Schema

DRAFT_4 = "http://json-schema.org/draft-04/schema"
_REF_STANDS_ALONE = frozenset(
    {DRAFT_4, "http://json-schema.org/draft-06/schema", "http://json-schema.org/draft-07/schema"}
)
_OLDER = _REF_STANDS_ALONE | {"https://json-schema.org/draft/2019-09/schema"}


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
