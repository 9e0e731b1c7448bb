"""Our encoders of Cohere's two chat APIs write no member that Cohere does not, and in Cohere's order."""

import json
from dataclasses import replace
from itertools import combinations

import pytest

from harness.protocol.event_reading import reading_of_events
from harness.providers import counted_ids, decoded, encoded

pytestmark = pytest.mark.evidence

CALLS = [
    {"type": "tool-input-start", "id": "a", "toolName": "weather"},
    {"type": "tool-input-delta", "id": "a", "delta": '{"city":"Paris"}'},
    {"type": "tool-call", "toolCallId": "a", "toolName": "weather", "input": '{"city":"Paris"}'},
]
SAID = [
    {"type": "response-metadata", "id": "r"},
    {"type": "text-delta", "id": "t", "delta": "Hi"},
    {"type": "source", "sourceType": "document", "id": "doc:0", "mediaType": "text/plain", "title": "facts.txt"},
]
PAGE = {"type": "source", "sourceType": "url", "id": "doc:1", "url": "https://a.test"}
USAGE = {"inputTokens": 12, "outputTokens": 4, "totalTokens": 16, "reasoningTokens": 2, "cachedInputTokens": 3}
END = {"type": "finish", "finishReason": "tool-calls", "usage": USAGE}
THOUGHT = {"type": "reasoning-delta", "id": "r", "delta": "hm"}
FAILED = {"type": "error", "error": {"message": "no valid tools", "code": "INVALID_TOOL_GENERATION"}}
ANSWERS = {
    "cohere-v2": [[THOUGHT, *SAID, PAGE, *CALLS, END], [*SAID, FAILED]],
    "cohere-v1": [[*SAID, PAGE, *CALLS, END], [*SAID, {"type": "error", "error": "boom"}]],
}
NOT_RECORDED = {
    "cohere-v2": {
        # a document is any object; what a page is called is our choice, as it is in version 1's search results
        ("citation-start", "delta.message.citations.sources[].document.url"),
    },
    "cohere-v1": {
        # of the API's reference: no recording has tools, documents, or an error in the stream
        ("tool-calls-chunk", "tool_call_delta.name"), ("tool-calls-chunk", "tool_call_delta.index"),
        ("tool-calls-chunk", "tool_call_delta.parameters"), ("tool-calls-generation", "tool_calls[].name"),
        ("tool-calls-generation", "tool_calls[].parameters.city"), ("stream-end", "response.tool_calls[].name"),
        ("stream-end", "response.tool_calls[].parameters.city"), ("stream-end", "response.meta.cached_tokens"),
        ("stream-end", "response.meta.tokens.reasoning_tokens"),  # as version 2 has it
        ("search-results", "documents[].id"), ("search-results", "documents[].title"),
        ("search-results", "documents[].url"), ("citation-generation", "citations[].start"),
        ("citation-generation", "citations[].end"), ("citation-generation", "citations[].text"),
        ("citation-generation", "citations[].document_ids[]"), ("stream-error", "err"),
        ("stream-error", "finish_reason"),
        *((kind, key) for key in ("is_finished", "event_type") for kind in (
            "tool-calls-chunk", "tool-calls-generation", "search-results", "citation-generation", "stream-error")),
    },
}  # fmt: skip


def messages_in(body):
    lines = (line.removeprefix(b"data:").strip() for line in body.splitlines() if not line.startswith(b"event:"))
    return [json.loads(line) for line in lines if line and line != b"[DONE]"]


def paths(value, path=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list) and value:
        for inner in value:
            yield from paths(inner, f"{path}[]")
    else:
        yield path


def kind_of(message):
    return message.get("type") or message["event_type"]


def written(wire):
    return [message for events in ANSWERS[wire] for message in messages_in(b"".join(encoded(wire, events)))]


def recordings(shared, wire):
    return sorted(
        path for kind in ("sse", "ndjson") for path in (shared / "recordings/cohere" / wire).glob(f"*.{kind}")
    )


def recorded(shared, wire):
    return [message for path in recordings(shared, wire) for message in messages_in(path.read_bytes())]


def orders(messages):
    """Which key stands before which, in each object of each kind of message."""
    todo = [(kind_of(message), message) for message in messages]
    found = set()
    while todo:
        place, value = todo.pop()
        if isinstance(value, dict):
            found |= {(place, pair) for pair in combinations(value, 2)}
            todo += [(f"{place}.{key}", inner) for key, inner in value.items()]
        elif isinstance(value, list):
            todo += [(f"{place}[]", inner) for inner in value]
    return found


@pytest.mark.parametrize("wire", ANSWERS)
def test_every_member_that_is_written_was_recorded_or_is_documented(wire, shared):
    seen = {(kind_of(message), path) for message in recorded(shared, wire) for path in paths(message)}
    ours = {(kind_of(message), path) for message in written(wire) for path in paths(message)}
    assert ours - seen == NOT_RECORDED[wire]


@pytest.mark.parametrize("wire", ANSWERS)
def test_members_stand_in_the_order_in_which_they_were_recorded(wire, shared):
    seen = orders(recorded(shared, wire))
    turned = {(place, (one, other)) for place, (other, one) in seen}
    assert (orders(written(wire)) & turned) - seen == set()


def but_for_a_late_id(events):
    """The reading; of version 1 the older generate names its answer only at the end, the chat at its start."""
    return replace(reading_of_events(events), response_id=None, late_response_ids=())


@pytest.mark.parametrize("wire", ANSWERS)
def test_a_recording_that_is_encoded_anew_says_the_same(wire, shared):
    paths_of = recordings(shared, wire)
    assert paths_of
    for path in paths_of:
        events = decoded(wire, path.read_bytes(), counted_ids("made"))
        anew = decoded(wire, b"".join(encoded(wire, events)), counted_ids("made"))
        assert but_for_a_late_id(anew) == but_for_a_late_id(events), path
