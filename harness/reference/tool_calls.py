"""The accumulator of §13.2 and §13.3: what is known of each call while its arguments arrive.

§13.2's table starts at PENDING and §13.3's code at ACCUMULATING; we follow the table::

    tool-input-start → PENDING → tool-input-delta → ACCUMULATING → tool-input-end → READY → tool-call → EMITTED

A call may skip any state, and a delta that comes late (OpenRouter sends them after the end) is still accumulated but
leads back nowhere. Two deviations, both on purpose: a call keeps its index when it is initialised again (§13.3 takes a
new one and leaves a gap; E21), and an emitted call is remembered so that a repeated one is recognised (R12).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from harness.reference.arguments import Arguments
from harness.reference.stringified import stringified


class ToolCallState(Enum):
    """How far a call has come."""

    PENDING = "pending"
    ACCUMULATING = "accumulating"
    READY = "ready"
    EMITTED = "emitted"


@dataclass(slots=True)
class ToolCallBuffer:
    """One call: its state, its name, its place in the order of starts, and the deltas that came.

    ``start_time`` is in milliseconds. ``completed`` is what its arguments came to, once its ``tool-call`` was seen.
    """

    tool_name: str
    index: int
    start_time: int
    state: ToolCallState = ToolCallState.PENDING
    completed: Arguments | None = None
    delta_count: int = 0
    _parts: list[str] = field(default_factory=list, repr=False)
    _merged: dict[str, object] | None = field(default=None, repr=False)
    _torn: bool = field(default=False, repr=False)

    @property
    def args(self) -> str | Mapping[str, object]:
        """What the deltas came to: their text, or, where objects came, the object that they merge to."""
        if self._merged is not None:
            return self._merged
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    def add(self, delta: object) -> None:
        """Take a delta: text is appended, an object merged, and any other value becomes text first (§13.6)."""
        self.delta_count += 1
        if self.state is ToolCallState.PENDING:
            self.state = ToolCallState.ACCUMULATING
        if isinstance(delta, Mapping):
            self._merge(delta)
        elif delta is not None:
            self._append(delta if isinstance(delta, str) else _text_of(delta))

    def _append(self, text: str) -> None:
        if self._merged is not None:
            self._parts, self._merged = [_text_of(self._merged)], None
        self._parts.append(text)

    def _merge(self, delta: Mapping[str, object]) -> None:
        """§13.3: an object joins an object; after text that is no object, it is text itself, as is all that follows."""
        if self._merged is None and not self._torn:
            self._merged = _object_in(self.args)
            self._torn = self._merged is None
        if self._merged is None:
            self._append(_text_of(delta))
        else:
            self._merged.update(delta)


class ToolCallAccumulator:
    """All calls of one stream, by id; ``now`` gives milliseconds and is asked only for the age of calls."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._buffers: dict[str, ToolCallBuffer] = {}
        self._next_index = 0

    def initialize(self, tool_call_id: str, tool_name: str) -> ToolCallBuffer:
        """Begin a call at the next index; a known id begins again, at its own index and with no deltas."""
        known = self._buffers.get(tool_call_id)
        index = self._next_index if known is None else known.index
        buffer = self._buffers[tool_call_id] = ToolCallBuffer(tool_name, index, self._now())
        if known is None:
            self._next_index += 1
        elif known.state is ToolCallState.EMITTED:
            buffer.state, buffer.tool_name, buffer.completed = known.state, known.tool_name, known.completed
        return buffer

    def accumulate(self, tool_call_id: str, delta: object) -> bool:
        """Take a delta of a call; return whether the call is known."""
        buffer = self._buffers.get(tool_call_id)
        if buffer is None:
            return False
        buffer.add(delta)
        return True

    def mark_ready(self, tool_call_id: str) -> None:
        """Take note that no delta should follow; an unknown or emitted call is left alone."""
        buffer = self._buffers.get(tool_call_id)
        if buffer is not None and buffer.state is not ToolCallState.EMITTED:
            buffer.state = ToolCallState.READY

    def mark_emitted(self, tool_call_id: str, tool_name: str, arguments: Arguments) -> None:
        """Take note of what a completed call came to."""
        buffer = self._buffers[tool_call_id]
        buffer.state, buffer.tool_name, buffer.completed = ToolCallState.EMITTED, tool_name, arguments

    def get(self, tool_call_id: str) -> ToolCallBuffer | None:
        """Return what is known of a call."""
        return self._buffers.get(tool_call_id)

    def remove(self, tool_call_id: str) -> None:
        """Forget a call; its index is not given again."""
        self._buffers.pop(tool_call_id, None)

    def has(self, tool_call_id: str) -> bool:
        """Tell whether a call is known."""
        return tool_call_id in self._buffers

    def get_all_pending(self) -> dict[str, ToolCallBuffer]:
        """Return the calls that are not emitted, by id, in the order of their starts."""
        return {id_: buffer for id_, buffer in self._buffers.items() if buffer.state is not ToolCallState.EMITTED}

    def cleanup_stale(self, max_age_ms: int = 30_000) -> list[str]:
        """Forget the calls that began more than ``max_age_ms`` ago and were not emitted; return their ids.

        The transformer never calls it: a slow call is not a lost one (R13).
        """
        now = self._now()
        stale = [id_ for id_, buffer in self.get_all_pending().items() if now - buffer.start_time > max_age_ms]
        for id_ in stale:
            del self._buffers[id_]
        return stale

    def clear(self) -> None:
        """Forget every call, and count from 0 again."""
        self._buffers.clear()
        self._next_index = 0


def _text_of(delta: object) -> str:
    try:
        return stringified(delta)
    except ValueError:
        return str(delta)


def _object_in(args: str | Mapping[str, object]) -> dict[str, object] | None:
    if not args:
        return {}
    try:
        value = json.loads(args) if isinstance(args, str) else args
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
