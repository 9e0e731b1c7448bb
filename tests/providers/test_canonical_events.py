"""Events of every version reach the encoders in one form."""

import pytest

from harness.errors import InputError
from harness.providers.encoding.canonical import Canonical
from harness.stage import drained
from parts import USAGE, call, end, error, finish, metadata, part, result, start, text


def canonical(*events):
    return drained(Canonical(), *events)


def test_a_block_gets_the_start_and_the_end_that_it_lacks():
    assert canonical(text("A"), text(""), text("B"), finish()) == [
        {"type": "text-start", "id": "t"},
        text("A"),
        text("B"),
        {"type": "text-end", "id": "t"},
        {"type": "finish", "finishReason": "stop", "raw": "stop", "usage": USAGE},
    ]


def test_a_start_waits_for_its_first_words_and_keeps_its_metadata():
    begun = {"type": "reasoning-start", "id": "r", "providerMetadata": {"anthropic": {"redactedData": "x"}}}
    ended = {"type": "reasoning-end", "id": "r"}
    assert canonical(begun, metadata("late")) == [metadata("late")]
    assert canonical(begun, ended) == [begun, ended]


def test_a_call_without_start_and_deltas_gets_both():
    assert canonical(call('{"a":1}')) == [start(), part('{"a":1}'), end(), call('{"a":1}')]


def test_the_end_of_an_input_stands_before_its_call_and_the_rest_is_made_up():
    assert canonical(start(), part('{"a"'), end(), call('{"a":1}')) == [
        start(), part('{"a"'), part(":1}"), end(), call('{"a":1}'),
    ]  # fmt: skip


def test_an_input_that_only_looks_otherwise_is_the_text_that_was_streamed():
    assert canonical(start(), part('{"a": 1.0}'), call('{"a":1.0}'))[-1] == call('{"a": 1.0}')


@pytest.mark.parametrize("given", ["", "  ", None])
def test_a_blank_input_is_an_empty_object(given):
    assert canonical(call(given))[-1] == call("{}")


def test_a_call_that_is_told_twice_is_told_once():
    assert canonical(call('{"a":1}'), call('{"a": 1}'), start()) == canonical(call('{"a":1}'))


def test_a_result_without_its_flag_is_the_provider_s_where_the_call_was():
    told = canonical(call("{}", providerExecuted=True), {"type": "tool-result", "toolCallId": "call_1", "result": [1]})
    assert told[-1] == result([1], providerExecuted=True)


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        (USAGE, USAGE),
        ({"inputTokens": 3}, {"inputTokens": 3, "outputTokens": 0, "totalTokens": 3}),
        ({"prompt_tokens": 3, "completion_tokens": 4}, USAGE),
        (
            {"inputTokens": {"total": 3, "cacheRead": 2}, "outputTokens": {"total": 4, "reasoning": 1}},
            {**USAGE, "reasoningTokens": 1, "cachedInputTokens": 2},
        ),
        ({**USAGE, "reasoningTokens": 1, "cachedInputTokens": None}, {**USAGE, "reasoningTokens": 1}),
        ({"inputTokens": float("nan")}, {}),
        ({}, {}),
        (None, {}),
        ("many", {}),
    ],
)
def test_usage_is_flat_and_holds_only_what_was_counted(usage, counted):
    assert canonical(finish(usage=usage))[-1]["usage"] == counted


@pytest.mark.parametrize(
    ("given", "word", "raw"),
    [
        ("stop", "stop", "stop"),
        ("end_turn", "stop", "end_turn"),
        ({"unified": "tool-calls", "raw": "tool_use"}, "tool-calls", "tool_use"),
        ({"unified": "content-filter"}, "content-filter", ""),
        ("max_tokens", "length", "max_tokens"),
        ("other", "other", "other"),
        ("interrupted", "unknown", "interrupted"),
        (None, "unknown", ""),
        ({"unified": "error", "raw": None}, "error", ""),
    ],
)
def test_a_finish_reason_is_one_word_of_v2_beside_the_provider_s_own(given, word, raw):
    assert canonical(finish(given))[-1] == {"type": "finish", "finishReason": word, "raw": raw, "usage": USAGE}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("boom", {"message": "boom"}),
        ({"error": {"message": "boom", "code": 503}}, {"message": "boom", "code": "503"}),
        ({"type": "overloaded_error", "message": "boom"}, {"message": "boom", "code": "overloaded_error"}),
    ],
)
def test_an_error_is_a_message_and_a_code(given, told):
    assert canonical(error(given)) == [error(told)]
    assert canonical({"$throw": given}) == [error(told)]


def test_nothing_follows_the_end_and_nobody_is_told_of_what_nobody_sends():
    silent = [{"type": kind} for kind in ("stream-start", "raw", "ping", "custom", "brand-new")]
    assert canonical(*silent, metadata("", None), finish(), text("late"), error("late")) == canonical(finish())
    assert canonical("not JSON", text("late")) == [error({"message": "the model's stream gave text that is not JSON"})]


def test_a_file_is_base64_whatever_form_it_came_in():
    for data in (b"hi", "aGk=", {"type": "data", "data": b"hi"}):
        assert canonical({"type": "file", "mediaType": "a/b", "data": data}) == [
            {"type": "file", "mediaType": "a/b", "data": "aGk="}
        ]


def test_a_source_keeps_its_texts_only():
    assert canonical({"type": "source", "sourceType": "url", "url": "u", "title": None, "id": 7}) == [
        {"type": "source", "sourceType": "url", "url": "u"}
    ]


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([call(name="")], "needs an id and a tool's name"),
        ([start(id_="call_1", name="")], "needs an id and a tool's name"),
        ([start(), part("{"), start()], "starts anew"),
        ([call('{"a":1}'), call('{"a":2}')], "told twice and differs"),
        ([start(), part('{"a":1}'), call('{"a":2}')], "another than its deltas come to"),
        ([start(), call("{}", name="other")], "of another tool"),
        ([start(), part({"a": 1})], "is no text"),
        ([call("{}"), result("done")], "nobody sends the result of 'call_1'"),
        ([result("done", providerExecuted=True)], "nobody sends the result of 'call_1'"),
        ([call("{}", providerExecuted=True), result(float("nan"))], "not JSON"),
        ([call("{}", providerExecuted=True), result(b"x")], "not JSON"),
        ([{"type": "file", "mediaType": "a/b", "data": {"type": "url", "url": "u"}}], "a file without its data"),
    ],
)
def test_what_no_provider_can_say_is_an_input_error(events, words):
    with pytest.raises(InputError, match=words):
        canonical(*events)
