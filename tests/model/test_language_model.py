"""One model behind the seam: options in, source events out, over each of the four wires."""

import asyncio
import json
from contextlib import aclosing

import pytest

from asking import DONE, HANG, HELLO, JSON, OPTIONS, SSE, Consumer, answering, asked, heard, kinds, model, said, text
from harness.errors import ModelError, NoSuchModel
from harness.model.language_model import RoutedModel
from harness.protocol.language_model import LanguageModel
from harness.protocol.script import Piece, Script


def sse(*messages):
    return b"".join(f"event: {one.get('type', 'message')}\ndata: {json.dumps(one)}\n\n".encode() for one in messages)


RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "model": "m-1",
    "status": "completed",
    "output": [
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "Hello", "annotations": []}],
        }
    ],
    "usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
}
CANDIDATE = {
    "candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": "Hello"}]}, "finishReason": "STOP"}],
    "responseId": "g-1",
    "modelVersion": "m-1",
}
STREAMED = {
    "openrouter/x": HELLO.pieces[0].data + HELLO.pieces[1].data + DONE,
    "openai/x": sse(
        {"type": "response.created", "response": {"id": "resp_1", "model": "m-1"}},
        {"type": "response.output_item.added", "output_index": 0, "item": {"type": "message", "id": "msg_1"}},
        {
            "type": "response.output_text.delta",
            "item_id": "msg_1",
            "output_index": 0,
            "content_index": 0,
            "delta": "Hello",
        },
        {"type": "response.completed", "response": RESPONSE},
    ),
    "anthropic/x": sse(
        {"type": "message_start", "message": {"id": "msg_1", "model": "m-1", "content": [], "usage": {}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    ),
    "google/x": sse(CANDIDATE),
    "cohere/x": sse(
        {"type": "message-start", "id": "c-1", "delta": {"message": {"role": "assistant"}}},
        {"type": "content-start", "index": 0, "delta": {"message": {"content": {"type": "text", "text": ""}}}},
        {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "Hello"}}}},
        {"type": "content-end", "index": 0},
        {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": {}}},
    )
    + DONE,
    "cohere-v1/x": (
        b'{"is_finished":false,"event_type":"stream-start","generation_id":"g-1"}\n'
        b'{"is_finished":false,"event_type":"text-generation","text":"Hello"}\n'
        b'{"is_finished":true,"event_type":"stream-end","response":{"text":"Hello"},"finish_reason":"COMPLETE"}\n'
    ),
}
WHOLE = {
    "openrouter/x": {
        "id": "chat-1",
        "object": "chat.completion",
        "model": "m-1",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
    },
    "openai/x": RESPONSE,
    "anthropic/x": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m-1",
        "content": [{"type": "text", "text": "Hello"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 3, "output_tokens": 2},
    },
    "google/x": CANDIDATE,
    "cohere/x": {
        "id": "c-1",
        "message": {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]},
        "finish_reason": "COMPLETE",
    },
    "cohere-v1/x": {"text": "Hello", "generation_id": "g-1", "finish_reason": "COMPLETE"},
}
PATHS = {
    "openrouter/x": ("/chat/completions", "/chat/completions"),
    "openai/x": ("/responses", "/responses"),
    "anthropic/x": ("/messages", "/messages"),
    "google/x": ("/models/x:streamGenerateContent?alt=sse", "/models/x:generateContent"),
    "cohere/x": ("/v2/chat", "/v2/chat"),
    "cohere-v1/x": ("/v1/chat", "/v1/chat"),
}


def reason(events):
    return events[-1]["finishReason"]


@pytest.mark.parametrize("model_id", STREAMED)
def test_an_answer_streams_over_each_wire(server, model_id):
    place = server.open([answering(STREAMED[model_id], SSE)])
    events, error = asked(model(place.base_url, model_id=model_id))
    assert (text(events), kinds(events)[-1], reason(events), error) == ("Hello", "finish", "stop", None)
    (exchange,) = place.exchanges()
    assert exchange.target == PATHS[model_id][0]
    assert json.loads(exchange.body).get("stream", "google" in model_id) is True


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("model_id", WHOLE)
def test_a_whole_answer_is_read_over_each_wire(server, model_id, indent):
    place = server.open([answering(json.dumps(WHOLE[model_id], indent=indent).encode(), JSON)])
    events, error = asked(model(place.base_url, model_id=model_id), whole=True)
    assert (text(events), kinds(events)[-1], reason(events), error) == ("Hello", "finish", "stop", None)
    (exchange,) = place.exchanges()
    assert exchange.target == PATHS[model_id][1]
    assert not json.loads(exchange.body).get("stream")


@pytest.mark.parametrize("model_id", ["gpt-4o", "openai/", "/x", "", "nobody/x"])
def test_an_id_that_names_no_model_is_refused_at_once(model_id):
    with pytest.raises(NoSuchModel):
        RoutedModel(model_id, {"apiKey": "k"}, environment={})


def test_a_key_that_is_nowhere_is_refused_at_once():
    with pytest.raises(NoSuchModel):
        RoutedModel("openai/gpt-4o", environment={})


def test_the_key_may_come_from_the_environment_of_the_process(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment")
    assert RoutedModel("openai/gpt-4o").provider == "openai"


def test_a_model_says_who_it_is():
    one: LanguageModel = model("http://127.0.0.1:9/v1", model_id="openrouter/meta/llama")
    assert (one.provider, one.model_id) == ("openrouter", "meta/llama")
    assert "openrouter/meta/llama" in repr(one)


def test_the_first_event_is_out_before_the_second_piece_comes(server):
    slow = Script((Piece(said("Hel")), Piece(said("lo", "stop"), pause=3600)), headers=(SSE,))

    async def run():
        async with (
            asyncio.timeout(HANG),
            aclosing(model(server.open([slow]).base_url).do_stream(OPTIONS, Consumer())) as events,
        ):
            return [await anext(events) for _ in range(3)]

    assert text(asyncio.run(run())) == "Hel"


def test_options_that_no_request_can_say_are_refused_and_nothing_is_sent(server):
    place = server.open([HELLO])
    for options in ({"prompt": [{"role": "robot"}]}, {"prompt": []}, OPTIONS | {"headers": {"x": "a\nb"}}):
        events, error = asked(model(place.base_url), options)
        assert (events, error.code) == ([], "INVALID_REQUEST")
    assert place.exchanges() == ()


def test_answers_that_overlap_do_not_mix(server):
    many = 50
    places = []
    for number in range(many):
        pieces = [Piece(said(f"{number},", id_=f"chat-{number}"), pause=0.002) for _ in range(10)]
        places.append(server.open([Script((*pieces, Piece(said("", "stop") + DONE)), headers=(SSE,))]))

    async def run():
        return await asyncio.gather(*(heard(model(place.base_url).do_stream(OPTIONS, Consumer())) for place in places))

    for number, (events, error) in enumerate(asyncio.run(run())):
        assert error is None
        assert text(events) == f"{number}," * 10
        assert events[0]["id"] == f"chat-{number}"


def test_one_model_serves_many_calls_and_many_event_loops(server):
    place = server.open([HELLO] * 12)
    one = model(place.base_url)

    async def run():
        return await asyncio.gather(*(heard(one.do_stream(OPTIONS, Consumer())) for _ in range(6)))

    for _ in range(2):
        assert [text(events) for events, _ in asyncio.run(run())] == ["Hello"] * 6


def test_a_slow_consumer_gets_everything(server):
    many = 5000
    pieces = (*(Piece(said("x")) for _ in range(many)), Piece(said("", "stop") + DONE))
    place = server.open([Script(pieces, headers=(SSE,))])

    async def run():
        found = []
        async for event in model(place.base_url).do_stream(OPTIONS, Consumer()):
            found.append(event)
            if len(found) in (2, 500, 3000):
                await asyncio.sleep(0.1)
        return found

    assert len(text(asyncio.run(run()))) == many


def test_calls_without_an_id_get_ids_that_differ(server):
    call = {"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "{}"}}]}}
    body = sse({"choices": [call]}, {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}) + DONE
    place = server.open([answering(body, SSE)] * 2)
    one = model(place.base_url)
    ids = {event["toolCallId"] for _ in range(2) for event in asked(one)[0] if event["type"] == "tool-call"}
    assert len(ids) == 2


def test_what_fails_is_raised_as_a_model_error_and_carries_no_other(server):
    events, error = asked(model(server.open([Script(raw=b"no")]).base_url, maxRetries=0))
    assert events == []
    assert isinstance(error, ModelError)
    assert error.__context__ is None
    assert error.__cause__ is None
