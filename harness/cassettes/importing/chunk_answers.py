"""Chunks that an adapter yielded → the source events that a provider may have given it, answer by answer.

It is a guess that keeps the reading: text, reasoning, the client's calls with their arguments, usage, how it ended, and
when each chunk came. What an adapter never passes on is lost: a provider's own tools, sources, metadata (R14).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from harness.cassettes.importing.ag_ui import as_specified
from harness.protocol.chunk_reading import appended
from harness.protocol.events import Event
from harness.protocol.streamchunk import ENGINE, TERMINAL, TYPES, Chunk
from harness.protocol.transcript import Record

_TOLD = frozenset(TYPES) - ENGINE
_BLOCKS = {"content": "text", "thinking": "reasoning"}
_REASONS = {"content_filter": "content-filter", "tool_calls": "tool-calls"}
_COUNTS = {"promptTokens": "inputTokens", "completionTokens": "outputTokens", "totalTokens": "totalTokens"}


class Timed(NamedTuple):
    """A source event, and the seconds before it: since the one before, or since the provider was asked."""

    pause: float
    event: Event


class ChunkAnswers(NamedTuple):
    """The answers in a log, and how many chunks say nothing of a provider."""

    answers: tuple[tuple[Timed, ...], ...]
    passed_over: int


def answers_of(records: Iterable[Record]) -> ChunkAnswers:
    """Return the answers that a transcript's chunks tell of: one up to each ``done`` or ``error``, and a last cut one.

    Passed over are what the engine and its tools say, an end right behind an end, and what is no chunk that we know.
    """
    answers: list[list[tuple[float, Chunk]]] = []
    is_open, passed_over = False, 0
    last: float | None = None
    for record, chunk in as_specified(records):
        at = _seconds(record.at)  # of a recording, since it began; its chunks' own times may be another clock's
        last = 0.0 if at is not None and last is None else last
        at = _seconds(chunk.get("timestamp")) if at is None else at
        pause = 0.0 if at is None or last is None else max(0.0, at - last)
        last = last if at is None else at
        kind = chunk.get("type")
        if not isinstance(kind, str) or kind not in _TOLD or (kind in TERMINAL and answers and not is_open):
            passed_over += 1
            continue
        if not is_open:
            answers.append([])
        answers[-1].append((pause, chunk))
        is_open = kind not in TERMINAL
    return ChunkAnswers(tuple(tuple(_events(chunks)) for chunks in answers), passed_over)


def _seconds(milliseconds: Any) -> float | None:
    if not isinstance(milliseconds, int | float) or isinstance(milliseconds, bool):
        return None
    try:
        return float(milliseconds) / 1000 if math.isfinite(milliseconds) else None
    except OverflowError:
        return None


def _events(chunks: list[tuple[float, Chunk]]) -> Iterator[Timed]:
    """Yield the events of one answer; its pauses are those of its chunks."""
    telling = _Telling()
    waited = 0.0
    for pause, chunk in chunks:
        waited += pause
        for event in telling.of(chunk):
            yield Timed(waited, event)
            waited = 0.0


@dataclass(slots=True)
class _Call:
    id: str
    name: str
    parts: list[str] = field(default_factory=list)


class _Telling:
    """One answer, told as a model's stream tells it; calls are put together as TanStack's engine does, by index."""

    def __init__(self) -> None:
        self._calls: dict[Any, _Call] = {}
        self._block = ("", "")
        self._blocks = 0
        self._named: dict[str, Any] = {}

    def of(self, chunk: Chunk) -> Iterator[Event]:
        """Yield the events of one chunk."""
        names = {"id": chunk.get("id"), "modelId": chunk.get("model")}
        if new := {key: name for key, name in names.items() if key not in self._named and isinstance(name, str)}:
            self._named |= new
            yield {"type": "response-metadata", **new}
        match chunk["type"]:
            case "content" | "thinking" as kind:
                yield from self._said(_BLOCKS[kind], appended(chunk))
            case "tool_call":
                yield from self._called(chunk)
            case "done":
                yield from self._completed()
                yield _finish(chunk)
            case _:
                yield from self._completed()
                yield {"type": "error", "error": chunk.get("error")}

    def _said(self, kind: str, delta: str) -> Iterator[Event]:
        if self._block[0] != kind:
            yield from self._ended()
            self._block = (kind, f"{kind}-{self._blocks}")
            self._blocks += 1
            yield {"type": f"{kind}-start", "id": self._block[1]}
        yield {"type": f"{kind}-delta", "id": self._block[1], "delta": delta}

    def _ended(self) -> Iterator[Event]:
        kind, id_ = self._block
        if kind:
            yield {"type": f"{kind}-end", "id": id_}
        self._block = ("", "")

    def _called(self, chunk: Chunk) -> Iterator[Event]:
        given = chunk.get("toolCall")
        function = given.get("function") if isinstance(given, Mapping) else None
        if not isinstance(given, Mapping) or not isinstance(function, Mapping):
            return
        id_, index = str(given.get("id") or ""), chunk.get("index")
        key = index if isinstance(index, int) and not isinstance(index, bool) else id_
        call = self._calls.get(key)
        if call is None:
            yield from self._ended()
            call = self._calls[key] = _Call(id_, str(function.get("name") or ""))
            yield {"type": "tool-input-start", "id": call.id, "toolName": call.name}
        if isinstance(arguments := function.get("arguments"), str) and arguments:
            call.parts.append(arguments)
            yield {"type": "tool-input-delta", "id": call.id, "delta": arguments}

    def _completed(self) -> Iterator[Event]:
        yield from self._ended()
        for call in self._calls.values():
            told = {"toolCallId": call.id, "toolName": call.name, "input": "".join(call.parts)}
            yield {"type": "tool-input-end", "id": call.id}
            yield {"type": "tool-call", **told}


def _finish(chunk: Chunk) -> Event:
    usage, reason = chunk.get("usage"), chunk.get("finishReason")
    counts = usage if isinstance(usage, Mapping) else {}
    return {
        "type": "finish",
        "finishReason": _REASONS.get(reason, reason) if isinstance(reason, str) else "unknown",
        "usage": {ours: counts[theirs] for theirs, ours in _COUNTS.items() if theirs in counts},
    }
