"""Each provider's wire, three ways: its answers → events, events → its bytes, requests → the neutral form."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from urllib.parse import unquote

from harness.protocol.events import Event, readable
from harness.protocol.messages import ModelRequest
from harness.providers.decoding import Answer, located_events
from harness.providers.encoding.canonical import Canonical, usage_in
from harness.providers.encoding.encoder import UNLABELLED, Encoder, Labels
from harness.providers.framing import Framing
from harness.providers.message import Decoder, NewId
from harness.providers.requests.member import body_of
from harness.providers.wires import OUT_OF_SCOPE, OUT_OF_SCOPE_ENDS, WIRES, Wire, wire_named
from harness.stage import Stage, chained, drained
from harness.wire.located import Located

__all__ = [
    "OUT_OF_SCOPE", "WIRES", "Labels", "Wire", "counted_ids", "decode", "decoded", "decoded_in_place", "decoder_of",
    "encode", "encoded", "read_request", "wire_and_prefix", "wire_named", "wire_of_target",
]  # fmt: skip


def decoder_of(wire: str, new_id: NewId) -> Decoder:
    """Return a decoder for the messages of a wire; raises :class:`InputError` for one that is not in :data:`WIRES`."""
    return wire_named(wire).decoder(new_id)


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


def encode(wire: str, labels: Labels = UNLABELLED, provider: str = "") -> Encoder:
    """Return a stage from source events (V2 stream parts) to the bytes of a response body, a piece for each message.

    ``labels`` are what the answer calls itself until a ``response-metadata`` says otherwise. ``provider`` is a
    provider's id: its small differences on a wire that several speak are then written. Events of V2, V3 and V4 are
    taken. Raises :class:`InputError` for an unknown wire, and the stage raises it for an event that the wire has no
    words for. ``close`` writes nothing where no ``finish`` came: the body is then cut.
    """
    return chained(Canonical(), wire_named(wire).encoder(labels, provider))


def encoded(wire: str, events: Iterable[Event], labels: Labels = UNLABELLED, provider: str = "") -> list[bytes]:
    """Return a whole response body in pieces, a message in each; raises as :func:`encode` and its stage do."""
    told = list(events)
    if labels.prompt_tokens is None:
        labels = labels._replace(prompt_tokens=_prompt_tokens(told))
    return drained(encode(wire, labels, provider), *told)


def _prompt_tokens(events: Iterable[Event]) -> int | float | None:
    """Return what an answer's prompt cost by its own account, for the wires that say it before the answer."""
    finish = next((event for event in map(readable, events) if event.get("type") == "finish"), {})
    return usage_in(finish).get("inputTokens")


def read_request(wire: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> ModelRequest:
    """Return what a provider was asked, in neutral form (R29): the turns as they were sent, none of them joined.

    ``target`` is path and query, behind whatever prefix. Members of the body that the neutral form has no word for
    stand in ``extra`` under their own names, and parts of messages that it has none for under ``extra["$unread"]``, by
    their paths. The id of a file that was uploaded before stands as its ``url``.

    Raises :class:`InputError`, in one sentence that says where, for an unknown wire, for a body that is no JSON object,
    and for one that breaks the API's shape so far that nobody can tell what it asks.
    """
    reader = wire_named(wire).reader
    return reader(target, body_of(headers, body))


def wire_of_target(target: str) -> str | None:
    """Return the wire that a request's path speaks, by its end and behind whatever prefix, or None.

    It may be one that is out of scope, which :func:`wire_named` refuses by its name.
    """
    wire, _ = wire_and_prefix(target)
    return wire


def wire_and_prefix(target: str) -> tuple[str | None, str]:
    """Return the wire as above, and what of the path stands before the end by which it is told: all of it for None."""
    path = f"/{unquote(target.partition('?')[0]).rstrip('/')}"
    for wire in WIRES.values():
        if (prefix := wire.prefix_of(path)) is not None:
            return wire.name, prefix
    for name, end in OUT_OF_SCOPE_ENDS.items():
        if found := end.search(path):
            return name, path[: found.start()]
    return None, path
