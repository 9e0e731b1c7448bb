"""The answers of a case → scripts for the replay server, and what an answer that was played promises.

A cassette is played as ``streamchunk replay`` plays it, with its headers, its reason, its framing, its compression and
its pieces, but without its pauses; what the case says of the answer stands above what was recorded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Literal

from harness.cassettes.compression import decoded_body
from harness.cassettes.hops import played
from harness.cassettes.interaction import BytesBody, Interaction
from harness.errors import FixtureError, InputError
from harness.protocol.events import SPOKEN, THROW, Event
from harness.protocol.script import BodyEnding, Exchange, Piece, Script
from harness.protocol.transcript import Ending
from harness.providers import wire_of_target
from harness.suite import tapes
from harness.suite.case import Case
from harness.suite.given import Answer, Http
from harness.suite.refusal import refused
from harness.suite.stimulus import decoded

_JSON = "application/json"
_SSE = "text/event-stream"
_OK = 200
_EARLY = 50  # milliseconds that a clock may be early
_BY_ITSELF = Ending()
_LINE_END = re.compile(r"\r\n|\r|\n")  # of server-sent events; str.splitlines knows more
_BEHIND_AN_EVENT = re.compile(rb"(?<=\n\n)")
_BROKEN = {
    "fin": ("ConnectionClosed", "the provider closed the connection before its answer was whole"),
    "reset": ("ConnectionResetError", "the connection was reset"),
    "stall": ("TimeoutError", "the provider fell silent"),
}


def scripts(case: Case) -> list[Script]:
    """Return what the provider does, one script for each request; none where no provider is played."""
    return [_script(answer) for answer in case.given.answers] if isinstance(case.given, Http) else []


def played_events(case: Case, exchanges: Sequence[Exchange], ending: Ending = _BY_ITSELF) -> tuple[Event, ...] | None:
    """Return the source events of the answer that the implementation was given last.

    None where it never asked, where it asked another API, whose answers it reads in another way, and for an answer
    without end: nobody knows how much of that it has read. A refusal and a broken connection end in an event that
    raises. Where the client went away in the middle, and an abort, its own time limit or ours is the reason, the source
    is what had been sent; who hangs up without a reason is held to the whole. ``ending`` is how the run ended, and the
    exchanges' times are counted as its are. Raises :class:`harness.errors.FixtureError` where the answer cannot be
    decoded.
    """
    given = case.given
    answered = [(exchange.script, exchange) for exchange in exchanges if exchange.script is not None]
    if not isinstance(given, Http) or not answered:
        return None
    place, exchange = answered[-1]
    answer = given.answers[place]
    if answer.ending == "endless" or wire_of_target(exchange.target) != given.wire:
        return None
    if answer.raw is not None:
        return (_thrown("ProtocolError", "the provider sent something that is not HTTP"),)
    body = _body(answer)
    whole = _decoded(case, given, place, body)
    if (reason := _left_for(case, exchange, ending)) is None:
        return _of_whole(answer, refused(whole, _status(answer)))
    sent = _decoded(case, given, place, body[: sum(piece.length for piece in exchange.sent)])
    read = [event for event in sent if event.get("type") != "error" or event in whole]  # a cut body is no faulty one
    events = refused(read, exchange.status or _OK)  # without a status not even the head had left
    if reason == "timeout" and not any(THROW in event for event in events):
        events.append(_thrown(*_BROKEN["stall"]))
    return tuple(events)


def is_fetchable(case: Case) -> bool:
    """Tell whether a case can be played by the implementation's own ``fetch`` (driver protocol) and mean the same.

    That is one answer over HTTP to a chat, which comes at once and as it is: without an abort, a pause or a delay, not
    compressed, and with an end.
    """
    if case.operation != "chat" or case.abort is not None or not isinstance(case.given, Http):
        return False
    if len(case.given.answers) != 1:
        return False
    answer = case.given.answers[0]
    if answer.raw is not None or answer.pause_ms or answer.head_pause_ms or _ending(answer) == "endless":
        return False
    return not any(name.lower() == "content-encoding" for name, _ in _headers(answer))


def promised_events(case: Case) -> tuple[Event, ...]:
    """Return the source events of the first answer of a case over HTTP, for whoever reads it to its end.

    Raises :class:`harness.errors.FixtureError` where it cannot be decoded.
    """
    given = case.given
    if not isinstance(given, Http):
        raise AssertionError(f"no provider is played in {case.id}")  # noqa: TRY004 - a bug of ours, not a wrong type
    answer = given.answers[0]
    return _of_whole(answer, refused(_decoded(case, given, 0, _body(answer)), _status(answer)))


def _decoded(case: Case, given: Http, place: int, body: bytes) -> list[Event]:
    """Return the events of a body, or of its beginning, of the answer at ``place``."""
    answer = given.answers[place]
    wire = _tape(answer).wire or given.wire if answer.cassette is not None else given.wire
    where = f"case {case.id}: answer {place}"
    return decoded(wire, _unpacked(answer, body, where), where)


def _of_whole(answer: Answer, events: list[Event]) -> tuple[Event, ...]:
    if not any(event.get("type") in SPOKEN or THROW in event for event in events):
        return (_thrown("InvalidAnswer", "what the provider sent is no answer"),)
    if (ending := _ending(answer)) in _BROKEN and not any(THROW in event for event in events):
        events.append(_thrown(*_BROKEN[ending]))
    return tuple(events)


def _left_for(case: Case, exchange: Exchange, ending: Ending) -> Literal["abort", "timeout"] | None:
    """Return why the client went away before its answer was whole, None where it did not, or without a reason."""
    left = exchange.closed_at
    if left is None or exchange.whole or exchange.closed_by != "client":
        return None
    if ending.kind == "timed out" or (ending.at is not None and left >= ending.at):
        return "abort"
    options = case.request.get("modelOptions")
    timeout = options.get("timeout") if isinstance(options, dict) else None
    if isinstance(timeout, int | float) and not isinstance(timeout, bool) and left >= timeout - _EARLY:
        return "timeout"
    return None


def _thrown(name: str, message: str) -> Event:
    return {THROW: {"name": name, "message": message}}


def _script(answer: Answer) -> Script:
    tape = None if answer.cassette is None else _tape(answer)
    body = _body(answer)
    pause = answer.pause_ms / 1000
    pieces = [Piece(piece, pause if place else 0.0) for place, piece in enumerate(_pieces(answer, body))]
    return Script(
        pieces=tuple(pieces),
        status=_status(answer),
        headers=_headers(answer),
        framing=answer.framing if tape is None or "framing" in answer.model_fields_set else tape.framing,
        ending=_ending(answer),
        head_pause=answer.head_pause_ms / 1000,
        raw=None if answer.raw is None else answer.raw.encode(),
        reason=tape.reason if tape is not None and answer.status is None else "",
        guesses_type=tape is None,
    )


def _body(answer: Answer) -> bytes:
    """Return the body as it is sent: that of a cassette is compressed if it was recorded so."""
    body = b""
    if answer.cassette is not None:
        recorded = _tape(answer).body
        body = recorded.read(0, recorded.length)
    elif answer.sse is not None:
        body = "".join(map(_event, answer.sse)).encode()
    elif "json_" in answer.model_fields_set:
        body = json.dumps(answer.json_, ensure_ascii=False).encode()
    elif answer.text is not None:
        body = answer.text.encode()
    return body[: answer.bytes_]


def _unpacked(answer: Answer, body: bytes, where: str) -> bytes:
    """Return the beginning of a body, or all of it, without its compression."""
    if answer.cassette is None:
        return body
    tape = _tape(answer)
    ending = tape.ending if len(body) == tape.body.length else "fin"  # what is cut here is not damaged
    try:
        return decoded_body(replace(tape, body=BytesBody(body), cuts=(), ending=ending))
    except InputError as error:
        raise FixtureError(f"{where}: {error}") from error


def _status(answer: Answer) -> int:
    if answer.status is not None:
        return answer.status
    return _OK if answer.cassette is None else _tape(answer).status


def _headers(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Return the headers: those that the case names, and what was recorded or belongs to the body beside them.

    A recorded ``Content-Length`` counts only where the body is sent as it was recorded.
    """
    own: list[tuple[str, str]] = []
    if answer.cassette is not None:
        tape = _tape(answer)
        own += played(tape.headers, tape.body.length, is_whole=tape.ending == "end")
        if answer.bytes_ is not None or _ending(answer) != tape.ending:
            own = [(name, value) for name, value in own if name.lower() != "content-length"]
    elif answer.sse is not None:
        own.append(("Content-Type", _SSE))
    elif "json_" in answer.model_fields_set:
        own.append(("Content-Type", _JSON))
    named = {name.lower() for name in answer.headers}
    return (*(one for one in own if one[0].lower() not in named), *answer.headers.items())


def _event(data: object) -> str:
    """Write one server-sent event; providers that name their events name them by the type of their data."""
    if isinstance(data, str):
        return "".join(f"data: {line}\n" for line in _LINE_END.split(data)) + "\n"
    kind = data.get("type") if isinstance(data, dict) else None
    named = f"event: {kind}\n" if isinstance(kind, str) and not _LINE_END.search(kind) else ""
    return f"{named}data: {json.dumps(data, ensure_ascii=False)}\n\n"


def _tape(answer: Answer) -> Interaction:
    return tapes.interaction(answer.cassette or "", answer.interaction)


def _ending(answer: Answer) -> BodyEnding:
    """Return how the connection ends: as the case says, else as it was recorded."""
    is_recorded = answer.cassette is not None and "ending" not in answer.model_fields_set
    return _tape(answer).ending if is_recorded else answer.ending


def _pieces(answer: Answer, body: bytes) -> list[bytes]:
    """Cut a body as the case says: into so many bytes each, else as it was recorded, else into its events.

    Recorded pauses are left out: nothing of a verdict hangs on them, and a suite should not wait.
    """
    if answer.cut is not None:
        return [body[start : start + answer.cut] for start in range(0, len(body), answer.cut)]
    if answer.cassette is not None and _tape(answer).cuts:
        ends = accumulate((cut.length for cut in _tape(answer).cuts), initial=0)
        return [piece for start, end in pairwise(ends) if (piece := body[start:end])]
    return [piece for piece in _BEHIND_AN_EVENT.split(body) if piece]
