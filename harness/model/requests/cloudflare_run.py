"""A request in the words of Cloudflare Workers AI's ``/ai/run/MODEL``, which is close to Chat Completions.

Its schemas want more: content that is never null, a description and parameters for every tool, and images as base64
only. A schema of the answer stands bare in ``json_schema``. No tool can be forced but the only one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from harness.errors import InputError
from harness.model.requests.ask import Ask, Choice, Offer
from harness.model.requests.attachments import Attached
from harness.model.requests.json_writing import exact_text
from harness.model.requests.prompt import Called, Message, Returned, Said
from harness.model.requests.spoken import files_of
from harness.model.router import Route

_WIRE = "cloudflare-run"


def cloudflare_path(route: Route, *, stream: bool) -> str:  # noqa: ARG001 - the body says whether to stream
    """Return the path behind the base URL, which ends in ``/ai``; the model's name has parts of its own."""
    return f"/run/{quote(route.model_name, safe='/@')}"


def cloudflare_body(ask: Ask, route: Route, *, stream: bool) -> dict[str, Any]:  # noqa: ARG001 - the path names it
    """Return the body; raises :class:`InputError` for files and for a choice that the wire has no words for."""
    body: dict[str, Any] = {"messages": [written for message in ask.messages for written in _messages(message)]}
    if ask.tools:
        body["tools"] = [_tool(tool) for tool in ask.tools]
    if ask.choice is not None:
        body["tool_choice"] = _choice(ask.choice, ask.tools)
    limits = {"max_tokens": ask.max_tokens, "temperature": ask.temperature, "top_p": ask.top_p}
    body |= {name: value for name, value in limits.items() if value is not None}
    if ask.answer is not None:
        body["response_format"] = (
            {"type": "json_object"}
            if ask.answer.schema is None
            else {"type": "json_schema", "json_schema": ask.answer.schema}
        )
    return {**body, **({"stream": True} if stream else {})}


def _messages(message: Message) -> Iterator[dict[str, Any]]:
    if message.role == "tool":
        for part in message.parts:
            if isinstance(part, Returned):
                named = {"name": part.name} if part.name else {}
                yield {"role": "tool", "tool_call_id": part.id, **named, "content": part.text}
        return
    if message.role == "assistant" and (files := files_of((message,))):
        raise files[0].refused(_WIRE, "no files in what the assistant said")
    calls = [_call(part) for part in message.parts if isinstance(part, Called)]
    spoken = [part for part in message.parts if isinstance(part, Said | Attached)]
    yield {"role": message.role, "content": _content(spoken), **({"tool_calls": calls} if calls else {})}


def _content(parts: list[Said | Attached]) -> str | list[dict[str, Any]]:
    match parts:
        case []:
            return ""
        case [Said(text)]:
            return text
    return [_content_part(part) for part in parts]


def _content_part(part: Said | Attached) -> dict[str, Any]:
    if isinstance(part, Said):
        return {"type": "text", "text": part.text}
    if part.kind != "image" or part.data is None:
        raise part.refused(_WIRE, "images as base64")
    return {"type": "image_url", "image_url": {"url": part.data_uri}}


def _call(call: Called) -> dict[str, Any]:
    function = {"name": call.name, "arguments": exact_text(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def _tool(tool: Offer) -> dict[str, Any]:
    schema = {"type": "object", "properties": {}} if tool.schema is None else tool.schema
    function = {"name": tool.name, "description": tool.description or "", "parameters": schema}
    return {"type": "function", "function": function}


def _choice(choice: Choice, tools: tuple[Offer, ...]) -> str:
    """Return the choice; a tool is forced by requiring a call where there is no other tool."""
    if choice.kind != "tool":
        return choice.kind
    if len(tools) > 1:
        raise InputError(f"{_WIRE} has no words to force {choice.name!r:.80} among several tools")
    return "required"
