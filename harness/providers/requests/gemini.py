"""Requests of Google generateContent → the neutral form.

Protobuf's JSON takes every name in camelCase and in snake_case, so both are read. Schemas stay as they are: under
``parameters`` and ``responseSchema`` they are Google's subset of OpenAPI 3.0, with types in upper case
(``"type": "OBJECT"``) and ``nullable: true``. Whoever compares them with a JSON Schema writes types in lower case,
reads ``nullable`` as a second type ``null``, and takes ``propertyOrdering`` for no demand. Under
``parametersJsonSchema`` and ``responseJsonSchema`` they are JSON Schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from harness.errors import InputError
from harness.protocol.messages import Answered, Call, File, ModelRequest, Part, Role, Text, ToolOffer, Turn
from harness.providers.requests.content import split
from harness.providers.requests.member import Member, extra_of

_ROLES: dict[str, Role] = {"user": "user", "model": "assistant", "function": "tool"}
_CHOICES = {"AUTO": "auto", "VALIDATED": "auto", "ANY": "required", "NONE": "none", "MODE_UNSPECIFIED": None}
_ASIDE = ("executableCode", "codeExecutionResult", "toolCall", "toolResponse", "thoughtSignature")
_SETTINGS = {"generationConfig", "toolConfig", "functionCallingConfig"}
_READ = (
    *_SETTINGS, *_ASIDE, "systemInstruction", "allowedFunctionNames", "topP", "maxOutputTokens", "responseMimeType",
    "responseSchema", "responseJsonSchema", "inlineData", "fileData", "mimeType", "fileUri", "functionCall",
    "functionResponse", "functionDeclarations", "parametersJsonSchema", "googleSearch", "googleSearchRetrieval",
    "googleMaps", "codeExecution", "urlContext", "computerUse", "fileSearch",
)  # fmt: skip
_NAMES = {re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name): name for name in _READ}
_ALLOWED = "toolConfig.functionCallingConfig.allowedFunctionNames"
_TOLD = {
    "contents", "systemInstruction", "tools", "model", "toolConfig.functionCallingConfig.mode",
    "generationConfig.temperature", "generationConfig.topP", "generationConfig.maxOutputTokens",
    "generationConfig.responseMimeType", "generationConfig.responseSchema", "generationConfig.responseJsonSchema",
}  # fmt: skip


def read_gemini(target: str, body: Member) -> ModelRequest:
    """Return what a request to ``/models/MODEL:generateContent`` or ``:streamGenerateContent`` asks (§4, R29).

    The model and whether to stream stand in the path. Ids of calls and answers are None where none was sent, as this
    API allows. A function's ``response`` is an object: what stands alone under ``output``, which is Google's own word,
    or under ``content`` beside the function's name (the AI SDK's), is the answer; any other object is the answer as it
    is, and one of ``error`` alone is a failure. Thoughts and code that Google runs stand in ``extra``. Raises
    :class:`InputError` where the meaning cannot be told.
    """
    asked = _named(body, levels=2)
    config, choosing = asked.inside("generationConfig"), asked.inside("toolConfig", "functionCallingConfig")
    turns: list[Turn] = []
    if (system := asked.at("systemInstruction")).is_there:
        parts = [part for given in _several(system.at("parts")) for part in _part(given)]
        turns.append(Turn("system", tuple(parts)))
    for content in _several(asked.at("contents")):
        turns += _turns(content)
    model, is_stream = _told_by(target)
    choice = _choice(choosing)
    is_forced = choice is not None and choice.startswith("tool:")
    return ModelRequest(
        model=model,
        turns=tuple(turns),
        tools=tuple(_offers(asked.at("tools"))),
        tool_choice=choice,
        temperature=config.at("temperature").number(),
        max_tokens=config.at("maxOutputTokens").number(),
        top_p=config.at("topP").number(),
        schema=config.at("responseJsonSchema", "responseSchema").value,
        json=config.at("responseMimeType").text_or_none() == "application/json",
        stream=is_stream,
        extra=extra_of(asked, {*_TOLD, _ALLOWED} if is_forced else _TOLD),
    )


def _named(member: Member, levels: int = 0) -> Member:
    """Return an object with the names that we read in camelCase, and so the settings in it, as many levels down."""
    named = member.renamed(_NAMES)
    if not levels:
        return named
    settings = {
        name: _named(Member(value), levels - 1).value
        for name, value in named.object().items()
        if name in _SETTINGS and isinstance(value, dict)
    }
    return replace(named, value=named.object() | settings)


def _several(member: Member) -> Iterator[Member]:
    """Yield the elements of a list; one object may stand for the list of it, as Google's own examples write it."""
    return iter((member,)) if isinstance(member.value, dict) else member.each()


def _told_by(target: str) -> tuple[str | None, bool]:
    """Return the model that a path names, and whether it asks for a stream."""
    path, colon, verb = unquote(target.partition("?")[0]).rpartition(":")
    if not colon:
        return None, False
    for folder, kept in (("/models/", ""), ("/tunedModels/", "tunedModels/")):
        _, found, name = f"/{path}".rpartition(folder)
        if found:
            return kept + name, verb == "streamGenerateContent"
    return path.rpartition("/")[2] or None, verb == "streamGenerateContent"


def _turns(content: Member) -> Iterator[Turn]:
    role = content.at("role")
    if role.is_there and role.text() not in _ROLES:
        raise role.unknown()
    own = _ROLES[role.value or "user"]
    return split(own, [part for given in _several(content.at("parts")) for part in _part(given)])


def _part(given: Member) -> list[Part]:
    part = _named(given)
    if part.at("thought").value is True:
        given.put_aside()
        return []
    if (text := part.at("text")).is_there:
        return [Text(text.text())]
    if (data := part.at("inlineData")).is_there:
        data = _named(data)
        return [File(data.at("mimeType").word().lower(), data=data.at("data").word())]
    if (place := part.at("fileData")).is_there:
        place = _named(place)
        media_type = place.at("mimeType").text_or_none()
        return [File(media_type.lower() if media_type else None, url=place.at("fileUri").word())]
    if (call := part.at("functionCall")).is_there:
        arguments = call.at("args").json() if call.at("args").is_there else "{}"
        return [Call(call.at("id").text_or_none() or None, call.at("name").word(), arguments)]
    if (answer := part.at("functionResponse")).is_there:
        return [_answer(answer)]
    if part.at(*_ASIDE).is_there:
        given.put_aside()
        return []
    raise InputError(f"{given.path} holds nothing that the API has a word for")


def _answer(given: Member) -> Answered:
    name, response = given.at("name").word(), given.at("response")
    told = response.object()
    content = response
    if told.keys() == {"output"}:
        content = Member(told["output"])
    elif told.keys() == {"name", "content"} and told["name"] == name:
        content = Member(told["content"])
    text = content.value if isinstance(content.value, str) else content.json()
    return Answered(given.at("id").text_or_none() or None, text, name, is_error=told.keys() == {"error"})


def _offers(tools: Member) -> Iterator[ToolOffer]:
    """Yield the functions that are declared, and each built-in tool by its name (``googleSearch``)."""
    for given in _several(tools) if tools.is_there else ():
        for key, value in (tool := _named(given)).object().items():
            if key == "functionDeclarations":
                for declared in _several(tool.at(key)):
                    yield _function(_named(declared))
            elif value is not None:
                settings = tool.at(key)
                if value:
                    settings.put_aside()
                yield ToolOffer(key)


def _function(declared: Member) -> ToolOffer:
    schema = declared.at("parametersJsonSchema", "parameters").value
    return ToolOffer(declared.at("name").word(), declared.at("description").text_or_none(), schema)


def _choice(choosing: Member) -> str | None:
    mode, allowed = choosing.at("mode"), choosing.at("allowedFunctionNames")
    if not mode.is_there:
        return None
    if mode.text() not in _CHOICES:
        raise mode.unknown()
    names = [name.word() for name in allowed.each_if_there()]
    return f"tool:{names[0]}" if mode.value == "ANY" and len(names) == 1 else _CHOICES[mode.text()]
