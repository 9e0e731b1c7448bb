"""A case → what is played to the implementation, and what that promises.

A cassette's body is decoded once, here; the implementation and the oracle see the same events.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from itertools import count
from typing import Any

from harness import providers
from harness.errors import FixtureError, InputError
from harness.protocol.events import Event, revived
from harness.protocol.transcript import AbortAt, Stimulus
from harness.suite import tapes
from harness.suite.case import Case
from harness.suite.given import Events, FromCassette, Input
from harness.suite.refusal import refused
from harness.suite.routing import BASE_URL

_MADE = "generated-"
_OF_CALLS = frozenset({"tool-call", "tool-input-start"})


def stimulus(case: Case, base_url: str | None = None) -> Stimulus:
    """Return what the implementation is asked; raises :class:`FixtureError` where its cassette cannot be decoded.

    The events are as they will be played: NaN is a number, an absent member is absent, and an event may be bytes of
    JSON (R1). Where a provider is played over HTTP, at ``base_url``, they are known only afterwards
    (:func:`harness.suite.playing.played_events`).
    """
    given = case.given
    events = None
    if isinstance(given, Events):
        events = tuple(revived(given.events))
    elif isinstance(given, FromCassette):
        tape = tapes.tape(given.cassette)
        events = tuple(refused(decoded(tape.wire, tape.body, f"case {case.id}: the cassette {tape.name}"), tape.status))
    abort = case.abort
    return Stimulus(
        _with_url(case.request, base_url),
        events,
        operation=case.operation,
        input=given.input if isinstance(given, Input) else {},
        base_url=base_url,
        approvals=case.approvals,
        abort=None if abort is None else AbortAt(abort.after_chunks, abort.or_after_ms),
    )


def decoded(wire: str, body: bytes, where: str) -> list[dict[str, Any]]:
    """Return the source events of a body of ours; raises :class:`FixtureError` that names ``where`` it stands."""
    ids = count(1)
    try:
        return providers.decoded(wire, body, lambda: f"{_MADE}{next(ids)}")
    except InputError as error:
        raise FixtureError(f"{where}: {error}") from error


def made_ids(events: Iterable[Event]) -> frozenset[str]:
    """Return the ids of the calls that had none, so that :func:`decoded` made one: whoever reads them makes another."""
    ids = (event.get("toolCallId", event.get("id")) for event in events if event.get("type") in _OF_CALLS)
    return frozenset(id_ for id_ in ids if isinstance(id_, str) and id_.startswith(_MADE))


def _with_url(request: dict[str, Any], base_url: str | None) -> dict[str, Any]:
    options = request.get("modelOptions")
    if base_url is None or not isinstance(options, dict) or options.get("url") != BASE_URL:
        return request
    changed = copy.deepcopy(request)
    changed["modelOptions"]["url"] = base_url
    return changed
