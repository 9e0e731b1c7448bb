"""Source events → Google generateContent, as ``:streamGenerateContent?alt=sse`` sends its chunks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.protocol.events import Event
from harness.providers.encoding.encoder import Labels, renamed, signature_of, unsayable, written
from harness.providers.encoding.framed import json_bytes, sse_message
from harness.providers.encoding.whole_calls import WholeCalls
from harness.providers.exact_text import parsed_json
from harness.providers.fields import text_in

_WIRE = "google-generatecontent"
_REASONS = {
    "stop": "STOP", "tool-calls": "STOP", "length": "MAX_TOKENS", "content-filter": "SAFETY", "other": "OTHER",
    "unknown": "FINISH_REASON_UNSPECIFIED",
}  # fmt: skip
_FILTERS = frozenset(
    {
        "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
    }
)  # fmt: skip
_UNREADABLE = frozenset({"LANGUAGE", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "NO_IMAGE"})
_STATUSES = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip
_MALFORMED = "MALFORMED_"
_CODE = "code_execution"
_EMPTY: dict[str, Any] = {"text": ""}


class GeminiEncoder:
    """Events, as :mod:`harness.providers.encoding.encoder` lists them, in; chunks of one part each out.

    Calls come whole, in the order of their starts, and their arguments are an object: what is none cannot be said. The
    reason is ``STOP`` with calls and without, so ``stop`` after calls and ``tool-calls`` without any cannot be said.
    What the prompt cost, where it is known, stands in every chunk. A failure whose code begins with ``MALFORMED_`` is
    the finish reason that Google gives for a broken call, the only failure that carries counts.
    """

    def __init__(self, labels: Labels, _provider: str) -> None:
        self._labels = labels
        self._calls = WholeCalls()
        self._has_calls = False
        self._theirs: dict[str, None] = {}  # calls that Google runs itself and that are not complete
        self._usage: dict[str, Any] = {}
        self._writers: dict[str, Callable[[Event], list[bytes]]] = {
            "response-metadata": self._rename,
            "text-delta": self._text,
            "reasoning-delta": self._text,
            "tool-input-start": self._start_call,
            "tool-call": self._complete_call,
            "tool-result": self._result,
            "source": self._source,
            "file": self._file,
            "custom": self._count,
            "finish": self._finish,
            "error": self._error,
            **dict.fromkeys(
                (
                    "text-start", "text-end", "reasoning-start", "reasoning-end", "tool-input-delta", "tool-input-end",
                ),
                lambda _: [],
            ),
        }  # fmt: skip

    def feed(self, event: Event, /) -> list[bytes]:
        """Take one event, return the chunks that say it; raises :class:`InputError` where none can."""
        return written(event, self._writers, _WIRE)

    def close(self) -> list[bytes]:
        """Return nothing: the last chunk is the one with the finish reason."""
        return []

    def _rename(self, event: Event) -> list[bytes]:
        self._labels = renamed(self._labels, event)
        return []

    def _text(self, event: Event) -> list[bytes]:
        part = {"text": event["delta"]} | ({"thought": True} if event["type"] == "reasoning-delta" else {})
        return self._part(part, event) if event["delta"] or signature_of(event) else []

    def _start_call(self, event: Event) -> list[bytes]:
        if event.get("providerExecuted"):
            self._theirs[event["id"]] = None
        else:
            self._calls.feed(event)
        return []

    def _complete_call(self, event: Event) -> list[bytes]:
        if event.get("providerExecuted"):
            del self._theirs[event["toolCallId"]]
            return self._provider_call(event)
        return self._called(self._calls.feed(event))

    def _called(self, calls: list[Event]) -> list[bytes]:
        pieces = []
        for call in calls:
            self._has_calls = True
            told = {"name": call["toolName"], "args": _object(call), "id": call["toolCallId"]}
            pieces += self._part({"functionCall": told}, call)
        return pieces

    def _provider_call(self, call: Event) -> list[bytes]:
        if call["toolName"] == _CODE:
            return self._part({"executableCode": _object(call) | {"id": call["toolCallId"]}}, call)
        told = {"toolType": call["toolName"].upper(), "args": _object(call), "id": call["toolCallId"]}
        return self._part({"toolCall": told}, call)

    def _result(self, event: Event) -> list[bytes]:
        result, id_ = event["result"], event["toolCallId"]
        if event["toolName"] == _CODE:
            outcome = "OUTCOME_FAILED" if event.get("isError") else "OUTCOME_OK"
            shown = result if isinstance(result, dict) else {"outcome": outcome, "output": str(result)}
            return self._part({"codeExecutionResult": shown | {"id": id_}}, event)
        answer = {"toolType": event["toolName"].upper(), "response": result, "id": id_}
        return self._part({"toolResponse": answer}, event)

    def _source(self, event: Event) -> list[bytes]:
        url = text_in(event, "url")
        if not url:
            raise unsayable(_WIRE, "a source without a URL")
        page = {"web": {"uri": url, "title": text_in(event, "title")}}
        return [self._chunk(_EMPTY, groundingMetadata={"groundingChunks": [page]})]

    def _file(self, event: Event) -> list[bytes]:
        return self._part({"inlineData": {"mimeType": event["mediaType"], "data": event["data"]}}, event)

    def _count(self, event: Event) -> list[bytes]:
        self._usage = _counts(event["usage"])
        return [self._framed({"usageMetadata": self._usage, **self._named()})]

    def _finish(self, event: Event) -> list[bytes]:
        word, usage = event["finishReason"], event["usage"]
        unfinished = self._calls.unfinished or next(iter(self._theirs), None)
        if unfinished is not None:
            raise unsayable(_WIRE, f"a finish while the call {unfinished!r:.80} is not complete")
        if (
            word not in _REASONS
            or (word == "stop" and self._has_calls)
            or (word == "tool-calls" and not self._has_calls)
        ):
            raise unsayable(
                _WIRE, f"an answer {'with' if self._has_calls else 'without'} calls that finishes with {word}"
            )
        if not usage and self._reported():
            raise unsayable(_WIRE, "a finish without counts after some were told")
        self._usage = _counts(usage)
        return [self._chunk(_EMPTY, finishReason=_reason(word, event["raw"]))]

    def _error(self, event: Event) -> list[bytes]:
        code, message = event["error"].get("code"), event["error"]["message"]
        pieces = self._called(self._calls.rest())
        if code is not None and code.startswith(_MALFORMED):
            self._usage = _counts(event.get("usage", {}))
            return [*pieces, self._chunk(_EMPTY, finishReason=code, finishMessage=message)]
        if "usage" in event:
            raise unsayable(_WIRE, "counts of an answer that failed")
        return [*pieces, self._framed({"error": _failure(code, message)})]

    def _part(self, part: dict[str, Any], event: Event) -> list[bytes]:
        signature = signature_of(event)
        return [self._chunk(part | ({"thoughtSignature": signature} if signature else {}))]

    def _chunk(self, part: dict[str, Any], **beside: Any) -> bytes:
        candidate: dict[str, Any] = {"content": {"parts": [part], "role": "model"}}
        for key in ("finishReason", "finishMessage"):
            if key in beside:
                candidate[key] = beside.pop(key)
        usage = self._reported()
        counted = {"usageMetadata": usage} if usage else {}
        return self._framed({"candidates": [{**candidate, "index": 0, **beside}], **counted, **self._named()})

    def _reported(self) -> dict[str, Any]:
        """Return the counts of a chunk: the last that were told, else what the prompt cost."""
        prompt = self._labels.prompt_tokens
        if self._usage or prompt is None:
            return self._usage
        return {"promptTokenCount": prompt, "totalTokenCount": prompt, **_of_text(prompt)}

    def _named(self) -> dict[str, Any]:
        return {"modelVersion": self._labels.model, "responseId": self._labels.id}

    def _framed(self, chunk: dict[str, Any]) -> bytes:
        return sse_message(json_bytes(chunk, colon=": ")).replace(b"\n", b"\r\n")


def _object(call: Event) -> dict[str, Any]:
    try:
        given = parsed_json(call["input"])
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise unsayable(_WIRE, f"an input that is no JSON object, as that of {call['toolCallId']!r:.80}")
    return given


def _reason(word: str, raw: str) -> str:
    is_its_own = (word == "content-filter" and raw in _FILTERS) or (word == "unknown" and raw in _UNREADABLE)
    return raw if is_its_own else _REASONS[word]


def _failure(code: str | None, message: str) -> dict[str, Any]:
    """Return Google's error: a code is its number, a word its status; a reader takes the number first."""
    number = int(code) if code is not None and code in {str(status) for status in _STATUSES} else None
    if number is not None:
        return {"code": number, "message": message, "status": _STATUSES[number]}
    return {"message": message} | ({} if code is None else {"status": code})


def _counts(usage: dict[str, Any]) -> dict[str, Any]:
    if not usage:
        return {}
    counts = {
        "promptTokenCount": usage["inputTokens"],
        "candidatesTokenCount": usage["outputTokens"],
        "totalTokenCount": usage["totalTokens"],
    }
    if "cachedInputTokens" in usage:
        counts["cachedContentTokenCount"] = usage["cachedInputTokens"]
    counts |= _of_text(usage["inputTokens"])
    if "reasoningTokens" in usage:
        counts["thoughtsTokenCount"] = usage["reasoningTokens"]
    return counts


def _of_text(prompt: float) -> dict[str, Any]:
    return {"promptTokensDetails": [{"modality": "TEXT", "tokenCount": prompt}]}
