"""The source-aware oracle: how an answer may end, what it counts and how it is named beside its source."""

import pytest

from answers import BASE, COUNTED, META, USAGE, ZEROS, call, calls, done, error, finish, found, says, text


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
        (["asked"] * 3, None, "router/asked", []),
        (["maker/asked"] * 3, None, "router/maker/asked", []),
        (["asked"] * 3, None, "router/maker/asked", []),
        (["maker"] * 3, None, "router/maker/asked", ["ID-6"]),
        (["router"] * 3, None, "router/asked", ["ID-6"]),
        (["asked"] * 3, "named", "router/asked", ["ID-6"]),
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
