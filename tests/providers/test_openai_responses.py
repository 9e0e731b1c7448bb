"""The Responses API: items of text, of reasoning and of the client's calls, and the named differences of providers."""

import json

import pytest

from harness.protocol.event_reading import reading_of_events
from responses import (
    CREATED,
    PARIS,
    WHOLE,
    added,
    arguments,
    call,
    completed,
    decode,
    done,
    kinds,
    part,
    read,
    say,
    text,
)


def test_an_answer_is_metadata_one_block_of_text_and_a_finish():
    events = decode(
        CREATED,
        say("in_progress", response=CREATED["response"]),
        added(0, type="message", id="msg_0"),
        say("content_part.added", output_index=0, part=part("")),
        text("Hel"),
        text("lo"),
        say("output_text.done", output_index=0, content_index=0, text="Hello"),
        say("content_part.done", output_index=0, part=part("Hello")),
        done(0, type="message", id="msg_0", content=[part("Hello")]),
        completed(usage={"input_tokens": 3, "output_tokens": 2, "total_tokens": 6}),
    )
    assert events == [
        {"type": "response-metadata", "id": "resp_1", "modelId": "m-1"},
        {"type": "text-start", "id": "msg_0"},
        {"type": "text-delta", "id": "msg_0", "delta": "Hel"},
        {"type": "text-delta", "id": "msg_0", "delta": "lo"},
        {"type": "text-end", "id": "msg_0"},
        {
            "type": "finish",
            "finishReason": "stop",
            "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 6},
        },
    ]


# Text


def test_a_refusal_without_deltas_is_text():
    assert read(say("refusal.done", output_index=0, item_id="msg_0", refusal="No."), completed()).text == "No."


def test_two_messages_are_two_blocks():
    events = decode(
        text("a"), done(0, type="message", id="msg_0"), text("b", 1), done(1, type="message", id="msg_1"), completed()
    )
    assert [event["id"] for event in events if event["type"] == "text-start"] == ["msg_0", "msg_1"]


def test_a_refusal_is_text():
    refusal = say("refusal.delta", output_index=0, item_id="msg_0", delta="I'm sorry.")
    whole = say("refusal.done", output_index=0, item_id="msg_0", refusal="I'm sorry.")
    reading = read(refusal, whole, completed())
    assert (reading.text, reading.finish_reason) == ("I'm sorry.", "stop")


def test_a_part_without_deltas_is_read_from_its_end():
    second = say("output_text.done", output_index=0, content_index=1, text="lo")
    assert read(added(0, type="message", id="msg_0"), text("Hel"), second, second, completed()).text == "Hello"


def test_a_message_that_comes_whole_is_read():
    content = [part("Hel"), {"type": "refusal", "refusal": "lo"}, None, {"type": "output_text"}]
    assert read(done(0, type="message", id="msg_0", content=content), completed()).text == "Hello"


def test_item_ids_that_change_with_every_message_name_one_item():
    deltas = [text(words) | {"item_id": f"changing_{words}"} for words in ("a", "b", "c")]
    last = done(0, type="message", id="changed", content=[part("abc")])
    events = decode(added(0, type="message", id="first"), *deltas, last, completed())
    assert {event["id"] for event in events if event["type"].startswith("text")} == {"first"}
    assert reading_of_events(events).text == "abc"


def test_messages_that_name_no_item_belong_to_the_last():
    events = decode(say("output_text.delta", delta="Hel"), say("output_text.delta", delta="lo"), completed())
    assert kinds(events) == ["text-start", "text-delta", "text-delta", "text-end", "finish"]


def test_an_item_id_counts_before_a_place_that_is_always_the_same():
    items = [added(0, type="message", id=id_) for id_ in ("a", "b")]
    deltas = [text(id_) | {"item_id": id_} for id_ in ("a", "b", "a")]
    events = decode(*items, *deltas, completed())
    assert [event["id"] for event in events if event["type"] == "text-delta"] == ["a", "b", "a"]


def test_an_item_id_without_a_place_names_its_own_item():
    deltas = [say("output_text.delta", item_id=id_, delta=id_) for id_ in ("a", "b", "a")]
    events = decode(*deltas, completed())
    assert [event["id"] for event in events if event["type"] == "text-delta"] == ["a", "b", "a"]


def test_whole_items_that_name_nothing_are_items_of_their_own():
    whole = [say("output_item.done", item={"type": "message", "content": [part(words)]}) for words in ("a", "b")]
    assert read(*whole, completed()).text == "ab"


# Reasoning


def test_each_part_of_a_summary_is_a_block():
    parts = [
        say("reasoning_summary_text.delta", item_id="rs", output_index=0, summary_index=place, delta=words)
        for place, words in [(0, "a"), (0, "b"), (1, "c")]
    ]
    whole = say("reasoning_summary_text.done", item_id="rs", output_index=0, summary_index=1, text="c")
    events = decode(added(0, type="reasoning", id="rs"), *parts, whole, done(0, type="reasoning", id="rs"), completed())
    assert [(event["type"], event["id"]) for event in events if event["type"].endswith(("start", "end"))] == [
        ("reasoning-start", "rs:0"),
        ("reasoning-start", "rs:1"),
        ("reasoning-end", "rs:0"),
        ("reasoning-end", "rs:1"),
    ]
    assert reading_of_events(events).reasoning == "abc"


def test_the_thoughts_of_open_models_are_reasoning():
    delta = say("reasoning_text.delta", item_id="rs", output_index=0, content_index=0, delta="Hm.")
    content = [{"type": "reasoning_text", "text": "Hm."}]
    assert read(delta, done(0, type="reasoning", id="rs", summary=[], content=content), completed()).reasoning == "Hm."


@pytest.mark.parametrize("key", ["summary", "content"])
def test_reasoning_that_comes_whole_is_read(key):
    item = {"type": "reasoning", "id": "rs", key: [{"text": "Hm."}]}
    assert read(say("output_item.done", output_index=0, item=item), completed()).reasoning == "Hm."


def test_an_encrypted_item_has_no_reasoning():
    item = {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "gAAA"}
    assert kinds(decode(added(0, **item), done(0, **item), completed())) == ["finish"]


# Calls of the client's tools


def test_a_call_takes_its_arguments_from_the_finished_item():
    events = decode(
        added(0, **call(arguments="")),
        arguments('{"city": '),
        arguments('"Paris"}'),
        say("function_call_arguments.done", output_index=0, item_id="fc_0", arguments=PARIS),
        done(0, **call(arguments=PARIS, status="completed")),
        completed(),
    )
    assert events == [
        {"type": "tool-input-start", "id": "call_0", "toolName": "weather"},
        {"type": "tool-input-delta", "id": "call_0", "delta": '{"city": '},
        {"type": "tool-input-delta", "id": "call_0", "delta": '"Paris"}'},
        {"type": "tool-input-end", "id": "call_0"},
        {"type": "tool-call", "toolCallId": "call_0", "toolName": "weather", "input": PARIS},
        {"type": "finish", "finishReason": "tool-calls", "usage": {}},
    ]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([done(0, **call(arguments=PARIS))], PARIS),
        ([added(0, **call()), done(0, **call(arguments={"city": "Paris"}))], '{"city":"Paris"}'),
        ([added(0, **call()), WHOLE, done(0, **call())], PARIS),
        ([added(0, **call()), arguments(PARIS), done(0, **call(arguments=None))], PARIS),
        ([added(0, **call()), arguments(PARIS)], PARIS),
        ([added(0, **call()), done(0, **call(arguments=""))], ""),
    ],
    ids=["item whole", "object", "arguments.done", "deltas only", "no end of the item", "none"],
)  # fmt: skip
def test_arguments_are_found_wherever_they_stand(messages, expected):
    found = [event for event in decode(*messages, completed()) if event["type"] == "tool-call"]
    assert [event["input"] for event in found] == [expected]


def test_a_name_that_comes_with_the_end_keeps_the_deltas():
    events = decode(added(0, **call(name="")), arguments(PARIS), done(0, **call(arguments=PARIS)), completed())
    assert events[:2] == [
        {"type": "tool-input-start", "id": "call_0", "toolName": "weather"},
        {"type": "tool-input-delta", "id": "call_0", "delta": PARIS},
    ]
    assert reading_of_events(events).tool_calls[0].arguments == PARIS


def test_an_empty_fragment_and_one_after_the_end_of_the_item_say_nothing():
    events = decode(
        added(0, **call()), arguments(""), arguments(None), done(0, **call()), arguments("late"), completed()
    )
    assert kinds(events) == ["tool-input-start", "tool-input-end", "tool-call", "finish"]


def test_a_call_without_call_id_takes_the_items_id_or_one_that_is_made():
    events = decode(done(0, **call(call_id=None)), done(1, **call(1, call_id="", id=None)), completed())
    assert [event["toolCallId"] for event in events if event["type"] == "tool-call"] == ["fc_0", "made_0"]


def test_parallel_calls_may_interleave():
    events = decode(
        added(0, **call(0)), added(1, **call(1)), arguments('{"city": ', 0), arguments("{}", 1),
        arguments('"Paris"}', 0), done(1, **call(1)), done(0, **call(0)), completed(),
    )  # fmt: skip
    assert [(c.id, c.arguments) for c in reading_of_events(events).tool_calls] == [("call_0", PARIS), ("call_1", "{}")]


def test_an_item_that_ends_twice_is_one_call():
    assert kinds(decode(done(0, **call()), done(0, **call()), completed())).count("tool-call") == 1


def test_a_call_that_the_token_limit_cut_is_no_call():
    cut = call(arguments='{"city": "Pa', status="incomplete")
    details = {"incomplete_details": {"reason": "max_output_tokens"}}
    reading = read(added(0, **call()), done(0, **cut), say("incomplete", response={"status": "incomplete"} | details))
    assert (reading.tool_calls, reading.dropped, reading.finish_reason) == ((), ("call_0",), "length")


def test_a_call_still_arriving_at_the_token_limit_is_no_call():
    limit = say("incomplete", response={"incomplete_details": {"reason": "max_output_tokens"}})
    assert "tool-call" not in kinds(decode(added(0, **call()), arguments(PARIS), limit))


def test_the_text_of_a_custom_tool_travels_as_a_json_string():
    item = {"type": "custom_tool_call", "id": "ct", "call_id": "c", "name": "sql"}
    delta = say("custom_tool_call_input.delta", item_id="ct", output_index=0, delta='SELECT "x"')
    events = decode(added(0, **item), delta, done(0, **item, input='SELECT "x"'), completed())
    assert events[1] == {"type": "tool-input-delta", "id": "c", "delta": 'SELECT "x"'}
    assert events[3]["input"] == json.dumps('SELECT "x"')
    assert events[-1]["finishReason"] == "tool-calls"
