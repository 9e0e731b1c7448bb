"""Call options → everything that a request has to say, checked once for all wires.

An option that nobody knows is refused by its name: the SDK drops ``maxTokens``, ``messages`` and a tool's
``parameters`` without a word (ledger A1, A3, A4), and the answer is then to another question.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from harness.errors import InputError
from harness.model.requests.prompt import Message, messages_of
from harness.protocol.language_model import CallOptions

Number: TypeAlias = int | float | Decimal

_OPTIONS = (
    "prompt", "tools", "toolChoice", "maxOutputTokens", "temperature", "topP", "responseFormat", "providerOptions",
    "headers",
)  # fmt: skip
_BEYOND_LIMITS = 10**15
_OF_A_TOOL = ("type", "name", "description", "inputSchema")


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool that the model may call; ``schema`` is None where the caller gave none."""

    name: str
    description: str | None
    schema: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What the model must do with the tools; ``name`` is the tool that is forced."""

    kind: Literal["auto", "none", "required", "tool"]
    name: str = ""


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """The answer is JSON; ``schema`` is None where any JSON will do."""

    schema: Mapping[str, Any] | None
    name: str
    description: str | None
    strict: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """Call options, read."""

    messages: tuple[Message, ...]
    tools: tuple[Offer, ...]
    choice: Choice | None
    max_tokens: Number | None
    temperature: Number | None
    top_p: Number | None
    answer: AnswerFormat | None


def ask_of(options: CallOptions) -> Ask:
    """Read call options; raises :class:`InputError`, which names what is wrong."""
    if unknown := [name for name in options if name not in _OPTIONS]:
        raise InputError(f"there is no call option {unknown[0]!r:.80}; known are {', '.join(_OPTIONS)}")
    tools = _tools(options.get("tools"))
    return Ask(
        messages=messages_of(options.get("prompt")),
        tools=tools,
        choice=_choice(options.get("toolChoice"), {tool.name for tool in tools}),
        max_tokens=_whole(_number(options, "maxOutputTokens")),
        temperature=_number(options, "temperature"),
        top_p=_number(options, "topP"),
        answer=_answer(options.get("responseFormat")),
    )


def provider_options(options: CallOptions, provider: str) -> dict[str, Any]:
    """Return the members that the body of one provider gets as they are; raises :class:`InputError`."""
    given = _object(options.get("providerOptions"), "providerOptions")
    return _object(given.get(provider), f"providerOptions.{provider}")


def _object(value: object, place: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError(f"{place} is no object")
    return dict(value)


def _number(options: CallOptions, name: str) -> Number | None:
    value = options.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise InputError(f"{name} is no number")
    if not (isinstance(value, int) or (value.is_finite() if isinstance(value, Decimal) else math.isfinite(value))):
        raise InputError(f"{name} is no finite number")
    return value


def _whole(value: Number | None) -> Number | None:
    """Write ``100.0`` as ``100``: it is the same limit, and several servers refuse the first form of it."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if -_BEYOND_LIMITS < value < _BEYOND_LIMITS and value == int(value) else value


def _tools(tools: object) -> tuple[Offer, ...]:
    if tools is None:
        return ()
    if not isinstance(tools, list | tuple):
        raise InputError("tools is no list")
    return tuple(_offer(tool, f"tools[{number}]") for number, tool in enumerate(tools))


def _offer(tool: object, place: str) -> Offer:
    if not isinstance(tool, Mapping):
        raise InputError(f"{place} is no tool")
    if tool.get("type") != "function":
        raise InputError(f"{place} has the unknown type {tool.get('type')!r:.80}; known is function")
    if unknown := [key for key in tool if key not in _OF_A_TOOL]:
        raise InputError(f"{place} has the unknown member {unknown[0]!r:.80}; known are {', '.join(_OF_A_TOOL)}")
    name, description, schema = tool.get("name"), tool.get("description"), tool.get("inputSchema")
    if not isinstance(name, str) or not name:
        raise InputError(f"{place}.name is missing")
    if description is not None and not isinstance(description, str):
        raise InputError(f"{place}.description is no text")
    if schema is not None and not isinstance(schema, Mapping):
        raise InputError(f"{place}.inputSchema is no JSON Schema of an object")
    return Offer(name, description, None if schema is None else dict(schema))


def _choice(choice: object, names: set[str]) -> Choice | None:
    """Return the choice, or None where there is nothing to choose: providers refuse ``auto`` beside no tools."""
    if choice is None:
        return None
    kind = choice.get("type") if isinstance(choice, Mapping) else None
    name = choice.get("toolName") if isinstance(choice, Mapping) else None
    match kind:
        case "auto" | "none":
            return Choice(kind) if names else None
        case "required" if names:
            return Choice("required")
        case "required":
            raise InputError("toolChoice requires a call, and there are no tools")
        case "tool" if isinstance(name, str) and name in names:
            return Choice("tool", name)
        case "tool":
            raise InputError(f"toolChoice forces {name!r:.80}, which is not among the tools")
    raise InputError(f"toolChoice has the unknown type {kind!r:.80}; known are auto, none, required and tool")


def _answer(answer: object) -> AnswerFormat | None:
    if answer is None:
        return None
    kind = answer.get("type") if isinstance(answer, Mapping) else None
    if not isinstance(answer, Mapping) or kind not in ("text", "json"):
        raise InputError(f"responseFormat has the unknown type {kind!r:.80}; known are text and json")
    if kind == "text":
        return None
    schema, name, description = answer.get("schema"), answer.get("name"), answer.get("description")
    if schema is not None and not isinstance(schema, Mapping):
        raise InputError("responseFormat.schema is no JSON Schema of an object")
    return AnswerFormat(
        schema=None if schema is None else dict(schema),
        name=name if isinstance(name, str) and name else "response",
        description=description if isinstance(description, str) else None,
        strict=answer.get("strict") is not False,
    )
