"""Each provider's wire, as two tables: its answers → source events, and the requests it received → the neutral form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import count
from urllib.parse import unquote

from harness.errors import InputError
from harness.protocol.events import Event
from harness.protocol.messages import ModelRequest
from harness.providers.anthropic import AnthropicDecoder
from harness.providers.decoding import Answer, located_events
from harness.providers.framing import Framing
from harness.providers.gemini import GeminiDecoder
from harness.providers.message import Decoder, NewId
from harness.providers.openai_chat import OpenAiChatDecoder
from harness.providers.openai_responses import OpenAiResponsesDecoder
from harness.providers.requests.anthropic import read_anthropic
from harness.providers.requests.gemini import read_gemini
from harness.providers.requests.member import Member, body_of
from harness.providers.requests.openai_chat import read_openai_chat
from harness.providers.requests.openai_responses import read_openai_responses
from harness.stage import Stage, chained, drained
from harness.wire.located import Located

WIRES: Mapping[str, Callable[[NewId], Decoder]] = {
    "openai-chat": OpenAiChatDecoder,
    "openai-responses": OpenAiResponsesDecoder,
    "anthropic-messages": AnthropicDecoder,
    "google-generatecontent": GeminiDecoder,
}
"""The wires by name, and what decodes their messages."""

READERS: Mapping[str, Callable[[str, Member], ModelRequest]] = {
    "openai-chat": read_openai_chat,
    "openai-responses": read_openai_responses,
    "anthropic-messages": read_anthropic,
    "google-generatecontent": read_gemini,
}
"""The wires by name, and what reads a request, given its target and its body."""

_ENDS = {
    "/chat/completions": "openai-chat",
    "/responses": "openai-responses",
    "/messages": "anthropic-messages",
    ":generateContent": "google-generatecontent",
    ":streamGenerateContent": "google-generatecontent",
}


def decoder_of(wire: str, new_id: NewId) -> Decoder:
    """Return a decoder for the messages of a wire; raises :class:`InputError` for one that is not in :data:`WIRES`."""
    if wire not in WIRES:
        raise _unknown(wire)
    return WIRES[wire](new_id)


def _unknown(wire: str) -> InputError:
    return InputError(f"there is no wire {wire!r}; known are {', '.join(WIRES)}")


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


def read_request(wire: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> ModelRequest:
    """Return what a provider was asked, in neutral form (R29): the turns as they were sent, none of them joined.

    ``target`` is path and query, behind whatever prefix. Members of the body that the neutral form has no word for
    stand in ``extra`` under their own names, and parts of messages that it has none for under ``extra["$unread"]``, by
    their paths. The id of a file that was uploaded before stands as its ``url``.

    Raises :class:`InputError`, in one sentence that says where, for an unknown wire, for a body that is no JSON object,
    and for one that breaks the API's shape so far that nobody can tell what it asks.
    """
    if wire not in READERS:
        raise _unknown(wire)
    return READERS[wire](target, body_of(headers, body))


def wire_of_target(target: str) -> str | None:
    """Return the wire that a request's path speaks, by its end and behind whatever prefix, or None."""
    path = unquote(target.partition("?")[0]).rstrip("/")
    return next((wire for end, wire in _ENDS.items() if f"/{path}".endswith(end)), None)
