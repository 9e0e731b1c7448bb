"""The table of wires: what decodes, encodes and reads each provider's API, and how a request for it is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harness.errors import InputError
from harness.protocol.messages import ModelRequest
from harness.providers.anthropic import AnthropicDecoder
from harness.providers.encoding.anthropic import AnthropicEncoder
from harness.providers.encoding.encoder import Encoder, Labels
from harness.providers.encoding.gemini import GeminiEncoder
from harness.providers.encoding.openai_chat import OpenAiChatEncoder
from harness.providers.encoding.openai_responses import OpenAiResponsesEncoder
from harness.providers.gemini import GeminiDecoder
from harness.providers.message import Decoder, NewId
from harness.providers.openai_chat import OpenAiChatDecoder
from harness.providers.openai_responses import OpenAiResponsesDecoder
from harness.providers.requests.anthropic import read_anthropic
from harness.providers.requests.gemini import read_gemini
from harness.providers.requests.member import Member
from harness.providers.requests.openai_chat import read_openai_chat
from harness.providers.requests.openai_responses import read_openai_responses

_SSE = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Wire:
    """One API: its three directions, the ends of the paths at which it is asked, and the type of a streamed answer.

    ``decoder`` takes a source of ids; ``encoder`` takes the answer's labels and the id of a provider, whose small
    differences it then writes; ``reader`` takes a request's target (path and query) and its body. ``asked_at`` tells a
    person what such a path looks like.
    """

    name: str
    decoder: Callable[[NewId], Decoder]
    encoder: Callable[[Labels, str], Encoder]
    reader: Callable[[str, Member], ModelRequest]
    ends: tuple[str, ...]
    asked_at: str
    media_type: str = _SSE


_ALL = (
    Wire(
        "openai-chat", OpenAiChatDecoder, OpenAiChatEncoder, read_openai_chat,
        ends=("/chat/completions",), asked_at="…/chat/completions",
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


def wire_named(name: str) -> Wire:
    """Return a wire; raises :class:`InputError` for a name that is not in :data:`WIRES`, and says why."""
    if name in OUT_OF_SCOPE:
        raise InputError(f"the wire {name} is out of scope: {OUT_OF_SCOPE[name]}")
    if name not in WIRES:
        raise InputError(f"there is no wire {name!r:.80}; known are {', '.join(WIRES)}")
    return WIRES[name]
