"""A request in the words of Cohere's Chat API, version 1.

The conversation is cut in three: a preamble, what was said before, and the message or the results to answer. Calls have
no ids: a result repeats its call. A tool's parameters are told one by one, each with a type of Python, so most of JSON
Schema has no word here and is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from harness.errors import InputError
from harness.model.requests.ask import Ask, Offer
from harness.model.requests.attachments import Attached
from harness.model.requests.prompt import Called, Message, Returned, Said
from harness.model.router import Route

_WIRE = "cohere-v1"
_ROLES = {"system": "SYSTEM", "user": "USER", "assistant": "CHATBOT"}
_TYPES = {
    "string": "str", "integer": "int", "number": "float", "boolean": "bool", "array": "list", "object": "dict",
}  # fmt: skip
_OF_A_SCHEMA = {"type", "properties", "required", "additionalProperties", "title", "$schema"}
_OF_A_PARAMETER = {"type", "description", "items", "title"}
_DEEPEST = 20  # lists of lists

_Block: TypeAlias = dict[str, Any]


def cohere_v1_body(ask: Ask, route: Route, *, stream: bool) -> _Block:
    """Return the body for ``/v1/chat``.

    Raises :class:`InputError` for what this wire has no form for: files, a choice among tools, a tool's schema that is
    more than a list of plain parameters, a result whose call is not in the prompt, and a prompt whose last word is
    neither the user's nor a tool's.
    """
    if ask.choice is not None and ask.choice.kind != "auto":
        raise InputError(f"toolChoice is {ask.choice.kind}, and {_WIRE} leaves the choice of tools to the model")
    body: _Block = {"model": route.model_name, **_conversation(ask.messages)}
    if ask.tools:
        body["tools"] = [_tool(tool) for tool in ask.tools]
    limits = {"max_tokens": ask.max_tokens, "temperature": ask.temperature, "p": ask.top_p}
    body |= {name: value for name, value in limits.items() if value is not None}
    if ask.answer is not None:
        schema = {} if ask.answer.schema is None else {"schema": ask.answer.schema}
        body["response_format"] = {"type": "json_object", **schema}
    return body | ({"stream": True} if stream else {})


def _conversation(messages: tuple[Message, ...]) -> _Block:
    start = next((place for place, message in enumerate(messages) if message.role != "system"), len(messages))
    if start == len(messages):
        raise InputError(f"prompt holds nothing but system messages, and {_WIRE} needs something to answer")
    end = max((place for place, message in enumerate(messages, 1) if message.role != "tool"), default=0)
    said: _Block = {"message": ""}
    if results := messages[end:]:
        calls = _calls(messages)
        said["tool_results"] = [result for message in results for result in _results(message, calls)]
    elif messages[-1].role == "user":
        end -= 1
        said["message"] = _text(messages[-1])
    else:
        raise InputError(f"{messages[-1].place} is the last; {_WIRE} answers only messages of the user and results")
    if preamble := "\n".join(filter(None, map(_text, messages[:start]))):
        said["preamble"] = preamble
    if before := messages[start:end]:
        calls = _calls(before)
        said["chat_history"] = [_past(message, calls) for message in before]
    return said


def _calls(messages: Iterable[Message]) -> dict[str, Called]:
    return {part.id: part for message in messages for part in message.parts if isinstance(part, Called)}


def _past(message: Message, calls: Mapping[str, Called]) -> _Block:
    if message.role == "tool":
        return {"role": "TOOL", "tool_results": _results(message, calls)}
    made = [_call(part) for part in message.parts if isinstance(part, Called)]
    return {"role": _ROLES[message.role], "message": _text(message), **({"tool_calls": made} if made else {})}


def _text(message: Message) -> str:
    """Return the texts of a message as one, which is all that this wire has room for."""
    for part in message.parts:
        if isinstance(part, Attached):
            raise part.refused(_WIRE, "text alone")
    return "\n".join(part.text for part in message.parts if isinstance(part, Said) and part.text)


def _call(call: Called) -> _Block:
    return {"name": call.name, "parameters": call.arguments}


def _results(message: Message, calls: Mapping[str, Called]) -> list[_Block]:
    return [_result(part, calls) for part in message.parts if isinstance(part, Returned)]


def _result(returned: Returned, calls: Mapping[str, Called]) -> _Block:
    """Return a result behind its call; what is no object stands in one, below ``output``, or ``error`` if it failed."""
    call = calls.get(returned.id)
    if call is None:
        raise InputError(f"the result of the call {returned.id!r:.80} repeats its call on {_WIRE}, and there is none")
    if returned.is_error:
        output = {"error": returned.value}
    else:
        output = dict(returned.value) if isinstance(returned.value, Mapping) else {"output": returned.value}
    return {"call": _call(call), "outputs": [output]}


def _tool(tool: Offer) -> _Block:
    """Return a tool; its description may not be missing on this wire."""
    schema = tool.schema or {}
    _check(schema, _OF_A_SCHEMA, tool, "the schema")
    if schema.get("type", "object") != "object" or schema.get("additionalProperties", False) is not False:
        raise _refused(tool, "the schema is of something else than an object with known members")
    properties, required = schema.get("properties", {}), schema.get("required", ())
    if not isinstance(properties, Mapping) or not isinstance(required, list | tuple):
        raise _refused(tool, "the schema is none")
    parameters = {name: _parameter(name, given, required, tool) for name, given in properties.items()}
    return {"name": tool.name, "description": tool.description or "", "parameter_definitions": parameters}


def _parameter(name: str, given: Any, required: Iterable[Any], tool: Offer) -> _Block:
    kind = _type(given, tool, f"the parameter {name!r:.80}")
    described = {"description": given["description"]} if isinstance(given.get("description"), str) else {}
    return {**described, "type": kind, "required": name in required}


def _type(given: Any, tool: Offer, place: str) -> str:
    """Return the type of Python for a parameter's schema (``List[int]``)."""
    lists = 0
    while lists <= _DEEPEST:
        if not isinstance(given, Mapping):
            raise _refused(tool, f"{place} has no schema of its own")
        _check(given, _OF_A_PARAMETER, tool, place)
        kind = given.get("type")
        if not isinstance(kind, str) or kind not in _TYPES:
            raise _refused(tool, f"{place} has not one type of JSON")
        if kind != "array" or not given.get("items"):
            return "List[" * lists + _TYPES[kind] + "]" * lists
        given = given["items"]
        lists += 1
    raise _refused(tool, f"{place} nests too deeply")


def _check(given: Mapping[str, Any], known: set[str], tool: Offer, place: str) -> None:
    if unknown := [key for key in given if key not in known]:
        raise _refused(tool, f"{place} has {unknown[0]!r:.80}")


def _refused(tool: Offer, why: str) -> InputError:
    return InputError(
        f"the tool {tool.name!r:.80} cannot be offered on {_WIRE}, which has only plain parameters: {why}"
    )
