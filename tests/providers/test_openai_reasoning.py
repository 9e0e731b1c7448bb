"""The encodings of reasoning in Chat Completions, and how it alternates with text."""

import pytest

from harness.protocol.event_reading import reading_of_events
from harness.providers.message import Mark, Message
from harness.providers.openai_chat import OpenAiChatDecoder


def decode(*deltas):
    decoder = OpenAiChatDecoder(lambda: "made")
    events = []
    for delta in deltas:
        events += decoder.feed(Message("", {"choices": [{"index": 0, "delta": delta}]}))
    return events + decoder.feed(Message("", Mark.DONE))


ENCODINGS = {
    "reasoning_content": lambda words: {"reasoning_content": words},
    "reasoning": lambda words: {"reasoning": words, "reasoning_content": None},
    "reasoning_text": lambda words: {"reasoning_text": words},
    "reasoning_details": lambda words: {"reasoning_details": [{"type": "reasoning.text", "text": words, "index": 0}]},
    "reasoning_details summary": lambda words: {"reasoning_details": [{"type": "reasoning.summary", "summary": words}]},
    "thinking_blocks": lambda words: {"thinking_blocks": [{"type": "thinking", "thinking": words, "signature": "s"}]},
    "content thinking": lambda words: {
        "content": [{"type": "thinking", "thinking": [{"type": "text", "text": words}], "closed": True}]
    },
    "content thinking as text": lambda words: {"content": [{"type": "thinking", "thinking": words}]},
    "content reasoning": lambda words: {
        "content": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": words}]}]
    },
}


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_each_encoding_of_reasoning_is_read(encoding):
    reading = reading_of_events(decode(encoding("Let me "), encoding("think."), {"content": "42"}))
    assert (reading.reasoning, reading.text) == ("Let me think.", "42")


def test_the_same_words_in_two_encodings_are_said_once():
    both = {"reasoning": "Hm.", "reasoning_details": [{"type": "reasoning.text", "text": "Hm."}]}
    assert reading_of_events(decode(both)).reasoning == "Hm."


def test_an_empty_encoding_does_not_hide_the_next_one():
    both = {
        "reasoning_content": "",
        "reasoning": None,
        "reasoning_details": [{"type": "reasoning.text", "text": "Hm."}],
    }
    assert reading_of_events(decode(both)).reasoning == "Hm."


def test_encrypted_reasoning_has_no_words():
    assert reading_of_events(decode({"reasoning_details": [{"type": "reasoning.encrypted", "data": "gAAA"}]})) == (
        reading_of_events(decode())
    )


def test_marks_of_a_chat_template_stay_content():
    reading = reading_of_events(decode({"content": "<think>a"}, {"content": "</think>b"}))
    assert (reading.text, reading.reasoning) == ("<think>a</think>b", "")


def test_reasoning_comes_before_the_content_of_the_same_delta():
    events = decode({"content": "42", "reasoning_content": "Hm."})
    assert [event["delta"] for event in events if "delta" in event] == ["Hm.", "42"]


def test_one_block_is_open_at_a_time_and_a_later_one_has_its_own_id():
    events = decode({"reasoning": "a"}, {"content": "b"}, {"reasoning": "c"}, {"content": "d"})
    assert [(event["type"], event["id"]) for event in events if event["type"].endswith(("start", "end"))] == [
        ("reasoning-start", "reasoning-0"),
        ("reasoning-end", "reasoning-0"),
        ("text-start", "text-0"),
        ("text-end", "text-0"),
        ("reasoning-start", "reasoning-1"),
        ("reasoning-end", "reasoning-1"),
        ("text-start", "text-1"),
        ("text-end", "text-1"),
    ]


def test_xais_heartbeat_is_said_once_in_a_row():
    beat = {"reasoning_content": "Thinking... "}
    assert reading_of_events(decode(beat, beat, beat, {"reasoning_content": "Rain."})).reasoning == "Thinking... Rain."


def test_words_that_a_model_repeats_are_kept():
    assert reading_of_events(decode({"reasoning": "ha "}, {"reasoning": "ha "})).reasoning == "ha ha "


@pytest.mark.parametrize("value", [7, True, [], [[]], [{}], {}, [None], {"text": 7}, [{"type": "reasoning.text"}]])
def test_reasoning_of_another_shape_is_no_words(value):
    assert [event["type"] for event in decode({"reasoning": value, "reasoning_details": value})] == ["finish"]
