"""Which part of the source a chunk came from, so that a finding can show it.

Chunks carry no pointer to their source, so it is found as a person would: a text chunk by how much text came before it,
a call and its result by their id (a call also by its place), and all else by what ended the source.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate
from typing import Any

from harness.cli.sources import Source
from harness.protocol.chunk_reading import appended
from harness.protocol.events import Event, readable, worded
from harness.protocol.json_text import line
from harness.protocol.streamchunk import CONTENT, THINKING, TOOL_CALL, TOOL_RESULT
from harness.protocol.transcript import Record, Transcript
from harness.reports.findings import Origin
from harness.rules.rule import Finding

_DELTAS = {CONTENT: "text-delta", THINKING: "reasoning-delta"}
_ENDS = ("finish", "error")

Place = tuple[int, int]
"""The numbers of the first and of the last event."""


def provenance(transcript: Transcript, source: Source | None) -> Callable[[Finding], Origin | None]:
    """Return a function from a finding to the part of the source that its chunk came from.

    It gives None where the transcript has no source events, or none for this chunk. A finding of the whole stream is
    shown how the source ended. Without ``source`` an origin has events, but no bytes.
    """
    events = tuple(map(readable, transcript.stimulus.events or ()))
    if not events:
        return lambda _: None
    places = places_of(transcript.records, events)

    def origin_of(finding: Finding) -> Origin | None:
        place = places.get(finding.chunk)
        return None if place is None else _origin(events, place, source)

    return origin_of


def _origin(events: tuple[Event, ...], place: Place, source: Source | None) -> Origin:
    first, last = place
    if source is None:
        text = " ".join(line(worded(event)) for event in events[first : last + 1])
        return Origin(f"event {first}" if first == last else f"events {first} to {last}", text)
    start, end = source.located[first].start, source.located[last].end
    if events[first].get("type") in _ENDS:
        # What ends an answer often stands in several messages, most of which give no event.
        start = max((before.end for before in source.located[:first] if before.end <= start), default=start)
    return Origin(source.name, source.body[start:end].decode("utf-8", "replace").strip(", \t\r\n"), start, end)


def places_of(records: Iterable[Record], events: tuple[Event, ...]) -> dict[int | None, Place]:
    """Return the place of each chunk by its number, and under None the place where the source ends."""
    texts = {chunk: _Deltas(events, event) for chunk, event in _DELTAS.items()}
    calls = _calls(events)
    by_order = list(calls.values())
    end = next((number for number, event in enumerate(events) if event.get("type") in _ENDS), len(events) - 1)
    found: dict[int | None, Place] = {None: (end, end)}
    for number, chunk, *_ in records:
        kind = chunk.get("type") if isinstance(chunk, dict) else None
        place: Place | None = (end, end)
        if kind in texts:
            place = texts[kind].next(len(appended(chunk)))
        elif kind == TOOL_CALL:
            place = calls.get(_id_of(chunk.get("toolCall"))) or _at(by_order, chunk.get("index"))
        elif kind == TOOL_RESULT:
            place = _result(events, str(chunk.get("toolCallId")))
        if place is not None:
            found[number] = place
    return found


class _Deltas:
    """The deltas of one kind, eaten from the left: what the next so many characters came from."""

    def __init__(self, events: tuple[Event, ...], kind: str) -> None:
        deltas = [
            (number, len(event["delta"]))
            for number, event in enumerate(events)
            if event.get("type") == kind and isinstance(event.get("delta"), str)
        ]
        self._numbers = [number for number, _ in deltas]
        self._ends = list(accumulate(length for _, length in deltas))
        self._eaten = 0

    def next(self, length: int) -> Place | None:
        """Return the place of the next ``length`` characters; what is behind the last delta belongs to the last."""
        if not self._numbers:
            return None
        start, self._eaten = self._eaten, self._eaten + length
        last = len(self._numbers) - 1
        first = min(bisect_right(self._ends, start), last)
        return self._numbers[first], self._numbers[max(first, min(bisect_left(self._ends, self._eaten), last))]


def _calls(events: tuple[Event, ...]) -> dict[str, Place]:
    """Return the place of each call by its id, in the order of the calls: its ``tool-call``, or all that came of it."""
    found: dict[str, Place] = {}
    complete: set[str] = set()
    for number, event in enumerate(events):
        kind = event.get("type")
        if kind == "tool-call" and (id_ := str(event.get("toolCallId"))) not in complete:
            complete.add(id_)
            found[id_] = (number, number)
        elif kind in ("tool-input-start", "tool-input-delta") and (id_ := str(event.get("id"))) not in complete:
            found[id_] = (found.get(id_, (number, number))[0], number)
    return found


def _id_of(call: Any) -> str:
    return str(call.get("id")) if isinstance(call, Mapping) else ""


def _at(places: list[Place], index: Any) -> Place | None:
    whole = isinstance(index, int) and 0 <= index < len(places)
    return places[index] if whole else None


def _result(events: tuple[Event, ...], id_: str) -> Place | None:
    """Return the place of a call's result."""
    return next(
        (
            (number, number)
            for number, event in enumerate(events)
            if event.get("type") == "tool-result" and str(event.get("toolCallId")) == id_
        ),
        None,
    )
