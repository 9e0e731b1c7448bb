import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.errors import WireError
from harness.stage import drained
from harness.wire import sse
from harness.wire.sse import ServerSentEvent, SseDecoder

COUNT = 1_000_000
HANG = 25  # seconds; a second is usual, and copying what was kept at every byte takes a minute


def events_of(*pieces):
    return drained(SseDecoder(), *pieces)


def data_of(*pieces):
    return [event.data for event in events_of(*pieces)]


def cut(body, size):
    return [body[start : start + size] for start in range(0, len(body), size)]


def test_a_blank_line_dispatches_an_event():
    assert events_of(b"data: one\n\ndata: two\n\n") == [ServerSentEvent("", "one", ""), ServerSentEvent("", "two", "")]


def test_data_lines_of_one_event_are_joined_by_newlines():
    assert data_of(b"data: YHOO\ndata: +2\ndata: 10\n\n") == ["YHOO\n+2\n10"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_of_the_standard_ends_a_line(end):
    body = b"event: a\ndata: 1\n\ndata: 2\ndata: 3\n\n".replace(b"\n", end)
    assert events_of(body) == [ServerSentEvent("a", "1", ""), ServerSentEvent("", "2\n3", "")]


def test_line_ends_may_be_mixed():
    assert data_of(b"data: 1\r\n\ndata: 2\n\r\ndata: 3\r\rdata: 4\n\r") == ["1", "2", "3", "4"]


def test_a_crlf_that_is_cut_is_one_line_end():
    assert data_of(b"data: 1\r", b"\ndata: 2\r\n\r", b"\n") == ["1\n2"]


def test_an_event_is_given_at_its_bare_cr_without_waiting_for_more():
    decoder = SseDecoder()
    assert [event.data for event in decoder.feed(b"data: 1\r\r")] == ["1"]
    assert decoder.feed(b"\n") == []


def test_one_byte_order_mark_is_dropped_and_only_at_the_start():
    assert data_of(b"\xef\xbb\xbfdata: 1\n\n") == ["1"]
    assert data_of(b"\xef\xbb\xbf\xef\xbb\xbfdata: 1\n\ndata: 2\n\n") == ["2"]
    assert data_of(b"data: 1\n\n\xef\xbb\xbfdata: 2\n\n") == ["1"]


def test_a_comment_is_not_an_event():
    assert events_of(b": OPENROUTER PROCESSING\n\n:\n\n: keep-alive\ndata: 1\n\n") == [ServerSentEvent("", "1", "")]


def test_one_space_after_the_colon_is_dropped_and_only_one():
    assert data_of(b"data:1\n\ndata: 1\n\ndata:  1\n\ndata:\t1\n\n") == ["1", "1", " 1", "\t1"]


def test_a_field_without_a_colon_has_an_empty_value():
    assert data_of(b"data\n\ndata\ndata\n\ndata:\n\n") == ["", "\n", ""]


def test_an_event_without_data_is_not_dispatched_and_its_name_is_forgotten():
    assert events_of(b"event: ping\n\ndata: 1\n\n") == [ServerSentEvent("", "1", "")]


def test_unknown_fields_and_other_cases_are_ignored():
    assert data_of(b"Data: 0\nfoo: 1\n data: 2\ndata: 3\n\n") == ["3"]


def test_the_last_id_stays_until_another_one_comes():
    body = b"id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n"
    assert [(event.data, event.id) for event in events_of(body)] == [("a", "1"), ("b", "1"), ("c", "")]


def test_an_id_with_a_nul_is_ignored():
    assert events_of(b"id: 1\nid: a\0b\ndata: x\n\n") == [ServerSentEvent("", "x", "1")]


def test_retry_counts_only_in_ascii_digits():
    decoder = SseDecoder()
    decoder.feed(b"retry: 3000\n\nretry: 4s\n\nretry: \xd9\xa3\n\nretry:\n\n")
    assert decoder.retry == 3000


def test_other_unicode_line_separators_are_text():
    text = "a\u2028b\u2029c\x85d\x0be\x0cf"
    assert data_of(f"data: {text}\n\n".encode()) == [text]


def test_invalid_utf8_becomes_replacement_characters():
    assert data_of(b"data: \xff\xc3\n\ndata: \xe2\x82\ndata: x\n\n") == ["\ufffd\ufffd", "\ufffd\nx"]


def test_an_event_that_no_blank_line_ends_is_dropped():
    assert data_of(b"data: 1\n\ndata: 2\n") == ["1"]
    assert data_of(b"data: 1\n\ndata: 2") == ["1"]


def test_named_events_in_a_row_keep_their_names():
    body = b"event: a\ndata: 1\n\nevent: b\ndata: 2\n\nevent: c\ndata: 3\n\n"
    assert [(event.event, event.data) for event in events_of(body)] == [("a", "1"), ("b", "2"), ("c", "3")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"data: 1\nid: 7\n\ndata: 2\n\n", ["1", "2"]),
        (b"event: a\ndata: 1\ndata: 2\n\nevent: b\n\n", ["1\n2"]),
        (b"event: a\nfoo: 1\n\nevent: b\ndata: 2\n\n", ["2"]),
        (b"data: 1\n\n\ndata: 2\n\n", ["1", "2"]),
        (b"data: 1\n\nevent: x\ndata: 2\n\n", ["1", "2"]),
    ],
)
def test_what_only_looks_like_a_row_of_plain_events_is_read_line_by_line(body, expected):
    assert data_of(body) == expected


LINES = st.sampled_from(
    [
        b"data: {}", b"data: ", b"data", b"data:x", b"event: a", b"event", b": c", b"id: 1", b"id: \0", b"retry: 5",
        b"", b"", b"", b"junk", "data: é\u2028😀".encode(), b"\xef\xbb\xbf", b"data: \xff\xf0\x9f", b"\xf0\x9f\x98",
    ]
)  # fmt: skip
BODIES = st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\r", b""])), max_size=30).map(
    lambda pairs: b"".join(line + end for line, end in pairs)
)


@given(BODIES, st.integers(1, 9))
@example(b"\xef\xbb\xbfdata: \xf0\x9f\x98\x80\r\n\r\n", 1)
def test_a_cut_anywhere_gives_the_same_events(body, size):
    assert events_of(*cut(body, size)) == events_of(body)


@given(BODIES)
def test_events_are_those_of_the_standard_read_line_by_line(body):
    text = body.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    expected, name, data, last_id = [], "", [], ""
    for line in text.split("\n")[:-1]:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            expected += [ServerSentEvent(name, "\n".join(data), last_id)] if data else []
            name, data = "", []
        elif field == "data":
            data.append(value)
        elif field == "event":
            name = value
        elif field == "id" and "\0" not in value:
            last_id = value
    assert events_of(body) == expected


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail(body):
    events_of(body)


@pytest.mark.parametrize(
    "body",
    [b"data: " + b"x" * 60 + b"\n\n", b"junk" * 20, b"data: 12345678\n" * 9 + b"\n", b"event: " + b"x" * 60 + b"\n"],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_line_or_an_event_over_the_limit_is_a_wire_error_after_what_came_before(body, size, monkeypatch):
    monkeypatch.setattr(sse, "LIMIT", 50)
    decoder, seen = SseDecoder(), []
    with pytest.raises(WireError, match="longer than 50 characters"):  # noqa: PT012 - which call raises depends on the cut
        for piece in cut(b"data: before\n\n" + body, size):
            seen += decoder.feed(piece)
        decoder.close()
    assert [event.data for event in seen] == ["before"]
    with pytest.raises(WireError):
        decoder.feed(b"\n")


def test_many_events_together_may_be_longer_than_the_limit(monkeypatch):
    monkeypatch.setattr(sse, "LIMIT", 50)
    assert data_of(b"data: one\n\n" * 20) == ["one"] * 20


def test_a_long_line_in_single_bytes_is_not_copied_again_for_each_of_them():
    decoder, began = SseDecoder(), time.monotonic()
    for piece in [b"data: ", *[b"x"] * COUNT]:
        assert decoder.feed(piece) == []
    (event,) = decoder.feed(b"\n\n")
    assert len(event.data) == COUNT
    assert time.monotonic() - began < HANG
