"""Google generateContent → source events (ledger §4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.protocol.events import COUNTED, Event
from harness.providers.exact_text import json_text
from harness.providers.failures import error_event
from harness.providers.fields import count_in, list_in, named, object_in, text_in
from harness.providers.message import Message, NewId
from harness.providers.partial_arguments import PartialArguments

_REASONS = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content-filter",
    "RECITATION": "content-filter",
    "BLOCKLIST": "content-filter",
    "PROHIBITED_CONTENT": "content-filter",
    "SPII": "content-filter",
    "IMAGE_SAFETY": "content-filter",
    "IMAGE_PROHIBITED_CONTENT": "content-filter",
    "IMAGE_RECITATION": "content-filter",
    "OTHER": "other",
    "IMAGE_OTHER": "other",
    "FINISH_REASON_UNSPECIFIED": "other",
}
_NUMBERED = ("FINISH_REASON_UNSPECIFIED", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER")
"""Protobuf's numbers for the reasons, where Vertex and the Gemini API agree on them."""

_USAGE = {
    "inputTokens": "promptTokenCount",
    "outputTokens": "candidatesTokenCount",
    "totalTokens": "totalTokenCount",
    "reasoningTokens": "thoughtsTokenCount",
    "cachedInputTokens": "cachedContentTokenCount",
}
_COUNTS = frozenset(_USAGE.values())


@dataclass(slots=True)
class _OpenCall:
    """A call whose arguments still come, path by path."""

    id: str
    name: str
    metadata: Event
    given: Any = None
    partial: PartialArguments = field(default_factory=PartialArguments)

    def arguments(self) -> str:
        """Return the text of what was given, which the provider's schema wants to be an object or nothing (R8, R9)."""
        pieces = self.partial.value()
        if self.given is None or isinstance(self.given, dict):
            return json_text((self.given or {}) | pieces)
        return self.given if isinstance(self.given, str) else json_text(self.given)


class GeminiDecoder:
    """Chunks of ``:streamGenerateContent`` in (one chunk, of ``:generateContent``, is such a stream too), parts out.

    Only the candidate of index 0 is read. Text and thoughts are blocks numbered from 0; a change of kind and a call
    end a block. ``finish`` comes when the stream closes, if a ``finishReason`` or a prompt block was seen (R38): so
    usage in a later chunk counts, and a cut after the reason is no truncation. A malformed function call is an
    ``error``. Code and tools that Google runs itself are ``providerExecuted`` and do not make the reason
    ``tool-calls`` (R14).
    """

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._named = False
        self._modelled = False
        self._block: tuple[str, str] | None = None
        self._blocks = 0
        self._call: _OpenCall | None = None
        self._calls = 0
        self._provider_calls: dict[str, str] = {}
        self._last_code = ""
        self._sources: set[str] = set()
        self._usage: dict[str, Any] = {}
        self._reason: str | None = None
        self._reason_message = ""
        self._blocked = False

    def feed(self, message: Message, /) -> list[Event]:
        """Take one chunk, return its parts."""
        data = message.data
        if not isinstance(data, dict):
            return []
        if error := data.get("error"):
            return [error_event(error)]
        events: list[Event] = []
        id_, model = text_in(data, "responseId"), text_in(data, "modelVersion")
        if id_ and not self._named:
            self._named = True
            events.append(named(id_, model))
        elif model and not id_ and not self._named and not self._modelled:
            self._modelled = True  # a blocked prompt, say: it has no id, and who refused it is named
            events.append({"type": "response-metadata", "modelId": model})
        usage = object_in(data, "usageMetadata")
        if usage.keys() & _COUNTS:
            self._usage = usage  # each report stands for itself: a count that is missing in the last is not counted
        self._blocked |= bool(text_in(object_in(data, "promptFeedback"), "blockReason"))
        candidate = _first(list_in(data, "candidates"))
        for part in list_in(object_in(candidate, "content"), "parts"):
            if isinstance(part, dict):
                events += self._part(part)
        events += self._grounding(object_in(candidate, "groundingMetadata"))
        self._note_reason(candidate)
        return events

    def close(self) -> list[Event]:
        """End the open block and, where the answer is complete, the stream."""
        events = self._end_block()
        usage = {
            ours: self._usage[theirs] for ours, theirs in _USAGE.items() if count_in(self._usage, theirs) is not None
        }
        if self._reason is None and not self._blocked:
            return [*events, {"type": "custom", "kind": COUNTED, "usage": usage}] if usage else events
        if self._reason is not None and self._reason.startswith("MALFORMED_"):
            words = self._reason.replace("_", " ").lower()
            failure = error_event({"message": self._reason_message or words, "code": self._reason})
            return [*events, failure | {"usage": usage}]
        reason = "content-filter" if self._reason is None else _REASONS.get(self._reason, "unknown")
        if reason == "stop" and self._calls:
            reason = "tool-calls"
        return [*events, {"type": "finish", "finishReason": reason, "usage": usage}]

    def _note_reason(self, candidate: dict[str, Any]) -> None:
        reason = candidate.get("finishReason")
        if isinstance(reason, int) and not isinstance(reason, bool):
            reason = _NUMBERED[reason] if 0 <= reason < len(_NUMBERED) else str(reason)
        if isinstance(reason, str) and reason:
            self._reason = reason
            self._reason_message = text_in(candidate, "finishMessage")

    def _part(self, part: dict[str, Any]) -> list[Event]:
        metadata = _metadata(part)
        if isinstance(text := part.get("text"), str):
            return self._text("reasoning" if part.get("thought") is True else "text", text, metadata)
        if isinstance(call := part.get("functionCall"), dict):
            return self._end_block() + self._function_call(call, metadata)
        if isinstance(data := part.get("inlineData"), dict):
            media_type = text_in(data, "mimeType")
            return [*self._end_block(), {"type": "file", "mediaType": media_type, "data": text_in(data, "data")}]
        if isinstance(code := part.get("executableCode"), dict):
            self._last_code = text_in(code, "id") or self._new_id()
            shown = {key: value for key, value in code.items() if key != "id"}
            return self._end_block() + self._provider_call(self._last_code, "code_execution", shown, metadata)
        if isinstance(result := part.get("codeExecutionResult"), dict):
            return self._end_block() + self._provider_result(text_in(result, "id") or self._last_code, result)
        if isinstance(call := part.get("toolCall"), dict):
            name = text_in(call, "toolType").lower() or "tool"
            return self._end_block() + self._provider_call(
                text_in(call, "id") or self._new_id(), name, object_in(call, "args"), metadata
            )
        if isinstance(answer := part.get("toolResponse"), dict):
            return self._end_block() + self._provider_result(text_in(answer, "id"), answer.get("response"))
        return []

    def _text(self, kind: str, delta: str, metadata: Event) -> list[Event]:
        if not delta and not (metadata and self._block):
            return []
        events: list[Event] = []
        if delta and (self._block is None or self._block[0] != kind):
            events = self._end_block()
            self._block = kind, str(self._blocks)
            self._blocks += 1
            events.append({"type": f"{kind}-start", "id": self._block[1]})
        if self._block is not None:
            events.append({"type": f"{self._block[0]}-delta", "id": self._block[1], "delta": delta, **metadata})
        return events

    def _end_block(self) -> list[Event]:
        if self._block is None:
            return []
        kind, id_ = self._block
        self._block = None
        return [{"type": f"{kind}-end", "id": id_}]

    def _function_call(self, given: dict[str, Any], metadata: Event) -> list[Event]:
        """A call comes whole, or begins with a name and goes on without one until ``willContinue`` is gone."""
        events: list[Event] = []
        name, id_ = text_in(given, "name"), text_in(given, "id")
        if name and not (self._call and id_ and id_ == self._call.id):
            events += self._end_call()
            self._call = _OpenCall(id_ or self._new_id(), name, metadata)
            events.append({"type": "tool-input-start", "id": self._call.id, "toolName": name, **metadata})
        if self._call is None:
            return events
        if (args := given.get("args")) is not None:
            self._call.given = args
        self._call.partial.add(given)
        return events if given.get("willContinue") is True else events + self._end_call()

    def _end_call(self) -> list[Event]:
        call, self._call = self._call, None
        if call is None:
            return []
        self._calls += 1
        text = call.arguments()
        named = {"toolCallId": call.id, "toolName": call.name}
        return [
            {"type": "tool-input-delta", "id": call.id, "delta": text},
            {"type": "tool-input-end", "id": call.id},
            {"type": "tool-call", **named, "input": text, **call.metadata},
        ]

    def _provider_call(self, id_: str, name: str, given: dict[str, Any], metadata: Event) -> list[Event]:
        self._provider_calls[id_] = name
        call: Event = {"type": "tool-call", "toolCallId": id_, "toolName": name, "input": json_text(given)}
        return [call | {"providerExecuted": True} | metadata]

    def _provider_result(self, id_: str, result: Any) -> list[Event]:
        name = self._provider_calls.get(id_)
        if name is None:
            return []
        told: Event = {"type": "tool-result", "toolCallId": id_, "toolName": name, "result": result}
        return [told | {"providerExecuted": True}]

    def _grounding(self, metadata: dict[str, Any]) -> list[Event]:
        events: list[Event] = []
        for chunk in list_in(metadata, "groundingChunks"):
            page = object_in(chunk, "web") or object_in(chunk, "retrievedContext")
            if (url := text_in(page, "uri")) and url not in self._sources:
                self._sources.add(url)
                title = {"title": page["title"]} if text_in(page, "title") else {}
                events.append({"type": "source", "sourceType": "url", "id": self._new_id(), "url": url, **title})
        return events


def _first(candidates: list[Any]) -> dict[str, Any]:
    """Return the candidate whose index is 0; protobuf leaves a zero out."""
    for candidate in candidates:
        if isinstance(candidate, dict) and candidate.get("index") in (None, 0):
            return candidate
    return {}


def _metadata(part: dict[str, Any]) -> Event:
    signature = text_in(part, "thoughtSignature")
    return {"providerMetadata": {"google": {"thoughtSignature": signature}}} if signature else {}
