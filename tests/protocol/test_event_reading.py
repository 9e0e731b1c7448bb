"""What a source promises, row by row of R4 to R26; every expectation is written by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.event_reading import reading_of_events
from harness.protocol.reading import Failure, ToolCall, ToolResult, Usage
from harness.protocol.source_values import failure_of, reason_of, usage_of
from parts import call, finish, start, text
from parts import part as delta

FINISH = finish()


def test_text_of_several_blocks_is_one_text():
    reading = reading_of_events([text("First. ", "a"), {"type": "text-end", "id": "a"}, text("Second.", "b"), FINISH])
    assert reading.text == "First. Second."
    assert reading.ended == "finished"
    assert reading.finish_reason == "stop"
    assert reading.usage == Usage(3, 4, 7)


def test_an_emoji_cut_into_two_halves_is_joined():
    assert reading_of_events([text("a\ud83d"), text("\ude00b"), FINISH]).text == "a😀b"


def test_a_lone_half_stays_what_it_is():
    assert reading_of_events([text("\ud83d"), FINISH]).text == "\ud83d"


@pytest.mark.parametrize(
    ("given_input", "deltas", "arguments", "intact"),
    [
        ('{"a": 1}', ["{", "}"], '{"a": 1}', True),
        ({"a": 1}, [], '{"a":1}', True),
        ("", ['{"a"', ": 1}"], '{"a": 1}', True),
        (None, ['{"a": 1}'], '{"a": 1}', True),
        ("  ", [], "{}", True),
        (None, [], "{}", True),
        ("", ["", ""], "{}", True),
        ('{"a": 1', ['{"a": 1}'], '{"a": 1}', True),
        ('{"a": 1', ['{"a'], '{"a": 1', False),
        ('{"a": 1', [], '{"a": 1', False),
        ("", ['{"a'], '{"a', False),
        ("[1]", [], "[1]", False),
        ("null", [], "null", False),
        ('{"n": 12345678901234567890}', [], '{"n": 12345678901234567890}', True),
        ('{"a": NaN}', [], '{"a": NaN}', False),
    ],
)
def test_arguments_are_found_in_the_order_of_r8(given_input, deltas, arguments, intact):
    events = [start(), *(delta(part) for part in deltas), call(given_input), FINISH]
    assert reading_of_events(events).tool_calls == (ToolCall("call_1", "get_weather", arguments, 0, intact),)


@pytest.mark.parametrize(
    ("deltas", "arguments"),
    [
        ([{"a": 1}, {"b": 2}], '{"a":1,"b":2}'),
        (['{"a":1}', {"b": 2}], '{"a":1,"b":2}'),
        (['{"n":', 7, "}"], '{"n":7}'),
        ([None, "{}"], "{}"),
    ],
)
def test_deltas_that_are_no_text_are_merged_or_made_text(deltas, arguments):
    reading = reading_of_events([start(), *(delta(part) for part in deltas), call(""), FINISH])
    assert reading.tool_calls[0].arguments == arguments


def test_a_second_start_begins_the_input_again_at_the_same_index():
    events = [start("a"), delta('{"x"', "a"), start("b"), start("a"), delta("{}", "a"), call("", "a"), FINISH]
    assert reading_of_events(events).tool_calls == (ToolCall("a", "get_weather", "{}", 0),)


def test_events_may_come_as_the_text_or_the_bytes_of_their_json():
    events = ['{"type":"text-delta","id":"t","delta":"a"}', b'{"type":"finish","finishReason":"stop"}']
    assert (reading_of_events(events).text, reading_of_events(events).ended) == ("a", "finished")
    assert reading_of_events(["{"]).ended == "error"


@pytest.mark.parametrize("event", [call("{}", id_=""), call("{}", name=None)])
def test_a_call_that_names_neither_itself_nor_its_tool_is_a_failure(event):
    assert reading_of_events([event, FINISH]).ended == "error"


def test_calls_of_the_provider_never_conflict():
    events = [call('{"a":1}', providerExecuted=True), call('{"a":2}', providerExecuted=True), FINISH]
    assert reading_of_events(events).conflicts == ()


def test_an_input_that_is_missing_altogether_counts_as_blank():
    event = call("")
    del event["input"]
    assert reading_of_events([event, FINISH]).tool_calls[0].arguments == "{}"


def test_an_index_is_the_place_of_the_start_and_not_of_the_end():
    events = [start("a"), start("b"), call("{}", "b"), call("{}", "a"), call("{}", "c"), FINISH]
    assert [(c.id, c.index) for c in reading_of_events(events).tool_calls] == [("a", 0), ("b", 1), ("c", 2)]


def test_a_call_that_the_provider_ran_takes_no_index_from_the_clients_calls():
    events = [call("{}", "s", providerExecuted=True), start("a"), start("b"), call("{}", "b"), call("{}", "c"), FINISH]
    assert [(c.id, c.index) for c in reading_of_events(events).tool_calls] == [("b", 1), ("c", 2)]


def test_a_call_that_was_started_and_never_completed_is_dropped():
    reading = reading_of_events([start("a"), start("b"), call("{}", "b"), FINISH])
    assert [c.id for c in reading.tool_calls] == ["b"]
    assert reading.dropped == ("a",)


def test_a_repeated_call_is_one_call():
    reading = reading_of_events([call('{"a":1,"b":2}'), call('{"b": 2, "a": 1}'), FINISH])
    assert len(reading.tool_calls) == 1
    assert reading.conflicts == ()


@pytest.mark.parametrize("second", [call('{"a":2}'), call('{"a":1}', name="get_time")])
def test_a_repeated_call_that_differs_is_a_conflict(second):
    assert reading_of_events([call('{"a":1}'), second, FINISH]).conflicts == ("call_1",)


@pytest.mark.parametrize("where", ["start", "call"])
def test_a_call_that_the_provider_ran_is_no_client_call(where):
    flag = {"providerExecuted": True}
    events = [
        start(**(flag if where == "start" else {})),
        call("{}", **(flag if where == "call" else {})),
        {"type": "tool-result", "toolCallId": "call_1", "toolName": "get_weather", "result": 1},
        FINISH,
    ]
    reading = reading_of_events(events)
    assert reading.tool_calls == ()
    assert reading.tool_results == ()
    assert reading.provider_executed == {"call_1"}


@pytest.mark.parametrize(
    ("more", "content"),
    [
        ({"result": {"ok": True}}, '{"ok":true}'),
        ({"result": "sunny"}, '"sunny"'),
        ({}, "null"),
        ({"result": math.nan}, "null"),
        ({"result": "bad", "isError": True}, '{"error":"bad"}'),
        ({"result": {"error": "bad"}, "isError": True}, '{"error":"bad"}'),
    ],
)
def test_a_result_is_the_json_text_of_r15(more, content):
    event = {"type": "tool-result", "toolCallId": "call_1", "toolName": "t", **more}
    assert reading_of_events([call("{}"), event, FINISH]).tool_results == (ToolResult("call_1", content),)


def test_a_preliminary_result_is_none():
    event = {"type": "tool-result", "toolCallId": "call_1", "result": 1, "preliminary": True}
    assert reading_of_events([call("{}"), event, FINISH]).tool_results == ()


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("stop", "stop"), ("end_turn", "stop"), ("STOP_SEQUENCE", "stop"), ("eos", "stop"), ("COMPLETE", "stop"),
        ("length", "length"), ("MAX_TOKENS", "length"), ("max-tokens", "length"), ("model_length", "length"),
        ("content-filter", "content_filter"), ("SAFETY", "content_filter"), ("refusal", "content_filter"),
        ("BLOCKLIST", "content_filter"), ("PROHIBITED_CONTENT", "content_filter"), ("RECITATION", "content_filter"),
        ("SPII", "content_filter"),
        ("tool-calls", "tool_calls"), ("tool_use", "tool_calls"), ("TOOL_CALL", "tool_calls"),
        ("function_call", "tool_calls"), ("error", "error"),
        ({"unified": "tool-calls", "raw": "tool_use"}, "tool_calls"),
        (None, None), ("other", None), ("unknown", None), ("", None), (7, None), ({"raw": "stop"}, None),
    ],
)  # fmt: skip
def test_a_finish_reason_is_the_word_of_r18(word, reason):
    assert reason_of(word) == reason


@pytest.mark.parametrize("word", [None, "unknown", "pause_turn"])
def test_a_missing_or_unknown_reason_stands_for_stop(word):
    reading = reading_of_events([{"type": "finish", "finishReason": word}])
    assert (reading.finish_reason, reading.reason_known) == ("stop", False)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"promptTokens": 1, "completionTokens": 2, "totalTokens": 3}, Usage(1, 2, 3)),
        ({"input_tokens": 1, "output_tokens": 2}, Usage(1, 2, 3)),
        ({"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 9}, Usage(1, 2, 9)),
        ({"inputTokens": {"total": 1, "cacheRead": 5}, "outputTokens": {"total": 2, "text": 2}}, Usage(1, 2, 3)),
        ({"inputTokens": 1}, Usage(1, 0, 1)),
        ({"inputTokens": math.nan, "outputTokens": -1, "totalTokens": 4}, Usage(0, 0, 4)),
        ({"inputTokens": math.nan}, None),
        ({"inputTokens": True}, None),
        ({"inputTokens": 10**400, "outputTokens": 1.5}, Usage(10**400, 1.5, 10**400)),
        ({"inputTokens": 1.5e308, "outputTokens": 1.7e308}, Usage(1.5e308, 1.7e308, 1.7e308)),
        ({}, None), (None, None), ("18", None), ([], None),
    ],
)  # fmt: skip
def test_usage_is_what_the_provider_counted(usage, expected):
    assert usage_of(usage) == expected


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        ("boom", Failure("boom")),
        ({"message": "boom", "type": "server_error", "code": None}, Failure("boom", "server_error")),
        ({"message": "boom", "type": "server_error", "code": "overloaded"}, Failure("boom", "overloaded")),
        (
            {"type": "error", "error": {"message": "boom", "type": "overloaded_error"}},
            Failure("boom", "overloaded_error"),
        ),
        ({"type": "error", "error": {"message": "boom"}}, Failure("boom", "error")),
        ({"message": " ", "error": {"message": "boom", "code": 7}}, Failure("boom", "7")),
        ([{"error": {"code": 429, "message": "boom"}}], Failure("boom", "429")),
        (
            {"type": "response.failed", "response": {"error": {"code": "rate_limit", "message": "slow down"}}},
            Failure("slow down", "rate_limit"),
        ),
        ({"type": "overloaded_error", "message": "Overloaded"}, Failure("Overloaded", "overloaded_error")),
        ({"code": 502, "message": "Bad gateway"}, Failure("Bad gateway", "502")),
        ({"name": "TypeError", "message": "terminated"}, Failure("terminated")),
        ({"message": "boom", "statusCode": 529, "data": {"error": "x"}}, Failure("boom", "529")),
        ({"error": "plain"}, Failure("plain")),
    ],
)
def test_every_shape_of_an_error_gives_its_message_and_code(error, failure):
    assert failure_of(error) == failure
    reading = reading_of_events([{"type": "error", "error": error}])
    assert (reading.ended, reading.finish_reason, reading.error) == ("error", "error", failure)


@pytest.mark.parametrize("error", [None, {}, "", 7, {"message": ""}, {"message": None}])
def test_an_error_without_words_is_still_readable(error):
    assert failure_of(error).message == "the provider reported an error without a message"


def test_a_finish_reason_of_error_is_a_failure():
    reading = reading_of_events([text("a"), {"type": "finish", "finishReason": "error"}])
    assert (reading.ended, reading.text) == ("error", "a")
    assert reading.error.message


def test_an_error_ends_the_stream_and_an_error_after_the_finish_changes_nothing():
    failed = [text("a"), {"type": "error", "error": "boom"}, text("b"), FINISH]
    finished = [text("a"), FINISH, {"type": "error", "error": "boom"}]
    assert (reading_of_events(failed).text, reading_of_events(failed).ended) == ("a", "error")
    assert (reading_of_events(finished).error, reading_of_events(finished).ended) == (None, "finished")


def test_a_source_that_raises_is_an_error():
    reading = reading_of_events([text("a"), {"$throw": {"name": "TypeError", "message": "terminated"}}])
    assert (reading.ended, reading.error) == ("error", Failure("terminated"))


def test_a_stream_without_an_end_is_truncated():
    reading = reading_of_events([text("a")])
    assert (reading.ended, reading.finish_reason, reading.usage) == ("truncated", None, None)


def metadata(id_=None, model=None):
    return {"type": "response-metadata", "id": id_, "modelId": model}


def test_of_several_response_ids_the_last_before_the_first_chunk_counts():
    events = [
        metadata("r1", "m1"),
        metadata("", ""),
        metadata("r2"),
        text(""),
        metadata("r3"),
        text("a"),
        metadata("r4", "m4"),
    ]
    reading = reading_of_events([*events, FINISH])
    assert (reading.response_id, reading.model) == ("r3", "m1")
    assert (reading.late_response_ids, reading.late_models) == (("r4",), ("m4",))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(
    [
        "text-delta",
        "tool-input-start",
        "tool-input-delta",
        "tool-call",
        "tool-result",
        "response-metadata",
        "finish",
        "error",
    ]
)
KEYS = st.sampled_from(["id", "delta", "toolCallId", "toolName", "input", "result", "error", "finishReason", "usage"])


def nested(depth):
    value = {}
    for _ in range(depth):
        value = {"error": value}
    return value


def test_endless_nesting_is_no_way_to_stop_the_fold():
    deep = nested(50_000)
    events = [
        call(deep),
        {"type": "tool-result", "toolCallId": "call_1", "result": deep},
        {"type": "tool-result", "toolCallId": "call_1", "result": b"bytes"},
        {"type": "error", "error": deep},
    ]
    reading = reading_of_events(events)
    assert reading.ended == "error"
    assert [result.content for result in reading.tool_results] == [None, None]


@given(st.lists(JSON | st.builds(lambda kind, body: {**body, "type": kind}, TYPES, st.dictionaries(KEYS, JSON))))
def test_no_json_from_outside_makes_the_fold_raise(events):
    assert reading_of_events(events).ended in {"finished", "error", "truncated"}
