"""Which counts of parts each wire has a place for, as each provider speaks it; all other counts every wire carries."""

import pytest

from harness.providers import WIRES, counted_ids, decoded, encoded
from harness.providers.encoding.chat_providers import HABITS

SUM = {"inputTokens": 10, "outputTokens": 7, "totalTokens": 17}
PARTS = {"reasoningTokens": 3, "cachedInputTokens": 2}
BOTH, CACHED, NEITHER = frozenset(PARTS), frozenset({"cachedInputTokens"}), frozenset()

PLACES = {
    ("openai-chat", ""): BOTH,
    ("openai-chat", "models-dev"): BOTH,  # has no habits of its own
    ("openai-chat", "openai"): BOTH,
    ("openai-chat", "netlify"): BOTH,
    ("openai-chat", "azure"): BOTH,
    ("openai-chat", "github-models"): BOTH,
    ("openai-chat", "mistral"): CACHED,
    ("openai-chat", "deepseek"): BOTH,
    ("openai-chat", "xai"): BOTH,
    ("openai-chat", "perplexity"): NEITHER,
    ("openai-chat", "openrouter"): BOTH,
    ("openai-chat", "groq"): BOTH,
    ("openai-chat", "cerebras"): BOTH,
    ("openai-chat", "togetherai"): BOTH,
    ("openai-chat", "vllm"): CACHED,
    ("openai-chat", "llamacpp"): CACHED,
    ("openai-chat", "cloudflare"): NEITHER,
    ("openai-chat", "huggingface"): CACHED,
    ("openai-chat", "ollama"): NEITHER,
    ("openai-responses", ""): BOTH,
    ("openai-completions", ""): BOTH,
    ("anthropic-messages", ""): BOTH,
    ("google-generatecontent", ""): BOTH,
    ("google-interactions", ""): BOTH,
    ("bedrock-converse", ""): CACHED,
    ("cohere-v2", ""): BOTH,
    ("cohere-v1", ""): BOTH,
    ("ollama-chat", ""): NEITHER,
    ("ollama-generate", ""): NEITHER,
    ("cloudflare-run", ""): NEITHER,
}
ALIASES = {
    "openai-chat": "openai", "azure-openai": "azure", "cloudflare-workers-ai": "cloudflare",
    "ollama-cloud": "ollama", "ollama-openai": "ollama",
}  # fmt: skip

speakers = pytest.mark.parametrize(("wire", "provider"), PLACES)


def read_back(wire, provider, usage):
    events = [{"type": "text-delta", "id": "t", "delta": "Hi"}, {"type": "finish", "finishReason": "stop"}]
    events[-1]["usage"] = usage
    return decoded(wire, b"".join(encoded(wire, events, provider=provider)), counted_ids("made"))[-1]["usage"]


def test_every_wire_and_every_provider_with_habits_stands_in_the_table():
    assert {wire for wire, _ in PLACES} == set(WIRES)
    assert {ALIASES.get(provider, provider) for provider in HABITS} <= {provider for _, provider in PLACES}


@speakers
def test_the_count_of_a_part_survives_where_there_is_a_place_for_it(wire, provider):
    got = read_back(wire, provider, SUM | PARTS)
    assert {name: got.get(name) for name in PLACES[wire, provider]} == {
        name: PARTS[name] for name in PLACES[wire, provider]
    }
    assert not got.keys() & PARTS.keys() - PLACES[wire, provider]


@speakers
def test_no_count_of_a_part_is_made_up_where_none_was_told(wire, provider):
    got = read_back(wire, provider, SUM)
    assert not any(got.get(name) for name in PARTS)


@speakers
def test_a_part_that_is_missing_counts_nothing(wire, provider):
    got = read_back(wire, provider, {"inputTokens": 10})
    assert (got["inputTokens"], got["outputTokens"]) == (10, 0)
