"""What a model is told where nothing else holds it to a schema (§14.5), and what every model is told again (§14.6)."""

from __future__ import annotations

import json

from harness.reference.structured.keywords import Schema


def instruction(schema: Schema) -> str:
    """Return the system message that asks for JSON and holds the whole schema."""
    return f"""Answer with one JSON value that is valid against this JSON Schema:

{json.dumps(schema, ensure_ascii=False, indent=2)}

Rules for the answer:
1. It is JSON only: nothing stands before it or behind it.
2. No Markdown and no code fence around it.
3. No explanation and no comment.
4. Every required field is there.
5. An optional field that does not apply is null.
6. Its commas, quotes and brackets are those of strict JSON.

A program reads the answer as it is."""


def insistence(attempt: int) -> str:
    """Return what is added to the system messages of a further attempt; the first attempt is 1."""
    return (
        f"This is attempt {attempt}: the answer before could not be used. Answer with valid JSON that fits the schema, "
        "without Markdown and without explanations."
    )
