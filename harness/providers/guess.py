"""Which wire a body speaks, guessed from its first messages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from harness.providers.exact_text import parsed_json
from harness.providers.failures import failure_in
from harness.providers.fields import object_in, text_in
from harness.providers.framing import Framing
from harness.providers.message import Mark, Message

_PIECE = 16 * 1024
_ENOUGH = 50
_ANTHROPIC = {
    "message_start", "message_delta", "message_stop", "content_block_start", "content_block_delta",
    "content_block_stop", "ping",
}  # fmt: skip
_GOOGLE = {"candidates", "usageMetadata", "promptFeedback"}


def guessed_wire(body: bytes) -> str | None:
    """Return the name of the wire that the first messages of a body speak, or None.

    Error bodies are told by their shape too; the forms that OpenAI and its many followers share count as
    ``openai-chat``, because every decoder reads them alike. A body whose framing is broken is looked at line by line.
    """
    for messages in (_messages(body), _data_lines(body)):
        for message in islice(messages, _ENOUGH):
            if wire := _wire_of(message):
                return wire
    return None


def _messages(body: bytes) -> Iterator[Message]:
    """Frame lazily: a guess must not cost the reading of a long body."""
    framing = Framing()
    for start in range(0, len(body), _PIECE):
        yield from framing.feed(body[start : start + _PIECE])
    yield from framing.close()


def _data_lines(body: bytes) -> Iterator[Message]:
    """Give what ``data:`` lines hold, with or without the blank lines that make events of them."""
    for line in body[: _ENOUGH * _PIECE].splitlines():
        try:
            yield Message("", parsed_json(line.removeprefix(b"data:").decode("utf-8", "replace")))
        except ValueError:
            continue


def _wire_of(message: Message) -> str | None:
    data: Any = message.data
    if data is Mark.DONE:
        return "openai-chat"
    kind = text_in(data, "type")
    if kind in _ANTHROPIC or (kind == "message" and "content" in data):
        return "anthropic-messages"
    if kind == "error" and object_in(data, "error") and "sequence_number" not in data:
        return "anthropic-messages"
    if kind.startswith("response.") or kind == "error" or text_in(data, "object") == "response":
        return "openai-responses"
    if isinstance(data, dict):
        if data.keys() & _GOOGLE or text_in(object_in(data, "error"), "status"):
            return "google-generatecontent"
        if "choices" in data or failure_in("", data):
            return "openai-chat"
    return None
