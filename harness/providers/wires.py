"""The table of wires: what decodes, encodes and reads each provider's API, and how a request for it is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harness.errors import InputError
from harness.protocol.messages import ModelRequest
from harness.providers.anthropic import AnthropicDecoder
from harness.providers.bedrock_converse import BedrockConverseDecoder
from harness.providers.cloudflare_run import CloudflareRunDecoder
from harness.providers.cohere_v1 import CohereV1Decoder
from harness.providers.cohere_v2 import CohereV2Decoder
from harness.providers.encoding.anthropic import AnthropicEncoder
from harness.providers.encoding.bedrock_converse import BedrockConverseEncoder
from harness.providers.encoding.cloudflare_run import CloudflareRunEncoder
from harness.providers.encoding.cohere_v1 import CohereV1Encoder
from harness.providers.encoding.cohere_v2 import CohereV2Encoder
from harness.providers.encoding.encoder import Encoder, Labels
from harness.providers.encoding.gemini import GeminiEncoder
from harness.providers.encoding.google_interactions import GoogleInteractionsEncoder
from harness.providers.encoding.ollama import ollama_chat_encoder, ollama_generate_encoder
from harness.providers.encoding.openai_chat import OpenAiChatEncoder
from harness.providers.encoding.openai_completions import OpenAiCompletionsEncoder
from harness.providers.encoding.openai_responses import OpenAiResponsesEncoder
from harness.providers.gemini import GeminiDecoder
from harness.providers.google_interactions import GoogleInteractionsDecoder
from harness.providers.message import Decoder, NewId
from harness.providers.ollama_chat import OllamaChatDecoder
from harness.providers.ollama_generate import OllamaGenerateDecoder
from harness.providers.openai_chat import OpenAiChatDecoder
from harness.providers.openai_responses import OpenAiResponsesDecoder
from harness.providers.requests.anthropic import read_anthropic
from harness.providers.requests.bedrock_converse import read_bedrock_converse
from harness.providers.requests.cloudflare_run import read_cloudflare_run
from harness.providers.requests.cohere_v1 import read_cohere_v1
from harness.providers.requests.cohere_v2 import read_cohere_v2
from harness.providers.requests.gemini import read_gemini
from harness.providers.requests.google_interactions import read_google_interactions
from harness.providers.requests.member import Member
from harness.providers.requests.ollama_chat import read_ollama_chat
from harness.providers.requests.ollama_generate import read_ollama_generate
from harness.providers.requests.openai_chat import read_openai_chat
from harness.providers.requests.openai_completions import read_openai_completions
from harness.providers.requests.openai_responses import read_openai_responses

_SSE = "text/event-stream"
_NDJSON = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Wire:
    """One API: its three directions, the ends of the paths at which it is asked, and the type of a streamed answer.

    ``decoder`` takes a source of ids; ``encoder`` takes the answer's labels and the id of a provider, whose small
    differences it then writes; ``reader`` takes a request's target (path and query) and its body. ``asked_at`` tells a
    person what such a path looks like. ``end`` tells the ends that are more than a text.
    """

    name: str
    decoder: Callable[[NewId], Decoder]
    encoder: Callable[[Labels, str], Encoder]
    reader: Callable[[str, Member], ModelRequest]
    ends: tuple[str, ...]
    asked_at: str
    media_type: str = _SSE
    end: re.Pattern[str] | None = None

    def prefix_of(self, path: str) -> str | None:
        """Return what stands before this API's own end of a path, or None where the path is none of this API's."""
        for end in self.ends:
            if path.endswith(end):
                return path.removesuffix(end)
        found = None if self.end is None else self.end.search(path)
        return None if found is None else path[: found.start()]


_ALL = (
    Wire(
        "openai-chat", OpenAiChatDecoder, OpenAiChatEncoder, read_openai_chat,
        ends=("/chat/completions",), asked_at="…/chat/completions",
    ),
    # Its answers are those of Chat Completions with a text for a delta, and one decoder reads both.
    Wire(
        "openai-completions", OpenAiChatDecoder, OpenAiCompletionsEncoder, read_openai_completions,
        ends=(), asked_at="…/completions", end=re.compile("(?<!/chat)/completions$"),
    ),
    Wire(
        "openai-responses", OpenAiResponsesDecoder, OpenAiResponsesEncoder, read_openai_responses,
        ends=("/responses",), asked_at="…/responses",
    ),
    Wire(
        "anthropic-messages", AnthropicDecoder, AnthropicEncoder, read_anthropic,
        ends=("/messages",), asked_at="…/messages",
    ),
    Wire(
        "google-generatecontent", GeminiDecoder, GeminiEncoder, read_gemini,
        ends=(":generateContent", ":streamGenerateContent"),
        asked_at="…/models/NAME:generateContent or …/models/NAME:streamGenerateContent",
    ),
    Wire(
        "google-interactions", GoogleInteractionsDecoder, GoogleInteractionsEncoder, read_google_interactions,
        ends=("/interactions",), asked_at="…/interactions",
    ),
    Wire(
        "bedrock-converse", BedrockConverseDecoder, BedrockConverseEncoder, read_bedrock_converse,
        ends=("/converse", "/converse-stream"), asked_at="…/model/ID/converse or …/model/ID/converse-stream",
        media_type="application/vnd.amazon.eventstream",
    ),
    Wire("cohere-v2", CohereV2Decoder, CohereV2Encoder, read_cohere_v2, ends=("/v2/chat",), asked_at="…/v2/chat"),
    Wire(
        "cohere-v1", CohereV1Decoder, CohereV1Encoder, read_cohere_v1,
        ends=("/v1/chat", "/v1/generate"), asked_at="…/v1/chat", media_type="application/stream+json",
    ),
    Wire(
        "ollama-chat", OllamaChatDecoder, ollama_chat_encoder, read_ollama_chat,
        ends=("/api/chat",), asked_at="…/api/chat", media_type=_NDJSON,
    ),
    Wire(
        "ollama-generate", OllamaGenerateDecoder, ollama_generate_encoder, read_ollama_generate,
        ends=("/api/generate",), asked_at="…/api/generate", media_type=_NDJSON,
    ),
    Wire(
        "cloudflare-run", CloudflareRunDecoder, CloudflareRunEncoder, read_cloudflare_run,
        ends=(), asked_at="…/ai/run/@cf/MAKER/NAME", end=re.compile("/run/@(?:cf|hf)/[^/]+/[^/]+$"),
    ),
)  # fmt: skip

WIRES: Mapping[str, Wire] = MappingProxyType({wire.name: wire for wire in _ALL})
"""Every wire by its name."""

OUT_OF_SCOPE: Mapping[str, str] = MappingProxyType(
    {
        "bedrock-invoke": "InvokeModel wraps each model maker's own stream; ask the same model by Converse",
        "openai-assistants": "the Assistants API streams runs, not answers; its successor is openai-responses",
        "anthropic-complete": "Text Completions know neither tools nor roles; their successor is anthropic-messages",
        "watsonx": "watsonx's own text generation knows neither tools nor roles; it answers openai-chat too",
    }
)
"""Wires that are refused by name, and what to do instead."""

OUT_OF_SCOPE_ENDS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "bedrock-invoke": re.compile(r"/model/[^/]+/invoke(?:-with-response-stream)?$"),
        "openai-assistants": re.compile(r"/threads(?:/[^/]+)?/runs$"),
        "anthropic-complete": re.compile(r"/v1/complete$"),
        "watsonx": re.compile(r"/(?:text/generation(?:_stream)?|generation/text(?:_stream)?)$"),
    }
)
"""The ends of the paths at which they are asked, so that a request for one is known by its name too."""


def wire_named(name: str) -> Wire:
    """Return a wire; raises :class:`InputError` for a name that is not in :data:`WIRES`, and says why."""
    if name in OUT_OF_SCOPE:
        raise InputError(f"the wire {name} is out of scope: {OUT_OF_SCOPE[name]}")
    if name not in WIRES:
        raise InputError(f"there is no wire {name!r:.80}; known are {', '.join(WIRES)}")
    return WIRES[name]
