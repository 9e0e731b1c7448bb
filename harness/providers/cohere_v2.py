"""Cohere's Chat API, version 2 (``/v2/chat``) → source events (ledger §4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.protocol.events import Event
from harness.providers.cohere_ending import ending, finish_word
from harness.providers.cohere_sources import Sources
from harness.providers.fields import list_in, object_in, text_in
from harness.providers.message import Message, NewId

_PARTS = (("thinking", "reasoning"), ("text", "text"))


@dataclass(slots=True)
class _Call:
    id: str
    name: str
    deltas: list[str] = field(default_factory=list)


class CohereV2Decoder:
    """Messages of ``/v2/chat`` in, V2 stream parts out.

    Part ids are the content indices, and one index may hold a thought first and then a text: what a delta holds decides
    its part. Calls are told apart by their own indices, so their arguments may come interleaved; a call is complete at
    its ``tool-call-end``, and one that never ended is left out (R13). ``finish`` comes at ``message-end`` and at
    nothing else (R38); an ``error`` in its place ends the answer as one. The tool plan is passed over, as the official
    package does: it is neither the answer nor marked as a thought. A whole message, the answer to a request that did
    not ask for a stream, gives what its stream would have given.
    """

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._sources = Sources(new_id)
        self._parts: dict[str, str] = {}
        self._calls: dict[str, _Call] = {}
        self._is_named = False

    def feed(self, message: Message, /) -> list[Event]:
        """Take one message, return its parts."""
        data = message.data
        said = object_in(object_in(data, "delta"), "message")
        match text_in(data, "type"):
            case "message-start":
                return self._name(data)
            case "content-start":
                return self._open(_index(data), object_in(said, "content"))
            case "content-delta":
                return self._say(_index(data), object_in(said, "content"))
            case "content-end":
                return self._close(_index(data))
            case "tool-call-start":
                return self._begin_call(_index(data), object_in(said, "tool_calls"))
            case "tool-call-delta":
                return self._input(_index(data), object_in(said, "tool_calls"))
            case "tool-call-end":
                return self._end_call(_index(data))
            case "citation-start":
                return self._cite(object_in(said, "citations"))
            case "message-end":
                return self._end(object_in(data, "delta"))
            case "" if object_in(data, "message"):
                return self._whole(data)
        return []

    def close(self) -> list[Event]:
        """Nothing is held back: a message without its ``message-end`` has no ``finish``."""
        return []

    def _name(self, data: dict[str, Any]) -> list[Event]:
        id_ = text_in(data, "id")
        if self._is_named or not id_:
            return []
        self._is_named = True
        return [{"type": "response-metadata", "id": id_}]

    def _open(self, index: str, content: dict[str, Any]) -> list[Event]:
        kind = dict(_PARTS).get(text_in(content, "type"))
        if kind is None:
            return []
        events = self._close(index)
        self._parts[index] = kind
        return [*events, {"type": f"{kind}-start", "id": index}, *self._say(index, content)]

    def _say(self, index: str, content: dict[str, Any]) -> list[Event]:
        """Pass words on; a part whose start was left out, or spoke of another kind, gets one made."""
        events: list[Event] = []
        for key, kind in _PARTS:
            if not (words := text_in(content, key)):
                continue
            if self._parts.get(index) != kind:
                events += self._open(index, {"type": key})
            events.append({"type": f"{kind}-delta", "id": index, "delta": words})
        return events

    def _close(self, index: str) -> list[Event]:
        kind = self._parts.pop(index, None)
        return [] if kind is None else [{"type": f"{kind}-end", "id": index}]

    def _begin_call(self, index: str, given: dict[str, Any]) -> list[Event]:
        call = _Call(text_in(given, "id") or self._new_id(), text_in(object_in(given, "function"), "name"))
        self._calls[index] = call
        return [{"type": "tool-input-start", "id": call.id, "toolName": call.name}, *self._input(index, given)]

    def _input(self, index: str, given: dict[str, Any]) -> list[Event]:
        call, delta = self._calls.get(index), text_in(object_in(given, "function"), "arguments")
        if call is None or not delta:
            return []
        call.deltas.append(delta)
        return [{"type": "tool-input-delta", "id": call.id, "delta": delta}]

    def _end_call(self, index: str) -> list[Event]:
        call = self._calls.pop(index, None)
        if call is None:
            return []
        text = "".join(call.deltas)
        return [
            {"type": "tool-input-end", "id": call.id},
            {
                "type": "tool-call",
                "toolCallId": call.id,
                "toolName": call.name,
                "input": text if text.strip() else "{}",
            },
        ]

    def _cite(self, citation: dict[str, Any]) -> list[Event]:
        return [
            event
            for source in list_in(citation, "sources")
            for event in self._sources.cite(text_in(source, "id"), object_in(source, "document"))
        ]

    def _end(self, told: dict[str, Any]) -> list[Event]:
        ends = [event for index in list(self._parts) for event in self._close(index)]
        return [*ends, ending(told, finish_word(text_in(told, "finish_reason")), object_in(told, "usage"))]

    def _whole(self, data: dict[str, Any]) -> list[Event]:
        """Read an answer that was not streamed: all its content at once, each as a stream would have said it."""
        message, events = object_in(data, "message"), self._name(data)
        for place, content in enumerate(list_in(message, "content")):
            if isinstance(content, dict):
                events += self._open(str(place), content) + self._close(str(place))
        for place, call in enumerate(list_in(message, "tool_calls")):
            if isinstance(call, dict):
                events += self._begin_call(str(place), call) + self._end_call(str(place))
        for citation in list_in(message, "citations"):
            events += self._cite(citation)
        return events + self._end(data)


def _index(data: dict[str, Any]) -> str:
    index = data.get("index")
    return str(index) if isinstance(index, int | str) else ""
