"""A request in the words of Ollama's own two APIs: ``/api/chat``, and ``/api/generate`` for one prompt.

A message holds one text and, beside it, images; so what a person says in several parts is sent in several messages of
one role, in the same order. Limits stand in ``options``, below the names of llama.cpp.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.errors import InputError
from harness.model.requests.ask import Ask, Offer
from harness.model.requests.attachments import Attached
from harness.model.requests.prompt import Called, Message, Returned, Said
from harness.model.requests.spoken import files_of, text_of, without_tools
from harness.model.requests.turns import system_apart
from harness.model.router import Route

_CHAT, _GENERATE = "ollama-chat", "ollama-generate"


def ollama_chat_body(ask: Ask, route: Route, *, stream: bool) -> dict[str, Any]:
    """Return the body for ``/api/chat``.

    Raises :class:`InputError` for files that are no images as base64, and for a choice among tools: this API has no
    word for any, and ``auto`` is what it does.
    """
    if ask.choice is not None and ask.choice.kind != "auto":
        raise InputError(f"{_CHAT} has no words for the tool choice {ask.choice.kind!r}; the model always chooses")
    body: dict[str, Any] = {
        "model": route.model_name,
        "messages": [written for message in ask.messages for written in _messages(message)],
    }
    if ask.tools:
        body["tools"] = [_tool(tool) for tool in ask.tools]
    return {**body, **_settings(ask, stream=stream)}


def ollama_generate_body(ask: Ask, route: Route, *, stream: bool) -> dict[str, Any]:
    """Return the body for ``/api/generate``.

    It takes system prompts, which are joined by line ends (§12.5), and what the user says at one time. Raises
    :class:`InputError` for a conversation and for tools, which are ``/api/chat``'s, for files as above, and for a user
    who says nothing, since that would only load the model.
    """
    without_tools(ask, _GENERATE)
    prompts, messages = system_apart(ask.messages, _GENERATE)
    if len(messages) != 1 or messages[0].role != "user":
        raise InputError(f"{messages[-1].place}: {_GENERATE} takes one prompt and no conversation; ask by {_CHAT}")
    prompt, images = text_of(messages[0]), _images(files_of(messages), _GENERATE)
    if not (prompt or images):
        raise InputError(f"{messages[0].place}: {_GENERATE} takes an empty prompt for the wish to load the model")
    return {
        "model": route.model_name,
        "prompt": prompt,
        **({"images": images} if images else {}),
        **({"system": "\n".join(prompts)} if prompts else {}),
        **_settings(ask, stream=stream),
    }


def _settings(ask: Ask, *, stream: bool) -> dict[str, Any]:
    """Return what both APIs say alike; whether to stream is always said, for they stream unless told not to."""
    limits = {"temperature": ask.temperature, "top_p": ask.top_p, "num_predict": ask.max_tokens}
    options = {name: value for name, value in limits.items() if value is not None}
    form = {} if ask.answer is None else {"format": "json" if ask.answer.schema is None else ask.answer.schema}
    return {"stream": stream, **form, **({"options": options} if options else {})}


def _messages(message: Message) -> Iterator[dict[str, Any]]:
    if message.role == "tool":
        for part in message.parts:
            if isinstance(part, Returned):
                yield _result(part)
        return
    if message.role == "assistant" and (files := files_of((message,))):
        raise files[0].refused(_CHAT, "no files in what the assistant said")
    calls = [_call(part) for part in message.parts if isinstance(part, Called)]
    spoken = [part for part in message.parts if isinstance(part, Said | Attached) and part != Said("")]
    runs = list(_runs(spoken)) or [("", [])]
    for place, (text, files) in enumerate(runs, 1):
        yield {
            "role": message.role,
            "content": text,
            **({"images": _images(files, _CHAT)} if files else {}),
            **({"tool_calls": calls} if calls and place == len(runs) else {}),
        }


def _runs(parts: list[Said | Attached]) -> Iterator[tuple[str, list[Attached]]]:
    """Yield each text with the files that follow it; files before any text stand beside an empty one."""
    text, files = "", []
    for part in parts:
        if isinstance(part, Attached):
            files.append(part)
            continue
        if text or files:
            yield text, files
        text, files = part.text, []
    if text or files:
        yield text, files


def _images(files: list[Attached], wire: str) -> list[str]:
    for file in files:
        if file.kind != "image" or file.data is None:
            raise file.refused(wire, "images as base64")
    return [file.data for file in files if file.data is not None]


def _call(call: Called) -> dict[str, Any]:
    return {"id": call.id, "function": {"name": call.name, "arguments": call.arguments}}


def _result(result: Returned) -> dict[str, Any]:
    """Return a result, by its tool's name for servers before 0.12.10 and by its call's id for those since."""
    named = {"tool_name": result.name} if result.name else {}
    return {"role": "tool", "content": result.text, **named, "tool_call_id": result.id}


def _tool(tool: Offer) -> dict[str, Any]:
    described = {} if tool.description is None else {"description": tool.description}
    schema = {"type": "object", "properties": {}} if tool.schema is None else tool.schema
    return {"type": "function", "function": {"name": tool.name, **described, "parameters": schema}}
