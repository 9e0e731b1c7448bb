"""What a converter made → the neutral form: messages and tools in §11's literal shape and in AI SDK V2's (R30).

::

    §11     {role, content: text | [part]}; {role: "tool", content: text, toolCallId}
            part is {type: "text", text} | {type: "image" | "audio" | "video", image | audio | video: value}
                    | {type: "file", file: value, mimeType?}
                    | {type: "tool-call", toolCallId, toolName, args: JSON text}
            a tool is {type: "function", name, description?, parameters?}
    SDK V2  {type: "file", data: value, mediaType} | {type: "tool-call", toolCallId, toolName, input: object}
            | {type: "tool-result", toolCallId, toolName, output: {type, value}}
            a tool is {type: "function", name, description?, inputSchema}

A value is a URL where it holds ``://``, else base64 or a ``data:`` URL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, get_args

from harness.protocol.messages import Answered, Call, File, Part, Role, Text, ToolOffer, Turn, file_at

_ROLES: tuple[Role, ...] = get_args(Role)
_MEDIA = ("image", "audio", "video")
_TEXTS = ("text", "error-text")
_VALUES = ("json", "error-json", "content")


class Unreadable(ValueError):
    """A place that has neither shape: where it is, what was expected there, and what stands there."""

    def __init__(self, path: str, expected: str, seen: Any) -> None:
        super().__init__(path)
        self.path = path
        self.expected = expected
        self.seen = seen


def converted_turns(result: Any) -> tuple[Turn, ...]:
    """Return what converted messages say, one turn for each; raises :class:`Unreadable`."""
    return tuple(_turn(message, f"result[{place}]") for place, message in enumerate(_list(result, "result")))


def converted_tools(result: Any) -> tuple[ToolOffer, ...]:
    """Return the tools that a converter made; raises :class:`Unreadable`."""
    return tuple(_tool(tool, f"result[{place}]") for place, tool in enumerate(_list(result, "result")))


def _tool(value: Any, path: str) -> ToolOffer:
    tool = _object(value, path)
    if tool.get("type") != "function":
        raise Unreadable(f"{path}.type", '"function"', tool.get("type"))
    description = tool.get("description")
    if not (description is None or isinstance(description, str)):
        raise Unreadable(f"{path}.description", "a text", description)
    schema = tool.get("inputSchema") if tool.get("inputSchema") is not None else tool.get("parameters")
    return ToolOffer(_text(tool, "name", path), description, schema)


def _turn(value: Any, path: str) -> Turn:
    message = _object(value, path)
    role, content = message.get("role"), message.get("content")
    if role not in _ROLES:
        raise Unreadable(f"{path}.role", "one of " + ", ".join(_ROLES), role)
    if isinstance(content, str):
        if role == "tool":
            return Turn(role, (Answered(_text(message, "toolCallId", path), content),))
        return Turn(role, (Text(content),))
    parts = _list(content, f"{path}.content")
    return Turn(role, tuple(_part(part, f"{path}.content[{place}]") for place, part in enumerate(parts)))


def _part(value: Any, path: str) -> Part:
    part = _object(value, path)
    kind = part.get("type")
    if kind == "text":
        return Text(_text(part, "text", path))
    if kind in _MEDIA:
        return _file(part, kind, path)
    if kind == "file":
        return _file(part, "data" if "data" in part else "file", path)
    if kind == "tool-call":
        return Call(_text(part, "toolCallId", path), _text(part, "toolName", path), _arguments(part, path))
    if kind == "tool-result":
        return _answer(part, path)
    raise Unreadable(f"{path}.type", "text, file, image, audio, video, tool-call or tool-result", kind)


def _file(part: Mapping[str, Any], key: str, path: str) -> File:
    value = _text(part, key, path)
    told = part.get("mediaType") or part.get("mimeType")
    guess = f"{key}/*" if key in _MEDIA else None
    return file_at(value, told if isinstance(told, str) else guess, is_url="://" in value)


def _arguments(part: Mapping[str, Any], path: str) -> str:
    """Return the arguments as JSON text: ``args`` is one, ``input`` is a value; a text there is encoded twice (A8)."""
    if "input" in part:
        return json.dumps(part["input"], ensure_ascii=False)
    if "args" not in part:
        raise Unreadable(path, "args or input", part)
    arguments = part["args"]
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def _answer(part: Mapping[str, Any], path: str) -> Answered:
    output = part.get("output", part.get("result"))
    if "output" in part:
        output = _object(output, f"{path}.output")
        kind, value = output.get("type"), output.get("value")
        if kind not in (*_TEXTS, *_VALUES) or (kind in _TEXTS and not isinstance(value, str)):
            raise Unreadable(f"{path}.output", "a text or json output with its value", output)
        texts = [item.get("text") if isinstance(item, Mapping) else None for item in _items(kind, value)]
        output = "".join(map(str, texts)) if texts and None not in texts else value
    elif "result" not in part:
        raise Unreadable(path, "output", part)
    content = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
    return Answered(_text(part, "toolCallId", path), content, _text(part, "toolName", path))


def _items(kind: Any, value: Any) -> list[Any]:
    return value if kind == "content" and isinstance(value, list) else []


def _object(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Unreadable(path, "an object", value)
    return value


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise Unreadable(path, "a list", value)
    return list(value)


def _text(holder: Mapping[str, Any], key: str, path: str) -> str:
    text = holder.get(key)
    if not isinstance(text, str):
        raise Unreadable(f"{path}.{key}", "a text", text)
    return text
