"""Which way a model can be held to a schema: a table of providers and of model families (§14.2, §14.8, R33).

§14.2 looks an id up and then at the model's name, but its own key ``openai_compatible`` names no provider and a model
behind a router begins with its maker's name (ledger H6). We read: the last part of a model's path names its family;
the makers' own ids decide at once, a router, a gateway, a cloud or a custom URL is judged by the family that it
serves. Where nothing tells more, an OpenAI-compatible server is held to the schema by instruction (§14.8).

§14.1 and §14.2 disagree on Ollama: the one lists it as instruction-only, the code of the other would judge it by its
models' names. We read it as instruction-only, since what it serves under a family's name is an open model.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Support(StrEnum):
    """How an answer is held to a schema, in §14.2's words."""

    NATIVE_JSON_SCHEMA = "native_json_schema"
    TOOL_BASED = "tool_based"
    CONSTRAINED_DECODING = "constrained_decoding"
    INSTRUCTION_ONLY = "instruction_only"


_PROVIDERS = {
    "openai": Support.NATIVE_JSON_SCHEMA,
    "openai-chat": Support.NATIVE_JSON_SCHEMA,
    "openai-completions": Support.INSTRUCTION_ONLY,  # whatever the model could do, this API has no field for a schema
    "google": Support.NATIVE_JSON_SCHEMA,
    "google-interactions": Support.NATIVE_JSON_SCHEMA,
    "gemini": Support.NATIVE_JSON_SCHEMA,
    "anthropic": Support.TOOL_BASED,
    "mistral": Support.CONSTRAINED_DECODING,
    "ollama": Support.INSTRUCTION_ONLY,
    "ollama-generate": Support.INSTRUCTION_ONLY,
    "ollama-openai": Support.INSTRUCTION_ONLY,
    "ollama-cloud": Support.INSTRUCTION_ONLY,
}
_GATEWAYS = {"netlify"}
"""Whose ids go on with the id of the provider that is asked, in its own words."""

_FAMILIES = (
    (re.compile(r"(?:chat)?gpt-|o[134](?![a-z0-9])"), Support.NATIVE_JSON_SCHEMA),
    (re.compile(r"gemini-"), Support.NATIVE_JSON_SCHEMA),
    (re.compile(r"claude(?![a-z0-9])"), Support.TOOL_BASED),
    (
        re.compile(r"(?:open-)?(?:mistral|mixtral|ministral|codestral|magistral|pixtral|devstral|voxtral)(?![a-z0-9])"),
        Support.CONSTRAINED_DECODING,
    ),
)
_VENDOR = re.compile(r"(?:[a-z]+\.)*")  # Bedrock writes `us.anthropic.claude-…`


def support_of(provider: str, model_id: str) -> Support:
    """Return how a model of a provider is held to a schema; never raises, and case does not matter.

    ``provider`` is the first part of a router's id, ``model_id`` the rest of it, which may hold further slashes:
    ``support_of("openrouter", "anthropic/claude-sonnet-4.5")`` is tool-based.
    """
    provider = provider_id(provider)
    if provider in _GATEWAYS:
        provider, _, model_id = model_id.partition("/")
    return _PROVIDERS.get(provider_id(provider)) or _family_support(model_id) or Support.INSTRUCTION_ONLY


def provider_id(provider: str) -> str:
    """Return a provider's id as the tables write it: ``OpenAI_Compatible`` is ``openai-compatible``."""
    return provider.strip().lower().replace("_", "-")


def _family_support(model_id: str) -> Support | None:
    name = model_id.strip().lower().rpartition("/")[2]
    vendor = _VENDOR.match(name)
    bare = name[vendor.end() :] if vendor else name
    return next((support for family, support in _FAMILIES if family.match(bare)), None)
