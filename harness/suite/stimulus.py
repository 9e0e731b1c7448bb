"""A case → what is played to the implementation, and what that promises.

A cassette's body is decoded once, here; the implementation and the oracle see the same events.
"""

from __future__ import annotations

from itertools import count

from harness import providers
from harness.cassettes import cassette
from harness.errors import FixtureError, InputError
from harness.protocol.events import THROW, Event, revived
from harness.protocol.source_values import failure_of
from harness.protocol.transcript import Stimulus
from harness.suite.case import Case, FromCassette

_REFUSED = 400  # the first HTTP status that is not an answer


def stimulus(case: Case) -> Stimulus:
    """Return what the implementation is asked; raises :class:`FixtureError` where its cassette cannot be decoded.

    The events are as they will be played: NaN is a number, an absent member is absent, and an event may be bytes of
    JSON (R1).
    """
    given = case.given
    if isinstance(given, FromCassette):
        return Stimulus(case.request, tuple(_decoded(given.cassette, case.id)))
    return Stimulus(case.request, tuple(revived(given.events)))


def _decoded(name: str, case_id: str) -> list[Event]:
    tape = cassette.load(name)
    ids = count(1)
    try:
        events = providers.decoded(tape.wire, tape.body, lambda: f"generated-{next(ids)}")
    except InputError as error:
        raise FixtureError(f"case {case_id}: the cassette {name}: {error}") from error
    return events if tape.status < _REFUSED else [_refusal(events, tape.status)]


def _refusal(events: list[Event], status: int) -> Event:
    """Return what a model raises when the provider answers with a status instead of a stream (R22)."""
    said = [failure_of(event.get("error")).message for event in events if event.get("type") == "error"]
    message = said[0] if said else f"the provider answered with the status {status}"
    return {THROW: {"name": "APICallError", "message": message, "code": str(status)}}
