"""Which wire a body speaks, guessed from its first messages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from harness.providers.exact_text import parsed_json
from harness.providers.failures import failure_in
from harness.providers.fields import list_in, object_in, text_in
from harness.providers.framing import Framing
from harness.providers.message import Mark, Message

_PIECE = 16 * 1024
_ENOUGH = 50
_ANTHROPIC = {
    "message_start", "message_delta", "message_stop", "content_block_start", "content_block_delta",
    "content_block_stop",
}  # fmt: skip
_CLOUDFLARE = {"response", "tool_calls"}
_CONVERSE = {"messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop"}
_COHERE = {
    "message-start", "message-end", "content-start", "content-delta", "content-end", "tool-plan-delta",
    "tool-call-start", "tool-call-end", "citation-start",
}  # fmt: skip
_GOOGLE = {"candidates", "usageMetadata", "promptFeedback"}
_INTERACTIONS = ("interaction.", "step.", "content.", "error")
_LLAMA, _TITAN = {"generation", "generation_token_count"}, {"inputTextTokenCount", "outputText"}


def guessed_wire(body: bytes) -> str | None:
    """Return the name of the wire that the first messages of a body speak, or None; it may be one that is refused.

    Error bodies are told by their shape too; the forms that OpenAI and its many followers share count as
    ``openai-chat``, because every decoder reads them alike. A body whose framing is broken is looked at line by line.
    """
    is_pinged = False
    for messages in (_messages(body), _data_lines(body)):
        for message in islice(messages, _ENOUGH):
            if text_in(message.data, "type") == "ping":
                is_pinged = True  # so do both of Anthropic's wires
            elif wire := _refused_wire_of(message) or _wire_of(message):
                return wire
    return "anthropic-messages" if is_pinged else None


def _messages(body: bytes) -> Iterator[Message]:
    """Frame lazily: a guess must not cost the reading of a long body."""
    framing = Framing()
    for start in range(0, len(body), _PIECE):
        yield from framing.feed(body[start : start + _PIECE])
    yield from framing.close()


def _data_lines(body: bytes) -> Iterator[Message]:
    """Give what ``data:`` lines hold, with or without the blank lines that make events of them."""
    for line in body[: _ENOUGH * _PIECE].splitlines():
        try:
            yield Message("", parsed_json(line.removeprefix(b"data:").decode("utf-8", "replace")))
        except ValueError:
            continue


def _wire_of(message: Message) -> str | None:
    data: Any = message.data
    if data is Mark.DONE:
        return "openai-chat"
    kind = text_in(data, "type")
    if kind in _ANTHROPIC or (kind == "message" and "content" in data):
        return "anthropic-messages"
    if kind == "error" and object_in(data, "error") and "sequence_number" not in data:
        return "anthropic-messages"
    if kind.startswith("response.") or kind == "error" or _is_response(data):
        return "openai-responses"
    if _is_converse(message):
        return "bedrock-converse"
    if text_in(data, "event_type").startswith(_INTERACTIONS) or text_in(data, "object") == "interaction":
        return "google-interactions"
    if kind in _COHERE or (object_in(data, "message") and "finish_reason" in data):
        return "cohere-v2"
    if isinstance(data, dict):
        if "is_finished" in data or ("text" in data and "generation_id" in data) or list_in(data, "generations"):
            return "cohere-v1"
        if data.keys() & _GOOGLE or text_in(object_in(data, "error"), "status"):
            return "google-generatecontent"
        if isinstance(data.get("done"), bool) and data.keys() & {"message", "response"}:
            return "ollama-generate" if "response" in data else "ollama-chat"
        if text_in(data, "object") == "text_completion":
            return "openai-completions"
        if "choices" in data:
            return "openai-chat"
        result = object_in(data, "result")
        if data.keys() & _CLOUDFLARE or result.keys() & {*_CLOUDFLARE, "choices"} or _is_response(result):
            return "cloudflare-run"
        if failure_in("", data):
            return "openai-chat"
    return None


def _is_response(data: Any) -> bool:
    return text_in(data, "object") == "response"


def _is_converse(message: Message) -> bool:
    """Tell Bedrock's events, with their frame or without it, its exceptions, and an answer that was not streamed.

    ``__type`` names the error in bodies that come from AWS before Bedrock itself is reached.
    """
    name, data = message
    if not isinstance(data, dict):
        return False
    words = [name, text_in(data, "code") if name == "error" else "", *(data if len(data) == 1 else ())]
    is_event = any(word in _CONVERSE or word.endswith("Exception") for word in words)
    return is_event or ("stopReason" in data and "output" in data) or bool(text_in(data, "__type"))


def _refused_wire_of(message: Message) -> str | None:
    """Return the wire out of scope that a message speaks, or None."""
    data: Any = message.data
    if not isinstance(data, dict):
        return None
    if (isinstance(data.get("bytes"), str) and data.keys() <= {"bytes", "p"}) or data.keys() >= _LLAMA:
        return "bedrock-invoke"
    results = list_in(data, "results")[:1]
    if _TITAN & data.keys() or any(text_in(one, "completionReason") for one in results):
        return "bedrock-invoke"
    if any(isinstance(one, dict) and "generated_text" in one for one in results):
        return "watsonx"
    if text_in(data, "object").startswith("thread"):
        return "openai-assistants"
    if text_in(data, "type") == "completion" or {"completion", "stop_reason"} <= data.keys():
        return "anthropic-complete"
    return None
