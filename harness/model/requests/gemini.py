"""A request in the words of Google's generateContent.

A tool's schema goes into ``parametersJsonSchema``, which takes JSON Schema; ``parameters`` takes only a subset of
OpenAPI's and would refuse or lose ``$defs``, ``$ref`` and ``additionalProperties``. An answer's schema goes into
``responseSchema``, for §14.8 says so; the adapter has brought it into that subset before.

What a tool returned stands below ``output``, or below ``error``: the wire wants an object, and these are the two names
by which Google tells a value from a failure.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from harness.errors import InputError
from harness.model.requests.ask import Ask, Choice, Offer
from harness.model.requests.attachments import Attached
from harness.model.requests.prompt import Called, Part, Returned, Said
from harness.model.requests.turns import Block, Side, alternating, system_apart
from harness.model.router import Route

_WIRE = "google-generatecontent"
_MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY", "tool": "ANY"}


def gemini_path(route: Route, *, stream: bool) -> str:
    """Return the path behind the base URL; a tuned model names its own collection (``tunedModels/NAME``)."""
    collection = "" if "/" in route.model_name else "models/"
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"/{collection}{quote(route.model_name)}:{method}"


def gemini_body(ask: Ask, route: Route, *, stream: bool) -> dict[str, Any]:  # noqa: ARG001 - both stand in the path
    """Return the body for ``:generateContent``, which says neither model nor stream: both stand in the path.

    Raises :class:`InputError` for a tool result without its tool's name, by which this wire finds the call.
    """
    prompts, messages = system_apart(ask.messages, _WIRE)
    turns = alternating(messages, _part)
    body: dict[str, Any] = {
        "contents": [{"role": "user" if side == "user" else "model", "parts": parts} for side, parts in turns]
    }
    if prompts:
        body["systemInstruction"] = {"parts": [{"text": prompt} for prompt in prompts]}
    if ask.tools:
        body["tools"] = [{"functionDeclarations": [_tool(tool) for tool in ask.tools]}]
    if ask.choice is not None:
        body["toolConfig"] = {"functionCallingConfig": _calling(ask.choice)}
    if settings := _generation(ask):
        body["generationConfig"] = settings
    return body


def _generation(ask: Ask) -> dict[str, Any]:
    limits = {"temperature": ask.temperature, "topP": ask.top_p, "maxOutputTokens": ask.max_tokens}
    settings: dict[str, Any] = {name: value for name, value in limits.items() if value is not None}
    if ask.answer is not None:
        settings["responseMimeType"] = "application/json"
        if ask.answer.schema is not None:
            settings["responseSchema"] = ask.answer.schema
    return settings


def _part(part: Part, _: Side) -> Block:
    match part:
        case Said(text):
            return {"text": text}
        case Called():
            return {"functionCall": {"id": part.id, "name": part.name, "args": part.arguments}}
        case Returned():
            if not part.name:
                raise InputError(f"the result of the call {part.id!r} has no toolName, which {_WIRE} needs")
            response = {"error" if part.is_error else "output": part.value}
            return {"functionResponse": {"id": part.id, "name": part.name, "response": response}}
        case Attached():
            return _file(part)


def _file(file: Attached) -> Block:
    if file.url is None:
        return {"inlineData": {"mimeType": file.media_type, "data": file.data}}
    # Half a media type is left out: the member is optional here, and Google has no word for "some image".
    told = {} if file.media_type.endswith("/*") else {"mimeType": file.media_type}
    return {"fileData": {**told, "fileUri": file.url}}


def _tool(tool: Offer) -> Block:
    declared: Block = {"name": tool.name}
    if tool.description is not None:
        declared["description"] = tool.description
    if tool.schema is not None:
        declared["parametersJsonSchema"] = tool.schema
    return declared


def _calling(choice: Choice) -> Block:
    forced = {"allowedFunctionNames": [choice.name]} if choice.kind == "tool" else {}
    return {"mode": _MODES[choice.kind], **forced}
