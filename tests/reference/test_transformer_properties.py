"""What holds for every stream, legal or not."""

import itertools
import json

from hypothesis import example, given
from hypothesis import strategies as st

from harness.protocol.exact_json import holds_object
from harness.reference.growing import as_json
from harness.reference.transformer import Transformer


def transformed(events):
    ids = itertools.count()
    transformer = Transformer(model="m", now=lambda: 1, new_id=lambda: f"id-{next(ids)}")
    chunks = [as_json(chunk) for event in events for chunk in transformer.feed(event)]
    return chunks + [as_json(chunk) for chunk in transformer.close()]


def outcome(chunks):
    """What a client has in the end: all but how it was cut into deltas."""
    said = {}
    rest = []
    for chunk in chunks:
        if "delta" in chunk:
            said[chunk["type"]] = chunk["content"]
        else:
            rest.append(chunk)
    return said, rest


def whole(text):
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
IDS = st.sampled_from(["a", "b", "c", ""])
TEXTS = st.text(st.characters() | st.sampled_from("\ud83d\ude00"), max_size=5)
ARGUMENTS = st.sampled_from(["", "{}", '{"x":1}', '{"x":', "1}", "[1]", "null", " "])


def event(kind, **fields):
    return st.fixed_dictionaries({"type": st.just(kind)}, optional=fields)


LIKELY = st.one_of(
    st.fixed_dictionaries({"type": st.just("text-delta"), "delta": TEXTS}),
    st.fixed_dictionaries({"type": st.just("reasoning-delta"), "delta": TEXTS}),
    event("response-metadata", id=IDS, modelId=IDS),
    event("tool-input-start", id=IDS, toolName=IDS, providerExecuted=st.booleans()),
    event("tool-input-delta", id=IDS, delta=ARGUMENTS | JSON),
    event("tool-input-end", id=IDS),
    event("tool-call", toolCallId=IDS, toolName=IDS, input=ARGUMENTS | JSON, providerExecuted=st.booleans()),
    event("tool-result", toolCallId=IDS, result=JSON, isError=st.booleans(), preliminary=st.booleans()),
)
ENDS = event("finish", finishReason=st.sampled_from(["stop", "length", "error"]) | JSON, usage=JSON) | event(
    "error", error=JSON
)
KINDS = st.sampled_from(
    ["text-delta", "tool-input-start", "tool-input-delta", "tool-call", "tool-result", "response-metadata", "finish"]
)
KEYS = st.sampled_from(["id", "delta", "toolCallId", "toolName", "input", "result", "error", "finishReason", "usage"])
ODD = JSON | st.builds(lambda kind, body: {**body, "type": kind}, KINDS, st.dictionaries(KEYS, JSON)) | st.binary()
STREAMS = st.lists(LIKELY | ENDS | ODD, max_size=25)
LONG_STREAMS = st.builds(lambda events, end: [*events, end], st.lists(LIKELY, max_size=25), ENDS)


@given(STREAMS | LONG_STREAMS)
@example([])
@example([{"type": "text-delta", "delta": "a\ud83d"}, {"type": "text-delta", "delta": "\ude00"}])
def test_every_stream_becomes_a_legal_one(events):
    chunks = transformed(events)
    json.dumps(chunks, allow_nan=False)
    assert [chunk["type"] in {"done", "error"} for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert len({(chunk["id"], chunk["model"], chunk["timestamp"]) for chunk in chunks}) == 1
    said = {"content": "", "thinking": ""}
    calls = {}
    for chunk in chunks:
        if "delta" in chunk:
            assert chunk["delta"]
            assert chunk["content"] == whole(said[chunk["type"]] + chunk["delta"])
            said[chunk["type"]] = chunk["content"]
        elif chunk["type"] == "tool_call":
            function = chunk["toolCall"]["function"]
            assert chunk["toolCall"]["id"] not in calls
            assert chunk["index"] > max(calls.values(), default=-1)
            assert function["name"]
            assert holds_object(function["arguments"])
            calls[chunk["toolCall"]["id"]] = chunk["index"]
        elif chunk["type"] == "tool_result":
            assert chunk["toolCallId"] in calls


@given(
    st.text(st.characters() | st.sampled_from("\ud83d\ude00")),
    st.sampled_from(['{"city":"Köln","n":12345678901234567890}', '{"city":', ""]),
    st.lists(st.integers(0, 30)),
    st.lists(st.integers(0, 40)),
)
def test_any_grouping_of_deltas_ends_the_same(text, arguments, text_cuts, argument_cuts):
    def stream(text_parts, argument_parts):
        yield {"type": "tool-input-start", "id": "a", "toolName": "t"}
        for one, other in itertools.zip_longest(text_parts, argument_parts):
            if one is not None:
                yield {"type": "text-delta", "id": "x", "delta": one}
                yield {"type": "reasoning-delta", "id": "y", "delta": one}
            if other is not None:
                yield {"type": "tool-input-delta", "id": "a", "delta": other}
        yield {"type": "tool-call", "toolCallId": "a", "toolName": "t", "input": ""}
        yield {"type": "finish", "finishReason": "stop"}

    def cut(value, places):
        edges = [0, *sorted(min(place, len(value)) for place in places), len(value)]
        return [value[start:stop] for start, stop in itertools.pairwise(edges)]

    at_once = outcome(transformed(stream([text], [arguments])))
    assert outcome(transformed(stream(cut(text, text_cuts), cut(arguments, argument_cuts)))) == at_once
    assert at_once[0].get("content", "") == whole(text)
