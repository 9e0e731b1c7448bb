"""How a recorded body was delivered: what ``NAME.meta.json`` beside it says and its bytes cannot.

Read are ``ending`` (``close``, ``reset`` or ``stall``), ``status`` or ``http_status``, and ``api``, the wire. A file
that is absent, unreadable or of another kind says nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.protocol.events import THROW, Event
from harness.providers import WIRES
from harness.wire.located import Located

_LONGEST = 1 << 20
_REFUSED = 400  # the first HTTP status that is not an answer
_RESET: Event = {THROW: {"name": "ConnectionResetError", "message": "the connection was reset"}}


@dataclass(frozen=True, slots=True)
class Delivery:
    """The HTTP status, whether the connection was reset at the end, and the wire; each only where it is known."""

    status: int | None = None
    was_reset: bool = False
    wire: str | None = None


def delivery_of(path: str, stem: str) -> Delivery:
    """Return how the body at ``path`` came; ``stem`` is its name without its ending."""
    meta = _read(Path(path).with_name(f"{stem}.meta.json"))
    status = meta.get("status", meta.get("http_status"))
    wire = meta.get("api")
    return Delivery(
        status=status if type(status) is int else None,
        was_reset=meta.get("ending") == "reset",
        wire=wire if isinstance(wire, str) and wire in WIRES else None,
    )


def delivered(events: list[Located[Event]], delivery: Delivery, length: int) -> list[Located[Event]]:
    """Return the events as a client met them: a refusal carries its status (R22), a reset raises at the end.

    ``length`` is the body's. What raises is shown with the last bytes that came.
    """
    if delivery.status is not None and delivery.status >= _REFUSED:
        return [Located(start, end, _with_status(event, delivery.status)) for start, end, event in events]
    if delivery.was_reset and not any(event.get("type") in {"finish", "error"} for _, _, event in events):
        return [*events, Located(events[-1].start if events else 0, length, _RESET)]
    return events


def _with_status(event: Event, status: int) -> Event:
    error = event.get("error")
    if event.get("type") != "error":
        return event
    told = error if isinstance(error, dict) else {"message": error}
    return {**event, "error": {"statusCode": status, **told}}


def _read(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file() or path.stat().st_size > _LONGEST:
            return {}
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
