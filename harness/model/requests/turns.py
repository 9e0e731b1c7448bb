"""What the two wires with strict turns need: system prompts set apart, and turns that alternate.

Anthropic and Google take system prompts in a member of their own, before everything else, and want user and assistant
by turns, tool results being the user's words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, Literal, TypeAlias

from harness.errors import InputError
from harness.model.requests.prompt import Message, Part, Said

Side = Literal["user", "assistant"]
Block: TypeAlias = dict[str, Any]


def system_apart(messages: tuple[Message, ...], wire: str) -> tuple[list[str], tuple[Message, ...]]:
    """Return the system prompts that say something, and the conversation behind them.

    Raises :class:`InputError` for a system message in the middle, whose place these wires cannot tell, and for a
    conversation in which nobody said anything.
    """
    start = next((place for place, message in enumerate(messages) if message.role != "system"), len(messages))
    prompts = [part.text for message in messages[:start] for part in message.parts if isinstance(part, Said)]
    rest = messages[start:]
    if not rest:
        raise InputError(f"prompt holds nothing but system messages, and {wire} needs something to answer")
    if late := [message for message in rest if message.role == "system"]:
        raise InputError(f"{late[0].place}: {wire} takes system messages only before the conversation")
    return [text for text in prompts if text], rest


def alternating(messages: Iterable[Message], block_of: Callable[[Part, Side], Block]) -> list[tuple[Side, list[Block]]]:
    """Return the turns, the messages of one side made one; ``block_of`` writes a part in the wire's words.

    An empty text beside other parts of its turn is left out: both providers refuse it, and it says nothing.
    """
    turns = []
    for side, group in groupby(messages, key=_side):
        parts = [part for message in group for part in message.parts]
        spoken = [part for part in parts if part != Said("")]
        turns.append((side, [block_of(part, side) for part in spoken or [Said("")]]))
    return turns


def _side(message: Message) -> Side:
    return "assistant" if message.role == "assistant" else "user"
