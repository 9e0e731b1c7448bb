import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.protocol.event_reading import reading_of_events
from harness.providers import (
    OUT_OF_SCOPE,
    WIRES,
    counted_ids,
    decode,
    decoded,
    decoded_in_place,
    wire_named,
    wire_of_target,
)
from harness.providers.decoding import Answer
from harness.providers.message import Message

every_wire = pytest.mark.parametrize("wire", WIRES)


def test_the_wires_are_these():
    assert set(WIRES) == {
        "openai-chat", "openai-responses", "openai-completions", "anthropic-messages", "google-generatecontent",
        "google-interactions", "cohere-v2", "cohere-v1", "ollama-chat", "ollama-generate", "bedrock-converse",
        "cloudflare-run",
    }  # fmt: skip


@pytest.mark.parametrize("wire", OUT_OF_SCOPE)
def test_a_wire_out_of_scope_is_refused_by_name_and_says_what_to_do(wire):
    with pytest.raises(InputError) as caught:
        wire_named(wire)
    assert str(caught.value) == f"the wire {wire} is out of scope: {OUT_OF_SCOPE[wire]}"
    assert wire not in WIRES


@pytest.mark.parametrize(
    ("target", "wire"),
    [
        ("/model/anthropic.claude-v2/invoke", "bedrock-invoke"),
        ("/prefix/model/amazon.nova-lite-v1%3A0/invoke-with-response-stream?x=1", "bedrock-invoke"),
        ("/v1/threads/thread_1/runs", "openai-assistants"),
        ("https://api.test/v1/threads/runs", "openai-assistants"),
        ("/v1/complete", "anthropic-complete"),
        ("/ml/v1-beta/generation/text_stream", "watsonx"),
        ("/ml/v1/text/generation_stream?version=2024-01-01", "watsonx"),
        ("/ml/v1/text/generation", "watsonx"),
    ],
)
def test_a_request_of_a_wire_out_of_scope_is_known_by_its_path(target, wire):
    assert wire_of_target(target) == wire


@pytest.mark.parametrize("target", ["/invoke", "/model/a/invoke/b", "/runs", "/v1/threads/t/runs/r", "/v1/incomplete"])
def test_what_only_looks_like_one_is_not(target):
    assert wire_of_target(target) is None


def test_an_unknown_wire_is_an_input_error_that_names_the_known_ones():
    with pytest.raises(InputError, match=r"'smoke-signals'.*openai-chat, .*google-generatecontent"):
        decode("smoke-signals", counted_ids("made"))


def test_counted_ids_repeat_themselves():
    first, second = counted_ids("call"), counted_ids("call")
    assert [first(), first(), second()] == ["call_0", "call_1", "call_0"]


@every_wire
@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (
            {"error": {"message": "no", "type": "invalid_request_error", "param": None, "code": "bad_key"}},
            "no",
            "bad_key",
        ),
        ({"error": {"message": "no", "type": "invalid_request_error", "code": None}}, "no", "invalid_request_error"),
        ({"error": {"code": 404, "message": "no", "status": "NOT_FOUND"}}, "no", "404"),
        ({"type": "error", "error": {"type": "authentication_error", "message": "no"}}, "no", "authentication_error"),
        ([{"error": {"code": 503, "message": "no", "status": "UNAVAILABLE"}}], "no", "503"),
        ({"error": "no"}, "no", None),
        ({"detail": "no"}, "no", None),
        ({"detail": [{"msg": "no", "loc": []}, {"msg": "never"}]}, "no; never", None),
        ({"detail": [{}]}, "the provider rejected the request", None),
        ({"object": "error", "message": "no", "type": "server", "code": "1000"}, "no", "1000"),
        ({"id": "x", "error": {"message": "no", "code": 5}}, "no", "5"),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_an_error_body_is_one_error_event(wire, body, message, code, indent):
    (event,) = decoded(wire, json.dumps(body, indent=indent).encode(), counted_ids("made"))
    failure = reading_of_events([event]).error
    assert (failure.message, failure.code) == (message, code)


@every_wire
def test_data_that_is_not_json_is_an_error_and_the_end(wire):
    (event,) = decoded(wire, b'data: upstream failed\n\ndata: {"error":"x"}\n\n', counted_ids("made"))
    assert event["type"] == "error"
    assert event["error"]["code"] == "INVALID_JSON"
    assert "upstream failed" in event["error"]["message"]


@every_wire
def test_an_event_named_error_is_an_error_whatever_it_holds(wire):
    (event,) = decoded(wire, b'event: error\ndata: {"reason": "busy"}\n\n', counted_ids("made"))
    assert event == {"type": "error", "error": {"reason": "busy"}}


@every_wire
def test_bytes_that_cannot_be_framed_are_an_error(wire):
    (event,) = decoded(wire, b"[] and more", counted_ids("made"))
    assert event["error"]["code"] == "INVALID_FRAMING"


@every_wire
@pytest.mark.parametrize(
    "body", [b"", b"\n", b"<html></html>", b"\x1f\x8b\x08\x00", b"data: {}", b"data: 7\n\n", b"{}"]
)
def test_a_body_that_says_nothing_gives_nothing(wire, body):
    assert decoded(wire, body, counted_ids("made")) == []


class Scripted:
    """A decoder that gives what its messages hold."""

    def feed(self, message):
        return message.data["events"]

    def close(self):
        return [{"type": "finish"}]


def test_nothing_follows_the_first_end_of_a_stream():
    answer = Answer(Scripted())
    assert answer.feed(Message("", {"events": [{"type": "text-delta"}, {"type": "error"}, {"type": "finish"}]})) == [
        {"type": "text-delta"},
        {"type": "error"},
    ]
    assert answer.feed(Message("", {"events": [{"type": "text-delta"}]})) == []
    assert answer.close() == []


def test_each_event_knows_the_bytes_of_its_message():
    ping, start = b'data: {"type":"ping"}\n\n', b'data: {"type":"message_start","message":{"id":"m"}}\n\n'
    (place,) = decoded_in_place("anthropic-messages", ping + start + ping, counted_ids("made"))
    assert place.item["type"] == "response-metadata"
    assert (place.start, place.end) == (len(ping), len(ping + start))


def test_what_the_end_gives_belongs_to_the_last_message():
    body = b'[{"candidates":[{"content":{"parts":[{"text":"A"}]}}]},{"candidates":[{"finishReason":"STOP"}]}]'
    places = decoded_in_place("google-generatecontent", body, counted_ids("made"))
    assert [place.item["type"] for place in places] == ["text-start", "text-delta", "text-end", "finish"]
    assert {body[place.start : place.end][:2] for place in places[2:]} == {b",{"}
    assert [place.item for place in places] == decoded("google-generatecontent", body, counted_ids("made"))


TEXTS = st.sampled_from(
    [
        b"data: ", b"event: error\n", b"\n\n", b"\r", b"[", b"]", b"{", b"}", b'"', b":", b",", b"[DONE]", b"1",
        b'{"choices":[{}]}', b'{"type":"response.created","response":{"id":"r"}}', b'{"type":"message_start"}',
        b'{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}', b'{"error":{}}', b'"type"', b'"choices"', b'"delta"',
        b"null", b"\xff", b'{"message":{"content":"a","tool_calls":[{"function":{"name":"f","arguments":{}}}]}}',
        b'{"response":"a","tool_calls":[{"index":0}],"result":{"response":1}}', b'{"choices":[{"text":"a"}]}',
    ]
)  # fmt: skip


@every_wire
@given(body=st.binary(max_size=100) | st.lists(TEXTS, max_size=20).map(b"".join))
def test_arbitrary_bytes_never_make_decoding_fail(wire, body):
    reading_of_events(decoded(wire, body, counted_ids("made")))
