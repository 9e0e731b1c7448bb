"""What messages say beside calls and results: their texts and their files; and the refusal of the rest."""

from __future__ import annotations

from collections.abc import Iterable

from harness.errors import InputError
from harness.model.requests.ask import Ask
from harness.model.requests.attachments import Attached
from harness.model.requests.prompt import Message, Said


def without_tools(ask: Ask, wire: str) -> None:
    """Raise :class:`InputError` for an offer, a call or a result of a tool, which a wire of one prompt cannot say."""
    if ask.tools:
        raise InputError(f"{wire} has no words for tools, such as {ask.tools[0].name!r:.80}")
    for message in ask.messages:
        if any(not isinstance(part, Said | Attached) for part in message.parts):
            raise InputError(f"{message.place}: {wire} has no words for the calls and the results of tools")


def files_of(messages: Iterable[Message]) -> list[Attached]:
    """Return the files of messages, in their order."""
    return [part for message in messages for part in message.parts if isinstance(part, Attached)]


def text_of(message: Message) -> str:
    """Return what a message says: its texts, joined by nothing."""
    return "".join(part.text for part in message.parts if isinstance(part, Said))
