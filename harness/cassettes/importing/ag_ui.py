"""The AG-UI events that TanStack AI yields since 0.3 → the specification's chunks, as far as they tell the same.

Names and places of members have changed three times; all of them are looked for: ``toolName`` and ``toolCallName``,
``error.message`` and ``message``, ``finishReason`` and ``metadata.tanstack.finishReason``, ``usage`` as an object and
as a list. Reasoning is told twice by some adapters, as messages and as steps; the messages count then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness.protocol.streamchunk import Chunk
from harness.protocol.transcript import Record

_REASONED = "REASONING_MESSAGE_CONTENT"
_STEP = "STEP_FINISHED"
_STRUCTURE = frozenset(
    {
        "RUN_STARTED", "TEXT_MESSAGE_START", "TEXT_MESSAGE_END", "STEP_STARTED", "REASONING_START", "REASONING_END",
        "REASONING_MESSAGE_START", "REASONING_MESSAGE_END",
    }
)  # fmt: skip
"""Events that only say where something begins or ends."""

TYPES = _STRUCTURE | {
    "TEXT_MESSAGE_CONTENT", "TOOL_CALL_START", "TOOL_CALL_ARGS", "TOOL_CALL_END", "RUN_FINISHED", "RUN_ERROR",
    _REASONED, _STEP,
}  # fmt: skip
"""The types of events that are understood."""

_COUNTS = {"inputTokens": "promptTokens", "outputTokens": "completionTokens", "totalTokens": "totalTokens"}


def as_specified(records: Iterable[Record]) -> Iterator[tuple[Record, Chunk]]:
    """Yield each record with its chunk in the specification's words; what only structures AG-UI is left out.

    A chunk of the specification, and what is unknown, stays as it is; what is no object becomes an empty one.
    """
    rows = [(record, record.chunk if isinstance(record.chunk, dict) else {}) for record in records]
    words = _Words(has_messages=any(chunk.get("type") == _REASONED for _, chunk in rows))
    for record, chunk in rows:
        said = words.of(chunk)
        if said is not None:
            yield record, said


class _Words:
    """Translates the chunks of one log; a call's input counts where no piece of its arguments came."""

    def __init__(self, *, has_messages: bool) -> None:
        self._has_messages = has_messages
        self._with_arguments: set[str] = set()
        self._model: Any = None

    def of(self, chunk: Chunk) -> Chunk | None:
        """Return the chunk that one event stands for, or None where it says nothing by itself."""
        kind = chunk.get("type")
        if not isinstance(kind, str) or kind not in TYPES:
            return chunk
        self._model = chunk.get("model") or _metadata(chunk).get("model") or self._model
        said = None if kind in _STRUCTURE else self._said(kind, chunk)
        return None if said is None else {"timestamp": chunk.get("timestamp"), "model": self._model, **said}

    def _said(self, kind: str, chunk: Chunk) -> Chunk | None:
        match kind:
            case "TEXT_MESSAGE_CONTENT":
                return {"type": "content", "delta": chunk.get("delta")}
            case "REASONING_MESSAGE_CONTENT":
                return {"type": "thinking", "delta": chunk.get("delta")}
            case "STEP_FINISHED":
                delta = chunk.get("delta")
                return {"type": "thinking", "delta": delta} if delta and not self._has_messages else None
            case "RUN_FINISHED":
                return _done(chunk)
            case "RUN_ERROR":
                error = chunk.get("error")
                inside = error if isinstance(error, Mapping) else {}
                given = {key: chunk.get(key, inside.get(key)) for key in ("message", "code")}
                return {"type": "error", "error": {key: value for key, value in given.items() if value is not None}}
            case _:
                return self._call(kind, chunk)

    def _call(self, kind: str, chunk: Chunk) -> Chunk | None:
        id_ = str(chunk.get("toolCallId"))
        name, arguments = chunk.get("toolCallName", chunk.get("toolName")), ""
        if kind == "TOOL_CALL_ARGS":
            arguments = str(chunk.get("delta") or "")
            self._with_arguments.add(id_)
        elif kind == "TOOL_CALL_END":
            if id_ in self._with_arguments or chunk.get("input") is None:
                return None
            arguments = json.dumps(chunk["input"], ensure_ascii=False)
        return {"type": "tool_call", "toolCall": {"id": id_, "function": {"name": name, "arguments": arguments}}}


def _done(chunk: Chunk) -> Chunk:
    ours = _metadata(chunk)
    usage = chunk.get("usage", ours.get("usage"))
    if isinstance(usage, list):
        usage = usage[0] if usage else None
    if isinstance(usage, Mapping):
        usage = {**{_COUNTS[key]: usage[key] for key in _COUNTS if key in usage}, **usage}
    return {"type": "done", "finishReason": chunk.get("finishReason", ours.get("finishReason")), "usage": usage}


def _metadata(chunk: Chunk) -> Mapping[str, Any]:
    """Return what TanStack says beside AG-UI's own members."""
    metadata = chunk.get("metadata")
    theirs = metadata.get("tanstack") if isinstance(metadata, Mapping) else None
    return theirs if isinstance(theirs, Mapping) else {}
