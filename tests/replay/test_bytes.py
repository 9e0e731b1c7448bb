"""What a client receives, byte by byte: heads, framings, pieces."""

import json
import time
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.script import Piece, Script
from harness.replay import ReplayServer
from raw_client import HANG_BOUND, RawClient

SSE = (("Content-Type", "text/event-stream"),)


@pytest.fixture(scope="module")
def server():
    with ReplayServer() as running:
        yield running


@pytest.fixture(scope="module")
def client():
    with httpx.Client(timeout=HANG_BOUND) as opened:
        yield opened


def pieces(*datas, pause=0.0):
    return tuple(Piece(data, pause) for data in datas)


def answer(server, script, **asked):
    """Everything that one request brings, up to the end that the request asks for."""
    with server.open([script]) as place, RawClient(place.base_url) as client:
        headers = (*asked.pop("headers", ()), ("Connection", "close"))
        return client.ask(headers=headers, **asked).rest()


def head_of(server, **script):
    data, _ = answer(server, Script(**script))
    return data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")


def test_chunked_coding_has_one_chunk_for_each_piece(server):
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    chunks = b"9\r\ndata: a\n\n\r\n" + b"11\r\n0123456789abcdefX\r\n"
    data, end = answer(server, Script(pieces(b"data: a\n\n", b"0123456789abcdefX"), headers=SSE))
    assert (data, end) == (head + chunks + b"0\r\n\r\n", "FIN")


def test_a_length_is_that_of_all_pieces(server):
    assert answer(server, Script(pieces(b"ab", b"", b"cde"), headers=SSE, framing="length")) == (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcde",
        "FIN",
    )


def test_a_body_that_ends_with_the_connection_has_no_frame(server):
    with server.open([Script(pieces(b"ab", b"cde"), headers=SSE, framing="close")]) as place:
        with RawClient(place.base_url) as client:
            assert client.ask().rest() == (
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\nabcde",
                "FIN",
            )
        assert place.settled(HANG_BOUND)
        [exchange] = place.exchanges()
        assert (exchange.whole, exchange.closed_by) == (True, "server")


def test_a_connection_that_is_kept_says_nothing_of_it_and_stays(server):
    with server.open([Script(pieces(b"ab"), headers=SSE)]) as place, RawClient(place.base_url) as client:
        client.ask()
        assert client.until(b"0\r\n\r\n") == (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"2\r\nab\r\n0\r\n\r\n"
        )
        assert client.silent(0.05)


def test_headers_keep_their_order_their_spelling_and_their_repetitions(server):
    given_headers = (
        ("x-request-ID", "req_1"),
        ("Set-Cookie", "a=1"),
        ("CONTENT-TYPE", "text/event-stream; charset=utf-8"),
        ("Set-Cookie", "b=2"),
        ("Retry-After", "0.5"),
        ("x-empty", ""),
        ("x-name", "Zoë"),
    )
    head = head_of(server, headers=given_headers, pieces=pieces(b"a"))
    assert head[1:8] == [
        "x-request-ID: req_1",
        "Set-Cookie: a=1",
        "CONTENT-TYPE: text/event-stream; charset=utf-8",
        "Set-Cookie: b=2",
        "Retry-After: 0.5",
        "x-empty: ",
        "x-name: Zoë",
    ]
    assert head[8:] == ["Transfer-Encoding: chunked", "Connection: close"]


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
def test_recorded_headers_of_another_framing_are_left_out(server, framing):
    recorded = (("Transfer-Encoding", "gzip, chunked"), ("content-length", "2"), ("X-Last", "1"))
    head = head_of(server, headers=recorded, pieces=pieces(b"ab"), framing=framing)
    assert (
        head[1:]
        == {
            "chunked": [
                "X-Last: 1",
                "Content-Type: text/event-stream",
                "Transfer-Encoding: chunked",
                "Connection: close",
            ],
            "length": ["content-length: 2", "X-Last: 1", "Content-Type: text/event-stream", "Connection: close"],
            "close": ["X-Last: 1", "Content-Type: text/event-stream", "Connection: close"],
        }[framing]
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (pieces(b"data: {}\n\n"), "text/event-stream"),
        (pieces(b" \n", b'{"id": 1}'), "application/json"),
        (pieces(b'[{"id": 1}]'), "application/json"),
        (pieces(b"<html>"), "text/event-stream"),
        ((), None),
    ],
)
def test_a_content_type_is_added_only_where_none_is_given_and_something_is_said(server, body, kind):
    line = f"Content-Type: {kind}"
    assert [one for one in head_of(server, pieces=body) if one.startswith("Content-Type")] == [line] * bool(kind)
    own = head_of(server, pieces=body, headers=(("content-type", "text/html"),))
    assert [one for one in own if one.lower().startswith("content-type")] == ["content-type: text/html"]


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (201, "HTTP/1.1 201 Created"),
        (429, "HTTP/1.1 429 Too Many Requests"),
        (503, "HTTP/1.1 503 Service Unavailable"),
        (529, "HTTP/1.1 529 "),
        (999, "HTTP/1.1 999 "),
    ],
)
def test_a_status_comes_with_its_standard_phrase(server, status, line):
    assert head_of(server, status=status, pieces=pieces(b"{}"))[0] == line


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("framing", ["chunked", "length"])
def test_a_status_without_a_body_has_no_frame_either(server, status, framing):
    data, end = answer(server, Script(status=status, framing=framing))
    assert data.split(b"\r\n", 1)[1] == b"Connection: close\r\n\r\n"
    assert end == "FIN"


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
def test_an_answer_to_head_is_the_head_alone(server, framing):
    with_body, _ = answer(server, Script(pieces(b"abc"), framing=framing))
    alone, end = answer(server, Script(pieces(b"abc"), framing=framing), method="HEAD")
    assert alone == with_body.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert end == "FIN"


@pytest.mark.parametrize(("framing", "frame"), [("chunked", b""), ("length", b"Content-Length: 3\r\n"), ("close", b"")])
def test_a_client_of_http_1_0_gets_no_chunks(server, framing, frame):
    data, end = answer(server, Script(pieces(b"abc"), headers=SSE, framing=framing), version="1.0")
    assert data == (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + frame + b"Connection: close\r\n\r\nabc")
    assert end == "FIN"


def test_raw_bytes_stand_in_place_of_an_answer(server):
    garbage = b"\x00\xffnot HTTP\n"
    with server.open([Script(pieces(b"never"), raw=garbage)]) as place, RawClient(place.base_url) as client:
        assert client.ask().rest() == (garbage, "FIN")
        assert place.settled(HANG_BOUND)
        [exchange] = place.exchanges()
    assert (exchange.status, exchange.whole, exchange.closed_by) == (None, False, "server")
    assert [sent.length for sent in exchange.sent] == [len(garbage)]


@pytest.mark.parametrize(("ending", "end"), [("end", "FIN"), ("fin", "FIN"), ("reset", "RST")])
def test_a_connection_can_end_before_any_answer(server, ending, end):
    with server.open([Script(raw=b"", ending=ending)]) as place, RawClient(place.base_url) as client:
        assert client.ask().rest() == (b"", end)


def test_a_piece_arrives_by_itself_where_the_client_looks_in_between(server):
    datas = [b"da", b"ta: \xf0\x9f", b"\x98\x80\n", b"\n"]
    with server.open([Script(pieces(*datas, pause=0.1), framing="length")]) as place:
        with RawClient(place.base_url) as client:
            client.ask().head()
            assert [client.once() for _ in datas] == datas
        assert place.settled(HANG_BOUND)
        [exchange] = place.exchanges()
    assert [sent.length for sent in exchange.sent] == [2, 6, 3, 1]


def test_a_chunk_arrives_by_itself_in_its_frame(server):
    with server.open([Script(pieces(b"ab", b"cde", pause=0.1))]) as place, RawClient(place.base_url) as client:
        client.ask().head()
        assert client.once() == b"2\r\nab\r\n"
        assert client.once().startswith(b"3\r\ncde\r\n")


def test_pauses_stand_before_the_head_and_before_each_piece(server):
    script = Script((Piece(b"a", 0.1), Piece(b"", 0.1), Piece(b"b", 0.1)), head_pause=0.2, framing="length")
    with server.open([script]) as place:
        with RawClient(place.base_url) as client:
            started = time.monotonic()
            client.ask()
            assert client.silent(0.1)
            client.head()
            assert time.monotonic() - started > 0.19
            assert client.read(2) == b"ab"
        assert place.settled(HANG_BOUND)
        [exchange] = place.exchanges()
    first, second = exchange.sent
    assert first.at - exchange.asked_at > 290
    assert second.at - first.at > 190
    assert exchange.asked_at < first.at < second.at <= exchange.closed_at


def test_a_large_piece_to_a_slow_reader_leaves_in_the_writes_that_were_seen(server, client):
    body = bytes(range(256)) * 32 * 1024  # 8 MB
    for framing in ("chunked", "length", "close"):
        with server.open([Script(pieces(body, b"end"), framing=framing)]) as place:
            with client.stream("GET", place.base_url) as response:
                time.sleep(0.05)  # the kernel's buffers are full by now
                assert response.read() == body + b"end"
            assert place.settled(HANG_BOUND)
            [exchange] = place.exchanges()
        lengths = [sent.length for sent in exchange.sent]
        assert sum(lengths) == len(body) + 3
        assert lengths[-1] == 3
        assert len(lengths) > 2
        assert exchange.whole


@given(
    body=st.binary(max_size=400),
    cuts=st.lists(st.integers(0, 400), max_size=12),
    framing=st.sampled_from(["chunked", "length", "close"]),
)
def test_a_body_cut_anywhere_arrives_joined_and_unchanged(server, client, body, cuts, framing):
    bounds = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    parts = [body[start:stop] for start, stop in pairwise(bounds)]
    with server.open([Script(pieces(*parts), framing=framing)]) as place:
        assert client.post(place.base_url, content=body).content == body
        assert place.settled(HANG_BOUND)
        [exchange] = place.exchanges()
    assert exchange.body == body
    assert exchange.whole
    assert [sent.length for sent in exchange.sent] == [len(part) for part in parts if part]


def test_a_json_answer_needs_nothing_but_its_piece(server, client):
    with server.open([Script(pieces(json.dumps({"a": 1}).encode()), status=400)]) as place:
        response = client.get(place.base_url)
    assert (response.status_code, response.json()) == (400, {"a": 1})
