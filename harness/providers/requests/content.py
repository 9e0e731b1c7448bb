"""Content of messages, where two wires write it alike: text or a list of parts, answers among words, raw inputs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import TypeAlias

from harness.protocol.messages import Answered, Part, Role, Text, Turn
from harness.providers.requests.member import Member

ReadPart: TypeAlias = Callable[[Member], Iterable[Part]]
"""Reads one part of a list; what the neutral form has no word for gives none."""

OPENAI_ROLES: Mapping[str, Role] = MappingProxyType(
    {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
)
"""The roles whose messages hold content, on both of OpenAI's wires."""


def parts_in(content: Member, read: ReadPart) -> list[Part]:
    """Return the parts of content that is text or a list; raises :class:`InputError` for all else, null included."""
    if isinstance(content.value, str):
        return [Text(content.value)]
    if not isinstance(content.value, list):
        raise content.wrong("text or a list of parts")
    return [part for given in content.each() for part in read(given)]


def answer_in(content: Member, read: ReadPart) -> str:
    """Return a tool's answer: its text, or the JSON text of parts that are more than text; raises as above."""
    parts = parts_in(content, read)
    texts = [part.text for part in parts if isinstance(part, Text)]
    return "".join(texts) if len(texts) == len(parts) else content.json()


def raw_input(given: Member) -> str:
    """Return what a custom tool is given, which is no JSON and so travels as a JSON string."""
    return json.dumps(given.text(), ensure_ascii=False)


def split(own: Role, parts: list[Part]) -> Iterator[Turn]:
    """Yield one message as turns: answers of tools are turns of the role ``tool``, what stands between them is own.

    A message without parts is one turn without parts.
    """
    if not parts:
        yield Turn(own, ())
    for answers, group in groupby(parts, key=lambda part: isinstance(part, Answered)):
        yield Turn("tool" if answers else own, tuple(group))
