import json

import pytest

from harness.protocol.event_reading import reading_of_events
from harness.protocol.reading import Failure, ToolCall, Usage
from harness.providers import counted_ids, decoded

USAGE = {"prompt_tokens": 325, "completion_tokens": 18, "total_tokens": 343}
FRAGMENTS = (
    {"response": "", "tool_calls": [], "p": "abd"},
    {"tool_calls": [{"id": "c1", "type": "function", "index": 0, "function": {"name": "square_root"}}], "p": "abd"},
    {"tool_calls": [{"index": 0, "function": {"arguments": '{"number": 132'}}], "p": "abd"},
    {"tool_calls": [{"index": 0, "function": {"arguments": "413}"}}], "p": "ab"},
    {"tool_calls": [{"index": 0, "function": {"arguments": ""}}], "p": "a"},
    {"tool_calls": [{"id": None, "type": None, "index": 0, "function": {"name": None, "arguments": ""}}]},
    {"response": "", "usage": USAGE},
)


def events_of(body):
    return decoded("cloudflare-run", body, counted_ids("made"))


def sse(*messages, done=True):
    body = "".join(f"data: {json.dumps(message)}\n\n" for message in messages).encode()
    return body + (b"data: [DONE]\n\n" if done else b"")


def read(*messages, done=True):
    return reading_of_events(events_of(sse(*messages, done=done)))


def read_whole(result, indent=None, **more):
    body = {"result": result, "success": True, "errors": [], "messages": []} | more
    return reading_of_events(events_of(json.dumps(body, indent=indent).encode()))


def test_a_stream_is_text_and_what_it_cost():
    said = {"response": "Hel", "p": "abcd"}, {"response": "lo"}, {}, {"response": "", "usage": USAGE}
    assert events_of(sse(*said)) == [
        {"type": "text-start", "id": "text-0"},
        {"type": "text-delta", "id": "text-0", "delta": "Hel"},
        {"type": "text-delta", "id": "text-0", "delta": "lo"},
        {"type": "text-end", "id": "text-0"},
        {"type": "finish", "finishReason": "unknown",
         "usage": {"inputTokens": 325, "outputTokens": 18, "totalTokens": 343}},
    ]  # fmt: skip


def test_fragments_make_a_call():
    reading = read(*FRAGMENTS)
    assert reading.tool_calls == (ToolCall("c1", "square_root", '{"number": 132413}', 0),)
    assert (reading.usage, reading.ended) == (Usage(325, 18, 343), "finished")


def test_a_call_is_complete_only_when_the_answer_is():
    reading = read(*FRAGMENTS[:4], done=False)
    assert (reading.tool_calls, reading.dropped, reading.ended) == ((), ("c1",), "truncated")


@pytest.mark.parametrize(
    ("reason", "read_as"), [("stop", "stop"), ("length", "length"), ("tool_calls", "tool_calls"), (None, "stop")]
)
def test_a_reason_that_is_named_counts(reason, read_as):
    reading = read({"response": "a"}, {"finish_reason": reason})
    assert (reading.finish_reason, reading.reason_known) == (read_as, reason is not None)


@pytest.mark.parametrize(
    ("response", "text"), [(7, "7"), (1.50, "1.5"), (True, "true"), ({"a": [1]}, '{"a":[1]}'), (None, ""), ("", "")]
)
def test_a_response_that_is_no_text_is_its_json(response, text):
    assert read({"response": response}).text == text
    assert read_whole({"response": response, "choices": []}).text == text


def test_numbers_keep_their_letters():
    assert reading_of_events(events_of(b'data: {"response":1.0}\n\ndata: [DONE]\n\n')).text == "1.0"


def test_newer_models_say_it_in_the_choices_of_chat_completions_and_it_is_not_said_twice():
    def said(words, reason=None, **delta):
        choices = [{"index": 0, "delta": {"content": words, **delta}, "finish_reason": reason}]
        return {"id": "chatcmpl-1", "model": "@cf/m", "choices": choices, "response": words}

    reading = read(
        said("", reasoning_content="hm"), said("Hel"), said("lo"), said("", "length"), {"choices": [], "usage": USAGE}
    )
    assert (reading.text, reading.reasoning, reading.finish_reason) == ("Hello", "hm", "length")
    assert (reading.response_id, reading.model, reading.usage) == ("chatcmpl-1", "@cf/m", Usage(325, 18, 343))


@pytest.mark.parametrize("indent", [None, 2])
def test_an_answer_that_was_not_streamed(indent):
    calls = [{"name": "weather", "arguments": {"city": "Paris", "n": 1}}, {"name": "weather", "arguments": {}}]
    reading = read_whole({"response": None, "tool_calls": calls, "usage": USAGE}, indent)
    assert [(call.id, call.name, call.arguments) for call in reading.tool_calls] == [
        ("made_0", "weather", '{"city":"Paris","n":1}'),
        ("made_1", "weather", "{}"),
    ]
    assert (reading.usage, reading.ended, reading.reason_known) == (Usage(325, 18, 343), "finished", False)


def test_a_whole_answer_of_a_newer_model():
    message = {"role": "assistant", "content": "Hello", "reasoning_content": "hm"}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    reading = read_whole({"id": "c", "model": "m", "choices": choices, "response": "Hello", "usage": USAGE})
    assert (reading.text, reading.reasoning, reading.finish_reason) == ("Hello", "hm", "stop")


def test_a_result_without_an_answer_has_no_end():
    assert read_whole({"request_id": "r", "status": "queued"}).ended == "truncated"
    assert read_whole(None).ended == "truncated"


def test_failures():
    told = {"errors": [{"message": "no route", "code": 7000}], "success": False, "result": {}, "messages": []}
    assert reading_of_events(events_of(json.dumps(told).encode())).error == Failure("no route", "7000")
    assert read({"response": "a"}, told).error == Failure("no route", "7000")
    untold = read_whole({}, success=False)
    assert untold.error == Failure("the provider reported an error without a message")


def test_without_done_there_is_no_finish_but_what_was_counted_is_kept():
    reading = read({"response": "a", "usage": USAGE}, done=False)
    assert (reading.text, reading.ended, reading.usage) == ("a", "truncated", Usage(325, 18, 343))
