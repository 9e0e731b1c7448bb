"""One output item of the Responses API while it arrives: a message, thoughts, or a call of a client's tool."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from harness.protocol.events import Event
from harness.providers.exact_text import json_text
from harness.providers.fields import text_in
from harness.providers.message import NewId
from harness.providers.openai_blocks import Kind
from harness.providers.openai_built_ins import is_built_in, texts_of

_CLIENT_CALLS = frozenset({"function_call", "custom_tool_call"})


def is_client_call(item: dict[str, Any]) -> bool:
    """Tell whether an item calls a function or a custom tool that the client declared."""
    return text_in(item, "type") in _CLIENT_CALLS and not is_built_in(item)


@dataclass(slots=True, eq=False)
class OutputItem:
    """Its words become blocks named after ``id``, its arguments the input of the call that ``start_call`` began.

    ``is_done`` says that its last message was read, ``call_id`` is set once a call has started, ``calls`` once it has
    given its ``tool-call``.
    """

    id: str
    is_done: bool = False
    calls: bool = False
    call_id: str = ""
    _said: set[int] = field(default_factory=set)  # the parts that had deltas: what repeats them whole says nothing new
    _blocks: dict[str, Kind] = field(default_factory=dict)
    _name: str = ""
    _is_custom: bool = False
    _fragments: list[str] = field(default_factory=list)
    _whole: str = ""

    def say(self, kind: Kind, place: int, words: str) -> list[Event]:
        """Return a delta, and the start of its block where needed: one block per message, one per part of thoughts."""
        self._said.add(place)
        if not words:
            return []
        block = self.id if kind == "text" else f"{self.id}:{place}"
        delta: Event = {"type": f"{kind}-delta", "id": block, "delta": words}
        if block in self._blocks:
            return [delta]
        self._blocks[block] = kind
        return [{"type": f"{kind}-start", "id": block}, delta]

    def say_whole(self, kind: Kind, place: int, words: str) -> list[Event]:
        """Return the words of a part that had no deltas."""
        return [] if place in self._said else self.say(kind, place, words)

    def end_message(self, item: dict[str, Any]) -> list[Event]:
        """Return the text of a message that came whole, and the end of its block."""
        events: list[Event] = []
        if not self._said:
            for place, words in texts_of(item, "content"):
                events += self.say("text", place, words)
        return events + self.end_blocks()

    def end_thoughts(self, item: dict[str, Any]) -> list[Event]:
        """Return thoughts that came whole, the summary before the thoughts themselves, and the end of their blocks."""
        events: list[Event] = []
        if not self._said:
            for place, words in list(texts_of(item, "summary")) or texts_of(item, "content"):
                events += self.say("reasoning", place, words)
        return events + self.end_blocks()

    def end_blocks(self) -> list[Event]:
        """Return the ends of all open blocks."""
        events: list[Event] = [{"type": f"{kind}-end", "id": block} for block, kind in self._blocks.items()]
        self._blocks.clear()
        return events

    def start_call(self, item: dict[str, Any], new_id: NewId) -> list[Event]:
        """Start the call once its name is known; nothing for an item that is no client call."""
        name = text_in(item, "name")
        if self.call_id or not name or not is_client_call(item):
            return []
        self.call_id = text_in(item, "call_id") or text_in(item, "id") or new_id()
        self._name, self._is_custom = name, text_in(item, "type") == "custom_tool_call"
        events: list[Event] = [{"type": "tool-input-start", "id": self.call_id, "toolName": name}]
        if self._fragments:
            events.append(self._spelled("".join(self._fragments)))
        return events

    def _spelled(self, arguments: str) -> Event:
        return {"type": "tool-input-delta", "id": self.call_id, "delta": arguments}

    def add_arguments(self, fragment: str) -> list[Event]:
        """Return a fragment of the arguments, or keep it until the call has a name."""
        if not fragment or self.is_done:
            return []
        self._fragments.append(fragment)
        return [self._spelled(fragment)] if self.call_id else []

    def keep_arguments(self, arguments: Any) -> None:
        """Note the whole arguments, for an item whose end brings none."""
        self._whole = _as_text(arguments)

    def end_call(self, item: dict[str, Any]) -> list[Event]:
        """Return the complete call; nothing where it never started, or where the token limit cut it (R9, R13).

        Arguments that came whole are one delta, as words that came whole are.
        """
        if not self.call_id or text_in(item, "status") == "incomplete":
            return []
        given = _as_text(item.get("input" if self._is_custom else "arguments"))
        text = given or self._whole or "".join(self._fragments)
        self.calls = True
        missing: list[Event] = [] if self._fragments or not text else [self._spelled(text)]
        return [
            *missing,
            {"type": "tool-input-end", "id": self.call_id},
            {
                "type": "tool-call",
                "toolCallId": self.call_id,
                "toolName": self._name,
                # the text of a custom tool is no JSON, so it travels as a JSON string
                "input": json.dumps(text, ensure_ascii=False) if self._is_custom else text,
            },
        ]


def _as_text(arguments: Any) -> str:
    if isinstance(arguments, str):
        return arguments
    return "" if arguments is None else json_text(arguments)
