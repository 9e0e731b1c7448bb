"""How answers end, and how the going of a client is noticed."""

import contextlib
import socket
import time
from dataclasses import replace

import httpx
import pytest

from harness.protocol.script import Piece, Script
from harness.replay import ReplayServer
from raw_client import HANG_BOUND, RawClient, eventually

TWO = (Piece(b"data: a\n\n"), Piece(b"data: b\n\n"))
CHUNKS = b"9\r\ndata: a\n\n\r\n9\r\ndata: b\n\n\r\n"
BODY = b"data: a\n\ndata: b\n\n"
LARGE = Piece(b"x" * 65536)
OK = Script((Piece(b"ok"),))
SOON = 1000.0  # milliseconds, generously


@pytest.fixture(scope="module")
def server():
    with ReplayServer() as running:
        yield running


def ended(place):
    assert place.settled(HANG_BOUND)
    [exchange] = place.exchanges()
    return exchange


@pytest.mark.parametrize(
    ("framing", "received"),
    [
        ("chunked", (b"Transfer-Encoding: chunked", CHUNKS)),
        ("length", (b"Content-Length: 19", BODY)),
        ("close", (b"Connection: close", BODY)),
    ],
)
@pytest.mark.parametrize(("ending", "end"), [("fin", "FIN"), ("reset", "RST")])
def test_a_connection_closed_in_the_middle_of_a_body_has_sent_all_pieces_and_no_end(
    server, framing, received, ending, end
):
    frame, body = received
    with server.open([Script(TWO, framing=framing, ending=ending)]) as place, RawClient(place.base_url) as client:
        client.ask()
        assert frame in client.head()
        assert client.rest() == (body, end)
        exchange = ended(place)
    assert (exchange.whole, exchange.closed_by, exchange.status) == (False, "server", 200)
    assert [sent.length for sent in exchange.sent] == [9, 9]
    assert exchange.closed_at >= exchange.sent[-1].at


@pytest.mark.parametrize("ending", ["end", "fin", "reset", "stall"])
def test_a_content_length_of_the_script_is_kept(server, ending):
    given = (("content-length", "18" if ending == "end" else "500"),)
    script = Script(TWO, framing="length", ending=ending, headers=given)
    with server.open([script]) as place, RawClient(place.base_url) as client:
        head = client.ask().head().lower()
        assert head.count(b"content-length") == 1
        assert f"content-length: {given[0][1]}\r\n".encode() in head
        assert client.read(18) == BODY


def test_clients_know_a_truncated_body_for_what_it_is(server):
    for framing in ("chunked", "length"):
        with (
            server.open([Script(TWO, framing=framing, ending="fin")]) as place,
            pytest.raises(httpx.RemoteProtocolError),
        ):
            httpx.post(place.base_url)
    with server.open([Script(TWO, ending="reset")]) as place, pytest.raises(httpx.ReadError):
        httpx.post(place.base_url)


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
def test_a_reset_waits_until_a_slow_client_could_take_every_byte(server, framing):
    pieces = (LARGE,) * 40
    with (
        server.open([Script(pieces, framing=framing, ending="reset")]) as place,
        RawClient(place.base_url, receive_buffer=4096) as client,
    ):
        client.ask().head()
        time.sleep(0.2)
        data, end = client.rest()
    assert data.count(b"x") == 40 * 65536
    assert end == "RST"


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
def test_a_stall_is_silence_until_the_client_goes(server, framing):
    with server.open([Script(TWO, framing=framing, ending="stall")]) as place:
        with RawClient(place.base_url) as client:
            client.ask().head()
            client.read(len(CHUNKS if framing == "chunked" else BODY))
            assert client.silent(0.2)
            assert not place.settled(0.01)
            [running] = place.exchanges()
            assert (running.status, running.closed_at, running.closed_by) == (200, None, None)
        assert ended(place).closed_by == "client"


@pytest.mark.parametrize(
    "script",
    [
        Script(TWO, ending="stall"),
        Script(TWO, head_pause=HANG_BOUND),
        Script((Piece(b"a", HANG_BOUND),)),
        Script((LARGE,), ending="endless"),
        Script(raw=b"", ending="stall"),
        Script((LARGE,) * 400),
    ],
    ids=["stall", "slow head", "pause", "endless", "raw stall", "full buffers"],
)
def test_closing_a_place_ends_what_still_runs_there(server, script):
    place = server.open([script])
    with RawClient(place.base_url) as client:
        client.ask()
        eventually(place.exchanges)
        place.close()
        client.rest()
        exchange = ended(place)
    assert (exchange.whole, exchange.closed_by) == (False, "server")
    place.close()


def test_an_endless_body_goes_on_at_a_pace_and_is_whole_never(server):
    with server.open([Script(TWO, ending="endless", framing="length")]) as place:
        with RawClient(place.base_url) as client:
            client.ask().head()
            assert client.read(18 * 50) == BODY * 50
        exchange = ended(place)
    assert (exchange.whole, exchange.closed_by) == (False, "client")
    assert sum(sent.length for sent in exchange.sent) >= 18 * 50
    times = [sent.at for sent in exchange.sent]
    assert times[-1] - times[1] > 90  # 98 pieces, a millisecond apart


def test_an_endless_body_waits_for_a_client_that_does_not_read(server):
    with server.open([Script((LARGE,), ending="endless")]) as place, RawClient(place.base_url) as client:
        client.ask()

        def sent():
            return sum(one.length for exchange in place.exchanges() for one in exchange.sent)

        def at_rest():
            before = sent()
            time.sleep(0.1)
            return before and before == sent()

        eventually(at_rest)
        assert sent() < 64 * 1024 * 1024  # what the kernel's buffers hold


def test_an_endless_body_of_nothing_is_a_stall(server):
    script = Script((Piece(b""),), ending="endless")
    with server.open([script]) as place, RawClient(place.base_url) as client:
        client.ask().head()
        assert client.silent(0.1)


STATES = {
    "slow head": Script(TWO, head_pause=HANG_BOUND),
    "raw stall": Script(raw=b"HTTP/1.1 2", ending="stall"),
    "pause": Script((*TWO, Piece(b"c", HANG_BOUND))),
    "stall": Script(TWO, ending="stall"),
    "stall with a length": Script(TWO, framing="length", ending="stall"),
    "endless": Script(TWO, ending="endless"),
    "endless with pauses": Script(tuple(replace(piece, pause=0.3) for piece in TWO), ending="endless"),
    "full buffers": Script((LARGE,) * 400),
    "a reset that waits": Script((LARGE,) * 40, ending="reset"),
}


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("script", STATES.values(), ids=STATES)
def test_the_going_of_a_client_is_noticed_at_once_in_every_state(server, script, how):
    with server.open([script]) as place:
        client = RawClient(place.base_url, receive_buffer=4096).ask()
        eventually(place.exchanges)
        time.sleep(0.05)  # well into the state
        if script.raw is None and not script.head_pause:
            client.head()
        went = (time.monotonic() - place.opened_at) * 1000
        getattr(client, how)()
        exchange = ended(place)
    assert (exchange.closed_by, exchange.whole) == ("client", False)
    assert -1 < exchange.closed_at - went < SOON


def test_a_close_is_noticed_while_another_connection_of_the_place_goes_on(server):
    with server.open([Script(TWO, ending="stall")] * 2) as place, RawClient(place.base_url) as stays:
        stays.ask().head()
        with RawClient(place.base_url) as goes:
            goes.ask().head()
        eventually(lambda: place.exchanges()[1].closed_by)
        assert not place.settled(0.01)
        assert [exchange.closed_by for exchange in place.exchanges()] == [None, "client"]


def test_a_client_that_asks_and_leaves_was_heard(server):
    with server.open([Script(TWO, ending="stall")]) as place:
        RawClient(place.base_url).ask(body=b"goodbye").close()
        exchange = ended(place)
    assert (exchange.body, exchange.closed_by) == (b"goodbye", "client")


def test_what_a_client_has_done_is_known_once_its_place_is_settled(server):
    with server.open([Script(TWO, ending="stall")] * 30) as place:
        for number in range(30):
            client = RawClient(place.base_url).ask()
            assert not place.settled(0.01)
            assert len(place.exchanges()) == number + 1
            client.close()
            assert place.settled(HANG_BOUND)
            assert place.exchanges()[number].closed_by == "client"


def test_a_client_that_only_stops_sending_has_left(server):
    with server.open([Script(TWO, ending="stall")]) as place, RawClient(place.base_url) as client:
        client.ask().head()
        assert client.read(len(CHUNKS)) == CHUNKS
        client.socket.shutdown(socket.SHUT_WR)
        assert ended(place).closed_by == "client"
        assert client.rest() == (b"", "FIN")


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
def test_a_client_that_closes_as_soon_as_it_has_everything_leaves_a_whole_answer(server, framing):
    with server.open([Script(TWO, framing=framing)] * 200) as place:
        for _ in range(200):
            with RawClient(place.base_url) as client:
                client.ask().head()
                whole = {"chunked": CHUNKS + b"0\r\n\r\n", "length": BODY, "close": BODY}[framing]
                assert client.read(len(whole)) == whole
                assert framing != "close" or client.rest() == (b"", "FIN")
        assert place.settled(HANG_BOUND)
        assert [exchange.whole for exchange in place.exchanges()] == [True] * 200


def test_a_whole_answer_on_a_connection_that_stays_is_closed_by_nobody(server):
    with server.open([Script(TWO)]) as place:
        with RawClient(place.base_url) as client:
            client.ask().until(b"0\r\n\r\n")
            before = ended(place)
            assert (before.whole, before.closed_by) == (True, None)
            assert before.closed_at >= before.sent[-1].at
        assert ended(place) == before


def test_an_account_without_end_stays_small(server):
    many = tuple(Piece(b"x") for _ in range(10_050))
    with server.open([Script(many, framing="length")]) as place:
        assert len(httpx.get(place.base_url, timeout=HANG_BOUND).content) == 10_050
        exchange = ended(place)
    assert len(exchange.sent) == 10_000
    assert exchange.sent[-1].length == 51
    assert sum(sent.length for sent in exchange.sent) == 10_050


@pytest.mark.parametrize("failure", [{"status": 503}, {"status": 401}, {"ending": "reset"}, {"raw": b"what?"}])
def test_a_failure_that_is_the_last_script_is_given_again(server, failure):
    with server.open([OK, Script((Piece(b"busy"),), **failure)]) as place:
        for _ in range(4):
            with contextlib.suppress(httpx.TransportError):
                httpx.post(place.base_url)
        assert place.settled(HANG_BOUND)
        exchanges = place.exchanges()
    assert [exchange.script for exchange in exchanges] == [0, 1, 1, 1]
    assert {exchange.status for exchange in exchanges[1:]} == {exchanges[1].status}


def test_a_failure_that_is_not_the_last_script_is_given_once(server):
    with server.open([Script(status=503), OK]) as place:
        assert [httpx.post(place.base_url).status_code for _ in range(3)] == [503, 200, 599]


def test_a_place_without_scripts_answers_599(server):
    with server.open([]) as place:
        assert httpx.post(place.base_url).status_code == 599
