"""Cohere's Chat API, version 1 (``/v1/chat``), and ``/v1/generate`` before it → source events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.protocol.events import Event
from harness.providers.cohere_ending import ending, finish_word
from harness.providers.cohere_sources import Sources
from harness.providers.exact_text import json_text
from harness.providers.fields import list_in, object_in, text_in
from harness.providers.message import Message, NewId
from harness.providers.openai_blocks import Blocks

_WHOLE = {"generation_id", "finish_reason"}


@dataclass(slots=True)
class _Call:
    id: str
    name: str
    deltas: list[str] = field(default_factory=list)


class CohereV1Decoder:
    """Messages of ``/v1/chat`` in (JSON lines, or server-sent events on demand), V2 stream parts out.

    ``finish`` comes at the message that ``is_finished``, and at nothing else (R38). Calls have no ids on this wire:
    each gets one made. Their arguments come in pieces by the call's index, and at once with ``tool-calls-generation``,
    which makes them complete; where that is missing, the list at the end does. A call of neither list is left out
    (R13). The wire has no finish reason for calls: ``COMPLETE`` with calls is ``tool-calls``. The text beside calls is
    the model's plan and passed over, as it is on version 2. A whole answer gives what its stream would have given.
    """

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._blocks = Blocks()
        self._sources = Sources(new_id)
        self._documents: dict[str, dict[str, Any]] = {}
        self._cited: dict[str, None] = {}
        self._calls: dict[Any, _Call] = {}
        self._complete_calls: set[int] = set()
        self._is_named = False

    def feed(self, message: Message, /) -> list[Event]:
        """Take one message, return its parts."""
        data = message.data
        if not isinstance(data, dict):
            return []
        if data.get("is_finished") is True:
            return self._end(data, object_in(data, "response"))
        match text_in(data, "event_type"):
            case "stream-start":
                return self._name(data)
            case "text-generation":
                return self._say(data)
            case "tool-calls-chunk":
                return self._call_piece(object_in(data, "tool_call_delta"))
            case "tool-calls-generation":
                return self._complete(list_in(data, "tool_calls"))
            case "search-results":
                self._keep(list_in(data, "documents"))
            case "citation-generation":
                return self._cite(list_in(data, "citations"))
            case "stream-end" | "stream-error":
                return self._end(data, object_in(data, "response"))
            case "":
                return self._unnamed(data)
        return []

    def close(self) -> list[Event]:
        """Nothing is held back: a stream without its last message has no ``finish``."""
        return []

    def _unnamed(self, data: dict[str, Any]) -> list[Event]:
        """Read a message of no type: a piece of the first ``/generate``, or an answer that was not streamed."""
        if "is_finished" in data:
            return self._say(data)
        if not list_in(data, "generations") and not ("text" in data and data.keys() & _WHOLE):
            return []
        events = self._name(data)
        if not list_in(data, "tool_calls"):
            events += self._say(_answer(data))
        return events + self._end(data, data)

    def _name(self, data: dict[str, Any]) -> list[Event]:
        id_ = text_in(data, "generation_id") or text_in(data, "response_id") or text_in(data, "id")
        if self._is_named or not id_:
            return []
        self._is_named = True
        return [{"type": "response-metadata", "id": id_}]

    def _say(self, said: dict[str, Any]) -> list[Event]:
        """Pass words on; ``/generate`` may write several texts at once, of which the first is read (R38)."""
        words = text_in(said, "text")
        return self._blocks.say("text", words) if words and not said.get("index") else []

    def _call_piece(self, piece: dict[str, Any]) -> list[Event]:
        index, events = piece.get("index"), list[Event]()
        if not isinstance(index, int):
            return []
        call = self._calls.get(index)
        if call is None:
            call = self._calls[index] = _Call(self._new_id(), text_in(piece, "name"))
            events = [*self._blocks.end(), {"type": "tool-input-start", "id": call.id, "toolName": call.name}]
        if delta := text_in(piece, "parameters"):
            call.deltas.append(delta)
            events.append({"type": "tool-input-delta", "id": call.id, "delta": delta})
        return events

    def _complete(self, given: list[Any]) -> list[Event]:
        """Complete the calls of a list, each once; its place in the list is the index under which its pieces came."""
        events: list[Event] = []
        for index, told in enumerate(given):
            if not isinstance(told, dict) or index in self._complete_calls:
                continue
            self._complete_calls.add(index)
            if index not in self._calls:
                events += self._call_piece({"index": index, "name": told.get("name")})
            call = self._calls.pop(index)
            text = "".join(call.deltas)
            if not text.strip():
                text = json_text(object_in(told, "parameters"))
                events.append({"type": "tool-input-delta", "id": call.id, "delta": text})
            events.append({"type": "tool-input-end", "id": call.id})
            events.append({"type": "tool-call", "toolCallId": call.id, "toolName": call.name, "input": text})
        return events

    def _keep(self, documents: list[Any]) -> None:
        self._documents |= {id_: document for document in documents if (id_ := text_in(document, "id"))}

    def _cite(self, citations: list[Any]) -> list[Event]:
        """Tell the documents that are cited; those that the wire names only at the end wait until then."""
        ids = [id_ for citation in citations for id_ in list_in(citation, "document_ids") if isinstance(id_, str)]
        self._cited |= dict.fromkeys(ids)
        known = [id_ for id_ in self._cited if id_ in self._documents]
        return [event for id_ in known for event in self._sources.cite(id_, self._documents[id_])]

    def _end(self, data: dict[str, Any], answer: dict[str, Any]) -> list[Event]:
        events = self._name(answer) + self._complete(list_in(answer, "tool_calls"))
        self._keep(list_in(answer, "documents"))
        events += self._cite(list_in(answer, "citations"))
        word = text_in(data, "finish_reason") or text_in(_answer(answer), "finish_reason")
        reason = finish_word(word)
        if reason == "stop" and self._complete_calls:
            reason = "tool-calls"
        return [*events, *self._blocks.end(), ending(data, reason, object_in(answer, "meta"))]


def _answer(whole: dict[str, Any]) -> dict[str, Any]:
    """Return what holds the text: the answer itself, or of ``/generate`` the first of its generations."""
    generations = list_in(whole, "generations")
    return generations[0] if generations and isinstance(generations[0], dict) else whole
