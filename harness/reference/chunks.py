"""The chunks of §3, made from their parts: one constructor each, keyword-only, JSON out.

Each takes what §3's TypeScript signature takes, in snake_case, and returns the chunk as TanStack AI 0.2 types it.
``timestamp`` is in whole milliseconds (R3). Nothing is checked here: what goes in is the transformer's business.
"""

# ruff: noqa: A002, PLR0913 - §3 names the parts of a chunk, `id` among them, and a chunk has that many

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from harness.protocol.streamchunk import (
    APPROVAL_REQUESTED,
    CONTENT,
    DONE,
    ERROR,
    THINKING,
    TOOL_CALL,
    TOOL_RESULT,
    Chunk,
)


class Identity(TypedDict):
    """What every chunk of a stream carries, the same in all of them (R2, R3)."""

    id: str
    model: str
    timestamp: int


def to_content_chunk(*, id: str, model: str, timestamp: int, delta: str, content: str) -> Chunk:
    """Make a ``content`` chunk; ``content`` is all text so far, ``delta`` included (R4)."""
    return {
        "type": CONTENT,
        "id": id,
        "model": model,
        "timestamp": timestamp,
        "delta": delta,
        "content": content,
        "role": "assistant",
    }


def to_thinking_chunk(*, id: str, model: str, timestamp: int, delta: str, content: str) -> Chunk:
    """Make a ``thinking`` chunk; ``content`` is all reasoning so far, ``delta`` included (R5)."""
    return {"type": THINKING, "id": id, "model": model, "timestamp": timestamp, "delta": delta, "content": content}


def to_tool_call_chunk(
    *, id: str, model: str, timestamp: int, tool_call_id: str, name: str, arguments: str, index: int
) -> Chunk:
    """Make a ``tool_call`` chunk; ``arguments`` is the text of one JSON object (R8)."""
    return {
        "type": TOOL_CALL,
        "id": id,
        "model": model,
        "timestamp": timestamp,
        "index": index,
        "toolCall": {"id": tool_call_id, "type": "function", "function": {"name": name, "arguments": arguments}},
    }


def to_tool_result_chunk(*, id: str, model: str, timestamp: int, tool_call_id: str, content: str) -> Chunk:
    """Make a ``tool_result`` chunk; ``content`` is the JSON text of the result (R15)."""
    return {
        "type": TOOL_RESULT,
        "id": id,
        "model": model,
        "timestamp": timestamp,
        "toolCallId": tool_call_id,
        "content": content,
    }


def to_approval_requested_chunk(
    *, id: str, model: str, timestamp: int, tool_call_id: str, tool_name: str, input: Any
) -> Chunk:
    """Make an ``approval-requested`` chunk; ``input`` is the call's arguments, parsed (§6.4, R27)."""
    return {
        "type": APPROVAL_REQUESTED,
        "id": id,
        "model": model,
        "timestamp": timestamp,
        "toolCallId": tool_call_id,
        "toolName": tool_name,
        "input": input,
        "approval": {"id": f"approval_{tool_call_id}", "needsApproval": True},
    }


def to_done_chunk(
    *,
    id: str,
    model: str,
    timestamp: int,
    finish_reason: str | None,
    usage: Mapping[str, int | float] | None = None,
) -> Chunk:
    """Make a ``done`` chunk.

    ``finish_reason`` is one of :data:`harness.protocol.streamchunk.FINISH_REASONS`, or None, which TanStack's type
    allows. ``usage`` is what :func:`harness.reference.usage.map_usage` gives; without it the key is left out.
    """
    chunk: Chunk = {"type": DONE, "id": id, "model": model, "timestamp": timestamp, "finishReason": finish_reason}
    if usage is not None:
        chunk["usage"] = dict(usage)
    return chunk


def to_error_chunk(*, id: str, model: str, timestamp: int, message: str, code: str | None = None) -> Chunk:
    """Make an ``error`` chunk; an unknown ``code`` is left out and never the text "undefined" (R21)."""
    error = {"message": message} if code is None else {"message": message, "code": code}
    return {"type": ERROR, "id": id, "model": model, "timestamp": timestamp, "error": error}
