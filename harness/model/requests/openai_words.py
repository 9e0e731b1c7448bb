"""What OpenAI's two wires say alike: the name of a document, and an answer's schema."""

from __future__ import annotations

from typing import Any

from harness.model.requests.ask import AnswerFormat
from harness.model.requests.attachments import Attached


def name_of_document(document: Attached) -> str:
    """Return the name of a document, which OpenAI wants beside its data, and by whose ending it tells a PDF."""
    return document.filename or ("document.pdf" if document.media_type == "application/pdf" else "document")


def named_schema(answer: AnswerFormat) -> dict[str, Any]:
    """Return name, description, schema and strictness of an answer that has a schema.

    ``strict`` is on unless the caller switched it off (§14.5): without it a schema is only a hint.
    """
    described = {} if answer.description is None else {"description": answer.description}
    return {"name": answer.name, **described, "schema": answer.schema, "strict": answer.strict}
