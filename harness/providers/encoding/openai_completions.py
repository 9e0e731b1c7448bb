"""Source events → chunks of OpenAI's legacy Completions."""

from __future__ import annotations

from typing import Any

from harness.protocol.events import Event
from harness.providers.encoding.encoder import Labels, renamed, unsayable
from harness.providers.encoding.framed import json_bytes, sse_message

_WIRE = "openai-completions"
_REASONS = {
    "stop": "stop", "length": "length", "content-filter": "content_filter", "unknown": None, "other": None,
}  # fmt: skip


def tokens(usage: dict[str, Any]) -> dict[str, Any]:
    """Return V2 usage in the names of OpenAI's completions."""
    return {
        "prompt_tokens": usage["inputTokens"],
        "completion_tokens": usage["outputTokens"],
        "total_tokens": usage["totalTokens"],
    }


def tokens_in_detail(usage: dict[str, Any]) -> dict[str, Any]:
    """Return the same with the counts of parts, where they are known, in the groups that hold them."""
    cached, thought = usage.get("cachedInputTokens"), usage.get("reasoningTokens")
    return {
        **tokens(usage),
        **({} if cached is None else {"prompt_tokens_details": {"cached_tokens": cached}}),
        **({} if thought is None else {"completion_tokens_details": {"reasoning_tokens": thought}}),
    }


class OpenAiCompletionsEncoder:
    """Events in, chunks out: text, how it ended, what it cost, ``[DONE]``; nothing else can be said here.

    Without a reason that is known no chunk names one, and ``[DONE]`` alone ends the answer.
    """

    def __init__(self, labels: Labels, _provider: str) -> None:
        self._labels = labels
        self._has_count = False
        self._is_over = False

    def feed(self, event: Event, /) -> list[bytes]:
        """Take one event, return its chunks; raises :class:`InputError` for what the wire cannot say."""
        match event["type"]:
            case "response-metadata":
                self._labels = renamed(self._labels, event)
            case "text-delta":
                return [self._choice(event["delta"])] if event["delta"] else []
            case "text-start" | "text-end":
                pass
            case "custom":
                return [self._count(event["usage"])]
            case "finish":
                return self._end(event)
            case "error":
                return [_error(event)]
            case kind:
                raise unsayable(_WIRE, f"the event {kind}")
        return []

    def close(self) -> list[bytes]:
        """Write ``[DONE]`` behind an answer that is finished."""
        return [sse_message(b"[DONE]")] if self._is_over else []

    def _chunk(self, **said: Any) -> bytes:
        named = {"id": self._labels.id, "object": "text_completion", "created": self._labels.created}
        return _message({**named, **said})

    def _choice(self, words: str, reason: str | None = None) -> bytes:
        choice = {"text": words, "index": 0, "logprobs": None, "finish_reason": reason}
        return self._chunk(choices=[choice], model=self._labels.model)

    def _count(self, usage: dict[str, Any]) -> bytes:
        self._has_count = True
        return self._chunk(model=self._labels.model, usage=tokens_in_detail(usage), choices=[])

    def _end(self, event: Event) -> list[bytes]:
        self._is_over = True
        word, usage = event["finishReason"], event["usage"]
        if word not in _REASONS:
            raise unsayable(_WIRE, f"the finish reason {word!r:.80}")
        if self._has_count and not usage:
            raise unsayable(_WIRE, "an end that takes an earlier count of tokens back")
        pieces = [self._choice("", reason)] if (reason := _REASONS[word]) else []
        return [*pieces, self._count(usage)] if usage else pieces


def _error(event: Event) -> bytes:
    if "usage" in event:
        raise unsayable(_WIRE, "what an answer cost that ends in an error")
    message, code = event["error"]["message"], event["error"].get("code")
    kind = None if code is None else "server_error"
    return _message({"error": {"message": message, "type": kind, "param": None, "code": code}})


def _message(said: dict[str, Any]) -> bytes:
    return sse_message(json_bytes(said))
