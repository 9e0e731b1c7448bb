"""Requests of Cohere's Chat API, version 2 → the neutral form."""

from __future__ import annotations

from typing import Any

from harness.protocol.messages import Answered, Call, ModelRequest, Part, Role, Text, ToolOffer, Turn
from harness.providers.requests.content import parts_in
from harness.providers.requests.files import file_at
from harness.providers.requests.member import Member, extra_of

_ROLES: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant"}
_CHOICES = {"REQUIRED": "required", "NONE": "none"}
_TOLD = {
    "messages", "model", "tools", "tool_choice", "temperature", "max_tokens", "p", "stream",
    "response_format.type", "response_format.json_schema", "response_format.schema",
}  # fmt: skip


def read_cohere_v2(_target: str, body: Member) -> ModelRequest:
    """Return what a body of ``/v2/chat`` asks (§4, R29); raises :class:`InputError` where that cannot be told.

    A tool's answer that holds documents is the JSON text of its parts. Thoughts, tool plans and citations that are sent
    back stand in ``extra``, as do an image's ``detail`` and the ``documents`` of the request.
    """
    turns = tuple(_turn(message) for message in body.at("messages").each())
    schema, is_json = _answer_format(body.at("response_format"))
    return ModelRequest(
        model=body.at("model").text_or_none(),
        turns=turns,
        tools=tuple(_offer(tool) for tool in body.at("tools").each_if_there()),
        tool_choice=_choice(body.at("tool_choice")),
        temperature=body.at("temperature").number(),
        max_tokens=body.at("max_tokens").number(),
        top_p=body.at("p").number(),
        schema=schema,
        json=is_json,
        stream=body.at("stream").value is True,
        extra=extra_of(body, _TOLD),
    )


def _turn(message: Member) -> Turn:
    role, content = message.at("role"), message.at("content")
    if role.text() == "tool":
        return Turn("tool", (Answered(message.at("tool_call_id").word(), _answer(content)),))
    if role.text() not in _ROLES:
        raise role.unknown()

    def read(part: Member) -> list[Part]:
        return _part(part, role.text())

    if role.text() != "assistant":
        return Turn(_ROLES[role.text()], tuple(parts_in(content, read)))
    parts = parts_in(content, read) if content.is_there else []
    calls = [_call(call) for call in message.at("tool_calls").each_if_there()]
    return Turn("assistant", (*parts, *calls))


def _part(part: Member, role: str) -> list[Part]:
    kind = part.kind()
    if kind == "text":
        return [Text(part.at("text").text())]
    if kind == "image_url" and role == "user":
        place = part.at("image_url")
        return [file_at(place.at("url"), "image/*")]
    if kind == "thinking" and role == "assistant":
        part.put_aside()
        return []
    raise part.unknown()


def _answer(content: Member) -> str:
    """Return a tool's answer: its text, or the JSON text of parts among which are documents."""
    if isinstance(content.value, str):
        return content.value
    texts, is_text = [], True
    for part in content.each():
        match part.kind():
            case "text":
                texts.append(part.at("text").text())
            case "document":
                part.at("document").object()
                is_text = False
            case _:
                raise part.unknown()
    return "".join(texts) if is_text else content.json()


def _call(call: Member) -> Call:
    if call.kind() not in {"function", ""}:
        raise call.unknown()
    function = call.at("function")
    return Call(call.at("id").word(), function.at("name").word(), function.at("arguments").text_or_none() or "")


def _offer(tool: Member) -> ToolOffer:
    if tool.kind() not in {"function", ""}:
        raise tool.unknown()
    function = tool.at("function")
    return ToolOffer(
        function.at("name").word(), function.at("description").text_or_none(), function.at("parameters").value
    )


def _choice(choice: Member) -> str | None:
    """Return the choice; the API takes its words in small letters too, as recordings show."""
    if not choice.is_there:
        return None
    word = choice.text().upper()
    if word not in _CHOICES:
        raise choice.unknown()
    return _CHOICES[word]


def _answer_format(given: Member) -> tuple[Any, bool]:
    """Return the schema of the answer, under its name of today or of the API's first days, and whether it is JSON."""
    if not given.is_there:
        return None, False
    if given.kind() not in {"text", "json_object"}:
        raise given.unknown()
    return given.at("json_schema", "schema").value, given.kind() == "json_object"
