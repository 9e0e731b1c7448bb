import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.event_reading import reading_of_events
from harness.providers import counted_ids, decode, decoded
from harness.providers.anthropic import AnthropicDecoder
from harness.providers.guess import guessed_wire
from harness.providers.message import Message

WIRE = "anthropic-messages"
START = {
    "type": "message_start",
    "message": {"id": "msg_1", "model": "claude", "usage": {"input_tokens": 12, "output_tokens": 1}},
}
STOP = {"type": "message_stop"}


def begin(index, **block):
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index, **change):
    return {"type": "content_block_delta", "index": index, "delta": change}


def end(index):
    return {"type": "content_block_stop", "index": index}


def ending(reason, **usage):
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}


def body_of(*messages):
    return "".join(f"event: {message['type']}\ndata: {json.dumps(message)}\n\n" for message in messages).encode()


def events_of(*messages):
    return decoded(WIRE, body_of(*messages), counted_ids("made"))


def types_of(events):
    return [event["type"] for event in events]


def test_a_text_answer():
    events = events_of(
        START,
        begin(0, type="text", text=""),
        {"type": "ping"},
        delta(0, type="text_delta", text="Hel"),
        delta(0, type="text_delta", text="lo"),
        end(0),
        ending("end_turn", output_tokens=5),
        STOP,
    )
    assert events == [
        {"type": "response-metadata", "id": "msg_1", "modelId": "claude"},
        {"type": "text-start", "id": "0"},
        {"type": "text-delta", "id": "0", "delta": "Hel"},
        {"type": "text-delta", "id": "0", "delta": "lo"},
        {"type": "text-end", "id": "0"},
        {"type": "finish", "finishReason": "stop", "usage": {"inputTokens": 12, "outputTokens": 5, "totalTokens": 17}},
    ]


def test_thinking_is_reasoning_and_its_signature_rides_along():
    events = events_of(
        begin(0, type="thinking", thinking="", signature=""),
        delta(0, type="thinking_delta", thinking="Hm."),
        delta(0, type="signature_delta", signature="abc"),
        end(0),
    )
    assert events == [
        {"type": "reasoning-start", "id": "0"},
        {"type": "reasoning-delta", "id": "0", "delta": "Hm."},
        {"type": "reasoning-delta", "id": "0", "delta": "", "providerMetadata": {"anthropic": {"signature": "abc"}}},
        {"type": "reasoning-end", "id": "0"},
    ]


def test_redacted_thinking_is_reasoning_without_text():
    assert events_of(begin(0, type="redacted_thinking", data="xyz"), end(0)) == [
        {"type": "reasoning-start", "id": "0", "providerMetadata": {"anthropic": {"redactedData": "xyz"}}},
        {"type": "reasoning-end", "id": "0"},
    ]


def test_a_tool_call_streams_its_input():
    events = events_of(
        begin(1, type="tool_use", id="toolu_1", name="add", input={}),
        delta(1, type="input_json_delta", partial_json=""),
        delta(1, type="input_json_delta", partial_json='{"a": 1.0, '),
        delta(1, type="input_json_delta", partial_json='"b": 12345678901234567890}'),
        end(1),
    )
    assert events == [
        {"type": "tool-input-start", "id": "toolu_1", "toolName": "add"},
        {"type": "tool-input-delta", "id": "toolu_1", "delta": '{"a": 1.0, '},
        {"type": "tool-input-delta", "id": "toolu_1", "delta": '"b": 12345678901234567890}'},
        {"type": "tool-input-end", "id": "toolu_1"},
        {
            "type": "tool-call",
            "toolCallId": "toolu_1",
            "toolName": "add",
            "input": '{"a": 1.0, "b": 12345678901234567890}',
        },
    ]


@pytest.mark.parametrize(
    ("given_input", "text"), [({}, "{}"), (None, "{}"), ({"city": "Bonn", "x": 1.0}, '{"city":"Bonn","x":1.0}')]
)
def test_a_call_without_deltas_has_the_input_of_its_start(given_input, text):
    *_, call = events_of(begin(0, type="tool_use", id="t", name="f", input=given_input), end(0))
    assert call["input"] == text


def test_parallel_calls_may_interleave():
    events = events_of(
        begin(0, type="tool_use", id="a", name="f"),
        begin(1, type="tool_use", id="b", name="g"),
        delta(1, type="input_json_delta", partial_json='{"y":'),
        delta(0, type="input_json_delta", partial_json='{"x":1}'),
        delta(1, type="input_json_delta", partial_json="2}"),
        end(1),
        end(0),
        ending("tool_use"),
        STOP,
    )
    reading = reading_of_events(events)
    assert [(call.id, call.name, call.arguments, call.index) for call in reading.tool_calls] == [
        ("a", "f", '{"x":1}', 0),
        ("b", "g", '{"y":2}', 1),
    ]
    assert reading.finish_reason == "tool_calls"


def test_a_call_without_an_id_gets_one_that_is_made():
    assert {
        event.get("id") or event["toolCallId"] for event in events_of(begin(0, type="tool_use", name="f"), end(0))
    } == {"made_0"}


@pytest.mark.parametrize("kind", ["server_tool_use", "mcp_tool_use"])
def test_a_call_that_the_provider_runs_is_marked_and_so_is_its_result(kind):
    events = events_of(
        begin(0, type=kind, id="s", name="web_search", input={}),
        delta(0, type="input_json_delta", partial_json='{"query":"x"}'),
        end(0),
        begin(1, type="web_search_tool_result", tool_use_id="s", content=[{"url": "u"}]),
        end(1),
    )
    assert events == [
        {"type": "tool-input-start", "id": "s", "toolName": "web_search", "providerExecuted": True},
        {"type": "tool-input-delta", "id": "s", "delta": '{"query":"x"}'},
        {"type": "tool-input-end", "id": "s"},
        {
            "type": "tool-call",
            "toolCallId": "s",
            "toolName": "web_search",
            "input": '{"query":"x"}',
            "providerExecuted": True,
        },
        {
            "type": "tool-result",
            "toolCallId": "s",
            "toolName": "web_search",
            "result": [{"url": "u"}],
            "providerExecuted": True,
        },
    ]


@pytest.mark.parametrize(
    "failed",
    [{"is_error": True, "content": []}, {"content": {"type": "code_execution_tool_result_error", "error_code": "x"}}],
)
def test_a_failed_result_of_the_provider_keeps_its_mark(failed):
    (result,) = events_of(begin(0, type="code_execution_tool_result", tool_use_id="before", **failed))
    assert result["isError"] is True
    assert result["toolName"] == "code_execution"


def test_citations_are_sources():
    web = {"type": "web_search_result_location", "url": "https://a.example", "title": "A"}
    page = {"type": "page_location", "document_title": "B", "start_page_number": 1}
    events = events_of(
        begin(0, type="text", text=""),
        delta(0, type="citations_delta", citation=web),
        delta(0, type="citations_delta", citation=page),
        delta(0, type="citations_delta", citation={"type": "char_location"}),
    )
    assert events[1:] == [
        {"type": "source", "sourceType": "url", "id": "made_0", "url": "https://a.example", "title": "A"},
        {"type": "source", "sourceType": "document", "id": "made_1", "mediaType": "text/plain", "title": "B"},
    ]


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("end_turn", "stop"), ("stop_sequence", "stop"), ("pause_turn", "stop"), ("tool_use", "tool-calls"),
        ("max_tokens", "length"), ("model_context_window_exceeded", "length"), ("refusal", "content-filter"),
        ("compaction", "other"), ("brand_new", "unknown"), (None, "unknown"), (7, "unknown"),
    ],
)  # fmt: skip
def test_stop_reasons_are_finish_reasons(reason, word):
    assert events_of(START, ending(reason), STOP)[-1]["finishReason"] == word


def test_a_later_count_replaces_an_earlier_one_and_null_replaces_nothing():
    counts = {"input_tokens": 30, "output_tokens": 9, "cache_read_input_tokens": 4}
    *_, finish = events_of(START, ending("end_turn", **counts), ending(None, output_tokens=10, input_tokens=None), STOP)
    assert finish["usage"] == {"inputTokens": 30, "outputTokens": 10, "totalTokens": 40, "cachedInputTokens": 4}
    assert finish["finishReason"] == "stop"


def test_an_answer_without_any_count_has_no_usage():
    assert events_of(ending("end_turn"), STOP) == [{"type": "finish", "finishReason": "stop", "usage": {}}]


def test_metadata_comes_once_from_the_first_id_that_is_not_empty():
    events = events_of({"type": "message_start", "message": {"id": ""}}, START, START)
    assert events == [{"type": "response-metadata", "id": "msg_1", "modelId": "claude"}]


def test_an_error_ends_the_stream_and_keeps_what_it_said():
    error = {"type": "overloaded_error", "message": "Overloaded"}
    events = events_of(START, begin(0, type="text"), {"type": "error", "error": error}, ending("end_turn"), STOP)
    assert types_of(events) == ["response-metadata", "text-start", "error"]
    assert events[-1]["error"] == error


def test_what_is_not_known_is_left_out():
    events = events_of(
        begin(0, type="compaction", content=None),
        delta(0, type="compaction_delta", content="short"),
        end(0),
        {"type": "brand_new"},
        delta(9, type="brand_new_delta"),
        delta(9, type="input_json_delta", partial_json="{}"),
        end(9),
    )
    assert events == []


def test_a_gateway_that_leaves_out_starts_and_stops_loses_no_text():
    events = events_of(delta(0, type="thinking_delta", thinking="a"), delta(1, type="text_delta", text="b"), STOP)
    assert types_of(events) == [
        "reasoning-start", "reasoning-delta", "text-start", "text-delta", "reasoning-end", "text-end", "finish",
    ]  # fmt: skip


def test_a_call_that_was_never_completed_is_no_call():
    events = events_of(begin(0, type="tool_use", id="t", name="f"), ending("max_tokens"), STOP)
    assert types_of(events) == ["tool-input-start", "finish"]


FULL = body_of(
    START,
    begin(0, type="thinking", thinking="Let"),
    delta(0, type="thinking_delta", thinking=" me 😀"),
    end(0),
    begin(1, type="tool_use", id="t", name="f"),
    delta(1, type="input_json_delta", partial_json='{"é": "'),
    delta(1, type="input_json_delta", partial_json='ü"}'),
    end(1),
    ending("tool_use", output_tokens=3),
    STOP,
)


def test_a_body_cut_anywhere_gives_what_was_complete_and_no_finish():
    whole = decoded(WIRE, FULL, counted_ids("made"))
    assert whole[-1]["type"] == "finish"
    for length in range(len(FULL)):
        part = decoded(WIRE, FULL[:length], counted_ids("made"))
        assert part == whole[: len(part)]
        assert "finish" not in types_of(part)
        assert "error" not in types_of(part)


@given(st.lists(st.integers(0, len(FULL)), max_size=12))
def test_pieces_of_any_size_give_the_same_events(cuts):
    stage, edges = decode(WIRE, counted_ids("made")), [0, *sorted(cuts), len(FULL)]
    events = [event for start, end in pairwise(edges) for event in stage.feed(FULL[start:end])]
    assert events + stage.close() == decoded(WIRE, FULL, counted_ids("made"))


KEYS = (
    "type", "index", "message", "content_block", "delta", "usage", "id", "name", "input", "text", "thinking", "data",
    "partial_json", "citation", "title", "url", "content", "is_error", "stop_reason", "input_tokens", "error",
    "tool_use_id",
)  # fmt: skip
TYPES = (
    "message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta",
    "message_stop", "error",
)  # fmt: skip
TEXTS = (
    *TYPES, "text", "thinking", "tool_use", "server_tool_use", "web_search_tool_result", "text_delta",
    "thinking_delta", "signature_delta", "input_json_delta", "citations_delta", "redacted_thinking", "",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.floats() | st.sampled_from(TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=20,
)


@given(st.lists(JSON, max_size=8))
def test_no_message_whatever_makes_the_decoder_fail(values):
    decoder = AnthropicDecoder(counted_ids("made"))
    events = [event for value in values for event in decoder.feed(Message("", value))] + decoder.close()
    reading_of_events(events)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(TYPES)},
            optional=dict.fromkeys(("index", "message", "content_block", "delta", "usage", "error"), JSON),
        ),
        max_size=8,
    )
)
def test_messages_of_the_right_type_and_any_content_never_make_it_fail(messages):
    decoder = AnthropicDecoder(counted_ids("made"))
    for message in messages:
        decoder.feed(Message("", message))
    decoder.close()


def test_a_zero_never_replaces_a_count_of_the_start():
    body = body_of(START, ending("end_turn", input_tokens=0, output_tokens=4), STOP)
    assert decoded(WIRE, body, counted_ids("made"))[-1]["usage"] == {
        "inputTokens": 12, "outputTokens": 4, "totalTokens": 16,
    }  # fmt: skip


def test_an_answer_that_was_not_streamed_is_read_as_its_blocks():
    message = {
        "id": "msg_1", "type": "message", "model": "claude", "stop_reason": "tool_use",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": "A"},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1.0}},
        ],
        "usage": {"input_tokens": 12, "output_tokens": 4},
    }  # fmt: skip
    body = json.dumps(message, indent=2).encode()
    assert guessed_wire(body) == WIRE
    reading = reading_of_events(decoded(WIRE, body, counted_ids("made")))
    assert (reading.text, reading.reasoning, reading.finish_reason) == ("A", "hm", "tool_calls")
    assert [(call.id, call.name, call.arguments) for call in reading.tool_calls] == [("toolu_1", "f", '{"a":1.0}')]
    assert reading.usage.total_tokens == 16


def test_counts_that_cannot_be_added_have_no_total():
    body = body_of(START, ending("end_turn", input_tokens=10**400, output_tokens=0.5), STOP)
    finish = decoded(WIRE, body, counted_ids("c"))[-1]
    assert finish["usage"] == {"inputTokens": 10**400, "outputTokens": 0.5}
