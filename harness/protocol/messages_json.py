"""The neutral form as JSON, for files, and back: what a model was asked, in words of no provider.

::

    {model?, turns: [{role, parts: [part]}], tools: [{name, description?, schema?}], toolChoice?, temperature?,
     maxTokens?, topP?, schema?, json?: true, stream?: true, extra?: {…}}
    part is {text} | {file: {mediaType?, data? | url?}} | {call: {id?, name, arguments}}
            | {answered: {id?, content, name?, isError?: true}}

A member that is not there is None, false or empty. What JSON has no word for is written as
:func:`harness.protocol.events.worded` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from harness.errors import InputError
from harness.protocol.events import revived, worded
from harness.protocol.messages import Answered, Call, File, ModelRequest, Part, Role, Text, ToolOffer, Turn

_ROLES: tuple[Role, ...] = get_args(Role)


def request_json(request: ModelRequest) -> dict[str, Any]:
    """Return the JSON of what a model was asked."""
    return _there(
        model=request.model,
        turns=turns_json(request.turns),
        tools=[
            _there(name=tool.name, description=tool.description, schema=worded(tool.schema)) for tool in request.tools
        ],
        toolChoice=request.tool_choice,
        temperature=worded(request.temperature),
        maxTokens=worded(request.max_tokens),
        topP=worded(request.top_p),
        schema=worded(request.schema),
        json=request.json or None,
        stream=request.stream or None,
        extra=worded(dict(request.extra)) or None,
    )


def request_of(value: Any) -> ModelRequest:
    """Return what a model was asked, read from its JSON; raises :class:`InputError` naming the member that is wrong."""
    asked = _object(value, "asked")
    return ModelRequest(
        model=_text(asked, "model"),
        turns=turns_in(_list(asked, "turns")),
        tools=tuple(_tool(_object(tool, "a tool")) for tool in _list(asked, "tools")),
        tool_choice=_text(asked, "toolChoice"),
        temperature=_number(asked, "temperature"),
        max_tokens=_number(asked, "maxTokens"),
        top_p=_number(asked, "topP"),
        schema=revived(asked.get("schema")),
        json=_flag(asked, "json"),
        stream=_flag(asked, "stream"),
        extra=revived(_object(asked.get("extra", {}), "extra")),
    )


def turns_json(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    """Return the JSON of turns."""
    return [{"role": turn.role, "parts": [_part_json(part) for part in turn.parts]} for turn in turns]


def turns_in(values: Iterable[Any]) -> tuple[Turn, ...]:
    """Return the turns that stand in a JSON list; raises :class:`InputError` naming the member that is wrong."""
    return tuple(_turn(turn) for turn in values)


def _part_json(part: Part) -> dict[str, Any]:
    match part:
        case Text(text):
            return {"text": text}
        case File(media_type, data, url):
            return {"file": _there(mediaType=media_type, data=data, url=url)}
        case Call(id_, name, arguments):
            return {"call": _there(id=id_, name=name, arguments=arguments)}
        case Answered(id_, content, name, is_error):
            return {"answered": _there(id=id_, content=content, name=name, isError=is_error or None)}


def _turn(value: Any) -> Turn:
    turn = _object(value, "a turn")
    role = turn.get("role")
    if role not in _ROLES:
        raise InputError(f'the "role" of a turn is one of {", ".join(_ROLES)}; seen: {role!r:.80}')
    return Turn(role, tuple(_part(_object(part, "a part")) for part in _list(turn, "parts")))


def _part(part: Mapping[str, Any]) -> Part:
    if "text" in part:
        return Text(_needed(part, "text"))
    if "file" in part:
        file = _object(part["file"], "file")
        return File(_text(file, "mediaType"), _text(file, "data"), _text(file, "url"))
    if "call" in part:
        call = _object(part["call"], "call")
        return Call(_text(call, "id"), _needed(call, "name"), _needed(call, "arguments"))
    if "answered" in part:
        answered = _object(part["answered"], "answered")
        content = _needed(answered, "content")
        return Answered(_text(answered, "id"), content, _text(answered, "name"), _flag(answered, "isError"))
    raise InputError(f'a part has "text", "file", "call" or "answered"; seen: {part!r:.80}')


def _tool(tool: Mapping[str, Any]) -> ToolOffer:
    return ToolOffer(_needed(tool, "name"), _text(tool, "description"), revived(tool.get("schema")))


def _there(**members: Any) -> dict[str, Any]:
    return {key: value for key, value in members.items() if value is not None}


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f'"{name}" is an object; seen: {value!r:.80}')
    return value


def _list(holder: Mapping[str, Any], key: str) -> list[Any]:
    value = holder.get(key, [])
    if not isinstance(value, list):
        raise InputError(f'"{key}" is a list; seen: {value!r:.80}')
    return value


def _text(holder: Mapping[str, Any], key: str) -> str | None:
    value = holder.get(key)
    if not (value is None or isinstance(value, str)):
        raise InputError(f'"{key}" is a text; seen: {value!r:.80}')
    return value


def _needed(holder: Mapping[str, Any], key: str) -> str:
    text = _text(holder, key)
    if text is None:
        raise InputError(f'"{key}" is missing')
    return text


def _number(holder: Mapping[str, Any], key: str) -> int | float | None:
    value: int | float | None = revived(holder.get(key))
    if not (value is None or type(value) in {int, float}):
        raise InputError(f'"{key}" is a number; seen: {value!r:.80}')
    return value


def _flag(holder: Mapping[str, Any], key: str) -> bool:
    value = holder.get(key, False)
    if not isinstance(value, bool):
        raise InputError(f'"{key}" is true or false; seen: {value!r:.80}')
    return value
