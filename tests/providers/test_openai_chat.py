"""Chat Completions: text, metadata, usage, endings and errors, one named difference at a time."""

import pytest

from harness.protocol.event_reading import reading_of_events
from harness.protocol.reading import Failure, Usage
from harness.providers.message import Mark, Message
from harness.providers.openai_chat import OpenAiChatDecoder

DONE = Message("", Mark.DONE)


def decode(*messages, closed=True):
    numbers = iter(range(100))
    decoder = OpenAiChatDecoder(lambda: f"made_{next(numbers)}")
    events = []
    for message in messages:
        events += decoder.feed(message if isinstance(message, Message) else Message("", message))
    return events + decoder.close() if closed else events


def chunk(content=None, reason=None, index=0, **more):
    delta = {} if content is None else {"content": content}
    return {
        "id": "chatcmpl-1",
        "model": "m-1",
        "choices": [{"index": index, "delta": delta, "finish_reason": reason}],
        **more,
    }


def choice(**fields):
    return {"id": "chatcmpl-1", "model": "m-1", "choices": [{"index": 0, **fields}]}


def usage(prompt, completion, total):
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total}


def read(*messages):
    return reading_of_events(decode(*messages))


def kinds(events):
    return [event["type"] for event in events]


def test_an_answer_is_metadata_one_block_of_text_and_a_finish():
    events = decode(chunk("Hel"), chunk("lo"), chunk(reason="stop"), {"choices": [], "usage": usage(3, 2, 5)}, DONE)
    assert events == [
        {"type": "response-metadata", "id": "chatcmpl-1", "modelId": "m-1"},
        {"type": "text-start", "id": "text-0"},
        {"type": "text-delta", "id": "text-0", "delta": "Hel"},
        {"type": "text-delta", "id": "text-0", "delta": "lo"},
        {"type": "text-end", "id": "text-0"},
        {
            "type": "finish",
            "finishReason": "stop",
            "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5},
        },
    ]


# When an answer is complete


def test_a_finish_reason_completes_an_answer_without_a_done_mark():
    reading = read(chunk("Hi"), chunk(reason="stop"))
    assert (reading.text, reading.finish_reason, reading.ended) == ("Hi", "stop", "finished")


def test_a_done_mark_completes_an_answer_without_a_finish_reason():
    events = decode(chunk("Hi"), DONE, closed=False)
    assert events[-1] == {"type": "finish", "finishReason": "unknown", "usage": {}}


def test_an_answer_with_neither_is_cut_and_has_no_finish():
    assert kinds(decode(chunk("Hi"))) == ["response-metadata", "text-start", "text-delta"]


def test_a_cut_answer_still_tells_what_was_counted_with_each_chunk():
    reading = read(chunk("Hel", usage=usage(3, 1, 4)), chunk("lo", usage=usage(3, 2, 5)))
    assert (reading.ended, reading.text, reading.usage) == ("truncated", "Hello", Usage(3, 2, 5))


def test_the_finish_waits_for_what_follows_the_reason():
    assert "finish" not in kinds(decode(chunk("Hi"), chunk(reason="stop"), closed=False))


def test_text_after_the_finish_reason_still_counts():
    assert read(chunk("Hel", reason="stop"), chunk("lo"), DONE).text == "Hello"


def test_nothing_after_the_done_mark_is_read():
    assert kinds(decode(chunk("Hi", "stop"), DONE, chunk(" there"), {"error": "late"}))[-1] == "finish"
    assert read(chunk("Hi", "stop"), DONE, chunk(" there")).text == "Hi"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("model_length", "length"),
        ("content_filter", "content-filter"),
        ("tool_calls", "tool-calls"),
        ("function_call", "tool-calls"),
        ("error", "error"),
        ("insufficient_system_resource", "error"),
        ("max_tokens", "length"),
        ("MAX_TOKENS", "length"),
        ("end_turn", "stop"),
        ("SAFETY", "content-filter"),
        ("abracadabra", "unknown"),
    ],
)
def test_a_finish_word_is_one_of_v2(word, expected):
    assert decode(chunk("x", reason=word))[-1]["finishReason"] == expected


@pytest.mark.parametrize("nothing", [None, "", 7, {}, []])
def test_a_finish_reason_that_is_no_word_is_absent(nothing):
    assert decode(chunk("x", reason=nothing))[-1]["type"] == "text-delta"


def test_a_chunk_without_a_finish_reason_takes_none_back():
    assert decode(chunk(reason="length"), chunk("late"), DONE)[-1]["finishReason"] == "length"


def test_the_last_finish_reason_counts():
    assert decode(chunk(reason="stop"), chunk(reason="length"), DONE)[-1]["finishReason"] == "length"


# Metadata


def test_metadata_is_emitted_once_although_every_chunk_brings_another_id():
    other = chunk("b") | {"id": "chatcmpl-2"}
    assert kinds(decode(chunk("a"), other)).count("response-metadata") == 1


def test_azures_first_chunk_without_choices_and_with_empty_ids_says_nothing():
    first = {"id": "", "model": "", "object": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
    events = decode(first, chunk("Hi"))
    assert events[0] == {"type": "response-metadata", "id": "chatcmpl-1", "modelId": "m-1"}


def test_where_the_answer_begins_without_an_id_the_model_stands_alone():
    events = decode(chunk("a") | {"id": ""}, chunk("b") | {"id": ""})
    assert events[0] == {"type": "response-metadata", "modelId": "m-1"}
    assert kinds(events).count("response-metadata") == 1


def test_an_answer_without_a_model_has_its_id():
    events = decode({"id": "chatcmpl-1", "choices": [{"delta": {"content": "a"}}]})
    assert events[0] == {"type": "response-metadata", "id": "chatcmpl-1"}


def test_an_answer_without_id_and_model_has_no_metadata():
    assert kinds(decode({"choices": [{"delta": {"content": "a"}}]})) == ["text-start", "text-delta"]


# Choices


def test_only_the_choice_with_index_0_is_read():
    events = decode(chunk("one"), chunk("two", index=1), chunk(reason="length", index=1), chunk(reason="stop"), DONE)
    assert reading_of_events(events).text == "one"
    assert events[-1]["finishReason"] == "stop"


def test_of_several_choices_in_one_chunk_the_one_with_index_0_is_read():
    both = {"choices": [{"index": 1, "delta": {"content": "two"}}, {"index": 0, "delta": {"content": "one"}}]}
    assert read(both, DONE).text == "one"


@pytest.mark.parametrize("index", [{}, {"index": None}])
def test_a_choice_without_an_index_is_the_first(index):
    assert read({"choices": [{"delta": {"content": "a"}, **index}]}, DONE).text == "a"


@pytest.mark.parametrize("choices", [None, [], {}, "text", [None], [[]], [{"index": 0}], [{"delta": None}]])
def test_choices_that_hold_no_delta_say_nothing(choices):
    assert decode({"choices": choices}) == []


def test_a_chunk_without_choices_says_nothing():
    assert read(chunk("a"), {"id": "chatcmpl-1", "obfuscation": "x"}, chunk("b", "stop")).text == "ab"


@pytest.mark.parametrize("data", [None, 1, "text", [], [[]], {}, True])
def test_a_message_that_is_no_chunk_says_nothing(data):
    assert decode(data) == []


# Text


@pytest.mark.parametrize("content", [None, "", [], {}, 0, False])
def test_empty_content_makes_no_event(content):
    assert decode({"choices": [{"delta": {"role": "assistant", "content": content}}]}) == []


def test_content_may_be_an_array_of_parts():
    parts = ["a", {"type": "text", "text": "b"}, {"type": "image_url", "image_url": {"url": "x"}}, None, 3]
    assert read(chunk(parts), DONE).text == "ab"


def test_content_may_be_one_part():
    assert read(chunk({"type": "text", "text": "a"}), DONE).text == "a"


def test_content_nested_too_deeply_is_no_text():
    deep = "words"
    for _ in range(3000):
        deep = [deep]
    assert decode(chunk(deep)) == [{"type": "response-metadata", "id": "chatcmpl-1", "modelId": "m-1"}]


def test_a_refusal_is_text():
    reading = read(choice(delta={"refusal": "I'm "}), choice(delta={"refusal": "sorry."}), chunk(reason="stop"))
    assert (reading.text, reading.finish_reason) == ("I'm sorry.", "stop")


def test_the_transcript_of_an_audio_answer_is_text():
    spoken = [choice(delta={"content": None, "audio": {"transcript": words}}) for words in ("Sure", "!")]
    sound = choice(delta={"audio": {"data": "AAAA"}})
    assert read(*spoken, sound, chunk(reason="stop")).text == "Sure!"


def test_a_message_beside_deltas_only_repeats_them():
    growing = [
        choice(delta={"content": piece}, message={"role": "assistant", "content": whole})
        for piece, whole in [("Hel", "Hel"), ("lo", "Hello")]
    ]
    last = choice(delta={}, message={"role": "assistant", "content": "Hello"}, finish_reason="stop")
    assert read(*growing, last).text == "Hello"


def test_an_answer_that_was_not_streamed_is_read_from_its_message():
    body = choice(message={"role": "assistant", "content": "Hello"}, finish_reason="stop") | {"usage": usage(1, 2, 3)}
    reading = read(body)
    assert (reading.text, reading.ended, reading.usage) == ("Hello", "finished", Usage(1, 2, 3))


def test_messages_that_grow_without_deltas_say_only_what_is_new():
    growing = [choice(message={"content": whole}) for whole in ("He", "Hello", "Hello you")]
    events = decode(*growing, DONE)
    assert [event["delta"] for event in events if event["type"] == "text-delta"] == ["He", "llo", " you"]


def test_the_text_of_the_older_completions_is_read():
    assert read(choice(text="In the "), choice(text="beginning"), choice(delta={}, finish_reason="stop")).text == (
        "In the beginning"
    )


def test_text_beside_deltas_only_repeats_them():
    assert read(choice(text="#", delta={"content": "#"}), choice(text="#", delta={}), DONE).text == "#"


# What was counted


@pytest.mark.parametrize(
    "place",
    [
        lambda counts: {"choices": [], "usage": counts},
        lambda counts: chunk("x", usage=counts),
        lambda counts: choice(delta={}, usage=counts),
        lambda counts: chunk(reason="stop", x_groq={"id": "req", "usage": counts}),
    ],
    ids=["empty choices", "beside choices", "in the choice", "x_groq"],
)
def test_usage_may_stand_anywhere(place):
    assert read(chunk("a"), place(usage(3, 2, 6)), DONE).usage == Usage(3, 2, 6)


def test_of_a_usage_that_grows_with_every_chunk_the_last_counts():
    assert read(chunk("a", usage=usage(3, 1, 4)), chunk("b", usage=usage(3, 2, 5)), DONE).usage == Usage(3, 2, 5)


def test_a_null_usage_takes_nothing_back():
    assert read(chunk("a", usage=usage(3, 1, 4)), chunk("b", usage=None), DONE).usage == Usage(3, 1, 4)


def test_half_a_count_is_replaced_by_a_whole_one_and_never_replaces_it():
    half = {"prompt_tokens": 9, "completion_tokens": None, "total_tokens": None}
    assert read(chunk("a", usage=half), chunk("b", usage=usage(9, 2, 11)), DONE).usage == Usage(9, 2, 11)
    assert read(chunk("a", usage=usage(9, 2, 11)), chunk("b", usage=half), DONE).usage == Usage(9, 2, 11)


def test_half_a_count_is_better_than_none():
    half = {"prompt_tokens": 9, "completion_tokens": None}
    assert decode(chunk("a", usage=half), chunk("b", usage={"cost": 1}), DONE)[-1]["usage"] == {"inputTokens": 9}


def test_details_are_carried_and_a_missing_total_is_not_invented():
    counts = {
        "prompt_tokens": 10,
        "completion_tokens": 4,
        "prompt_tokens_details": {"cached_tokens": 8},
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    assert decode(chunk("a", usage=counts), DONE)[-1]["usage"] == {
        "inputTokens": 10,
        "outputTokens": 4,
        "reasoningTokens": 3,
        "cachedInputTokens": 8,
    }


@pytest.mark.parametrize("counts", [[], "7", 7, {"prompt_tokens": "7"}, {"prompt_tokens": True}, {"cost": 1}])
def test_what_counts_nothing_is_no_usage(counts):
    assert decode(chunk("a", usage=counts), DONE)[-1]["usage"] == {}


# Sources


def test_perplexitys_results_are_sources_once_although_every_chunk_repeats_them():
    cited = {"citations": ["https://a.example", "https://b.example"]}
    titled = {"search_results": [{"title": "A", "url": "https://a.example", "date": None}]}
    events = decode(chunk("x", **titled, **cited), chunk("y", **titled, **cited), chunk("z", **cited))
    assert [event for event in events if event["type"] == "source"] == [
        {"type": "source", "sourceType": "url", "id": "made_0", "url": "https://a.example", "title": "A"},
        {"type": "source", "sourceType": "url", "id": "made_1", "url": "https://b.example"},
    ]


@pytest.mark.parametrize("nested", [True, False])
def test_annotations_are_sources_nested_or_flat(nested):
    inner = {"url": "https://a.example", "title": "A"}
    annotation = {"type": "url_citation"} | ({"url_citation": inner} if nested else inner)
    events = decode(choice(delta={"annotations": [annotation, None, {}, {"url": 3}, annotation]}))
    assert events[-1] == {
        "type": "source",
        "sourceType": "url",
        "id": "made_0",
        "url": "https://a.example",
        "title": "A",
    }
    assert kinds(events) == ["response-metadata", "source"]


# How an answer fails


@pytest.mark.parametrize(
    ("data", "failure"),
    [
        ({"error": {"message": "boom", "code": "x"}}, Failure("boom", "x")),
        ({"error": "boom"}, Failure("boom")),
        ({"error": {"message": "boom", "code": 400}, "choices": []}, Failure("boom", "400")),
        (chunk("") | {"error": {"message": "boom", "code": 502}}, Failure("boom", "502")),
        (choice(delta={}, error={"message": "boom", "code": 429}, finish_reason="error"), Failure("boom", "429")),
        ({"object": "error", "message": "boom", "code": "1000"}, Failure("boom", "1000")),
        ({"object": "error"}, Failure("the provider reported an error without a message")),
        ({"message": "boom", "type": "server_error"}, Failure("boom", "server_error")),
        ({"code": 404, "message": "boom"}, Failure("boom", "404")),
        ({"detail": "boom"}, Failure("boom")),
        ({"detail": [{"msg": "one"}, {"msg": "two"}]}, Failure("one; two")),
        ({"detail": {"message": "boom", "code": "y"}}, Failure("boom", "y")),
        ({"errors": [{"code": 7, "message": "boom"}], "success": False}, Failure("boom", "7")),
        ({"errors": [7]}, Failure("the provider reported an error without a message")),
        ({"choices": None, "base_resp": {"status_code": 1004, "status_msg": "boom"}}, Failure("boom", "1004")),
        (
            {"base_resp": {"status_code": 1004}},
            Failure("the provider reported an error without a message", "1004"),
        ),
        ([{"error": {"message": "boom", "code": 400}}], Failure("boom", "400")),
        (Message("error", {"error": {"message": "boom", "type": "t"}}), Failure("boom", "t")),
        (Message("error", {"message": "boom"}), Failure("boom")),
        (Message("error", "boom"), Failure("boom")),
        (Message("error", None), Failure("the provider reported an error without a message")),
    ],
)
def test_an_error_in_any_shape_is_one_event_and_the_end(data, failure):
    events = decode(chunk("Hi"), data, chunk(" there", "stop"), DONE)
    assert kinds(events) == ["response-metadata", "text-start", "text-delta", "error"]
    assert reading_of_events(events).error == failure


def test_groqs_rejected_generation_travels_with_its_error():
    payload = {"message": "validation failed", "code": "tool_use_failed", "failed_generation": '{"name": "f"}'}
    assert decode(Message("error", {"error": payload})) == [{"type": "error", "error": payload}]


@pytest.mark.parametrize("nothing", [None, False, True, "", {}, 0])
def test_an_error_member_that_holds_nothing_is_no_error(nothing):
    assert read(chunk("Hi", "stop") | {"error": nothing}).ended == "finished"
    assert read(choice(delta={"content": "Hi"}, error=nothing, finish_reason="stop")).ended == "finished"


def test_a_reply_of_minimax_that_says_all_is_well_is_no_error():
    well = chunk("Hi", "stop") | {"base_resp": {"status_code": 0, "status_msg": ""}}
    assert read(well, {"choices": None, "base_resp": {"status_code": 0}}).ended == "finished"
