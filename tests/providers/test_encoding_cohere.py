"""What the encoders of Cohere's two chat APIs write, held to the bytes of the wire and to their decoders."""

import json
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.protocol.event_reading import reading_of_events
from harness.providers import Labels, counted_ids, decode, decoded, encoded

BOTH = pytest.mark.parametrize("wire", ["cohere-v2", "cohere-v1"])
META = {"type": "response-metadata", "id": "dd27c8d3"}
USAGE = {"inputTokens": 12, "outputTokens": 4, "totalTokens": 16}


def says(words, id_="0", kind="text"):
    return [
        {"type": f"{kind}-start", "id": id_},
        *({"type": f"{kind}-delta", "id": id_, "delta": word} for word in words),
        {"type": f"{kind}-end", "id": id_},
    ]


def calls(id_, name, *pieces):
    return [
        {"type": "tool-input-start", "id": id_, "toolName": name},
        *({"type": "tool-input-delta", "id": id_, "delta": piece} for piece in pieces),
        {"type": "tool-input-end", "id": id_},
        {"type": "tool-call", "toolCallId": id_, "toolName": name, "input": "".join(pieces)},
    ]


def finish(reason="stop", **usage):
    return {"type": "finish", "finishReason": reason, "usage": usage}


def body_of(wire, *events):
    return b"".join(encoded(wire, events))


def messages_of(wire, *events):
    pieces = encoded(wire, events)
    if wire == "cohere-v1":
        return [json.loads(piece) for piece in pieces]
    return [json.loads(piece.partition(b"\ndata: ")[2]) for piece in pieces if piece.startswith(b"event: ")]


def test_version_2_as_the_wire_has_it():
    thought = says(["hm"], "r", "reasoning")
    answer = [META, *thought, *says(["a < b &", " 🎉"]), *calls("w1", "weather", '{"city":', '"Köln"}')]
    assert body_of("cohere-v2", *answer, finish("tool-calls", **USAGE, reasoningTokens=2, cachedInputTokens=3)) == (
        'event: message-start\n'
        'data: {"id":"dd27c8d3","type":"message-start","delta":{"message":{"role":"assistant","content":[],'
        '"tool_plan":"","tool_calls":[],"citations":[]}}}\n\n'
        'event: content-start\n'
        'data: {"type":"content-start","index":0,"delta":{"message":{"content":{"type":"thinking","thinking":""}}}}\n\n'
        'event: content-delta\n'
        'data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":"hm"}}}}\n\n'
        'event: content-end\n'
        'data: {"type":"content-end","index":0}\n\n'
        'event: content-start\n'
        'data: {"type":"content-start","index":1,"delta":{"message":{"content":{"type":"text","text":""}}}}\n\n'
        'event: content-delta\n'
        'data: {"type":"content-delta","index":1,"delta":{"message":{"content":{"text":"a \\u003c b \\u0026"}}}}\n\n'
        'event: content-delta\n'
        'data: {"type":"content-delta","index":1,"delta":{"message":{"content":{"text":" 🎉"}}}}\n\n'
        'event: content-end\n'
        'data: {"type":"content-end","index":1}\n\n'
        'event: tool-call-start\n'
        'data: {"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"w1","type":"function",'
        '"function":{"name":"weather","arguments":""}}}}}\n\n'
        'event: tool-call-delta\n'
        'data: {"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":'
        '{"arguments":"{\\"city\\":"}}}}}\n\n'
        'event: tool-call-delta\n'
        'data: {"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":'
        '{"arguments":"\\"Köln\\"}"}}}}}\n\n'
        'event: tool-call-end\n'
        'data: {"type":"tool-call-end","index":0}\n\n'
        'event: message-end\n'
        'data: {"type":"message-end","delta":{"finish_reason":"TOOL_CALL","usage":{"billed_units":{"input_tokens":12,'
        '"output_tokens":4},"tokens":{"input_tokens":12,"output_tokens":4,"reasoning_tokens":2},"cached_tokens":3}}}\n\n'
        'data: [DONE]\n\n'
    ).encode()  # fmt: skip


def test_version_1_as_the_wire_has_it():
    answer = [META, *says(["a < b", " 🎉"]), *calls("w1", "weather", '{"n":', "1.0}"), *calls("c1", "clock", "{}")]
    assert (
        body_of("cohere-v1", *answer, finish("tool-calls", **USAGE))
        == (
            '{"is_finished":false,"event_type":"stream-start","generation_id":"dd27c8d3"}\n'
            '{"is_finished":false,"event_type":"text-generation","text":"a \\u003c b"}\n'
            '{"is_finished":false,"event_type":"text-generation","text":" 🎉"}\n'
            '{"is_finished":false,"event_type":"tool-calls-chunk","tool_call_delta":{"name":"weather","index":0}}\n'
            '{"is_finished":false,"event_type":"tool-calls-chunk","tool_call_delta":{"index":0,"parameters":"{\\"n\\":"}}\n'
            '{"is_finished":false,"event_type":"tool-calls-chunk","tool_call_delta":{"index":0,"parameters":"1.0}"}}\n'
            '{"is_finished":false,"event_type":"tool-calls-chunk","tool_call_delta":{"name":"clock","index":1}}\n'
            '{"is_finished":false,"event_type":"tool-calls-chunk","tool_call_delta":{"index":1,"parameters":"{}"}}\n'
            '{"is_finished":false,"event_type":"tool-calls-generation","tool_calls":[{"name":"weather","parameters":'
            '{"n":1.0}},{"name":"clock","parameters":{}}]}\n'
            '{"is_finished":true,"event_type":"stream-end","response":{"response_id":"dd27c8d3",'
            '"text":"a \\u003c b 🎉","generation_id":"dd27c8d3","tool_calls":[{"name":"weather","parameters":'
            '{"n":1.0}},{"name":"clock","parameters":{}}],"finish_reason":"COMPLETE","meta":{"api_version":{"version":"1"},"billed_units":'
            '{"input_tokens":12,"output_tokens":4},"tokens":{"input_tokens":12,"output_tokens":4}}},'
            '"finish_reason":"COMPLETE"}\n'
        ).encode()
    )


def test_an_error_is_what_each_version_calls_one():
    failure = {"type": "error", "error": {"message": "no valid tools", "code": "INVALID_TOOL_GENERATION"}}
    assert messages_of("cohere-v2", META, failure)[-1] == {
        "type": "message-end",
        "delta": {
            "finish_reason": "ERROR",
            "usage": {},
            "error": "no valid tools",
            "error_type": "INVALID_TOOL_GENERATION",
        },
    }
    assert messages_of("cohere-v1", META, {"type": "error", "error": {"message": "boom"}})[-1] == {
        "is_finished": True, "event_type": "stream-error", "finish_reason": "ERROR", "err": "boom"}  # fmt: skip


def test_a_cited_document_is_given_to_the_last_words():
    source = {
        "type": "source",
        "sourceType": "document",
        "id": "doc:7",
        "mediaType": "text/plain",
        "title": "facts.txt",
    }
    *_, last, end = messages_of("cohere-v2", *says(["Hello ", "you"])[:-1], source)
    assert (last, end) == (
        {"type": "citation-start", "index": 0, "delta": {"message": {"citations": {
            "start": 6, "end": 9, "text": "you", "type": "TEXT_CONTENT", "sources": [
                {"type": "document", "id": "doc:7", "document": {"id": "doc:7", "title": "facts.txt"}}]}}}},
        {"type": "citation-end", "index": 0},
    )  # fmt: skip
    *_, found, cited = messages_of("cohere-v1", *says(["Hello"]), source)
    assert found["documents"] == [{"id": "doc:7", "title": "facts.txt"}]
    assert cited["citations"] == [{"start": 0, "end": 5, "text": "Hello", "document_ids": ["doc:7"]}]


@BOTH
@pytest.mark.parametrize("place", [{"url": "https://a.test", "title": "A"}, {"url": "https://a.test"}, {"title": "A"}])
def test_a_source_is_read_back(wire, place):
    kind = {"sourceType": "url"} if "url" in place else {"sourceType": "document", "mediaType": "text/plain"}
    source = {"type": "source", "id": "s", **kind, **place}
    events = decoded(wire, body_of(wire, META, *says(["Hi"]), source, finish()), counted_ids("s"))
    assert [event | {"id": "s"} for event in events if event["type"] == "source"] == [source]


@BOTH
def test_an_answer_is_called_by_its_labels_until_it_names_itself(wire):
    for events, name in (((), "l"), ((META,), "dd27c8d3")):
        body = b"".join(encoded(wire, [*events, *says(["Hi"])], Labels(id="l")))
        assert decoded(wire, body, counted_ids("made"))[0] == {"type": "response-metadata", "id": name}


@BOTH
def test_an_answer_that_is_cut_has_no_end(wire):
    body = body_of(wire, META, *says(["Hi"]))
    assert b"DONE" not in body
    assert reading_of_events(decoded(wire, body, counted_ids("made"))).ended == "truncated"


@BOTH
def test_halves_of_an_emoji_pass(wire):
    body = body_of(wire, META, *says(["\ud83c", "\udf89"]), finish())
    assert rb'"\ud83c"' in body
    assert reading_of_events(decoded(wire, body, counted_ids("made"))).text == "🎉"


@BOTH
@pytest.mark.parametrize(
    ("word", "reason"), [("STOP_SEQUENCE", "stop"), ("ERROR_LIMIT", "length"), ("TIMEOUT", "error")]
)
def test_a_word_of_cohere_stays_what_it_was(wire, word, reason):
    body = body_of(wire, META, finish() | {"finishReason": {"unified": reason, "raw": word}})
    assert f'"finish_reason":"{word}"'.encode() in body


RUN_BY_THEM = [
    {"type": "tool-input-start", "id": "a", "toolName": "search", "providerExecuted": True},
    {"type": "tool-call", "toolCallId": "a", "toolName": "search", "input": "{}", "providerExecuted": True},
]


@pytest.mark.parametrize(
    ("wires", "events", "what"),
    [
        ("12", [{"type": "file", "mediaType": "image/png", "data": "iVBO"}], "file"),
        ("12", RUN_BY_THEM, "the provider's own call"),
        ("12", [{"type": "source", "id": "s", "sourceType": "document"}], "address and title"),
        ("12", [finish(inputTokens=1, outputTokens=2, totalTokens=9)], "not their sum"),
        ("12", [{"type": "custom", "kind": "streamchunk.usage", "usage": {"inputTokens": 1}}], "custom"),
        ("1", says(["hm"], kind="reasoning"), "reasoning"),
        ("1", [*calls("a", "f", "{}"), finish("stop")], "stop beside calls"),
        ("1", [finish("tool-calls")], "tool-calls without calls"),
        ("1", [{"type": "error", "error": {"message": "boom", "code": "busy"}}], "code of an error"),
        ("1", calls("a", "f", "[1]"), "no JSON object"),
        ("1", [calls("a", "f")[0], *calls("b", "g", "{}"), finish("tool-calls")], "before an earlier one"),
    ],
)
def test_what_a_version_has_no_words_for_is_refused_by_name(wires, events, what):
    for version in wires:
        with pytest.raises(InputError, match=f"cohere-v{version} has no words for .*{what}"):
            encoded(f"cohere-v{version}", events)


# What is written is read back

words = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)
inputs = st.dictionaries(words, st.integers() | words | st.floats(allow_nan=False, allow_infinity=False), max_size=2)


@st.composite
def answers(draw, thoughts):
    """Events of an answer: blocks and calls, whose pieces come interleaved."""
    numbers, tracks = count(), []
    for kind in draw(st.lists(st.sampled_from(["text", "call", *(["reasoning"] if thoughts else [])]), max_size=4)):
        id_ = f"{kind}{next(numbers)}"
        if kind == "call":
            text = json.dumps(draw(inputs), ensure_ascii=draw(st.booleans()))
            middle = draw(st.integers(0, len(text)))
            *started, end, call = calls(
                id_, draw(st.sampled_from(["f", "g"])), *filter(None, (text[:middle], text[middle:]))
            )
            tracks.append([*started, [end, call]])
        else:
            tracks.append(says(draw(st.lists(words, min_size=1, max_size=3)), id_, kind))
    events = [META]
    while tracks := [track for track in tracks if track]:
        step = draw(st.sampled_from(tracks)).pop(0)
        events += step if isinstance(step, list) else [step]
    return events


def ordered(events):
    """Calls of version 1 are complete together, so in the order of their starts."""
    ids = [event["id"] for event in events if event["type"] == "tool-input-start"]
    made = {event["toolCallId"]: event for event in events if event["type"] == "tool-call"}
    ends = [end for id_ in ids for end in ({"type": "tool-input-end", "id": id_}, made[id_])]
    return [event for event in events if event["type"] not in {"tool-input-end", "tool-call"}] + ends


def told(reading):
    """All that a reading says; the ids of calls are the decoder's own where the wire has none."""
    return (
        reading.text, reading.reasoning, [(call.name, call.arguments) for call in reading.tool_calls],
        reading.finish_reason, reading.reason_known, reading.usage, reading.error, reading.ended, reading.response_id,
        len(reading.unfinished),
    )  # fmt: skip


@given(
    answers(thoughts=True),
    st.sampled_from(["stop", "length", "content-filter", "tool-calls", "error", "other", "unknown"]),
    st.just({}) | st.just(USAGE | {"reasoningTokens": 1, "cachedInputTokens": 2}),
    st.lists(st.integers(1, 60), max_size=20),
)
def test_what_version_2_writes_is_read_back_however_it_is_cut(events, reason, usage, sizes):
    events = [*events, finish(reason, **usage)]
    rest, stage, got = body_of("cohere-v2", *events), decode("cohere-v2", counted_ids("made")), []
    for size in sizes:
        got += stage.feed(rest[:size])
        rest = rest[size:]
    got += stage.feed(rest) + stage.close()
    assert reading_of_events(got) == reading_of_events(events)
    assert got[-1] == finish(reason, **{key: count for key, count in usage.items() if key != "totalTokens"})


@given(
    answers(thoughts=False),
    st.sampled_from(["stop", "length", "content-filter", "error", "other", "unknown"]),
    st.just({}) | st.just(USAGE),
    st.lists(st.integers(1, 60), max_size=20),
)
def test_what_version_1_writes_is_read_back_however_it_is_cut(events, reason, usage, sizes):
    has_calls = any(event["type"] == "tool-call" for event in events)
    events = [*ordered(events), finish("tool-calls" if has_calls and reason == "stop" else reason, **usage)]
    rest, stage, got = body_of("cohere-v1", *events), decode("cohere-v1", counted_ids("made")), []
    for size in sizes:
        got += stage.feed(rest[:size])
        rest = rest[size:]
    got += stage.feed(rest) + stage.close()
    assert told(reading_of_events(got)) == told(reading_of_events(events))


@BOTH
@given(words, st.booleans())
def test_an_error_behind_words_is_read_back(wire, message, has_code):
    error = {"message": message} | ({"code": "busy"} if has_code and wire == "cohere-v2" else {})
    events = [META, *says(["Hel"]), {"type": "error", "error": error}]
    got = decoded(wire, body_of(wire, *events), counted_ids("made"))
    assert reading_of_events(got) == reading_of_events(events)
