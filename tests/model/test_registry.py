import re

import pytest

from harness.model.registry import PROVIDERS

OFFICIAL = {
    "openai": ("https://api.openai.com/v1", ("OPENAI_API_KEY",), "openai-responses", "authorization"),
    "anthropic": ("https://api.anthropic.com/v1", ("ANTHROPIC_API_KEY",), "anthropic-messages", "x-api-key"),
    "google": (
        "https://generativelanguage.googleapis.com/v1beta",
        ("GOOGLE_GENERATIVE_AI_API_KEY", "GOOGLE_API_KEY"),
        "google-generatecontent",
        "x-goog-api-key",
    ),
    "google-interactions": (
        "https://generativelanguage.googleapis.com/v1beta",
        ("GOOGLE_GENERATIVE_AI_API_KEY", "GOOGLE_API_KEY"),
        "google-interactions",
        "x-goog-api-key",
    ),
    "bedrock": (
        "https://bedrock-runtime.${AWS_REGION}.amazonaws.com",
        ("AWS_BEARER_TOKEN_BEDROCK",),
        "bedrock-converse",
        "authorization",
    ),
    "mistral": ("https://api.mistral.ai/v1", ("MISTRAL_API_KEY",), "openai-chat", "authorization"),
    "deepseek": ("https://api.deepseek.com", ("DEEPSEEK_API_KEY",), "openai-chat", "authorization"),
    "xai": ("https://api.x.ai/v1", ("XAI_API_KEY",), "openai-chat", "authorization"),
    "perplexity": ("https://api.perplexity.ai", ("PERPLEXITY_API_KEY",), "openai-chat", "authorization"),
    "openrouter": ("https://openrouter.ai/api/v1", ("OPENROUTER_API_KEY",), "openai-chat", "authorization"),
    "cohere": ("https://api.cohere.com", ("COHERE_API_KEY",), "cohere-v2", "authorization"),
    "cohere-v1": ("https://api.cohere.com", ("COHERE_API_KEY",), "cohere-v1", "authorization"),
    "openai-chat": ("https://api.openai.com/v1", ("OPENAI_API_KEY",), "openai-chat", "authorization"),
    "openai-completions": ("https://api.openai.com/v1", ("OPENAI_API_KEY",), "openai-completions", "authorization"),
    "ollama": ("http://127.0.0.1:11434", (), "ollama-chat", "authorization"),
    "ollama-generate": ("http://127.0.0.1:11434", (), "ollama-generate", "authorization"),
    "ollama-openai": ("http://127.0.0.1:11434/v1", (), "openai-chat", "authorization"),
    "cloudflare-run": (
        "https://api.cloudflare.com/client/v4/accounts/${CLOUDFLARE_ACCOUNT_ID}/ai",
        ("CLOUDFLARE_API_KEY",),
        "cloudflare-run",
        "authorization",
    ),
    "groq": ("https://api.groq.com/openai/v1", ("GROQ_API_KEY",), "openai-chat", "authorization"),
    "cerebras": ("https://api.cerebras.ai/v1", ("CEREBRAS_API_KEY",), "openai-chat", "authorization"),
    "togetherai": ("https://api.together.xyz/v1", ("TOGETHER_API_KEY",), "openai-chat", "authorization"),
    "deepinfra": ("https://api.deepinfra.com/v1/openai", ("DEEPINFRA_API_KEY",), "openai-chat", "authorization"),
    "fireworks-ai": ("https://api.fireworks.ai/inference/v1", ("FIREWORKS_API_KEY",), "openai-chat", "authorization"),
}


@pytest.mark.parametrize(("id_", "official"), OFFICIAL.items())
def test_a_provider_is_where_its_documentation_says(id_, official):
    provider = PROVIDERS[id_]
    assert (provider.base_url, provider.key_variables, provider.wire, provider.key_header) == official


@pytest.mark.parametrize(
    "id_",
    ["openai", "anthropic", "google", "mistral", "deepseek", "xai", "perplexity", "openrouter", "azure-openai",
     "cohere", "netlify"],
)  # fmt: skip
def test_every_provider_and_gateway_of_the_integrations_page_is_known(id_):
    assert PROVIDERS[id_].id == id_


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda provider: provider.id)
def test_every_entry_holds_together(provider):
    assert re.fullmatch(r"[a-z0-9-]+", provider.id)
    assert provider.needs_key <= bool(provider.key_variables)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]*", name) for name in provider.key_variables)
    assert provider.base_url.startswith(("https://", "http://127.0.0.1:", "${"))
    assert not provider.base_url.endswith("/")
    assert provider.prefixes is None or set(provider.prefixes) <= set(PROVIDERS)


def test_google_and_gemini_are_one_provider_under_two_names():
    google, gemini = PROVIDERS["google"], PROVIDERS["gemini"]
    assert (google.base_url, google.key_variables, google.wire) == (gemini.base_url, gemini.key_variables, gemini.wire)


def test_only_a_server_on_this_machine_needs_no_key():
    assert {each.id for each in PROVIDERS.values() if not each.needs_key} == {
        "ollama", "ollama-generate", "ollama-openai", "lmstudio", "vllm", "llamacpp", "llama-cpp-python",
        "transformers", "openai-compatible",
    }  # fmt: skip


def test_servers_that_refuse_unknown_members_are_not_asked_for_usage():
    assert {each.id for each in PROVIDERS.values() if not each.asks_for_usage} == {"mistral", "perplexity", "cohere"}


@pytest.mark.parametrize(
    ("id_", "variable"), [("openai", "OPENAI_BASE_URL"), ("fireworks-ai", "FIREWORKS_AI_BASE_URL")]
)
def test_the_variable_of_a_base_url_is_the_id_in_capitals(id_, variable):
    assert PROVIDERS[id_].base_url_variable == variable


def test_the_table_cannot_be_changed_by_an_importer():
    with pytest.raises(TypeError):
        PROVIDERS["mine"] = PROVIDERS["openai"]
