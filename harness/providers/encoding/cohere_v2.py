"""Source events → Cohere's Chat API, version 2 (``/v2/chat``)."""

from __future__ import annotations

from typing import Any

from harness.protocol.events import Event
from harness.providers.encoding.cohere_words import cited_document, counts, finish_reason
from harness.providers.encoding.encoder import Labels, renamed, unsayable
from harness.providers.encoding.framed import go_json

_WIRE = "cohere-v2"
_KEYS = {"text": "text", "reasoning": "thinking"}


class CohereV2Encoder:
    """Events of one answer in, server-sent events out.

    Contents and calls are numbered apart, in the order of their starts. The wire has no place for a model's name, nor
    for calls that the provider runs, files, and counts of an answer that is cut. A cited document is given to the words
    of the last delta. ``content-filter`` is ``ERROR_TOXIC``, which version 1 documents; version 2 names nothing for it.
    """

    def __init__(self, labels: Labels, _provider: str) -> None:
        self._labels = labels
        self._has_begun = False
        self._is_over = False
        self._contents: dict[tuple[str, str], int] = {}
        self._content_count = 0
        self._calls: dict[str, int] = {}
        self._citation_count = 0
        self._said = 0
        self._last_words = ""

    def feed(self, event: Event, /) -> list[bytes]:
        """Take one event, return its messages; raises :class:`InputError` for one that the wire has no words for."""
        kind = event["type"]
        if kind == "response-metadata":
            self._labels = renamed(self._labels, event)
            return []
        messages = self._messages(kind, event)
        if messages and not self._has_begun:
            self._has_begun = True
            messages.insert(0, self._start())
        return [_sse(message) for message in messages]

    def close(self) -> list[bytes]:
        """Return ``[DONE]`` where the answer has an end; an error is one."""
        return [b"data: [DONE]\n\n"] if self._is_over else []

    def _start(self) -> dict[str, Any]:
        empty = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
        return {"id": self._labels.id, "type": "message-start", "delta": {"message": empty}}

    def _messages(self, kind: str, event: Event) -> list[dict[str, Any]]:
        match kind:
            case "text-start" | "reasoning-start":
                return [self._content_start(kind.removesuffix("-start"), event["id"])]
            case "text-delta" | "reasoning-delta":
                return self._content_delta(kind.removesuffix("-delta"), event)
            case "text-end" | "reasoning-end":
                index = self._contents.pop((kind.removesuffix("-end"), event["id"]))
                return [{"type": "content-end", "index": index}]
            case "tool-input-start" if not event.get("providerExecuted"):
                return [self._call_start(event)]
            case "tool-input-delta":
                return [_at(self._calls[event["id"]], "tool-call-delta", _arguments(event["delta"]))]
            case "tool-input-end":
                return []  # the call says it
            case "tool-call" if not event.get("providerExecuted"):
                return [{"type": "tool-call-end", "index": self._calls[event["toolCallId"]]}]
            case "source":
                return self._citation(event)
            case "finish":
                return [self._end(_finished(event))]
            case "error":
                return [self._end(_failed(event))]
        raise unsayable(_WIRE, f"the event {kind}" + (" of the provider's own call" if "tool" in kind else ""))

    def _content_start(self, part: str, id_: str) -> dict[str, Any]:
        index = self._contents[part, id_] = self._content_count
        self._content_count += 1
        return _at(index, "content-start", {"content": {"type": _KEYS[part], _KEYS[part]: ""}})

    def _content_delta(self, part: str, event: Event) -> list[dict[str, Any]]:
        """Return a delta; one without words only brings metadata, which the wire does not know."""
        words = event["delta"]
        if not words:
            return []
        if part == "text":
            self._said += len(self._last_words)
            self._last_words = words
        return [_at(self._contents[part, event["id"]], "content-delta", {"content": {_KEYS[part]: words}})]

    def _call_start(self, event: Event) -> dict[str, Any]:
        index = self._calls[event["id"]] = len(self._calls)
        function = {"name": event["toolName"], "arguments": ""}
        return _at(
            index, "tool-call-start", {"tool_calls": {"id": event["id"], "type": "function", "function": function}}
        )

    def _citation(self, event: Event) -> list[dict[str, Any]]:
        document = cited_document(_WIRE, event)
        index, self._citation_count = self._citation_count, self._citation_count + 1
        citation = {
            "start": self._said,
            "end": self._said + len(self._last_words),
            "text": self._last_words,
            "sources": [{"type": "document", "id": document["id"], "document": document}],
            "type": "TEXT_CONTENT",
        }
        return [_at(index, "citation-start", {"citations": citation}), {"type": "citation-end", "index": index}]

    def _end(self, delta: dict[str, Any]) -> dict[str, Any]:
        self._is_over = True
        return {"type": "message-end", "delta": delta}


def _at(index: int, kind: str, message: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "index": index, "delta": {"message": message}}


def _arguments(delta: str) -> dict[str, Any]:
    return {"tool_calls": {"function": {"arguments": delta}}}


def _finished(event: Event) -> dict[str, Any]:
    return {**finish_reason(event["finishReason"], event["raw"]), "usage": counts(_WIRE, event["usage"])}


def _failed(event: Event) -> dict[str, Any]:
    error = event["error"]
    told = {**finish_reason("error", ""), "usage": counts(_WIRE, event.get("usage", {})), "error": error["message"]}
    return told | ({"error_type": error["code"]} if "code" in error else {})


def _sse(message: dict[str, Any]) -> bytes:
    return f"event: {message['type']}\ndata: ".encode() + go_json(message) + b"\n\n"
