"""Anthropic Messages → source events (ledger §4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.protocol.events import Event
from harness.providers.exact_text import json_text
from harness.providers.failures import error_event
from harness.providers.fields import count_in, list_in, named, object_in, text_in
from harness.providers.message import Message, NewId

_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "tool_use": "tool-calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content-filter",
    "compaction": "other",
}
_CLIENT_CALL = "tool_use"
_PROVIDER_CALLS = {"server_tool_use", "mcp_tool_use"}


@dataclass(slots=True)
class _Block:
    """One open content block: what kind of part it became, and its call if it is one."""

    kind: str  # text, reasoning or tool
    call_id: str = ""
    name: str = ""
    given: Any = None
    deltas: list[str] = field(default_factory=list)
    flags: Event = field(default_factory=dict)


class AnthropicDecoder:
    """Messages of ``/v1/messages`` in, V2 stream parts out.

    Part ids are the block indices. ``finish`` comes at ``message_stop`` and at nothing else (R38): a stream cut before
    it has none. Calls that the provider runs itself carry ``providerExecuted`` (R14). Block kinds and message types
    that are not known are left out (R23). Tokens are the last that were reported; cached ones are beside them. A whole
    message, the answer to a request that did not ask for a stream, gives what its stream would have given.
    """

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._blocks: dict[str, _Block] = {}
        self._names: dict[str, str] = {}
        self._usage: dict[str, Any] = {}
        self._stop_reason: Any = None
        self._named = False

    def feed(self, message: Message, /) -> list[Event]:
        """Take one message, return its parts."""
        data = message.data
        match text_in(data, "type"):
            case "message_start":
                return self._start(object_in(data, "message"))
            case "content_block_start":
                return self._open(_index(data), object_in(data, "content_block"))
            case "content_block_delta":
                return self._delta(_index(data), object_in(data, "delta"))
            case "content_block_stop":
                return self._close(_index(data))
            case "message_delta":
                self._count(object_in(data, "usage"))
                self._stop_reason = object_in(data, "delta").get("stop_reason") or self._stop_reason
            case "message_stop":
                return self._finish()
            case "message":
                return self._whole(data)
            case "error":
                return [error_event(data.get("error"))]
        return []

    def close(self) -> list[Event]:
        """Nothing is held back: a message without its ``message_stop`` has no ``finish``."""
        return []

    def _start(self, message: dict[str, Any]) -> list[Event]:
        self._count(object_in(message, "usage"))
        id_ = text_in(message, "id")
        if self._named or not id_:
            return []
        self._named = True
        return [named(id_, text_in(message, "model"))]

    def _whole(self, message: dict[str, Any]) -> list[Event]:
        """Read an answer that was not streamed: all its blocks at once, each as a stream would have said it."""
        events = self._start(message)
        for place, block in enumerate(list_in(message, "content")):
            given = block if isinstance(block, dict) else {}
            events += self._open(str(place), given) + self._said_at_once(str(place), given) + self._close(str(place))
        self._stop_reason = message.get("stop_reason")
        return events + self._finish()

    def _said_at_once(self, index: str, block: dict[str, Any]) -> list[Event]:
        """Return what deltas would have brought beside the words that stand in the start of a block."""
        match text_in(block, "type"):
            case "text":
                return [event for cited in list_in(block, "citations") for event in self._source(cited)]
            case "thinking" if signature := text_in(block, "signature"):
                return self._part_delta(index, "reasoning", "", {"signature": signature})
        return self._input_delta(index, _as_text(block.get("input")))

    def _count(self, usage: dict[str, Any]) -> None:
        """Keep the last count; a zero, with which some gateways fill the places they do not know, replaces none."""
        self._usage |= {key: count for key, count in _given(usage).items() if count or not self._usage.get(key)}

    def _open(self, index: str, given: dict[str, Any]) -> list[Event]:
        kind = text_in(given, "type")
        if kind == "text":
            return self._begin_part(index, "text", text_in(given, "text"))
        if kind == "thinking":
            return self._begin_part(index, "reasoning", text_in(given, "thinking"))
        if kind == "redacted_thinking":
            return self._begin_part(index, "reasoning", metadata={"redactedData": given.get("data")})
        if kind == _CLIENT_CALL or kind in _PROVIDER_CALLS:
            return self._begin_call(index, given, provider_executed=kind != _CLIENT_CALL)
        if kind.endswith("_tool_result"):
            return [self._result(given)]
        return []

    def _begin_part(
        self, index: str, kind: str, delta: str = "", metadata: dict[str, Any] | None = None
    ) -> list[Event]:
        self._blocks[index] = _Block(kind)
        events: list[Event] = [{"type": f"{kind}-start", "id": index, **_metadata(metadata)}]
        if delta:
            events.append({"type": f"{kind}-delta", "id": index, "delta": delta})
        return events

    def _begin_call(self, index: str, given: dict[str, Any], *, provider_executed: bool) -> list[Event]:
        id_, name = text_in(given, "id") or self._new_id(), text_in(given, "name")
        flags: Event = {"providerExecuted": True} if provider_executed else {}
        self._blocks[index] = _Block("tool", id_, name, given.get("input"), flags=flags)
        self._names[id_] = name
        return [{"type": "tool-input-start", "id": id_, "toolName": name, **flags}]

    def _result(self, given: dict[str, Any]) -> Event:
        id_, content = text_in(given, "tool_use_id"), given.get("content")
        failed = given.get("is_error") is True or text_in(content, "type").endswith("_error")
        return {
            "type": "tool-result",
            "toolCallId": id_,
            "toolName": self._names.get(id_) or text_in(given, "type").removesuffix("_tool_result"),
            "result": content,
            **({"isError": True} if failed else {}),
            "providerExecuted": True,
        }

    def _delta(self, index: str, delta: dict[str, Any]) -> list[Event]:
        kind = text_in(delta, "type")
        if kind == "text_delta":
            return self._part_delta(index, "text", text_in(delta, "text"))
        if kind == "thinking_delta":
            return self._part_delta(index, "reasoning", text_in(delta, "thinking"))
        if kind == "signature_delta":
            return self._part_delta(index, "reasoning", "", {"signature": delta.get("signature")})
        if kind == "input_json_delta":
            return self._input_delta(index, text_in(delta, "partial_json"))
        if kind == "citations_delta":
            return self._source(object_in(delta, "citation"))
        return []

    def _part_delta(self, index: str, kind: str, delta: str, metadata: dict[str, Any] | None = None) -> list[Event]:
        """Pass a delta on; a gateway that left out the block's start gets one made."""
        events = [] if index in self._blocks else self._begin_part(index, kind)
        if delta or metadata:
            events.append({"type": f"{kind}-delta", "id": index, "delta": delta, **_metadata(metadata)})
        return events

    def _input_delta(self, index: str, delta: str) -> list[Event]:
        block = self._blocks.get(index)
        if block is None or block.kind != "tool" or not delta:
            return []
        block.deltas.append(delta)
        return [{"type": "tool-input-delta", "id": block.call_id, "delta": delta}]

    def _source(self, citation: dict[str, Any]) -> list[Event]:
        title = text_in(citation, "title") or text_in(citation, "document_title")
        if url := text_in(citation, "url"):
            return [{"type": "source", "sourceType": "url", "id": self._new_id(), "url": url, "title": title or None}]
        if title:
            place: Event = {"type": "source", "sourceType": "document", "id": self._new_id()}
            return [place | {"mediaType": "text/plain", "title": title}]
        return []

    def _close(self, index: str) -> list[Event]:
        block = self._blocks.pop(index, None)
        if block is None:
            return []
        if block.kind != "tool":
            return [{"type": f"{block.kind}-end", "id": index}]
        streamed = "".join(block.deltas)
        text = streamed if streamed.strip() else _as_text(block.given)
        call: Event = {"type": "tool-call", "toolCallId": block.call_id, "toolName": block.name, "input": text or "{}"}
        return [{"type": "tool-input-end", "id": block.call_id}, call | block.flags]

    def _finish(self) -> list[Event]:
        ends = [
            event for index, block in list(self._blocks.items()) if block.kind != "tool" for event in self._close(index)
        ]
        reason = _REASONS.get(self._stop_reason, "unknown") if isinstance(self._stop_reason, str) else "unknown"
        return [*ends, {"type": "finish", "finishReason": reason, "usage": self._counted()}]

    def _counted(self) -> dict[str, Any]:
        prompt, completion = count_in(self._usage, "input_tokens"), count_in(self._usage, "output_tokens")
        counted = {
            "inputTokens": prompt,
            "outputTokens": completion,
            "totalTokens": None if prompt is None and completion is None else _sum(prompt or 0, completion or 0),
            "cachedInputTokens": count_in(self._usage, "cache_read_input_tokens"),
            "reasoningTokens": count_in(object_in(self._usage, "output_tokens_details"), "thinking_tokens"),
        }
        return _given(counted)


def _sum(one: float, other: float) -> float | None:
    try:
        return one + other
    except OverflowError:  # an integer that no float holds, beside a fraction
        return None


def _index(data: dict[str, Any]) -> str:
    index = data.get("index")
    return str(index) if isinstance(index, int | str) else ""


def _as_text(given: Any) -> str:
    """Return the text of an input that came whole: an object, or its JSON text from some gateways; else ``""``."""
    if isinstance(given, str):
        return given
    return json_text(given) if isinstance(given, dict) and given else ""


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _metadata(values: dict[str, Any] | None) -> Event:
    return {"providerMetadata": {"anthropic": values}} if values else {}
