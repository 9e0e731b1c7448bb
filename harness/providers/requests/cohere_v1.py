"""Requests of Cohere's Chat API, version 1, and of ``/v1/generate`` before it → the neutral form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from harness.protocol.messages import Answered, Call, ModelRequest, Part, Role, Text, ToolOffer, Turn
from harness.providers.requests.member import Member, extra_of

_ROLES: dict[str, Role] = {"SYSTEM": "system", "USER": "user", "CHATBOT": "assistant"}
_TYPES = {
    "str": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "array", "dict": "object",
    "string": "string", "integer": "integer", "number": "number", "boolean": "boolean", "array": "array",
    "object": "object",
}  # fmt: skip
_LIST = re.compile(r"(?:list|array)\[(.+)\]", re.IGNORECASE)
_MAP = re.compile(r"dict\[.+\]", re.IGNORECASE)
_DEEPEST = 20  # lists of lists; what is deeper may be anything
_TOLD = {
    "message", "prompt", "preamble", "chat_history", "tool_results", "model", "tools", "temperature", "max_tokens", "p",
    "stream", "response_format.type", "response_format.schema",
}  # fmt: skip


def read_cohere_v1(_target: str, body: Member) -> ModelRequest:
    """Return what a body of ``/v1/chat`` asks (§4, R29); raises :class:`InputError` where that cannot be told.

    The turns are the preamble, the history, the message, and the results of tools. There are no ids: a result repeats
    its call, and calls that no turn before made are a turn of their own before their results. An empty message beside
    calls or results says nothing. Parameters of a tool, which have types of Python, are given as JSON Schema.
    ``/v1/generate`` has a ``prompt`` for a message. Connectors and documents stand in ``extra``.
    """
    turns: list[Turn] = []
    said, history, results = body.at("message", "prompt"), body.at("chat_history"), body.at("tool_results")
    if not (said.is_there or history.is_there or results.is_there):
        raise said.wrong("text")
    if (preamble := body.at("preamble")).is_there:
        turns.append(Turn("system", (Text(preamble.text()),)))
    for message in history.each_if_there():
        turns += _turns(message, turns)
    if said.is_there and (said.text() or not results.is_there):
        turns.append(Turn("user", (Text(said.text()),)))
    if results.is_there:
        turns += _answers(results, turns)
    answer_format = body.at("response_format")
    return ModelRequest(
        model=body.at("model").text_or_none(),
        turns=tuple(turns),
        tools=tuple(_offer(tool) for tool in body.at("tools").each_if_there()),
        temperature=body.at("temperature").number(),
        max_tokens=body.at("max_tokens").number(),
        top_p=body.at("p").number(),
        schema=answer_format.at("schema").value if answer_format.is_there else None,
        json=answer_format.is_there and _is_json(answer_format),
        stream=body.at("stream").value is True,
        extra=extra_of(body, _TOLD),
    )


def _turns(message: Member, before: Sequence[Turn]) -> list[Turn]:
    role = message.at("role")
    name = role.text().upper()
    if name == "TOOL":
        return list(_answers(message.at("tool_results"), before))
    if name not in _ROLES:
        raise role.unknown()
    calls: list[Part] = []
    if name == "CHATBOT":
        calls = [_call(call) for call in message.at("tool_calls").each_if_there()]
    text = (message.at("message").text_or_none() or "") if calls else message.at("message").text()
    said = [] if calls and not text else [Text(text)]
    return [Turn(_ROLES[name], (*said, *calls))]


def _answers(results: Member, before: Sequence[Turn]) -> Iterator[Turn]:
    """Yield the turn of some results, behind a turn of their calls where no turn before made any."""
    calls, answers = [], []
    for result in results.each():
        call = _call(result.at("call"))
        if call not in calls:
            calls.append(call)
        text, failed = _output(result.at("outputs"))
        answers.append(Answered(None, text, call.name, is_error=failed))
    last = next((turn for turn in reversed(before) if turn.role != "tool"), None)
    if last is None or not any(isinstance(part, Call) for part in last.parts):
        yield Turn("assistant", tuple(calls))
    yield Turn("tool", tuple(answers))


def _call(call: Member) -> Call:
    given = call.at("parameters")
    return Call(None, call.at("name").word(), given.json() if given.is_there else "{}")


def _output(outputs: Member) -> tuple[str, bool]:
    """Return what a tool answered, and whether that is an error.

    Outputs have to be objects: a text travels as the only member ``output`` of one, which is what it then stands for.
    """
    given = [Member(output.object(), output.path) for output in outputs.each()]
    if len(given) != 1:
        return outputs.json(), False
    keys = given[0].object().keys()
    content = given[0].at("output") if keys == {"output"} else given[0]
    return content.value if isinstance(content.value, str) else content.json(), keys == {"error"}


def _offer(tool: Member) -> ToolOffer:
    parameters = tool.at("parameter_definitions")
    schema = _schema(parameters) if parameters.is_there else None
    return ToolOffer(tool.at("name").word(), tool.at("description").text_or_none(), schema)


def _schema(parameters: Member) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, parameter in parameters.members():
        properties[name] = _type(parameter.at("type").word())
        if (description := parameter.at("description")).is_there:
            properties[name]["description"] = description.text()
        if parameter.at("required").value is True:
            required.append(name)
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _type(word: str) -> dict[str, Any]:
    """Return the JSON Schema of a type of Python (``List[int]``), or ``{}`` for one that is not known."""
    outer: dict[str, Any] = {}
    place = outer
    for _ in range(_DEEPEST):
        inner = _LIST.fullmatch(word.strip())
        if inner is None:
            break
        word = inner[1]
        place |= {"type": "array", "items": {}}
        place = place["items"]
    name = "dict" if _MAP.fullmatch(word.strip()) else word.strip().lower()
    if name in _TYPES:
        place["type"] = _TYPES[name]
    return outer


def _is_json(given: Member) -> bool:
    if given.kind() not in {"text", "json_object"}:
        raise given.unknown()
    return given.kind() == "json_object"
