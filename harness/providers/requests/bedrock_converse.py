"""Requests of Amazon Bedrock Converse → the neutral form."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from harness.errors import InputError
from harness.protocol.messages import Answered, Call, File, ModelRequest, Part, Role, Text, ToolOffer, Turn
from harness.providers.exact_text import parsed_json
from harness.providers.requests.content import split
from harness.providers.requests.files import text_file
from harness.providers.requests.member import Member, extra_of

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant", "system": "system"}
_CHOICES = {"auto": "auto", "any": "required"}
_MEDIA_TYPES = {
    "image": {"png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"},
    "document": {
        "pdf": "application/pdf",
        "csv": "text/csv",
        "doc": "application/msword",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xls": "application/vnd.ms-excel",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "html": "text/html",
        "txt": "text/plain",
        "md": "text/markdown",
    },
    "video": {
        "mkv": "video/x-matroska",
        "mov": "video/quicktime",
        "flv": "video/x-flv",
        "mpg": "video/mpeg",
        "wmv": "video/x-ms-wmv",
        "three_gp": "video/3gpp",
    },
    "audio": {"mp3": "audio/mpeg", "mka": "audio/x-matroska", "mpga": "audio/mpeg", "x-aac": "audio/aac"},
}
"""What a block's ``format`` stands for; one that is not here is the second half of the type as it is."""

_ASIDE = ("reasoningContent", "cachePoint", "toolAddition", "toolRemoval")
_OF_PROVIDER = "server_tool_use"
_TOLD = {
    "messages", "system", "toolConfig.tools", "toolConfig.toolChoice", "inferenceConfig.maxTokens",
    "inferenceConfig.temperature", "inferenceConfig.topP", "outputConfig.textFormat.type",
    "outputConfig.textFormat.structure.jsonSchema.schema",
}  # fmt: skip


def read_bedrock_converse(target: str, body: Member) -> ModelRequest:
    """Return what a request to ``/model/ID/converse`` or ``/converse-stream`` asks (§4, R29).

    The model and whether to stream stand in the path. ``system`` is the first turn. A user message that holds tool
    results becomes turns of the roles ``tool`` and ``user``, in the order of its blocks. What stands in a
    ``guardContent`` counts as if it stood alone. Thoughts, cache points, the blocks of tools that Bedrock runs itself
    and the names of documents stand in ``extra``. A built-in tool is an offer without a schema. Raises
    :class:`InputError` where the meaning cannot be told.
    """
    turns: list[Turn] = []
    if (system := body.at("system")).is_there:
        turns.append(Turn("system", tuple(part for block in system.each() for part in _block(block))))
    for message in body.at("messages").each_if_there():
        role = message.at("role")
        if role.text() not in _ROLES:
            raise role.unknown()
        parts = [part for block in message.at("content").each() for part in _block(block)]
        turns += split(_ROLES[role.text()], parts)
    model, is_stream = _told_by(target)
    tools, limits = body.inside("toolConfig"), body.inside("inferenceConfig")
    schema, is_json = _answer_format(body.inside("outputConfig", "textFormat"))
    return ModelRequest(
        model=model,
        turns=tuple(turns),
        tools=tuple(offer for tool in tools.at("tools").each_if_there() for offer in _offers(tool)),
        tool_choice=_choice(tools.at("toolChoice")),
        temperature=limits.at("temperature").number(),
        max_tokens=limits.at("maxTokens").number(),
        top_p=limits.at("topP").number(),
        schema=schema,
        json=is_json,
        stream=is_stream,
        extra=extra_of(body, _TOLD),
    )


def _told_by(target: str) -> tuple[str | None, bool]:
    """Return the model that a path names, and whether it asks for a stream; an ARN may hold bare slashes."""
    path, _, verb = target.partition("?")[0].rstrip("/").rpartition("/")
    _, found, model = f"/{path}".rpartition("/model/")
    return unquote(model) or None if found else None, verb == "converse-stream"


def _block(block: Member) -> list[Part]:
    """Return the parts of one block, which is an object of one member, named by its kind."""
    if (text := block.at("text")).is_there:
        return [Text(text.text())]
    for kind in _MEDIA_TYPES:
        if (given := block.at(kind)).is_there:
            return [_file(kind, given)]
    if (call := block.at("toolUse")).is_there:
        if call.kind() == _OF_PROVIDER:
            block.put_aside()
            return []
        given = call.at("input")
        return [Call(call.at("toolUseId").word(), call.at("name").word(), given.json() if given.is_there else "")]
    if (result := block.at("toolResult")).is_there:
        if result.kind():
            block.put_aside()
            return []
        failed = result.at("status").text_or_none() == "error"
        return [Answered(result.at("toolUseId").word(), _answer(result.at("content")), is_error=failed)]
    if (guarded := block.at("guardContent")).is_there:
        if (text := guarded.at("text")).is_there:
            return [Text(text.at("text").text())]
        return _block(guarded)
    if (cited := block.at("citationsContent")).is_there:
        return [Text(part.at("text").text()) for part in cited.at("content").each_if_there()]
    if (found := block.at("searchResult")).is_there:
        return [Text(part.at("text").text()) for part in found.at("content").each()]
    if block.at(*_ASIDE).is_there:
        block.put_aside()
        return []
    raise InputError(f"{block.path} holds nothing that the API has a word for")


def _file(kind: str, given: Member) -> File:
    coding = given.at("format").text_or_none()
    media_type = _MEDIA_TYPES[kind].get(coding, f"{kind}/{coding}") if coding else None
    source = given.at("source")
    if (data := source.at("bytes")).is_there:
        return File(media_type, data=data.word())
    if (place := source.at("s3Location")).is_there:
        return File(media_type, url=place.at("uri").word())
    if (text := source.at("text")).is_there:
        return text_file(text.text())
    if (content := source.at("content")).is_there:
        return text_file("\n".join(part.at("text").text() for part in content.each()))
    raise source.wrong("bytes, a place in S3 or text")


def _answer(content: Member) -> str:
    """Return a tool's answer: its text, its one JSON value as text, or the JSON text of blocks that are more."""
    texts: list[str] = []
    blocks = list(content.each())
    for block in blocks:
        if (text := block.at("text")).is_there:
            texts.append(text.text())
        elif "json" not in block.object():
            _block(block)
    if len(texts) == len(blocks):
        return "".join(texts)
    if len(blocks) == 1 and "json" in blocks[0].object():
        return blocks[0].at("json").json()
    return content.json()


def _offers(tool: Member) -> list[ToolOffer]:
    """Return the offer that an entry of the tools is; a cache point between them is none."""
    if (spec := tool.at("toolSpec")).is_there:
        schema = spec.inside("inputSchema").at("json").value
        return [ToolOffer(spec.at("name").word(), spec.at("description").text_or_none(), schema)]
    if (built_in := tool.at("systemTool")).is_there:
        return [ToolOffer(built_in.at("name").word())]
    if tool.at("cachePoint").is_there:
        tool.put_aside()
        return []
    raise InputError(f"{tool.path} holds nothing that the API has a word for")


def _choice(choice: Member) -> str | None:
    if not choice.is_there:
        return None
    if (forced := choice.at("tool")).is_there:
        return f"tool:{forced.at('name').word()}"
    for kind, word in _CHOICES.items():
        if choice.at(kind).is_there:
            return word
    raise InputError(f"{choice.path} holds nothing that the API has a word for")


def _answer_format(given: Member) -> tuple[Any, bool]:
    """Return the schema of the answer, which travels as JSON text, and whether one was asked for."""
    if given.kind() != "json_schema":
        return None, False
    text = given.inside("structure", "jsonSchema").at("schema")
    try:
        return parsed_json(text.text()), True
    except ValueError:
        raise text.wrong("the JSON text of a schema") from None
