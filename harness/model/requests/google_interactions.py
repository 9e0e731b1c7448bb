"""A request in the words of Google's Interactions API.

A conversation is sent whole, as steps: what one side says, a call, a result each are one. So an interaction that Google
keeps is never continued here (``previous_interaction_id`` is a provider option).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from harness.model.requests.ask import AnswerFormat, Ask, Choice, Offer
from harness.model.requests.attachments import Attached
from harness.model.requests.prompt import Called, Message, Part, Returned, Said
from harness.model.requests.turns import Block, system_apart
from harness.model.router import Route

_WIRE = "google-interactions"
_MODES = {"auto": "auto", "none": "none", "required": "any"}


def interactions_body(ask: Ask, route: Route, *, stream: bool) -> dict[str, Any]:
    """Return the body for ``/interactions``; raises :class:`InputError` for what the wire cannot carry."""
    prompts, messages = system_apart(ask.messages, _WIRE)
    body: dict[str, Any] = {
        "model": route.model_name,
        "input": [step for message in messages for step in _steps(message)],
    }
    if prompts:
        body["system_instruction"] = "\n".join(prompts)
    if ask.tools:
        body["tools"] = [_tool(tool) for tool in ask.tools]
    if config := _generation(ask):
        body["generation_config"] = config
    if ask.answer is not None:
        body["response_format"] = _response_format(ask.answer)
    if stream:
        body["stream"] = True
    return body


def _steps(message: Message) -> Iterator[Block]:
    """Yield the steps of a message: calls and results stand alone, and what stands between them is said at once."""
    kind = "model_output" if message.role == "assistant" else "user_input"
    for is_said, group in groupby(message.parts, key=lambda part: isinstance(part, Said | Attached)):
        parts = list(group)
        if is_said:
            spoken = [part for part in parts if part != Said("")] or (
                [Said("")] if parts == list(message.parts) else []
            )
            if spoken:
                yield {"type": kind, "content": [_content(part) for part in spoken]}
            continue
        yield from map(_content, parts)


def _content(part: Part) -> Block:
    match part:
        case Said(text):
            return {"type": "text", "text": text}
        case Called():
            return {"type": "function_call", "id": part.id, "name": part.name, "arguments": part.arguments}
        case Returned():
            named = {"name": part.name} if part.name else {}
            failed = {"is_error": True} if part.is_error else {}
            result = part.value if isinstance(part.value, dict) else part.text
            return {"type": "function_result", "call_id": part.id, **named, "result": result, **failed}
        case Attached():
            return _file(part)


def _file(file: Attached) -> Block:
    media_type = {} if file.media_type.endswith("/*") else {"mime_type": file.media_type}
    where = {"data": file.data} if file.url is None else {"uri": file.url}
    return {"type": file.kind, **where, **media_type}


def _tool(tool: Offer) -> Block:
    described = {} if tool.description is None else {"description": tool.description}
    given = {} if tool.schema is None else {"parameters": tool.schema}
    return {"type": "function", "name": tool.name, **described, **given}


def _generation(ask: Ask) -> dict[str, Any]:
    limits = {"temperature": ask.temperature, "top_p": ask.top_p, "max_output_tokens": ask.max_tokens}
    config: dict[str, Any] = {name: value for name, value in limits.items() if value is not None}
    if ask.choice is not None:
        config["tool_choice"] = _tool_choice(ask.choice)
    return config


def _tool_choice(choice: Choice) -> str | Block:
    if choice.kind == "tool":
        return {"allowed_tools": {"mode": "any", "tools": [choice.name]}}
    return _MODES[choice.kind]


def _response_format(answer: AnswerFormat) -> Block:
    schema = {} if answer.schema is None else {"schema": answer.schema}
    return {"type": "text", "mime_type": "application/json", **schema}
