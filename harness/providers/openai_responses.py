"""OpenAI Responses and everything that speaks it: typed messages → source events.

A message is ``{type: "response.…", output_index, item_id, …}``; the answer is a list of output items::

    created, in_progress, queued                 response-metadata, once
    output_item.added                            a client call: tool-input-start
    output_text.delta, refusal.delta             text, one block per message
    reasoning_summary_text.delta                 reasoning, one block per part of the summary
    reasoning_text.delta                         reasoning, likewise: open models send their thoughts, not a summary
    function_call_arguments.delta                tool-input-delta
    output_text.annotation.added                 source
    output_item.done                             ends of blocks; tool-input-end and tool-call; built-in tools
    completed, incomplete                        finish
    failed, cancelled, error                     error

Named differences: item ids that change with every message (GitHub Copilot: the output index tells), messages without
either (the last item is meant), items that come whole, deltas without an item, ``response.done``, an answer that stands
only in ``completed`` or is no stream at all. Only the terminal message completes the answer (R38): without it there is
no ``finish``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.protocol.events import Event
from harness.providers.failures import error_event
from harness.providers.fields import list_in, named, object_in, text_in
from harness.providers.message import Message, NewId
from harness.providers.openai_blocks import Kind
from harness.providers.openai_built_ins import (
    annotations_of,
    approval_request,
    built_in_call,
    is_built_in,
    is_hosted,
    source_of,
)
from harness.providers.openai_ending import counted, failure_of_family, finish_word
from harness.providers.openai_items import OutputItem, is_client_call

_FAILED = frozenset({"failed", "cancelled"})
_TERMINAL = _FAILED | {"completed", "incomplete"}


class OpenAiResponsesDecoder:
    """Messages of one response in, source events out; after an error, or after the end, everything is ignored."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._has_metadata = False
        self._items: list[OutputItem] = []
        self._by_place: dict[int, OutputItem] = {}
        self._by_id: dict[str, OutputItem] = {}
        self._shells: dict[str, dict[str, Any]] = {}
        self._has_calls = False
        self._has_sources = False
        self._is_over = False
        self._readers: dict[str, Callable[[dict[str, Any]], list[Event]]] = {
            "response.created": self._begin,
            "response.in_progress": self._begin,
            "response.queued": self._begin,
            "response.output_item.added": self._item_added,
            "response.output_item.done": self._item_done,
            "response.output_text.delta": self._text,
            "response.output_text.done": self._text,
            "response.output_text.annotation.added": self._annotation,
            "response.refusal.delta": self._text,
            "response.refusal.done": self._text,
            "response.reasoning_text.delta": self._thoughts,
            "response.reasoning_text.done": self._thoughts,
            "response.reasoning_summary_text.delta": self._thoughts,
            "response.reasoning_summary_text.done": self._thoughts,
            "response.function_call_arguments.delta": self._arguments,
            "response.function_call_arguments.done": self._arguments,
            "response.custom_tool_call_input.delta": self._arguments,
            "response.custom_tool_call_input.done": self._arguments,
            "response.completed": self._end,
            "response.incomplete": self._end,
            "response.done": self._end,
            "response.failed": self._end,
            "response.cancelled": self._end,
        }

    def feed(self, message: Message, /) -> list[Event]:
        """Take one message; never raises, whatever JSON it holds."""
        if self._is_over:
            return []
        name, data = message
        kind = text_in(data, "type") or name
        if reader := self._readers.get(kind):
            return reader(data) if isinstance(data, dict) else []
        if text_in(data, "object") == "response":  # no stream at all: the whole answer as one body
            return self._whole(data)
        if "error" not in {kind, name} and kind:
            return []
        failure = failure_of_family(name or kind, data)
        return [] if failure is None else self._fail(failure)

    def close(self) -> list[Event]:
        """Return nothing: only a terminal message completes a response."""
        return []

    def _begin(self, data: dict[str, Any]) -> list[Event]:
        response = object_in(data, "response")
        id_, model = text_in(response, "id"), text_in(response, "model")
        if self._has_metadata or not id_:
            return []
        self._has_metadata = True
        return [named(id_, model)]

    def _item_of(self, data: dict[str, Any], id_: str) -> OutputItem:
        """Return the item that a message speaks of: by its id, else by its place, else the last one."""
        place = data.get("output_index")
        item = self._by_id.get(id_)
        if item is None and isinstance(place, int):
            item = self._by_place.get(place)
        elif item is None and not id_ and self._items and not self._items[-1].is_done:
            item = self._items[-1]
        return item or self._new_item(place, id_)

    def _new_item(self, place: Any, id_: str) -> OutputItem:
        item = OutputItem(id_ or f"item-{len(self._items)}")
        self._items.append(item)
        self._by_id[item.id] = item
        if isinstance(place, int):
            self._by_place[place] = item
        return item

    def _item_added(self, data: dict[str, Any]) -> list[Event]:
        given = object_in(data, "item")
        item = self._new_item(data.get("output_index"), text_in(given, "id"))
        return item.start_call(given, self._new_id)

    def _item_done(self, data: dict[str, Any]) -> list[Event]:
        given = object_in(data, "item")
        item = self._item_of(data, text_in(given, "id"))
        if item.is_done:
            return []
        events: list[Event] = []
        kind = text_in(given, "type")
        if kind == "message":
            events = item.end_message(given)
            if not self._has_sources:
                events += [event for found in annotations_of(given) for event in source_of(found, self._new_id)]
        elif kind == "reasoning":
            events = item.end_thoughts(given)
        elif kind == "mcp_approval_request":
            events = approval_request(given, self._new_id)
        elif is_client_call(given):
            events = item.start_call(given, self._new_id) + item.end_call(given)
            self._has_calls |= item.calls
        elif is_built_in(given):
            events = self._built_in(given)
        elif kind == "shell_call_output" and (call := self._shells.pop(text_in(given, "call_id"), None)):
            events = built_in_call(call | {"output": given.get("output")}, self._new_id, hosted=True)
        item.is_done = True
        return events

    def _built_in(self, given: dict[str, Any]) -> list[Event]:
        if text_in(given, "type") == "shell_call":
            # The output of a container follows in the same answer; a call without one is the client's to run.
            self._shells[text_in(given, "call_id")] = given
            return []
        hosted = is_hosted(given)
        self._has_calls |= not hosted
        return built_in_call(given, self._new_id, hosted=hosted)

    def _text(self, data: dict[str, Any]) -> list[Event]:
        return self._words("text", data, _place(data, "content_index"))

    def _thoughts(self, data: dict[str, Any]) -> list[Event]:
        return self._words("reasoning", data, _place(data, "summary_index", "content_index"))

    def _words(self, kind: Kind, data: dict[str, Any], place: int) -> list[Event]:
        item = self._item_of(data, text_in(data, "item_id"))
        if "delta" in data:
            return item.say(kind, place, text_in(data, "delta"))
        return item.say_whole(kind, place, text_in(data, "text") or text_in(data, "refusal"))

    def _annotation(self, data: dict[str, Any]) -> list[Event]:
        self._has_sources = True
        return source_of(data.get("annotation"), self._new_id)

    def _arguments(self, data: dict[str, Any]) -> list[Event]:
        item = self._item_of(data, text_in(data, "item_id"))
        if "delta" in data:
            return item.add_arguments(text_in(data, "delta"))
        item.keep_arguments(data.get("arguments", data.get("input")))
        return []

    def _end(self, data: dict[str, Any]) -> list[Event]:
        response = object_in(data, "response")
        status = text_in(data, "type").removeprefix("response.")
        if status not in _FAILED and status != "incomplete":
            status = text_in(response, "status")  # "completed", but ``response.done`` and a whole body say it only here
        if status in _FAILED:
            error = response.get("error")
            return self._fail(error or {"message": f"the provider ended the response as {status}", "code": status})
        events = self._begin(data) + self._rest(response, is_whole=status != "incomplete")
        for call in self._shells.values():
            self._has_calls = True
            events += built_in_call(call, self._new_id, hosted=False)
        word = "tool-calls" if self._has_calls else "stop"
        reason = text_in(object_in(response, "incomplete_details"), "reason")
        if status == "incomplete" or reason:
            word = finish_word(reason)
        self._is_over = True
        return [*events, {"type": "finish", "finishReason": word, "usage": counted(response.get("usage"))}]

    def _whole(self, response: dict[str, Any]) -> list[Event]:
        """Read an answer that was not streamed; of one that still runs nothing is told, of one that failed all."""
        status, answer = text_in(response, "status"), {"response": response}
        if status not in _TERMINAL:
            return []
        is_partial = status in _FAILED and not self._items
        told = self._begin(answer) + self._rest(response, is_whole=False) if is_partial else []
        return told + self._end(answer)

    def _rest(self, response: dict[str, Any], *, is_whole: bool) -> list[Event]:
        """Return what the terminal message still completes.

        These are items without an end, all items where none was streamed, and calls that stand nowhere else.
        """
        events: list[Event] = []
        was_streamed = bool(self._items)
        called = {item.call_id for item in self._items}
        for place, given in enumerate(list_in(response, "output")):
            if not was_streamed or place in self._by_place:
                events += self._item_done({"output_index": place, "item": given})
            elif is_client_call(given) and text_in(given, "call_id") not in called:
                self._new_item(None, text_in(given, "id"))
                events += self._item_done({"item": given})
        for item in self._items:
            events += item.end_blocks()
            if is_whole and not item.is_done:
                events += item.end_call({})
                self._has_calls |= item.calls
        return events

    def _fail(self, payload: Any) -> list[Event]:
        self._is_over = True
        return [error_event(payload)]


def _place(data: dict[str, Any], *keys: str) -> int:
    return next((place for key in keys if isinstance(place := data.get(key), int)), 0)
