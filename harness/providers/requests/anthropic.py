"""Requests of Anthropic Messages → the neutral form."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.messages import Answered, Call, File, ModelRequest, Part, Role, Text, ToolOffer, Turn
from harness.providers.requests.content import parts_in, split
from harness.providers.requests.files import file_at, text_file
from harness.providers.requests.member import Member, extra_of

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant"}
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}
_BY_URL = {"image": "image/*", "document": "application/pdf"}  # the only documents that it fetches are PDF
_ASIDE = {"thinking", "redacted_thinking", "compaction", "server_tool_use", "mcp_tool_use"}
_IN_ANSWERS = {"search_result", "tool_reference"}
_TOLD = {
    "system", "messages", "model", "tools", "temperature", "top_p", "stream", "max_tokens",
    "tool_choice.type", "tool_choice.name", "output_config.format.type", "output_config.format.schema",
    "output_format.type", "output_format.schema",
}  # fmt: skip


def read_anthropic(_target: str, body: Member) -> ModelRequest:
    """Return what a body of ``/messages`` asks (§4, R29); raises :class:`InputError` where that cannot be told.

    ``system`` is the first turn. A user message that holds tool results becomes turns of the roles ``tool`` and
    ``user``, in the order of its blocks. Thoughts and the blocks of tools that the provider runs stand in ``extra``,
    as do the titles of documents, ``cache_control`` and the settings of a built-in tool, which is an offer without a
    schema.
    """
    turns: list[Turn] = []
    if (system := body.at("system")).is_there:
        turns.append(Turn("system", tuple(Text(text) for text in _texts(system))))
    for message in body.at("messages").each():
        turns += _turns(message)
    answer_format = _answer_format(body)
    return ModelRequest(
        model=body.at("model").text_or_none(),
        turns=tuple(turns),
        tools=tuple(_offer(tool) for tool in body.at("tools").each_if_there()),
        tool_choice=_choice(body.at("tool_choice")),
        temperature=body.at("temperature").number(),
        max_tokens=body.at("max_tokens").number(),
        top_p=body.at("top_p").number(),
        schema=answer_format.at("schema").value if answer_format.is_there else None,
        json=answer_format.is_there and answer_format.kind() in {"json_schema", ""},
        stream=body.at("stream").value is True,
        extra=extra_of(body, _TOLD),
    )


def _texts(content: Member) -> Iterator[str]:
    """Yield a text, or the texts of a list of blocks that may only be text."""
    if isinstance(content.value, str):
        yield content.value
        return
    for block in content.each():
        if block.kind() != "text":
            raise block.unknown()
        yield block.at("text").text()


def _turns(message: Member) -> Iterator[Turn]:
    role, content = message.at("role"), message.at("content")
    if role.text() not in _ROLES:
        raise role.unknown()
    parts = parts_in(content, _block)
    return split(_ROLES[role.text()], parts)


def _block(block: Member) -> list[Part]:
    kind = block.kind()
    if kind == "text":
        return [Text(block.at("text").text())]
    if kind in _BY_URL:
        return list(_files(kind, block.at("source")))
    if kind == "tool_use":
        given = block.at("input")
        arguments = given.json() if given.is_there else ""
        return [Call(block.at("id").word(), block.at("name").word(), arguments)]
    if kind == "tool_result":
        failed = block.at("is_error").value is True
        return [Answered(block.at("tool_use_id").word(), _answer(block.at("content")), is_error=failed)]
    if kind == "search_result":
        return [Text(text) for text in _texts(block.at("content"))]
    if kind == "container_upload":
        return [File(None, url=block.at("file_id").word())]
    if kind in _ASIDE or kind.endswith("_tool_result"):
        block.put_aside()
        return []
    raise block.unknown()


def _files(kind: str, source: Member) -> Iterator[File]:
    """Yield what the source of an image or a document holds; a document made of blocks is one file for each."""
    match source.kind():
        case "base64":
            yield File(source.at("media_type").word().lower(), data=source.at("data").word())
        case "url":
            yield file_at(source.at("url"), _BY_URL[kind])
        case "file":
            yield File("image/*" if kind == "image" else None, url=source.at("file_id").word())
        case "text":
            yield text_file(source.at("data").text())
        case "content" if isinstance(source.at("content").value, str):
            yield text_file(source.at("content").text())
        case "content":
            for block in source.at("content").each():
                inner = block.kind()
                if inner == "text":
                    yield text_file(block.at("text").text())
                elif inner == "image" and block.at("source").kind() != "content":
                    yield from _files(inner, block.at("source"))
                else:
                    raise block.unknown()
        case _:
            raise source.unknown()


def _answer(content: Member) -> str:
    """Return a tool's answer: its text, or the JSON text of blocks that are more than text; without one, ``""``."""
    if not content.is_there:
        return ""
    if isinstance(content.value, str):
        return content.value
    kinds = set()
    for block in content.each():
        kind = block.kind()
        kinds.add(kind)
        if kind in _BY_URL:
            list(_files(kind, block.at("source")))
        elif kind not in {"text", *_IN_ANSWERS}:
            raise block.unknown()
    return "".join(_texts(content)) if kinds <= {"text"} else content.json()


def _offer(tool: Member) -> ToolOffer:
    if tool.kind() not in {"custom", ""}:
        tool.at("type").put_aside()  # it says more than the name: the version of a built-in tool
    return ToolOffer(
        tool.at("name", "type").word(), tool.at("description").text_or_none(), tool.at("input_schema").value
    )


def _choice(choice: Member) -> str | None:
    if not choice.is_there:
        return None
    kind = choice.kind()
    if kind == "tool":
        return f"tool:{choice.at('name').word()}"
    if kind not in _CHOICES:
        raise choice.unknown()
    return _CHOICES[kind]


def _answer_format(body: Member) -> Member:
    """Return the format of the answer, from its place of today or from that of the beta before it; null without one."""
    if (config := body.at("output_config")).is_there and (given := config.at("format")).is_there:
        return given
    return body.at("output_format")
