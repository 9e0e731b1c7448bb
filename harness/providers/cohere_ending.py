"""How an answer of Cohere's two chat APIs ends: finish words, token counts, failures."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from harness.protocol.events import Event
from harness.providers.failures import error_event
from harness.providers.fields import count_in, object_in, text_in

FINISH_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "COMPLETE": "stop",
        "STOP_SEQUENCE": "stop",
        "MAX_TOKENS": "length",
        "ERROR_LIMIT": "length",  # of the context
        "TOOL_CALL": "tool-calls",
        "ERROR_TOXIC": "content-filter",
        "ERROR": "error",
        "TIMEOUT": "error",
        "USER_CANCEL": "other",
    }
)
"""Every finish reason that one of the two APIs documents, and V2's word for it."""

_FAILURES = ("error", "err")


def finish_word(word: str) -> str:
    """Return the V2 finish reason for Cohere's word, ``unknown`` for ``""`` and for a word that is new."""
    return FINISH_WORDS.get(word.upper(), "unknown")


def counted(usage: dict[str, Any]) -> dict[str, Any]:
    """Return V2 usage for v2's ``usage`` or v1's ``meta``; what was not counted stays away, no sum is made (R24, R25).

    ``tokens`` are what the model read and wrote. ``billed_units``, which leave out what the price does, count only
    where there are no ``tokens``.
    """
    tokens = object_in(usage, "tokens")
    if count_in(tokens, "input_tokens") is None and count_in(tokens, "output_tokens") is None:
        tokens = object_in(usage, "billed_units")
    counts = {
        "inputTokens": count_in(tokens, "input_tokens"),
        "outputTokens": count_in(tokens, "output_tokens"),
        "reasoningTokens": count_in(tokens, "reasoning_tokens"),
        "cachedInputTokens": count_in(usage, "cached_tokens"),
    }
    return {name: count for name, count in counts.items() if count is not None}


def ending(said: dict[str, Any], reason: str, usage: dict[str, Any]) -> Event:
    """Return the last event of an answer: ``error`` where Cohere says in words what failed, else ``finish``.

    ``said`` is the object beside whose finish reason the words of a failure would stand: ``error`` and ``error_type``,
    or ``err`` on v1's ``/generate``.
    """
    counts = counted(usage)
    message = next((words for key in _FAILURES if (words := text_in(said, key))), "")
    if not message:
        return {"type": "finish", "finishReason": reason, "usage": counts}
    kind = text_in(said, "error_type")
    failure = error_event({"message": message, "type": kind} if kind else {"message": message})
    return failure | ({"usage": counts} if counts else {})
