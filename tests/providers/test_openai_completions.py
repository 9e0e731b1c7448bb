import json

import pytest

from harness.protocol.event_reading import reading_of_events
from harness.protocol.reading import Failure, Usage
from harness.providers import counted_ids, decoded

NAMED = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "gpt-3.5-turbo-instruct"}
USAGE = {"prompt_tokens": 14, "completion_tokens": 16, "total_tokens": 30}


def choice(text, reason=None, index=0, logprobs=None):
    return {"text": text, "index": index, "logprobs": logprobs, "finish_reason": reason}


def chunk(*choices, **more):
    return NAMED | {"choices": list(choices)} | more


def sse(*chunks, done=True):
    return "".join(f"data: {json.dumps(one)}\n\n" for one in chunks).encode() + (b"data: [DONE]\n\n" if done else b"")


def events_of(body):
    return decoded("openai-completions", body, counted_ids("made"))


def read(*chunks, done=True):
    return reading_of_events(events_of(sse(*chunks, done=done)))


def test_a_stream_is_metadata_text_and_how_it_ended():
    chunks = chunk(choice("The")), chunk(choice(" end")), chunk(choice("", "stop")), chunk(usage=USAGE)
    assert events_of(sse(*chunks)) == [
        {"type": "response-metadata", "id": "cmpl-1", "modelId": "gpt-3.5-turbo-instruct"},
        {"type": "text-start", "id": "text-0"},
        {"type": "text-delta", "id": "text-0", "delta": "The"},
        {"type": "text-delta", "id": "text-0", "delta": " end"},
        {"type": "text-end", "id": "text-0"},
        {"type": "finish", "finishReason": "stop",
         "usage": {"inputTokens": 14, "outputTokens": 16, "totalTokens": 30}},
    ]  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
def test_an_answer_that_was_not_streamed(indent):
    whole = chunk(choice("The end", "length"), usage=USAGE)
    reading = reading_of_events(events_of(json.dumps(whole, indent=indent).encode()))
    assert (reading.text, reading.finish_reason, reading.usage) == ("The end", "length", Usage(14, 16, 30))


def test_of_several_choices_the_first_is_read():
    reading = read(
        chunk(choice("b", index=1)), chunk(choice("a")), chunk(choice("B", index=1), choice("A")),
        chunk(choice("", "length", index=1)), chunk(choice("", "stop")),
    )  # fmt: skip
    assert (reading.text, reading.finish_reason) == ("aA", "stop")


def test_log_probabilities_say_nothing():
    logprobs = {"tokens": ["a"], "token_logprobs": [-0.1], "top_logprobs": [{"a": -0.1}], "text_offset": [0]}
    assert read(chunk(choice("a", logprobs=logprobs))).text == "a"


@pytest.mark.parametrize(("reason", "read_as"), [("content_filter", "content_filter"), ("length", "length")])
def test_the_last_words_may_come_with_the_reason(reason, read_as):
    reading = read(chunk(choice("a", reason)))
    assert (reading.text, reading.finish_reason) == ("a", read_as)


def test_done_alone_completes_an_answer_and_a_reason_does_too():
    assert (read(chunk(choice("a"))).ended, read(chunk(choice("a"))).reason_known) == ("finished", False)
    assert read(chunk(choice("a", "stop")), done=False).ended == "finished"


def test_a_cut_answer_has_no_end_but_keeps_what_was_counted():
    reading = read(chunk(choice("a"), usage=USAGE), done=False)
    assert (reading.text, reading.ended, reading.usage) == ("a", "truncated", Usage(14, 16, 30))


def test_an_error_in_the_stream_ends_it():
    reading = read(chunk(choice("a")), {"error": {"message": "busy", "type": "server_error", "code": None}})
    assert (reading.text, reading.error) == ("a", Failure("busy", "server_error"))
