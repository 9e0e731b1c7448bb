"""The source-aware oracle: what an answer may differ in from its source, and what is found where it may not."""

import pytest

from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Ending, Stimulus, Transcript

BASE = {"id": "resp_1", "model": "m", "timestamp": 1_700_000_000_000}
COUNTED = {"promptTokens": 11, "completionTokens": 7, "totalTokens": 18}
ZEROS = dict.fromkeys(COUNTED, 0)
META = {"type": "response-metadata", "id": "resp_1", "modelId": "m"}
USAGE = {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}


def says(delta):
    return {"type": "text-delta", "id": "t", "delta": delta}


def calls(id_="call_1", name="get_weather", given='{"city":"Paris"}', **more):
    return {"type": "tool-call", "toolCallId": id_, "toolName": name, "input": given, **more}


def starts(id_, name="get_weather"):
    return {"type": "tool-input-start", "id": id_, "toolName": name}


def adds(id_, delta):
    return {"type": "tool-input-delta", "id": id_, "delta": delta}


def gives(result, id_="call_1", **more):
    return {"type": "tool-result", "toolCallId": id_, "toolName": "get_weather", "result": result, **more}


def finish(reason="stop", usage=USAGE):
    return {"type": "finish", "finishReason": reason, "usage": usage}


def text(delta, content=None):
    return {"type": "content", **BASE, "delta": delta, "content": content or delta}


def call(id_="call_1", name="get_weather", arguments='{"city":"Paris"}', index=0):
    function = {"name": name, "arguments": arguments}
    return {
        "type": "tool_call",
        **BASE,
        "index": index,
        "toolCall": {"id": id_, "type": "function", "function": function},
    }


def result(content, id_="call_1"):
    return {"type": "tool_result", **BASE, "toolCallId": id_, "content": content}


def done(reason="stop", usage=COUNTED):
    return {"type": "done", **BASE, "finishReason": reason} | ({"usage": usage} if usage else {})


def error(code=None, message="Overloaded"):
    return {"type": "error", **BASE, "error": {"message": message} | ({"code": code} if code else {})}


def found(events, chunks, profile="spec", ending="completed", request=None):
    compactor = Compactor()
    records = tuple(compactor.feed(chunk) for chunk in chunks)
    transcript = Transcript(records, Ending(ending), Stimulus(request or {}, tuple(events)))
    return [violation.rule.id for violation in judge(transcript, profile=profile).violations]


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


@pytest.mark.parametrize(
    ("given", "reported", "wanted"),
    [
        ("length", "length", []),
        ("max_tokens", "length", []),
        ("MAX-TOKENS", "length", []),
        ("length", "stop", ["END-13"]),
        ("length", None, ["END-9", "END-13"]),
        ("content-filter", "content_filter", []),
        ("RECITATION", "stop", ["END-13"]),
        ("end_turn", "stop", []),
        ("end_turn", "length", ["END-13"]),
        ("stop", "tool_calls", ["TOOL-11"]),
        ("tool_calls", "stop", []),
        ("tool_calls", "tool_calls", ["TOOL-11"]),
        (None, "stop", []),
        ("pause_turn", "stop", []),
        ("pause_turn", "length", ["END-13"]),
        ({"unified": "length", "raw": "MAX"}, "length", []),
        ({"unified": "length", "raw": "MAX"}, "stop", ["END-13"]),
    ],
)
def test_the_finish_reason_survives(given, reported, wanted):
    assert sorted(found([META, says("Hi"), finish(given)], [text("Hi"), done(reported)])) == sorted(wanted)


@pytest.mark.parametrize(
    ("given", "reported", "wanted"),
    [
        ("tool-calls", "tool_calls", []),
        ("tool-calls", "stop", ["TOOL-10"]),
        ("stop", "tool_calls", []),
        ("stop", "stop", ["TOOL-10"]),
        ("length", "tool_calls", ["END-13"]),
        (None, "stop", []),
        (None, "tool_calls", []),
    ],
)
def test_the_finish_reason_beside_a_call(given, reported, wanted):
    assert sorted(found([META, calls(), finish(given)], [call(), done(reported)])) == sorted(wanted)


def test_a_missing_reason_may_be_null_for_tanstack_only():
    events, chunks = [META, says("Hi"), finish(None)], [text("Hi"), done(None)]
    assert found(events, chunks, profile="tanstack") == []
    assert found(events, chunks) == ["END-9"]


@pytest.mark.parametrize(
    ("ending", "chunk", "wanted"),
    [
        ({"type": "error", "error": "boom"}, error(), []),
        ({"type": "error", "error": "boom"}, done("stop"), ["END-11"]),
        ({"type": "error", "error": {"statusCode": 503, "type": "overloaded"}}, error("503"), []),
        ({"type": "error", "error": {"statusCode": 503, "type": "overloaded"}}, error("overloaded"), []),
        ({"type": "error", "error": {"statusCode": 503, "type": "overloaded"}}, error("500"), []),
        ({"type": "error", "error": {"statusCode": 503, "type": "overloaded"}}, error("200"), ["END-16"]),
        ({"type": "error", "error": {"statusCode": 503, "type": "overloaded"}}, error("busy"), ["END-16"]),
        ({"type": "error", "error": {"statusCode": 503, "type": "overloaded"}}, error("undefined"), ["END-7"]),
        ({"$throw": {"name": "Error", "message": "reset"}}, error("ECONNRESET"), []),
        ({"$throw": {"name": "Error", "message": "reset"}}, done("stop"), ["END-11"]),
        (finish("error"), error(), []),
        (finish("error"), done("stop"), ["END-11"]),
        (finish("stop"), error("X"), ["END-12"]),
        (finish("interrupted"), error("X"), []),
        (finish("interrupted"), done("stop"), []),
        (finish("length"), error("max_tokens"), ["END-13"]),
        (None, error("STREAM_TRUNCATED"), []),
        (None, error("terminated"), ["END-15"]),
        (None, error("undefined"), ["END-7"]),
        (None, done("stop", ZEROS), ["END-14"]),
    ],
)
def test_a_failure_is_neither_swallowed_nor_invented(ending, chunk, wanted):
    events = [META, says("Hi"), *([ending] if ending else [])]
    assert found(events, [text("Hi"), chunk]) == wanted


def test_a_cut_stream_that_just_ends_is_one_finding():
    assert found([META, says("Hi"), says(" there")], [text("Hi")]) == ["END-1"]


def test_an_error_behind_finish_changes_nothing():
    assert found([META, says("Hi"), finish(), {"type": "error", "error": "late"}], [text("Hi"), done()]) == []


@pytest.mark.parametrize(
    ("given", "reported", "wanted"),
    [
        (USAGE, COUNTED, []),
        ({"input_tokens": 11, "output_tokens": 7}, COUNTED, []),
        ({"inputTokens": 11, "outputTokens": 7, "totalTokens": 40}, COUNTED | {"totalTokens": 40}, []),
        ({"inputTokens": 11, "outputTokens": 7, "totalTokens": 40}, COUNTED, ["USAGE-4"]),
        ({"inputTokens": {"total": 11}, "outputTokens": {"total": 7}}, COUNTED, []),
        ({"inputTokens": 11}, {"promptTokens": 11, "completionTokens": 0, "totalTokens": 11}, []),
        (
            {"inputTokens": float("nan"), "outputTokens": 7},
            {"promptTokens": 0, "completionTokens": 7, "totalTokens": 7},
            [],
        ),
        (None, ZEROS, []),
        (None, COUNTED, ["USAGE-4"]),
        (USAGE, ZEROS | {"totalTokens": 18}, ["USAGE-3", "USAGE-4"]),
        (USAGE, {key: float(value) for key, value in COUNTED.items()}, []),
    ],
)
def test_usage_is_what_was_counted(given, reported, wanted):
    assert found([META, says("Hi"), finish("stop", given)], [text("Hi"), done("stop", reported)]) == wanted


def test_tanstack_may_leave_usage_out_only_where_nothing_was_counted():
    chunks = [text("Hi"), done("stop", None)]
    assert found([META, says("Hi"), finish("stop", None)], chunks, profile="tanstack") == []
    assert found([META, says("Hi"), finish()], chunks, profile="tanstack") == ["USAGE-5"]


@pytest.mark.parametrize(
    ("chunks", "wanted"),
    [
        ([], []),
        ([text("One. ")], []),
        ([text("One. "), error("ABORTED")], []),
        ([text("One. "), error("20")], ["ABORT-1"]),
        ([text("Two. ")], ["TEXT-4"]),
        ([text("One. "), done()], ["TEXT-4"]),
        ([text("One. "), text("Two.", "One. Two."), done()], []),
    ],
)
def test_an_aborted_stream_may_lack_the_rest_but_not_claim_to_be_whole(chunks, wanted):
    assert found([META, says("One. "), says("Two."), finish()], chunks, ending="aborted") == wanted


def test_a_source_error_before_the_abort_is_no_fault():
    events = [META, says("One. "), {"type": "error", "error": {"message": "Overloaded", "code": "529"}}]
    assert found(events, [text("One. "), error("529")], ending="aborted") == []


def chunks_named(*ids, key="id"):
    content, chunks = "", []
    for place, value in enumerate(ids[:-1]):
        content += str(place)
        chunks.append(text(str(place), content) | {key: value})
    return [*chunks, done() | {key: ids[-1]}]


@pytest.mark.parametrize(
    ("ids", "early", "late", "wanted"),
    [
        (["a", "a", "a"], ["a"], [], []),
        (["b", "b", "b"], ["a", "b"], [], []),
        (["a", "a", "a"], ["a", ""], [], []),
        (["x", "x", "x"], ["a"], [], ["ID-5"]),
        (["x", "x", "x"], [], [], []),
        (["x", "x", "x"], [], ["a"], []),
        (["x", "a", "a"], [], ["a"], []),
        (["a", "a", "a"], [], ["a"], []),
        (["x", "y", "y"], [], ["a"], ["ID-5"]),
        (["a", "b", "b"], ["a"], ["b"], []),
        (["a", "x", "a"], ["a"], [], ["ID-1"]),
    ],
)
def test_the_id_is_the_sources(ids, early, late, wanted):
    events = [*({"type": "response-metadata", "id": id_} for id_ in early), says("0")]
    events += [*({"type": "response-metadata", "id": id_} for id_ in late), says("1"), finish()]
    assert found(events, chunks_named(*ids)) == wanted


@pytest.mark.parametrize(
    ("models", "named", "asked", "wanted"),
    [
        (["asked"] * 3, None, "asked", []),
        (["other"] * 3, None, "asked", ["ID-6"]),
        (["other"] * 3, None, None, []),
        (["named"] * 3, "named", "asked", []),
        (["asked"] * 3, "named", "asked", ["ID-6"]),
        (["a", "b", "b"], None, None, ["ID-6"]),
    ],
)
def test_the_model_is_the_one_that_answered(models, named, asked, wanted):
    events = [{"type": "response-metadata", "modelId": named}, says("0"), says("1"), finish()]
    request = {"model": asked} if asked else {}
    chunks = chunks_named(*models, key="model")
    assert found(events, chunks, request=request) == wanted


def test_reasoning_that_begins_again_in_the_middle_of_a_block_is_found():
    events = [{"type": "reasoning-delta", "id": "r", "delta": delta} for delta in ("One. ", "Two.")]
    first = {"type": "thinking", **BASE, "delta": "One. ", "content": "One. "}
    again = {"type": "thinking", **BASE, "delta": "Two.", "content": "Two."}
    assert found([META, *events, finish()], [first, again, done()]) == ["THINK-2"]
    events[1]["id"] = "r2"
    assert found([META, *events, finish()], [first, again, done()]) == []


def test_reasoning_may_be_left_out_with_a_warning_only_for_tanstack():
    events = [META, {"type": "reasoning-delta", "id": "r", "delta": "Hm."}, says("Hi"), finish()]
    assert found(events, [text("Hi"), done()]) == ["THINK-4"]
    assert found(events, [text("Hi"), done()], profile="tanstack") == ["THINK-4"]


def test_events_may_come_as_json_text():
    events = ['{"type": "text-delta", "id": "t", "delta": "Hi"}', b'{"type": "finish", "finishReason": "interrupted"}']
    assert found(events, [text("Hi"), error("X")]) == []
