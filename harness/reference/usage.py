"""Usage: what a provider counted, under any of its names → the three numbers of a ``done`` chunk (R24–R26)."""

from __future__ import annotations

import math
from collections.abc import Mapping

_PROMPT = ("promptTokens", "inputTokens", "input_tokens", "prompt_tokens")
_COMPLETION = ("completionTokens", "outputTokens", "output_tokens", "completion_tokens")
_TOTAL = ("totalTokens", "total_tokens")


def map_usage(usage: object) -> dict[str, int | float]:
    """Return ``{promptTokens, completionTokens, totalTokens}``, in tokens; what is missing is 0 (§12.4).

    Counts are carried exactly. A total that the provider gives stands, even above the sum; else it is the sum.
    """
    counted: Mapping[object, object] = usage if isinstance(usage, Mapping) else {}
    prompt, completion = _first(counted, _PROMPT) or 0, _first(counted, _COMPLETION) or 0
    total = _first(counted, _TOTAL)
    return {
        "promptTokens": prompt,
        "completionTokens": completion,
        "totalTokens": (_count(prompt + completion) or 0) if total is None else total,
    }


def _first(usage: Mapping[object, object], names: tuple[str, ...]) -> int | float | None:
    """Return the first countable of these, V2's flat number or V3's ``{total}``."""
    for name in names:
        value = usage.get(name)
        count = _count(value.get("total") if isinstance(value, Mapping) else value)
        if count is not None:
            return count
    return None


def _count(value: object) -> int | float | None:
    """Return a finite number from 0, or None: OpenRouter was seen to count NaN tokens (F3)."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return value if math.isfinite(value) and value >= 0 else None
    except OverflowError:  # an integer beyond every float is Infinity to its reader
        return None
