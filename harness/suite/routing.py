"""Which model a case asks for, so that a router's request speaks the wire that is played."""

from __future__ import annotations

from typing import Any

BASE_URL = "$baseUrl"
"""Stands in a case's ``modelOptions.url`` for the played provider's URL, which no file can know."""

_KEY = "test-key-1"
_URL = "openai"  # with a url: the router's openai alone means Responses (ledger 2.5)
_CHAT = "openai-chat"
_OF_WIRE = {
    _CHAT: _URL,
    "openai-responses": "openai",
    "openai-completions": "openai-completions",
    "anthropic-messages": "anthropic",
    "google-generatecontent": "google",
    "google-interactions": "google-interactions",
    "cohere-v2": "cohere",
    "cohere-v1": "cohere-v1",
    "ollama-chat": "ollama",
    "ollama-generate": "ollama-generate",
    "bedrock-converse": "bedrock",
    "cloudflare-run": "cloudflare-run",
}
"""What stands before the slash of a router's id, so that a wire is spoken."""

_OF_FOLDER = {
    ("models-dev", _CHAT): "fireworks-ai",  # the registry's own name is in no id: each of its providers has one
    ("ollama", _CHAT): "ollama-openai",
    ("cloudflare", "cloudflare-run"): "cloudflare-run/@cf/meta",  # there every model has a maker
    ("netlify", "openai-responses"): "netlify/openai",
    ("netlify", "anthropic-messages"): "netlify/anthropic",
    ("netlify", "google-generatecontent"): "netlify/gemini",
}
"""The same for the folders of cassettes whose ids are not told by their wire."""


def routed(wire: str, model: str, options: Any = None, *, folder: str = "") -> dict[str, Any]:
    """Return ``model`` and ``modelOptions`` of a request that asks a played provider over a wire.

    ``folder`` is the cassettes' folder, whose name is the provider's: whose Chat Completions they are, and through
    which gateway. A refusal is not tried again, so that one answer is enough. The members of ``options`` come last.
    """
    provider = _OF_FOLDER.get((folder, wire)) or (folder if wire == _CHAT and folder else _OF_WIRE[wire])
    known: dict[str, Any] = {"apiKey": _KEY, "maxRetries": 0}
    if (provider, wire) == (_URL, _CHAT):
        known["url"] = BASE_URL
    return {"model": f"{provider}/{model}", "modelOptions": {**known, **(options or {})}}
