"""A request in the words of OpenAI's Responses API.

System prompts are input items and not ``instructions``: that member holds one text, which is always the first, so
several prompts, or one between two messages, would lose their borders or their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from harness.model.requests.ask import AnswerFormat, Ask, Choice, Offer
from harness.model.requests.attachments import Attached
from harness.model.requests.json_writing import exact_text
from harness.model.requests.openai_words import name_of_document, named_schema
from harness.model.requests.prompt import Called, Message, Part, Returned, Said
from harness.model.router import Route

_TAKES = "images and documents"


def responses_body(ask: Ask, route: Route, *, stream: bool) -> dict[str, Any]:
    """Return the body for ``/responses``; raises :class:`InputError` for a file that the wire cannot carry."""
    body: dict[str, Any] = {
        "model": route.model_name,
        "input": [item for message in ask.messages for item in _items(message)],
    }
    if ask.tools:
        body["tools"] = [_tool(tool) for tool in ask.tools]
    if ask.choice is not None:
        body["tool_choice"] = _tool_choice(ask.choice)
    if ask.max_tokens is not None:
        body["max_output_tokens"] = ask.max_tokens
    if ask.temperature is not None:
        body["temperature"] = ask.temperature
    if ask.top_p is not None:
        body["top_p"] = ask.top_p
    if ask.answer is not None:
        body["text"] = {"format": _format(ask.answer)}
    if stream:
        body["stream"] = True
    return body


def _items(message: Message) -> Iterator[dict[str, Any]]:
    if message.role == "tool":
        for part in message.parts:
            if isinstance(part, Returned):
                yield {"type": "function_call_output", "call_id": part.id, "output": part.text}
    elif message.role == "assistant":
        yield from _assistant_items(message)
    else:
        yield {"role": message.role, "content": [_input_part(part) for part in _spoken(message.parts)]}


def _assistant_items(message: Message) -> Iterator[dict[str, Any]]:
    """Yield texts and calls in the order in which they were said: here a call is an item of its own."""
    for are_calls, parts in groupby(message.parts, key=lambda part: isinstance(part, Called)):
        if are_calls:
            yield from (_call(part) for part in parts if isinstance(part, Called))
        else:
            yield {"role": "assistant", "content": [_output_part(part) for part in _spoken(parts)]}


def _spoken(parts: Iterable[Part]) -> list[Said | Attached]:
    return [part for part in parts if isinstance(part, Said | Attached)]


def _input_part(part: Said | Attached) -> dict[str, Any]:
    if isinstance(part, Said):
        return {"type": "input_text", "text": part.text}
    if part.kind == "image":
        return {"type": "input_image", "image_url": part.url or part.data_uri}
    if part.kind != "document":
        raise part.refused("openai-responses", _TAKES)
    if part.url is not None:
        return {"type": "input_file", "file_url": part.url}
    return {"type": "input_file", "filename": name_of_document(part), "file_data": part.data_uri}


def _output_part(part: Said | Attached) -> dict[str, Any]:
    if isinstance(part, Said):
        return {"type": "output_text", "text": part.text}
    raise part.refused("openai-responses", "no files in what the assistant said")


def _call(call: Called) -> dict[str, Any]:
    return {
        "type": "function_call",
        "call_id": call.id,
        "name": call.name,
        "arguments": exact_text(call.arguments),
    }


def _tool(tool: Offer) -> dict[str, Any]:
    """Return a tool; ``strict`` is on where nothing is said, and refuses every schema with an optional property."""
    described = {} if tool.description is None else {"description": tool.description}
    schema = {"type": "object", "properties": {}} if tool.schema is None else tool.schema
    return {"type": "function", "name": tool.name, **described, "parameters": schema, "strict": False}


def _tool_choice(choice: Choice) -> str | dict[str, Any]:
    return {"type": "function", "name": choice.name} if choice.kind == "tool" else choice.kind


def _format(answer: AnswerFormat) -> dict[str, Any]:
    if answer.schema is None:
        return {"type": "json_object"}
    return {"type": "json_schema", **named_schema(answer)}
