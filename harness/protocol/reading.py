"""What a client ends up with: the noun that both sides of the oracle share.

It is folded once from the source events (*expected*, :mod:`harness.protocol.event_reading`) and once from the chunks
(*got*, :mod:`harness.protocol.chunk_reading`); the semantic rules compare the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Ended = Literal["finished", "error", "truncated"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One complete client call.

    ``arguments`` is the original text, ``index`` the call's place among the client's calls in the order in which their
    inputs started. ``intact`` is false when nothing usable was in ``input`` nor in the deltas (R9).
    """

    id: str
    name: str
    arguments: str
    index: int | None
    intact: bool = True


@dataclass(frozen=True, slots=True)
class ToolResult:
    """One result of a client call: ``content`` is the JSON text that §12.2 asks for, None for a value that has none."""

    tool_call_id: str
    content: str | None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them; the total may exceed the sum (R25)."""

    prompt_tokens: int | float
    completion_tokens: int | float
    total_tokens: int | float


@dataclass(frozen=True, slots=True)
class Failure:
    """A readable message and, if known, a code as text (R21)."""

    message: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Text, reasoning, calls, results, usage, finish reason, error, and how the stream ended.

    ``finish_reason`` is one of stop, length, content_filter, tool_calls, error, or None when the stream named no end;
    it is the provider's, before R19 rewrites it. ``reason_known`` is false where ``stop`` only stands for a missing or
    unknown word (R18). ``response_id`` and ``model`` are the last that were named before a first chunk can have been
    emitted, the ``late_`` ones came after it (R2). ``unfinished`` are calls that were started and never completed, with
    what their deltas came to (R13), ``provider_executed`` are the ids of calls that the provider ran itself (R14),
    ``conflicts`` are ids of calls that
    came twice and differed (R12).
    """

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_results: tuple[ToolResult, ...] = ()
    finish_reason: str | None = None
    reason_known: bool = True
    usage: Usage | None = None
    error: Failure | None = None
    ended: Ended = "truncated"
    response_id: str | None = None
    model: str | None = None
    late_response_ids: tuple[str, ...] = ()
    late_models: tuple[str, ...] = ()
    unfinished: tuple[ToolCall, ...] = ()
    provider_executed: frozenset[str] = frozenset()
    conflicts: tuple[str, ...] = ()

    @property
    def dropped(self) -> tuple[str, ...]:
        """The ids of the calls that were started and never completed."""
        return tuple(call.id for call in self.unfinished)

    def as_json(self) -> dict[str, Any]:
        """Return the reading as one JSON object, the form that ``streamchunk decode --as reading`` prints."""
        return {
            "text": self.text,
            "reasoning": self.reasoning,
            "toolCalls": [
                {"id": call.id, "name": call.name, "arguments": call.arguments, "index": call.index}
                for call in self.tool_calls
            ],
            "finishReason": self.finish_reason,
            "usage": None
            if self.usage is None
            else {
                "promptTokens": self.usage.prompt_tokens,
                "completionTokens": self.usage.completion_tokens,
                "totalTokens": self.usage.total_tokens,
            },
            "error": None
            if self.error is None
            else {"message": self.error.message} | ({} if self.error.code is None else {"code": self.error.code}),
            "ended": self.ended,
        }
