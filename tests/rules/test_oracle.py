"""The source-aware oracle: what calls and results may differ in from their source, and what is found where not."""

import pytest

from answers import META, adds, call, calls, done, error, finish, found, gives, result, says, starts, text


@pytest.mark.parametrize(
    ("arguments", "given", "wanted"),
    [
        ('{ "b": 2, "a": 1.0 }', '{"a":1,"b":2}', []),
        ('{"a":"1"}', '{"a":1}', ["TOOL-18"]),
        ('{"a":true}', '{"a":1}', ["TOOL-18"]),
        ("{}", '{"a":1}', ["TOOL-18"]),
        ("{}", "", []),
        ("{}", None, []),
        ('{"n":12345678901234567890}', '{"n":12345678901234567890}', []),
        ('{"n":12345678901234567000}', '{"n":12345678901234567890}', ["TOOL-18"]),
        ('{"a":1}', {"a": 1}, []),
        ('"{\\"a\\":1}"', '{"a":1}', ["TOOL-2"]),
    ],
)
def test_arguments_are_compared_as_exact_json(arguments, given, wanted):
    assert (
        found([META, calls(given=given), finish("tool-calls")], [call(arguments=arguments), done("tool_calls")])
        == wanted
    )


def test_good_deltas_beat_a_blank_input():
    events = [META, starts("call_1"), adds("call_1", '{"city":'), adds("call_1", '"Paris"}'), calls(given="")]
    assert found([*events, finish("tool-calls")], [call(), done("tool_calls")]) == []
    assert found([*events, finish("tool-calls")], [call(arguments="{}"), done("tool_calls")]) == ["TOOL-18"]


BROKEN = [META, calls(given='{"city": "Par')]


@pytest.mark.parametrize(
    ("chunks", "reason", "spec", "tanstack"),
    [
        ([error("TOOL_ARGS_PARSE_ERROR")], "tool-calls", [], []),
        ([error("OTHER")], "tool-calls", ["TOOL-20"], ["TOOL-20"]),
        ([done("stop")], "tool-calls", ["TOOL-20"], ["TOOL-20"]),
        ([call(arguments="{}"), done("tool_calls")], "tool-calls", ["TOOL-19"], ["TOOL-19"]),
        ([call(arguments=""), done("tool_calls")], "tool-calls", ["TOOL-19"], ["TOOL-19"]),
        ([call(arguments='{"city": "Par'), done("tool_calls")], "tool-calls", ["TOOL-2"], ["TOOL-4"]),
        ([call(arguments='{"city": "Par"}'), done("tool_calls")], "tool-calls", ["TOOL-19"], ["TOOL-19"]),
        ([done("length")], "length", [], []),
        ([error("TOOL_ARGS_PARSE_ERROR")], "length", [], []),
        ([done("stop")], "length", ["END-13"], ["END-13"]),
        ([error("max_tokens")], "length", ["END-13"], ["END-13"]),
    ],
)
def test_broken_arguments_fail_openly(chunks, reason, spec, tanstack):
    events = [*BROKEN, finish(reason)]
    assert found(events, chunks) == spec
    assert found(events, chunks, profile="tanstack") == tanstack


def test_a_call_before_a_broken_one_may_be_there_and_what_follows_may_be_missing():
    events = [
        META,
        says("Wait."),
        calls("call_0"),
        calls(given="[1]"),
        says(" More."),
        calls("call_2"),
        finish("tool-calls"),
    ]
    assert found(events, [text("Wait."), call("call_0"), error("TOOL_ARGS_PARSE_ERROR")]) == []
    assert found(events, [text("Weit."), call("call_0"), error("TOOL_ARGS_PARSE_ERROR")]) == ["TEXT-4"]


@pytest.mark.parametrize(
    ("chunks", "wanted"),
    [
        ([call(), call("call_2", "get_time", "{}", 1)], []),
        ([call("call_2", "get_time", "{}", 1), call()], ["TOOL-8"]),
        ([call(index=1), call("call_2", "get_time", "{}", 0)], ["TOOL-8", "TOOL-3"]),
        ([call()], ["TOOL-12"]),
        ([call(), call("call_2", "gettime", "{}", 1)], ["TOOL-16"]),
        ([call(), call("item_2", "get_time", "{}", 1)], ["TOOL-17"]),
        ([call(), call("call_9", "get_time", '{"a":1}', 1)], ["TOOL-13", "TOOL-12"]),
    ],
)
def test_calls_are_the_sources(chunks, wanted):
    events = [META, starts("call_1"), starts("call_2", "get_time"), calls("call_2", "get_time", "{}"), calls()]
    assert sorted(found([*events, finish("tool-calls")], [*chunks, done("tool_calls")])) == sorted(wanted)


def test_a_call_without_a_start_takes_the_next_index():
    events = [META, starts("call_1"), calls("call_2", "get_time", "{}"), calls(), finish("tool-calls")]
    assert found(events, [call("call_2", "get_time", "{}", 1), call(), done("tool_calls")]) == ["TOOL-8"]


def test_a_dropped_call_may_leave_a_gap_and_one_that_never_was_may_not():
    events = [META, starts("call_0"), calls(), finish("tool-calls")]
    assert found(events, [call(index=1), done("tool_calls")]) == []
    assert found(events, [call(index=2), done("tool_calls")]) == ["TOOL-7"]


def test_a_total_alone_is_no_fault_where_the_source_counted_nothing_else():
    counted = {"promptTokens": 0, "completionTokens": 0, "totalTokens": 18}
    assert found([META, finish(usage={"totalTokens": 18})], [done(usage=counted)]) == []
    assert "USAGE-3" in found([META, finish()], [done(usage=counted)])


def test_of_two_reasons_to_fail_either_may_be_told():
    conflict_first = [META, calls(), calls(given="{}"), calls("call_2", given="{"), finish("tool-calls")]
    assert found(conflict_first, [call(), error("TOOL_CALL_CONFLICT")]) == []
    assert found(conflict_first, [call(), error("TOOL_ARGS_PARSE_ERROR")]) == []
    failing = [META, calls(given="{"), {"type": "error", "error": {"message": "Overloaded", "code": 529}}]
    assert found(failing, [error("529")]) == []
    assert found(failing, [error("TOOL_ARGS_PARSE_ERROR")]) == []


def test_a_code_is_found_in_a_list_of_errors_too():
    events = [META, {"type": "error", "error": [{"error": {"message": "Overloaded", "code": 429}}]}]
    assert found(events, [error("429")]) == []


def test_a_provider_executed_call_and_its_result_stay_out():
    events = [
        META,
        calls("srv_1", "web_search", "{}", providerExecuted=True),
        gives([], "srv_1"),
        calls(),
        finish("tool-calls"),
    ]
    assert found(events, [call(), done("tool_calls")]) == []
    assert found(events, [call(index=1), done("tool_calls")]) == []
    assert found(events, [call(index=2), done("tool_calls")]) == ["TOOL-7"]
    both = [call("srv_1", "web_search", "{}"), result("[]", "srv_1"), call(index=1), done("tool_calls")]
    assert found(events, both) == ["TOOL-15", "RESULT-5"]


@pytest.mark.parametrize(
    ("given", "content", "wanted"),
    [
        ({"a": 1}, '{"a":1}', []),
        ({"a": 1}, '{ "a": 1.0 }', []),
        ("sunny", '"sunny"', []),
        ("sunny", "sunny", []),
        (None, "null", []),
        (None, "undefined", ["RESULT-4"]),
        ({"a": 1}, "[object Object]", ["RESULT-4"]),
        ('{"a":1}', '{"a":1}', []),
    ],
)
def test_a_result_is_its_json_text(given, content, wanted):
    events = [META, calls(), gives(given), finish("tool-calls")]
    assert found(events, [call(), result(content), done()]) == wanted


def test_a_failed_result_keeps_its_mark_once():
    events = [META, calls(), gives({"error": "no"}, isError=True), finish("tool-calls")]
    assert found(events, [call(), result('{"error":"no"}'), done()]) == []
    assert found(events, [call(), result('"no"'), done()]) == ["RESULT-4"]
    assert found(events, [call(), result('{"error":{"error":"no"}}'), done()]) == ["RESULT-4"]


def test_a_preliminary_result_is_one_too_many():
    events = [META, calls(), gives("half", preliminary=True), gives("whole"), finish("tool-calls")]
    assert found(events, [call(), result("half"), result("whole"), done()]) == ["RESULT-2"]
