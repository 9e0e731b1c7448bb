"""Source events → Cohere's Chat API, version 1 (``/v1/chat``)."""

from __future__ import annotations

from typing import Any

from harness.protocol.events import Event
from harness.providers.encoding.cohere_words import cited_document, counts, finish_reason
from harness.providers.encoding.encoder import Labels, renamed, unsayable
from harness.providers.encoding.framed import go_json
from harness.providers.exact_text import parsed_json

_WIRE = "cohere-v1"


class CohereV1Encoder:
    """Events of one answer in, JSON lines out.

    The wire announces the complete calls together, once something else than calls follows, and has no ids for them: so
    an answer that is cut right behind a call has none. It has no place for a model's name, thoughts, calls that the
    provider runs, files, the code of an error, and counts of an answer that is cut. ``COMPLETE`` is its word for the
    end of an answer, with calls or without.
    """

    def __init__(self, labels: Labels, _provider: str) -> None:
        self._labels = labels
        self._has_begun = False
        self._words: list[str] = []
        self._started: dict[str, int] = {}
        self._complete: dict[int, dict[str, Any]] = {}
        self._announced = 0

    def feed(self, event: Event, /) -> list[bytes]:
        """Take one event, return its messages; raises :class:`InputError` for one that the wire has no words for."""
        kind = event["type"]
        if kind == "response-metadata":
            self._labels = renamed(self._labels, event)
            return []
        messages = self._messages(kind, event)
        if messages and not kind.startswith("tool-"):
            messages = self._announcement() + messages
        if messages and not self._has_begun:
            self._has_begun = True
            messages.insert(0, {"event_type": "stream-start", "generation_id": self._labels.id})
        return [go_json({"is_finished": False} | message) + b"\n" for message in messages]

    def close(self) -> list[bytes]:
        """Nothing follows the last line."""
        return []

    def _messages(self, kind: str, event: Event) -> list[dict[str, Any]]:
        match kind:
            case "text-start" | "text-end" | "tool-input-end":
                return []
            case "text-delta":
                return self._text(event["delta"])
            case "tool-input-start" if not event.get("providerExecuted"):
                index = self._started[event["id"]] = len(self._started)
                return [_piece({"name": event["toolName"], "index": index})]
            case "tool-input-delta":
                return [_piece({"index": self._started[event["id"]], "parameters": event["delta"]})]
            case "tool-call" if not event.get("providerExecuted"):
                self._complete[self._started[event["toolCallId"]]] = _call(event)
                return []
            case "source":
                return _cited(cited_document(_WIRE, event), "".join(self._words))
            case "finish":
                return [self._end(event)]
            case "error":
                return [_failed(event)]
        raise unsayable(_WIRE, f"the event {kind}" + (" of the provider's own call" if "tool" in kind else ""))

    def _text(self, words: str) -> list[dict[str, Any]]:
        """Return a piece of text; one without words only brings metadata, which the wire does not know."""
        if not words:
            return []
        self._words.append(words)
        return [{"event_type": "text-generation", "text": words}]

    def _announcement(self) -> list[dict[str, Any]]:
        """Return the list of all calls that are complete, where it has grown."""
        if len(self._complete) == self._announced:
            return []
        self._announced = len(self._complete)
        return [{"event_type": "tool-calls-generation", "tool_calls": self._calls()}]

    def _calls(self) -> list[dict[str, Any]]:
        """Return the complete calls; the place of one in the list is its index, so none before it may be missing."""
        if any(index not in self._complete for index in range(len(self._complete))):
            raise unsayable(_WIRE, "a call that is complete before an earlier one")
        return [self._complete[index] for index in range(len(self._complete))]

    def _end(self, event: Event) -> dict[str, Any]:
        reason = event["finishReason"]
        if (reason == "stop" and self._complete) or (reason == "tool-calls" and not self._complete):
            raise unsayable(_WIRE, f"the finish reason {reason} {'beside' if self._complete else 'without'} calls")
        word = finish_reason("stop", "") if reason == "tool-calls" else finish_reason(reason, event["raw"])
        answer = {"response_id": self._labels.id, "text": "".join(self._words), "generation_id": self._labels.id}
        calls = {"tool_calls": self._calls()} if self._complete else {}
        meta = {"api_version": {"version": "1"}} | counts(_WIRE, event["usage"])
        response = answer | calls | word | {"meta": meta}
        return {"is_finished": True, "event_type": "stream-end", "response": response, **word}


def _piece(delta: dict[str, Any]) -> dict[str, Any]:
    return {"event_type": "tool-calls-chunk", "tool_call_delta": delta}


def _call(event: Event) -> dict[str, Any]:
    """Return a call with its parameters as an object, the numbers in their letters."""
    try:
        parameters = parsed_json(event["input"])
    except ValueError:
        parameters = None
    if not isinstance(parameters, dict):
        raise unsayable(_WIRE, f"the input of {event['toolName']!r:.80}, which is no JSON object")
    return {"name": event["toolName"], "parameters": parameters}


def _cited(document: dict[str, str], text: str) -> list[dict[str, Any]]:
    """Return the finding of a document and its citation, which is given to all that was said."""
    citation = {"start": 0, "end": len(text), "text": text, "document_ids": [document["id"]]}
    return [
        {"event_type": "search-results", "documents": [document]},
        {"event_type": "citation-generation", "citations": [citation]},
    ]


def _failed(event: Event) -> dict[str, Any]:
    """Return an error in the words of ``/v1/generate``: ``/v1/chat`` documents none but its finish reason."""
    error = event["error"]
    if "code" in error or event.get("usage"):
        raise unsayable(_WIRE, "the code of an error, or its usage")
    return {"is_finished": True, "event_type": "stream-error", **finish_reason("error", ""), "err": error["message"]}
