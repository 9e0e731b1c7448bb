"""Tool arguments: the text of one JSON object, from ``input`` or from the deltas, or a reason why not (§13.4, R8, R9).

§13.4 refuses the empty text and rewrites every number; we read ``""`` as ``{}`` (R8: a call without arguments) and pass
the original text on, so that big integers, ``1.0`` and the order of keys stay what the model wrote.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from harness.protocol.exact_json import parsed
from harness.reference.stringified import stringified

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ParsedArguments:
    """Arguments that hold: ``text`` is one JSON object; ``from_deltas`` tells that ``input`` did not carry it."""

    text: str
    from_deltas: bool = False


@dataclass(frozen=True, slots=True)
class MalformedArguments:
    """Arguments that do not: what is wrong, with the position where JSON broke, and the text that was refused."""

    error: str
    text: str


Arguments: TypeAlias = ParsedArguments | MalformedArguments


def parse_tool_arguments(arguments: object) -> Arguments:
    """Return the text of one JSON object, or what is wrong with it; never raises.

    Takes text, or a parsed object. Blank text and None are ``{}``; arrays, numbers and the text ``null`` are refused.
    """
    if _is_blank(arguments):
        return ParsedArguments("{}")
    if isinstance(arguments, str):
        return _parsed_text(arguments)
    if not isinstance(arguments, Mapping):
        return MalformedArguments(f"Invalid arguments type: {_type_name(arguments)}", _shown(arguments))
    try:
        return ParsedArguments(stringified(arguments))
    except ValueError as error:
        return MalformedArguments(f"Invalid arguments: {error}", _shown(arguments))


def choose_arguments(given: object, deltas: object) -> Arguments:
    """Choose between a call's ``input`` and what its deltas came to, in the order of R8.

    ``input`` is the authority, since deltas may be absent or incomplete (E3). The deltas stand in where ``input`` is
    blank (``""`` beside good deltas must not become ``{}``) or malformed.
    """
    blank, answer = _is_blank(given), parse_tool_arguments(given)
    if _is_blank(deltas) or (isinstance(answer, ParsedArguments) and not blank):
        return answer
    fallback = parse_tool_arguments(deltas)
    if isinstance(fallback, ParsedArguments):
        return ParsedArguments(fallback.text, from_deltas=True)
    return fallback if blank else answer


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _parsed_text(text: str) -> Arguments:
    if not text.lstrip().startswith(("{", "[")):
        return MalformedArguments(f"Arguments do not appear to be JSON: {_quoted(text)}", text)
    try:
        value = parsed(text)
    except json.JSONDecodeError as error:
        return MalformedArguments(f"JSON parse error at position {error.pos}: {error.msg}", text)
    except ValueError as error:
        return MalformedArguments(f"JSON parse error: {error}", text)
    if not isinstance(value, dict):
        return MalformedArguments(f"Arguments are an array and not an object: {_quoted(text)}", text)
    return ParsedArguments(text)


def _quoted(text: str) -> str:
    text = text.strip()
    return f'"{text}"' if len(text) <= _SHOWN else f'"{text[:_SHOWN]}…"'


def _shown(value: object) -> str:
    try:
        return stringified(value)
    except ValueError:
        return _type_name(value)


def _type_name(value: object) -> str:
    """Name a type as JSON does."""
    if isinstance(value, Mapping):
        return "object"
    if isinstance(value, list | tuple):
        return "array"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return type(value).__name__
