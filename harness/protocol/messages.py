"""Messages, tools and limits in a neutral form: what was said to a model, whatever the words of its API (R29, R30).

Three sides are read into it, each by a witness of its own, and compared: a TanStack request (here), what a provider
received (``providers``), and what a converter made (``rules``). In the neutral form consecutive messages of one role
are one turn.

TanStack's ModelMessages, as §4 and §11.1 use them::

    {role: "user" | "assistant" | "tool" | "system", content: text | null | [part]
     toolCalls?: [{id, type: "function", function: {name, arguments: JSON text | object}}], toolCallId?}
    part is {type: "text", content} or {type: "image" | "audio" | "video" | "document" | "pdf", source, metadata?}
    source is {type: "url" | "data" | "base64", value, mimeType?}, metadata is {mimeType?}
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal, TypeAlias, get_args
from urllib.parse import unquote_to_bytes

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text, empty ones included."""

    text: str


@dataclass(frozen=True, slots=True)
class File:
    """An image, sound, film or document: ``data`` is base64, ``url`` a place; one of the two is there.

    ``media_type`` is None where nobody says it; a wire may tell only its first half (``image``), written ``image/*``.
    """

    media_type: str | None
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call of an earlier turn; ``arguments`` is JSON text with exact numbers, ``id`` None on a wire without."""

    id: str | None
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A tool's answer to a call; ``content`` is text, or the JSON text of what is no text."""

    id: str | None
    content: str
    name: str | None = None
    is_error: bool = False


Part: TypeAlias = Text | File | Call | Answered


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said at one time."""

    role: Role
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Stranger:
    """Something in a request's messages that is of no known kind: where it stands, and what it says that it is.

    ``kind`` is None where it does not say so, in text.
    """

    path: str
    kind: str | None


@dataclass(frozen=True, slots=True)
class ToolOffer:
    """A tool that the model may call; ``schema`` is the JSON Schema of its input, or None where there is none."""

    name: str
    description: str | None = None
    schema: Any = None


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """Everything that a model was asked.

    ``tool_choice`` is ``auto``, ``none``, ``required``, or ``tool:NAME`` for one that is forced; None where nothing is
    said. ``schema`` is the JSON Schema of the answer in the provider's own field, None where there is none; ``json``
    tells that JSON was asked for, with a schema or without. ``extra`` are the body's members that none of the others
    tells.
    """

    model: str | None = None
    turns: tuple[Turn, ...] = ()
    tools: tuple[ToolOffer, ...] = ()
    tool_choice: str | None = None
    temperature: int | float | None = None
    max_tokens: int | float | None = None
    top_p: int | float | None = None
    schema: Any = None
    json: bool = False
    stream: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def chosen(self) -> str | None:
        """The tool choice, in which ``required`` among one tool is that tool."""
        if self.tool_choice == "required" and len(self.tools) == 1:
            return f"tool:{self.tools[0].name}"
        return self.tool_choice


def joined(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """Return the turns with consecutive ones of a role made one."""
    return tuple(
        Turn(role, tuple(part for turn in group for part in turn.parts))
        for role, group in groupby(turns, key=lambda turn: turn.role)
    )


def turns_of(messages: Iterable[Any], system_prompts: Iterable[Any] = ()) -> tuple[Turn, ...]:
    """Return what TanStack's messages say; what is of no known kind (:func:`strangers_in`) is left out.

    The prompts, joined by line ends, are a system turn at the head (§12.5). §4 wants an empty text for null content,
    §11.1 writes none beside calls; we read: one where the message would else have no part (R31). A tool message with
    null content has empty text. Content in parts is the JSON text of the parts there (§11.1). ``pdf`` is a document
    (§6.6). Arguments that are blank are ``{}`` (R8). An image whose media type nobody says is ``image/*``.
    """
    return _read(messages, system_prompts)[0]


def strangers_in(messages: Iterable[Any]) -> tuple[Stranger, ...]:
    """Return the messages, parts and calls that :func:`turns_of` cannot read (§11.1: an unknown type is an error)."""
    return _read(messages, ())[1]


_ROLES: tuple[Role, ...] = get_args(Role)
_MEDIA_TYPES = {"image": "image/*", "audio": "audio/*", "video": "video/*", "document": None, "pdf": "application/pdf"}
_SOURCES = ("url", "data", "base64")
_Found: TypeAlias = tuple[tuple[Turn, ...], tuple[Stranger, ...]]


def _read(messages: Iterable[Any], system_prompts: Iterable[Any]) -> _Found:
    prompts = [prompt for prompt in system_prompts if isinstance(prompt, str)]
    turns: list[Turn] = [Turn("system", (Text("\n".join(prompts)),))] if prompts else []
    strangers: list[Stranger] = []
    names: dict[Any, str] = {}
    for place, message in enumerate(messages):
        path = f"messages[{place}]"
        role = message.get("role") if isinstance(message, Mapping) else None
        if not isinstance(message, Mapping) or role not in _ROLES:
            strangers.append(Stranger(path, _text_or_none(role)))
        elif role == "tool":
            id_ = _text_or_none(message.get("toolCallId"))
            turns.append(Turn("tool", (Answered(id_, _as_text(message.get("content")), names.get(id_)),)))
        else:
            parts = list(_parts(message.get("content"), path, strangers))
            for call in _calls(message.get("toolCalls"), path, strangers):
                parts.append(call)
                names[call.id] = call.name
            if not parts and not message.get("content"):
                parts.append(Text(""))
            turns.append(Turn(role, tuple(parts)))
    return joined(turns), tuple(strangers)


def _parts(content: Any, path: str, strangers: list[Stranger]) -> Iterable[Part]:
    if isinstance(content, str):
        content = [{"type": "text", "content": content}] if content else []
    elif not isinstance(content, list):
        if content is not None:
            strangers.append(Stranger(f"{path}.content", None))
        return
    for place, part in enumerate(content):
        read = _part(part) if isinstance(part, Mapping) else None
        if read is None:
            kind = part.get("type") if isinstance(part, Mapping) else None
            strangers.append(Stranger(f"{path}.content[{place}]", _text_or_none(kind)))
        else:
            yield read


def _part(part: Mapping[str, Any]) -> Text | File | None:
    kind, source = part.get("type"), part.get("source")
    if kind == "text":
        return Text(part["content"]) if isinstance(part.get("content"), str) else None
    if not isinstance(kind, str) or kind not in _MEDIA_TYPES or not isinstance(source, Mapping):
        return None
    where, value, metadata = source.get("type"), source.get("value"), part.get("metadata")
    if where not in _SOURCES or not isinstance(value, str) or not value:
        return None
    told = source.get("mimeType") or (metadata.get("mimeType") if isinstance(metadata, Mapping) else None)
    return file_at(value, told if isinstance(told, str) else _MEDIA_TYPES[kind], is_url=where == "url")


def file_at(value: str, media_type: str | None, *, is_url: bool) -> File:
    """Return the file that a URL or base64 stands for; a ``data:`` URL is its content, and says its own type."""
    if value[:5].lower() != "data:":
        return File(media_type, url=value) if is_url else File(media_type, data=value)
    head, _, data = value[5:].partition(",")
    own, *parameters = head.split(";")
    if not any(parameter.strip().lower() == "base64" for parameter in parameters):
        data = b64encode(unquote_to_bytes(data)).decode()
    return File(own.strip().lower() or media_type, data=data)


def _calls(calls: Any, path: str, strangers: list[Stranger]) -> Iterable[Call]:
    for place, call in enumerate(calls if isinstance(calls, list) else ()):
        function = call.get("function") if isinstance(call, Mapping) else None
        name = function.get("name") if isinstance(function, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(name, str):
            strangers.append(Stranger(f"{path}.toolCalls[{place}]", None))
        else:
            yield Call(_text_or_none(call.get("id")), name, _as_text(function.get("arguments")).strip() or "{}")


def _as_text(value: Any) -> str:
    """Return text as it is, null as empty text, and all else as its JSON text."""
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None
