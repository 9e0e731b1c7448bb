"""A schema in the form of whoever will read it: OpenAI's, Gemini's, or the standard (§14.5, §14.8).

§14.5 transforms for ``openai`` and ``openai_compatible``; no provider bears the second id (ledger H6). We read: asked
by a provider's id, OpenAI's own, Azure's and the generic compatible ones have OpenAI's form, Google's have Gemini's,
and all others the standard. Asked for a model, every native schema that is not for Google or for Mistral goes in
OpenAI's form, since a router that serves ``openai/gpt-…`` hands the schema on to OpenAI (R33). §14.8 gives Mistral
"native transforms", §14.5 transforms nothing for it; we read the latter, since Mistral takes the standard.
"""

from __future__ import annotations

from enum import StrEnum

from harness.reference.structured.capabilities import Support, provider_id, support_of
from harness.reference.structured.gemini_schema import transform_schema_for_gemini
from harness.reference.structured.given_schema import read_schema
from harness.reference.structured.keywords import Schema
from harness.reference.structured.openai_schema import transform_schema_for_openai


class Form(StrEnum):
    """Whose words a schema is in."""

    OPENAI = "openai"
    GEMINI = "gemini"
    STANDARD = "standard"


_FORMS = {
    **dict.fromkeys(("openai", "azure", "azure-openai", "openai-compatible"), Form.OPENAI),
    **dict.fromkeys(("google", "gemini", "google-vertex", "vertex", "vertex-ai"), Form.GEMINI),
}


def transform_schema(schema: object, provider: str) -> Schema:
    """Return a copy of a schema in the form of a provider, which is named by its id.

    Raises :class:`harness.errors.InputError`, with the path, for what is no schema and what has no such form.
    """
    return in_form(schema, _FORMS.get(provider_id(provider), Form.STANDARD))


def native_form(provider: str, model_id: str) -> Form:
    """Return the form that the native schema field of a model takes."""
    if _FORMS.get(provider_id(provider)) is Form.GEMINI:
        return Form.GEMINI
    return Form.STANDARD if support_of(provider, model_id) is Support.CONSTRAINED_DECODING else Form.OPENAI


def in_form(schema: object, form: Form) -> Schema:
    """Return a copy of a schema in a form; raises as :func:`transform_schema` does."""
    if form is Form.OPENAI:
        return transform_schema_for_openai(schema)
    if form is Form.GEMINI:
        return transform_schema_for_gemini(schema)
    return read_schema(schema)
