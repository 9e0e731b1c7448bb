"""What both of Cohere's chat APIs write alike: finish words, token counts, cited documents."""

from __future__ import annotations

from typing import Any

from harness.protocol.events import Event
from harness.providers.cohere_ending import FINISH_WORDS
from harness.providers.encoding.encoder import unsayable

_WORDS = {
    "stop": "COMPLETE",
    "length": "MAX_TOKENS",
    "tool-calls": "TOOL_CALL",
    "content-filter": "ERROR_TOXIC",
    "error": "ERROR",
    "other": "USER_CANCEL",
}


def finish_reason(reason: str, raw: str) -> dict[str, str]:
    """Return ``finish_reason`` for V2's word, as the word that Cohere said, if it did.

    No word of Cohere's means ``unknown``: for that, nothing is written.
    """
    word = raw if FINISH_WORDS.get(raw) == reason else _WORDS.get(reason)
    return {} if word is None else {"finish_reason": word}


def counts(wire: str, usage: dict[str, Any]) -> dict[str, Any]:
    """Return v2's ``usage``, or what stands in v1's ``meta``; ``{}`` where nothing was counted.

    Raises :class:`InputError` for a total that is not the sum: Cohere sends none, so the sum would be read.
    """
    if not usage:
        return {}
    tokens = {"input_tokens": usage["inputTokens"], "output_tokens": usage["outputTokens"]}
    if usage["totalTokens"] != usage["inputTokens"] + usage["outputTokens"]:
        raise unsayable(wire, "a total of tokens that is not their sum")
    counted: dict[str, Any] = {"billed_units": tokens, "tokens": tokens}
    if "reasoningTokens" in usage:
        counted["tokens"] = tokens | {"reasoning_tokens": usage["reasoningTokens"]}
    if "cachedInputTokens" in usage:
        counted["cached_tokens"] = usage["cachedInputTokens"]
    return counted


def cited_document(wire: str, source: Event) -> dict[str, str]:
    """Return the document that a ``source`` names; raises :class:`InputError` for one without address and title."""
    document = {key: text for key in ("title", "url") if isinstance(text := source.get(key), str) and text}
    if not document:
        raise unsayable(wire, "a source without address and title")
    id_ = source.get("id")
    return {"id": id_ if isinstance(id_, str) and id_ else "doc:0", **document}
