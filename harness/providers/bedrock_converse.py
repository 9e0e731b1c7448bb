"""Amazon Bedrock Converse → source events."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any

from harness.protocol.events import COUNTED, Event
from harness.providers.exact_text import json_text
from harness.providers.failures import error_event
from harness.providers.fields import count_in, list_in, object_in, text_in
from harness.providers.message import Message, NewId

_EVENTS = {"messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"}
_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool-calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "content_filtered": "content-filter",
    "guardrail_intervened": "content-filter",
}
_MALFORMED = "malformed_"
_USAGE = {
    "inputTokens": "inputTokens",
    "outputTokens": "outputTokens",
    "totalTokens": "totalTokens",
    "cachedInputTokens": "cacheReadInputTokens",
}
_BY_PROVIDER = "server_tool_use"


@dataclass(slots=True)
class _Block:
    """One open content block: what kind of part it became, and what is collected for its end."""

    kind: str  # text, reasoning, tool, result or file
    id: str = ""
    name: str = ""
    flags: Event = field(default_factory=dict)
    deltas: list[str] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)
    data: bytearray = field(default_factory=bytearray)


class BedrockConverseDecoder:
    """Events of ``/model/ID/converse-stream`` in, V2 stream parts out; the answer of ``/converse`` is read too.

    Events come by the name of their frame, or as ``{name: event}`` from recordings that lost their frames. Only blocks
    of tools and images have a start on this wire; texts and thoughts begin with their first delta. Part ids are the
    block indices. An answer here has neither id nor model, so there is no ``response-metadata``.

    R38 does not name this wire; we read: ``messageStop`` completes the answer. ``metadata`` with the usage comes behind
    it, so ``finish`` waits for that or for the end of the stream. Calls that the provider runs itself carry
    ``providerExecuted`` (R14). A call or an answer that the model wrote badly (``malformed_tool_use``,
    ``malformed_model_output``) is an ``error``. What is not known is left out (R23).
    """

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._blocks: dict[str, _Block] = {}
        self._names: dict[str, str] = {}
        self._usage: dict[str, Any] = {}
        self._stop_reason: str | None = None
        self._ended = False

    def feed(self, message: Message, /) -> list[Event]:
        """Take one event, return its parts."""
        name, data = _named(message)
        index = str(data.get("contentBlockIndex", ""))
        match name:
            case "contentBlockStart":
                return self._start(index, object_in(data, "start"))
            case "contentBlockDelta":
                return self._delta(index, object_in(data, "delta"))
            case "contentBlockStop":
                return self._stop(index)
            case "messageStop":
                self._stop_reason = text_in(data, "stopReason")
                return []
            case "metadata":
                self._count(data)
                return [] if self._stop_reason is None else self._finish()
            case "":
                return self._whole(data) if object_in(data, "output") else _failure(data)
        return []

    def close(self) -> list[Event]:
        """End the answer where it is complete; usage without an end is told in a part of its own."""
        if self._ended:
            return []
        if self._stop_reason is not None:
            return self._finish()
        return [{"type": "custom", "kind": COUNTED, "usage": self._usage}] if self._usage else []

    def _count(self, data: dict[str, Any]) -> None:
        usage = object_in(data, "usage")
        self._usage = {ours: usage[name] for ours, name in _USAGE.items() if count_in(usage, name) is not None}

    def _whole(self, data: dict[str, Any]) -> list[Event]:
        """Read an answer that was not streamed: its blocks, each as a stream would have said it."""
        events: list[Event] = []
        for place, block in enumerate(list_in(object_in(object_in(data, "output"), "message"), "content")):
            start, deltas = _as_streamed(block if isinstance(block, dict) else {})
            events += self._start(str(place), start)
            for delta in deltas:
                events += self._delta(str(place), delta)
            events += self._stop(str(place))
        self._stop_reason = text_in(data, "stopReason")
        self._count(data)
        return events + self._finish()

    def _start(self, index: str, start: dict[str, Any]) -> list[Event]:
        events: list[Event] = []
        if isinstance(call := start.get("toolUse"), dict):
            events = self._stop(index)
            id_, name = text_in(call, "toolUseId") or self._new_id(), text_in(call, "name")
            flags: Event = {"providerExecuted": True} if call.get("type") == _BY_PROVIDER else {}
            self._blocks[index] = _Block("tool", id_, name, flags)
            self._names[id_] = name
            events.append({"type": "tool-input-start", "id": id_, "toolName": name, **flags})
        elif isinstance(result := start.get("toolResult"), dict):
            events = self._stop(index)
            id_ = text_in(result, "toolUseId")
            name = self._names.get(id_) or text_in(result, "type").removesuffix("_result")
            failed: Event = {"isError": True} if result.get("status") == "error" else {}
            self._blocks[index] = _Block("result", id_, name, failed)
        elif isinstance(image := start.get("image"), dict):
            events = self._stop(index)
            self._blocks[index] = _Block("file", name=f"image/{text_in(image, 'format')}")
        return events

    def _delta(self, index: str, delta: dict[str, Any]) -> list[Event]:
        block = self._blocks.get(index)
        if isinstance(text := delta.get("text"), str):
            return self._said(index, "text", text)
        if isinstance(thought := delta.get("reasoningContent"), dict):
            return self._thought(index, thought)
        if isinstance(citation := delta.get("citation"), dict):
            return self._source(citation)
        if block is None:
            return []
        if block.kind == "tool" and (more := text_in(object_in(delta, "toolUse"), "input")):
            block.deltas.append(more)
            return [{"type": "tool-input-delta", "id": block.id, "delta": more}]
        if block.kind == "result":
            block.results += list_in(delta, "toolResult")
        elif block.kind == "file":
            block.data += _decoded(text_in(object_in(object_in(delta, "image"), "source"), "bytes"))
        return []

    def _thought(self, index: str, thought: dict[str, Any]) -> list[Event]:
        if signature := text_in(thought, "signature"):
            return self._said(index, "reasoning", text_in(thought, "text"), {"signature": signature})
        if redacted := text_in(thought, "redactedContent"):
            return self._said(index, "reasoning", "", {"redactedData": redacted})
        return self._said(index, "reasoning", text_in(thought, "text"))

    def _said(self, index: str, kind: str, delta: str, metadata: dict[str, str] | None = None) -> list[Event]:
        """Pass words on; the first of a block begin its part, and an empty delta says nothing."""
        if not delta and not metadata:
            return []
        events: list[Event] = []
        block = self._blocks.get(index)
        if block is None or block.kind != kind:
            events = self._stop(index)
            self._blocks[index] = _Block(kind)
            events.append({"type": f"{kind}-start", "id": index})
        told: Event = {"providerMetadata": {"bedrock": metadata}} if metadata else {}
        return [*events, {"type": f"{kind}-delta", "id": index, "delta": delta, **told}]

    def _source(self, citation: dict[str, Any]) -> list[Event]:
        title = text_in(citation, "title")
        if url := text_in(object_in(object_in(citation, "location"), "web"), "url"):
            named = {"title": title} if title else {}
            return [{"type": "source", "sourceType": "url", "id": self._new_id(), "url": url, **named}]
        if title:
            place: Event = {"type": "source", "sourceType": "document", "id": self._new_id()}
            return [place | {"mediaType": "text/plain", "title": title}]
        return []

    def _stop(self, index: str) -> list[Event]:
        block = self._blocks.pop(index, None)
        if block is None:
            return []
        match block.kind:
            case "tool":
                text = "".join(block.deltas)
                call: Event = {"type": "tool-call", "toolCallId": block.id, "toolName": block.name}
                return [
                    {"type": "tool-input-end", "id": block.id},
                    call | {"input": text if text.strip() else "{}"} | block.flags,
                ]
            case "result":
                named: Event = {"type": "tool-result", "toolCallId": block.id, "toolName": block.name}
                return [named | {"result": _result(block.results), **block.flags, "providerExecuted": True}]
            case "file":
                return [{"type": "file", "mediaType": block.name, "data": b64encode(bytes(block.data)).decode()}]
        return [{"type": f"{block.kind}-end", "id": index}]

    def _finish(self) -> list[Event]:
        self._ended = True
        ends = [
            event
            for index, block in list(self._blocks.items())
            if block.kind in {"text", "reasoning"}
            for event in self._stop(index)
        ]
        reason = self._stop_reason or ""
        if reason.startswith(_MALFORMED):
            failure = error_event({"message": f"the model's answer is broken: {reason}", "code": reason})
            return [*ends, failure | {"usage": self._usage}]
        return [*ends, {"type": "finish", "finishReason": _REASONS.get(reason, "unknown"), "usage": self._usage}]


def _named(message: Message) -> tuple[str, dict[str, Any]]:
    """Return an event's name and what it says; the name is ``""`` where it is none of the stream's events."""
    data = message.data if isinstance(message.data, dict) else {}
    if message.name in _EVENTS:
        return message.name, data
    return next(
        ((name, inner) for name, inner in data.items() if name in _EVENTS and isinstance(inner, dict)), ("", data)
    )


def _failure(data: dict[str, Any]) -> list[Event]:
    """Return the error of a refusal in AWS's older forms, or of an exception that lost its frame; of all else none."""
    if message := text_in(data, "Message"):
        code = text_in(data, "__type").rpartition("#")[2]
        return [error_event({"message": message} | ({"code": code} if code else {}))]
    for name, inner in data.items():
        if name.endswith("Exception") and isinstance(inner, dict):
            return [error_event({**inner, "code": name})]
    return []


def _as_streamed(block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the start and the deltas that a stream would have had for a block of a whole answer."""
    if isinstance(call := block.get("toolUse"), dict):
        given = call.get("input")
        text = given if isinstance(given, str) else json_text(given) if given else ""
        return {"toolUse": call}, [{"toolUse": {"input": text}}]
    if isinstance(result := block.get("toolResult"), dict):
        return {"toolResult": result}, [{"toolResult": list_in(result, "content")}]
    if isinstance(thought := block.get("reasoningContent"), dict):
        said = object_in(thought, "reasoningText")
        return {}, [{"reasoningContent": said or thought}]
    if isinstance(cited := block.get("citationsContent"), dict):
        texts = [{"text": text_in(part, "text")} for part in list_in(cited, "content")]
        return {}, [*texts, *({"citation": citation} for citation in list_in(cited, "citations"))]
    if isinstance(image := block.get("image"), dict):
        return {"image": image}, [{"image": image}]
    return {}, [block]


def _result(items: list[Any]) -> Any:
    """Return what a tool's answer comes to: the one value, the texts joined, or else the list as it came."""
    texts = [item["text"] for item in items if isinstance(item, dict) and isinstance(item.get("text"), str)]
    if items and len(texts) == len(items):
        return "".join(texts)
    if len(items) == 1 and isinstance(items[0], dict) and "json" in items[0]:
        return items[0]["json"]
    return items


def _decoded(data: str) -> bytes:
    try:
        return b64decode(data, validate=True)
    except ValueError:
        return b""
