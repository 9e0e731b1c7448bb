import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converse_and_interactions import WHOLE_CONVERSE, converse, frame
from harness.protocol.event_reading import reading_of_events
from harness.providers import counted_ids, decode, decoded, decoded_in_place
from harness.providers.guess import guessed_wire

WIRE = "bedrock-converse"
START = ("messageStart", {"role": "assistant", "p": "abc"})
USAGE = {"inputTokens": 3, "outputTokens": 4, "totalTokens": 7}
METADATA = ("metadata", {"usage": USAGE, "metrics": {"latencyMs": 9}})


def events_of(*events):
    return decoded(WIRE, converse(*events), counted_ids("made"))


def at(index, **delta):
    return ("contentBlockDelta", {"contentBlockIndex": index, "delta": delta})


def starts(index, **start):
    return ("contentBlockStart", {"contentBlockIndex": index, "start": start})


def stops(index):
    return ("contentBlockStop", {"contentBlockIndex": index})


def ends(reason):
    return ("messageStop", {"stopReason": reason})


def test_a_text_has_no_start_message_and_the_usage_behind_the_stop_counts():
    assert events_of(
        START, at(0, text="Hel"), at(0, text=""), at(0, text="lo"), stops(0), ends("end_turn"), METADATA
    ) == [
        {"type": "text-start", "id": "0"},
        {"type": "text-delta", "id": "0", "delta": "Hel"},
        {"type": "text-delta", "id": "0", "delta": "lo"},
        {"type": "text-end", "id": "0"},
        {"type": "finish", "finishReason": "stop", "usage": USAGE},
    ]


def test_thoughts_their_signature_and_what_is_redacted():
    assert events_of(
        at(0, reasoningContent={"text": "hm"}), at(0, reasoningContent={"signature": "s"}), stops(0),
        at(1, reasoningContent={"redactedContent": "eA=="}), stops(1), at(2, text="a"),
    ) == [
        {"type": "reasoning-start", "id": "0"},
        {"type": "reasoning-delta", "id": "0", "delta": "hm"},
        {"type": "reasoning-delta", "id": "0", "delta": "", "providerMetadata": {"bedrock": {"signature": "s"}}},
        {"type": "reasoning-end", "id": "0"},
        {"type": "reasoning-start", "id": "1"},
        {"type": "reasoning-delta", "id": "1", "delta": "", "providerMetadata": {"bedrock": {"redactedData": "eA=="}}},
        {"type": "reasoning-end", "id": "1"},
        {"type": "text-start", "id": "2"},
        {"type": "text-delta", "id": "2", "delta": "a"},
    ]  # fmt: skip


def test_parallel_calls_whose_pieces_interleave():
    found = events_of(
        starts(0, toolUse={"toolUseId": "a", "name": "weather"}),
        starts(1, toolUse={"toolUseId": "b", "name": "clock"}),
        at(0, toolUse={"input": ""}), at(0, toolUse={"input": '{"n":'}), at(1, toolUse={"input": " "}),
        at(0, toolUse={"input": "1.0}"}), stops(1), stops(0), ends("tool_use"), METADATA,
    )  # fmt: skip
    assert found == [
        {"type": "tool-input-start", "id": "a", "toolName": "weather"},
        {"type": "tool-input-start", "id": "b", "toolName": "clock"},
        {"type": "tool-input-delta", "id": "a", "delta": '{"n":'},
        {"type": "tool-input-delta", "id": "b", "delta": " "},
        {"type": "tool-input-delta", "id": "a", "delta": "1.0}"},
        {"type": "tool-input-end", "id": "b"},
        {"type": "tool-call", "toolCallId": "b", "toolName": "clock", "input": "{}"},
        {"type": "tool-input-end", "id": "a"},
        {"type": "tool-call", "toolCallId": "a", "toolName": "weather", "input": '{"n":1.0}'},
        {"type": "finish", "finishReason": "tool-calls", "usage": USAGE},
    ]


def test_a_call_without_an_id_gets_one_and_one_that_never_stops_is_no_call():
    found = events_of(starts(0, toolUse={"name": "f"}), at(0, toolUse={"input": "{"}), ends("max_tokens"), METADATA)
    assert [event["type"] for event in found] == ["tool-input-start", "tool-input-delta", "finish"]
    assert (found[0]["id"], found[-1]["finishReason"]) == ("made_0", "length")


def test_a_tool_that_bedrock_runs_itself():
    assert events_of(
        starts(0, toolUse={"toolUseId": "s", "name": "nova_code_interpreter", "type": "server_tool_use"}),
        at(0, toolUse={"input": '{"x":1}'}), stops(0),
        starts(1, toolResult={"toolUseId": "s", "type": "nova_code_interpreter_result", "status": "error"}),
        at(1, toolResult=[{"json": {"stdOut": "7"}}]), stops(1),
    ) == [
        {"type": "tool-input-start", "id": "s", "toolName": "nova_code_interpreter", "providerExecuted": True},
        {"type": "tool-input-delta", "id": "s", "delta": '{"x":1}'},
        {"type": "tool-input-end", "id": "s"},
        {"type": "tool-call", "toolCallId": "s", "toolName": "nova_code_interpreter", "input": '{"x":1}',
         "providerExecuted": True},
        {"type": "tool-result", "toolCallId": "s", "toolName": "nova_code_interpreter", "result": {"stdOut": "7"},
         "isError": True, "providerExecuted": True},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("items", "result"),
    [([{"text": "a"}, {"text": "b"}], "ab"), ([{"json": None}], None), ([], []), ([{"text": "a"}, {"json": 1}],) * 2],
)
def test_what_a_result_comes_to(items, result):
    found = events_of(starts(0, toolResult={"toolUseId": "s", "type": "x_result"}), at(0, toolResult=items), stops(0))
    assert [(event["toolName"], event["result"]) for event in found] == [("x", result)]


def test_citations_are_sources():
    web = {"title": "A", "location": {"web": {"url": "https://a.test", "domain": "a.test"}}}
    assert events_of(at(0, citation=web), at(0, citation={"title": "facts"}), at(0, citation={"source": "x"})) == [
        {"type": "source", "sourceType": "url", "id": "made_0", "url": "https://a.test", "title": "A"},
        {"type": "source", "sourceType": "document", "id": "made_1", "mediaType": "text/plain", "title": "facts"},
    ]


def test_an_image_in_pieces_is_one_file():
    pieces = [at(0, image={"source": {"bytes": piece}}) for piece in ("AAAA", "no base64", "/w==")]
    (file,) = events_of(starts(0, image={"format": "png"}), *pieces, stops(0))
    assert file == {"type": "file", "mediaType": "image/png", "data": "AAAA/w=="}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("tool_use", "tool-calls"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("content_filtered", "content-filter"),
        ("guardrail_intervened", "content-filter"),
        ("something_new", "unknown"),
        ("", "unknown"),
    ],
)
def test_every_stop_reason(said, reason):
    assert events_of(ends(said), METADATA) == [{"type": "finish", "finishReason": reason, "usage": USAGE}]


@pytest.mark.parametrize("reason", ["malformed_tool_use", "malformed_model_output"])
def test_what_the_model_wrote_badly_is_an_error_that_still_cost_something(reason):
    (error,) = events_of(ends(reason), METADATA)
    assert (error["type"], error["error"]["code"], error["usage"]) == ("error", reason, USAGE)


def test_without_metadata_the_end_of_the_stream_finishes_what_is_complete():
    assert events_of(at(0, text="a"), ends("end_turn")) == [
        {"type": "text-start", "id": "0"},
        {"type": "text-delta", "id": "0", "delta": "a"},
        {"type": "text-end", "id": "0"},
        {"type": "finish", "finishReason": "stop", "usage": {}},
    ]


def test_without_a_stop_there_is_no_finish_and_what_was_counted_is_told():
    assert events_of(METADATA) == [{"type": "custom", "kind": "streamchunk.usage", "usage": USAGE}]
    reading = reading_of_events(events_of(START, at(0, text="a")))
    assert (reading.text, reading.ended) == ("a", "truncated")


def test_cached_tokens_are_told():
    usage = USAGE | {"cacheReadInputTokens": 2, "cacheWriteInputTokens": 5, "inputTokens": None}
    (finish,) = events_of(ends("end_turn"), ("metadata", {"usage": usage}))
    assert finish["usage"] == {"outputTokens": 4, "totalTokens": 7, "cachedInputTokens": 2}


@pytest.mark.parametrize(
    "body",
    [
        frame("throttlingException", {"message": "slow down"}, "exception"),
        json.dumps({"throttlingException": {"message": "slow down"}}).encode(),
    ],
    ids=["framed", "bare"],
)
def test_an_exception_in_the_stream_is_an_error_with_its_name_and_the_end(body):
    more = converse(ends("end_turn")) if body[0] == 0 else b""
    events = decoded(WIRE, body + more, counted_ids("made"))
    assert events == [{"type": "error", "error": {"message": "slow down", "code": "throttlingException"}}]
    assert guessed_wire(body) == WIRE


def test_an_exception_behind_some_text_ends_it():
    body = converse(at(0, text="a")) + frame(
        "modelStreamErrorException", {"message": "m", "originalStatusCode": 500}, "exception"
    )
    reading = reading_of_events(decoded(WIRE, body, counted_ids("made")))
    assert (reading.text, reading.error.message, reading.error.code) == ("a", "m", "modelStreamErrorException")


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        ({"message": "The provided model identifier is invalid."}, "The provided model identifier is invalid.", None),
        ({"Message": "User is not authorized"}, "User is not authorized", None),
        (
            {"__type": "com.amazon.coral.service#UnknownOperationException", "Message": "no"},
            "no",
            "UnknownOperationException",
        ),
    ],
)
def test_a_refusal_s_body_is_one_error(body, message, code):
    (event,) = decoded(WIRE, json.dumps(body).encode(), counted_ids("made"))
    failure = reading_of_events([event]).error
    assert (failure.message, failure.code) == (message, code)


def test_a_whole_answer_gives_what_its_stream_would_have_given():
    assert decoded(WIRE, json.dumps(WHOLE_CONVERSE).encode(), counted_ids("made")) == [
        {"type": "reasoning-start", "id": "0"},
        {"type": "reasoning-delta", "id": "0", "delta": "hm", "providerMetadata": {"bedrock": {"signature": "s"}}},
        {"type": "reasoning-end", "id": "0"},
        {"type": "reasoning-start", "id": "1"},
        {"type": "reasoning-delta", "id": "1", "delta": "", "providerMetadata": {"bedrock": {"redactedData": "eA=="}}},
        {"type": "reasoning-end", "id": "1"},
        {"type": "text-start", "id": "2"},
        {"type": "text-delta", "id": "2", "delta": "See."},
        {"type": "text-end", "id": "2"},
        {"type": "text-start", "id": "3"},
        {"type": "text-delta", "id": "3", "delta": " Cited."},
        {"type": "source", "sourceType": "url", "id": "made_0", "url": "https://a.test", "title": "A"},
        {"type": "source", "sourceType": "document", "id": "made_1", "mediaType": "text/plain", "title": "facts"},
        {"type": "text-end", "id": "3"},
        {"type": "tool-input-start", "id": "s1", "toolName": "nova_grounding", "providerExecuted": True},
        {"type": "tool-input-delta", "id": "s1", "delta": '{"q":1}'},
        {"type": "tool-input-end", "id": "s1"},
        {"type": "tool-call", "toolCallId": "s1", "toolName": "nova_grounding", "input": '{"q":1}',
         "providerExecuted": True},
        {"type": "tool-result", "toolCallId": "s1", "toolName": "nova_grounding", "result": {"found": [1]},
         "providerExecuted": True},
        {"type": "file", "mediaType": "image/png", "data": "iVBO"},
        {"type": "tool-input-start", "id": "t1", "toolName": "weather"},
        {"type": "tool-input-delta", "id": "t1", "delta": '{"city":"Paris","n":1.0}'},
        {"type": "tool-input-end", "id": "t1"},
        {"type": "tool-call", "toolCallId": "t1", "toolName": "weather", "input": '{"city":"Paris","n":1.0}'},
        {"type": "tool-input-start", "id": "t2", "toolName": "clock"},
        {"type": "tool-input-end", "id": "t2"},
        {"type": "tool-call", "toolCallId": "t2", "toolName": "clock", "input": "{}"},
        {"type": "finish", "finishReason": "tool-calls", "usage": {
            "inputTokens": 12, "outputTokens": 4, "totalTokens": 19, "cachedInputTokens": 3}},
    ]  # fmt: skip


def test_a_recording_that_lost_its_frames_says_the_same():
    events = [START, at(0, text="a"), stops(0), ends("end_turn"), METADATA]
    lines = "".join(json.dumps({name: said}) + "\n" for name, said in events).encode()
    assert decoded(WIRE, lines, counted_ids("made")) == events_of(*events)
    assert guessed_wire(lines) == WIRE


def test_each_event_knows_the_bytes_of_its_message():
    head, said, end = converse(START), converse(at(0, text="a}")), converse(ends("end_turn"), METADATA)
    places = decoded_in_place(WIRE, head + said + end, counted_ids("made"))
    delta = next(place for place in places if place.item["type"] == "text-delta")
    assert (delta.start, delta.end) == (len(head), len(head + said))


def test_a_stream_that_is_damaged_or_cut_keeps_what_came_before():
    body = converse(at(0, text="a"), at(0, text="b"), ends("end_turn"))
    cut = reading_of_events(decoded(WIRE, body[:-1], counted_ids("made")))
    assert (cut.text, cut.ended) == ("ab", "truncated")
    broken = reading_of_events(decoded(WIRE, body[:-1] + b"\0", counted_ids("made")))
    assert (broken.text, broken.error.code) == ("ab", "INVALID_FRAMING")


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from(["text", "toolUse", "input", "reasoningContent", "image", "source", "bytes",
                                       "toolResult", "citation", "location", "web", "usage"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
EVENTS = st.tuples(
    st.sampled_from(["contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata", "", "x"]),
    st.fixed_dictionaries({}, optional={"contentBlockIndex": VALUES | st.just(0), "start": VALUES, "delta": VALUES,
                                        "stopReason": VALUES, "usage": VALUES, "output": VALUES}),
)  # fmt: skip


@given(st.lists(EVENTS, max_size=6), st.integers(1, 60))
def test_whatever_stands_in_the_events_nothing_fails_at_any_cut(events, size):
    body = converse(*events)
    stage = decode(WIRE, counted_ids("made"))
    found = [event for start in range(0, len(body), size) for event in stage.feed(body[start : start + size])]
    assert found + stage.close() == decoded(WIRE, body, counted_ids("made"))
