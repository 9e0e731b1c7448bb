"""Messages, tools and limits in a neutral form: what was said to a model, whatever the words of its API (R29, R30).

Three sides are read into it, each by a witness of its own, and compared: a TanStack request (here), what a provider
received (``providers``), and what a converter made (``rules``). In the neutral form consecutive messages of one role
are one turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal, TypeAlias

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text, empty ones included."""

    text: str


@dataclass(frozen=True, slots=True)
class File:
    """An image, sound, film or document: ``data`` is base64, ``url`` a place; one of the two is there.

    ``media_type`` is None where nobody says it; a wire may tell only its first half (``image``), written ``image/*``.
    """

    media_type: str | None
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call of an earlier turn; ``arguments`` is JSON text with exact numbers, ``id`` None on a wire without."""

    id: str | None
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A tool's answer to a call; ``content`` is text, or the JSON text of what is no text."""

    id: str | None
    content: str
    name: str | None = None
    is_error: bool = False


Part: TypeAlias = Text | File | Call | Answered


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said at one time."""

    role: Role
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class ToolOffer:
    """A tool that the model may call; ``schema`` is the JSON Schema of its input, or None where there is none."""

    name: str
    description: str | None = None
    schema: Any = None


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """Everything that a model was asked.

    ``tool_choice`` is ``auto``, ``none``, ``required``, or ``tool:NAME`` for one that is forced; None where nothing is
    said. ``schema`` is the JSON Schema of the answer in the provider's own field, None where there is none; ``json``
    tells that JSON was asked for, with a schema or without. ``extra`` are the body's members that none of the others
    tells.
    """

    model: str | None = None
    turns: tuple[Turn, ...] = ()
    tools: tuple[ToolOffer, ...] = ()
    tool_choice: str | None = None
    temperature: int | float | None = None
    max_tokens: int | float | None = None
    top_p: int | float | None = None
    schema: Any = None
    json: bool = False
    stream: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


def joined(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """Return the turns with consecutive ones of a role made one."""
    return tuple(
        Turn(role, tuple(part for turn in group for part in turn.parts))
        for role, group in groupby(turns, key=lambda turn: turn.role)
    )
