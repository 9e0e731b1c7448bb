"""Messages: TanStack's → AI SDK V2's prompt, with nothing lost, doubled or moved (§4, §11.1, R30, R31).

§11.1 writes one assistant message per call, the text last, and arguments as text. We write one message per turn, its
text and files first and then its calls, with parsed arguments, since providers refuse a call whose result does not
follow at once, and the SDK would encode the text once more (ledger A6, A7, A8, A10). Consecutive assistant messages are
one turn, and so are consecutive tool messages; what a user said at two times stays two messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness.errors import InputError
from harness.protocol.exact_json import faithful, plain
from harness.reference.arguments import MalformedArguments, parse_tool_arguments
from harness.reference.files import KINDS, file_part, quoted
from harness.reference.stringified import stringified
from harness.reference.tools import ToolNames

_UNKNOWN_TOOL = "unknown"
_Parts = list[dict[str, Any]]


def convert_to_ai_sdk_messages(
    messages: Iterable[Mapping[str, Any]], names: ToolNames | None = None
) -> list[dict[str, Any]]:
    """Return TanStack ``ModelMessage`` objects as the ``prompt`` of V2's call options.

    The shapes are in :mod:`harness.protocol.language_model`. ``names`` are what tools are called toward the provider;
    without it they keep their names. Null content, or ``""``, is one empty text part where the message would else have
    no part (R31). A tool's output is text; other content becomes its JSON text (§4). Raises :class:`InputError`, which
    names the place, for an unknown role or part type, a file without a media type, a call or result without its id or
    name, and for arguments that are no JSON object: V2 has no form for them, and ``{}`` in their place would be a call
    that nobody made (R9).
    """
    if not isinstance(messages, Iterable) or isinstance(messages, str | bytes | Mapping):
        raise InputError(f"messages are a list, and not a {type(messages).__name__}")
    names = names or ToolNames()
    called: dict[str, str] = {}
    prompt: list[dict[str, Any]] = []
    for number, message in enumerate(messages):
        place = f"messages[{number}]"
        if not isinstance(message, Mapping):
            raise InputError(f"{place} is no object")
        match message.get("role"):
            case "system":
                prompt.append({"role": "system", "content": _only_text(message.get("content"), place)})
            case "user":
                prompt.append({"role": "user", "content": _said(message, place) or [_text("")]})
            case "assistant":
                calls = list(_calls(message, place, called, names))
                _join(prompt, "assistant", _said(message, place) + calls or [_text("")])
            case "tool":
                _join(prompt, "tool", [_result(message, place, called, names)])
            case role:
                known = "system, user, assistant and tool"
                raise InputError(f"{place} has the unknown role {quoted(role)}; there are {known}")
    return prompt


def _join(prompt: list[dict[str, Any]], role: str, parts: _Parts) -> None:
    """Add to the turn that is being told, or begin one; within a turn calls stand behind all else (ledger A10)."""
    before: _Parts = prompt.pop()["content"] if prompt and prompt[-1]["role"] == role else []
    content = before + parts
    prompt.append({"role": role, "content": sorted(content, key=_is_call)})


def _is_call(part: Mapping[str, object]) -> bool:
    return part["type"] == "tool-call"


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _said(message: Mapping[str, Any], place: str) -> _Parts:
    """Return the texts and files of a message; none for null and for ``""``."""
    content = message.get("content")
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [_text(content)]
    if not isinstance(content, list | tuple):
        raise InputError(f"{place}: its content is a {type(content).__name__}; it is text, null, or a list of parts")
    return [_part(part, f"{place}.content[{number}]") for number, part in enumerate(content)]


def _part(part: object, place: str) -> dict[str, Any]:
    kind = part.get("type") if isinstance(part, Mapping) else None
    if not isinstance(part, Mapping) or not isinstance(kind, str):
        raise InputError(f"{place} is no part: it has no type")
    if kind == "text":
        if not isinstance(text := part.get("content"), str):
            raise InputError(f"{place}: a text part has its text in content")
        return _text(text)
    if kind in KINDS:
        return file_part(part, place)
    raise InputError(f"{place} has the unknown type {kind!r}; there are text, {', '.join(sorted(KINDS))}")


def _only_text(content: object, place: str) -> str:
    parts = _said({"content": content}, place)
    if any(part["type"] != "text" for part in parts):
        raise InputError(f"{place}: a system message holds text and no file")
    return "".join(part["text"] for part in parts)


def _calls(
    message: Mapping[str, Any], place: str, called: dict[str, str], names: ToolNames
) -> Iterator[dict[str, Any]]:
    """Yield the calls of an assistant message, and remember under ``called`` which tool each id names."""
    calls = message.get("toolCalls")
    if calls is None:
        return
    if not isinstance(calls, list | tuple):
        raise InputError(f"{place}: its toolCalls are no list")
    for number, call in enumerate(calls):
        where = f"{place}.toolCalls[{number}]"
        function = call.get("function") if isinstance(call, Mapping) else None
        if not isinstance(call, Mapping) or not isinstance(function, Mapping):
            raise InputError(f"{where} has no function")
        id_, name = call.get("id"), function.get("name")
        if not isinstance(id_, str) or not id_:
            raise InputError(f"{where} has no id")
        if not isinstance(name, str) or not name:
            raise InputError(f"{where} ({id_}) does not name its tool")
        called[id_] = name
        arguments = _object(function.get("arguments"), f"{where} ({name}, {id_})")
        yield {"type": "tool-call", "toolCallId": id_, "toolName": names.sent(name), "input": arguments}


def _object(given: object, where: str) -> Any:
    """Return arguments as an object: keys keep their order, blank text is ``{}`` (R8), and numbers their value.

    A fraction that no double can hold is a ``Decimal``.
    """
    arguments = parse_tool_arguments(given)
    if isinstance(arguments, MalformedArguments):
        raise InputError(f"{where}: its arguments are no JSON object: {arguments.error}")
    try:
        return faithful(arguments.text)
    except ValueError as error:
        raise InputError(f"{where}: its arguments cannot be read: {error}") from None


def _result(message: Mapping[str, Any], place: str, called: Mapping[str, str], names: ToolNames) -> dict[str, Any]:
    """Return a tool's answer; V2 wants the tool's name, which TanStack tells only at the call.

    Where the call is not in the conversation, because an application cut it off, the tool is called ``unknown``, or
    what the message itself calls it: the provider decides what an answer without a call is worth.
    """
    id_, own = message.get("toolCallId"), message.get("name")
    if not isinstance(id_, str) or not id_:
        raise InputError(f"{place}: a tool message names its call in toolCallId")
    name = called.get(id_) or (own if isinstance(own, str) and own else _UNKNOWN_TOOL)
    return {
        "type": "tool-result",
        "toolCallId": id_,
        "toolName": names.sent(name),
        "output": _output(message.get("content"), place),
    }


def _output(content: object, place: str) -> dict[str, Any]:
    if content is None:
        return {"type": "text", "value": ""}
    try:
        text = content if isinstance(content, str) else stringified(content)
    except ValueError as error:
        raise InputError(f"{place}: its content cannot be written as JSON: {error}") from None
    return {"type": "error-text" if _tells_of_failure(text) else "text", "value": text}


def _tells_of_failure(text: str) -> bool:
    """Tell whether a result is ``{"error": …}`` and nothing else, TanStack's only mark of a failed or declined tool.

    The text stays the same; providers with a flag for failures (Anthropic) are told by it. With other members, or with
    null, it may be an answer like any other.
    """
    if not text.lstrip().startswith("{"):
        return False
    try:
        value = plain(text)
    except ValueError:
        return False
    return isinstance(value, dict) and value.keys() == {"error"} and value["error"] is not None
