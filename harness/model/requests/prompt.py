"""Call options → the messages of a prompt, checked; no provider's words yet.

The names are AI SDK V2's (:mod:`harness.protocol.language_model`). What §8 and §11.1 send instead is dropped by the SDK
without a word (ledger A6 to A9); here it is refused by name: text where parts belong, ``args``, ``image`` parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from harness.errors import InputError
from harness.model.requests.attachments import Attached, attached
from harness.model.requests.json_writing import exact_text

_OUTPUTS = ("text", "json", "error-text", "error-json")

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Said:
    """A text."""

    text: str


@dataclass(frozen=True, slots=True)
class Called:
    """A tool call of an earlier turn; ``arguments`` is an object."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Returned:
    """What a tool returned, as a value and as the text of it; ``name`` is ``""`` where the prompt does not tell it."""

    id: str
    name: str
    value: Any
    text: str
    is_error: bool


Part: TypeAlias = Said | Attached | Called | Returned


@dataclass(frozen=True, slots=True)
class Message:
    """One message, which has a part at least (R31); ``place`` is where it stands, for a person."""

    role: Role
    parts: tuple[Part, ...]
    place: str


def messages_of(prompt: object) -> tuple[Message, ...]:
    """Return the messages of a prompt; raises :class:`InputError`, which names the message and part that is wrong."""
    if not isinstance(prompt, list | tuple) or not prompt:
        raise InputError("prompt is no list of messages, or an empty one")
    return tuple(_message(message, f"prompt[{number}]") for number, message in enumerate(prompt))


def _message(message: object, place: str) -> Message:
    if not isinstance(message, Mapping):
        raise InputError(f"{place} is no message")
    role, content = message.get("role"), message.get("content")
    if role not in ("system", "user", "assistant", "tool"):
        raise InputError(f"{place} has the unknown role {role!r:.80}; known are system, user, assistant and tool")
    if role == "system":
        if not isinstance(content, str):
            raise InputError(f"{place}.content of a system message is no text")
        return Message("system", (Said(content),), place)
    if not isinstance(content, list | tuple):
        raise InputError(f"{place}.content is no list of parts")
    parts = tuple(_part(role, part, f"{place}.content[{number}]") for number, part in enumerate(content))
    if role == "tool" and not parts:
        raise InputError(f"{place} is a message of tool without a result")
    return Message(role, parts or (Said(""),), place)


def _part(role: str, part: object, place: str) -> Part:
    kind = part.get("type") if isinstance(part, Mapping) else None
    read = _PARTS[role].get(kind) if isinstance(kind, str) else None
    if read is None:
        known = ", ".join(_PARTS[role])
        raise InputError(f"{place} has the unknown type {kind!r:.80}; a message of {role} has parts of type {known}")
    return read(part, place)


def _said(part: Mapping[str, Any], place: str) -> Said:
    if not isinstance(part.get("text"), str):
        raise InputError(f"{place}.text is no text")
    return Said(part["text"])


def _called(part: Mapping[str, Any], place: str) -> Called:
    arguments = part.get("input")
    if not isinstance(arguments, Mapping):
        raise InputError(f"{place}.input is no object; a call's arguments are one, and not its JSON text")
    return Called(_word(part, "toolCallId", place), _word(part, "toolName", place), dict(arguments))


def _returned(part: Mapping[str, Any], place: str) -> Returned:
    output = part.get("output")
    kind = output.get("type") if isinstance(output, Mapping) else None
    if kind not in _OUTPUTS:
        raise InputError(
            f"{place}.output has the unknown type {kind!r:.80}; known are text, json, error-text, error-json"
        )
    value = output.get("value") if isinstance(output, Mapping) else None
    if kind.endswith("json"):
        text = exact_text(value)
    elif isinstance(value, str):
        text = value
    else:
        raise InputError(f"{place}.output.value is no text")
    name = part.get("toolName")
    name = name if isinstance(name, str) else ""
    return Returned(_word(part, "toolCallId", place), name, value, text, is_error=kind.startswith("error"))


def _word(part: Mapping[str, Any], key: str, place: str) -> str:
    word = part.get(key)
    if not isinstance(word, str) or not word:
        raise InputError(f"{place}.{key} is missing")
    return word


_PARTS: Mapping[str, Mapping[str, Callable[[Any, str], Part]]] = {
    "user": {"text": _said, "file": attached},
    "assistant": {"text": _said, "file": attached, "tool-call": _called},
    "tool": {"tool-result": _returned},
}
