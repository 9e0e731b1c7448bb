"""The answers of a case → scripts for the replay server, and what an answer that was played promises."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from harness.cassettes import cassette
from harness.protocol.events import SPOKEN, THROW, Event
from harness.protocol.script import Exchange, Piece, Script
from harness.suite.case import Case
from harness.suite.given import Answer, Http
from harness.suite.refusal import refused
from harness.suite.stimulus import decoded

_JSON = "application/json"
_SSE = "text/event-stream"
_BEHIND_AN_EVENT = re.compile(rb"(?<=\n\n)")
_BROKEN = {
    "fin": ("ConnectionClosed", "the provider closed the connection before its answer was whole"),
    "reset": ("ConnectionResetError", "the connection was reset"),
    "stall": ("TimeoutError", "the provider fell silent"),
}


def scripts(case: Case) -> list[Script]:
    """Return what the provider does, one script for each request; none where no provider is played."""
    return [_script(answer) for answer in case.given.answers] if isinstance(case.given, Http) else []


def played_events(case: Case, exchanges: Sequence[Exchange]) -> tuple[Event, ...] | None:
    """Return the source events of the answer that the implementation was given last.

    None where it never asked, and for an answer without end: nobody knows how much of that it has read. A refusal and
    a broken connection end in an event that raises. Raises :class:`harness.errors.FixtureError` where the answer cannot
    be decoded.
    """
    given = case.given
    answered = [exchange.script for exchange in exchanges if exchange.script is not None]
    if not isinstance(given, Http) or not answered:
        return None
    answer = given.answers[answered[-1]]
    if answer.ending == "endless":
        return None
    if answer.raw is not None:
        return (_thrown("ProtocolError", "the provider sent something that is not HTTP"),)
    body, _, status = _body(answer)
    wire = cassette.load(answer.cassette).wire if answer.cassette is not None else given.wire
    events = refused(decoded(wire, body, f"case {case.id}: answer {answered[-1]}"), status)
    if not any(event.get("type") in SPOKEN or THROW in event for event in events):
        return (_thrown("InvalidAnswer", "what the provider sent is no answer"),)
    if answer.ending in _BROKEN and not any(THROW in event for event in events):
        events.append(_thrown(*_BROKEN[answer.ending]))
    return tuple(events)


def _thrown(name: str, message: str) -> Event:
    return {THROW: {"name": name, "message": message}}


def _script(answer: Answer) -> Script:
    body, headers, status = _body(answer)
    pause = answer.pause_ms / 1000
    pieces = [Piece(piece, pause if place else 0.0) for place, piece in enumerate(_pieces(answer, body))]
    return Script(
        pieces=tuple(pieces),
        status=status,
        headers=tuple((headers | answer.headers).items()),
        framing=answer.framing,
        ending=answer.ending,
        head_pause=answer.head_pause_ms / 1000,
        raw=None if answer.raw is None else answer.raw.encode(),
    )


def _body(answer: Answer) -> tuple[bytes, dict[str, str], int]:
    """Return body, headers and status of an answer."""
    status = 200 if answer.status is None else answer.status
    headers: dict[str, str] = {}
    body = b""
    if answer.cassette is not None:
        tape = cassette.load(answer.cassette)
        body = tape.body
        status = tape.status if answer.status is None else answer.status
        kinds = [value for name, values in tape.headers.items() if name.lower() == "content-type" for value in values]
        headers = {"Content-Type": kinds[-1]} if kinds else {}
    elif answer.sse is not None:
        body, headers = "".join(map(_event, answer.sse)).encode(), {"Content-Type": _SSE}
    elif "json_" in answer.model_fields_set:
        body, headers = json.dumps(answer.json_, ensure_ascii=False).encode(), {"Content-Type": _JSON}
    elif answer.text is not None:
        body = answer.text.encode()
    return body[: answer.bytes_], headers, status


def _event(data: object) -> str:
    """Write one server-sent event; providers that name their events name them by the type of their data."""
    if isinstance(data, str):
        return f"data: {data}\n\n"
    kind = data.get("type") if isinstance(data, dict) else None
    named = f"event: {kind}\n" if isinstance(kind, str) else ""
    return f"{named}data: {json.dumps(data, ensure_ascii=False)}\n\n"


def _pieces(answer: Answer, body: bytes) -> list[bytes]:
    """Cut a body as the case says: into so many bytes each, else into its events, else not at all."""
    if answer.cut is not None:
        return [body[start : start + answer.cut] for start in range(0, len(body), answer.cut)]
    return [piece for piece in _BEHIND_AN_EVENT.split(body) if piece]
