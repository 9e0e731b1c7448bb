"""Which wire an imported exchange speaks, or why it is no answer of a language model."""

from __future__ import annotations

from collections.abc import Callable

from harness.cassettes.importing import LeftOut
from harness.cassettes.interaction import Interaction
from harness.errors import InputError
from harness.protocol.events import Event
from harness.providers import OUT_OF_SCOPE, counted_ids, decoded, read_request, wire_of_target
from harness.providers.guess import guessed_wire

NO_ANSWER = "no answer of a language model"
_ASKS_NOTHING = frozenset({"OPTIONS", "HEAD"})
_NO_BODY = frozenset({204, 304})
_REFUSED = 400  # the least status that is an error
_UNREADABLE = frozenset({"INVALID_JSON", "INVALID_FRAMING"})


def spoken_wire(one: Interaction, wire: str | None) -> str | LeftOut:
    """Return the wire of an exchange whose answer is not compressed; ``wire`` is what the user says that it is.

    What the user or the file says has to be readable as that. Of what only the path says, an error has to answer a
    request of that wire: others have paths such as ``/messages`` too. Of a body alone an error tells no wire.
    """
    if one.request.method.upper() in _ASKS_NOTHING:
        return LeftOut(NO_ANSWER)
    said = wire or one.wire
    if said is not None:
        is_silent = one.ending != "end" or one.status in _NO_BODY or one.status >= _REFUSED
        return said if is_silent or is_readable(events_of(one, said)) else LeftOut(f"nothing of {said} in it")
    body = one.body.read(0, one.body.length)
    candidates: tuple[tuple[str | None, Callable[[Interaction, str], bool]], ...] = (
        (likely_wire(one), _answers),
        (guessed_wire(body), _says),
    )
    for found, fits in candidates:
        if found in OUT_OF_SCOPE:
            return LeftOut(f"{found}, which is out of scope")
        if found is not None and fits(one, found):
            return found
    return LeftOut(NO_ANSWER)


def likely_wire(one: Interaction) -> str | None:
    """Return the wire that the path of a request says, if a body may have been sent to it."""
    return wire_of_target(one.request.uri) if one.request.method.upper() == "POST" else None


def events_of(one: Interaction, wire: str) -> list[Event]:
    """Return what the decoder of a wire makes of an answer."""
    return decoded(wire, one.body.read(0, one.body.length), counted_ids("call"))


def is_readable(events: list[Event]) -> bool:
    """Tell whether there is anything, and it does not begin with what cannot be read."""
    error = events[0].get("error") if events else None
    return bool(events) and not (isinstance(error, dict) and error.get("code") in _UNREADABLE)


def says_something(events: list[Event]) -> bool:
    """Tell whether there is more than a failure."""
    return any(event["type"] != "error" for event in events)


def _says(one: Interaction, wire: str) -> bool:
    return says_something(events_of(one, wire))


def _answers(one: Interaction, wire: str) -> bool:
    events = events_of(one, wire)
    kinds = {event["type"] for event in events}
    is_refusal = one.status >= _REFUSED and not is_readable(events)  # what stands before a provider speaks no wire
    if not (is_refusal or is_readable(events)):
        return False
    if not is_refusal and kinds - {"error", "response-metadata"}:
        return True
    if not is_refusal and "error" not in kinds:  # no more than names, which stand in several wires alike
        return guessed_wire(one.body.read(0, one.body.length)) in (wire, None)
    headers = [(name.lower(), value) for name, values in one.request.headers.items() for value in values]
    try:
        read_request(wire, one.request.uri, headers, one.request.body)
    except InputError:
        return False
    return True
