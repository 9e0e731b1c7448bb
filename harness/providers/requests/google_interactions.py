"""Requests of Google's Interactions API → the neutral form."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from harness.protocol.messages import Answered, Call, File, ModelRequest, Part, Role, Text, ToolOffer, Turn
from harness.providers.requests.content import answer_in, parts_in, split
from harness.providers.requests.files import file_at
from harness.providers.requests.member import Member, extra_of

_ROLES: dict[str, Role] = {"user": "user", "model": "assistant"}
_SPEAKERS: dict[str, Role] = {"user_input": "user", "model_output": "assistant"}
_OF_MODEL = {"function_call", "thought"}
_CHOICES = {"auto": "auto", "validated": "auto", "any": "required", "none": "none"}
_MEDIA: dict[str, str | None] = {"image": "image/*", "audio": "audio/*", "video": "video/*", "document": None}
_FORMATS = {"text", *_MEDIA}
_TOLD = {
    "input", "system_instruction", "model", "tools", "stream", "generation_config.temperature",
    "generation_config.top_p", "generation_config.max_output_tokens",
}  # fmt: skip
_FORMAT_TOLD = {"response_format.type", "response_format.mime_type", "response_format.schema"}
_SCHEMA_TOLD = {"response_format", "response_mime_type"}
_CHOICE_TOLD = {"generation_config.tool_choice"}


def read_google_interactions(_target: str, body: Member) -> ModelRequest:
    """Return what a body of ``/interactions`` asks (§4, R29); raises :class:`InputError` where that cannot be told.

    ``input`` is a text, one content, contents, steps, or the turns of the API's first months. Contents in a row are one
    turn of the user. ``response_format`` is a format that has a schema, a list of formats, or, as in those months, the
    schema itself. Thoughts, tools that Google runs itself and an earlier interaction that is continued stand in
    ``extra``; so a request that only answers calls has their results as its turns. A built-in tool is an offer without
    a schema.
    """
    turns: list[Turn] = []
    if (system := body.at("system_instruction")).is_there:
        turns.append(Turn("system", tuple(_contents(system))))
    turns += _turns(body.at("input"))
    config = body.inside("generation_config")
    schema, is_json, told = _answer_format(body)
    choice = _choice(config.at("tool_choice"))
    if choice is not None and (choice.startswith("tool:") or isinstance(config.at("tool_choice").value, str)):
        told = told | _CHOICE_TOLD  # a choice among several tools says more than we have a word for
    return ModelRequest(
        model=body.at("model").text_or_none(),
        turns=tuple(turns),
        tools=tuple(_offer(tool) for tool in body.at("tools").each_if_there()),
        tool_choice=choice,
        temperature=config.at("temperature").number(),
        max_tokens=config.at("max_output_tokens").number(),
        top_p=config.at("top_p").number(),
        schema=schema,
        json=is_json,
        stream=body.at("stream").value is True,
        extra=extra_of(body, {*_TOLD, *told}),
    )


def _turns(given: Member) -> Iterator[Turn]:
    if not given.is_there:
        return
    if not isinstance(given.value, list):
        yield Turn("user", tuple(_contents(given)))
        return
    said = [(_speaker(item), item) for item in given.each()]
    for (role, is_bare), group in groupby(said, key=lambda pair: pair[0]):
        if is_bare:
            yield from split(role, [part for _, item in group for part in _part(item)])
            continue
        for _, item in group:
            yield from split(role, list(_contents(item.at("content"))))


def _speaker(item: Member) -> tuple[Role, bool]:
    """Return who says an item of the input, and whether it is what is said itself, or holds it as its content."""
    if (role := item.at("role")).is_there:
        if role.text() not in _ROLES:
            raise role.unknown()
        return _ROLES[role.text()], False
    kind = item.kind()
    if kind in _SPEAKERS:
        return _SPEAKERS[kind], False
    return "assistant" if kind in _OF_MODEL else "user", True


def _contents(content: Member) -> list[Part]:
    """Return the parts of a text, of one content or of a list; a step without any says nothing."""
    if not content.is_there:
        return []
    if isinstance(content.value, dict):
        return _part(content)
    return parts_in(content, _part)


def _part(part: Member) -> list[Part]:
    kind = part.kind()
    if kind == "text":
        return [Text(part.at("text").text())]
    if kind in _MEDIA:
        return [_file(part, kind)]
    if kind == "function_call":
        given = part.at("arguments")
        arguments = given.value if isinstance(given.value, str) else given.json() if given.is_there else "{}"
        return [Call(part.at("id").word(), part.at("name").word(), arguments)]
    if kind == "function_result":
        name = part.at("name").text_or_none()
        failed = part.at("is_error").value is True
        return [Answered(part.at("call_id").word(), _answer(part.at("result")), name, failed)]
    if kind == "thought" or kind.endswith(("_call", "_result")):
        part.put_aside()
        return []
    raise part.unknown()


def _file(part: Member, kind: str) -> File:
    told = part.at("mime_type").text_or_none()
    media_type = told.lower() if told else _MEDIA[kind]
    if (data := part.at("data")).is_there:
        return File(media_type, data=data.word())
    return file_at(part.at("uri"), media_type)


def _answer(result: Member) -> str:
    """Return a tool's answer: its text, or the JSON text of an object or of contents that are more than text."""
    if isinstance(result.value, dict):
        return result.json()
    return answer_in(result, _part)


def _offer(tool: Member) -> ToolOffer:
    kind = tool.at("type").word()
    if kind != "function":
        return ToolOffer(kind)
    return ToolOffer(tool.at("name").word(), tool.at("description").text_or_none(), tool.at("parameters").value)


def _choice(choice: Member) -> str | None:
    if not choice.is_there:
        return None
    if isinstance(choice.value, str):
        return choice.stands_for(_CHOICES)
    allowed = choice.inside("allowed_tools")
    chosen = _choice(allowed.at("mode"))
    names = [name.word() for name in allowed.at("tools").each_if_there()]
    return f"tool:{names[0]}" if chosen == "required" and len(names) == 1 else chosen


def _answer_format(body: Member) -> tuple[Any, bool, set[str]]:
    """Return the schema of the answer, whether JSON was asked for, and the members of the body that said so."""
    given, mime_type = body.at("response_format"), body.at("response_mime_type")
    is_json = mime_type.text_or_none() == "application/json"
    formats = [given] if isinstance(given.value, dict) else list(given.each_if_there())
    for one in formats:
        if one.kind() not in _FORMATS:
            return one.whole(), True, _SCHEMA_TOLD
        if one.kind() == "text":
            is_json = is_json or one.at("mime_type").text_or_none() == "application/json"
            return one.at("schema").value, is_json, _FORMAT_TOLD if one is given else set()
    return None, is_json, {"response_mime_type"} if is_json else set()
