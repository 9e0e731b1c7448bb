import struct
import time
from zlib import crc32

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import WireError
from harness.stage import drained
from harness.wire import aws_event_stream
from harness.wire.aws_event_stream import (
    EventStreamDecoder,
    EventStreamMessage,
    Header,
    Kind,
    begins_event_stream,
    event_stream_bytes,
    event_stream_ends,
    text_header,
)

HANG = 25  # seconds; a second is usual, and copying what was kept at every byte takes a minute


def messages_of(*pieces):
    return drained(EventStreamDecoder(), *pieces)


def cut(body, size):
    return [body[start : start + size] for start in range(0, len(body), size)]


def frame(headers=b"", payload=b"", *, lengths=None):
    """A message by hand: the checksums are right, whatever the lengths say."""
    lengths = lengths or struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = lengths + struct.pack(">I", crc32(lengths)) + headers + payload
    return message + struct.pack(">I", crc32(message))


EMPTY = bytes.fromhex("000000100000000005c248eb7d98c8ff")
"""The message without headers and without payload, as AWS's own libraries test it."""

NINE = (
    b"\x04true\x00" b"\x05false\x01" b"\x04byte\x02\xff" b"\x05short\x03\x01\x02" b"\x03int\x04\xff\xff\xff\xfe"
    b"\x04long\x05\x00\x00\x00\x01\x00\x00\x00\x00" b"\x05bytes\x06\x00\x02\x00\xff" b"\x04text\x07\x00\x03\xe2\x82\xac"
    b"\x04time\x08\x00\x00\x01\x8b\xcf\xe5\x68\x00" b"\x04uuid\x09" + bytes(range(16))
)  # fmt: skip
READ = {
    "true": Header(Kind.BOOLEAN, True),
    "false": Header(Kind.BOOLEAN, False),
    "byte": Header(Kind.BYTE, -1),
    "short": Header(Kind.SHORT, 258),
    "int": Header(Kind.INTEGER, -2),
    "long": Header(Kind.LONG, 1 << 32),
    "bytes": Header(Kind.BYTES, b"\x00\xff"),
    "text": Header(Kind.TEXT, "€"),
    "time": Header(Kind.TIMESTAMP, 1_700_000_000_000),
    "uuid": Header(Kind.UUID, bytes(range(16))),
}


def test_the_empty_message_is_read_and_written_byte_for_byte():
    assert messages_of(EMPTY) == [EventStreamMessage({}, b"")]
    assert event_stream_bytes(EventStreamMessage({})) == EMPTY


def test_every_type_of_header_is_read_and_written_byte_for_byte():
    body = frame(NINE, b"payload")
    assert messages_of(body) == [EventStreamMessage(READ, b"payload")]
    assert event_stream_bytes(EventStreamMessage(READ, b"payload")) == body


def test_messages_follow_each_other_and_the_one_that_is_cut_is_dropped():
    assert [
        message.payload for message in messages_of(frame(b"", b"1") + frame(b"", b"2") + frame(b"", b"3")[:-1])
    ] == [
        b"1",
        b"2",
    ]


def test_a_text_is_asked_for_by_its_name():
    message = EventStreamMessage({"a": text_header("b"), "n": Header(Kind.BYTE, 1)})
    assert (message.text("a"), message.text("n"), message.text("x")) == ("b", "", "")


values = st.one_of(
    st.builds(Header, st.just(Kind.BOOLEAN), st.booleans()),
    st.builds(Header, st.just(Kind.BYTE), st.integers(-(2**7), 2**7 - 1)),
    st.builds(Header, st.just(Kind.SHORT), st.integers(-(2**15), 2**15 - 1)),
    st.builds(Header, st.just(Kind.INTEGER), st.integers(-(2**31), 2**31 - 1)),
    st.builds(Header, st.sampled_from([Kind.LONG, Kind.TIMESTAMP]), st.integers(-(2**63), 2**63 - 1)),
    st.builds(Header, st.just(Kind.BYTES), st.binary(max_size=9)),
    st.builds(Header, st.just(Kind.TEXT), st.text(max_size=9)),
    st.builds(Header, st.just(Kind.UUID), st.binary(min_size=16, max_size=16)),
)
messages = st.builds(
    EventStreamMessage, st.dictionaries(st.text(min_size=1, max_size=9), values, max_size=4), st.binary(max_size=20)
)


@given(st.lists(messages, max_size=4), st.integers(1, 40))
def test_what_is_written_is_read_at_every_cut(written, size):
    body = b"".join(map(event_stream_bytes, written))
    assert messages_of(*cut(body, size)) == written
    assert list(event_stream_ends(body)) == [
        sum(len(event_stream_bytes(one)) for one in written[: number + 1]) for number in range(len(written))
    ]


@given(st.lists(messages, max_size=4), st.integers(1, 40))
def test_botocore_reads_what_is_written(written, size):
    buffer = EventStreamBuffer()
    found = []
    for piece in cut(b"".join(map(event_stream_bytes, written)), size):
        buffer.add_data(piece)
        found += [(message.headers, message.payload) for message in buffer]
    assert found == [({name: header.value for name, header in one.headers.items()}, one.payload) for one in written]


@pytest.mark.parametrize("body", [EMPTY, frame(NINE, b'{"a":1}')], ids=["empty", "full"])
def test_every_single_bit_that_flips_is_noticed(body):
    for place in range(8 * len(body)):
        damaged = bytearray(body)
        damaged[place // 8] ^= 1 << place % 8
        with pytest.raises(WireError):
            messages_of(bytes(damaged))
        assert begins_event_stream(bytes(damaged)), f"bit {place} makes it text"


@given(messages, st.data())
def test_a_flipped_bit_of_any_message_is_noticed_at_any_cut(message, data):
    body = bytearray(event_stream_bytes(message))
    place = data.draw(st.integers(0, 8 * len(body) - 1))
    body[place // 8] ^= 1 << place % 8
    with pytest.raises(WireError) as caught:
        messages_of(*cut(bytes(body), data.draw(st.integers(1, 40))))
    assert caught.value.offset == 0


@pytest.mark.parametrize(
    ("body", "words", "offset"),
    [
        (EMPTY[:8] + b"\0\0\0\0" + EMPTY[12:], "checksum of an event stream's lengths", 0),
        (EMPTY[:12] + b"\0\0\0\0", "checksum of an event stream's message", 0),
        (frame(lengths=struct.pack(">II", 15, 0)), "15 bytes cannot hold 0 bytes of headers", 0),
        (frame(lengths=struct.pack(">II", 16, 1)), "16 bytes cannot hold 1 bytes of headers", 0),
        (frame(lengths=struct.pack(">II", 2**18, 128 * 1024 + 1)), "headers of a message are longer than 131072", 0),
        (frame(lengths=struct.pack(">II", 24 * 2**20 + 17, 0)), "payload of a message is longer than 25165824", 0),
        (frame(lengths=b"\xff" * 8), "cannot hold", 0),
        (frame(b"\x00\x00"), "a header has no name", 12),
        (frame(b"\x01a\x00\x01a\x01"), "a header comes twice", 15),
        (frame(b"\x01a\x0a"), "has the type 10", 14),
        (frame(b"\x01a\xff"), "has the type 255", 14),
        (frame(b"\x01a"), "longer than the headers", 14),
        (frame(b"\x09abc"), "longer than the headers", 13),
        (frame(b"\x01a\x05\x00"), "longer than the headers", 15),
        (frame(b"\x01a\x09\x00"), "longer than the headers", 15),
        (frame(b"\x01a\x07\x00\x02b"), "longer than the headers", 17),
        (frame(b"\x01a\x07\x00\x01\xff"), "not UTF-8", 17),
        (frame(b"\x01\xff\x00"), "not UTF-8", 13),
        (frame(b"\x01a\x06\x80\x00" + b"b" * 32768), "value of a header is longer than 32767", 14),
    ],
)
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_what_is_damaged_is_told_with_its_place(body, words, offset, size):
    decoder, found = EventStreamDecoder(), []

    def read():
        for piece in cut(EMPTY + body, size):
            found.extend(decoder.feed(piece))
        decoder.close()

    with pytest.raises(WireError, match=words) as caught:
        read()
    assert caught.value.offset == len(EMPTY) + offset
    assert found == [EventStreamMessage({}, b"")]
    with pytest.raises(WireError, match=words):
        decoder.feed(EMPTY)


def test_the_limits_are_those_of_botocore():
    from botocore import eventstream

    assert aws_event_stream.MOST_HEADERS == eventstream._MAX_HEADERS_LENGTH
    assert aws_event_stream.MOST_PAYLOAD == eventstream._MAX_PAYLOAD_LENGTH


def test_a_length_beyond_the_limit_is_refused_before_its_bytes_come():
    with pytest.raises(WireError, match="longer than"):
        EventStreamDecoder().feed(frame(lengths=struct.pack(">II", 2**31, 0))[:12])


@pytest.mark.parametrize(
    "message",
    [
        EventStreamMessage({"": text_header("a")}),
        EventStreamMessage({"a" * 256: text_header("a")}),
        EventStreamMessage({"a": text_header("b" * 32768)}),
        EventStreamMessage({"a": text_header("\ud83d")}),
        EventStreamMessage({"\ud83d": text_header("a")}),
        EventStreamMessage({"a": Header(Kind.BYTE, 128)}),
        EventStreamMessage({"a": Header(Kind.LONG, 2**63)}),
        EventStreamMessage({"a": Header(Kind.LONG, True)}),
        EventStreamMessage({"a": Header(Kind.BOOLEAN, 1)}),
        EventStreamMessage({"a": Header(Kind.TEXT, b"b")}),
        EventStreamMessage({"a": Header(Kind.UUID, b"b")}),
        EventStreamMessage({f"a{n}": Header(Kind.BYTES, b"b" * 32767) for n in range(5)}),
        EventStreamMessage({}, bytes(24 * 1024 * 1024 + 1)),
    ],
    ids=range(13),
)
def test_what_the_format_has_no_room_for_is_not_written(message):
    with pytest.raises(WireError):
        event_stream_bytes(message)


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_a_wire_error_with_a_place_or_cut(body):
    decoder = EventStreamDecoder()
    try:
        found = decoder.feed(body) + decoder.close()
    except WireError as error:
        found, place = [], error.offset
    else:
        place = 0
    assert found == []
    assert place is not None


@pytest.mark.parametrize(
    "head",
    [b"{", b"[", b"data: {}", b"event: a", b": ping", b"id", b"<html>", b"\xef\xbb\xbfdata", b"\x1f\x8b\x08\0\0\0"],
)
def test_text_and_gzip_begin_no_event_stream(head):
    assert begins_event_stream(head) is False


@pytest.mark.parametrize(
    ("head", "begins"), [(b"", None), (b"\0", True), (b"@", None), (b"@eve", None), (b"@even", False)]
)
def test_a_beginning_that_may_be_either_waits_for_more(head, begins):
    assert begins_event_stream(head) is begins


def test_reading_single_bytes_is_linear():
    body = event_stream_bytes(EventStreamMessage(READ, b"x" * 1_000_000))
    decoder = EventStreamDecoder()
    started = time.process_time()
    found = [message for place in range(len(body)) for message in decoder.feed(body[place : place + 1])]
    assert [len(message.payload) for message in found] == [1_000_000]
    assert time.process_time() - started < HANG
