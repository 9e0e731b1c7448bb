"""Requests of OpenAI Responses → the neutral form."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.messages import Answered, Call, File, ModelRequest, Part, Text, ToolOffer, Turn
from harness.providers.requests.content import OPENAI_ROLES, answer_in, parts_in, raw_input
from harness.providers.requests.files import data_or_url, file_at, sound_at
from harness.providers.requests.member import Member, extra_of

_CHOICES = {"auto": "auto", "none": "none", "required": "required"}
_TEXTS = {"input_text": "text", "output_text": "text", "text": "text", "refusal": "refusal"}
_FILE_TYPES = {"input_image": "image/*", "input_file": None}
_ELSEWHERE = ("prompt", "previous_response_id", "conversation")
_ASIDE = {
    "reasoning",
    "item_reference",
    "compaction",
    "mcp_list_tools",
    "mcp_approval_request",
    "mcp_approval_response",
}
_TOLD = {
    "input", "instructions", "model", "tools", "temperature", "top_p", "stream", "max_output_tokens",
    "tool_choice.type", "tool_choice.name", "text.format.type", "text.format.schema",
}  # fmt: skip


def read_openai_responses(_target: str, body: Member) -> ModelRequest:
    """Return what a body of ``/responses`` asks (§4, R29); raises :class:`InputError` where that cannot be told.

    ``instructions`` are the first turn. Each item is a turn of its own. Items that the neutral form has no word for
    (thoughts, references to stored items, built-in tools) stand in ``extra``, as do ``previous_response_id``,
    ``conversation`` and ``prompt``, which stand for messages that are not in the body at all.
    """
    turns: list[Turn] = []
    if (instructions := body.at("instructions")).is_there:
        turns.append(Turn("system", (Text(instructions.text()),)))
    turns += _turns(body)
    answer_format = body.at("text").at("format") if body.at("text").is_there else Member(None)
    kind = answer_format.kind() if answer_format.is_there else ""
    return ModelRequest(
        model=body.at("model").text_or_none(),
        turns=tuple(turns),
        tools=tuple(_offer(tool) for tool in body.at("tools").each_if_there()),
        tool_choice=_choice(body.at("tool_choice")),
        temperature=body.at("temperature").number(),
        max_tokens=body.at("max_output_tokens").number(),
        top_p=body.at("top_p").number(),
        schema=answer_format.at("schema").value if kind == "json_schema" else None,
        json=kind in {"json_schema", "json_object"},
        stream=body.at("stream").value is True,
        extra=extra_of(body, _TOLD),
    )


def _turns(body: Member) -> Iterator[Turn]:
    given = body.at("input")
    if isinstance(given.value, str):
        yield Turn("user", (Text(given.value),))
    elif isinstance(given.value, list):
        for item in given.each():
            yield from _item(item)
    elif given.is_there or not body.at(*_ELSEWHERE).is_there:
        raise given.wrong("text or a list of items")


def _item(item: Member) -> Iterator[Turn]:
    kind = item.kind()
    if kind in {"message", ""}:
        role = item.at("role")
        if role.text() not in OPENAI_ROLES:
            raise role.unknown()
        yield Turn(OPENAI_ROLES[role.text()], tuple(parts_in(item.at("content"), _part)))
    elif kind == "function_call":
        arguments = item.at("arguments").text_or_none() or ""
        yield Turn("assistant", (Call(item.at("call_id").word(), item.at("name").word(), arguments),))
    elif kind == "custom_tool_call":
        given = raw_input(item.at("input"))
        yield Turn("assistant", (Call(item.at("call_id").word(), item.at("name").word(), given),))
    elif kind in {"function_call_output", "custom_tool_call_output"}:
        yield Turn("tool", (Answered(item.at("call_id").word(), answer_in(item.at("output"), _part)),))
    elif kind in _ASIDE or kind.endswith(("_call", "_output")):
        item.put_aside()
    else:
        raise item.unknown()


def _part(part: Member) -> list[Part]:
    kind = part.kind()
    if kind in _TEXTS:
        return [Text(part.at(_TEXTS[kind]).text())]
    if kind in _FILE_TYPES:
        return [_file(part, _FILE_TYPES[kind])]
    if kind == "input_audio":
        return [sound_at(part.at("input_audio"))]
    raise part.unknown()


def _file(part: Member, media_type: str | None) -> File:
    if (data := part.at("file_data")).is_there:
        return data_or_url(data, media_type)
    if (url := part.at("image_url", "file_url")).is_there:
        return file_at(url, media_type)
    return File(media_type, url=part.at("file_id").word())


def _offer(tool: Member) -> ToolOffer:
    """Return a function or a custom tool by its name, and a tool that is built in by its type."""
    kind = tool.kind()
    if kind in {"function", "custom"}:
        return ToolOffer(tool.at("name").word(), tool.at("description").text_or_none(), tool.at("parameters").value)
    return ToolOffer(tool.at("type").word())


def _choice(choice: Member) -> str | None:
    if not choice.is_there:
        return None
    if isinstance(choice.value, str):
        return choice.stands_for(_CHOICES)
    kind = choice.kind()
    if kind == "allowed_tools":
        chosen, tools = _choice(choice.at("mode")), list(choice.at("tools").each_if_there())
        return _choice(tools[0]) if chosen == "required" and len(tools) == 1 else chosen
    if kind in {"function", "custom"}:
        return f"tool:{choice.at('name').word()}"
    return f"tool:{choice.at('type').word()}"
