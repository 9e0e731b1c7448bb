"""Whose answer a recorded one is, which wire it speaks, and what its body becomes piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from harness.cassettes import cassette
from harness.cassettes.compression import decoded_parts
from harness.cassettes.interaction import Interaction
from harness.errors import InputError
from harness.model.registry import PROVIDERS
from harness.protocol.events import Event
from harness.providers import counted_ids, decode, wire_named, wire_of_target


def wire_of(interaction: Interaction) -> str:
    """Return the wire that an answer speaks: as it says, else as its request's path tells.

    Raises :class:`InputError` where neither does, and for a wire that is not known or out of scope.
    """
    wire = interaction.wire or wire_of_target(interaction.request.uri)
    if wire is None:
        raise InputError("nobody says which wire the answer speaks; add `wire: NAME` to the cassette")
    return wire_named(wire).name


def provider_of(name: str, interaction: Interaction) -> str:
    """Return whose answer it is: of a bundled cassette its folder, else the provider of the request's host, or that."""
    if cassette.exists(name):
        return name.partition("/")[0]
    host = _host(interaction.request.uri)
    return next((one.id for one in PROVIDERS.values() if host and host == _host(one.base_url)), host or "?")


def events_by_part(interaction: Interaction) -> Iterator[tuple[int, list[Event]]]:
    """Yield source events with the number of the piece that made them known, part by part of a piece that is long.

    Those that only the end of the body gave come last, with the number behind the last piece's. Raises
    :class:`InputError` as :func:`wire_of` does, and for a body whose compression cannot be undone.
    """
    stage = decode(wire_of(interaction), counted_ids("call"))
    for number, data in decoded_parts(interaction):
        yield number, stage.feed(data)
    yield len(interaction.known_cuts()), stage.close()


def events_of(interaction: Interaction) -> Iterator[Event]:
    """Yield all source events of a body; raises as :func:`events_by_part` does."""
    for _, events in events_by_part(interaction):
        yield from events


def events_by_piece(interaction: Interaction) -> list[list[Event]]:
    """Return the same for each piece, and behind them those that only the end gave; raises as they do."""
    found: list[list[Event]] = [[] for _ in range(len(interaction.known_cuts()) + 1)]
    for number, events in events_by_part(interaction):
        found[number] += events
    return found


def _host(uri: str) -> str:
    try:
        return urlsplit(uri).netloc.rpartition("@")[2]
    except ValueError:
        return ""
