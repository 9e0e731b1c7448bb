import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.event_reading import reading_of_events
from harness.protocol.reading import Usage
from harness.providers import counted_ids, decode, decoded

BOTH = ("ollama-chat", "ollama-generate")
both = pytest.mark.parametrize("wire", BOTH)
NAMED = {"model": "qwen3:8b", "created_at": "2026-05-04T22:48:15.551388Z"}
METADATA = {"type": "response-metadata", "modelId": "qwen3:8b"}
COUNTS = {"prompt_eval_count": 41, "prompt_eval_duration": 1, "eval_count": 8, "eval_duration": 2, "total_duration": 9}


def lines(*messages):
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


def line(wire, content="", *, done=False, thinking=None, calls=None, **more):
    beside = {key: value for key, value in (("thinking", thinking), ("tool_calls", calls)) if value is not None}
    if wire == "ollama-chat":
        return NAMED | {"message": {"role": "assistant", "content": content} | beside, "done": done} | more
    return NAMED | {"response": content} | beside | {"done": done} | more


def events_of(wire, *messages):
    return decoded(wire, lines(*messages), counted_ids("made"))


def chat(*messages):
    return events_of("ollama-chat", *messages)


def call(name="weather", arguments=None, **more):
    return {"function": {"name": name, "arguments": {"city": "Paris"} if arguments is None else arguments}, **more}


def called(id_, arguments='{"city":"Paris"}', name="weather"):
    return [
        {"type": "tool-input-start", "id": id_, "toolName": name},
        {"type": "tool-input-delta", "id": id_, "delta": arguments},
        {"type": "tool-input-end", "id": id_},
        {"type": "tool-call", "toolCallId": id_, "toolName": name, "input": arguments},
    ]


@both
def test_thoughts_and_text(wire):
    assert events_of(
        wire, line(wire, thinking="Hm"), line(wire, thinking="."), line(wire, "Hel"), line(wire, "lo"),
        line(wire, done=True, done_reason="stop", **COUNTS),
    ) == [
        METADATA,
        {"type": "reasoning-start", "id": "reasoning-0"},
        {"type": "reasoning-delta", "id": "reasoning-0", "delta": "Hm"},
        {"type": "reasoning-delta", "id": "reasoning-0", "delta": "."},
        {"type": "reasoning-end", "id": "reasoning-0"},
        {"type": "text-start", "id": "text-0"},
        {"type": "text-delta", "id": "text-0", "delta": "Hel"},
        {"type": "text-delta", "id": "text-0", "delta": "lo"},
        {"type": "text-end", "id": "text-0"},
        {"type": "finish", "finishReason": "stop", "usage": {"inputTokens": 41, "outputTokens": 8}},
    ]  # fmt: skip


def test_calls_in_one_line_and_in_several_each_have_an_id_of_their_own():
    assert chat(
        line("ollama-chat", calls=[call(), call()]),
        line("ollama-chat", calls=[call(index=1)]),
        line("ollama-chat", done=True, done_reason="stop"),
    ) == [
        METADATA, *called("made_0"), *called("made_1"), *called("made_2"),
        {"type": "finish", "finishReason": "stop", "usage": {}},
    ]  # fmt: skip


def test_the_servers_own_ids_are_kept():
    events = chat(line("ollama-chat", calls=[call(id="call_lyywui55"), call(id="")]))
    assert events == [METADATA, *called("call_lyywui55"), *called("made_0")]


def test_a_call_ends_the_text_before_it_and_text_may_follow():
    events = chat(line("ollama-chat", "See:", calls=[call()]), line("ollama-chat", "And."))
    assert [event["type"] for event in events] == [
        "response-metadata", "text-start", "text-delta", "text-end", "tool-input-start", "tool-input-delta",
        "tool-input-end", "tool-call", "text-start", "text-delta",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('{"a": 1.0, "b": 12345678901234567890, "c": "é<"}', '{"a":1.0,"b":12345678901234567890,"c":"é<"}'),
        ("{}", "{}"),
        ('"{\\"a\\": 1}"', '{"a": 1}'),
        ("[1]", "[1]"),
    ],
)
def test_arguments_keep_the_letters_of_their_numbers_and_text_is_not_encoded_twice(arguments, text):
    body = f'{{"message":{{"tool_calls":[{{"function":{{"name":"f","arguments":{arguments}}}}}]}}}}'.encode()
    assert decoded("ollama-chat", body, counted_ids("made")) == called("made_0", text, "f")


@pytest.mark.parametrize("function", [{"name": "f"}, {"name": "f", "arguments": None}, {"name": "f", "arguments": ""}])
def test_a_call_without_arguments_is_given_none(function):
    events = chat(line("ollama-chat", calls=[{"function": function}]))
    assert events[-1]["input"] == ""
    assert reading_of_events(events).tool_calls[0].arguments == "{}"


def test_a_call_without_a_name_is_an_error_where_it_has_arguments_and_else_nothing():
    (_, error) = chat(line("ollama-chat", calls=[call(name="")]), line("ollama-chat", "never"))
    assert error == {"type": "error", "error": {"message": "the provider sent a tool call without a name"}}
    assert chat(line("ollama-chat", calls=[{}, {"function": {"name": ""}}, None, 7])) == [METADATA]


@both
@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"done_reason": "stop"}, "stop"), ({"done_reason": "length"}, "length"),
        ({"done_reason": "load"}, "unknown"), ({"done_reason": "unload"}, "unknown"), ({}, "unknown"),
        ({"done_reason": None}, "unknown"), ({"done_reason": 7}, "unknown"),
    ],
)  # fmt: skip
def test_the_reason_is_the_servers_own(wire, more, reason):
    (_, finish) = events_of(wire, line(wire, done=True, **more))
    assert finish == {"type": "finish", "finishReason": reason, "usage": {}}


@both
@pytest.mark.parametrize(
    ("counts", "usage", "read_as"),
    [
        (COUNTS, {"inputTokens": 41, "outputTokens": 8}, Usage(41, 8, 49)),
        ({"eval_count": 8}, {"outputTokens": 8}, Usage(0, 8, 8)),
        ({"prompt_eval_count": None, "eval_count": None}, {}, None),
        ({"prompt_eval_count": "41", "eval_count": True}, {}, None),
    ],
)
def test_tokens_are_those_that_were_counted(wire, counts, usage, read_as):
    events = events_of(wire, line(wire, done=True, **counts))
    assert events[-1]["usage"] == usage
    assert reading_of_events(events).usage == read_as


@both
def test_the_last_line_may_still_speak_and_nothing_is_read_behind_it(wire):
    last = line(wire, "end", done=True, done_reason="stop", thinking="hm")
    reading = reading_of_events(events_of(wire, last, line(wire, "never")))
    assert (reading.text, reading.reasoning, reading.ended) == ("end", "hm", "finished")


@both
def test_an_answer_that_was_not_streamed_is_one_line_however_it_is_laid_out(wire):
    whole = line(wire, "Hello", done=True, done_reason="stop", **COUNTS)
    laid_out = decoded(wire, json.dumps(whole, indent=2).encode(), counted_ids("made"))
    assert laid_out == events_of(wire, whole)
    assert [event["type"] for event in laid_out] == [
        "response-metadata", "text-start", "text-delta", "text-end", "finish",
    ]  # fmt: skip


@both
def test_a_last_line_without_a_newline_counts_and_a_cut_one_does_not(wire):
    body = lines(line(wire, "Hello"), line(wire, done=True, done_reason="stop"))
    assert decoded(wire, body[:-1], counted_ids("made")) == decoded(wire, body, counted_ids("made"))
    cut = decoded(wire, body[:-2], counted_ids("made"))
    assert [event["type"] for event in cut] == ["response-metadata", "text-start", "text-delta"]
    assert reading_of_events(cut).ended == "truncated"


@both
def test_without_done_there_is_no_finish(wire):
    assert reading_of_events(events_of(wire, line(wire, "Hello"))).ended == "truncated"


@both
@pytest.mark.parametrize("error", ["model runner has unexpectedly stopped", {"message": "it stopped", "code": 500}])
def test_an_error_in_the_stream_ends_it(wire, error):
    events = events_of(wire, line(wire, "Hello"), {"error": error}, line(wire, done=True, done_reason="stop"))
    assert events[-1] == {"type": "error", "error": error}
    assert reading_of_events(events).text == "Hello"


@both
def test_what_other_lines_may_hold_is_passed_over(wire):
    more = {"logprobs": [{"token": "H"}], "remote_model": "x", "context": [1, 2], "images": ["iVBO"]}
    assert events_of(wire, line(wire, "H", **more)) == events_of(wire, line(wire, "H"))


@both
def test_servers_that_say_null_for_nothing_say_nothing(wire):
    silent = line(wire, None, thinking=None, calls=None, done_reason=None, eval_count=None)
    assert events_of(wire, silent) == [METADATA]


WORDS = st.sampled_from(["", "a", "é", "\ud83d", "\ude00", "\n", "<think>"])
CALLS = st.lists(st.sampled_from([call(), call("clock", {}), call(id="c"), {}, None, {"function": 7}]), max_size=3)
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)
LINES = st.builds(
    lambda wire_line, odd: wire_line | odd,
    st.builds(
        lambda words, thought, calls: line("ollama-chat", words, thinking=thought, calls=calls), WORDS, WORDS, CALLS
    ),
    st.dictionaries(
        st.sampled_from(["done", "message", "model", "eval_count", "done_reason", "response", "error"]), VALUES
    ),
)


@given(messages=st.lists(LINES, max_size=6), cut=st.integers(1, 40), newline=st.booleans())
def test_lines_of_any_shape_give_the_same_events_however_they_are_cut(messages, cut, newline):
    body = lines(*messages)[: None if newline else -1]
    for wire in BOTH:
        stage = decode(wire, counted_ids("made"))
        events = [event for start in range(0, len(body), cut) for event in stage.feed(body[start : start + cut])]
        events += stage.close()
        assert events == decoded(wire, body, counted_ids("made"))
        reading_of_events(events)
