import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.providers.failures import Malformed
from harness.providers.framing import Framing
from harness.providers.message import Mark, Message
from harness.stage import drained
from harness.wire import json_array
from harness.wire.aws_event_stream import EventStreamMessage, event_stream_bytes, text_header


def messages_of(*pieces):
    return drained(Framing(), *pieces)


def cut(body, size):
    return [body[start : start + size] for start in range(0, len(body), size)]


def test_server_sent_events_are_messages_with_names():
    assert messages_of(b'event: ping\ndata: {"type": "ping"}\n\ndata: [1]\n\n') == [
        Message("ping", {"type": "ping"}),
        Message("", [1]),
    ]


def test_an_exact_done_is_a_mark_and_anything_like_it_is_not_json():
    assert messages_of(b"data: [DONE]\n\n") == [Message("", Mark.DONE)]
    assert isinstance(messages_of(b"data: [DONE] \n\n")[0].data, Malformed)
    assert isinstance(messages_of(b"data: [done]\n\n")[0].data, Malformed)


def test_empty_data_is_no_message():
    assert messages_of(b"data:\n\ndata: \n\nevent: ping\ndata\n\ndata: {}\n\n") == [Message("", {})]


@pytest.mark.parametrize("start", [b"", b"\n\n", b"\r\n \t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_a_body_that_begins_with_a_bracket_is_one_array_of_messages(start):
    assert messages_of(start + b'[{"a":1}\n,\n{"b":2}]\n') == [Message("", {"a": 1}), Message("", {"b": 2})]


def test_a_body_that_begins_with_a_brace_is_one_message_a_line():
    assert messages_of(b'{"a":1}\n\n{"b":2}') == [Message("", {"a": 1}), Message("", {"b": 2})]


def test_an_object_over_several_lines_is_one_message():
    value = {"error": {"code": 400, "message": 'a "quoted" } {', "details": [{}]}}
    assert messages_of(json.dumps(value, indent=2).encode()) == [Message("", value)]
    assert messages_of(json.dumps(value, indent=1).replace("\n", "\r\n").encode() + b"\r\n") == [Message("", value)]


def test_what_is_not_json_is_the_last_message_and_says_what_it_was():
    body = b'data: {"a":1}\n\ndata: upstream timed out\n\ndata: {"b":2}\n\n'
    good, bad = messages_of(body)
    assert good == Message("", {"a": 1})
    assert bad.data.code == "INVALID_JSON"
    assert "upstream timed out" in bad.data.message


def test_a_long_text_that_is_not_json_is_shown_in_part():
    (bad,) = messages_of(b"data: " + b"secret " * 1000 + b"\n\n")
    assert len(bad.data.message) < 250


@pytest.mark.parametrize(
    "text",
    ["NaN", '{"a": Infinity}', "{'a': 1}", '{"a": 1}{"b": 2}', "[" * 100_000, "9" * 5000, '{"a": 1', "\ufeff{}", "{}x"],
)
def test_no_text_that_is_not_json_gets_through_or_raises(text):
    (message,) = messages_of(f"data: {text}\n\n".encode())
    assert isinstance(message.data, Malformed)


def test_a_lone_surrogate_is_text():
    assert messages_of(b'data: "\\ud83d"\n\n') == [Message("", "\ud83d")]


def test_floats_are_floats_and_remember_their_letters():
    (message,) = messages_of(b"data: 1e400\n\n")
    assert message.data == float("inf")
    assert message.data.text == "1e400"


@pytest.mark.parametrize(
    "body", [b'{"a":1}\n{"b', b'{"a":1}\n{"b":"x\\"', b'[{"a":1},{"b"', b'data: {"a":1}\n\ndata: {"b"']
)
def test_a_message_that_the_end_cuts_is_dropped(body):
    assert messages_of(body) == [Message("", {"a": 1})]


@pytest.mark.parametrize("body", [b"{", b'{\n  "error": {', b'{"error": "x'])
def test_an_object_that_the_end_cuts_is_dropped(body):
    assert messages_of(body) == []


@pytest.mark.parametrize(
    "body", [b"{a}", b'{"a":1}\n{b}\n{"c":3}', b'{"a":1}\n{b}', b'{"a":\n1}}', b'{"a":1\n{"b":2}\n{"c":3}\n']
)
def test_a_line_that_is_whole_and_not_json_is_malformed(body):
    *good, bad = messages_of(body)
    assert good in ([], [Message("", {"a": 1})])
    assert bad.data.code == "INVALID_JSON"


def test_bytes_that_cannot_be_framed_are_the_last_message():
    good, bad = messages_of(b'[{"a":1}] and more')
    assert good == Message("", {"a": 1})
    assert bad.data.code == "INVALID_FRAMING"


def test_an_endless_message_is_the_last_one(monkeypatch):
    monkeypatch.setattr(json_array, "LIMIT", 100)
    (bad,) = messages_of(b'["' + b"x" * 200)
    assert bad.data.code == "INVALID_FRAMING"


@pytest.mark.parametrize("body", [b"", b" \n\r\n\t", b"\xef\xbb", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n"])
def test_a_body_of_nothing_has_no_messages(body):
    assert messages_of(body) == messages_of(*cut(body, 1)) == []


PARTS = st.sampled_from(
    [
        b'{"a":1}', b"[", b"]", b"{", b"}", b",", b"\n", b"\r\n", b"data: ", b"data: {}\n\n", b"event: e\n",
        b"[DONE]", b'"', b"\\",
        b"\xef\xbb\xbf", b" ", b"NaN", "é".encode(), b"\xff",
    ]
)  # fmt: skip


@given(st.lists(PARTS, max_size=20).map(b"".join), st.integers(1, 5))
def test_a_cut_anywhere_gives_the_same_messages(body, size):
    assert messages_of(*cut(body, size)) == messages_of(body)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise(body):
    messages_of(body)


def test_a_done_among_json_lines_is_a_mark_too():
    assert messages_of(b'{"a": 1}\n[DONE]\n') == [Message("", {"a": 1}), Message("", Mark.DONE)]
    assert messages_of(b'{"a": 1}\n[DONE]') == [Message("", {"a": 1}), Message("", Mark.DONE)]


def aws(payload=b'{"a":1}', **headers):
    named = {f":{name.replace('_', '-')}": text_header(value) for name, value in headers.items()}
    return event_stream_bytes(EventStreamMessage(named, payload))


EVENT = aws(event_type="metadata", content_type="application/json", message_type="event")


def test_an_aws_event_stream_is_messages_named_by_their_events():
    other = aws(b"", event_type="initial-response", message_type="event")
    assert messages_of(EVENT + other) == [Message("metadata", {"a": 1}), Message("initial-response", {})]


@pytest.mark.parametrize("start", [b" ", b"\n", b"\xef\xbb\xbf"])
def test_white_space_before_an_event_stream_is_damage_and_not_text(start):
    (message,) = messages_of(start + EVENT)
    assert message.data.code == "INVALID_FRAMING"


@pytest.mark.parametrize(
    ("frame", "data"),
    [
        (aws(b'{"message":"m"}', exception_type="throttlingException", message_type="exception"),
         {"message": "m", "code": "throttlingException"}),
        (aws(b"slow down", exception_type="throttlingException", message_type="exception"),
         {"message": "slow down", "code": "throttlingException"}),
        (aws(b'{"message":"m"}', message_type="exception"), {"message": "m"}),
        (aws(b"", error_code="InternalError", error_message="m", message_type="error"),
         {"code": "InternalError", "message": "m"}),
    ],
)  # fmt: skip
def test_an_exception_of_an_event_stream_is_a_message_called_error(frame, data):
    assert messages_of(frame) == [Message("error", data)]


def test_a_payload_that_says_it_is_no_json_is_text():
    assert messages_of(aws(b"abc", event_type="e", content_type="text/plain")) == [Message("e", "abc")]
    (message,) = messages_of(aws(b"abc", event_type="e"))
    assert message.data.code == "INVALID_JSON"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_flipped_bit_anywhere_in_an_event_stream_is_told_and_never_taken_for_text(size):
    for place in range(8 * len(EVENT)):
        damaged = bytearray(EVENT)
        damaged[place // 8] ^= 1 << place % 8
        (message,) = messages_of(*cut(bytes(damaged), size))
        assert message.data.code == "INVALID_FRAMING", place


@pytest.mark.parametrize(
    "text",
    [b' {"a":1}', b"[1]", b"data: 1\n\n", b"@\n\ndata: 1\n\n", b"\x1f\x8b\x08\0\0\0\0", b": \0\0\0\0\n\ndata: 1\n\n"],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_text_is_never_taken_for_an_event_stream(text, size):
    assert not any(isinstance(message.data, Malformed) for message in messages_of(*cut(text, size)))
