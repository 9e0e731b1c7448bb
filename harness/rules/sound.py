"""What is judged behind the shapes: one turn of a stream, cut at its end, with every broken chunk taken out.

Theory of operation. One fault is one finding. So a chunk of broken shape is taken out before any other rule looks,
and what is left remembers the types of such chunks (``broken``): a stream whose ``done`` is malformed is not also one
without an end. What comes behind the terminal chunk is read by no client; it is kept apart (``beyond``) for the
rules about that, so that a chunk too many is not also a text too long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from harness.protocol.exact_json import holds_object
from harness.protocol.reading import Reading
from harness.protocol.streamchunk import ERROR, TERMINAL, TOOL_CALL, TRANSITIONS, TYPES, Phase
from harness.protocol.transcript import Ending, Record, Stimulus, Transcript


@dataclass(slots=True)
class Call:
    """One client call as the chunks tell it: fragments of one id belong together (R10)."""

    id: str
    name: str
    index: int
    records: list[Record] = field(default_factory=list)

    @property
    def number(self) -> int:
        """The number of the chunk that began it."""
        return self.records[0].number

    @property
    def parts(self) -> list[str]:
        """The arguments of each fragment."""
        return [arguments_of(record) for record in self.records]

    @property
    def ends_whole(self) -> bool:
        """Tell whether its last chunk alone holds an object, so that no fragment is awaited."""
        return holds_object(arguments_of(self.records[-1]))

    @property
    def arguments(self) -> str:
        """The arguments of all fragments, joined."""
        return "".join(self.parts)

    @property
    def object_text(self) -> str:
        """The arguments as their reader takes them: blank ones are an empty object."""
        arguments = self.arguments
        return arguments if arguments.strip() else "{}"


@dataclass(frozen=True)
class SoundTranscript(Transcript):
    """One turn: the records up to its terminal, those ``beyond`` it, and the types of the chunks that were ``broken``.

    ``place`` counts the turns of a conversation from 0. In scope ``adapter`` there is one turn.
    """

    beyond: tuple[Record, ...] = ()
    broken: frozenset[str] = frozenset()
    place: int = 0

    @cached_property
    def shape_faults(self) -> dict[str, list[Any]]:
        """What :mod:`harness.rules.shape` has found so far, by chunk type: two of its rules ask for each type."""
        return {}

    @property
    def everything(self) -> tuple[Record, ...]:
        """All chunks of the response: what an adapter sends behind its end belongs to it, and says so by its id.

        In a conversation it may be another turn's.
        """
        return self.records + self.beyond if self.beyond and self.scope == "adapter" else self.records

    @cached_property
    def identities(self) -> dict[str, set[Any]]:
        """Every id, model and timestamp that a chunk of the response has; asked by many rules, so gathered once."""
        chunks = [record.chunk for record in self.everything]
        return {key: {chunk[key] for chunk in chunks if key in chunk} for key in ("id", "model", "timestamp")}

    @cached_property
    def terminal(self) -> Record | None:
        """The chunk that ends the turn, or None."""
        last = self.records[-1] if self.records else None
        return last if last is not None and last.chunk["type"] in TERMINAL else None

    @property
    def ends_open(self) -> bool:
        """Tell whether the turn has no end, not even a malformed one."""
        return self.terminal is None and self.broken.isdisjoint(TERMINAL)

    @property
    def source(self) -> Reading:
        """What the source promises; for rules that need the source."""
        assert self.expected is not None  # noqa: S101 - the judge asks no such rule without a source
        return self.expected

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """The client calls, in the order in which they began."""
        return calls_of(self.by_type.get(TOOL_CALL, ()))


def calls_of(records: Iterable[Record]) -> tuple[Call, ...]:
    """Return the calls that the ``tool_call`` chunks of one turn make up, in the order in which they began.

    A fragment without an id belongs to the call of its index, and so does the first with an id behind such fragments. A
    whole call that has another's id on an index of its own is a call by itself, as the engine takes it (TOOL-6).
    """
    calls: list[Call] = []
    by_id: dict[str, Call] = {}
    by_index: dict[int, Call] = {}
    for record in records:
        id_, index = record.chunk["toolCall"]["id"], record.chunk["index"]
        here = by_index.get(index)
        call = by_id.get(id_) if id_ else here
        if call is not None and call.index != index and call.ends_whole:
            call = None
        if call is None and here is not None and not here.id and not here.ends_whole:
            call = here
            call.id = id_
        if call is None:
            call = Call(id_, name_of(record), index)
            calls.append(call)
        if id_:
            by_id[id_] = call
        by_index.setdefault(index, call)
        call.records.append(record)
    return tuple(calls)


def name_of(record: Record) -> str:
    """Return the tool's name of a ``tool_call`` chunk."""
    name: str = record.chunk["toolCall"]["function"]["name"]
    return name


def arguments_of(record: Record) -> str:
    """Return the arguments of a ``tool_call`` chunk: JSON text, or a fragment of it."""
    arguments: str = record.chunk["toolCall"]["function"]["arguments"]
    return arguments


def calls_named_by(transcript: Transcript, *kinds: str) -> set[str]:
    """Return the ids of the calls that chunks of these types are about: results, questions."""
    return {record.chunk["toolCallId"] for record in transcript.of(*kinds)}


def has(*kinds: str) -> Callable[[Transcript], bool]:
    """Apply where there is a chunk of any of these types."""
    if len(kinds) == 1:
        (only,) = kinds
        return lambda transcript: only in transcript.by_type
    return lambda transcript: not transcript.by_type.keys().isdisjoint(kinds)


_STEPS: dict[str, dict[Phase, dict[str, Phase]]] = {
    scope: {phase: {kind: table[phase, kind] for kind in TYPES if (phase, kind) in table} for phase in Phase}
    for scope, table in TRANSITIONS.items()
}
"""The table of legal order with the type as inner key: it is asked for every chunk, a pair would have to be built."""


@dataclass(slots=True)
class _Turn:
    records: list[Record] = field(default_factory=list)
    beyond: list[Record] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    @property
    def calls_tools(self) -> bool:
        """Tell whether the turn may have ended in done(tool_calls), so that the engine has more to do."""
        last = self.records[-1].chunk if self.records else {}
        return last.get("finishReason") == "tool_calls" or not self.broken.isdisjoint(TERMINAL)


def turns_of(transcript: SoundTranscript, broken: frozenset[int | None]) -> tuple[SoundTranscript, ...]:
    """Return the turns of a stream without the chunks whose numbers are ``broken``.

    A response is one turn. In the scopes ``chat`` and ``wire`` every terminal ends a turn, and what the engine adds
    between two turns belongs to none (R39); the source is known only where there is one turn. The order is that of
    :data:`harness.protocol.streamchunk.TRANSITIONS`: what it does not allow is ``beyond`` the turn that ended.
    """
    steps = _STEPS[transcript.scope]
    loop = transcript.scope != "adapter"
    phase = Phase.BETWEEN if loop else Phase.OPEN
    allowed = steps[phase]
    found = [] if loop and transcript.records else [_Turn()]
    for record in transcript.records:
        kind = kind_of(record.chunk) if broken else record.chunk["type"]  # what is sound has a type
        step = allowed.get(kind)
        if step is None or (phase is Phase.DONE and kind == ERROR and not found[-1].calls_tools):
            if kind in TYPES and record.number not in broken:
                found[-1].beyond.append(record)
            continue
        if phase is not Phase.OPEN and step is not Phase.BETWEEN:
            found.append(_Turn())
        if step is not phase:
            phase, allowed = step, steps[step]
        if step is Phase.BETWEEN:
            continue
        if record.number in broken:
            found[-1].broken.add(kind)
        else:
            found[-1].records.append(record)
    if len(found) == 1 and len(found[0].records) == len(transcript.records):
        return (transcript,)
    stimulus = transcript.stimulus if len(found) == 1 else Stimulus(transcript.stimulus.request)
    return tuple(
        SoundTranscript(
            tuple(turn.records),
            transcript.ending if turn is found[-1] else Ending(),
            stimulus,
            transcript.scope,
            transcript.framing,
            transcript.dialect,
            transcript.result,
            transcript.exchanges,
            beyond=tuple(turn.beyond),
            broken=frozenset(turn.broken),
            place=place,
        )
        for place, turn in enumerate(found)
    )


def kind_of(chunk: Any) -> str:
    """Return a chunk's type, or "" where it has none."""
    kind = chunk.get("type") if isinstance(chunk, dict) else None
    return kind if isinstance(kind, str) else ""
