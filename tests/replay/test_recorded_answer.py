"""How a recording is played: its pieces, pauses, framing, ending and headers, seen from the other end of the wire."""

import json
import time
from contextlib import contextmanager

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.cassettes.bodies import LONGEST_INLINE, FileBody
from harness.cassettes.cassette import Cassette
from harness.cassettes.interaction import BytesBody, Cut, Interaction, Request
from harness.errors import InputError
from harness.replay.cassettes import CassetteServer
from harness.replay.recorded_answer import recorded_answer
from raw_client import HANG_BOUND, RawClient
from tapes_by_hand import HELLO, interaction, tape

ASKED = json.dumps(HELLO).encode()
PATH = "/v1/chat/completions"


@contextmanager
def asking(cassette, **options):
    with CassetteServer([cassette], **options) as server, RawClient(server.base_url) as client:
        client.ask(PATH, ASKED)
        yield server, client


@pytest.fixture
def played(tmp_path):
    """Everything that is sent of one recording, and how the connection ended behind it."""

    def played(said="ok", **more):
        with asking(tape(tmp_path / "one.yaml", interaction(said=said, **more))) as (server, client):
            client.ask("/none", method="GET", headers=[("Connection", "close")])  # so that a whole answer ends too
            said, how = client.rest()
            first, _, _ = said.partition(b"HTTP/1.1 599")
            assert server.settled(HANG_BOUND)
            return first, how, server.exchanges()[0]

    return played


def chunks(body):
    """The lengths of the chunks of a chunked body."""
    found = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        found.append(int(size, 16))
        assert rest[found[-1] : found[-1] + 2] == b"\r\n"
        body = rest[found[-1] + 2 :]
    return found


def test_every_recorded_piece_is_a_chunk_of_its_length(played):
    said, _, exchange = played("data: abc\n\n", pieces=[[1, 0], [5, 0], [2, 0], [3, 0]])
    assert chunks(said.partition(b"\r\n\r\n")[2]) == [1, 5, 2, 3, 0]
    assert [sent.length for sent in exchange.sent] == [1, 5, 2, 3]
    assert exchange.whole


@settings(max_examples=20)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=30))
def test_any_cuts_are_played_as_they_were_recorded(lengths):
    body = bytes(number % 251 for number in range(sum(lengths)))
    request = Request("POST", f"https://h{PATH}", {}, ASKED)
    recorded = Interaction(request, 200, {}, BytesBody(body), cuts=tuple(Cut(length) for length in lengths))
    with asking(Cassette("one", None, (recorded,))) as (_, client):
        client.head()
        said = client.until(b"\r\n0\r\n\r\n")
    assert chunks(said) == [*lengths, 0]


def test_a_body_that_nobody_cut_is_one_piece(played):
    assert chunks(played("data: abc\n\n")[0].partition(b"\r\n\r\n")[2]) == [11, 0]


def test_pauses_are_kept_in_front_of_the_head_and_of_each_piece(played):
    _, _, exchange = played("abc", head_pause_ms=60, pieces=[[1, 30], [1, 0], [1, 90]])
    head, first, second, third = exchange.asked_at, *(sent.at for sent in exchange.sent)
    assert first - head >= 89
    assert second >= first
    assert third - second >= 89


@pytest.mark.parametrize(("speed", "shortest"), [(2, 0.2), (0.5, 0.8)])
def test_speed_divides_the_pauses(tmp_path, speed, shortest):
    recorded = tape(tmp_path / "one.yaml", interaction(said="ab", head_pause_ms=200, pieces=[[1, 100], [1, 100]]))
    started = time.monotonic()
    with asking(recorded, speed=speed) as (_, client):
        client.until(b"\r\n0\r\n\r\n")
        assert time.monotonic() - started >= shortest - 0.01


def test_at_speed_0_there_are_no_pauses(tmp_path):
    hour = 3_600_000
    recorded = tape(tmp_path / "one.yaml", interaction(said="ab", head_pause_ms=hour, pieces=[[1, hour], [1, hour]]))
    with asking(recorded, speed=0) as (_, client):
        assert client.until(b"\r\n0\r\n\r\n").endswith(b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n")


def test_a_pause_of_no_bytes_is_a_pause_too(played):
    _, _, exchange = played("ab", pieces=[[1, 0], [0, 80], [1, 0]])
    assert [sent.length for sent in exchange.sent] == [1, 1]
    assert exchange.sent[1].at - exchange.sent[0].at >= 79


@pytest.mark.parametrize(
    ("ending", "framing", "behind", "how"),
    [
        ("end", "chunked", b"3\r\nabc\r\n0\r\n\r\n", "FIN"),
        ("end", "length", b"abc", "FIN"),
        ("end", "close", b"abc", "FIN"),
        ("fin", "chunked", b"3\r\nabc\r\n", "FIN"),
        ("fin", "length", b"abc", "FIN"),
        ("reset", "chunked", b"3\r\nabc\r\n", "RST"),
        ("reset", "close", b"abc", "RST"),
    ],
)
def test_framing_and_ending_are_the_recorded_ones(tmp_path, ending, framing, behind, how):
    recorded = tape(tmp_path / "one.yaml", interaction(said="abc", ending=ending, framing=framing))
    with asking(recorded) as (_, client):
        head = client.head()
        if (ending, framing) == ("end", "length"):
            assert b"Content-Length: 3\r\n" in head
            assert client.read(3) == b"abc"
            return
        if (ending, framing) == ("end", "chunked"):
            assert client.read(len(behind)) == behind
            return
        assert (b"Transfer-Encoding: chunked" in head) == (framing == "chunked")
        assert client.rest() == (behind, how)


def head_of(played, headers, **more):
    said, _, _ = played("abc", headers=headers, **more)
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("host", "h")]))
    client.receive_data(said)
    head = client.next_event()
    return head.status_code, head.reason, [(name.decode(), value.decode()) for name, value in head.headers.raw_items()]


def test_every_recorded_header_is_sent_but_those_of_one_connection(played):
    recorded = {
        "Content-Type": ["text/event-stream; charset=utf-8"],
        "x-request-id": ["req_1"],
        "Set-Cookie": ["a=1", "b=2"],
        "date": ["Sat, 01 Nov 2025 00:00:00 GMT"],
        "content-encoding": ["unheard-of"],
        "Connection": ["keep-alive, x-hop"],
        "Keep-Alive": ["timeout=5"],
        "Transfer-Encoding": ["chunked"],
        "X-Hop": ["1"],
        ":status": ["200"],
        "Upgrade": ["h2"],
    }
    _, _, headers = head_of(played, recorded)
    assert headers == [
        ("Content-Type", "text/event-stream; charset=utf-8"),
        ("x-request-id", "req_1"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("date", "Sat, 01 Nov 2025 00:00:00 GMT"),
        ("content-encoding", "unheard-of"),
        ("Transfer-Encoding", "chunked"),
    ]


def test_a_content_type_that_nobody_recorded_is_not_made_up(played):
    assert head_of(played, {}) == (200, b"OK", [("Transfer-Encoding", "chunked")])


@pytest.mark.parametrize(
    ("given", "ending", "sent"),
    [("3", "end", "3"), ("7", "end", "3"), ("x", "end", "3"), ("7", "fin", "7"), ("3", "fin", "4")],
)
def test_a_recorded_length_is_sent_where_it_fits(played, given, ending, sent):
    _, _, headers = head_of(played, {"content-length": [given]}, framing="length", ending=ending)
    assert [value for name, value in headers if name.lower() == "content-length"] == [sent]


def test_the_recorded_reason_is_sent(tmp_path):
    one = interaction(status=429)
    one["response"]["status"]["message"] = "Slow Down"
    with asking(tape(tmp_path / "one.yaml", one)) as (_, client):
        assert client.head().startswith(b"HTTP/1.1 429 Slow Down\r\n")


def test_a_connection_carries_one_answer_after_another(tmp_path):
    with asking(tape(tmp_path / "one.yaml", interaction(said="abc"))) as (server, client):
        for _ in range(3):
            client.until(b"3\r\nabc\r\n0\r\n\r\n")
            client.ask(PATH, ASKED)
        assert {one.connection for one in server.exchanges()} == {0}


class Watched(FileBody):
    """A body in a file that remembers the longest range that was read at once."""

    longest = 0

    def read(self, start, stop):
        self.longest = max(self.longest, stop - start)
        return super().read(start, stop)


def test_a_piece_that_no_network_delivers_at_once_is_never_held(tmp_path):
    path = tmp_path / "long.body"
    length = LONGEST_INLINE + 3_000_000
    path.write_bytes(b"\n" * length)
    body = Watched(path, length, "0" * 64)
    answer = recorded_answer(Interaction(Request("GET", "/", {}, b""), 200, {}, body, cuts=(Cut(length, 0.5),)))
    pieces = answer.script.pieces
    assert sum(len(piece.data) for piece in pieces) == length
    assert [pieces[0].pause, pieces[1].pause] == [0.5, 0.0]
    assert body.longest <= 1024 * 1024


def test_a_body_whose_file_is_shorter_than_it_was_is_refused(tmp_path):
    path = tmp_path / "long.body"
    path.write_bytes(b"abc")
    with pytest.raises(InputError, match=r"long\.body: ends at byte 3"):
        recorded_answer(Interaction(Request("GET", "/", {}, b""), 200, {}, FileBody(path, 5, "0" * 64)))
