"""What is encoded is read again as it was told, on every wire and in every provider's way of speaking it."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from harness.errors import InputError
from harness.protocol.event_reading import reading_of_events
from harness.protocol.exact_json import same_text
from harness.protocol.reading import Usage
from harness.providers import WIRES, Labels, counted_ids, decode, decoded, encode, encoded
from harness.providers.encoding.chat_providers import HABITS
from told import EVERYTHING, Story, stories

CHAT = EVERYTHING - {"provider's tool", "document", "unfinished and ended"}
TOLD = frozenset({"text", "usage", "no usage", "error", "cut", "stop", "length", "other", "unknown"})
WHOLE = {"unfinished and cut"}
NAMES = {"id", "model", "late name"}
TOOLS = {
    "call", "parallel calls", "malformed input", "tool-calls", "stop after calls", "tool-calls without calls",
    "unfinished and cut", "unfinished and ended", "unfinished and failed", "provider's tool",
}  # fmt: skip

SAYS = {
    ("openai-chat", ""): CHAT,
    ("openai-chat", "openai"): CHAT - {"reasoning", "page"},
    ("openai-chat", "netlify"): CHAT - {"reasoning", "page"},
    ("openai-chat", "azure"): CHAT - {"reasoning", "page"},
    ("openai-chat", "github-models"): CHAT - {"reasoning", "page"},
    ("openai-chat", "mistral"): CHAT - {"page"} - WHOLE,
    ("openai-chat", "deepseek"): CHAT - {"page"},
    ("openai-chat", "xai"): CHAT - WHOLE,
    ("openai-chat", "perplexity"): (CHAT - TOOLS - {"reasoning"}) | {"tool-calls", "tool-calls without calls"},
    ("openai-chat", "openrouter"): CHAT,
    ("openai-chat", "groq"): CHAT - {"page"} - WHOLE,
    ("openai-chat", "cerebras"): CHAT - {"page"} - WHOLE,
    ("openai-chat", "togetherai"): CHAT - {"page"},
    ("openai-chat", "vllm"): CHAT - {"page"},
    ("openai-chat", "llamacpp"): CHAT - {"page"},
    ("openai-chat", "cloudflare"): CHAT - {"reasoning", "page"},
    ("openai-chat", "huggingface"): CHAT - {"page"},
    ("openai-chat", "ollama"): CHAT - {"page"} - WHOLE,
    ("openai-responses", ""): EVERYTHING
    - {"stop after calls", "tool-calls without calls", "failed finish", "counted and cut", "unfinished and ended"},
    ("anthropic-messages", ""): EVERYTHING - {"own total", "failed finish", "counted and cut"},
    ("google-generatecontent", ""): EVERYTHING
    - {
        "malformed input", "document", "stop after calls", "tool-calls without calls", "failed finish",
        "unfinished and cut", "unfinished and ended",
    },
    ("google-interactions", ""): EVERYTHING
    - {"content-filter", "stop after calls", "tool-calls without calls", "failed finish", "unfinished and ended"},
    ("bedrock-converse", ""): EVERYTHING - {"id", "model", "late name", "no error code", "failed finish"},
    ("cohere-v2", ""): EVERYTHING
    - {"model", "provider's tool", "own total", "counted and cut", "failed finish", "unfinished and ended"},
    ("cohere-v1", ""): TOLD
    | {"id", "call", "parallel calls", "page", "document", "content-filter", "tool-calls", "no error code"},
    ("ollama-chat", ""): TOLD
    | NAMES
    | {"reasoning", "call", "parallel calls", "stop after calls", "tool-calls", "no error code"},
    ("ollama-generate", ""): TOLD | NAMES | {"reasoning", "no error code"},
    ("openai-completions", ""): TOLD
    | {"id", "model", "late name", "content-filter", "own total", "error code", "no error code", "counted and cut"},
    ("cloudflare-run", ""): TOLD
    | NAMES
    | TOOLS - {"provider's tool", "unfinished and ended"}
    | {"content-filter", "failed finish", "own total", "error code", "no error code", "counted and cut"},
}  # fmt: skip
"""What each wire, as a provider speaks it, must be able to say: refusing is for the rest."""

SENDS_WHOLE_CALLS = {
    ("openai-chat", provider) for provider in ("mistral", "xai", "groq", "cerebras", "ollama", "perplexity")
} | {("google-generatecontent", ""), ("ollama-chat", "")}
ALWAYS_COUNTS = {("anthropic-messages", "")}
COMPLETES_CALLS_AT_THE_END = {"openai-chat", "cloudflare-run"}
ANNOUNCES_CALLS_LATER = {"cohere-v1"}
NAMELESS_CALLS = {("cohere-v1", "")}
STOPS_WITH_CALLS = {"ollama-chat"}
NO_ID = {"bedrock-converse", "cloudflare-run", "ollama-chat", "ollama-generate"}
NO_MODEL = {"bedrock-converse", "cloudflare-run", "cohere-v1", "cohere-v2"}

speakers = pytest.mark.parametrize(("wire", "provider"), SAYS)
LABELS = Labels(id="labelled", model="some-model")


def reading_at_any_cut(wire, pieces, size):
    """The reading of a body that arrives in pieces of one size."""
    body = b"".join(pieces)
    stage = decode(wire, counted_ids("made"))
    events = [event for start in range(0, len(body), size) for event in stage.feed(body[start : start + size])]
    return reading_of_events(events + stage.close())


def promised(events, wire, provider):
    """The reading that a decoder owes: what the wire never carries is left out, what it always carries stands in."""
    speaker = wire, provider
    if speaker in SENDS_WHOLE_CALLS:
        complete = {event["toolCallId"] for event in events if event["type"] == "tool-call"}
        of_call = {"tool-input-start", "tool-input-delta", "tool-input-end"}
        events = [event for event in events if event["type"] not in of_call or event["id"] in complete]
    reading = reading_of_events(events)
    if wire in STOPS_WITH_CALLS and reading.finish_reason == "tool_calls":
        reading = replace(reading, finish_reason="stop")
    if wire in COMPLETES_CALLS_AT_THE_END and (not events or events[-1]["type"] != "finish"):
        reading = with_no_call_complete(reading)
    if speaker in ALWAYS_COUNTS and reading.ended == "finished" and reading.usage is None:
        reading = replace(reading, usage=Usage(0, 0, 0))
    return reading


def with_no_call_complete(reading):
    calls = [replace(call, intact=False) for call in (*reading.tool_calls, *reading.unfinished)]
    return replace(reading, tool_calls=(), unfinished=tuple(sorted(calls, key=lambda call: call.index)))


def assert_same(got, expected, wire, provider):
    if (wire, provider) in SENDS_WHOLE_CALLS and expected.ended == "truncated":  # one waits for those before it
        told, held = len(got.tool_calls), len(got.unfinished)
        expected = replace(expected, tool_calls=expected.tool_calls[:told], unfinished=expected.unfinished[:held])
    if wire in ANNOUNCES_CALLS_LATER and expected.ended == "truncated":
        got, expected = with_no_call_complete(got), with_no_call_complete(expected)
    assert [call.index for call in got.tool_calls] == [call.index for call in expected.tool_calls]
    for theirs, ours in zip(
        (*got.tool_calls, *got.unfinished), (*expected.tool_calls, *expected.unfinished), strict=True
    ):
        assert (theirs.name, theirs.intact) == (ours.name, ours.intact)
        assert theirs.id == ours.id or (wire, provider) in NAMELESS_CALLS
        assert same_text(theirs.arguments, ours.arguments)
    says_something = got.text or got.reasoning or got.tool_calls or got.unfinished
    if says_something and wire not in NO_ID:
        assert got.response_id == (expected.response_id or LABELS.id)
    if says_something and wire not in NO_MODEL:
        assert got.model == (expected.model or LABELS.model)
    compared_apart = {
        "tool_calls": (), "unfinished": (), "response_id": None, "model": None, "late_response_ids": (),
        "late_models": (),
    }  # fmt: skip
    assert replace(got, **compared_apart) == replace(expected, **compared_apart)


def test_every_wire_and_every_difference_is_in_the_table():
    aliases = {
        "openai-chat": "openai", "azure-openai": "azure", "cloudflare-workers-ai": "cloudflare",
        "ollama-cloud": "ollama", "ollama-openai": "ollama",
    }  # fmt: skip
    assert {wire for wire, _ in SAYS} == set(WIRES)
    assert {aliases.get(provider, provider) for provider in HABITS} == {
        provider for wire, provider in SAYS if wire == "openai-chat" and provider
    }
    assert all(HABITS[alias] is HABITS[provider] for alias, provider in aliases.items())


@speakers
@settings(max_examples=50)
@given(data=st.data(), size=st.integers(1, 200))
def test_what_a_wire_can_say_is_read_as_it_was_told_at_any_cut(wire, provider, data, size):
    story = data.draw(stories(SAYS[wire, provider]))
    pieces = encoded(wire, story.events, LABELS, provider)
    assert_same(reading_at_any_cut(wire, pieces, size), promised(story.events, wire, provider), wire, provider)


@speakers
@settings(max_examples=30, suppress_health_check=[HealthCheck.filter_too_much])  # a poor wire refuses most stories
@given(story=stories())
def test_what_is_not_refused_is_read_as_it_was_told_and_nothing_sayable_is_refused(wire, provider, story: Story):
    try:
        pieces = encoded(wire, story.events, LABELS, provider)
    except InputError as raised:
        refusal = str(raised)
    else:
        refusal = ""
    assert not refusal or not story.says <= SAYS[wire, provider], refusal
    assume(not refusal)
    assert_same(reading_at_any_cut(wire, pieces, 64), promised(story.events, wire, provider), wire, provider)


@speakers
@settings(max_examples=20)
@given(data=st.data())
def test_a_body_that_is_cut_gives_the_beginning_of_its_text(wire, provider, data):
    story = data.draw(stories(SAYS[wire, provider]))
    body = b"".join(encoded(wire, story.events, LABELS, provider))
    end = data.draw(st.integers(0, len(body)))
    got = reading_of_events(decoded(wire, body[:end], counted_ids("made")))
    whole = reading_of_events(story.events)
    assert whole.text.encode("utf-16", "surrogatepass").startswith(got.text.encode("utf-16", "surrogatepass"))
    assert got.ended in {"truncated", whole.ended}


@speakers
@settings(max_examples=10)
@given(data=st.data())
def test_an_answer_without_a_finish_ends_where_its_last_event_was_written(wire, provider, data):
    story = data.draw(stories(SAYS[wire, provider] - {"error"}))
    stage = encode(wire, LABELS, provider)
    for event in story.events[:-1]:
        stage.feed(event)
    assert stage.close() == []


@speakers
def test_each_piece_of_a_long_answer_is_as_long_as_what_it_says(wire, provider):
    """Linear: a piece repeats nothing of what was said, but for the summaries that only the end writes."""
    words = [{"type": "text-delta", "id": "t", "delta": "word "} for _ in range(2000)]
    pieces = encoded(wire, [*words, {"type": "finish", "finishReason": "stop", "usage": {}}], LABELS, provider)
    if provider != "perplexity":  # which repeats all that was said, in every chunk
        assert max(map(len, pieces[:1990])) < 2000
    assert sum(map(len, pieces)) < (20_000_000 if provider == "perplexity" else 2_000_000)
    assert json.dumps("word " * 2000)[1:-1] == reading_at_any_cut(wire, pieces, 65536).text


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.sampled_from(["", "a", "\ud800", "{}", "stop"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["total", "google", "url"]), inner),
)
KINDS = (
    "source", "file", "text-delta", "reasoning-delta", "tool-input-start", "tool-input-delta", "tool-call",
    "tool-result", "response-metadata", "finish", "error", "custom",
)  # fmt: skip
MEMBERS = (
    "id", "modelId", "delta", "toolName", "toolCallId", "input", "providerExecuted", "providerMetadata", "result",
    "finishReason", "usage", "error", "url", "title", "mediaType", "data", "kind",
)  # fmt: skip
ODD_EVENTS = st.fixed_dictionaries({"type": st.sampled_from(KINDS)}, optional=dict.fromkeys(MEMBERS, JSON_VALUES))


@speakers
@settings(max_examples=40)
@given(events=st.lists(ODD_EVENTS, max_size=6))
def test_whatever_events_hold_encoding_gives_bytes_or_an_input_error(wire, provider, events):
    try:
        pieces = encoded(wire, events, LABELS, provider)
    except InputError:
        return
    assert all(isinstance(piece, bytes) and piece for piece in pieces)
    reading_at_any_cut(wire, pieces, 7)
