"""Which provider can be asked for structured output in which way: the table of §14.2 and §14.8 (R33)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

Strategy = Literal["native", "tool-based", "constrained", "instruction"]
Family = Literal["openai", "anthropic", "google", "mistral"]

_STRATEGIES: dict[Family, Strategy] = {
    "openai": "native",
    "anthropic": "tool-based",
    "google": "native",
    "mistral": "constrained",
}
_PROVIDERS: dict[str, Family] = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google": "google",
    "gemini": "google",
    "mistral": "mistral",
    "openai-chat": "openai",
    "google-interactions": "google",
}
_WITHOUT_A_FIELD = {"openai-completions"}  # an API without a member for a schema, whatever its model could do
_UNDECIDED = {"ollama", "ollama-generate", "ollama-openai", "ollama-cloud"}  # §14.1 says instruction, §14.2 the model
_MODELS: tuple[tuple[str, Family], ...] = (
    ("gpt-", "openai"),
    ("o1-", "openai"),
    ("o3-", "openai"),
    ("claude-", "anthropic"),
    ("gemini-", "google"),
    ("mistral-", "mistral"),
    ("mixtral-", "mistral"),
)
_HINT = re.compile(r"gpt|\bo[1-9]\b|claude|anthropic|openai|gemini|google|mistral|mixtral|ministral")


def family_of(model: Any) -> Family | None:
    """Return the family of a router's id, such as ``openrouter/anthropic/claude-sonnet-4``; None for no known one.

    §14.2 looks the first part up and then how the rest begins, so that a router hides a family (ledger H6); we read
    every part (R33).
    """
    provider, *rest = _parts(model)
    for part in (provider, *rest):
        if part in _PROVIDERS:
            return _PROVIDERS[part]
    return next((family for prefix, family in _MODELS if rest and rest[-1].startswith(prefix)), None)


def strategies_of(request: Mapping[str, Any]) -> frozenset[Strategy]:
    """Return the ways in which the model of a request may be asked; none where the table leaves it open.

    A model behind a URL of the configuration's own is of a family by its id, and OpenAI-compatible by its URL, for
    which §14.8 has the instruction: both pass. An id that only resembles a family's is not in the table.
    """
    model = request.get("model")
    parts = _parts(model)
    if len(parts) == 1:
        return frozenset()
    if parts[0] in _UNDECIDED:
        return frozenset()
    if parts[0] in _WITHOUT_A_FIELD:
        return frozenset({"instruction"})
    family = family_of(model)
    if family is None:
        return frozenset() if _HINT.search("/".join(parts[1:])) else frozenset({"instruction"})
    options = request.get("modelOptions")
    elsewhere = isinstance(options, Mapping) and options.get("url")
    return frozenset({_STRATEGIES[family], "instruction"}) if elsewhere else frozenset({_STRATEGIES[family]})


def _parts(model: Any) -> list[str]:
    return model.lower().split("/") if isinstance(model, str) else [""]
