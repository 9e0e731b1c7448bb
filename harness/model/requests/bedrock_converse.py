"""A request in the words of Amazon Bedrock's Converse.

The key is a Bedrock API key, sent as a bearer token (``AWS_BEARER_TOKEN_BEDROCK``). Signing with AWS credentials
(SigV4) is not built: who has none but those asks for a key of the short-lived kind, which AWS makes from them.

The wire has no choice ``none``, and an answer's format only with a schema, which travels as JSON text.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from harness.errors import InputError
from harness.model.requests.ask import AnswerFormat, Ask, Choice, Offer
from harness.model.requests.attachments import Attached
from harness.model.requests.json_writing import exact_text
from harness.model.requests.prompt import Called, Part, Returned, Said
from harness.model.requests.turns import Block, Side, alternating, system_apart
from harness.model.router import Route

_WIRE = "bedrock-converse"
_FORMATS = {
    "image": {"image/png": "png", "image/jpeg": "jpeg", "image/gif": "gif", "image/webp": "webp"},
    "document": {
        "application/pdf": "pdf",
        "text/csv": "csv",
        "application/msword": "doc",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
        "application/vnd.ms-excel": "xls",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
        "text/html": "html",
        "text/plain": "txt",
        "text/markdown": "md",
    },
    "video": {
        "video/mp4": "mp4",
        "video/quicktime": "mov",
        "video/x-matroska": "mkv",
        "video/webm": "webm",
        "video/x-flv": "flv",
        "video/mpeg": "mpeg",
        "video/x-ms-wmv": "wmv",
        "video/3gpp": "three_gp",
    },
    "audio": {
        "audio/mpeg": "mp3",
        "audio/mp3": "mp3",
        "audio/wav": "wav",
        "audio/aac": "aac",
        "audio/flac": "flac",
        "audio/ogg": "ogg",
        "audio/opus": "opus",
        "audio/webm": "webm",
        "audio/mp4": "m4a",
        "audio/x-matroska": "mka",
    },
}
_TAKES = "images (png, jpeg, gif, webp), office documents, films and sounds, as base64 or from s3://"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9\[\]()-]+")
_LONGEST_NAME = 200


def converse_path(route: Route, *, stream: bool) -> str:
    """Return the path behind the base URL; the id of a model holds colons, and slashes where it is an ARN."""
    return f"/model/{quote(route.model_name, safe='')}/{'converse-stream' if stream else 'converse'}"


def converse_body(ask: Ask, route: Route, *, stream: bool) -> dict[str, Any]:  # noqa: ARG001 - both stand in the path
    """Return the body, without model and stream; raises :class:`InputError` for what the wire cannot carry."""
    prompts, messages = system_apart(ask.messages, _WIRE)
    body: dict[str, Any] = {
        "messages": [
            {"role": side, "content": _results_first(blocks)} for side, blocks in alternating(messages, _block)
        ]
    }
    if prompts:
        body["system"] = [{"text": prompt} for prompt in prompts]
    limits = {"maxTokens": ask.max_tokens, "temperature": ask.temperature, "topP": ask.top_p}
    if given := {name: value for name, value in limits.items() if value is not None}:
        body["inferenceConfig"] = given
    if ask.tools:
        choice = {} if ask.choice is None else {"toolChoice": _tool_choice(ask.choice)}
        body["toolConfig"] = {"tools": [{"toolSpec": _tool(tool)} for tool in ask.tools], **choice}
    if ask.answer is not None:
        body["outputConfig"] = {"textFormat": _text_format(ask.answer)}
    return body


def _results_first(blocks: list[Block]) -> list[Block]:
    """Put tool results before all else of their turn: the models behind this wire refuse them behind a text."""
    return sorted(blocks, key=lambda block: "toolResult" not in block)


def _block(part: Part, side: Side) -> Block:
    match part:
        case Said(text):
            return {"text": text}
        case Called():
            return {"toolUse": {"toolUseId": part.id, "name": part.name, "input": part.arguments}}
        case Returned():
            content = {"json": part.value} if isinstance(part.value, dict) else {"text": part.text}
            failed = {"status": "error"} if part.is_error else {}
            return {"toolResult": {"toolUseId": part.id, "content": [content], **failed}}
        case Attached() if side == "assistant":
            raise part.refused(_WIRE, "no files in what the assistant said")
        case Attached():
            return _file(part)


def _file(file: Attached) -> Block:
    coding = _FORMATS[file.kind].get(file.media_type)
    if coding is None:
        raise file.refused(_WIRE, _TAKES)
    if file.url is None:
        source: Block = {"bytes": file.data}
    elif file.url.startswith("s3://"):
        source = {"s3Location": {"uri": file.url}}
    else:
        raise file.refused(_WIRE, _TAKES)
    named = {"name": _name(file)} if file.kind == "document" else {}
    return {file.kind: {"format": coding, **named, "source": source}}


def _name(document: Attached) -> str:
    """Return a name, which every document needs, of the few letters that it may have.

    Where nobody named it, its place makes it another than those of the other documents, which must differ.
    """
    stem = (document.filename or "").rpartition(".")[0] or document.filename or ""
    name = _NOT_IN_NAMES.sub(" ", stem).strip()
    return name[:_LONGEST_NAME].rstrip() or "document " + "-".join(re.findall(r"\d+", document.place))


def _tool(tool: Offer) -> Block:
    described = {} if not tool.description else {"description": tool.description}
    schema = {"type": "object", "properties": {}} if tool.schema is None else tool.schema
    return {"name": tool.name, **described, "inputSchema": {"json": schema}}


def _tool_choice(choice: Choice) -> Block:
    match choice.kind:
        case "tool":
            return {"tool": {"name": choice.name}}
        case "required":
            return {"any": {}}
        case "auto":
            return {"auto": {}}
    raise InputError(f"toolChoice: {_WIRE} has no none; offer no tools instead")


def _text_format(answer: AnswerFormat) -> Block:
    if answer.schema is None:
        raise InputError(f"responseFormat: {_WIRE} has none without a schema; give one, or offer a tool and force it")
    described = {} if answer.description is None else {"description": answer.description}
    schema = {"name": answer.name, **described, "schema": exact_text(dict(answer.schema))}
    return {"type": "json_schema", "structure": {"jsonSchema": schema}}
