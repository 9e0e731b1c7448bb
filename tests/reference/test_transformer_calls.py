"""One response, row by row: its calls and their results (§12.3, §13.6, R7 to R16); written by hand."""

import math

import pytest

from parts import call, end, error, finish, part, result, start, text

# -- R7 to R9, §12.3, §12.4 "Partial tool arguments" and §13.6 "Partial JSON in args"


def test_nothing_is_emitted_before_the_tool_call_event(open_run):
    open_run.feed(start(), part('{"a":1}'), end())
    assert open_run.chunks == []
    open_run.feed(call('{"a":1}'))
    assert open_run.types == ["tool_call"]


@pytest.mark.parametrize(
    ("given", "deltas", "arguments", "notes"),
    [
        ('{"a":1}', ['{"a"', ":1}"], '{"a":1}', 0),
        ('{"a":1}', ["1}"], '{"a":1}', 0),
        ('{"n":12345678901234567890}', [], '{"n":12345678901234567890}', 0),
        ({"a": 1}, [], '{"a":1}', 0),
        ("", [], "{}", 0),
        (None, [], "{}", 0),
        ("", ['{"a"', ":1}"], '{"a":1}', 1),
        ('{"a":', ['{"a":1}'], '{"a":1}', 1),
        ("", [{"a": 1}, {"b": 2}], '{"a":1,"b":2}', 3),
    ],
)
def test_arguments_are_the_text_of_one_object(run, given, deltas, arguments, notes):
    out = run(start(), *map(part, deltas), end(), call(given), finish("tool-calls"))
    assert out.calls == [("call_1", "get_weather", arguments, 0)]
    assert len(out.notes) == notes


def test_an_input_that_is_missing_altogether_counts_as_blank(run):
    event = call()
    del event["input"]
    assert run(event, finish()).calls == [("call_1", "get_weather", "{}", 0)]


def test_malformed_arguments_end_in_one_error_and_neither_a_call_nor_a_done(run):
    out = run(text("a"), start(), call('{"city":'), text("b"), finish("tool-calls"), text("c"))
    assert out.types == ["content", "content", "error"]
    assert out.error == {
        "message": "Failed to parse tool arguments for get_weather: JSON parse error at position 8: Expecting value",
        "code": "TOOL_ARGS_PARSE_ERROR",
    }


def test_a_sound_call_beside_a_malformed_one_is_not_lost(run):
    out = run(start("a"), start("b"), call('{"x"', "a"), call("{}", "b"), finish("tool-calls"))
    assert [id_ for id_, *_ in out.calls] == ["b"]
    assert out.error["code"] == "TOOL_ARGS_PARSE_ERROR"


def test_of_two_malformed_calls_the_first_is_told(run):
    out = run(call("[1]", "a", "first"), call("[2]", "b", "second"), finish("tool-calls"))
    assert "for first:" in out.error["message"]


def test_a_malformed_call_does_not_hold_up_those_behind_it(open_run):
    open_run.feed(start("a"), start("b"), call(id_="b"), call("[1]", "a"))
    assert [id_ for id_, *_ in open_run.calls] == ["b"]


def test_a_call_that_length_cut_is_dropped_and_the_answer_ends_by_length(run):
    out = run(text("a"), call('{"city":'), finish("length"))
    assert out.types == ["content", "done"]
    assert out.last["finishReason"] == "length"
    assert sum("dropped" in note for note in out.notes) == 1


@pytest.mark.parametrize(
    "behind", [[], [error("overloaded")], [finish("error")], [call("[]")], ["no JSON"], [finish("content-filter")]]
)
def test_malformed_arguments_are_told_whatever_fails_behind_them(run, behind):
    out = run(call('{"city":'), *behind)
    assert out.types == ["error"]
    assert out.error["code"] == "TOOL_ARGS_PARSE_ERROR"


@pytest.mark.parametrize("given", [[1], 5, "null", "[1]", '{"a":NaN}', {"a": math.nan}])
def test_what_is_no_json_object_is_malformed(run, given):
    assert run(call(given), finish()).error["code"] == "TOOL_ARGS_PARSE_ERROR"


# -- R10 to R13, §13.6 "Tool call without buffer", "Concurrent tool calls", "Missing tool-call event"


def test_a_call_without_a_start_takes_the_next_index(run):
    out = run(start("a"), call(id_="a"), call(id_="b"), start("c"), call(id_="c"), finish())
    assert [(id_, index) for id_, *_, index in out.calls] == [("a", 0), ("b", 1), ("c", 2)]


def test_parallel_calls_keep_their_arguments_apart_and_leave_in_the_order_of_their_starts(run):
    out = run(
        start("a"), start("b"), part('{"x":', "a"), part('{"y":', "b"), text("meanwhile"), part("2}", "b"),
        call("", "b"), part("1}", "a"), text("!"), call("", "a"), finish("tool-calls"),
    )  # fmt: skip
    assert out.types == ["content", "content", "tool_call", "tool_call", "done"]
    assert out.calls == [("a", "get_weather", '{"x":1}', 0), ("b", "get_weather", '{"y":2}', 1)]


def test_a_call_leaves_as_soon_as_the_earlier_ones_have(open_run):
    open_run.feed(start("a"), start("b"), call(id_="b"))
    assert open_run.calls == []
    open_run.feed(call(id_="a"))
    assert [id_ for id_, *_ in open_run.calls] == ["a", "b"]


def test_text_around_calls_stays_where_it_was(run):
    out = run(text("a"), start(), text("b"), call(), text("c"), finish())
    assert out.types == ["content", "content", "tool_call", "content", "done"]
    assert out.text == "abc"


def test_a_repeated_call_is_emitted_once(run):
    out = run(call('{"a":1,"b":2}'), part(""), call('{ "b": 2, "a": 1 }'), finish())
    assert len(out.calls) == 1
    assert out.last["finishReason"] == "tool_calls"
    assert any("R12" in note for note in out.notes)


@pytest.mark.parametrize(
    "second", [call('{"a":2}'), call('{"a":1}', name="get_time"), call('{"a":'), call('{"a":true}')]
)
def test_a_different_call_under_the_same_id_is_a_conflict(run, second):
    out = run(call('{"a":1}'), second, finish())
    assert out.types == ["tool_call", "error"]
    assert out.error["code"] == "TOOL_CALL_CONFLICT"


def test_two_calls_of_the_same_arguments_and_other_ids_are_two_calls(run):
    assert len(run(call(id_="a"), call(id_="b"), finish()).calls) == 2


def test_a_call_that_was_never_completed_is_dropped_and_noted_and_others_leave(run):
    out = run(start("a"), part("{", "a"), start("b"), call(id_="b"), finish("tool-calls"))
    assert [(id_, index) for id_, *_, index in out.calls] == [("b", 1)]
    assert [note for note in out.notes if "R13" in note and " a " in note]


def test_calls_behind_one_that_was_never_completed_leave_in_order(run):
    out = run(start("a"), start("b"), start("c"), call(id_="c"), call(id_="b"), finish())
    assert [id_ for id_, *_ in out.calls] == ["b", "c"]


def test_a_slow_call_is_not_a_lost_one(open_run):
    open_run.feed(start())
    open_run.feed(*(text("x") for _ in range(5_000)))  # the clock ticks by 7 ms whenever it is asked
    open_run.feed(*(start(f"call_{n}") for n in range(2, 5_000)))
    assert open_run.feed(part('{"a":1}'), call("")).calls == [("call_1", "get_weather", '{"a":1}', 0)]


def test_an_input_that_starts_again_keeps_its_index_and_loses_its_deltas(run):
    out = run(start("a"), part('{"x"', "a"), start("b"), start("a"), part('{"y":1}', "a"), call("", "a"), finish())
    assert out.calls == [("a", "get_weather", '{"y":1}', 0)]
    assert any("started again" in note for note in out.notes)


def test_a_delta_of_a_call_that_never_started_is_ignored_and_noted(run):
    out = run(part('{"x":1}', "z"), call('{"y":2}', "z"), finish())
    assert out.calls == [("z", "get_weather", '{"y":2}', 0)]
    assert len(out.notes) == 1


def test_the_name_may_come_with_the_start_alone(run):
    event = call()
    del event["toolName"]
    assert run(start(name="get_time"), event, finish()).calls == [("call_1", "get_time", "{}", 0)]


@pytest.mark.parametrize("event", [call(id_=""), call(id_=None), call(name=""), call(name=None)])
def test_a_call_that_nobody_could_run_or_answer_fails_the_stream(run, event):
    out = run(text("a"), event, finish("tool-calls"))
    assert out.types == ["content", "error"]
    assert out.error["code"] == "TOOL_CALL_UNNAMED"


def test_tool_names_pass_unchanged(run):
    assert run(call(name="Get.Weather-V2"), finish()).calls[0][1] == "Get.Weather-V2"


# -- R14, R15: the provider's own calls, and results


@pytest.mark.parametrize("where", ["start", "call", "both"])
def test_a_call_that_the_provider_ran_is_not_the_clients(run, where):
    flag = {"providerExecuted": True}
    started = start(**(flag if where in {"start", "both"} else {}))
    called = call(**(flag if where in {"call", "both"} else {}))
    out = run(started, part("{}"), end(), called, result([1]), text("found"), finish("tool-calls"))
    assert out.types == ["content", "done"]
    assert out.last["finishReason"] == "stop"
    assert out.notes == []


def test_a_call_of_the_provider_does_not_hold_up_the_clients(open_run):
    open_run.feed(start("p"), start("c"), call(id_="c"), call(id_="p", providerExecuted=True))
    assert [(id_, index) for id_, *_, index in open_run.calls] == [("c", 1)]


def test_a_call_that_is_the_providers_from_the_start_takes_no_index(run):
    out = run(start("p", providerExecuted=True), call(id_="p"), call(id_="c"), finish())
    assert [(id_, index) for id_, *_, index in out.calls] == [("c", 0)]


@pytest.mark.parametrize(
    ("event", "content"),
    [
        (result({"ok": True, "town": "Köln"}), '{"ok":true,"town":"Köln"}'),
        (result("sunny"), '"sunny"'),
        (result(None), "null"),
        ({"type": "tool-result", "toolCallId": "call_1"}, "null"),
        (result("bad", isError=True), '{"error":"bad"}'),
        (result({"error": "bad"}, isError=True), '{"error":"bad"}'),
        (result({"celsius": math.nan}), '{"celsius":null}'),
        (result(b"bytes"), '{"error":"the tool\'s result cannot be written as JSON"}'),
    ],
)
def test_a_result_is_its_json_text_and_an_error_keeps_its_mark(run, event, content):
    out = run(call(), event, finish())
    assert out.types == ["tool_call", "tool_result", "done"]
    assert (out.chunks[1]["toolCallId"], out.chunks[1]["content"]) == ("call_1", content)


def test_a_result_never_comes_before_its_call(run):
    out = run(start("a"), start("b"), call(id_="b"), result(1, "b"), call(id_="a"), result(2, "a"), finish())
    assert out.types == ["tool_call", "tool_call", "tool_result", "tool_result", "done"]
    assert [chunk["toolCallId"] for chunk in out.chunks[2:4]] == ["b", "a"]


@pytest.mark.parametrize(
    "events",
    [
        [result(1, "nobody")],
        [start("late"), result(1, "late")],
        [call("{", "bad"), result(1, "bad")],
        [call(id_="c"), result(1, "c", preliminary=True)],
    ],
)
def test_a_result_without_an_emitted_call_and_a_preliminary_one_are_dropped_and_noted(run, events):
    out = run(*events, finish("length"))
    assert "tool_result" not in out.types
    assert out.notes


def test_a_result_that_comes_before_its_call_waits_for_it(run):
    out = run(start(), result(1), text("x"), call(), result(2), finish())
    assert out.types == ["content", "tool_call", "tool_result", "done"]
    assert out.chunks[2]["content"] == "1"
    assert out.last["finishReason"] == "stop"


def test_a_call_has_one_result(run):
    out = run(call(), result(1, preliminary=True), result(2), result(3), finish())
    assert [chunk["content"] for chunk in out.chunks if chunk["type"] == "tool_result"] == ["2"]


def test_a_result_of_a_call_that_the_provider_ran_is_dropped(run):
    assert run(call(), result(1, providerExecuted=True), finish()).types == ["tool_call", "done"]
