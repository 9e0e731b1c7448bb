"""Source events → Anthropic Messages, as ``/v1/messages`` streams them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.protocol.events import Event
from harness.providers.encoding.encoder import Labels, renamed, signature_of, unsayable, written
from harness.providers.encoding.framed import json_bytes, sse_message
from harness.providers.fields import object_in, text_in

_WIRE = "anthropic-messages"
_REASONS = {
    "stop": "end_turn", "length": "max_tokens", "content-filter": "refusal", "tool-calls": "tool_use",
    "other": None, "unknown": None,
}  # fmt: skip
_ITS_OWN = {
    "stop_sequence": "stop", "pause_turn": "stop", "model_context_window_exceeded": "length", "compaction": "other",
}  # fmt: skip
_PING = sse_message(b'{"type": "ping"}', "ping")


class AnthropicEncoder:
    """Events, as :mod:`harness.providers.encoding.encoder` lists them, in; typed messages out.

    Blocks are numbered as they open and may be interleaved, which Anthropic's form allows and Anthropic never does; a
    call that was never completed is a block without its stop. The counts are Anthropic's, so there are always some:
    zeros where nothing was counted (R26), and no total but the sum. An answer without a reason stops for null.
    """

    def __init__(self, labels: Labels, _provider: str) -> None:
        self._labels = labels
        self._is_opened = False
        self._blocks = 0
        self._open: dict[tuple[str, str], int] = {}
        self._redacted: set[str] = set()
        self._writers: dict[str, Callable[[Event], list[bytes]]] = {
            "response-metadata": self._rename,
            "text-start": self._start_text,
            "text-delta": self._text,
            "text-end": self._end,
            "reasoning-start": self._start_thought,
            "reasoning-delta": self._thought,
            "reasoning-end": self._end_thought,
            "tool-input-start": self._start_call,
            "tool-input-delta": self._more_of_call,
            "tool-input-end": lambda _: [],
            "tool-call": self._complete_call,
            "tool-result": self._result,
            "source": self._source,
            "finish": self._finish,
            "error": self._error,
        }

    def feed(self, event: Event, /) -> list[bytes]:
        """Take one event, return the messages that say it; raises :class:`InputError` where none can."""
        return written(event, self._writers, _WIRE)

    def close(self) -> list[bytes]:
        """Return nothing: ``message_stop`` came with the finish."""
        return []

    def _rename(self, event: Event) -> list[bytes]:
        self._labels = renamed(self._labels, event)
        return []

    def _opening(self) -> list[bytes]:
        if self._is_opened:
            return []
        self._is_opened = True
        message: dict[str, Any] = {
            "model": self._labels.model,
            "id": self._labels.id,
            "type": "message",
            "role": "assistant",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {
                "input_tokens": self._labels.prompt_tokens or 0,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "output_tokens": 0,
            },
        }
        return [_message("message_start", message=message)]

    def _block(self, block: dict[str, Any]) -> tuple[int, list[bytes]]:
        """Return the index of a new block and what opens it; a ping follows the first, as it does at Anthropic."""
        index = self._blocks
        self._blocks += 1
        pieces = [*self._opening(), _message("content_block_start", index=index, content_block=block)]
        return index, pieces if index else [*pieces, _PING]

    def _started(self, kind: str, id_: str, block: dict[str, Any]) -> list[bytes]:
        self._open[kind, id_], pieces = self._block(block)
        return pieces

    def _delta(self, kind: str, id_: str, **delta: Any) -> bytes:
        return _message("content_block_delta", index=self._open[kind, id_], delta=delta)

    def _stopped(self, kind: str, id_: str) -> bytes:
        return _message("content_block_stop", index=self._open.pop((kind, id_)))

    def _start_text(self, event: Event) -> list[bytes]:
        return self._started("text", event["id"], {"type": "text", "text": ""})

    def _text(self, event: Event) -> list[bytes]:
        return [self._delta("text", event["id"], type="text_delta", text=event["delta"])] if event["delta"] else []

    def _end(self, event: Event) -> list[bytes]:
        return [self._stopped("text", event["id"])]

    def _start_thought(self, event: Event) -> list[bytes]:
        redacted = text_in(object_in(event.get("providerMetadata"), "anthropic"), "redactedData")
        if not redacted:
            return self._started("reasoning", event["id"], {"type": "thinking", "thinking": "", "signature": ""})
        self._redacted.add(event["id"])
        return self._started("reasoning", event["id"], {"type": "redacted_thinking", "data": redacted})

    def _thought(self, event: Event) -> list[bytes]:
        id_, words = event["id"], event["delta"]
        if words and id_ in self._redacted:
            raise unsayable(_WIRE, "the words of reasoning that is redacted")
        told = [self._delta("reasoning", id_, type="thinking_delta", thinking=words)] if words else []
        return told + self._signed(event)

    def _signed(self, event: Event) -> list[bytes]:
        signature = signature_of(event)
        return [self._delta("reasoning", event["id"], type="signature_delta", signature=signature)] if signature else []

    def _end_thought(self, event: Event) -> list[bytes]:
        self._redacted.discard(event["id"])
        return [*self._signed(event), self._stopped("reasoning", event["id"])]

    def _start_call(self, event: Event) -> list[bytes]:
        kind = "server_tool_use" if event.get("providerExecuted") else "tool_use"
        block = {"type": kind, "id": event["id"], "name": event["toolName"], "input": {}}
        return [*self._started("tool", event["id"], block), self._spelled(event["id"], "")]

    def _spelled(self, id_: str, arguments: str) -> bytes:
        return self._delta("tool", id_, type="input_json_delta", partial_json=arguments)

    def _more_of_call(self, event: Event) -> list[bytes]:
        return [self._spelled(event["id"], event["delta"])]

    def _complete_call(self, event: Event) -> list[bytes]:
        return [self._stopped("tool", event["toolCallId"])]

    def _result(self, event: Event) -> list[bytes]:
        result: dict[str, Any] = {
            "type": f"{event['toolName']}_tool_result",
            "tool_use_id": event["toolCallId"],
            "content": event["result"],
        }
        index, pieces = self._block(result | ({"is_error": True} if event.get("isError") else {}))
        return [*pieces, _message("content_block_stop", index=index)]

    def _source(self, event: Event) -> list[bytes]:
        """Cite in the text block that is open, or in one of its own."""
        url, title = text_in(event, "url"), text_in(event, "title")
        if not (url or title):
            raise unsayable(_WIRE, "a source without URL and title")
        found = {"type": "web_search_result_location", "cited_text": "", "url": url, "title": title or None}
        place = {"type": "char_location", "cited_text": "", "document_index": 0, "document_title": title}
        citation = found | {"encrypted_index": ""} if url else place | {"start_char_index": 0, "end_char_index": 0}
        texts = [index for (kind, _), index in self._open.items() if kind == "text"]
        index, opened = (texts[-1], []) if texts else self._block({"type": "text", "text": ""})
        cited = {"type": "citations_delta", "citation": citation}
        pieces = [*opened, _message("content_block_delta", index=index, delta=cited)]
        return pieces if texts else [*pieces, _message("content_block_stop", index=index)]

    def _finish(self, event: Event) -> list[bytes]:
        word, raw, usage = event["finishReason"], event["raw"], event["usage"]
        if word not in _REASONS:
            raise unsayable(_WIRE, f"an answer that finishes with {word}")
        prompt, completion = usage.get("inputTokens", 0), usage.get("outputTokens", 0)
        if usage and usage["totalTokens"] != prompt + completion:
            raise unsayable(_WIRE, "a total of tokens that is not their sum")
        if not prompt and self._labels.prompt_tokens:
            raise unsayable(_WIRE, "a prompt of no tokens after its beginning said another count")
        reason = raw if _ITS_OWN.get(raw) == word else _REASONS[word]
        counts: dict[str, Any] = {
            "input_tokens": prompt,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": usage.get("cachedInputTokens", 0),
            "output_tokens": completion,
        }
        if "reasoningTokens" in usage:
            counts["output_tokens_details"] = {"thinking_tokens": usage["reasoningTokens"]}
        delta = {"stop_reason": reason, "stop_sequence": None}
        return [*self._opening(), _message("message_delta", delta=delta, usage=counts), _message("message_stop")]

    def _error(self, event: Event) -> list[bytes]:
        if "usage" in event:
            raise unsayable(_WIRE, "counts of an answer that failed")
        code, message = event["error"].get("code"), event["error"]["message"]
        return [_message("error", error=({} if code is None else {"type": code}) | {"message": message})]


def _message(kind: str, **members: Any) -> bytes:
    return sse_message(json_bytes({"type": kind, **members}), kind)
