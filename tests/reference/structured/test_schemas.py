import pytest

from harness.errors import InputError
from harness.reference.structured.schemas import Form, native_form, transform_schema

SCHEMA = {"type": "object", "properties": {"p": {"type": ["string", "null"]}}, "default": {}}
OPENAI = {
    "type": "object",
    "properties": {"p": {"type": ["string", "null"]}},
    "required": ["p"],
    "additionalProperties": False,
}
GEMINI = {"type": "object", "properties": {"p": {"type": "string", "nullable": True}}}


@pytest.mark.parametrize("provider", ["openai", "OpenAI", "azure", "azure-openai", "openai_compatible"])
def test_openai_and_what_is_compatible_by_name_have_its_form(provider):
    assert transform_schema(SCHEMA, provider) == OPENAI


@pytest.mark.parametrize("provider", ["google", "gemini", "google-vertex"])
def test_google_has_its_own_form(provider):
    assert transform_schema(SCHEMA, provider) == GEMINI


@pytest.mark.parametrize("provider", ["anthropic", "mistral", "groq", "xai", "nobody"])
def test_all_others_have_a_copy_of_the_standard(provider):
    made = transform_schema(SCHEMA, provider)
    assert made == SCHEMA
    made["properties"].clear()
    assert SCHEMA["properties"]


@pytest.mark.parametrize("schema", [True, False, [], "x", None, {"type": 5}])
@pytest.mark.parametrize("provider", ["openai", "google", "anthropic"])
def test_what_is_no_schema_is_refused_everywhere(schema, provider):
    with pytest.raises(InputError):
        transform_schema(schema, provider)


@pytest.mark.parametrize(
    ("provider", "model_id", "form"),
    [
        ("openai", "gpt-4o", Form.OPENAI),
        ("openrouter", "openai/gpt-4o", Form.OPENAI),
        ("openrouter", "google/gemini-2.5-flash", Form.OPENAI),  # its wire is OpenAI's
        ("google", "gemini-2.5-flash", Form.GEMINI),
        ("google-vertex", "gemini-2.5-flash", Form.GEMINI),
        ("mistral", "mistral-large", Form.STANDARD),
        ("openrouter", "mistralai/mistral-large", Form.STANDARD),
    ],
)
def test_the_native_field_of_a_model_has_the_form_of_its_owner(provider, model_id, form):
    assert native_form(provider, model_id) is form
