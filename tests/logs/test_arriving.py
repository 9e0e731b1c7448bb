"""Chunks that arrive are those of a log of the same bytes, however they are cut, and no more than are wanted."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.logs import read_log
from harness.logs.arriving import Arriving, frame_of_line, frame_of_type
from harness.protocol.transcript import Ending

WHO = {"id": "r", "model": "m", "timestamp": 1}
CHUNKS = [
    {"type": "content", **WHO, "delta": "He\u2028", "content": "He\u2028"},
    {"type": "content", **WHO, "delta": "y 👋", "content": "He\u2028y 👋"},
    {"type": "done", **WHO, "finishReason": "stop"},
]
SSE = "".join(f": ping\n\ndata: {json.dumps(chunk, ensure_ascii=False)}\r\n\r\n" for chunk in CHUNKS).encode()
LINES = "\n".join(json.dumps(chunk, ensure_ascii=False) for chunk in CHUNKS).encode()
BODIES = {
    "sse": [SSE + b"data: [DONE]\n\n", SSE, SSE[:-3], SSE.replace(b"data: ", b"data:", 1)],
    "ndjson": [LINES, LINES[:-4]],
}
NAMED = [(frame, body) for frame, bodies in BODIES.items() for body in bodies]


def cut(body, places):
    ends = [0, *sorted(place % len(body) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(ends)]


@given(st.sampled_from(NAMED), st.lists(st.integers(0, 10_000), max_size=6))
def test_what_arrives_in_any_pieces_is_the_log_of_its_bytes(named, places):
    frame, body = named
    arriving = Arriving(frame)
    for at, piece in enumerate(cut(body, places)):
        assert not arriving.feed(piece, at, 100)
    got, log = arriving.whole(), read_log([body], scope="wire")
    assert [record.chunk for record in got.records] == [record.chunk for record in log.records]
    assert got.framing == log.framing


@given(st.sampled_from([NAMED[0], NAMED[-2]]), st.lists(st.integers(0, 10_000), max_size=4), st.integers(1, 2))
def test_no_more_is_read_than_is_wanted(named, places, most):
    frame, body = named
    arriving = Arriving(frame)
    enough = [arriving.feed(piece, 0, most) for piece in cut(body, places)]
    assert enough[-1]
    assert arriving.count == most
    got = arriving.left(Ending("aborted", place=most))
    assert len(got.records) == most
    assert got.framing.faults == ()


def test_each_chunk_has_the_time_of_the_piece_that_ended_it():
    arriving = Arriving("ndjson")
    middle = LINES.index(b"\n") + 9
    for at, piece in [(1.5, LINES[:9]), (2.5, LINES[9:middle]), (4.0, LINES[middle:] + b"\n")]:
        arriving.feed(piece, at, 100)
    assert [record.at for record in arriving.whole().records] == [2.5, 4.0, 4.0]


def test_a_connection_that_breaks_is_one_fault_on_the_line_where_it_broke():
    arriving = Arriving("sse")
    arriving.feed(SSE[:-5], 0, 100)
    got = arriving.cut("connection reset", Ending("raised"))
    [fault] = got.framing.faults
    assert (fault.line, fault.seen) == (SSE[:-5].count(b"\n") + 1, "connection reset")


@pytest.mark.parametrize(
    ("type_", "frame"),
    [
        ("text/event-stream", "sse"),
        ("Text/Event-Stream ; charset=utf-8", "sse"),
        ("application/x-ndjson", "ndjson"),
        ("application/jsonl", "ndjson"),
        ("application/json", None),
        ("text/html", None),
        ("", None),
    ],
)
def test_a_frame_may_be_told_by_its_type(type_, frame):
    assert frame_of_type(type_) == frame


@pytest.mark.parametrize(
    ("line", "frame"),
    [
        (b"data: {}", "sse"),
        (b": ping", "sse"),
        (b"\xef\xbb\xbfevent: x", "sse"),
        (b'  {"type": "content"}\r', "ndjson"),
        (b'{"type": 1}', None),
        (b'{"error": "x"}', None),
        (b"database: x", None),
        (b"<html>", None),
        (b"\xff\xfe", None),
        (b"", None),
    ],
)
def test_a_frame_may_be_told_by_its_first_line(line, frame):
    assert frame_of_line(line) == frame


def test_lines_without_end_that_hold_no_chunk_are_refused():
    arriving = Arriving("sse")
    arriving.feed(b": ping\n" * 100_000, 0, 100)
    with pytest.raises(InputError, match="100000 lines behind line 1 hold no chunk"):
        arriving.feed(b": ping\n" * 9, 0, 100)
