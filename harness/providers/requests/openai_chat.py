"""Requests of OpenAI Chat Completions, and of all that copies it → the neutral form.

Beside what OpenAI documents, forms of others that speak this wire are read: ``image_url`` and ``input_audio`` as text
(Mistral), films, sounds and documents by URL (Mistral, OpenRouter, Alibaba), ``tool_choice: "any"`` (Mistral), a schema
beside the type of ``response_format`` (Together, llama.cpp), Azure's model in the path.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from harness.protocol.messages import Answered, Call, File, ModelRequest, Part, Text, ToolOffer, Turn
from harness.providers.requests.content import OPENAI_ROLES, answer_in, parts_in, raw_input
from harness.providers.requests.files import data_or_url, file_at, sound_at
from harness.providers.requests.member import Member, extra_of

_CHOICES = {"auto": "auto", "none": "none", "required": "required", "any": "required"}
_BY_URL = {"image_url": "image/*", "video_url": "video/*", "audio_url": "audio/*", "document_url": None}
_THOUGHTS = {"thinking", "redacted_thinking", "reasoning"}
_DEPLOYMENT = re.compile(r"/deployments/([^/?]+)/")
_TOLD = {
    "messages", "model", "tools", "functions", "function_call", "temperature", "top_p", "stream",
    "max_tokens", "max_completion_tokens", "tool_choice.type", "tool_choice.function", "tool_choice.custom",
    "response_format.type", "response_format.json_schema.schema", "response_format.schema",
}  # fmt: skip


def read_openai_chat(target: str, body: Member) -> ModelRequest:
    """Return what a body of ``/chat/completions`` asks (§4, R29); raises :class:`InputError` where that cannot be told.

    A call's ``arguments`` are the text that was sent, not proven to be JSON; a call without any has ``""``. Legacy
    ``function_call`` and ``function`` messages are calls and answers without ids. Content that is null says nothing,
    which only an assistant may. Thoughts that are sent back, file names and ``detail`` stand in ``extra``.
    """
    turns = tuple(_turn(message) for message in body.at("messages").each())
    offers = [_offer(tool) for tool in body.at("tools").each_if_there()]
    offers += [_function(function) for function in body.at("functions").each_if_there()]
    schema, is_json = _answer_format(body.at("response_format"))
    deployment = _DEPLOYMENT.search(target)
    return ModelRequest(
        model=body.at("model").text_or_none() or (unquote(deployment[1]) if deployment else None),
        turns=turns,
        tools=tuple(offers),
        tool_choice=_choice(body.at("tool_choice")) or _choice_of_functions(body.at("function_call")),
        temperature=body.at("temperature").number(),
        max_tokens=body.at("max_completion_tokens", "max_tokens").number(),
        top_p=body.at("top_p").number(),
        schema=schema,
        json=is_json,
        stream=body.at("stream").value is True,
        extra=extra_of(body, _TOLD),
    )


def _turn(message: Member) -> Turn:
    role, content = message.at("role"), message.at("content")
    if role.text() == "tool":
        return Turn("tool", (Answered(message.at("tool_call_id").word(), answer_in(content, _part)),))
    if role.text() == "function":
        return Turn("tool", (Answered(None, answer_in(content, _part), message.at("name").word()),))
    if role.text() not in OPENAI_ROLES:
        raise role.unknown()
    if role.text() != "assistant":
        return Turn(OPENAI_ROLES[role.text()], tuple(parts_in(content, _part)))
    parts = parts_in(content, _part) if content.is_there else []
    if (refusal := message.at("refusal")).is_there:
        parts.append(Text(refusal.text()))
    parts += [_call(call) for call in message.at("tool_calls").each_if_there()]
    if (legacy := message.at("function_call")).is_there:
        parts.append(Call(None, legacy.at("name").word(), legacy.at("arguments").text_or_none() or ""))
    return Turn("assistant", tuple(parts))


def _part(part: Member) -> list[Part]:
    kind = part.kind()
    if kind in {"text", "refusal"}:
        return [Text(part.at(kind).text())]
    if kind in _BY_URL:
        place = part.at(kind)
        if isinstance(place.value, str):
            return [file_at(place, _BY_URL[kind])]
        return [file_at(place.at("url"), _BY_URL[kind])]
    if kind == "input_audio":
        sound = part.at("input_audio")
        return [data_or_url(sound, "audio/*") if isinstance(sound.value, str) else sound_at(sound)]
    if kind == "file":
        return [_file(part.at("file"))]
    if kind in _THOUGHTS:
        part.put_aside()
        return []
    raise part.unknown()


def _file(given: Member) -> File:
    if (data := given.at("file_data")).is_there:
        return data_or_url(data, None)
    return File(None, url=given.at("file_id").word())


def _call(call: Member) -> Call:
    id_ = call.at("id").word()
    if call.kind() == "custom":
        custom = call.at("custom")
        return Call(id_, custom.at("name").word(), raw_input(custom.at("input")))
    function = call.at("function")
    return Call(id_, function.at("name").word(), function.at("arguments").text_or_none() or "")


def _offer(tool: Member) -> ToolOffer:
    kind = tool.kind()
    if kind in {"function", ""}:
        return _function(tool.at("function"))
    if kind == "custom":
        custom = tool.at("custom")
        return ToolOffer(custom.at("name").word(), custom.at("description").text_or_none())
    return ToolOffer(kind)


def _function(function: Member) -> ToolOffer:
    return ToolOffer(
        function.at("name").word(), function.at("description").text_or_none(), function.at("parameters").value
    )


def _choice(choice: Member) -> str | None:
    if not choice.is_there:
        return None
    if isinstance(choice.value, str):
        return choice.stands_for(_CHOICES)
    kind = choice.kind()
    if kind in {"function", "custom"}:
        return f"tool:{choice.at(kind).at('name').word()}"
    if kind == "allowed_tools":
        return _among(choice.at("allowed_tools"))
    raise choice.unknown()


def _among(allowed: Member) -> str | None:
    """Read a choice among some tools: one that is required, and the only one, is forced."""
    chosen, tools = _choice(allowed.at("mode")), list(allowed.at("tools").each_if_there())
    return _choice(tools[0]) if chosen == "required" and len(tools) == 1 else chosen


def _choice_of_functions(choice: Member) -> str | None:
    """Read the ``function_call`` of a request, which is older than ``tool_choice``."""
    return f"tool:{choice.at('name').word()}" if isinstance(choice.value, dict) else _choice(choice)


def _answer_format(given: Member) -> tuple[Any, bool]:
    """Return the schema of the answer, and whether JSON was asked for; a type that others made up is left to both."""
    if not given.is_there:
        return None, False
    kind = given.kind()
    schema = given.at("schema")
    if kind == "json_schema":
        schema = schema if schema.is_there else given.at("json_schema").at("schema")
    return schema.value, kind in {"json_schema", "json_object"}
