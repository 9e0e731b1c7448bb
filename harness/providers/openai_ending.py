"""How an answer of OpenAI's two wires ends: finish words, token counts, failures.

Shared by Chat Completions, all that copies it, and Responses. The functions take JSON of any shape and never raise.
"""

from __future__ import annotations

from typing import Any

from harness.providers.failures import failure_in
from harness.providers.fields import count_in, list_in, object_in, text_in

_WORDS = {
    "stop": "stop", "eos": "stop", "endturn": "stop", "stopsequence": "stop", "complete": "stop",
    "length": "length", "maxtokens": "length", "modellength": "length", "maxoutputtokens": "length",
    "contentfilter": "content-filter", "safety": "content-filter", "refusal": "content-filter",
    "blocklist": "content-filter", "prohibitedcontent": "content-filter", "recitation": "content-filter",
    "spii": "content-filter",
    "toolcalls": "tool-calls", "tooluse": "tool-calls", "toolcall": "tool-calls", "functioncall": "tool-calls",
    "error": "error", "insufficientsystemresource": "error",
}  # fmt: skip

_COUNTS = (
    ("inputTokens", ("prompt_tokens", "input_tokens")),
    ("outputTokens", ("completion_tokens", "output_tokens")),
    ("totalTokens", ("total_tokens",)),
)
_DETAILS = (
    ("reasoningTokens", ("completion_tokens_details", "output_tokens_details"), ("reasoning_tokens",)),
    (
        "cachedInputTokens",
        ("prompt_tokens_details", "input_tokens_details"),
        ("cached_tokens", "prompt_cache_hit_tokens"),
    ),
)
"""Counts of a part, the groups that hold them, and their names there; they may stand beside the groups, as Together's
do and DeepSeek's second."""
_SILENT = {"message": "the provider reported an error without a message"}


def finish_word(word: str) -> str:
    """Return the V2 finish reason for a provider's word, ``unknown`` for ``""`` and for no word of R18."""
    return _WORDS.get(word.lower().replace("-", "").replace("_", ""), "unknown")


def counted(usage: Any) -> dict[str, Any]:
    """Return V2 usage as the provider counted it: no sum is made, a missing or null count stays away (R24, R25)."""
    found: dict[str, Any] = {}
    for name, keys in _COUNTS:
        for key in keys:
            if (count := count_in(usage, key)) is not None:
                found[name] = count
                break
    for name, groups, keys in _DETAILS if found else ():
        places = [*(object_in(usage, group) for group in groups), usage]
        counts = (count_in(place, key) for place in places for key in keys)
        if (count := next((count for count in counts if count is not None), None)) is not None:
            found[name] = count
    return found


def failure_of_family(name: str, data: Any) -> Any:
    """Return the payload of a message that is an error and no answer, or None.

    Beside the forms common to all wires: ``{detail: {…}}`` (FastAPI), ``{base_resp: {status_code, status_msg}}``
    (MiniMax), ``{object: "error"}`` (vLLM), anything under the SSE name ``error``, and ``errors`` that name none.
    """
    if (failure := failure_in(name, data)) is not None:
        return failure
    if list_in(data, "errors"):
        return _SILENT
    if detail := object_in(data, "detail"):
        return detail
    reply = object_in(data, "base_resp")
    if code := reply.get("status_code"):
        return {"message": text_in(reply, "status_msg") or _SILENT["message"], "code": code}
    return _SILENT if name == "error" or text_in(data, "object") == "error" else None
