"""Bedrock as a model meets it: an event stream over a socket, its exceptions, and its refusals."""

import json

import pytest

from asking import KEY, OPTIONS, answering, asked, kinds, model, text
from converse_and_interactions import WHOLE_CONVERSE, converse, frame
from harness.protocol.script import Piece, Script

ID = "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0"
STREAM = ("content-type", "application/vnd.amazon.eventstream")
HELLO = (
    ("messageStart", {"role": "assistant"}),
    ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Hel"}}),
    ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "lo"}}),
    ("contentBlockStop", {"contentBlockIndex": 0}),
    ("messageStop", {"stopReason": "end_turn"}),
    ("metadata", {"usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}, "metrics": {"latencyMs": 1}}),
)


def play(server, script, **config):
    place = server.open([script])
    events, error = asked(model(place.base_url, model_id=ID, maxRetries=0, **config))
    return place, events, error


@pytest.mark.parametrize("size", [1, 11, 10_000])
def test_an_event_stream_is_an_answer_however_the_network_cuts_it(server, size):
    body = converse(*HELLO)
    pieces = tuple(Piece(body[start : start + size]) for start in range(0, len(body), size))
    place, events, error = play(server, Script(pieces, headers=(STREAM,)))
    assert (text(events), kinds(events)[-1], error) == ("Hello", "finish", None)
    (exchange,) = place.exchanges()
    assert exchange.target == "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream"
    assert exchange.header("authorization") == f"Bearer {KEY}"
    assert exchange.header("accept") == "application/vnd.amazon.eventstream"
    assert json.loads(exchange.body) == {"messages": [{"role": "user", "content": [{"text": "Say hello."}]}]}


@pytest.mark.parametrize("media_type", ["application/octet-stream", ""])
def test_its_first_bytes_tell_an_event_stream_where_the_type_says_nothing(server, media_type):
    head = (("content-type", media_type),) if media_type else ()
    _, events, error = play(server, answering(converse(*HELLO), *head))
    assert (text(events), error) == ("Hello", None)


def test_a_whole_answer_is_asked_for_and_read(server):
    place = server.open([answering(json.dumps(WHOLE_CONVERSE).encode(), ("content-type", "application/json"))])
    events, error = asked(model(place.base_url, model_id=ID), OPTIONS, whole=True)
    assert (text(events), error) == ("See. Cited.", None)
    assert place.exchanges()[0].target.endswith("/converse")


def test_an_exception_in_the_stream_is_an_error_event(server):
    body = converse(*HELLO[:2]) + frame("throttlingException", {"message": "slow down"}, "exception")
    _, events, _ = play(server, answering(body, STREAM))
    assert events[-1] == {"type": "error", "error": {"message": "slow down", "code": "throttlingException"}}


def test_a_web_page_that_calls_itself_an_event_stream_is_none(server):
    _, events, error = play(server, answering(b"<html></html>", STREAM))
    assert events == []
    assert "a web page" in str(error)


NAMED = ("x-amzn-errortype", "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"message":"Too many requests, please wait"}', "Too many requests, please wait"),
        (b'{"Message":"User is not authorized"}', "User is not authorized"),
        (b"{}", "the provider answered with the status 429 (ThrottlingException)"),
        (b"", "the provider answered with the status 429 (ThrottlingException)"),
    ],
)
def test_a_refusal_says_what_its_body_says_and_else_what_its_header_calls_it(server, body, message):
    _, events, error = play(server, answering(body, ("content-type", "application/json"), NAMED, status=429))
    assert (events, str(error), error.code, error.status) == ([], message, "429", 429)
