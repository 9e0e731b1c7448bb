"""What the values inside source events mean: finish reasons, usage, failures, results, arguments (R8, R15, R18–R26).

The oracle's half of the two witnesses: the reference adapter reads the same values by code of its own. No function
here raises, whatever JSON it is given.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from harness.protocol.exact_json import holds_object
from harness.protocol.json_text import MAX_DEPTH
from harness.protocol.reading import Failure, Usage

UNNAMED = "the provider reported an error without a message"

_REASONS = {
    "stop": "stop", "endturn": "stop", "stopsequence": "stop", "eos": "stop", "complete": "stop",
    "length": "length", "maxtokens": "length", "modellength": "length",
    "contentfilter": "content_filter", "safety": "content_filter", "refusal": "content_filter",
    "blocklist": "content_filter", "prohibitedcontent": "content_filter", "recitation": "content_filter",
    "spii": "content_filter",
    "toolcalls": "tool_calls", "tooluse": "tool_calls", "toolcall": "tool_calls", "functioncall": "tool_calls",
    "error": "error",
}  # fmt: skip

_PROMPT = ("promptTokens", "inputTokens", "input_tokens", "prompt_tokens")
_COMPLETION = ("completionTokens", "outputTokens", "output_tokens", "completion_tokens")
_TOTAL = ("totalTokens", "total_tokens")
_CODES = ("code", "statusCode", "status", "type")
_WIDEST_CODE = 64  # bits; Python refuses to print a number of 5000 digits, and no code is one
_WRAPPERS = ("error", "response", "data")
_DEEPEST_ERROR = 8


def reason_of(value: Any) -> str | None:
    """Return the finish reason that a source's word stands for, or None for a missing or unknown word (R18)."""
    if isinstance(value, Mapping):
        value = value.get("unified")
    if not isinstance(value, str):
        return None
    return _REASONS.get(value.lower().replace("-", "").replace("_", ""))


def usage_of(value: Any) -> Usage | None:
    """Return the counted tokens (R24–R26), or None where nothing countable is in ``value``."""
    if not isinstance(value, Mapping):
        return None
    prompt, completion, total = (_counted(value, keys) for keys in (_PROMPT, _COMPLETION, _TOTAL))
    if prompt is None and completion is None and total is None:
        return None
    return Usage(prompt or 0, completion or 0, _sum(prompt or 0, completion or 0) if total is None else total)


def _counted(usage: Mapping[str, Any], keys: tuple[str, ...]) -> int | float | None:
    for key in keys:
        value = usage.get(key)
        if isinstance(value, Mapping):
            value = value.get("total")
        if isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value) and value >= 0:
            return value
    return None


def _is_finite(value: float) -> bool:
    """A whole number is finite, also where no float holds it."""
    return isinstance(value, int) or math.isfinite(value)


def _sum(prompt: float, completion: float) -> int | float:
    try:
        total = prompt + completion
    except OverflowError:
        return max(prompt, completion)
    return total if _is_finite(total) else max(prompt, completion)


def failure_of(error: Any) -> Failure:
    """Return message and code of any shape that an ``error`` event was seen to carry (R21, ledger B3).

    The code is the innermost: a wrapper's ``type`` says less than the ``code`` of what it wraps.
    """
    code: str | None = None
    for _ in range(_DEEPEST_ERROR):
        if isinstance(error, list) and error:
            error = error[0]
        if isinstance(error, str):
            return Failure(error.strip() or UNNAMED, code)
        if not isinstance(error, Mapping):
            break
        code = _code_of(error) or code
        message = error.get("message")
        if isinstance(message, str) and message.strip():
            return Failure(message.strip(), code)
        error = next((error[key] for key in _WRAPPERS if error.get(key)), None)
    return Failure(UNNAMED, code)


def _code_of(error: Mapping[str, Any]) -> str | None:
    for key in _CODES:
        value = error.get(key)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= _WIDEST_CODE:
            return str(value)
    return None


def result_text(result: Any, *, is_error: bool) -> str | None:
    """Return the JSON text of a tool's result (R15), or None for a value that has none, such as bytes.

    Undefined is null, NaN too (``JSON.stringify`` writes it so); a failed result keeps its mark, once.
    """
    if is_error and not (isinstance(result, Mapping) and "error" in result):
        result = {"error": result}
    return _text(result)


def arguments_of(given: Any, deltas: str) -> tuple[str, bool]:
    """Return the text of a call's arguments, and whether it is one JSON object, in the order of R8.

    ``given`` is the event's ``input``, ``deltas`` what its ``tool-input-delta`` events came to.
    """
    text = given if isinstance(given, str) else "" if given is None else _text(given)
    if isinstance(given, Mapping) and text is not None:
        return text, True
    blank = text is None or not text.strip()
    if text is not None and not blank and holds_object(text):
        return text, True
    if holds_object(deltas):
        return deltas, True
    if given is None or (isinstance(given, str) and blank):
        return ("{}", True) if not deltas.strip() else (deltas, False)
    return text or "", False


def joined_deltas(deltas: list[Any]) -> str:
    """Return what input deltas come to: texts are joined, objects merged, other values made text (§13.3, §13.6)."""
    if all(isinstance(delta, str) for delta in deltas):
        return "".join(deltas)
    parts: list[str] = []
    merged: dict[str, Any] | None = None
    for delta in deltas:
        if isinstance(delta, Mapping):
            before = _object_in("".join(parts)) if merged is None else merged
            if before is not None:
                parts, merged = [], {**before, **delta}
                continue
        if merged is not None:
            parts, merged = [_text(merged) or ""], None
        if delta is not None:
            parts.append(delta if isinstance(delta, str) else _text(delta) or "")
    return "".join(parts) if merged is None else _text(merged) or ""


def _object_in(text: str) -> dict[str, Any] | None:
    if not text.strip():
        return {}
    return json.loads(text) if holds_object(text) and len(text) < 1_000_000 else None


def _text(value: Any) -> str | None:
    """Write a value as ``JSON.stringify`` does, or return None for one that is not JSON or nests too deeply."""
    try:
        return json.dumps(_without_nan(value, MAX_DEPTH), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        return None


def _without_nan(value: Any, depth: int) -> Any:
    if depth < 0:
        raise ValueError("nested too deeply")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _without_nan(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item, depth - 1) for item in value]
    return value
