"""A request in the words of Anthropic's Messages API.

An answer's schema has no form here: §14.8 asks Anthropic by a forced tool, which the adapter offers as any other. So a
``responseFormat`` is refused; to leave it out in silence would give free text to a caller who waits for JSON. Newer
models take a schema as ``output_config``, which is a provider option.
"""

from __future__ import annotations

import base64
from typing import Any

from harness.errors import InputError
from harness.model.requests.ask import Ask, Choice, Offer
from harness.model.requests.attachments import Attached
from harness.model.requests.prompt import Called, Part, Returned, Said
from harness.model.requests.turns import Block, Side, alternating, system_apart
from harness.model.router import Route

DEFAULT_MAX_TOKENS = 4096
"""The limit where the caller sets none: the API demands one, and this is the highest that every Claude model takes."""

_WIRE = "anthropic-messages"
_TAKES = "images, PDFs, and text/plain as base64"


def anthropic_body(ask: Ask, route: Route, *, stream: bool) -> dict[str, Any]:
    """Return the body for ``/messages``; raises :class:`InputError` for what the wire cannot carry."""
    if ask.answer is not None:
        raise InputError(f"responseFormat: {_WIRE} has none; offer a tool with the schema and force it")
    prompts, messages = system_apart(ask.messages, _WIRE)
    body: dict[str, Any] = {
        "model": route.model_name,
        "max_tokens": DEFAULT_MAX_TOKENS if ask.max_tokens is None else ask.max_tokens,
    }
    if prompts:
        body["system"] = [{"type": "text", "text": prompt} for prompt in prompts]
    body["messages"] = [
        {"role": side, "content": _results_first(blocks)} for side, blocks in alternating(messages, _block)
    ]
    if ask.tools:
        body["tools"] = [_tool(tool) for tool in ask.tools]
    if ask.choice is not None:
        body["tool_choice"] = _tool_choice(ask.choice)
    if ask.temperature is not None:
        body["temperature"] = ask.temperature
    if ask.top_p is not None:
        body["top_p"] = ask.top_p
    if stream:
        body["stream"] = True
    return body


def _results_first(blocks: list[Block]) -> list[Block]:
    """Put tool results before all else of their turn: the API refuses them behind a text."""
    return sorted(blocks, key=lambda block: block["type"] != "tool_result")


def _block(part: Part, side: Side) -> Block:
    match part:
        case Said(text):
            return {"type": "text", "text": text}
        case Called():
            return {"type": "tool_use", "id": part.id, "name": part.name, "input": part.arguments}
        case Returned():
            failed = {"is_error": True} if part.is_error else {}
            return {"type": "tool_result", "tool_use_id": part.id, "content": part.text, **failed}
        case Attached() if side == "assistant":
            raise part.refused(_WIRE, "no files in what the assistant said")
        case Attached():
            return _file(part)


def _file(file: Attached) -> Block:
    if file.kind == "image":
        return {"type": "image", "source": _source(file)}
    if file.media_type == "application/pdf":
        return {"type": "document", "source": _source(file), **_title(file)}
    if file.media_type == "text/plain" and file.data is not None:
        source = {"type": "text", "media_type": "text/plain", "data": _decoded(file, file.data)}
        return {"type": "document", "source": source, **_title(file)}
    raise file.refused(_WIRE, _TAKES)


def _source(file: Attached) -> Block:
    if file.url is not None:
        return {"type": "url", "url": file.url}
    return {"type": "base64", "media_type": file.media_type, "data": file.data}


def _title(file: Attached) -> Block:
    return {} if file.filename is None else {"title": file.filename}


def _decoded(file: Attached, data: str) -> str:
    """Return the text inside base64; this wire takes a plain text as text."""
    try:
        return base64.b64decode(data).decode()
    except ValueError:
        raise InputError(f"{file.place}.data is no base64 of a UTF-8 text, which {file.media_type} asks for") from None


def _tool(tool: Offer) -> Block:
    described = {} if tool.description is None else {"description": tool.description}
    schema = {"type": "object", "properties": {}} if tool.schema is None else tool.schema
    return {"name": tool.name, **described, "input_schema": schema}


def _tool_choice(choice: Choice) -> Block:
    match choice.kind:
        case "tool":
            return {"type": "tool", "name": choice.name}
        case "required":
            return {"type": "any"}
    return {"type": choice.kind}
