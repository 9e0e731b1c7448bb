"""Source events → Amazon Bedrock Converse (``/model/ID/converse-stream``), in AWS's event stream."""

from __future__ import annotations

from string import ascii_letters, digits
from typing import Any

from harness.errors import WireError
from harness.protocol.events import Event
from harness.providers.encoding.encoder import Labels, unsayable
from harness.providers.encoding.framed import json_bytes
from harness.wire.aws_event_stream import EventStreamMessage, event_stream_bytes, text_header

_WIRE = "bedrock-converse"
_PADDING = ascii_letters + digits
_LATENCY = 800  # milliseconds, of which nobody knows; Bedrock never leaves them out
_WORDS = {
    "stop": ("end_turn", "stop_sequence"),
    "length": ("max_tokens", "model_context_window_exceeded"),
    "tool-calls": ("tool_use",),
    "content-filter": ("content_filtered", "guardrail_intervened"),
}
"""The stop reasons for each of V2's words; the first where nobody says which."""

_IMAGES = {"image/png": "png", "image/jpeg": "jpeg", "image/gif": "gif", "image/webp": "webp"}


class BedrockConverseEncoder:
    """Events of one answer in, messages of an AWS event stream out.

    Blocks are numbered in the order of their starts; those of texts and thoughts have no start message, as from most
    models. Every message is padded (``p``) as Bedrock pads them, here by a length that repeats itself from run to run.
    The wire has no place for an answer's id nor for its model, for reasoning tokens, and none for the cost of a failure
    nor for a failure without a code, since an exception has a name.
    """

    def __init__(self, _labels: Labels, _provider: str) -> None:
        self._count = 0
        self._has_begun = False
        self._blocks = 0
        self._open: dict[tuple[str, str], int] = {}
        self._spoken: set[tuple[str, str]] = set()
        self._last_text = 0

    def feed(self, event: Event, /) -> list[bytes]:
        """Take one event, return its messages; raises :class:`InputError` for one that the wire has no words for."""
        if event["type"] == "error":
            return [_exception(event)]
        messages = self._messages(event["type"], event)
        if messages and not self._has_begun:
            self._has_begun = True
            messages.insert(0, ("messageStart", {"role": "assistant"}))
        return [_framed("event", name, {"p": self._padding(), **said}) for name, said in messages]

    def close(self) -> list[bytes]:
        """Return nothing: an event stream has no last word."""
        return []

    def _messages(self, kind: str, event: Event) -> list[tuple[str, dict[str, Any]]]:
        match kind:
            case "text-start" | "reasoning-start":
                self._begin(kind.removesuffix("-start"), event["id"])
                return self._thought(event) if kind == "reasoning-start" else []
            case "text-delta":
                return self._said("text", event["id"], {"text": event["delta"]}) if event["delta"] else []
            case "reasoning-delta":
                return self._thought(event)
            case "text-end" | "reasoning-end":
                return self._end(kind.removesuffix("-end"), event["id"])
            case "tool-input-start":
                flag = {"type": "server_tool_use"} if event.get("providerExecuted") else {}
                call = {"name": event["toolName"], "toolUseId": event["id"], **flag}
                return [self._start("tool", event["id"], {"toolUse": call})]
            case "tool-input-delta":
                return self._said("tool", event["id"], {"toolUse": {"input": event["delta"]}})
            case "tool-input-end":
                return self._end("tool", event["id"])
            case "tool-result":
                return self._result(event)
            case "source":
                return self._citation(event)
            case "file":
                return self._image(event)
            case "custom":
                return [_counted(event["usage"])]
            case "finish":
                stop = "messageStop", {"stopReason": _stop_reason(event)}
                return [stop, _counted(event["usage"])] if event["usage"] else [stop]
            case "tool-call" | "response-metadata":
                return []
        raise unsayable(_WIRE, f"the event {kind}")

    def _begin(self, kind: str, id_: str) -> int:
        index = self._open[kind, id_] = self._blocks
        self._blocks += 1
        return index

    def _start(self, kind: str, id_: str, start: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        self._spoken.add((kind, id_))
        return "contentBlockStart", {"contentBlockIndex": self._begin(kind, id_), "start": start}

    def _said(self, kind: str, id_: str, delta: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        index = self._open[kind, id_]
        self._spoken.add((kind, id_))
        if kind == "text":
            self._last_text = index
        return [("contentBlockDelta", {"contentBlockIndex": index, "delta": delta})]

    def _thought(self, event: Event) -> list[tuple[str, dict[str, Any]]]:
        """Return a delta for each thing that an event tells of a thought: the union has one member at a time."""
        metadata = event.get("providerMetadata", {}).get("bedrock", {})
        told = {"text": event.get("delta"), "signature": metadata.get("signature")}
        told["redactedContent"] = metadata.get("redactedData")
        given = [{name: value} for name, value in told.items() if isinstance(value, str) and value]
        return [message for one in given for message in self._said("reasoning", event["id"], {"reasoningContent": one})]

    def _end(self, kind: str, id_: str) -> list[tuple[str, dict[str, Any]]]:
        """End a block; one that said nothing was never seen."""
        index = self._open.pop((kind, id_))
        if (kind, id_) not in self._spoken:
            return []
        self._spoken.remove((kind, id_))
        return [("contentBlockStop", {"contentBlockIndex": index})]

    def _result(self, event: Event) -> list[tuple[str, dict[str, Any]]]:
        id_, result = event["toolCallId"], event["result"]
        head = {
            "status": "error" if event.get("isError") else "success",
            "toolUseId": id_,
            "type": f"{event['toolName']}_result",
        }
        item = {"text": result} if isinstance(result, str) else {"json": result}
        start = self._start("result", id_, {"toolResult": head})
        return [start, *self._said("result", id_, {"toolResult": [item]}), *self._end("result", id_)]

    def _citation(self, event: Event) -> list[tuple[str, dict[str, Any]]]:
        title, url = event.get("title"), event.get("url")
        cited: dict[str, Any] = {}
        if isinstance(url, str) and url:
            cited["location"] = {"web": {"domain": url.partition("://")[2].partition("/")[0], "url": url}}
        if isinstance(title, str) and title:
            cited["title"] = title
        if not cited:
            raise unsayable(_WIRE, "a source without address and title")
        return [("contentBlockDelta", {"contentBlockIndex": self._last_text, "delta": {"citation": cited}})]

    def _image(self, event: Event) -> list[tuple[str, dict[str, Any]]]:
        media_type, data = event.get("mediaType"), event.get("data")
        if media_type not in _IMAGES or not isinstance(data, str):
            raise unsayable(_WIRE, f"a file of the type {media_type!r:.80}")
        id_ = str(self._blocks)
        start = self._start("file", id_, {"image": {"format": _IMAGES[media_type]}})
        return [start, *self._said("file", id_, {"image": {"source": {"bytes": data}}}), *self._end("file", id_)]

    def _padding(self) -> str:
        self._count += 1
        return _PADDING[: 3 + 17 * self._count % 59]


def _counted(usage: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    cached = {"cacheReadInputTokens": usage["cachedInputTokens"]} if "cachedInputTokens" in usage else {}
    counts = {name: usage[name] for name in ("inputTokens", "outputTokens", "totalTokens")}
    return "metadata", {"metrics": {"latencyMs": _LATENCY}, "usage": cached | counts}


def _stop_reason(event: Event) -> str:
    """Return the word for an end: the provider's own where it is one for V2's word, and for none that is known its own.

    ``error`` is no end here, but an exception.
    """
    reason: str = event["finishReason"]
    raw: str = event["raw"]
    if reason in _WORDS:
        return raw if raw in _WORDS[reason] else _WORDS[reason][0]
    if reason == "error":
        raise unsayable(_WIRE, "a finish with the reason error")
    is_other = raw and not raw.startswith("malformed_") and all(raw not in words for words in _WORDS.values())
    return raw if is_other else reason


def _exception(event: Event) -> bytes:
    error = event["error"]
    if "code" not in error:
        raise unsayable(_WIRE, "a failure without a code")
    if event.get("usage"):
        raise unsayable(_WIRE, "what a failed answer cost")
    return _framed("exception", error["code"], {"message": error["message"]})


def _framed(kind: str, name: str, said: dict[str, Any]) -> bytes:
    head = {f":{kind}-type": name, ":content-type": "application/json", ":message-type": kind}
    payload = json_bytes({key: said[key] for key in sorted(said)})
    try:
        return event_stream_bytes(EventStreamMessage({key: text_header(text) for key, text in head.items()}, payload))
    except WireError as error:
        raise unsayable(_WIRE, f"the {kind} {name!r:.80}: {error}") from None
