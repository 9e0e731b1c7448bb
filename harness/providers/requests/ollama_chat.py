"""Requests of Ollama's ``/api/chat`` → the neutral form; what both of Ollama's own APIs share is read here too."""

from __future__ import annotations

from typing import Any

from harness.protocol.messages import Answered, Call, File, ModelRequest, Part, Role, Text, ToolOffer, Turn
from harness.providers.requests.member import Member, extra_of

_ROLES: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant", "tool": "tool"}
SETTINGS = frozenset({"model", "stream", "format", "options.temperature", "options.num_predict", "options.top_p"})
"""The members that :func:`settings_of` tells."""


def read_ollama_chat(_target: str, body: Member) -> ModelRequest:
    """Return what a body of ``/api/chat`` asks (§4, R29); raises :class:`InputError` where that cannot be told.

    Ids are None where none were sent: servers before 0.12.10 know none, and an answer is told by its tool's name. The
    server takes a missing content for an empty one, so an empty one beside images or calls says nothing. Images are
    base64 and of a type that nobody says. Thoughts that are sent back stand in ``extra``. The API knows no tool choice.
    """
    return ModelRequest(
        turns=tuple(_turn(message) for message in body.at("messages").each()),
        tools=tuple(_offer(tool) for tool in body.at("tools").each_if_there()),
        **settings_of(body),
        extra=extra_of(body, {*SETTINGS, "messages", "tools"}),
    )


def settings_of(body: Member) -> dict[str, Any]:
    """Return the members of a :class:`ModelRequest` that both APIs tell alike, by name; raises as above.

    An answer is streamed unless ``stream`` is false. ``format`` is a JSON Schema, or ``json``; ``""`` says nothing.
    """
    limits, form = body.inside("options"), body.at("format")
    if isinstance(form.value, str) and form.value not in {"", "json"}:
        raise form.unknown()
    schema = form.object() if form.is_there and not isinstance(form.value, str) else None
    return {
        "model": body.at("model").text_or_none(),
        "temperature": limits.at("temperature").number(),
        "max_tokens": limits.at("num_predict").number(),
        "top_p": limits.at("top_p").number(),
        "schema": schema,
        "json": schema is not None or form.value == "json",
        "stream": body.at("stream").value is not False,
    }


def images_of(holder: Member) -> list[File]:
    """Return the images of a message or of a prompt; raises as above."""
    return [File("image/*", data=image.word()) for image in holder.at("images").each_if_there()]


def _turn(message: Member) -> Turn:
    role, content = message.at("role"), message.at("content").text_or_none() or ""
    if role.text().lower() not in _ROLES:
        raise role.unknown()
    own = _ROLES[role.text().lower()]
    if own == "tool":
        name, id_ = message.at("tool_name", "name").text_or_none(), message.at("tool_call_id").text_or_none()
        return Turn(own, (Answered(id_ or None, content, name or None),))
    beside: list[Part] = [*images_of(message), *(_call(call) for call in message.at("tool_calls").each_if_there())]
    return Turn(own, (*([Text(content)] if content or not beside else []), *beside))


def _call(call: Member) -> Call:
    if call.kind() not in {"function", ""}:
        raise call.unknown()
    function = call.at("function")
    arguments = function.at("arguments")
    if arguments.is_there:
        arguments.object()
    return Call(
        call.at("id").text_or_none() or None,
        function.at("name").word(),
        arguments.json() if arguments.is_there else "{}",
    )


def _offer(tool: Member) -> ToolOffer:
    if tool.kind() not in {"function", ""}:
        raise tool.unknown()
    function = tool.at("function")
    return ToolOffer(
        function.at("name").word(), function.at("description").text_or_none(), function.at("parameters").value
    )
