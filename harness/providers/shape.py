"""The shape of what is streamed: which messages there are, in which order they begin, and which members of which types.

Ids, times, texts, numbers and counts are no part of a shape, so two recordings of one question have the same. What is
an application's own (arguments of a call, a schema, metadata) is named and not looked into. What tells messages apart
(``type``, ``object``, ``finish_reason`` and their like) is a part of it with its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.providers.exact_text import json_text
from harness.providers.failures import Malformed
from harness.providers.framing import Framing
from harness.providers.message import Mark, Message

_KINDS = ("type", "event_type", "object")
"""Members that name a message's kind, the first that is there; else the frame's own name does."""

_TELLING = frozenset({
    "type", "event_type", "object", "event", "role", "status", "code", "reason", "finish_reason", "finishReason",
    "stop_reason", "stopReason", "done_reason", "native_finish_reason", "blockReason", "service_tier",
})  # fmt: skip
"""Members whose words are told."""

_OF_THE_APPLICATION = frozenset({
    "args", "arguments", "input", "parameters", "schema", "input_schema", "json_schema", "metadata", "top_logprobs",
})  # fmt: skip
"""Members that hold names which are not the API's; ``top_logprobs`` of legacy completions has tokens for names."""

_PASSING = frozenset({"ping", "keepalive", "heartbeat"})
"""Kinds that only tell that time goes by: how long an answer took is no part of its shape."""

_LONGEST_WORD = 64
_MOST_WORDS = 20  # of one member; whatever has more is no word that tells
_LONGEST_EXAMPLE = 100
_DEEPEST = 50
_FRAME = "(event)"
"""The place of the frame's own name."""


@dataclass(slots=True)
class Member:
    """One place in messages of a kind: the types of its values, its words where it is telling, an example of it."""

    types: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    example: str = ""


@dataclass(slots=True)
class Shape:
    """Kinds of messages in the order in which they first occur, each with its members by path.

    A path is like ``choices[].delta.content``; the message itself is the path ``""``.
    """

    kinds: dict[str, dict[str, Member]] = field(default_factory=dict)

    def add(self, message: Message) -> None:
        """Take note of one message."""
        kind = kind_of(message)
        if kind in _PASSING:
            return
        members = self.kinds.setdefault(kind, {})
        if message.name:
            _note(members, _FRAME, message.name, telling=True)
        if not isinstance(message.data, Mark | Malformed):
            _note_all(members, message.data)


def shape_of(pieces: Iterable[bytes]) -> Shape:
    """Return the shape of a body, cut anywhere; what cannot be read is a kind of its own. Never raises."""
    shape = Shape()
    framing = Framing()
    for piece in pieces:
        for message in framing.feed(piece):
            shape.add(message)
    for message in framing.close():
        shape.add(message)
    return shape


def kind_of(message: Message) -> str:
    """Return what a message calls itself, or what its frame calls it; ``message`` where nothing does."""
    if isinstance(message.data, Mark):
        return message.data.value
    if isinstance(message.data, Malformed):
        return "(not JSON)"
    if isinstance(message.data, Mapping):
        named = (message.data.get(name) for name in _KINDS)
        found = next((word for word in named if isinstance(word, str) and word), message.name)
        return found[:_LONGEST_WORD] or "message"
    return message.name[:_LONGEST_WORD] or _type_of(message.data)


def _note_all(members: dict[str, Member], data: Any) -> None:
    left: list[tuple[str, str, Any, int]] = [("", "", data, 0)]
    while left:
        path, name, value, depth = left.pop()
        _note(members, path, value, telling=name in _TELLING)
        if name in _OF_THE_APPLICATION or depth == _DEEPEST:
            continue
        inside: list[tuple[str, str, Any]] = []
        if isinstance(value, Mapping):
            inside = [(f"{path}.{key}" if path else key, key, inner) for key, inner in value.items()]
        elif isinstance(value, list):
            inside = [(f"{path}[]", name, inner) for inner in value]
        left += [(*one, depth + 1) for one in reversed(inside)]


def _note(members: dict[str, Member], path: str, value: Any, *, telling: bool) -> None:
    member = members.setdefault(path, Member())
    member.types.add(_type_of(value))
    if not member.example or member.example == "null":
        member.example = _example(value)
    if telling and isinstance(value, str) and len(value) <= _LONGEST_WORD and len(member.words) < _MOST_WORDS:
        member.words.add(value)


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Mapping):
        return "object"
    return "array" if isinstance(value, list) else "number"


def _example(value: Any) -> str:
    text = json_text(value[:_LONGEST_EXAMPLE] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST_EXAMPLE else f"{text[:_LONGEST_EXAMPLE]}…"
