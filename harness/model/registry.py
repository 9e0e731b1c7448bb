"""The providers by id: where each is, which variable holds its key, which wire it speaks, and its small habits.

They are those of the integrations page and of Mastra's own registry that one of the wires here can reach. OpenAI is
asked over its Responses API and Google over generateContent, since those are what the router builds for them
(ledger 2.5). Cohere is asked over its own API, whose version 1 is a provider beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Wire = Literal[
    "openai-chat", "openai-responses", "openai-completions", "anthropic-messages", "google-generatecontent",
    "google-interactions", "cohere-v2", "cohere-v1", "ollama-chat", "ollama-generate", "bedrock-converse",
    "cloudflare-run",
]  # fmt: skip
LimitName = Literal["max_tokens", "max_completion_tokens"]


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider, or a gateway to several.

    ``base_url`` holds the version part and may hold ``${VARIABLE}``, which the environment fills. The first variable of
    ``key_variables`` that is set gives the key; where ``needs_key`` is false it may be missing. ``key_header`` carries
    it, as ``Bearer KEY`` in ``authorization``. ``headers`` go with every request.

    ``limit_name`` and ``asks_for_usage`` are for the wire ``openai-chat``: what the limit of the answer is called, and
    whether ``stream_options.include_usage`` is sent. Most servers count a stream only when asked (ledger F6); those
    where it is off count unasked and refuse members that they do not know.

    ``api_version`` marks a provider that is asked by the URL of a deployment. ``prefixes`` marks a gateway whose
    models are named ``gateway/provider/model``: what follows its base URL for the providers that it lets be asked in
    their own words; all others are asked over ``openai-chat``.
    """

    id: str
    name: str
    base_url: str
    key_variables: tuple[str, ...] = ()
    wire: Wire = "openai-chat"
    key_header: Literal["authorization", "x-api-key", "api-key", "x-goog-api-key"] = "authorization"
    headers: Mapping[str, str] = field(default_factory=dict)
    needs_key: bool = True
    limit_name: LimitName = "max_tokens"
    asks_for_usage: bool = True
    api_version: str | None = None
    prefixes: Mapping[str, str] | None = None

    @property
    def base_url_variable(self) -> str:
        """The environment variable whose URL takes the place of the registry's, such as ``OPENAI_BASE_URL``."""
        return f"{self.id.upper().replace('-', '_')}_BASE_URL"


_GOOGLE_URL = "https://generativelanguage.googleapis.com/v1beta"
# GOOGLE_API_KEY is often set for other services of Google, so the variable that can mean nothing else comes first;
# it is also the only one that Mastra 1.0 knew. Mastra 1.71 asks for them the other way round (ledger 2.5).
_GOOGLE_KEYS = ("GOOGLE_GENERATIVE_AI_API_KEY", "GOOGLE_API_KEY")

_ALL = (
    Provider("openai", "OpenAI", "https://api.openai.com/v1", ("OPENAI_API_KEY",), wire="openai-responses"),
    Provider(
        "anthropic", "Anthropic", "https://api.anthropic.com/v1", ("ANTHROPIC_API_KEY",),
        wire="anthropic-messages", key_header="x-api-key", headers={"anthropic-version": "2023-06-01"},
    ),
    Provider(
        "google", "Google", _GOOGLE_URL, _GOOGLE_KEYS, wire="google-generatecontent", key_header="x-goog-api-key"
    ),
    Provider(
        "gemini", "Google Gemini", _GOOGLE_URL, _GOOGLE_KEYS,
        wire="google-generatecontent", key_header="x-goog-api-key",
    ),
    Provider(
        "google-interactions", "Google Interactions", _GOOGLE_URL, _GOOGLE_KEYS,
        wire="google-interactions", key_header="x-goog-api-key",
    ),
    # A Bedrock API key is a bearer token; signing with AWS credentials (SigV4) is not built.
    Provider(
        "bedrock", "Amazon Bedrock", "https://bedrock-runtime.${AWS_REGION}.amazonaws.com",
        ("AWS_BEARER_TOKEN_BEDROCK",), wire="bedrock-converse",
    ),
    Provider(
        "openai-chat", "OpenAI Chat Completions", "https://api.openai.com/v1", ("OPENAI_API_KEY",),
        limit_name="max_completion_tokens",
    ),
    Provider(
        "openai-completions", "OpenAI Completions", "https://api.openai.com/v1", ("OPENAI_API_KEY",),
        wire="openai-completions",
    ),
    Provider("mistral", "Mistral", "https://api.mistral.ai/v1", ("MISTRAL_API_KEY",), asks_for_usage=False),
    Provider("deepseek", "DeepSeek", "https://api.deepseek.com", ("DEEPSEEK_API_KEY",)),
    Provider("xai", "xAI", "https://api.x.ai/v1", ("XAI_API_KEY",), limit_name="max_completion_tokens"),
    Provider("perplexity", "Perplexity", "https://api.perplexity.ai", ("PERPLEXITY_API_KEY",), asks_for_usage=False),
    # asks_for_usage is for its OpenAI-compatible endpoint, which is reached by a url.
    Provider(
        "cohere", "Cohere", "https://api.cohere.com", ("COHERE_API_KEY",), wire="cohere-v2", asks_for_usage=False
    ),
    Provider("cohere-v1", "Cohere (version 1)", "https://api.cohere.com", ("COHERE_API_KEY",), wire="cohere-v1"),
    Provider("groq", "Groq", "https://api.groq.com/openai/v1", ("GROQ_API_KEY",), limit_name="max_completion_tokens"),
    Provider(
        "cerebras", "Cerebras", "https://api.cerebras.ai/v1", ("CEREBRAS_API_KEY",),
        limit_name="max_completion_tokens",
    ),
    Provider("togetherai", "Together AI", "https://api.together.xyz/v1", ("TOGETHER_API_KEY",)),
    Provider("deepinfra", "DeepInfra", "https://api.deepinfra.com/v1/openai", ("DEEPINFRA_API_KEY",)),
    Provider("fireworks-ai", "Fireworks AI", "https://api.fireworks.ai/inference/v1", ("FIREWORKS_API_KEY",)),
    Provider("moonshotai", "Moonshot AI", "https://api.moonshot.ai/v1", ("MOONSHOT_API_KEY",)),
    Provider("alibaba", "Alibaba", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", ("DASHSCOPE_API_KEY",)),
    Provider("nvidia", "NVIDIA", "https://integrate.api.nvidia.com/v1", ("NVIDIA_API_KEY",)),
    Provider("huggingface", "Hugging Face", "https://router.huggingface.co/v1", ("HF_TOKEN",)),
    Provider("github-models", "GitHub Models", "https://models.github.ai/inference", ("GITHUB_TOKEN",)),
    Provider(
        "cloudflare-workers-ai", "Cloudflare Workers AI",
        "https://api.cloudflare.com/client/v4/accounts/${CLOUDFLARE_ACCOUNT_ID}/ai/v1", ("CLOUDFLARE_API_KEY",),
    ),
    Provider(
        "cloudflare-run", "Cloudflare Workers AI, its own API",
        "https://api.cloudflare.com/client/v4/accounts/${CLOUDFLARE_ACCOUNT_ID}/ai", ("CLOUDFLARE_API_KEY",),
        wire="cloudflare-run",
    ),
    Provider(
        "azure-openai", "Azure OpenAI", "https://${AZURE_RESOURCE_NAME}.openai.azure.com/openai", ("AZURE_API_KEY",),
        key_header="api-key", api_version="2024-04-01-preview",
    ),
    Provider("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", ("OPENROUTER_API_KEY",)),
    Provider("vercel", "Vercel AI Gateway", "https://ai-gateway.vercel.sh/v1", ("AI_GATEWAY_API_KEY",)),
    # Mastra trades NETLIFY_TOKEN and NETLIFY_SITE_ID for a short-lived key by a request of its own. Inside Netlify both
    # are given by variables, and those are what we read.
    Provider(
        "netlify", "Netlify AI Gateway", "${NETLIFY_AI_GATEWAY_BASE_URL}", ("NETLIFY_AI_GATEWAY_KEY",),
        prefixes={"openai": "", "anthropic": "/v1", "gemini": "/v1beta"},
    ),
    Provider("ollama-cloud", "Ollama Cloud", "https://ollama.com/v1", ("OLLAMA_API_KEY",)),
    # Its own API; that of OpenAI, which it speaks too, has a row of its own.
    Provider("ollama", "Ollama", "http://127.0.0.1:11434", wire="ollama-chat", needs_key=False),
    Provider(
        "ollama-generate", "Ollama, one prompt", "http://127.0.0.1:11434", wire="ollama-generate", needs_key=False
    ),
    Provider("ollama-openai", "Ollama, as OpenAI", "http://127.0.0.1:11434/v1", needs_key=False),
    Provider("vllm", "vLLM", "http://127.0.0.1:8000/v1", ("VLLM_API_KEY",), needs_key=False),
    Provider("llamacpp", "llama.cpp's server", "http://127.0.0.1:8080/v1", ("LLAMA_API_KEY",), needs_key=False),
    Provider("llama-cpp-python", "llama-cpp-python", "http://127.0.0.1:8000/v1", needs_key=False),
    Provider("transformers", "transformers serve", "http://127.0.0.1:8000/v1", needs_key=False),
    # Nothing but a URL is known of it, and that stands in OPENAI_COMPATIBLE_BASE_URL.
    Provider(
        "openai-compatible", "an OpenAI-compatible server", "${OPENAI_COMPATIBLE_BASE_URL}",
        ("OPENAI_COMPATIBLE_API_KEY",), needs_key=False,
    ),
    Provider("lmstudio", "LM Studio", "http://127.0.0.1:1234/v1", ("LMSTUDIO_API_KEY",), needs_key=False),
)  # fmt: skip

PROVIDERS: Mapping[str, Provider] = MappingProxyType({provider.id: provider for provider in _ALL})
"""Every provider by its id, the first part of a model's id."""

CUSTOM = Provider("custom", "an OpenAI-compatible server", "", needs_key=False)
"""The habits of a server of which nothing but a URL is known."""
