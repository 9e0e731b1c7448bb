"""Finish reasons: a provider's word → the chunk's word (R18), and what the calls of the stream make of it (R19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

FinishReason: TypeAlias = Literal["stop", "length", "content_filter", "tool_calls"]

_WORDS: dict[FinishReason | Literal["error"], str] = {
    "stop": "stop end_turn stop_sequence eos complete",
    "length": "length max_tokens model_length",
    "content_filter": "content_filter safety refusal blocklist prohibited_content recitation spii",
    "tool_calls": "tool_calls tool_use tool_call function_call",
    "error": "error",
}


def _bare(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")


_REASONS = {_bare(word): reason for reason, words in _WORDS.items() for word in words.split()}


def map_finish_reason(reason: object) -> FinishReason | Literal["error"]:
    """Return the finish reason that a provider's word stands for: hyphen, underscore and case apart.

    Takes V2's word or V3's ``{unified, raw}``. A missing or unknown one is ``stop`` (§6.3). ``error`` is no finish
    reason of a ``done`` chunk: whoever gets it owes the client an ``error`` chunk (§12.2 makes a success of it; R18).
    """
    word = reason.get("unified") if isinstance(reason, Mapping) else reason
    return _REASONS.get(_bare(word), "stop") if isinstance(word, str) else "stop"


def resolve_finish_reason(reason: FinishReason, *, calls_wait: bool) -> FinishReason:
    """Return the reason that lets the client go on rightly (R19).

    TanStack's engine runs tools only after ``tool_calls``; some servers end a response with calls by ``stop``, others
    one without any by ``tool_calls``. Every other reason survives. ``calls_wait``: a client call was emitted.
    """
    if reason in {"stop", "tool_calls"}:
        return "tool_calls" if calls_wait else "stop"
    return reason
