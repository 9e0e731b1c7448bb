import pytest

from harness.reference.structured.capabilities import Support, support_of

NATIVE, TOOL = Support.NATIVE_JSON_SCHEMA, Support.TOOL_BASED
CONSTRAINED, INSTRUCTION = Support.CONSTRAINED_DECODING, Support.INSTRUCTION_ONLY


@pytest.mark.parametrize(
    ("provider", "model_id", "support"),
    [
        ("openai", "gpt-4o", NATIVE),
        ("openai", "anything-new", NATIVE),
        ("anthropic", "claude-sonnet-4-5", TOOL),
        ("google", "gemini-2.5-flash", NATIVE),
        ("gemini", "gemini-2.5-flash", NATIVE),
        ("mistral", "mistral-large-latest", CONSTRAINED),
        ("mistral", "anything-new", CONSTRAINED),
        ("OpenAI", "GPT-4o", NATIVE),
        ("openai-chat", "anything-new", NATIVE),
        ("openai-completions", "gpt-3.5-turbo-instruct", INSTRUCTION),
        ("ollama", "gpt-oss", INSTRUCTION),
        ("ollama-generate", "mistral-7b", INSTRUCTION),
        ("netlify", "openai/anything-new", NATIVE),
        ("netlify", "gemini/anything-new", NATIVE),
        ("netlify", "groq/llama-3.1-70b", INSTRUCTION),
        ("openai_compatible", "llama-3.1-70b", INSTRUCTION),
        ("openai-compatible", "llama-3.1-70b", INSTRUCTION),
        ("nobody", "nothing", INSTRUCTION),
        ("", "", INSTRUCTION),
    ],
)
def test_a_makers_own_id_decides_as_section_14_2_says(provider, model_id, support):
    assert support_of(provider, model_id) is support


@pytest.mark.parametrize(
    ("provider", "model_id", "support"),
    [
        ("openrouter", "anthropic/claude-sonnet-4.5", TOOL),
        ("openrouter", "anthropic/claude-3.5-sonnet:beta", TOOL),
        ("openrouter", "openai/gpt-4o", NATIVE),
        ("openrouter", "google/gemini-2.5-pro", NATIVE),
        ("openrouter", "mistralai/mistral-small", CONSTRAINED),
        ("openrouter", "meta-llama/llama-3-8b", INSTRUCTION),
        ("netlify", "openai/gpt-4o", NATIVE),
        ("netlify", "anthropic/claude-sonnet-4-5", TOOL),
        ("azure-openai", "gpt-4o-deployment", NATIVE),
        ("azure", "our-deployment", INSTRUCTION),
        ("openai_compatible", "gpt-4o", NATIVE),
        ("amazon-bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0", TOOL),
        ("google-vertex", "claude-opus-4", TOOL),
        ("google-vertex", "gemini-2.0-flash", NATIVE),
        ("togetherai", "mistralai/Mixtral-8x7B-Instruct-v0.1", CONSTRAINED),
        ("OPENROUTER", "Anthropic/Claude-Sonnet-4", TOOL),
    ],
)
def test_behind_a_router_a_gateway_or_a_cloud_the_family_decides(provider, model_id, support):
    assert support_of(provider, model_id) is support


@pytest.mark.parametrize(
    ("model_id", "support"),
    [
        *((name, NATIVE) for name in ("o1", "o1-mini", "o3", "o3-mini", "o4-mini", "chatgpt-4o-latest", "gpt-5")),
        *((name, TOOL) for name in ("claude", "claude-3-haiku", "CLAUDE-3")),
        ("gemini-exp", NATIVE),
        *(
            (name, CONSTRAINED)
            for name in (
                *("mistral-tiny", "open-mixtral-8x22b", "mixtral-8x7b", "ministral-8b", "codestral", "magistral-small"),
                *("pixtral-12b", "codestral-2501", "open-mistral-nemo"),
            )
        ),
        *(
            (name, INSTRUCTION)
            for name in ("o10", "o1preview", "omni", "my-gpt-4", "claudette", "llama-gemini-merge", "not-mistral", "o2")
        ),
    ],
)
def test_a_family_is_the_beginning_of_a_name_and_not_a_part_of_it(model_id, support):
    assert support_of("a-router", model_id) is support
    assert support_of("a-router", f"vendor/{model_id}") is support


def test_only_the_last_part_of_a_path_names_the_family():
    assert support_of("a-router", "gpt-4o/finetuned") is INSTRUCTION
    assert support_of("a-router", "claude-fans/llama-3") is INSTRUCTION


@pytest.mark.parametrize("model_id", ["llama3", "mistral-nemo", "gpt-oss:20b"])
def test_ollama_is_instructed_whatever_it_serves(model_id):
    assert support_of("ollama", model_id) is INSTRUCTION


def test_the_words_are_those_of_section_14_2():
    assert [*Support] == ["native_json_schema", "tool_based", "constrained_decoding", "instruction_only"]
