"""Requests of Cloudflare Workers AI's ``/ai/run/MODEL`` → the neutral form.

Messages are written as in Chat Completions, but more loosely: content may be one part, a call may be flat, and ids are
only asked for by some models. A schema stands in ``response_format.json_schema`` itself, or in ``guided_json``. The
gpt-oss models are asked as OpenAI's Responses, by ``input`` and ``instructions``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from harness.protocol.messages import Answered, Call, ModelRequest, Part, Text, ToolOffer, Turn
from harness.providers.requests.content import OPENAI_ROLES, answer_in, parts_in
from harness.providers.requests.files import file_at
from harness.providers.requests.member import Member, extra_of
from harness.providers.requests.openai_responses import read_openai_responses

_CHOICES = {"auto": "auto", "none": "none", "required": "required", "any": "required"}
_MODEL = re.compile(r"/run/(.+)")
_TOLD = {
    "messages", "prompt", "tools", "temperature", "max_tokens", "top_p", "stream", "guided_json",
    "tool_choice.type", "tool_choice.function", "response_format.type", "response_format.json_schema",
}  # fmt: skip


def read_cloudflare_run(target: str, body: Member) -> ModelRequest:
    """Return what a body of ``/ai/run/MODEL`` asks (§4, R29); raises :class:`InputError` where that cannot be told.

    The model stands in the path. A ``prompt`` in place of messages is what a user says. Ids of calls and answers are
    None where none were sent. Functions with code, which Cloudflare runs itself, and the ``image`` beside a prompt
    stand in ``extra``.
    """
    model = _MODEL.search(unquote(target.partition("?")[0]))
    if body.at("input").is_there and not body.at("messages", "prompt").is_there:
        asked = read_openai_responses(target, body)
        return replace(asked, model=model[1] if model else asked.model)
    schema, is_json = _answer_format(body)
    return ModelRequest(
        model=model[1] if model else None,
        turns=tuple(_turns(body)),
        tools=tuple(_offer(tool) for tool in body.at("tools").each_if_there()),
        tool_choice=_choice(body.at("tool_choice")),
        temperature=body.at("temperature").number(),
        max_tokens=body.at("max_tokens").number(),
        top_p=body.at("top_p").number(),
        schema=schema,
        json=is_json,
        stream=body.at("stream").value is True,
        extra=extra_of(body, _TOLD),
    )


def _turns(body: Member) -> list[Turn]:
    prompt, messages = body.at("prompt"), body.at("messages")
    if prompt.is_there and not messages.is_there:
        return [Turn("user", (Text(prompt.text()),))]
    return [_turn(message) for message in messages.each()]


def _turn(message: Member) -> Turn:
    role, content = message.at("role"), message.at("content")
    if isinstance(content.value, dict):
        content = content.listed()

    if role.text() == "tool":
        id_, name = message.at("tool_call_id").text_or_none(), message.at("name").text_or_none()
        return Turn("tool", (Answered(id_ or None, answer_in(content, _part), name or None),))
    if role.text() not in OPENAI_ROLES:
        raise role.unknown()
    calls = [_call(call) for call in message.at("tool_calls").each_if_there()]
    parts = parts_in(content, _part) if content.is_there or not calls else []
    if calls and parts == [Text("")]:
        parts = []  # the API refuses content that is null, so beside calls an empty one says nothing
    return Turn(OPENAI_ROLES[role.text()], (*parts, *calls))


def _part(part: Member) -> list[Part]:
    if part.kind() == "text":
        return [Text(part.at("text").text())]
    if part.kind() == "image_url":
        place = part.at("image_url")
        return [file_at(place.at("url"), "image/*")]
    raise part.unknown()


def _function_of(holder: Member) -> Member:
    """Return what is wrapped in ``function``, or stands flat; either may say that it is of this type."""
    holder.kind()
    function = holder.at("function")
    return function if function.is_there else holder


def _call(call: Member) -> Call:
    function = _function_of(call)
    arguments = function.at("arguments")
    text = arguments.value if isinstance(arguments.value, str) else arguments.json() if arguments.is_there else ""
    return Call(call.at("id").text_or_none() or None, function.at("name").word(), text)


def _offer(tool: Member) -> ToolOffer:
    function = _function_of(tool)
    return ToolOffer(
        function.at("name").word(), function.at("description").text_or_none(), function.at("parameters").value
    )


def _choice(choice: Member) -> str | None:
    if not choice.is_there:
        return None
    if isinstance(choice.value, str):
        return choice.stands_for(_CHOICES)
    if choice.kind() != "function":
        raise choice.unknown()
    return f"tool:{choice.at('function').at('name').word()}"


def _answer_format(body: Member) -> tuple[Any, bool]:
    """Return the schema of the answer, and whether JSON was asked for.

    OpenAI's own form, where name and schema are wrapped together, is read too.
    """
    guided, given = body.at("guided_json"), body.at("response_format")
    if guided.is_there:
        return guided.value, True
    if not given.is_there:
        return None, False
    if given.kind() not in {"json_schema", "json_object"}:
        return None, False
    schema = given.at("json_schema").value
    if isinstance(schema, dict) and isinstance(schema.get("schema"), dict) and "type" not in schema:
        schema = schema["schema"]
    return schema, True
