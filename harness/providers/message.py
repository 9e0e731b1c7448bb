"""One message of a provider's stream: the name its frame gave it, and its JSON."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from harness.protocol.events import Event
from harness.stage import Stage


class Mark(Enum):
    """What a stream may say instead of JSON."""

    DONE = "[DONE]"


class Message(NamedTuple):
    """``name`` is the SSE ``event:`` field, or ``""``; ``data`` is JSON, or :attr:`Mark.DONE` for ``[DONE]``."""

    name: str
    data: Any


NewId: TypeAlias = Callable[[], str]
"""Gives the ids that a provider left out: an argument, so that decoding stays pure and repeatable (R38)."""

Decoder: TypeAlias = Stage[Message, Event]
"""A provider's messages in, source events (V2 stream parts) out; never raises for what a provider sent."""
