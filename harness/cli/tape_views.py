"""A recorded body as a person looks at it: its bytes, or what they become, under the piece that brought them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from harness.cassettes.bodies import ranges
from harness.cassettes.cassette import Cassette
from harness.cassettes.interaction import Cut, Interaction
from harness.cli.tapes import events_by_part, events_by_piece, events_of, wire_of
from harness.errors import InputError
from harness.protocol.event_reading import reading_of_events
from harness.protocol.events import Event, worded
from harness.protocol.json_text import line
from harness.protocol.masking import is_secret_name
from harness.providers import counted_ids
from harness.reference.growing import materialised
from harness.reference.transformer import Transformer
from harness.reports.findings import escaped, shown

Row = tuple[bool, str]
"""Whether a line is the heading of a piece, and the line."""

Parts: TypeAlias = Iterator[tuple[int, list[Event]]]
"""Source events, with the number of the piece that brought them."""

_MOST_ROWS = 60
_LONGEST_LINE = 1024 * 1024  # bytes
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
            left = len(one.known_cuts()) - headings
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
        by_piece = events_by_piece(one)
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
    reading = reading_of_events(events_of(one)).as_json()
    for name, value in reading.items():
        yield f"  {name}: {escaped(line(value))}"


def _byte_rows(one: Interaction) -> Iterator[Row]:
    start = 0
    for place, cut in enumerate(one.known_cuts()):
        yield True, _heading(one, place, cut)
        stop = start + cut.length
        for text in _lines(ranges(one.body, start, stop)):
            yield False, text.decode("utf-8", "backslashreplace")
        start = stop


def _lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a piece with their ends; one that is too long to be held goes on in the next."""
    held = b""
    for part in parts:
        *lines, held = (held + part).splitlines(keepends=True)
        yield from lines
        if len(held) > _LONGEST_LINE:
            yield held
            held = b""
    if held:
        yield held


def _value_rows(one: Interaction, values_of: Callable[[Parts], Iterator[tuple[int, Iterable[Any]]]]) -> Iterator[Row]:
    coming = enumerate(one.known_cuts())
    begun = -1
    for number, values in values_of(events_by_part(one)):
        while begun < number and (piece := next(coming, None)) is not None:
            begun = piece[0]
            yield True, _heading(one, *piece)
        for value in values:
            yield False, line(value)


def _events(by_part: Parts) -> Iterator[tuple[int, Iterable[Any]]]:
    for number, events in by_part:
        yield number, map(worded, events)


def _chunks(by_part: Parts) -> Iterator[tuple[int, Iterable[Any]]]:
    transformer = Transformer(model=_MODEL, now=lambda: _TIMESTAMP, new_id=counted_ids("response"))
    end = 0
    for number, events in by_part:
        yield number, materialised(chunk for event in events for chunk in transformer.feed(event))
        end = number
    yield end, materialised(transformer.close())


def _heading(one: Interaction, place: int, cut: Cut) -> str:
    size = f"{cut.length} byte{'' if cut.length == 1 else 's'}"
    if not one.cuts:
        return f"{size}, whose pieces were not recorded"
    return f"piece {place}: {size}, +{_milliseconds(cut.pause):g} ms"


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
