"""What a model raises when a provider answers with a status instead of an answer (R22)."""

from __future__ import annotations

from harness.protocol.events import THROW, Event
from harness.protocol.source_values import failure_of

_REFUSED = 300  # the first HTTP status that is not an answer: redirects are not followed with a key


def refused(events: list[Event], status: int) -> list[Event]:
    """Return the events of an answer with this status: they themselves, or one that raises what they say."""
    if status < _REFUSED:
        return events
    said = [failure_of(event.get("error")).message for event in events if event.get("type") == "error"]
    message = said[0] if said else f"the provider answered with the status {status}"
    return [{THROW: {"name": "APICallError", "message": message, "code": str(status)}}]
