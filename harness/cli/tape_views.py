"""A recorded body as a person looks at it: its bytes, or what they become, under the piece that brought them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from harness.cassettes.cassette import Cassette
from harness.cassettes.interaction import Interaction
from harness.cli.tapes import events_by_piece, wire_of
from harness.errors import InputError
from harness.protocol.event_reading import reading_of_events
from harness.protocol.events import Event, worded
from harness.protocol.json_text import line
from harness.protocol.masking import is_secret_name
from harness.protocol.script import Piece
from harness.providers import counted_ids
from harness.reference.growing import materialised
from harness.reference.transformer import Transformer
from harness.reports.findings import escaped, shown

Row = tuple[bool, str]
"""Whether a line is the heading of a piece, and the line."""

_MOST_ROWS = 60
_TIMESTAMP = 1_767_225_600_000  # 2026-01-01: the same cassette gives the same chunks on any day
_MODEL = "recorded"
_ENDS = {
    "end": "end of the body",
    "fin": "the connection was closed with the body still open",
    "reset": "the connection was reset with the body still open",
}


def body_lines(one: Interaction, form: str, *, every: bool) -> Iterator[str]:
    """Yield the lines of a body as ``bytes``, ``events``, ``chunks`` or ``reading``.

    But where ``every`` line is wanted, long lines are cut, and behind the first 60 it is only said how many pieces are
    left. Raises :class:`InputError` where nobody knows the wire, or the body's compression cannot be undone.
    """
    if form == "reading":
        yield from _reading_lines(one)
    else:
        rows = _byte_rows(one) if form == "bytes" else _value_rows(one, _chunks if form == "chunks" else _events)
        longest = None if every else _MOST_ROWS
        headings = 0
        for is_heading, text in islice(rows, longest):
            headings += is_heading
            yield text if is_heading else f"  {escaped(text) if every else shown(text)}"
        if longest is not None and next(rows, None) is not None:
            left = len(one.pieces()) - headings
            yield f"… {f'and {left} more pieces' if left > 0 else 'and more'}; --all shows them"
    yield _ENDS[one.ending]


def request_line(one: Interaction) -> str:
    """Return the line of a request, without what its query keeps secret."""
    return f"{one.request.method} {_quiet_uri(one.request.uri)}"


def quiet(headers: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return headers; of one whose name says that it keeps a key only the length."""
    return {
        name: [f"({len(value)} characters, hidden)" if is_secret_name(name) else value for value in values]
        for name, values in headers.items()
    }


def as_json(tape: Cassette) -> dict[str, Any]:
    """Return a whole cassette as JSON, each piece with its bytes and its events; headers are :func:`quiet`."""
    return {
        "name": tape.name,
        "provenance": tape.provenance,
        "interactions": [_interaction_json(one) for one in tape.interactions],
    }


def _interaction_json(one: Interaction) -> dict[str, Any]:
    try:
        by_piece = list(events_by_piece(one))
        wire: str | None = wire_of(one)
        fault = None
    except InputError as error:
        by_piece, wire, fault = [], one.wire, str(error)
    events = [event for events in by_piece for event in events]
    return {
        "request": {
            "method": one.request.method,
            "uri": _quiet_uri(one.request.uri),
            "headers": quiet(one.request.headers),
            **_data(one.request.body),
        },
        "status": one.status,
        "reason": one.reason,
        "headers": quiet(one.headers),
        "wire": wire,
        "framing": one.framing,
        "ending": one.ending,
        "headPauseMs": _milliseconds(one.head_pause),
        "cut": bool(one.cuts),
        "pieces": [
            {
                "bytes": len(piece.data),
                "pauseMs": _milliseconds(piece.pause),
                **_data(piece.data),
                "events": [worded(event) for event in by_piece[place]] if by_piece else None,
            }
            for place, piece in enumerate(one.pieces())
        ],
        "atTheEnd": [worded(event) for event in by_piece[-1]] if by_piece else None,
        "reading": reading_of_events(events).as_json() if by_piece else None,
        **({"fault": fault} if fault else {}),
    }


def _data(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _reading_lines(one: Interaction) -> Iterator[str]:
    reading = reading_of_events(event for events in events_by_piece(one) for event in events).as_json()
    for name, value in reading.items():
        yield f"  {name}: {escaped(line(value))}"


def _byte_rows(one: Interaction) -> Iterator[Row]:
    for place, piece in enumerate(one.pieces()):
        yield True, _heading(one, place, piece)
        for part in piece.data.splitlines(keepends=True):
            yield False, part.decode("utf-8", "backslashreplace")


def _value_rows(one: Interaction, values_of: Callable[[Iterable[list[Event]]], Iterator[list[Any]]]) -> Iterator[Row]:
    found = values_of(events_by_piece(one))
    for place, piece in enumerate(one.pieces()):
        yield True, _heading(one, place, piece)
        for value in next(found):
            yield False, line(value)
    for value in next(found):
        yield False, line(value)


def _events(by_piece: Iterable[list[Event]]) -> Iterator[list[Any]]:
    for events in by_piece:
        yield [worded(event) for event in events]


def _chunks(by_piece: Iterable[list[Event]]) -> Iterator[list[Any]]:
    transformer = Transformer(model=_MODEL, now=lambda: _TIMESTAMP, new_id=counted_ids("response"))
    waiting: list[Any] = []
    for place, events in enumerate(by_piece):
        if place:
            yield waiting
        waiting = list(materialised(chunk for event in events for chunk in transformer.feed(event)))
    yield waiting + list(materialised(transformer.close()))


def _heading(one: Interaction, place: int, piece: Piece) -> str:
    size = f"{len(piece.data)} byte{'' if len(piece.data) == 1 else 's'}"
    if not one.cuts:
        return f"{size}, whose pieces were not recorded"
    return f"piece {place}: {size}, +{_milliseconds(piece.pause):g} ms"


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)


def _quiet_uri(uri: str) -> str:
    """Return an address without the password in it, and without the values of its query that are keys."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return uri
    query = "&".join(
        f"{name}=(hidden)" if value and is_secret_name(name) else pair
        for pair in parts.query.split("&")
        for name, _, value in [pair.partition("=")]
    )
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host, query=query))
