"""Each provider's wire → source events, as a table of wires."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count

from harness.errors import InputError
from harness.protocol.events import Event
from harness.providers.anthropic import AnthropicDecoder
from harness.providers.decoding import Answer, located_events
from harness.providers.framing import Framing
from harness.providers.gemini import GeminiDecoder
from harness.providers.message import Decoder, NewId
from harness.providers.openai_chat import OpenAiChatDecoder
from harness.providers.openai_responses import OpenAiResponsesDecoder
from harness.stage import Stage, chained, drained
from harness.wire.located import Located

WIRES: Mapping[str, Callable[[NewId], Decoder]] = {
    "openai-chat": OpenAiChatDecoder,
    "openai-responses": OpenAiResponsesDecoder,
    "anthropic-messages": AnthropicDecoder,
    "google-generatecontent": GeminiDecoder,
}
"""The wires by name, and what decodes their messages."""


def decoder_of(wire: str, new_id: NewId) -> Decoder:
    """Return a decoder for the messages of a wire; raises :class:`InputError` for one that is not in :data:`WIRES`."""
    if wire not in WIRES:
        raise InputError(f"there is no wire {wire!r}; known are {', '.join(WIRES)}")
    return WIRES[wire](new_id)


def decode(wire: str, new_id: NewId) -> Stage[bytes, Event]:
    """Return a stage from the bytes of a response body, cut anywhere, to source events (V2 stream parts).

    The stage never raises: what cannot be read becomes an ``error`` event, a body that ends too early gives what was
    complete and no ``finish``. Raises what :func:`decoder_of` raises.
    """
    return chained(Framing(), Answer(decoder_of(wire, new_id)))


def decoded(wire: str, body: bytes, new_id: NewId) -> list[Event]:
    """Return the source events of a whole response body; raises what :func:`decoder_of` raises."""
    return drained(decode(wire, new_id), body)


def decoded_in_place(wire: str, body: bytes, new_id: NewId) -> list[Located[Event]]:
    """Return the same events, each with the range of bytes it came from; raises what :func:`decoder_of` raises."""
    return located_events(decoder_of(wire, new_id), body)


def counted_ids(prefix: str) -> NewId:
    """Return a source of ids that repeats itself from run to run: ``prefix_0``, ``prefix_1``, …"""
    numbers = count()
    return lambda: f"{prefix}_{next(numbers)}"
