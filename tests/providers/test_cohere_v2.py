import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohere_wires import PARIS, WHOLE_V2, sse
from harness.protocol.event_reading import reading_of_events
from harness.protocol.reading import Failure, Usage
from harness.providers import counted_ids, decode, decoded

WIRE = "cohere-v2"
EMPTY = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
START = {"id": "dd27c8d3", "type": "message-start", "delta": {"message": EMPTY}}


def at(kind, index, **message):
    return {"type": kind, "index": index, "delta": {"message": message}}


def begin(index, kind="text"):
    return at("content-start", index, content={"type": kind, kind: ""})


def says(index, words, kind="text"):
    return at("content-delta", index, content={kind: words})


def end(index, kind="content"):
    return {"type": f"{kind}-end", "index": index}


def calls(index, id_, name, arguments=""):
    function = {"name": name, "arguments": arguments}
    return at("tool-call-start", index, tool_calls={"id": id_, "type": "function", "function": function})


def given_to(index, piece):
    return at("tool-call-delta", index, tool_calls={"function": {"arguments": piece}})


def cites(index, *sources):
    citation = {"start": 0, "end": 3, "text": "Hel", "sources": list(sources), "type": "TEXT_CONTENT"}
    return at("citation-start", index, citations=citation)


def ending(reason, **more):
    return {"type": "message-end", "delta": {"finish_reason": reason, "usage": {}} | more}


USAGE = {
    "billed_units": {"input_tokens": 9, "output_tokens": 5}, "tokens": {"input_tokens": 1394, "output_tokens": 16},
}  # fmt: skip


def events_of(*messages):
    return decoded(WIRE, sse(*messages) + b"data: [DONE]\n\n", counted_ids("made"))


def reading(*messages):
    return reading_of_events(events_of(*messages))


def test_a_text_answer():
    assert events_of(
        START, begin(0), says(0, "Hel"), says(0, "lo"), end(0), ending("COMPLETE", usage=USAGE)
    ) == [
        {"type": "response-metadata", "id": "dd27c8d3"},
        {"type": "text-start", "id": "0"},
        {"type": "text-delta", "id": "0", "delta": "Hel"},
        {"type": "text-delta", "id": "0", "delta": "lo"},
        {"type": "text-end", "id": "0"},
        {"type": "finish", "finishReason": "stop", "usage": {"inputTokens": 1394, "outputTokens": 16}},
    ]  # fmt: skip


def test_a_thought_and_a_text_under_one_index_are_two_parts():
    assert events_of(
        START, begin(0, "thinking"), says(0, "hm", "thinking"), end(0), begin(0), says(0, "Yes"), end(0)
    )[1:] == [
        {"type": "reasoning-start", "id": "0"},
        {"type": "reasoning-delta", "id": "0", "delta": "hm"},
        {"type": "reasoning-end", "id": "0"},
        {"type": "text-start", "id": "0"},
        {"type": "text-delta", "id": "0", "delta": "Yes"},
        {"type": "text-end", "id": "0"},
    ]  # fmt: skip


def test_what_a_delta_holds_decides_its_part_where_the_start_is_missing():
    assert events_of(says(0, "hm", "thinking"), says(0, "Yes"), ending("COMPLETE"))[:-1] == [
        {"type": "reasoning-start", "id": "0"},
        {"type": "reasoning-delta", "id": "0", "delta": "hm"},
        {"type": "reasoning-end", "id": "0"},
        {"type": "text-start", "id": "0"},
        {"type": "text-delta", "id": "0", "delta": "Yes"},
        {"type": "text-end", "id": "0"},
    ]


def test_a_call_and_the_plan_before_it():
    plan = {"type": "tool-plan-delta", "delta": {"message": {"tool_plan": "I will look."}}}
    assert events_of(
        START, plan, calls(0, "weather_1", "weather"), given_to(0, '{"city"'), given_to(0, ':"Paris"}'),
        end(0, "tool-call"), ending("TOOL_CALL"),
    )[1:] == [
        {"type": "tool-input-start", "id": "weather_1", "toolName": "weather"},
        {"type": "tool-input-delta", "id": "weather_1", "delta": '{"city"'},
        {"type": "tool-input-delta", "id": "weather_1", "delta": ':"Paris"}'},
        {"type": "tool-input-end", "id": "weather_1"},
        {"type": "tool-call", "toolCallId": "weather_1", "toolName": "weather", "input": '{"city":"Paris"}'},
        {"type": "finish", "finishReason": "tool-calls", "usage": {}},
    ]  # fmt: skip


def test_parallel_calls_may_come_interleaved_and_end_in_any_order():
    got = reading(
        START, calls(0, "a", "weather"), calls(1, "b", "clock"), given_to(0, '{"city":'), given_to(1, '{"zone":'),
        given_to(0, '"Paris"}'), given_to(1, '"UTC"}'), end(1, "tool-call"), end(0, "tool-call"), ending("TOOL_CALL"),
    )  # fmt: skip
    assert {(call.id, call.name, call.arguments) for call in got.tool_calls} == {
        ("a", "weather", '{"city":"Paris"}'), ("b", "clock", '{"zone":"UTC"}'),
    }  # fmt: skip


@pytest.mark.parametrize("pieces", [[], [" ", "\n"]])
def test_a_call_without_arguments_is_given_an_empty_object(pieces):
    events = events_of(calls(0, "c", "clock"), *(given_to(0, piece) for piece in pieces), end(0, "tool-call"))
    assert events[-1] == {"type": "tool-call", "toolCallId": "c", "toolName": "clock", "input": "{}"}


def test_arguments_may_begin_in_the_start_of_a_call():
    (call,) = reading(calls(0, "c", "f", '{"a"'), given_to(0, ":1.0}"), end(0, "tool-call")).tool_calls
    assert call.arguments == '{"a":1.0}'


def test_a_call_that_never_ended_is_left_out():
    got = reading(START, calls(0, "c", "f"), given_to(0, "{}"), ending("MAX_TOKENS"))
    assert (got.tool_calls, got.finish_reason) == ((), "length")


def test_a_call_without_an_id_gets_one_and_pieces_of_no_call_are_passed_over():
    events = events_of(given_to(3, "x"), end(3, "tool-call"), calls(0, "", "f"), end(0, "tool-call"))
    assert [event.get("id") or event["toolCallId"] for event in events] == ["made_0"] * 3


def test_a_cited_document_is_a_source_once():
    document = {"type": "document", "id": "doc:0", "document": {"id": "doc:0", "title": "facts.txt", "text": "…"}}
    page = {"type": "document", "id": "doc:1", "document": {"id": "doc:1", "url": "https://a.test", "title": "A"}}
    tool = {"type": "tool", "id": "square_root_1:0", "tool_output": {"content": "363.89"}}
    nameless = {"type": "document", "id": "doc:2", "document": {"text": "…"}}
    assert events_of(cites(0, document, tool), end(0, "citation"), cites(1, document, page, nameless)) == [
        {"type": "source", "id": "made_0", "sourceType": "document", "mediaType": "text/plain", "title": "facts.txt"},
        {"type": "source", "id": "made_1", "sourceType": "url", "url": "https://a.test", "title": "A"},
    ]


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("COMPLETE", "stop"), ("STOP_SEQUENCE", "stop"), ("MAX_TOKENS", "length"), ("TOOL_CALL", "tool-calls"),
        ("ERROR", "error"), ("TIMEOUT", "error"), ("ERROR_TOXIC", "content-filter"), ("ERROR_LIMIT", "length"),
        ("complete", "stop"), ("SOMETHING_NEW", "unknown"), (None, "unknown"),
    ],
)  # fmt: skip
def test_finish_reasons(word, reason):
    assert events_of(ending(word))[-1]["finishReason"] == reason


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({}, {}),
        (None, {}),
        (USAGE, {"inputTokens": 1394, "outputTokens": 16}),
        ({"billed_units": {"input_tokens": 9, "output_tokens": 5}}, {"inputTokens": 9, "outputTokens": 5}),
        ({"billed_units": {"input_tokens": 9}, "tokens": {"output_tokens": 16.0}}, {"outputTokens": 16.0}),
        (
            {"tokens": {"input_tokens": 508, "output_tokens": 86, "reasoning_tokens": 28}, "cached_tokens": 144},
            {"inputTokens": 508, "outputTokens": 86, "reasoningTokens": 28, "cachedInputTokens": 144},
        ),
        ({"tokens": {"input_tokens": "9", "output_tokens": True}}, {}),
    ],
)
def test_what_the_model_read_and_wrote_is_counted_and_not_what_is_billed(usage, counted):
    assert events_of(ending("COMPLETE", usage=usage))[-1]["usage"] == counted


def test_an_error_in_place_of_an_end_is_an_error():
    got = reading(START, begin(0), says(0, "Hel"), ending("ERROR", error="no valid tools", error_type="INVALID_TOOL"))
    assert (got.text, got.ended, got.error) == ("Hel", "error", Failure("no valid tools", "INVALID_TOOL"))
    assert reading(ending("ERROR", error="no answer", usage=USAGE)).error == Failure("no answer", None)
    assert events_of(ending("ERROR", error="no", usage=USAGE))[-1]["usage"] == {"inputTokens": 1394, "outputTokens": 16}


def test_an_answer_without_its_end_has_no_finish():
    events = events_of(START, begin(0), says(0, "Hello"), end(0))
    assert [event["type"] for event in events][-1] == "text-end"


def test_an_answer_that_ends_inside_a_part_closes_it():
    assert [event["type"] for event in events_of(begin(0), says(0, "Hel"), ending("MAX_TOKENS"))] == [
        "text-start", "text-delta", "text-end", "finish",
    ]  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("body", [{"message": "invalid api token"}, {"id": "286bb29f", "message": "invalid api token"}])
def test_an_error_body_is_an_error(body, indent):
    events = decoded(WIRE, json.dumps(body, indent=indent).encode(), counted_ids("made"))
    assert reading_of_events(events).error == Failure("invalid api token", None)


def test_unknown_messages_parts_and_shapes_are_passed_over():
    assert events_of(
        {"type": "debug", "event_type": "stream-start", "prompt": "<BOS>"}, {"type": "later", "index": 0},
        at("content-start", 0, content={"type": "image"}), at("content-delta", 0, content={"image": "x"}), end(0),
        {"type": "content-delta", "index": 0, "delta": {"message": {"content": [1]}}}, {"type": "content-delta"},
        {"type": "tool-call-start", "delta": None}, {"type": "message-end"},
    )[-1] == {"type": "finish", "finishReason": "unknown", "usage": {}}  # fmt: skip


def test_a_whole_answer():
    assert decoded(WIRE, json.dumps(WHOLE_V2).encode(), counted_ids("made")) == [
        {"type": "response-metadata", "id": WHOLE_V2["id"]},
        {"type": "reasoning-start", "id": "0"},
        {"type": "reasoning-delta", "id": "0", "delta": "hm"},
        {"type": "reasoning-end", "id": "0"},
        {"type": "text-start", "id": "1"},
        {"type": "text-delta", "id": "1", "delta": "See."},
        {"type": "text-end", "id": "1"},
        {"type": "tool-input-start", "id": "weather_1", "toolName": "weather"},
        {"type": "tool-input-delta", "id": "weather_1", "delta": PARIS},
        {"type": "tool-input-end", "id": "weather_1"},
        {"type": "tool-call", "toolCallId": "weather_1", "toolName": "weather", "input": PARIS},
        {"type": "tool-input-start", "id": "clock_1", "toolName": "clock"},
        {"type": "tool-input-end", "id": "clock_1"},
        {"type": "tool-call", "toolCallId": "clock_1", "toolName": "clock", "input": "{}"},
        {"type": "source", "id": "made_0", "sourceType": "document", "mediaType": "text/plain", "title": "facts.txt"},
        {"type": "finish", "finishReason": "tool-calls", "usage": {
            "inputTokens": 12, "outputTokens": 4, "reasoningTokens": 2, "cachedInputTokens": 3}},
    ]  # fmt: skip
    assert reading_of_events(decoded(WIRE, json.dumps(WHOLE_V2).encode(), counted_ids("made"))).usage == Usage(
        12, 4, 16
    )


ANSWER = sse(
    START, begin(0, "thinking"), says(0, "héé", "thinking"), end(0), begin(1), says(1, "Grüße 🎉"), end(1),
    calls(0, "a", "weather"), calls(1, "b", "clock"), given_to(0, '{"city":"Köln"}'), given_to(1, "{}"),
    end(0, "tool-call"), end(1, "tool-call"), ending("TOOL_CALL", usage=USAGE),
) + b"data: [DONE]\n\n"  # fmt: skip


@given(st.lists(st.integers(1, 40), max_size=40))
def test_a_cut_anywhere_gives_the_same_events(sizes):
    stage, rest, events = decode(WIRE, counted_ids("made")), ANSWER, []
    for size in sizes:
        events += stage.feed(rest[:size])
        rest = rest[size:]
    assert events + stage.feed(rest) + stage.close() == decoded(WIRE, ANSWER, counted_ids("made"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["text", "thinking", "document"]),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(
        st.sampled_from(
            [
                "type", "index", "delta", "message", "content", "text", "thinking", "tool_calls", "function", "id",
                "name", "arguments", "citations", "sources", "document", "title", "usage", "tokens", "finish_reason",
            ]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip
KINDS = st.sampled_from(
    [
        "message-start", "content-start", "content-delta", "content-end", "tool-call-start", "tool-call-delta",
        "tool-call-end", "citation-start", "message-end",
    ]
)  # fmt: skip


@given(st.lists(st.builds(lambda kind, body: {"type": kind, "index": 0, "delta": body}, KINDS, JSON), max_size=8), JSON)
def test_json_of_any_shape_never_makes_decoding_fail(messages, whole):
    reading_of_events(events_of(*messages))
    reading_of_events(decoded(WIRE, json.dumps({"message": whole, "usage": whole}).encode(), counted_ids("made")))
