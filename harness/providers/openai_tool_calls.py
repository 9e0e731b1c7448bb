"""Tool calls of Chat Completions, put together from fragments that providers cut and label in many ways.

Named differences, each seen on a wire (issue numbers in the facts, section 5):

- no id: one is made from the stream's id source, at the end
- no index: the id decides, else a fragment with a name is a new call, else it belongs to the last call
- same index, new id: a new call (several gateways give every call index 0), but without a name it is the old one
  (older vLLM makes an id for each fragment)
- id or name in a later fragment, arguments before the name: kept until both are known
- a second name: the first one counts, since many servers repeat it in every fragment
- same id, new index: a whole call sent twice is dropped, a different one gets an id of its own
- arguments as a JSON object instead of text; flat ``{name, arguments}``; legacy ``function_call``; custom tools
- cumulative arguments, and the whole once more at the end: the last fragment is the text

A call is complete only when the answer is (R38), never because its text so far happens to parse.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from harness.protocol.events import Event
from harness.protocol.exact_json import holds_object, same_text
from harness.providers.exact_text import json_text
from harness.providers.failures import error_event
from harness.providers.message import NewId

_NAMELESS = "the provider sent a tool call without a name"


@dataclass(slots=True, eq=False)
class _Call:
    id: str = ""
    name: str = ""
    fragments: list[str] = field(default_factory=list)
    is_custom: bool = False
    is_started: bool = False


class _Fragment(NamedTuple):
    id: str
    name: str
    arguments: str
    is_custom: bool


class CallFragments:
    """Fragments in, ``tool-input-start`` and ``-delta`` out at once; ``complete`` gives the calls.

    Calls start in the order in which they were first seen. One that lacks its id or its name, and every call after
    it, is held back until it is known or until the end.
    """

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._calls: list[_Call] = []
        self._started = 0  # how many of the calls, from the first on, have had their start
        self._by_id: dict[str, _Call] = {}
        self._by_index: dict[Any, _Call] = {}

    def feed(self, fragments: Any) -> list[Event]:
        """Take ``delta.tool_calls``: a list of fragments, or one; what is no fragment is ignored."""
        events: list[Event] = []
        for fragment in fragments if isinstance(fragments, list) else [fragments]:
            if isinstance(fragment, dict):
                self._take(fragment, events)
        return events

    def rest(self, whole: Any) -> list[Event]:
        """Take the calls of a whole message behind the fragments: what no fragment brought of them.

        A call is known by its id, or by its place where one of the two has none.
        """
        events: list[Event] = []
        known = list(self._calls)
        for place, fragment in enumerate(whole if isinstance(whole, list) else []):
            if not isinstance(fragment, dict):
                continue
            id_, _, arguments, _ = _read(fragment)
            there = known[place] if place < len(known) else None
            call = self._by_id.get(id_) or (None if there and there.id and id_ else there)
            if call is None:
                self._take(fragment | {"index": f"message-{place}"}, events)
            elif not call.fragments:
                self._add(call, arguments, events)
        return events

    def _take(self, fragment: dict[str, Any], events: list[Event]) -> None:
        id_, name, arguments, is_custom = _read(fragment)
        call = self._call_of(id_, name, arguments, fragment.get("index"))
        call.is_custom |= is_custom
        self._add(call, arguments, events)

    def _add(self, call: _Call, arguments: str, events: list[Event]) -> None:
        if arguments:
            call.fragments.append(arguments)
            if call.is_started:
                events.append({"type": "tool-input-delta", "id": call.id, "delta": arguments})
        if not call.is_started:
            self._start_known(events)

    def _call_of(self, id_: str, name: str, arguments: str, index: Any) -> _Call:
        """Return the call that a fragment belongs to, with the id and the name that it brought."""
        if not isinstance(index, int | str):
            index = None
        near = self._by_index.get(index) if index is not None else self._calls[-1] if self._calls else None
        call = self._by_id.get(id_) if id_ else None
        if near is None and name:
            call = None  # same id, new index
        elif call is None and near is not None:
            is_new = bool(name) if id_ and near.id else _is_another(near, name, arguments)
            call = None if is_new else near
        if call is None:
            call = _Call()
            self._calls.append(call)
        if index is not None:
            self._by_index[index] = call
        if id_ and not call.id:
            call.id = id_
            self._by_id.setdefault(id_, call)
        call.name = call.name or name
        return call

    def _start_known(self, events: list[Event]) -> None:
        while self._started < len(self._calls):
            call = self._calls[self._started]
            if not call.id or not call.name or self._by_id[call.id] is not call:
                return
            self._started += 1
            events += _started(call)

    def complete(self) -> list[Event]:
        """Return the end and the ``tool-call`` of every call, in their order; ``input`` is the provider's own text.

        A call without name and arguments is noise and dropped; arguments that no name belongs to are an ``error``,
        which is then the last event.
        """
        events: list[Event] = []
        texts = {call: _arguments(call) for call in self._calls}
        for call, text in texts.items():
            if not call.name and not call.fragments:
                continue
            if not call.name:
                return [*events, error_event({"message": _NAMELESS})]
            first = self._by_id.get(call.id, call)
            if first is not call:
                if (first.name, texts[first]) == (call.name, text):
                    continue
                call.id = ""
            call.id = call.id or self._new_id()
            if not call.is_started:
                events += _started(call)
            events.append({"type": "tool-input-end", "id": call.id})
            events.append({"type": "tool-call", "toolCallId": call.id, "toolName": call.name, "input": text})
        return events


def _read(fragment: dict[str, Any]) -> _Fragment:
    function, custom, key = fragment.get("function"), fragment.get("custom"), "arguments"
    if isinstance(custom, dict):
        function, key = custom, "input"
    elif not isinstance(function, dict):
        function = fragment
    return _Fragment(
        _word(fragment.get("id")), _word(function.get("name")), _as_text(function.get(key)), function is custom
    )


def _started(call: _Call) -> list[Event]:
    call.is_started = True
    events: list[Event] = [{"type": "tool-input-start", "id": call.id, "toolName": call.name}]
    if call.fragments:
        events.append({"type": "tool-input-delta", "id": call.id, "delta": "".join(call.fragments)})
    return events


def _is_another(call: _Call, name: str, arguments: str) -> bool:
    """Tell whether a fragment that no id tells apart starts another call than ``call``.

    Without a name it goes on with the old one. Some providers repeat the name in each fragment, so the same name is a
    new call only where the old text is a whole object and another one begins: joined they could never be JSON.
    """
    if name != call.name:
        return bool(name and call.name)
    if not arguments.lstrip().startswith("{") or not call.fragments or not call.fragments[-1].rstrip().endswith("}"):
        return False
    return holds_object("".join(call.fragments))


def _arguments(call: _Call) -> str:
    """Return the text of a call's input; where fragments repeat what was there, the last one is the text."""
    fragments = call.fragments
    joined = "".join(fragments)
    if call.is_custom:
        return json.dumps(joined, ensure_ascii=False)  # it is no JSON, so it travels as a JSON string
    if len(fragments) < 2 or not fragments[-1].lstrip().startswith("{"):
        return joined
    last = fragments[-1]
    is_repeat = same_text(joined[: -len(last)], last) or all(b.startswith(a) for a, b in pairwise(fragments))
    return last if is_repeat and holds_object(last) else joined


def _as_text(arguments: Any) -> str:
    if isinstance(arguments, str):
        return arguments
    return "" if arguments is None else json_text(arguments)


def _word(value: Any) -> str:
    """Return an id or a name; null, ``""`` and anything but text or a number count as absent."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
