"""Source events → Google's Interactions API (``/interactions``, streamed), in the steps of today."""

from __future__ import annotations

from typing import Any

from harness.protocol.events import Event
from harness.providers.encoding.encoder import Labels, renamed, unsayable
from harness.providers.encoding.framed import json_bytes, sse_message
from harness.providers.encoding.utc import utc_text
from harness.providers.exact_text import parsed_json

_WIRE = "google-interactions"
_STATUSES = {
    "stop": ("completed",),
    "tool-calls": ("requires_action",),
    "length": ("incomplete", "budget_exceeded"),
    "other": ("requires_continuation",),
    "unknown": ("requires_continuation",),
}
"""The statuses for each of V2's words; the first where nobody says which."""

_BUILT_IN = {"google_search", "code_execution", "url_context", "file_search", "google_maps", "retrieval"}
_MEDIA = {"image", "audio", "video"}


class GoogleInteractionsEncoder:
    """Events of one answer in, server-sent events out.

    Steps are numbered in the order of their starts; texts and thoughts, calls and the results of Google's own tools
    are a step each. A tool of Google's that is none of its built-in ones is written as one of an MCP server. The wire
    has no status for a filtered answer. ``completed`` with a call that waits for the client is written as the API does
    it, ``requires_action``.
    """

    def __init__(self, labels: Labels, _provider: str) -> None:
        self._labels = labels
        self._has_begun = False
        self._is_over = False
        self._steps: dict[tuple[str, str], int] = {}
        self._count = 0
        self._has_calls = False

    def feed(self, event: Event, /) -> list[bytes]:
        """Take one event, return its messages; raises :class:`InputError` for one that the wire has no words for."""
        if event["type"] == "response-metadata":
            self._labels = renamed(self._labels, event)
            return []
        messages = self._messages(event["type"], event)
        if messages and not self._has_begun:
            self._has_begun = True
            messages = [*self._opening(), *messages]
        return [sse_message(json_bytes(message), message["event_type"]) for message in messages]

    def close(self) -> list[bytes]:
        """Return ``[DONE]`` where the answer has an end; it is the one message with a name and no JSON."""
        return [sse_message(b"[DONE]", "done")] if self._is_over else []

    def _opening(self) -> list[dict[str, Any]]:
        status = {"interaction_id": self._labels.id, "status": "in_progress"}
        return [_event("interaction.created", interaction=self._interaction("in_progress")),
                _event("interaction.status_update", **status)]  # fmt: skip

    def _messages(self, kind: str, event: Event) -> list[dict[str, Any]]:
        match kind:
            case "text-start" | "reasoning-start":
                part = kind.removesuffix("-start")
                step = {"type": "model_output" if part == "text" else "thought"}
                return [self._start(part, event["id"], step), *self._signed(part, event)]
            case "text-delta" | "reasoning-delta":
                part = kind.removesuffix("-delta")
                return [*self._words(part, event), *self._signed(part, event)]
            case "text-end" | "reasoning-end":
                return [*self._signed(part := kind.removesuffix("-end"), event), self._stop(part, event["id"])]
            case "tool-input-start" if not event.get("providerExecuted"):
                self._has_calls = True
                named = {"type": "function_call", "name": event["toolName"]}
                call = {"id": event["id"], "signature": "", **named, "arguments": {}}
                return [self._start("call", event["id"], call)]
            case "tool-input-delta" if ("call", event["id"]) in self._steps:
                delta = {"arguments": event["delta"], "type": "arguments_delta"}
                return [self._delta("call", event["id"], delta)]
            case "tool-input-end" if ("call", event["id"]) in self._steps:
                return [self._stop("call", event["id"])]
            case "tool-input-start" | "tool-input-delta" | "tool-input-end":
                return []  # what Google runs itself comes whole, with its call
            case "tool-call":
                return self._own_call(event) if event.get("providerExecuted") else []
            case "tool-result":
                return self._own_result(event)
            case "source":
                return self._citation(event)
            case "file":
                return self._file(event)
            case "custom":
                status = {"interaction_id": self._labels.id, "status": "in_progress"}
                return [_event("interaction.status_update", **status, usage=_counted(event["usage"]))]
            case "finish":
                return [self._end(self._status(event), event["usage"])]
            case "error":
                return [self._failed(event)]
        raise unsayable(_WIRE, f"the event {kind}")

    def _start(self, part: str, id_: str, step: dict[str, Any]) -> dict[str, Any]:
        index = self._steps[part, id_] = self._count
        self._count += 1
        return _event("step.start", index=index, step=step)

    def _delta(self, part: str, id_: str, delta: dict[str, Any]) -> dict[str, Any]:
        return _event("step.delta", index=self._steps[part, id_], delta=delta)

    def _stop(self, part: str, id_: str) -> dict[str, Any]:
        return _event("step.stop", index=self._steps.pop((part, id_)))

    def _words(self, part: str, event: Event) -> list[dict[str, Any]]:
        if not event["delta"]:
            return []
        said = {"text": event["delta"], "type": "text"}
        delta = said if part == "text" else {"content": said, "type": "thought_summary"}
        return [self._delta(part, event["id"], delta)]

    def _signed(self, part: str, event: Event) -> list[dict[str, Any]]:
        signature = event.get("providerMetadata", {}).get("google", {}).get("thoughtSignature")
        if part != "reasoning" or not isinstance(signature, str) or not signature:
            return []
        return [self._delta(part, event["id"], {"signature": signature, "type": "thought_signature"})]

    def _own_call(self, event: Event) -> list[dict[str, Any]]:
        name, id_ = event["toolName"], event["toolCallId"]
        try:
            arguments = parsed_json(event["input"])
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            raise unsayable(_WIRE, "a call of its own whose arguments are no object")
        if name in _BUILT_IN:
            call = {"id": id_, "type": f"{name}_call", "arguments": arguments}
        else:
            call = {
                "id": id_,
                "type": "mcp_server_tool_call",
                "name": name,
                "server_name": "server",
                "arguments": arguments,
            }
        return [self._start("own", id_, call), self._stop("own", id_)]

    def _own_result(self, event: Event) -> list[dict[str, Any]]:
        name, id_ = event["toolName"], event["toolCallId"]
        kind = f"{name}_result" if name in _BUILT_IN else "mcp_server_tool_result"
        failed = {"is_error": True} if event.get("isError") else {}
        named = {} if name in _BUILT_IN else {"name": name}
        result = {"call_id": id_, "type": kind, **named, "result": event["result"], **failed}
        return [self._start("result", id_, result), self._stop("result", id_)]

    def _citation(self, event: Event) -> list[dict[str, Any]]:
        """Cite beside the last text that is open; a source that stands alone has a step of its own."""
        title, url = event.get("title"), event.get("url")
        if isinstance(url, str) and url:
            cited = {"type": "url_citation", "url": url, **({"title": title} if isinstance(title, str) else {})}
        elif isinstance(title, str) and title:
            cited = {"type": "file_citation", "file_name": title}
        else:
            raise unsayable(_WIRE, "a source without address and title")
        delta = {"annotations": [cited], "type": "text_annotation_delta"}
        return self._in_output(delta)

    def _file(self, event: Event) -> list[dict[str, Any]]:
        media_type, data = event.get("mediaType"), event.get("data")
        kind = media_type.partition("/")[0] if isinstance(media_type, str) else ""
        if kind not in _MEDIA or not isinstance(data, str):
            raise unsayable(_WIRE, f"a file of the type {media_type!r:.80}")
        return self._in_output({"data": data, "mime_type": media_type, "type": kind})

    def _in_output(self, delta: dict[str, Any]) -> list[dict[str, Any]]:
        open_texts = [id_ for part, id_ in self._steps if part == "text"]
        if open_texts:
            return [self._delta("text", open_texts[-1], delta)]
        id_ = f"output {self._count}"
        start = self._start("output", id_, {"type": "model_output"})
        return [start, self._delta("output", id_, delta), self._stop("output", id_)]

    def _status(self, event: Event) -> str:
        reason, raw = event["finishReason"], event["raw"]
        if reason not in _STATUSES:
            raise unsayable(_WIRE, f"the end {reason}")
        if reason == "stop" and self._has_calls:
            raise unsayable(_WIRE, "a stop that leaves calls to the client")
        return raw if raw in _STATUSES[reason] else _STATUSES[reason][0]

    def _end(self, status: str, usage: dict[str, Any]) -> dict[str, Any]:
        self._is_over = True
        counted = {"usage": _counted(usage)} if usage else {}
        return _event("interaction.completed", interaction=self._interaction(status, **counted))

    @staticmethod
    def _failed(event: Event) -> dict[str, Any]:
        if event.get("usage"):
            raise unsayable(_WIRE, "what a failed answer cost")
        return _event("error", error=event["error"])

    def _interaction(self, status: str, **counted: Any) -> dict[str, Any]:
        now = utc_text(self._labels.created)
        times = {} if status == "in_progress" else {"created": now, "updated": now, "service_tier": "standard"}
        named = {"object": "interaction", "model": self._labels.model}
        return {"id": self._labels.id, "status": status, **counted, **times, **named}


def _event(kind: str, **members: Any) -> dict[str, Any]:
    return {**members, "event_type": kind}


def _counted(usage: dict[str, Any]) -> dict[str, Any]:
    """Return the counts as the API lists them; input is text, since nobody tells of anything else."""
    by_modality = [{"modality": "text", "tokens": usage["inputTokens"]}]
    return {
        "total_tokens": usage["totalTokens"],
        "total_input_tokens": usage["inputTokens"],
        "input_tokens_by_modality": by_modality,
        "total_cached_tokens": usage.get("cachedInputTokens", 0),
        "total_output_tokens": usage["outputTokens"],
        "total_tool_use_tokens": 0,
        "total_thought_tokens": usage.get("reasoningTokens", 0),
    }
