"""What stands around the words of an OpenAI Responses stream: numbered messages, and the response that they build."""

from __future__ import annotations

from typing import Any

from harness.providers.encoding.encoder import Labels
from harness.providers.encoding.framed import json_bytes, sse_message


class Numbered:
    """Messages with a type, which also names their event, and a number that rises by one."""

    def __init__(self) -> None:
        self._number = 0

    def message(self, kind: str, **members: Any) -> bytes:
        """Return the next message of a type; behind that, OpenAI sorts the members by their names."""
        numbered = members | {"sequence_number": self._number}
        self._number += 1
        return sse_message(json_bytes({"type": kind} | {key: numbered[key] for key in sorted(numbered)}), kind)


def response(labels: Labels, status: str, **members: Any) -> dict[str, Any]:
    """Return the response object, with what ``members`` say instead of its defaults."""
    told: dict[str, Any] = {
        "id": labels.id,
        "object": "response",
        "created_at": labels.created,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "max_tool_calls": None,
        "model": labels.model,
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "service_tier": "default",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None,
        "user": None,
        "metadata": {},
    }
    return told | members


def usage_object(usage: dict[str, Any]) -> dict[str, Any] | None:
    """Return the response's ``usage``, None where nothing was counted."""
    if not usage:
        return None
    return {
        "input_tokens": usage["inputTokens"],
        "input_tokens_details": {"cached_tokens": usage.get("cachedInputTokens", 0)},
        "output_tokens": usage["outputTokens"],
        "output_tokens_details": {"reasoning_tokens": usage.get("reasoningTokens", 0)},
        "total_tokens": usage["totalTokens"],
    }
