"""Messages whose frame was lost get that of their wire; what is broken in them stays broken."""

import json

import pytest

from harness.errors import InputError
from harness.providers import WIRES, counted_ids, decoded, encoded
from harness.providers.reframing import has_lines, reframed
from harness.wire.aws_event_stream import EventStreamDecoder
from harness.wire.sse import SseDecoder

SAID = [
    {"type": "text-start", "id": "t"},
    {"type": "text-delta", "id": "t", "delta": 'Grüße \u2028 "x"'},
    {"type": "text-end", "id": "t"},
    {"type": "finish", "finishReason": "stop", "usage": {}},
]


@pytest.mark.parametrize("wire", [wire for wire in WIRES if wire != "bedrock-converse"])
def test_what_an_encoder_framed_is_framed_again_byte_for_byte(wire):
    body = b"".join(encoded(wire, SAID))
    by_lines, by_events = body.decode().split("\n")[:-1], [event.data for event in SseDecoder().feed(body)]
    assert reframed(wire, by_lines if has_lines(wire) else by_events) == body


def test_an_aws_event_stream_has_the_events_name_in_its_head():
    body = reframed(
        "bedrock-converse",
        ['{"messageStart":{"role":"assistant"}}', '{"throttlingException": {"message":"slow down"}}'],
    )
    first, second = EventStreamDecoder().feed(body)
    assert {name: header.value for name, header in first.headers.items()} == {
        ":event-type": "messageStart", ":content-type": "application/json", ":message-type": "event",
    }  # fmt: skip
    assert json.loads(first.payload) == {"role": "assistant"}
    assert (second.text(":exception-type"), second.text(":message-type")) == ("throttlingException", "exception")


def test_numbers_keep_their_letters():
    text = '{"contentBlockDelta":{"n":1.0,"big":123456789012345678901234567890,"e":1e400}}'
    [message] = EventStreamDecoder().feed(reframed("bedrock-converse", [text]))
    assert message.payload == b'{"n":1.0,"big":123456789012345678901234567890,"e":1e400}'
    assert text.encode() in reframed("openai-chat", [text])


@pytest.mark.parametrize("text", ["[]", "7", "{}", '{"a":1,"b":2}', "{", "[DONE", '{"messageStart":{"p":"\ud800"}}{'])
def test_what_has_no_place_in_an_event_stream_is_told_without_its_text(text):
    with pytest.raises(InputError, match="a message has no place in an AWS event stream") as caught:
        reframed("bedrock-converse", [text])
    assert "messageStart" not in str(caught.value)


HELLO = '{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}'
STOP = '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'
END = b"data: [DONE]\n\n"


@pytest.mark.parametrize(
    ("texts", "marked"),
    [([HELLO, STOP], 1), ([HELLO], 0), ([], 0), ([HELLO, STOP, "[DONE]"], 1), ([HELLO, "[DONE]"], 1), (["{oh"], 0)],
)
def test_the_mark_of_an_end_comes_where_there_is_one(texts, marked):
    body = reframed("openai-chat", texts)
    assert body.count(END) == marked
    assert not marked or body.endswith(END)


def test_a_name_that_is_no_text_names_nothing():
    assert reframed("openai-responses", ['{"type":7}', "{oh", '{"type":"a\\nb: c"}']) == (
        b'data: {"type":7}\n\ndata: {oh\n\nevent: ab: c\ndata: {"type":"a\\nb: c"}\n\n'
    )


def test_gemini_ends_its_lines_with_crlf():
    assert reframed("google-generatecontent", ["{}"]) == b"data: {}\r\n\r\n"


def test_half_a_surrogate_pair_is_written_as_json_writes_it():
    assert reframed("openai-chat", ['{"a":"\ud83d"}']) == b'data: {"a":"\\ud83d"}\n\n'


def test_an_unknown_wire_is_refused():
    with pytest.raises(InputError, match="there is no wire 'banana'"):
        reframed("banana", ["{}"])


def test_only_what_a_body_says_is_said_again():
    body = b"".join(encoded("anthropic-messages", SAID))
    texts = [event.data for event in SseDecoder().feed(body)]
    assert decoded("anthropic-messages", reframed("anthropic-messages", texts), counted_ids("c")) == decoded(
        "anthropic-messages", body, counted_ids("c")
    )
