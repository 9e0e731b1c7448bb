"""Source events → messages of Cloudflare Workers AI's ``/ai/run/MODEL``, in its own form."""

from __future__ import annotations

import re
from typing import Any

from harness.protocol.events import Event
from harness.providers.encoding.encoder import Labels, unsayable
from harness.providers.encoding.framed import json_bytes, sse_message
from harness.providers.encoding.openai_completions import tokens

_WIRE = "cloudflare-run"
_REASONS = {
    "stop": "stop", "length": "length", "tool-calls": "tool_calls", "content-filter": "content_filter",
    "error": "error", "unknown": None, "other": None,
}  # fmt: skip
_NUMBER = re.compile("[1-9][0-9]{0,8}")
_SILENT = {"response-metadata", "text-start", "text-end", "tool-input-end"}


class CloudflareRunEncoder:
    """Events in, messages out: text, fragments of calls, how it ended, what it cost, ``[DONE]``.

    Most models name no ``finish_reason``; where one is known it is said as Cloudflare's own package reads it. An answer
    here has no name, and neither has its model, so both are left out; thoughts stand in the text, if a model shows
    them. ``[DONE]`` completes every call, so one that is not complete can only be cut.
    """

    def __init__(self, _labels: Labels, _provider: str) -> None:
        self._places: dict[str, int] = {}
        self._open: set[str] = set()
        self._has_count = False
        self._is_over = False

    def feed(self, event: Event, /) -> list[bytes]:
        """Take one event, return its messages; raises :class:`InputError` for what the wire cannot say."""
        match event["type"]:
            case "text-delta":
                return [_message({"response": event["delta"]})] if event["delta"] else []
            case "tool-input-start" if not event.get("providerExecuted"):
                self._places[event["id"]] = len(self._places)
                self._open.add(event["id"])
                return [self._fragment(event["id"], {"name": event["toolName"]}, id=event["id"], type="function")]
            case "tool-input-delta":
                return [self._fragment(event["id"], {"arguments": event["delta"]})]
            case "tool-call":
                self._open.discard(event["toolCallId"])
            case "custom":
                return [self._count(event["usage"])]
            case "finish":
                return self._end(event)
            case "error":
                return [_error(event)]
            case kind if kind not in _SILENT:
                raise unsayable(_WIRE, f"the event {kind}")
        return []

    def close(self) -> list[bytes]:
        """Write ``[DONE]`` behind an answer that is finished."""
        return [sse_message(b"[DONE]")] if self._is_over else []

    def _fragment(self, call: str, function: dict[str, str], **named: str) -> bytes:
        return _message({"tool_calls": [{**named, "index": self._places[call], "function": function}]})

    def _count(self, usage: dict[str, Any]) -> bytes:
        self._has_count = True
        return _message({"response": "", "usage": tokens(usage)})

    def _end(self, event: Event) -> list[bytes]:
        self._is_over = True
        word, usage = event["finishReason"], event["usage"]
        if word not in _REASONS:
            raise unsayable(_WIRE, f"the finish reason {word!r:.80}")
        if self._open:
            raise unsayable(_WIRE, f"an end that leaves a call open, as {min(self._open)!r:.80}")
        if self._has_count and not usage:
            raise unsayable(_WIRE, "an end that takes an earlier count of tokens back")
        pieces = [_message({"finish_reason": reason})] if (reason := _REASONS[word]) else []
        return [*pieces, self._count(usage)] if usage else pieces


def _error(event: Event) -> bytes:
    if "usage" in event:
        raise unsayable(_WIRE, "what an answer cost that ends in an error")
    message, code = event["error"]["message"], event["error"].get("code")
    told = {"message": message} | ({} if code is None else {"code": int(code) if _NUMBER.fullmatch(code) else code})
    return _message({"errors": [told], "success": False, "result": {}, "messages": []})


def _message(said: dict[str, Any]) -> bytes:
    return sse_message(json_bytes(said))
