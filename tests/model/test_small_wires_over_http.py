"""Ollama, OpenAI's completions and Cloudflare's run as a model meets them: over a socket, streamed, whole, refused."""

import json

import pytest

import small_wires
from asking import OPTIONS, answering, asked, kinds, model, text
from harness.protocol.script import Piece, Script
from harness.providers import WIRES, encoded, read_request, wire_of_target
from parts import finish
from prompts import MODELS

TYPES = {
    "ollama-chat": "application/x-ndjson",
    "ollama-generate": "application/x-ndjson",
    "openai-completions": "text/event-stream",
    "cloudflare-run": "text/event-stream",
}
TARGETS = {
    "ollama-chat": "/api/chat",
    "ollama-generate": "/api/generate",
    "openai-completions": "/completions",
    "cloudflare-run": "/run/@cf/meta/llama-3.3-70b-instruct-fp8-fast",
}
WHOLE = {
    "ollama-chat": small_wires.WHOLE_CHAT,
    "ollama-generate": small_wires.WHOLE_GENERATE,
    "openai-completions": small_wires.WHOLE_COMPLETION,
    "cloudflare-run": small_wires.WHOLE_RUN,
}
REFUSALS = {
    "ollama-chat": b'{"error":"model \'qwen3:8b\' not found"}',
    "ollama-generate": b'{"error":"model \'qwen3:8b\' not found"}',
    "openai-completions": b'{"error":{"message":"no such model","type":"invalid_request_error"}}',
    "cloudflare-run": b'{"result":null,"success":false,"errors":[{"code":7000,"message":"No route"}],"messages":[]}',
}
SAYS = {
    "ollama-chat": "model 'qwen3:8b' not found",
    "ollama-generate": "model 'qwen3:8b' not found",
    "openai-completions": "no such model",
    "cloudflare-run": "No route",
}
every_wire = pytest.mark.parametrize("wire", TYPES)


def hello(wire):
    deltas = [{"type": "text-delta", "id": "t", "delta": words} for words in ("Hel", "lo")]
    return encoded(wire, [*deltas, finish("stop")])


@every_wire
@pytest.mark.parametrize("size", [1, 23, 10_000])
def test_a_stream_is_an_answer_however_the_network_cuts_it(server, wire, size):
    body = b"".join(hello(wire))
    pieces = tuple(Piece(body[start : start + size]) for start in range(0, len(body), size))
    place = server.open([Script(pieces, headers=(("content-type", WIRES[wire].media_type),))])
    events, error = asked(model(place.base_url, model_id=MODELS[wire]))
    assert (text(events), kinds(events)[-1], error) == ("Hello", "finish", None)
    (exchange,) = place.exchanges()
    assert exchange.target == TARGETS[wire]
    assert exchange.header("accept") == TYPES[wire] == WIRES[wire].media_type
    assert wire_of_target(exchange.target) == wire
    read = read_request(wire, exchange.target, exchange.headers, exchange.body)
    assert (read.model, read.stream) == (MODELS[wire].partition("/")[2], True)
    assert [(turn.role, [part.text for part in turn.parts]) for turn in read.turns] == [("user", ["Say hello."])]


@every_wire
def test_a_whole_answer_is_asked_for_and_read(server, wire):
    place = server.open([answering(json.dumps(WHOLE[wire], indent=1).encode(), ("content-type", "application/json"))])
    events, error = asked(model(place.base_url, model_id=MODELS[wire]), OPTIONS, whole=True)
    assert (text(events), kinds(events)[-1], error) == ("See.", "finish", None)
    (exchange,) = place.exchanges()
    assert not read_request(wire, exchange.target, exchange.headers, exchange.body).stream


@every_wire
def test_a_refusal_says_what_its_body_says(server, wire):
    place = server.open([answering(REFUSALS[wire], ("content-type", "application/json"), status=404)])
    events, error = asked(model(place.base_url, model_id=MODELS[wire], maxRetries=0))
    assert (events, error.status) == ([], 404)
    assert SAYS[wire] in str(error)


@every_wire
def test_a_stream_that_is_cut_has_no_finish(server, wire):
    place = server.open([answering(b"".join(hello(wire)[:2]), ("content-type", TYPES[wire]))])
    events, error = asked(model(place.base_url, model_id=MODELS[wire], maxRetries=0))
    assert (text(events), "finish" in kinds(events), error) == ("Hello", False, None)


def test_an_error_in_the_middle_of_ollamas_stream_ends_it(server):
    body = hello("ollama-chat")[0] + b'{"error":"an error was encountered while running the model"}\n'
    place = server.open([answering(body, ("content-type", "application/x-ndjson"))])
    events, error = asked(model(place.base_url, model_id="ollama/qwen3:8b"))
    assert (text(events), error) == ("Hel", None)
    assert events[-1] == {"type": "error", "error": "an error was encountered while running the model"}
