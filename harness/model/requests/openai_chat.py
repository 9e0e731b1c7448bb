"""A request in the words of OpenAI's Chat Completions, which most other providers speak too.

A message that is one text is sent as text and not as a list of one part: several compatible servers know no lists.
Texts of one assistant message stand before its calls; the wire has no other order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from harness.model.requests.ask import AnswerFormat, Ask, Choice, Offer
from harness.model.requests.attachments import Attached
from harness.model.requests.json_writing import exact_text
from harness.model.requests.openai_words import name_of_document, named_schema
from harness.model.requests.prompt import Called, Message, Returned, Said
from harness.model.router import Route

_TAKES = "images, wav and mp3 as base64, and documents as base64"
_SOUNDS = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/vnd.wave": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
}


def chat_body(ask: Ask, route: Route, *, stream: bool) -> dict[str, Any]:
    """Return the body for ``/chat/completions``; raises :class:`InputError` for a file that the wire cannot carry."""
    body: dict[str, Any] = {
        "model": route.model_name,
        "messages": [written for message in ask.messages for written in _messages(message)],
    }
    if ask.tools:
        body["tools"] = [_tool(tool) for tool in ask.tools]
    if ask.choice is not None:
        body["tool_choice"] = _tool_choice(ask.choice)
    if ask.max_tokens is not None:
        body[route.limit_name] = ask.max_tokens
    if ask.temperature is not None:
        body["temperature"] = ask.temperature
    if ask.top_p is not None:
        body["top_p"] = ask.top_p
    if ask.answer is not None:
        body["response_format"] = _response_format(ask.answer)
    if stream:
        body["stream"] = True
        if route.asks_for_usage:
            body["stream_options"] = {"include_usage": True}
    return body


def chat_path(route: Route, *, stream: bool) -> str:  # noqa: ARG001 - the same path for both
    """Return the path behind the base URL: of the API, or of a deployment on Azure."""
    if route.api_version is None:
        return "/chat/completions"
    return f"/deployments/{quote(route.model_name, safe='')}/chat/completions?api-version={route.api_version}"


def _messages(message: Message) -> Iterator[dict[str, Any]]:
    if message.role == "tool":
        for part in message.parts:
            if isinstance(part, Returned):
                yield {"role": "tool", "tool_call_id": part.id, "content": part.text}
        return
    calls = [_call(part) for part in message.parts if isinstance(part, Called)]
    spoken = [part for part in message.parts if isinstance(part, Said | Attached)]
    if message.role == "assistant" and (files := [part for part in spoken if isinstance(part, Attached)]):
        raise files[0].refused("openai-chat", "no files in what the assistant said")
    yield {
        "role": message.role,
        "content": _content(spoken) if spoken else None,
        **({"tool_calls": calls} if calls else {}),
    }


def _content(parts: list[Said | Attached]) -> str | list[dict[str, Any]]:
    match parts:
        case [Said(text)]:
            return text
    return [_content_part(part) for part in parts]


def _content_part(part: Said | Attached) -> dict[str, Any]:
    if isinstance(part, Said):
        return {"type": "text", "text": part.text}
    if part.kind == "image":
        return {"type": "image_url", "image_url": {"url": part.url or part.data_uri}}
    if part.data is None:
        raise part.refused("openai-chat", _TAKES)
    if part.media_type in _SOUNDS:
        return {"type": "input_audio", "input_audio": {"data": part.data, "format": _SOUNDS[part.media_type]}}
    if part.kind == "document":
        return {"type": "file", "file": {"filename": name_of_document(part), "file_data": part.data_uri}}
    raise part.refused("openai-chat", _TAKES)


def _call(call: Called) -> dict[str, Any]:
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": exact_text(call.arguments)},
    }


def _tool(tool: Offer) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.schema is not None:
        function["parameters"] = tool.schema
    return {"type": "function", "function": function}


def _tool_choice(choice: Choice) -> str | dict[str, Any]:
    if choice.kind == "tool":
        return {"type": "function", "function": {"name": choice.name}}
    return choice.kind


def _response_format(answer: AnswerFormat) -> dict[str, Any]:
    if answer.schema is None:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": named_schema(answer)}
