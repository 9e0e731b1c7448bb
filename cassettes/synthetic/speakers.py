"""Who gives the eleven answers: each provider's API, its names for an answer, its refusal, and what it cannot say.

The refusals have the shapes that the providers' error bodies have; the words are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_BUSY = "The service is busy; try again later."


@dataclass(frozen=True)
class Speaker:
    """One API of one provider.

    ``folder`` and ``prefix`` name its cassettes, ``asked_as`` is the router's id of a model of it, ``model`` what its
    answers call the model. ``calls`` are the ids of its two calls, empty where the wire carries none. ``refusal`` is
    status and body, ``refusal_headers`` what its head says beside the media type. ``lacks`` says of a kind why this API
    has no such answer; ``has`` names the cassette of a kind that is already there, written by hand. ``failure`` is what
    an error in the stream says beside its message. ``stops_with_calls`` is a wire on which an answer with calls ends
    like any other (ledger F9). ``forces_a_tool`` is one that has no field for the schema of an answer.
    """

    folder: str
    wire: str
    asked_as: str
    model: str
    refusal: tuple[int, Any]
    title: str
    id: str = "answer-1"
    prefix: str = ""
    calls: tuple[str, str] = ("call_1", "call_2")
    lacks: Mapping[str, str] = field(default_factory=dict)
    has: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    failure: Mapping[str, Any] = field(default_factory=dict)
    refusal_headers: Mapping[str, str] = field(default_factory=dict)
    stops_with_calls: bool = False
    forces_a_tool: bool = False

    @property
    def says_one_block_at_a_time(self) -> bool:
        """Tell whether a call is over before the next one begins.

        No recording of any wire shows otherwise; but Chat Completions marks no end of a call and gives every piece of
        its arguments the call's index, so that there servers may let them interleave (§6.2). A decoder stands it on the
        other wires, too (``tests/providers``); no client is to be blamed for what its provider never does.
        """
        return self.wire != "openai-chat"


def _openai_error(status: int = 429, **more: Any) -> tuple[int, Any]:
    return status, {"error": {"message": _BUSY, "type": "rate_limit_error", "param": None, "code": None, **more}}


_BY_HAND = {
    "text": "text", "tool": "tool", "parallel-tools": "parallel-tools", "length": "length",
    "error-in-the-stream": "error-in-the-stream", "no-usage": "no-usage", "cut-mid-event": "cut-in-mid-event",
}  # fmt: skip
_NO_TOOLS = "this API takes no tools"
_NO_REASONING = "this API has no field for reasoning"
_NO_FILTER = "Ollama runs models without a filter"
_PROMPT_ONLY = {"tool": _NO_TOOLS, "parallel-tools": _NO_TOOLS}

SPEAKERS = (
    Speaker(
        "openai", "openai-chat", "openai-chat/test-model", "gpt-4o-mini-2024-07-18", _openai_error(),
        "Chat Completions", id="chatcmpl-1", prefix="chat-",
        # OpenAI itself shows reasoning on Responses alone: chat-reasoning is a quirk, what compatible servers say here.
        has={**_BY_HAND, "reasoning": "reasoning", "filter": "content-filter", "http-error": "http-429"},
    ),
    Speaker(
        "openai", "openai-responses", "openai/test-model", "gpt-4o-mini-2024-07-18", _openai_error(500),
        "Responses", id="resp_1", prefix="responses-",
        has={**_BY_HAND, "reasoning": "reasoning", "filter": "content-filter", "http-error": "http-500"},
    ),
    Speaker(
        "openai", "openai-completions", "openai-completions/test-model",
        "gpt-3.5-turbo-instruct:20230824-v2", _openai_error(), "OpenAI's legacy Completions",
        id="cmpl-1", prefix="completions-",
        lacks={**_PROMPT_ONLY, "reasoning": _NO_REASONING, "structured": "this API knows no schema of an answer"},
    ),
    Speaker(
        "azure-openai", "openai-chat", "azure-openai/test-model", "gpt-4o-2024-11-20",
        (429, {"error": {"code": "429", "message": _BUSY}}), "Azure OpenAI", id="chatcmpl-1",
        environment={"AZURE_RESOURCE_NAME": "example"},
        lacks={"reasoning": "Azure tells reasoning over Responses alone, not over Chat Completions"},
    ),
    Speaker(
        "anthropic", "anthropic-messages", "anthropic/test-model", "claude-sonnet-4-5-20250929",
        (529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}), "Anthropic",
        id="msg_1", calls=("toolu_1", "toolu_2"), forces_a_tool=True,
        has={**_BY_HAND, "reasoning": "thinking", "filter": "refusal", "http-error": "http-529"},
    ),
    Speaker(
        "google", "google-generatecontent", "google/test-model", "gemini-2.5-flash",
        (503, {"error": {"code": 503, "message": _BUSY, "status": "UNAVAILABLE"}}), "Gemini", calls=("", ""),
        has={**_BY_HAND, "reasoning": "thoughts", "filter": "safety", "http-error": "http-503"},
    ),
    Speaker(
        "google", "google-interactions", "google-interactions/test-model", "gemini-2.5-flash",
        (503, {"error": {"code": 503, "message": _BUSY, "status": "UNAVAILABLE"}}), "Gemini Interactions",
        prefix="interactions-", lacks={"filter": "no status of an interaction says that it was filtered"},
    ),
    Speaker(
        "mistral", "openai-chat", "mistral/test-model", "mistral-large-latest",
        (429, {"object": "error", "message": _BUSY, "type": "rate_limited", "param": None, "code": "1300"}), "Mistral",
        calls=("a1B2c3D4e", "f5G6h7I8j"), lacks={"filter": "no finish reason of Mistral's says that it was filtered"},
    ),
    Speaker(
        "deepseek", "openai-chat", "deepseek/test-model", "deepseek-reasoner",
        _openai_error(503, type="service_unavailable_error", code="service_unavailable_error"), "DeepSeek",
    ),
    Speaker(
        "xai", "openai-chat", "xai/test-model", "grok-4-0709",
        (429, {"code": "Some resource has been exhausted", "error": _BUSY}), "xAI",
        calls=("call_12345678", "call_23456789"),
    ),
    Speaker(
        "perplexity", "openai-chat", "perplexity/test-model", "sonar-reasoning",
        (429, {"error": {"message": _BUSY, "type": "rate_limit_exceeded", "code": 429}}), "Perplexity",
        lacks={
            "tool": "Sonar models take no tools",
            "parallel-tools": "Sonar models take no tools",
            "reasoning": "Sonar writes its reasoning into the content, between <think> marks, which stay content",
        },
    ),
    Speaker(
        "openrouter", "openai-chat", "openrouter/test-model", "anthropic/claude-sonnet-4.5",
        (429, {"error": {"message": _BUSY, "code": 429}, "user_id": "user_1"}), "OpenRouter", id="gen-1750000000-1",
    ),
    Speaker(
        "cohere", "cohere-v2", "cohere/test-model", "command-a-03-2025",
        (429, {"id": "5d1f0c52-0000-4000-8000-000000000001", "message": _BUSY}), "Cohere",
        id="5d1f0c52-0000-4000-8000-000000000001", calls=("get_weather_1", "get_weather_2"),
    ),
    Speaker(
        "cohere", "cohere-v1", "cohere-v1/test-model", "command-r-08-2024", (429, {"message": _BUSY}),
        "Cohere's first API", id="5d1f0c52-0000-4000-8000-000000000001", prefix="v1-", calls=("", ""),
        lacks={"reasoning": _NO_REASONING},
    ),
    Speaker(
        "ollama", "ollama-chat", "ollama/test-model", "qwen3", (503, {"error": _BUSY}), "Ollama", calls=("", ""),
        stops_with_calls=True, lacks={"filter": _NO_FILTER},
    ),
    Speaker(
        "ollama", "ollama-generate", "ollama-generate/test-model", "qwen3", (503, {"error": _BUSY}),
        "Ollama's generate", prefix="generate-", lacks={**_PROMPT_ONLY, "filter": _NO_FILTER},
    ),
    Speaker("groq", "openai-chat", "groq/test-model", "qwen/qwen3-32b", _openai_error(), "Groq", id="chatcmpl-1"),
    Speaker(
        "cerebras", "openai-chat", "cerebras/test-model", "gpt-oss-120b",
        (429, {"message": _BUSY, "type": "too_many_requests_error", "param": "queue", "code": "queue_exceeded"}),
        "Cerebras", id="chatcmpl-1",
    ),
    Speaker(
        "togetherai", "openai-chat", "togetherai/test-model", "openai/gpt-oss-120b",
        (429, {"id": "o1", "error": {"message": _BUSY, "type": "rate_limit", "param": None, "code": None}}),
        "Together", id="o1",
    ),
    Speaker(
        "vllm", "openai-chat", "vllm/test-model", "Qwen/Qwen3-0.6B",
        (400, {"error": {"message": "The prompt is too long.", "type": "BadRequestError", "param": None, "code": 400}}),
        "vLLM", id="chatcmpl-1", calls=("chatcmpl-tool-1", "chatcmpl-tool-2"),
    ),
    Speaker(
        "llamacpp", "openai-chat", "llamacpp/test-model", "gpt-oss-20b",
        (503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}), "llama.cpp",
        id="chatcmpl-1",
    ),
    Speaker(
        "openai-compatible", "openai-chat", "openai-compatible/test-model", "any", _openai_error(),
        "Any compatible server",
        environment={"OPENAI_COMPATIBLE_BASE_URL": "https://models.example/v1"},
    ),
    Speaker(
        "netlify", "openai-responses", "netlify/openai/test-model", "gpt-4o-mini-2024-07-18", _openai_error(),
        "Netlify's gateway to OpenAI", id="resp_1", prefix="openai-",
        failure={"code": "server_error"},  # a response that failed always says a code
        environment={"NETLIFY_AI_GATEWAY_BASE_URL": "https://site.example/.netlify/ai"},
    ),
    Speaker(
        "netlify", "anthropic-messages", "netlify/anthropic/test-model", "claude-sonnet-4-5-20250929",
        (429, {"type": "error", "error": {"type": "rate_limit_error", "message": _BUSY}}),
        "Netlify's gateway to Anthropic", id="msg_1", prefix="anthropic-", calls=("toolu_1", "toolu_2"),
        forces_a_tool=True,
        environment={"NETLIFY_AI_GATEWAY_BASE_URL": "https://site.example/.netlify/ai"},
    ),
    Speaker(
        "netlify", "google-generatecontent", "netlify/gemini/test-model", "gemini-2.5-flash",
        (429, {"error": {"code": 429, "message": _BUSY, "status": "RESOURCE_EXHAUSTED"}}),
        "Netlify's gateway to Gemini", prefix="gemini-", calls=("", ""),
        environment={"NETLIFY_AI_GATEWAY_BASE_URL": "https://site.example/.netlify/ai"},
    ),
    Speaker(
        "models-dev", "openai-chat", "fireworks-ai/test-model",
        "accounts/fireworks/models/gpt-oss-120b", _openai_error(), "A provider of the models.dev registry",
    ),
    Speaker(
        "bedrock", "bedrock-converse", "bedrock/test-model",
        "anthropic.claude-sonnet-4-5-20250929-v1:0", (429, {"message": _BUSY}), "Bedrock Converse",
        calls=("tooluse_1", "tooluse_2"), failure={"code": "modelStreamErrorException"},
        refusal_headers={"x-amzn-ErrorType": "ThrottlingException"},
        environment={"AWS_REGION": "us-east-1"},
    ),
    Speaker(
        "cloudflare", "cloudflare-run", "cloudflare-run/@cf/meta/test-model",
        "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
        (429, {"success": False, "errors": [{"code": 3040, "message": _BUSY}], "messages": [], "result": None}),
        "Cloudflare's run", calls=("", ""), environment={"CLOUDFLARE_ACCOUNT_ID": "0" * 32},
        lacks={"reasoning": "models that tell it send the choices of Chat Completions here, not this API's own form"},
    ),
)  # fmt: skip
