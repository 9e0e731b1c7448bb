"""What comes late, twice or beside the usual place is read all the same, and nothing of it is lost."""

import json

import pytest

from harness.errors import InputError
from harness.protocol.event_reading import reading_of_events
from harness.providers import counted_ids, decoded, read_request
from harness.providers.guess import guessed_wire

CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
MODEL = "@cf/openai/gpt-oss-120b"


def sse(*messages):
    return "".join(f"data: {json.dumps(message)}\n\n" for message in messages).encode() + b"data: [DONE]\n\n"


def chunk(delta=None, **more):
    choice = {"index": 0, **({} if delta is None else {"delta": delta})}
    beside = {key: more.pop(key) for key in ("finish_reason", "message") if key in more}
    return {"choices": [choice | beside], **more}


def read(wire, body):
    return decoded(wire, body, counted_ids("made"))


def chat(*chunks):
    return read("openai-chat", sse(*chunks))


def named(events):
    return [
        {key: event[key] for key in event if key != "type"} for event in events if event["type"] == "response-metadata"
    ]


def test_the_first_id_that_is_not_empty_is_told_late_as_it_may_come():
    events = chat(
        chunk({"content": "a"}, id="", model="m"), chunk({"content": "b"}, id="late", model="m"),
        chunk({"content": "c"}, id="later"), chunk(finish_reason="stop"),
    )  # fmt: skip
    assert named(events) == [{"modelId": "m"}, {"id": "late"}]
    assert reading_of_events(events).late_response_ids == ("late",)


def test_a_model_that_comes_with_the_late_id_is_told_with_it():
    events = chat(chunk({"content": "a"}), chunk({"content": "b"}, id="late", model="m"), chunk(finish_reason="stop"))
    assert named(events) == [{"id": "late", "modelId": "m"}]


def test_calls_and_words_of_a_last_message_that_no_delta_brought_are_read():
    whole = {"role": "assistant", "content": "Hello.", "tool_calls": [CALL]}
    reading = reading_of_events(chat(chunk({"content": "Hel"}), chunk(message=whole, finish_reason="tool_calls")))
    assert reading.text == "Hello."
    assert [(call.id, call.name, call.arguments) for call in reading.tool_calls] == [("c1", "f", '{"a":1}')]


@pytest.mark.parametrize("id_", ["c1", "", None])
def test_a_last_message_that_repeats_its_deltas_says_nothing_twice(id_):
    fragments = [{"index": 0, **CALL, "id": id_, "function": {"name": "f", "arguments": '{"a"'}}]
    more = [{"index": 0, "function": {"arguments": ":1}"}}]
    whole = {"content": "Hello.", "reasoning_content": "Hm.", "tool_calls": [CALL]}
    reading = reading_of_events(
        chat(
            chunk({"reasoning": "Hm."}),
            chunk({"content": "Hello."}),
            chunk({"tool_calls": fragments}),
            chunk({"tool_calls": more}),
            chunk(message=whole, finish_reason="tool_calls"),
        )
    )
    assert (reading.text, reading.reasoning) == ("Hello.", "Hm.")
    assert [(call.name, call.arguments) for call in reading.tool_calls] == [("f", '{"a":1}')]


def test_a_last_message_brings_the_second_call_and_the_arguments_of_the_first():
    begun = {"index": 0, "id": "c1", "function": {"name": "f"}}
    second = {"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{}"}}
    whole = {"tool_calls": [CALL, second]}
    reading = reading_of_events(chat(chunk({"tool_calls": [begun]}), chunk(message=whole, finish_reason="tool_calls")))
    assert [(call.id, call.name, call.arguments) for call in reading.tool_calls] == [
        ("c1", "f", '{"a":1}'),
        ("c2", "g", "{}"),
    ]


def test_words_that_differ_from_the_deltas_are_not_said_twice():
    reading = reading_of_events(chat(chunk({"content": "Hello. "}), chunk(message={"content": "Hello."})))
    assert reading.text == "Hello. "


def test_the_first_name_of_a_call_counts():
    first = {"index": 0, "id": "c1", "function": {"name": "f", "arguments": ""}}
    again = {"index": 0, "function": {"name": "g", "arguments": "{}"}}
    reading = reading_of_events(
        chat(chunk({"tool_calls": [first | {"id": "c1"}]}), chunk({"tool_calls": [again | {"id": "c1"}]}))
    )
    assert [call.name for call in reading.tool_calls] == ["f"]


@pytest.mark.parametrize(
    ("usage", "parts"),
    [
        ({"reasoning_tokens": 3, "cached_tokens": 2}, {"reasoningTokens": 3, "cachedInputTokens": 2}),
        ({"prompt_cache_hit_tokens": 2}, {"cachedInputTokens": 2}),
        (
            {"cached_tokens": 9, "prompt_tokens_details": {"cached_tokens": 2}},
            {"cachedInputTokens": 2},
        ),
    ],
)
def test_the_counts_of_parts_may_stand_beside_the_others(usage, parts):
    told = {"prompt_tokens": 10, "completion_tokens": 7, "total_tokens": 17}
    events = chat(chunk({"content": "a"}, usage=told | usage))
    assert events[-1]["usage"] == {"inputTokens": 10, "outputTokens": 7, "totalTokens": 17} | parts


RESPONSE = {
    "id": "resp_1", "object": "response", "status": "completed", "model": MODEL,
    "output": [
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi", "annotations": []}]}
    ],
    "usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
}  # fmt: skip


def test_a_response_in_the_result_of_cloudflare_is_read_as_a_response():
    body = json.dumps({"result": RESPONSE, "success": True, "errors": [], "messages": []}).encode()
    assert guessed_wire(body) == "cloudflare-run"
    assert read("cloudflare-run", body) == read("openai-responses", json.dumps(RESPONSE).encode())


def test_a_stream_of_responses_from_cloudflare_is_read_as_one():
    body = sse(
        {"type": "response.created", "response": {"id": "resp_1", "model": MODEL}},
        {"type": "response.output_text.delta", "item_id": "i", "output_index": 0, "content_index": 0, "delta": "Hi"},
        {"type": "response.completed", "response": RESPONSE},
    )
    events = read("cloudflare-run", body)
    assert events == read("openai-responses", body)
    assert reading_of_events(events).text == "Hi"


def test_a_request_to_gpt_oss_at_cloudflare_is_read_as_one_of_responses():
    body = json.dumps({"instructions": "Be brief.", "input": "Hi", "reasoning": {"effort": "low"}}).encode()
    asked = read_request("cloudflare-run", f"/ai/run/{MODEL}", [], body)
    assert (asked.model, [(turn.role, turn.parts[0].text) for turn in asked.turns], asked.extra) == (
        MODEL,
        [("system", "Be brief."), ("user", "Hi")],
        {"reasoning": {"effort": "low"}},
    )


@pytest.mark.parametrize(
    ("wire", "body"),
    [
        ("anthropic-messages", {"type": "message_start", "message": {"id": "msg_1"}}),
        ("google-generatecontent", {"responseId": "r_1", "candidates": []}),
        ("google-interactions", {"event_type": "interaction.start", "interaction": {"id": "i_1"}}),
        ("openai-responses", {"type": "response.created", "response": {"id": "resp_1"}}),
    ],
)
def test_a_model_that_nobody_names_is_no_member_of_the_metadata(wire, body):
    (metadata,) = named(read(wire, f"data: {json.dumps(body)}\n\n".encode()))
    assert metadata.keys() == {"id"}


def test_an_older_error_of_aws_is_known_and_read():
    body = b'{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"No."}'
    assert guessed_wire(body) == "bedrock-converse"
    assert read("bedrock-converse", body)[0]["error"] == {"message": "No.", "code": "AccessDeniedException"}


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_has_no_word_for_makes_a_message_unreadable(word):
    body = f'data: {{"choices":[{{"index":0,"delta":{{"content":"a"}},"logprobs":{word}}}]}}\n\n'.encode()
    (event,) = read("openai-chat", body)
    assert event["error"]["code"] == "INVALID_JSON"
    assert f"{word} is not JSON" in event["error"]["message"]


def test_a_number_of_ten_thousand_digits_is_told_without_pythons_own_words():
    (event,) = read("openai-chat", b'data: {"created":' + b"1" * 10_000 + b"}\n\n")
    assert "more digits than can be read" in event["error"]["message"]
    with pytest.raises(InputError) as raised:
        read_request("openai-chat", "/x", [], b'{"seed":' + b"1" * 10_000 + b"}")
    assert "sys." not in event["error"]["message"] + str(raised.value)
