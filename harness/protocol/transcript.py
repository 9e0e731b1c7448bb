"""What was asked, what was answered, and how it ended: the noun that drivers write and rules read.

A transcript is compact. The cumulative ``content`` of a ``content`` or ``thinking`` chunk is not kept: it is proven
equal to previous + delta once, while the transcript is written (:mod:`harness.protocol.compaction`), and replaced by
``$contentLength`` (in UTF-16 code units), with ``$restarted: true`` where it began again at its delta, or
``$mismatch: {at, expected, seen}`` where it was neither. So memory is linear in the deltas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Any, Literal, NamedTuple, get_args

from harness.protocol.chunk_reading import reading_of_chunks
from harness.protocol.event_reading import reading_of_events
from harness.protocol.events import Event
from harness.protocol.reading import Reading
from harness.protocol.script import Exchange, Script

Scope = Literal["adapter", "chat", "wire"]
Profile = Literal["spec", "tanstack"]
SCOPES: tuple[Scope, ...] = ("adapter", "chat", "wire")
PROFILES: tuple[Profile, ...] = ("spec", "tanstack")
EndingKind = Literal["completed", "raised", "aborted", "timed out"]
FrameKind = Literal["sse", "ndjson"]
Operation = Literal[
    "transform", "chat", "structuredOutput", "convertMessages", "convertTools", "parseJson", "transformSchema"
]
STREAMS: tuple[Operation, ...] = ("transform", "chat")
"""The operations that answer with chunks; the others answer with one value, or raise."""
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
OVER_HTTP: tuple[Operation, ...] = ("chat", "structuredOutput")
"""The operations in which the implementation asks a provider by itself."""
FLOODS = frozenset({"TooManyChunks", "TooManyBytes"})
"""What the error of an ending ``timed out`` is called where it is no silence, but a stream that goes on and on."""


class Record(NamedTuple):
    """One chunk as it stands in a transcript: its place from 0, its compact JSON, faults of its JSON text, its time.

    ``faults`` are what a JSON parser swallows and a protocol must not: NaN, duplicate keys. ``at`` is in milliseconds
    since the run began, where it is known.
    """

    number: int
    chunk: Any
    faults: tuple[str, ...] = ()
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How the implementation's stream ended; ``error`` is what it raised, as ``{name?, message, code?}``.

    ``place`` is how many chunks had come when the consumer aborted, ``at`` when that was and ``duration`` how long the
    whole run took, both in milliseconds since the run began; each is None where nobody knows.
    """

    kind: EndingKind = "completed"
    error: Mapping[str, Any] | None = None
    place: int | None = None
    duration: float | None = None
    at: float | None = None


@dataclass(frozen=True, slots=True)
class AbortAt:
    """When the consumer aborts: behind so many chunks, or after so many milliseconds, whichever comes first."""

    chunks: int | None = None
    milliseconds: int | float | None = None


@dataclass(frozen=True, slots=True)
class Stimulus:
    """What the implementation was asked: a TanStack request, and the source events that played the model.

    ``events`` is None where the source is unknown; then only the rules that need no source are exercised.
    ``made_ids`` are ids of calls that our decoder made because the provider sent none (R38): the implementation, which
    read the provider's bytes by itself, has made others. ``asked`` are the URLs, or their paths, that it asked its
    provider, where a log tells them.

    ``operation`` is what it was asked to do, and ``input`` what a pure operation was given instead of a source.
    ``base_url`` is where the provider was played over HTTP; ``script`` is what it says where the implementation's own
    ``fetch`` plays it instead (the driver protocol's source ``fetch``). ``approvals`` are the answers to approvals by
    the id of the call, ``abort`` says when its consumer goes away.
    """

    request: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[Event, ...] | None = None
    made_ids: frozenset[str] = frozenset()
    asked: tuple[str, ...] = ()
    operation: Operation = "transform"
    input: Mapping[str, Any] = field(default_factory=dict)
    base_url: str | None = None
    script: Script | None = None
    approvals: Mapping[str, bool] = field(default_factory=dict)
    abort: AbortAt | None = None


@dataclass(frozen=True, slots=True)
class FramingFault:
    """Where the bytes of a stream break the rules of their frame: the line from 1, what was expected, what was seen."""

    line: int
    expected: str
    seen: str


@dataclass(frozen=True, slots=True)
class Framing:
    """How chunks were framed on the wire (scope ``wire`` only): SSE or NDJSON, and each fault of the frame."""

    kind: FrameKind
    faults: tuple[FramingFault, ...] = ()


class Nothing(Enum):
    """No value, not even null: JavaScript's undefined."""

    NOTHING = "nothing"


NOTHING = Nothing.NOTHING


@dataclass(frozen=True)
class Transcript:
    """One answer of one implementation, ready to be judged as often as one likes.

    ``result`` is the value that an operation without chunks gave, :data:`NOTHING` where there is none. ``exchanges``
    are the requests that the played provider received, None where no provider was played. ``model_calls`` are the
    options with which the implementation called the model that the events played, where its driver tells them.
    ``began`` is the moment from which all its times are counted, in seconds on the clock of the process that took it
    down (a driver may have had to start the implementation first), None where nobody knows.
    """

    records: tuple[Record, ...]
    ending: Ending = field(default_factory=Ending)
    stimulus: Stimulus = field(default_factory=Stimulus)
    scope: Scope = "adapter"
    framing: Framing | None = None
    dialect: str = "streamchunk"
    result: Any = NOTHING
    exchanges: tuple[Exchange, ...] | None = None
    model_calls: tuple[Any, ...] = ()
    began: float | None = field(default=None, compare=False)

    @cached_property
    def by_type(self) -> Mapping[str, tuple[Record, ...]]:
        """The records by their chunk's ``type``, in order; a chunk without one is in none."""
        found: dict[str, list[Record]] = {}
        for record in self.records:
            chunk = record.chunk
            if isinstance(chunk, dict) and isinstance(kind := chunk.get("type"), str):
                found.setdefault(kind, []).append(record)
        return {kind: tuple(records) for kind, records in found.items()}

    def of(self, *kinds: str) -> tuple[Record, ...]:
        """Return the records of these chunk types, in order."""
        if len(kinds) == 1:
            return self.by_type.get(kinds[0], ())
        return tuple(sorted((record for kind in kinds for record in self.by_type.get(kind, ())), key=_number))

    @cached_property
    def expected(self) -> Reading | None:
        """The reading that the source promises, or None where the source is unknown."""
        return None if self.stimulus.events is None else reading_of_events(self.stimulus.events)

    @cached_property
    def got(self) -> Reading:
        """The reading that a client ends up with."""
        return reading_of_chunks(record.chunk for record in self.records)

    def with_records(self, records: tuple[Record, ...]) -> Transcript:
        """Return the same transcript with other records, such as one turn's or those of sound shape."""
        return replace(self, records=records)


def _number(record: Record) -> int:
    return record.number
