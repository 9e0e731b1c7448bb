"""Google's Interactions API → source events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.protocol.events import COUNTED, Event
from harness.providers.exact_text import json_text
from harness.providers.failures import error_event
from harness.providers.fields import count_in, list_in, named, object_in, text_in
from harness.providers.message import Message, NewId

_REASONS = {
    "completed": "stop",
    "requires_action": "tool-calls",
    "incomplete": "length",
    "budget_exceeded": "length",
}
_FAILED = {"failed", "cancelled"}
_RUNNING = {"in_progress", "queued"}
_USAGE = {
    "inputTokens": "total_input_tokens",
    "outputTokens": "total_output_tokens",
    "totalTokens": "total_tokens",
    "reasoningTokens": "total_thought_tokens",
    "cachedInputTokens": "total_cached_tokens",
}
_MEDIA = {"image", "audio", "video", "document"}
_OF_CLIENT = "function_"
_CALL, _RESULT = "_call", "_result"


@dataclass(slots=True)
class _Step:
    """One open step: its kind, the part that stands open in it, and what is known of its call or its result."""

    kind: str
    part: str = ""  # text or reasoning
    id: str = ""
    name: str = ""
    given: Any = None
    deltas: list[str] = field(default_factory=list)
    is_error: bool = False


class GoogleInteractionsDecoder:
    """Events of ``/interactions`` in, V2 stream parts out.

    The steps of today (``step.start``, ``step.delta``, ``step.stop``) and the contents of the API's first months
    (``content.start`` …) are read alike, and so is an interaction that was not streamed, by its ``steps`` or its
    ``outputs``. Part ids are the step's index. R38 does not name this wire; we read: ``interaction.completed`` (then
    ``interaction.complete``) completes the answer and brings its usage, and nothing else does. Its status is the
    reason: ``completed`` is tool calls where the client has one to answer, ``failed`` and ``cancelled`` are errors.
    Tools that Google runs itself carry ``providerExecuted`` (R14). Tokens are the last that were reported, also those
    beside a delta. What is not known is left out (R23).
    """

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._named = False
        self._steps: dict[str, _Step] = {}
        self._said_any = False
        self._names: dict[str, str] = {}
        self._calls = 0
        self._sources: set[str] = set()
        self._usage: dict[str, Any] = {}
        self._ended = False

    def feed(self, message: Message, /) -> list[Event]:
        """Take one event, return its parts."""
        data = message.data
        self._count(object_in(object_in(data, "metadata"), "usage"))
        kind, index = text_in(data, "event_type"), _index(data)
        match kind:
            case "interaction.created" | "interaction.start":
                return self._name(object_in(data, "interaction"))
            case "interaction.status_update":
                self._count(object_in(data, "usage"))
                return []
            case "step.start" | "content.start":
                return self._start(index, object_in(data, "step") or object_in(data, "content"))
            case "step.delta" | "content.delta":
                return self._delta(index, object_in(data, "delta"))
            case "step.stop" | "content.stop":
                return self._stop(index)
            case "interaction.completed" | "interaction.complete":
                return self._complete(object_in(data, "interaction"))
        is_answer = text_in(data, "object") == "interaction" and text_in(data, "status") not in _RUNNING
        return self._complete(data) if is_answer else []

    def close(self) -> list[Event]:
        """Nothing is held back: an interaction that was not completed has no ``finish``, only what it cost so far."""
        if self._ended or not self._usage:
            return []
        return [{"type": "custom", "kind": COUNTED, "usage": self._counted()}]

    def _name(self, interaction: dict[str, Any]) -> list[Event]:
        id_ = text_in(interaction, "id")
        if self._named or not id_:
            return []
        self._named = True
        return [named(id_, text_in(interaction, "model"))]

    def _count(self, usage: dict[str, Any]) -> None:
        """Keep the last report, which stands for itself."""
        if any(count_in(usage, name) is not None for name in _USAGE.values()):
            self._usage = usage

    def _counted(self) -> dict[str, Any]:
        counts = {ours: count_in(self._usage, theirs) for ours, theirs in _USAGE.items()}
        return {name: count for name, count in counts.items() if count is not None}

    def _complete(self, interaction: dict[str, Any]) -> list[Event]:
        """End the answer; what it says is read here where no step of it was streamed."""
        events = self._name(interaction)
        self._count(object_in(interaction, "usage"))
        if not self._said_any:
            for place, step in enumerate(list_in(interaction, "steps") or list_in(interaction, "outputs")):
                events += self._start(str(place), step if isinstance(step, dict) else {}) + self._stop(str(place))
        for index, step in list(self._steps.items()):
            if step.part:
                events += self._stop(index)
        self._ended = True
        status = text_in(interaction, "status")
        if status in _FAILED:
            told = [error for error in list_in(interaction, "errors") if isinstance(error, dict) and error]
            failure = error_event(told[0] if told else {"message": f"the interaction is {status}", "code": status})
            return [*events, failure | {"usage": self._counted()}]
        reason = "tool-calls" if status == "completed" and self._calls else _REASONS.get(status, "unknown")
        return [*events, {"type": "finish", "finishReason": reason, "usage": self._counted()}]

    def _start(self, index: str, given: dict[str, Any]) -> list[Event]:
        events = self._stop(index)
        kind = text_in(given, "type")
        self._said_any = True
        self._steps[index] = _Step(kind)
        if kind == "thought":
            return [*events, *self._begin(index, "reasoning"), *self._thought(index, given)]
        if kind == "model_output":
            if failure := object_in(given, "error"):
                return [*events, error_event(failure)]
            parts = [part for part in list_in(given, "content") if isinstance(part, dict)]
            return events + [event for part in parts for event in self._delta(index, part)]
        if kind == "text" and not text_in(given, "text"):
            return events + self._begin(index, "text")
        return events + self._delta(index, given)

    def _delta(self, index: str, delta: dict[str, Any]) -> list[Event]:
        kind = text_in(delta, "type")
        step = self._steps.setdefault(index, _Step(kind))
        if kind == "text":
            return self._said(index, "text", text_in(delta, "text")) + self._cited(list_in(delta, "annotations"))
        if kind in {"thought_summary", "thought_signature"}:
            return self._thought(index, delta)
        if kind == "text_annotation_delta":
            return self._cited(list_in(delta, "annotations"))
        if kind in _MEDIA:
            return self._file(kind, delta)
        if kind == "arguments_delta":
            text = text_in(delta, "arguments") or text_in(delta, "partial_arguments")
            step.deltas.append(text)
            is_input = text and step.kind == f"{_OF_CLIENT}call"
            return [{"type": "tool-input-delta", "id": step.id, "delta": text}] if is_input else []
        if kind.endswith((_CALL, _RESULT)):
            return self._known(step, kind, delta)
        return []

    def _thought(self, index: str, given: dict[str, Any]) -> list[Event]:
        """Pass on a summary, which stands alone in a delta and in a list in a step, and a signature."""
        parts = [given.get("content"), *list_in(given, "summary")]
        events = [event for part in parts if (text := text_in(part, "text"))
                  for event in self._said(index, "reasoning", text)]  # fmt: skip
        if signature := text_in(given, "signature"):
            events += self._said(index, "reasoning", "", {"thoughtSignature": signature})
        return events

    def _begin(self, index: str, kind: str) -> list[Event]:
        self._steps[index].part = kind
        return [{"type": f"{kind}-start", "id": index}]

    def _said(self, index: str, kind: str, delta: str, metadata: dict[str, str] | None = None) -> list[Event]:
        if not delta and not metadata:
            return []
        events: list[Event] = []
        if (part := self._steps[index].part) != kind:
            events = [{"type": f"{part}-end", "id": index}] if part else []
            events += self._begin(index, kind)
        told: Event = {"providerMetadata": {"google": metadata}} if metadata else {}
        return [*events, {"type": f"{kind}-delta", "id": index, "delta": delta, **told}]

    def _cited(self, annotations: list[Any]) -> list[Event]:
        events: list[Event] = []
        for cited in annotations:
            url, title = text_in(cited, "url") or text_in(cited, "source"), text_in(cited, "title")
            name = text_in(cited, "file_name")
            if not (url or name) or (url or name) in self._sources:
                continue
            self._sources.add(url or name)
            if "://" in url:
                named = {"title": title} if title else {}
                events.append({"type": "source", "sourceType": "url", "id": self._new_id(), "url": url, **named})
            else:
                place: Event = {"type": "source", "sourceType": "document", "id": self._new_id()}
                events.append(place | {"mediaType": "text/plain", "title": name or url})
        return events

    def _file(self, kind: str, given: dict[str, Any]) -> list[Event]:
        data = text_in(given, "data")
        media_type = text_in(given, "mime_type") or f"{kind}/*"
        return [{"type": "file", "mediaType": media_type, "data": data}] if data else []

    def _known(self, step: _Step, kind: str, given: dict[str, Any]) -> list[Event]:
        """Take note of what is said of a call or a result: at once in the start of its step, or in deltas."""
        step.kind = kind
        if kind.endswith(_RESULT):
            step.id = text_in(given, "call_id") or step.id
            step.name = text_in(given, "name") or step.name
            step.given = given.get("result", step.given)
            step.is_error |= given.get("is_error") is True
            return []
        is_new = not step.name
        is_clients = kind.startswith(_OF_CLIENT)
        step.name = text_in(given, "name") or step.name or ("" if is_clients else kind.removesuffix(_CALL))
        step.given = given.get("arguments") or step.given
        if not is_new or not step.name:
            return []
        step.id = text_in(given, "id") or self._new_id()
        self._names[step.id] = step.name
        if not is_clients:
            return []
        self._calls += 1
        return [{"type": "tool-input-start", "id": step.id, "toolName": step.name}]

    def _stop(self, index: str) -> list[Event]:
        step = self._steps.pop(index, None)
        if step is None:
            return []
        if step.part:
            return [{"type": f"{step.part}-end", "id": index}]
        if step.kind.endswith(_RESULT):
            return self._result(step)
        if not step.kind.endswith(_CALL) or not step.name:
            return []
        streamed = "".join(step.deltas)
        text = streamed if streamed.strip() else _as_text(step.given) or "{}"
        call: Event = {"type": "tool-call", "toolCallId": step.id, "toolName": step.name, "input": text}
        if not step.kind.startswith(_OF_CLIENT):
            return [call | {"providerExecuted": True}]
        at_once: list[Event] = []
        if not streamed.strip():
            at_once.append({"type": "tool-input-delta", "id": step.id, "delta": text})
        return [*at_once, {"type": "tool-input-end", "id": step.id}, call]

    def _result(self, step: _Step) -> list[Event]:
        name = self._names.get(step.id) or step.name or step.kind.removesuffix(_RESULT)
        told: Event = {"type": "tool-result", "toolCallId": step.id, "toolName": name, "result": step.given}
        failed: Event = {"isError": True} if step.is_error else {}
        by_provider: Event = {} if step.kind.startswith(_OF_CLIENT) else {"providerExecuted": True}
        return [told | failed | by_provider]


def _index(data: Any) -> str:
    index = data.get("index") if isinstance(data, dict) else None
    return str(index) if isinstance(index, int | str) else ""


def _as_text(given: Any) -> str:
    """Return the text of arguments that came whole: an object, or its JSON text; else ``""``."""
    if isinstance(given, str):
        return given
    return json_text(given) if isinstance(given, dict) and given else ""
