"""What our encoders write looks like what the providers send: every path of keys occurs in a recording.

A path begins with what kind of message it is. For a provider's way of speaking Chat Completions, the recordings of that
provider count; what they cannot show stands in a short list, with the reason.
"""

import json
from collections.abc import Mapping

import pytest

from harness.errors import InputError
from harness.providers import WIRES, Labels, encoded
from harness.providers.encoding.chat_providers import HABITS
from harness.providers.framing import Framing
from harness.providers.message import Mark
from harness.stage import drained

pytestmark = pytest.mark.evidence

FORMATS = ("sse", "ndjson", "jsonarray.json", "chunks.jsonl", "eventstream", "error.json")
FOLDERS = {
    "azure": ("azure", "github-copilot"),
    "netlify": ("openai",),
    "openai-chat": ("openai",),
    "togetherai": ("together",),
}
"""Where a provider's recordings lie, if not in a folder of its own name."""

GIVEN = {"args", "arguments", "input", "parameters", "metadata"}
"""Keys whose values are the user's or a tool's own, so their paths are nobody's form."""

USAGE = {"inputTokens": 5, "outputTokens": 3, "totalTokens": 8, "reasoningTokens": 1, "cachedInputTokens": 2}
NAME = {"type": "response-metadata", "id": "a", "modelId": "m"}
TEXT = [{"type": f"text-{verb}", "id": "t", **more} for verb, more in (("start", {}), ("delta", {"delta": "A"}))]
THOUGHT = [
    {"type": "reasoning-delta", "id": "r", "delta": "B"},
    {"type": "reasoning-end", "id": "r"},
]
SIGNED = {
    "type": "reasoning-delta", "id": "r", "delta": "",
    "providerMetadata": {
        "anthropic": {"signature": "c2ln"}, "bedrock": {"signature": "c2ln"}, "google": {"thoughtSignature": "c2ln"},
        "openai": {"reasoningEncryptedContent": "c2ln"},
    },
}  # fmt: skip
PAGE = {"type": "source", "sourceType": "url", "url": "https://a.example", "title": "T"}


def call(id_, **more):
    return [
        {"type": "tool-input-start", "id": id_, "toolName": "get_weather", **more},
        {"type": "tool-input-delta", "id": id_, "delta": '{"city":'},
        {"type": "tool-call", "toolCallId": id_, "toolName": "get_weather", "input": '{"city":"Bonn"}', **more},
    ]


def finish(reason, usage=USAGE):
    return {"type": "finish", "finishReason": reason, "usage": usage}


HOSTED = {
    "anthropic-messages": ("web_search", {"query": "x"}, []),
    "google-generatecontent": ("code_execution", {"language": "PYTHON"}, {"outcome": "OUTCOME_OK", "output": "1"}),
    "google-interactions": ("google_search", {"queries": ["x"]}, []),
    "openai-responses": ("web_search", {"action": {"type": "search", "query": "x"}}, {}),
}
"""A tool of the provider's own, what it was asked and what it gave."""


def hosted(tool="web_search", given=(), result="found"):
    named = {"toolCallId": "srv123456", "toolName": tool}
    ran = [
        {"type": "tool-call", **named, "input": json.dumps(dict(given)), "providerExecuted": True},
        {"type": "tool-result", **named, "result": result},
    ]
    return [NAME, *ran, *TEXT, finish("stop")]


SAMPLES = {
    "text": [NAME, *TEXT, finish("stop")],
    "uncounted": [NAME, *TEXT, finish("stop", {})],
    "thoughts": [NAME, *THOUGHT, *TEXT, finish("stop")],
    "signed thoughts": [NAME, *THOUGHT[:1], SIGNED, *THOUGHT[1:], *TEXT, finish("stop")],
    "calls": [NAME, *TEXT, *call("abcdefgh1"), *call("abcdefgh2"), finish("tool-calls")],
    "length": [NAME, *TEXT, finish("length")],
    "filter": [NAME, *TEXT, finish("content-filter")],
    "no reason": [NAME, *TEXT, finish("unknown")],
    "page": [NAME, *TEXT, PAGE, finish("stop")],
    "document": [NAME, *TEXT, {"type": "source", "sourceType": "document", "title": "T"}, finish("stop")],
    "file": [NAME, {"type": "file", "mediaType": "image/png", "data": "aGk="}, *TEXT, finish("stop")],
    "counted and cut": [NAME, *TEXT, {"type": "custom", "kind": "streamchunk.usage", "usage": USAGE}],
    "error": [NAME, *TEXT, {"type": "error", "error": {"message": "busy", "code": "overloaded_error"}}],
    "error status": [NAME, *TEXT, {"type": "error", "error": {"message": "busy", "code": "503"}}],
    "error without code": [NAME, *TEXT, {"type": "error", "error": {"message": "busy"}}],
}  # fmt: skip

NOT_RECORDED = [
    ("openai-chat", {"azure", "cloudflare", "ollama", "vllm", "xai"}, ".error", "no error of theirs was recorded"),
    ("openai-chat", {"cloudflare"}, ".choices[].delta.tool_calls", "no recorded model of theirs called a tool"),
    ("openai-chat", {"groq"}, ".usage.prompt_tokens_details", "documented for cached prompts; none was recorded"),
    ("openai-chat", {"groq"}, ".x_groq.usage.prompt_tokens_details", "the same counts, a second time"),
    ("openai-chat", {"vllm"}, ".usage.prompt_tokens_details.cached_tokens", "vLLM tells it where it was started to"),
    ("openai-completions", {""}, ".usage.completion_tokens_details", "documented in CompletionUsage, not recorded"),
    ("openai-completions", {""}, ".usage.prompt_tokens_details", "documented in CompletionUsage; none was recorded"),
    ("openai-chat", {"llamacpp"}, ".usage", "the recorder asked for no counts; llama.cpp's server has them in a chunk"),
    ("openai-chat", {"xai"}, ".citations", "no recorded answer searched; xAI's guide lists them in the last chunk"),
    ("openai-responses", {""}, "response.incomplete.response.output[]", "as in completed; only thoughts were cut"),
    ("bedrock-converse", {""}, "contentBlockDelta.delta.image", "documented in ContentBlockDelta; no image was made"),
    ("bedrock-converse", {""}, "contentBlockStart.start.image", "documented in ContentBlockStart; no image was made"),
    ("bedrock-converse", {""}, "error.", "no exception was recorded; AWS documents the frame"),
    ("bedrock-converse", {""}, "metadata.usage.cacheReadInputTokens", "documented in TokenUsage; no prompt was cached"),
    ("cloudflare-run", {""}, ".finish_reason", "read by Cloudflare's own package; the recorded models say none"),
    ("cohere-v1", {""}, "citation-generation", "documented for /v1/chat; no recorded answer cites"),
    ("cohere-v1", {""}, "search-results", "documented for /v1/chat; no recorded answer searched"),
    ("cohere-v1", {""}, "stream-end.response.meta", "documented for both versions; only /v2 was recorded with them"),
    ("cohere-v1", {""}, "stream-end.response.tool_calls", "documented for /v1/chat; no recorded answer calls"),
    ("cohere-v1", {""}, "stream-error", "documented for /v1/generate; /v1/chat documents no error"),
    ("cohere-v1", {""}, "tool-calls-", "documented for /v1/chat; no recorded answer calls"),
    ("cohere-v2", {""}, "citation-start.delta.message.citations.sources[].document.url", "a document has any members"),
    ("google-interactions", {""}, "error.", "documented; no error was recorded"),
    ("google-interactions", {""}, "interaction.status_update.usage", "documented; recorded only at the end"),
    ("google-interactions", {""}, "step.delta image", "documented; no image was made"),
    ("google-interactions", {""}, "step.delta text_annotation_delta", "documented; no recorded answer cites"),
    ("google-interactions", {""}, "step.start google_search", "documented; no recorded answer searched"),
    ("ollama-generate", {""}, ".error", "as of /api/chat, the same server; none was recorded here"),
]  # fmt: skip
"""What is written and no recording shows: wire, providers, how the paths begin, and where the form comes from."""

OTHER_ORDER = [
    (
        "openai-chat",
        {"vllm"},
        "",
        "its recordings were parsed and lost their order; this one is that of vLLM's classes",
    ),
    ("openai-chat", {"cloudflare"}, "", "its last chunk, with the counts, orders its first four keys anew"),
    ("openai-responses", {""}, "error", "recorded with the number first, in an older order than the others"),
    ("openai-responses", {""}, "response.failed", "recorded with the number first, in an older order than the others"),
    ("google-generatecontent", {""}, ".candidates[].content.parts[]", "no recorded thought has a signature beside it"),
    ("ollama-generate", {""}, "", "the one recording with thinking was parsed and lost its order"),
]
"""Where keys stand in another order than in any recording: wire, providers, how the paths begin, and why."""

ALIASES = {
    "azure-openai": "azure", "github-models": "azure", "cloudflare-workers-ai": "cloudflare",
    "ollama-cloud": "ollama", "ollama-openai": "ollama",
}  # fmt: skip
DIALECTS = {(wire, "") for wire in WIRES} | {("openai-chat", provider) for provider in HABITS}


def kind_of(wire, name, data):
    """What a message is: its type, and the types of what it brings."""
    if not isinstance(data, Mapping) or wire == "openai-chat":  # whose chunks have no type
        return name
    kind = data.get("type") or data.get("event_type") or ""
    inner = [data.get(key) for key in ("item", "content_block", "delta", "part", "step")]
    kinds = [value["type"] for value in inner if isinstance(value, Mapping) and isinstance(value.get("type"), str)]
    return " ".join([name if name != kind else "", str(kind), *kinds]).strip()


def objects(value, path):
    """Every object of a message: its path, and its keys in their order."""
    if isinstance(value, Mapping):
        yield path, tuple(value)
        for key, inner in value.items():
            if key not in GIVEN:
                yield from objects(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner, f"{path}[]")


def objects_of_body(wire, body):
    return {
        found
        for name, data in drained(Framing(), body)
        if data is not Mark.DONE
        for found in objects(data, kind_of(wire, name, data))
    }


@pytest.fixture(scope="session")
def recorded(shared):
    """The objects of all recordings of a wire, by folder: for each path the orders of keys that occur there."""
    found = {}
    for wire in WIRES:
        for form in FORMATS:
            for file in (shared / "recordings").glob(f"*/{wire}/*.{form}"):
                known = found.setdefault((wire, file.parts[-3]), {})
                for path, keys in objects_of_body(wire, file.read_bytes()):
                    known.setdefault(path, set()).add(keys)
    return found


def folders_of(provider):
    named = ALIASES.get(provider, provider)
    return FOLDERS.get(named, (named,))


def body_of(wire, provider, events):
    """A body that says all of the events that the wire has words for."""
    for told in (events, [{**NAME, "id": ""}, *events[1:]], events[1:]):
        try:
            return b"".join(encoded(wire, told, Labels(), provider))
        except InputError:
            continue
    return b""


def written_by(wire, provider):
    samples = SAMPLES | {"hosted": hosted(*HOSTED.get(wire, ()))}
    return set().union(*(objects_of_body(wire, body_of(wire, provider, told)) for told in samples.values()))


@pytest.fixture(scope="session")
def compared(recorded):
    """For each dialect the objects that it writes, with the orders of keys that were recorded at the same path."""
    found = {}
    for wire, provider in DIALECTS:
        folders = folders_of(provider) if provider else [folder for of, folder in recorded if of == wire]
        known = [recorded[wire, folder] for folder in folders if (wire, folder) in recorded]
        assert known, f"no recording of {wire} in {folders}"
        found[wire, provider] = {
            (path, keys): set().union(*(orders.get(path, set()) for orders in known))
            for path, keys in written_by(wire, provider)
        }
    return found


@pytest.fixture(scope="session")
def unrecorded(compared):
    """Every path of a key that is written and was never recorded."""
    return {
        dialect: {
            f"{path}.{key}" for (path, keys), orders in objects_there.items() for key in set(keys).difference(*orders)
        }
        for dialect, objects_there in compared.items()
    }


def is_in_order(keys, order):
    rest = iter(order)
    return all(key in rest for key in keys)


def is_explained(reasons, wire, provider, path):
    return any(
        (of, path[: len(begins)]) == (wire, begins) and ALIASES.get(provider, provider) in providers
        for of, providers, begins, _ in reasons
    )


def unexplained(reasons, found):
    return sorted(
        (wire, provider, path)
        for (wire, provider), there in found.items()
        for path in there
        if not is_explained(reasons, wire, provider, path)
    )


def stale(reasons, found):
    return [
        (wire, begins)
        for wire, providers, begins, _ in reasons
        for provider in providers
        if not any(path.startswith(begins) for path in found[wire, provider])
    ]


def test_every_path_of_keys_that_is_written_was_recorded(unrecorded):
    assert unexplained(NOT_RECORDED, unrecorded) == []
    assert stale(NOT_RECORDED, unrecorded) == []


def test_keys_stand_in_the_order_of_a_recording(compared):
    disordered = {
        dialect: {
            path
            for (path, keys), orders in there.items()
            if orders and set(keys) <= set().union(*orders) and not any(is_in_order(keys, order) for order in orders)
        }
        for dialect, there in compared.items()
    }
    assert unexplained(OTHER_ORDER, disordered) == []
    assert stale(OTHER_ORDER, disordered) == []


def test_most_of_what_is_written_is_known_by_its_recording(compared, unrecorded, capsys):
    written = sum(len(keys) for there in compared.values() for _, keys in there)
    missing = sum(map(len, unrecorded.values()))
    with capsys.disabled():
        print(f"\nshapes: {written} keys written in {len(DIALECTS)} dialects, {missing} of them not recorded", end="")
    assert written > 2000
    assert missing < 200
