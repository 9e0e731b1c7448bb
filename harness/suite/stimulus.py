"""A case → what is played to the implementation, and what that promises.

A cassette's body is decoded once, here; the implementation and the oracle see the same events.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from harness import providers
from harness.cassettes import cassette
from harness.errors import FixtureError, InputError
from harness.protocol.events import Event, loaded, revived
from harness.protocol.transcript import Stimulus
from harness.suite.case import Case, FromCassette


def stimulus(case: Case) -> Stimulus:
    """Return what the implementation is asked; raises :class:`FixtureError` where the case's source cannot be had.

    The events are as they will be played: NaN is a number, an absent member is absent, and an event may be bytes of
    JSON (R1).
    """
    given = case.given
    if isinstance(given, FromCassette):
        return Stimulus(case.request, tuple(_decoded(given.cassette, case.id)))
    try:
        events = tuple(revived(given.events))
    except ValueError as wrong:
        raise FixtureError(f"case {case.id}: given.events: {wrong}") from wrong
    return Stimulus(case.request, events)


def promised(events: Iterable[Any]) -> tuple[Event, ...]:
    """Return the events as the oracle reads them: text and bytes of JSON decoded, what cannot be decoded left out."""
    readable: list[Event] = []
    for event in events:
        try:
            read = loaded(event)
        except ValueError:
            continue
        if isinstance(read, dict):
            readable.append(read)
    return tuple(readable)


def _decoded(name: str, case_id: str) -> list[Event]:
    tape = cassette.load(name)
    if not 200 <= tape.status < 300:
        raise FixtureError(f"case {case_id}: the cassette {name} answers {tape.status}: there is no stream to decode")
    ids = count(1)
    try:
        return providers.decoded(tape.wire, tape.body, lambda: f"generated-{next(ids)}")
    except InputError as error:
        raise FixtureError(f"case {case_id}: the cassette {name}: {error}") from error
