"""A sample of a request's body, as a case writes it, read into the neutral form.

Theory of operation. A sample names a few members, and the readers of the wires want whole bodies. So what a sample
leaves out and a reader needs is filled in with :data:`ANYTHING`, which whoever compares takes for equal to all. What no
reader tells (``strict`` of a tool, ``cache_control`` of a text) is left over, to be compared letter by letter.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.errors import InputError
from harness.protocol.messages import ModelRequest
from harness.providers import read_request
from harness.suite.part_comparison import ANYTHING

GEMINI = "google-generatecontent"

_LACKING: Mapping[str, Mapping[str, Any]] = {
    "openai-chat": {
        "messages": [],
        "messages * content": ANYTHING,
        "messages * content * text": ANYTHING,
        "messages * tool_call_id": ANYTHING,
        "messages * tool_calls * id": ANYTHING,
        "messages * tool_calls * function": {},
        "messages * tool_calls * function name": ANYTHING,
        "messages * tool_calls * function arguments": ANYTHING,
        "tools * function": {},
        "tools * function name": ANYTHING,
        "tool_choice ?function function": {},
        "tool_choice function name": ANYTHING,
        "response_format ?json_schema json_schema": {},
        "response_format ?json_schema json_schema schema": ANYTHING,
    },
    "openai-completions": {"prompt": ANYTHING},
    "openai-responses": {
        "input": [],
        "input * content": ANYTHING,
        "input * content * text": ANYTHING,
        "input * call_id": ANYTHING,
        "input * name": ANYTHING,
        "input * arguments": ANYTHING,
        "input * output": ANYTHING,
        "tools * type": "function",
        "tools * name": ANYTHING,
        "tool_choice ?function name": ANYTHING,
        "text format ?json_schema schema": ANYTHING,
    },
    "anthropic-messages": {
        "messages": [],
        "messages * content": ANYTHING,
        "messages * content * text": ANYTHING,
        "messages * content * id": ANYTHING,
        "messages * content * name": ANYTHING,
        "messages * content * input": ANYTHING,
        "messages * content * tool_use_id": ANYTHING,
        "messages * content * content": ANYTHING,
        "tools * name": ANYTHING,
        "tool_choice ?tool name": ANYTHING,
        "output_config format ?json_schema schema": ANYTHING,
    },
    "cohere-v2": {
        "messages": [],
        "messages * content": ANYTHING,
        "messages * content * text": ANYTHING,
        "messages * tool_call_id": ANYTHING,
        "messages * tool_calls * id": ANYTHING,
        "messages * tool_calls * function": {},
        "messages * tool_calls * function name": ANYTHING,
        "messages * tool_calls * function arguments": ANYTHING,
        "tools * function": {},
        "tools * function name": ANYTHING,
    },
    "cohere-v1": {
        "message": ANYTHING,
        "chat_history * message": ANYTHING,
        "chat_history * tool_calls * name": ANYTHING,
        "chat_history * tool_calls * parameters": ANYTHING,
        "chat_history * tool_results * call": {},
        "chat_history * tool_results * call name": ANYTHING,
        "chat_history * tool_results * outputs": [{"output": ANYTHING}],
        "tool_results * call": {},
        "tool_results * call name": ANYTHING,
        "tool_results * outputs": [{"output": ANYTHING}],
        "tools * name": ANYTHING,
    },
    "ollama-chat": {
        "messages": [],
        "messages * content": ANYTHING,
        "messages * tool_calls * function": {},
        "messages * tool_calls * function name": ANYTHING,
        "messages * tool_calls * function arguments": {ANYTHING: ANYTHING},
        "tools * function": {},
        "tools * function name": ANYTHING,
    },
    "ollama-generate": {"prompt": ANYTHING},
    "cloudflare-run": {
        "messages": [],
        "messages * content": ANYTHING,
        "messages * content * text": ANYTHING,
        "messages * tool_calls * function": {},
        "messages * tool_calls * function name": ANYTHING,
        "messages * tool_calls * function arguments": ANYTHING,
        "tools * function": {},
        "tools * function name": ANYTHING,
        "tool_choice ?function function": {},
        "tool_choice function name": ANYTHING,
        "response_format ?json_schema json_schema": ANYTHING,
    },
    GEMINI: {
        "contents": [],
        "contents * parts": [{"text": ANYTHING}],
        "contents * parts * functionCall name": ANYTHING,
        "contents * parts * functionCall args": ANYTHING,
        "contents * parts * functionResponse name": ANYTHING,
        "contents * parts * functionResponse response": {"output": ANYTHING},
        "tools * functionDeclarations * name": ANYTHING,
    },
    "google-interactions": {
        "input * ?user_input content": [{"type": "text", "text": ANYTHING}],
        "input * ?model_output content": [{"type": "text", "text": ANYTHING}],
        "input * ?text text": ANYTHING,
        "input * content * ?text text": ANYTHING,
        "input * ?function_call id": ANYTHING,
        "input * ?function_call name": ANYTHING,
        "input * ?function_call arguments": ANYTHING,
        "input * ?function_result call_id": ANYTHING,
        "input * ?function_result result": ANYTHING,
        "tools * type": "function",
        "tools * ?function name": ANYTHING,
    },
    "bedrock-converse": {
        "messages * content": [{"text": ANYTHING}],
        "messages * content * toolUse toolUseId": ANYTHING,
        "messages * content * toolUse name": ANYTHING,
        "messages * content * toolUse input": ANYTHING,
        "messages * content * toolResult toolUseId": ANYTHING,
        "messages * content * toolResult content": [{"text": ANYTHING}],
        "toolConfig tools * toolSpec name": ANYTHING,
        "toolConfig toolChoice tool name": ANYTHING,
        "outputConfig textFormat ?json_schema structure": {},
        "outputConfig textFormat structure jsonSchema": {},
        "outputConfig textFormat structure jsonSchema schema": json.dumps(ANYTHING),
    },
}
"""What a reader needs, in the order of filling: a path of names, ``*`` each element of a list, ``?`` of this type."""

_TOLD: Mapping[str, frozenset[str]] = {
    "openai-chat": frozenset({
        "role", "content", "type", "text", "refusal", "image_url", "video_url", "audio_url", "document_url", "url",
        "input_audio", "data", "input_audio.format", "file", "file_data", "file_id", "tool_calls", "tool_call_id",
        "id", "function", "custom", "function_call", "function.name", "function.arguments", "function.description",
        "function.parameters", "custom.name", "custom.input", "custom.description", "function_call.name",
        "function_call.arguments",
    }),
    "openai-responses": frozenset({
        "role", "type", "content", "text", "refusal", "image_url", "file_url", "file_data", "file_id", "input_audio",
        "data", "input_audio.format", "call_id", "name", "arguments", "input", "output", "description", "parameters",
    }),
    "anthropic-messages": frozenset({
        "role", "content", "text", "content.type", "source.type", "system.type", "source", "media_type", "data",
        "url", "file_id", "id", "name", "input", "tool_use_id", "is_error", "description", "input_schema",
    }),
    "cohere-v2": frozenset({
        "role", "content", "type", "text", "image_url", "url", "tool_calls", "tool_call_id", "id", "function",
        "function.name", "function.arguments", "function.description", "function.parameters",
    }),
    "cohere-v1": frozenset({
        "role", "message", "tool_calls", "tool_results", "call", "outputs", "name", "parameters", "description",
        "parameter_definitions",
    }),
    "openai-completions": frozenset(),
    "ollama-chat": frozenset({
        "role", "content", "images", "tool_calls", "id", "function", "function.name", "function.arguments",
        "function.description", "function.parameters", "tool_name", "tool_call_id", "tools.type",
    }),
    "ollama-generate": frozenset(),
    "cloudflare-run": frozenset({
        "role", "content", "type", "text", "image_url", "url", "tool_calls", "tool_call_id", "id", "function",
        "messages.name", "name", "arguments", "description", "parameters",
    }),
    GEMINI: frozenset({
        "role", "parts", "text", "inlineData", "fileData", "mimeType", "data", "fileUri", "functionCall",
        "functionResponse", "id", "name", "args", "response", "functionDeclarations", "description", "parameters",
        "parametersJsonSchema",
    }),
    "google-interactions": frozenset({
        "role", "type", "content", "text", "data", "uri", "mime_type", "id", "name", "arguments", "call_id", "result",
        "is_error", "description", "parameters",
    }),
    "bedrock-converse": frozenset({
        "role", "content", "text", "image", "document", "video", "audio", "format", "source", "bytes", "s3Location",
        "uri", "toolUse", "toolUseId", "name", "input", "toolResult", "status", "json",
    }),
}  # fmt: skip
"""The names that the neutral form tells in messages and tools, wherever or behind that of the object around them."""

_IN_TURNS_AND_TOOLS = (
    "messages", "input", "contents", "chat_history", "tool_results", "system", "systemInstruction", "tools",
)  # fmt: skip
_DATA = frozenset({
    "args", "response", "parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema", "arguments",
    "input", "input_schema", "outputs", "parameter_definitions", "json", "result",
})  # fmt: skip
"""Members whose names are the application's, not the API's."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sample says: ``asked`` in the neutral form, and ``rest`` of its turns and tools, which nothing tells."""

    wire: str
    body: Mapping[str, Any]
    asked: ModelRequest
    rest: Mapping[str, Any]

    def names(self, *keys: str) -> bool:
        """Tell whether the sample has any of these members."""
        return not self.body.keys().isdisjoint(keys)


def read_sample(wire: str, body: Mapping[str, Any]) -> Sample | None:
    """Return what a sample of a body says, None where it is too small a part for that."""
    filled = copy.deepcopy(dict(body))
    for path, value in _LACKING.get(wire, {}).items():
        *steps, name = path.split()
        for holder in _reached(filled, steps):
            holder.setdefault(name, copy.deepcopy(value))
    try:
        asked = read_request(wire, "", (), json.dumps(filled).encode())
    except InputError:
        return None
    rest = {key: left for key in _IN_TURNS_AND_TOOLS if (left := _untold(body.get(key), _TOLD[wire], key))}
    return Sample(wire, body, asked, rest)


def in_camel_case(value: Any) -> Any:
    """Return a body with the API's names in camelCase, as protobuf's JSON takes them too; data stays as it is."""
    if isinstance(value, list):
        return [in_camel_case(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    named = {_camel(key): inner for key, inner in value.items()}
    return {key: inner if key in _DATA else in_camel_case(inner) for key, inner in named.items()}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


def _reached(value: Any, steps: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the objects at the end of a path."""
    if not steps:
        if isinstance(value, dict):
            yield value
        return
    step, *others = steps
    inner: Iterable[Any] = ()
    if step == "*":
        inner = value if isinstance(value, list) else ()
    elif isinstance(value, dict):
        is_of_type = step[0] == "?" and value.get("type") == step[1:]
        inner = (value,) if is_of_type else (value.get(step),)
    for one in inner:
        yield from _reached(one, others)


def _untold(value: Any, told: frozenset[str], around: str) -> Any:
    """Return what is left of a value without the members that are told, and without those that must be absent."""
    if isinstance(value, list):
        left = [_untold(inner, told, around) for inner in value]
        return [inner or {} for inner in left] if any(left) else []
    if not isinstance(value, dict):
        return {}
    rest: dict[str, Any] = {}
    for key, inner in value.items():
        if inner is None:
            continue
        if key not in told and f"{around}.{key}" not in told:
            rest[key] = inner
        elif key not in _DATA and (left := _untold(inner, told, key)):
            rest[key] = left
    return rest
