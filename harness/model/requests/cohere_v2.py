"""A request in the words of Cohere's Chat API, version 2.

It looks like Chat Completions and has words of its own for the choice of tools and for limits. Nobody but the model can
choose among several tools: a forced one can only be said where it is the only one.
"""

from __future__ import annotations

from typing import Any

from harness.errors import InputError
from harness.model.requests.ask import AnswerFormat, Ask, Offer
from harness.model.requests.attachments import Attached
from harness.model.requests.json_writing import exact_text
from harness.model.requests.prompt import Called, Message, Returned, Said
from harness.model.router import Route

_WIRE = "cohere-v2"
_TAKES = "images of the user's"


def cohere_v2_body(ask: Ask, route: Route, *, stream: bool) -> dict[str, Any]:
    """Return the body for ``/v2/chat``.

    Raises :class:`InputError` for files other than the user's images, and for a tool that is forced among others.
    """
    body: dict[str, Any] = {
        "model": route.model_name,
        "messages": [written for message in ask.messages for written in _messages(message)],
    }
    if ask.tools:
        body["tools"] = [_tool(tool) for tool in ask.tools]
    if choice := _tool_choice(ask):
        body["tool_choice"] = choice
    limits = {"max_tokens": ask.max_tokens, "temperature": ask.temperature, "p": ask.top_p}
    body |= {name: value for name, value in limits.items() if value is not None}
    if ask.answer is not None:
        body["response_format"] = _response_format(ask.answer)
    return body | ({"stream": True} if stream else {})


def _messages(message: Message) -> list[dict[str, Any]]:
    """Return a message; of results, a message for each."""
    returned = [part for part in message.parts if isinstance(part, Returned)]
    if returned:
        return [{"role": "tool", "tool_call_id": part.id, "content": part.text} for part in returned]
    spoken = [part for part in message.parts if isinstance(part, Said | Attached)]
    calls = [_call(part) for part in message.parts if isinstance(part, Called)]
    written: dict[str, Any] = {"role": message.role}
    if spoken:
        written["content"] = _content(spoken, message.role)
    return [written | ({"tool_calls": calls} if calls else {})]


def _content(parts: list[Said | Attached], role: str) -> str | list[dict[str, Any]]:
    match parts:
        case [Said(text)]:
            return text
    return [_part(part, role) for part in parts]


def _part(part: Said | Attached, role: str) -> dict[str, Any]:
    if isinstance(part, Said):
        return {"type": "text", "text": part.text}
    if part.kind != "image" or role != "user":
        raise part.refused(_WIRE, _TAKES)
    return {"type": "image_url", "image_url": {"url": part.url or part.data_uri}}


def _call(call: Called) -> dict[str, Any]:
    function = {"name": call.name, "arguments": exact_text(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def _tool(tool: Offer) -> dict[str, Any]:
    """Return a tool; its parameters may not be missing on this wire."""
    described = {} if tool.description is None else {"description": tool.description}
    parameters = {"type": "object", "properties": {}} if tool.schema is None else tool.schema
    return {"type": "function", "function": {"name": tool.name, **described, "parameters": parameters}}


def _tool_choice(ask: Ask) -> str | None:
    """Return the choice; a model that is told nothing is free to choose, which is all there is of ``auto``."""
    if ask.choice is None or ask.choice.kind == "auto":
        return None
    if ask.choice.kind == "tool" and len(ask.tools) > 1:
        raise InputError(
            f"toolChoice forces {ask.choice.name!r:.80} among other tools, which {_WIRE} has no word for: "
            "offer it alone, or require any of them"
        )
    return "NONE" if ask.choice.kind == "none" else "REQUIRED"


def _response_format(answer: AnswerFormat) -> dict[str, Any]:
    return {"type": "json_object"} | ({} if answer.schema is None else {"json_schema": answer.schema})
