"""What the played provider hears: requests whole and torn, wanted and not."""

import json
from itertools import pairwise

import httpx
import pytest

from harness.errors import InputError
from harness.protocol.script import Piece, Script
from harness.replay import ReplayServer
from raw_client import HANG_BOUND, RawClient

OK = Script((Piece(b"ok"),), framing="length", headers=(("Content-Type", "text/plain"),))
OK_BYTES = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
MB = 1024 * 1024


@pytest.fixture(scope="module")
def server():
    with ReplayServer() as running:
        yield running


@pytest.fixture
def place(server):
    with server.open([OK] * 3) as opened:
        yield opened


def heard(place):
    assert place.settled(HANG_BOUND)
    return place.exchanges()


def alive(place):
    with RawClient(place.base_url) as client:
        return client.ask().read(len(OK_BYTES)) == OK_BYTES


def refused(client):
    """Status, connection header and error of a refusal, which is the last thing on its connection."""
    data, end = client.rest()
    head, _, body = data.partition(b"\r\n\r\n")
    assert end == "FIN"
    assert b"Connection: close" in head
    return int(head.split()[1]), json.loads(body)["error"]["code"]


def test_a_request_is_kept_as_it_came(place):
    body = bytes(range(256))
    with RawClient(place.base_url) as client:
        client.ask("/v1/chat?a=%20b&c", body, headers=[("X-Api-KEY", "s"), ("Accept", "a"), ("accept", "b")])
        assert client.read(len(OK_BYTES)) == OK_BYTES
    [exchange] = heard(place)
    assert (exchange.method, exchange.target, exchange.body) == ("POST", "/v1/chat?a=%20b&c", body)
    assert exchange.headers == (
        ("host", "here"),
        ("x-api-key", "s"),
        ("accept", "a"),
        ("accept", "b"),
        ("content-length", "256"),
    )
    assert (exchange.header("X-API-Key"), exchange.header("accept"), exchange.header("cookie")) == ("s", "b", None)
    assert (exchange.script, exchange.status, exchange.connection) == (0, 200, 0)
    assert exchange.answer_headers == OK.headers


def test_a_key_is_in_no_repr(place):
    httpx.get(place.base_url, headers={"Authorization": "Bearer sk-secret"})
    assert "sk-secret" not in repr(heard(place))


def test_a_chunked_body_is_joined(place):
    def parts():
        yield b"one "
        yield b"t" * 100_000

    assert httpx.post(place.base_url, content=parts()).text == "ok"
    [exchange] = heard(place)
    assert exchange.body == b"one " + b"t" * 100_000


def test_a_request_without_body_has_none(place):
    httpx.get(place.base_url)
    httpx.post(place.base_url)
    assert [(exchange.method, exchange.body) for exchange in heard(place)] == [("GET", b""), ("POST", b"")]


@pytest.mark.parametrize("target", ["", "/", "?x=1", "/a/../b", "/a//b;c?d=/e?f", "#no"])
def test_a_target_is_what_stands_behind_the_base_url(place, target):
    with RawClient(place.base_url) as client:
        client.ask(target).read(len(OK_BYTES))
    assert [exchange.target for exchange in heard(place)] == [target]


def test_a_target_in_absolute_form_is_understood(place):
    with RawClient(place.base_url) as client:
        client.path = place.base_url
        client.ask("/chat?x=1").read(len(OK_BYTES))
    assert [exchange.target for exchange in heard(place)] == ["/chat?x=1"]


@pytest.mark.parametrize("scheme", ["HTTP", "Https"])
def test_the_scheme_of_a_target_may_be_written_in_capitals(place, scheme):
    with RawClient(place.base_url) as client:
        client.path = place.base_url.replace("http", scheme, 1)
        client.ask("/chat").read(len(OK_BYTES))
    assert [exchange.target for exchange in heard(place)] == ["/chat"]


def test_empty_lines_before_a_request_are_nothing(place):
    with RawClient(place.base_url) as client:
        client.send(b"\r\n\r\n").ask("/first")
        assert client.read(len(OK_BYTES)) == OK_BYTES
        client.send(b"\r").send(b"\n").ask("/second", b"body").send(b"\r\n").ask("/third")
        assert client.read(2 * len(OK_BYTES)) == OK_BYTES * 2
    assert [exchange.target for exchange in heard(place)] == ["/first", "/second", "/third"]


@pytest.mark.parametrize("target", [b"%s/x", b"here:443", b"%s"])
@pytest.mark.parametrize("announced", [b"", b"Content-Length: 4\r\n"])
def test_a_tunnel_is_refused_and_no_script_is_played(place, target, announced):
    with RawClient(place.base_url) as client:
        target = target.replace(b"%s", client.path.encode())
        client.send(b"CONNECT " + target + b" HTTP/1.1\r\nHost: here\r\n" + announced + b"\r\n")
        assert refused(client) == (501, "method_not_implemented")
    assert heard(place) == ()
    assert alive(place)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "connect", "BREW"])
@pytest.mark.parametrize("upgrade", [(), (("Connection", "upgrade"), ("Upgrade", "websocket"))])
def test_every_other_method_is_answered_by_its_script(place, method, upgrade):
    with RawClient(place.base_url) as client:
        client.ask(method=method, headers=upgrade)
        assert client.head() in OK_BYTES
        assert method == "HEAD" or client.read(2) == b"ok"
        client.ask()
        assert client.read(len(OK_BYTES)) == OK_BYTES
    exchanges = heard(place)
    assert [exchange.method for exchange in exchanges] == [method, "POST"]
    assert all(exchange.whole and exchange.fault is None for exchange in exchanges)


def test_the_beginning_of_a_name_is_another_place(place):
    response = httpx.get(f"{place.base_url}0/chat")
    assert response.status_code == 404
    assert heard(place) == ()


@pytest.mark.parametrize("path", ["/", "/v1/chat/completions?key=sk-secret", "//place-1", "/place-0/x", "*"])
def test_a_request_to_no_place_is_told_what_there_is(place, path):
    with RawClient(place.base_url) as client:
        client.path = ""
        client.ask(path, b"body", headers=[("Connection", "close")])
        data, _ = client.rest()
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404 Not Found\r\n")
    message = json.loads(body)["error"]["message"]
    assert place.base_url.rpartition("/")[2] in message
    assert "sk-secret" not in message
    assert heard(place) == ()


def test_a_404_names_a_few_places_and_counts_all():
    with ReplayServer() as server:
        places = [server.open([OK]) for _ in range(200)]
        message = httpx.get(places[0].base_url.replace("place-1", "elsewhere")).json()["error"]["message"]
        for place in places:
            place.close()
        assert "200 places" in message
        assert len(message) < 300
        last = httpx.get(places[0].base_url)
        assert (last.status_code, last.json()["error"]["code"]) == (404, "no_such_place")


def test_scripts_answer_in_turn_and_then_a_599_says_that_they_are_used_up(server):
    scripts = [Script((Piece(b"%d" % number),), status=200 + number) for number in range(2)]
    with server.open(scripts) as place:
        assert [httpx.post(place.base_url).status_code for _ in range(2)] == [200, 201]
        response = httpx.post(place.base_url, content=b"third")
        exchanges = heard(place)
    assert response.status_code == 599
    assert "2" in response.json()["error"]["message"]
    assert response.json()["error"]["code"] == "scripts_used_up"
    assert [(exchange.script, exchange.status) for exchange in exchanges] == [(0, 200), (1, 201), (None, 599)]
    assert exchanges[2].body == b"third"


def test_requests_on_one_connection_are_told_from_requests_on_another(place):
    with httpx.Client() as client:
        client.post(place.base_url)
        client.post(place.base_url)
    httpx.post(place.base_url)
    assert [exchange.connection for exchange in heard(place)] == [0, 0, 1]


def test_a_connection_may_serve_several_places(server, place):
    with server.open([OK]) as other, httpx.Client() as client:
        for url in (place.base_url, other.base_url, place.base_url):
            assert client.post(url).text == "ok"
        assert [exchange.connection for exchange in heard(place)] == [0, 0]
        assert [exchange.connection for exchange in heard(other)] == [0]


def test_a_client_that_wants_no_further_answer_gets_none(place):
    with RawClient(place.base_url) as client:
        data, end = client.ask(headers=[("Connection", "close")]).rest()
    assert (data, end) == (OK_BYTES.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), "FIN")
    [exchange] = heard(place)
    assert (exchange.whole, exchange.closed_by) == (True, "server")


@pytest.mark.parametrize(
    "script",
    [
        Script(OK.pieces, framing="length", headers=OK.headers, keep_alive=False),
        Script(OK.pieces, framing="length", headers=(*OK.headers, ("connection", "Close"))),
    ],
)
def test_a_provider_that_wants_no_further_request_says_so_and_closes(server, script):
    with server.open([script]) as place, RawClient(place.base_url) as client:
        data, end = client.ask().rest()
        [exchange] = heard(place)
    assert (data.lower().count(b"connection: close"), end) == (1, "FIN")
    assert (exchange.whole, exchange.closed_by) == (True, "server")


def test_pipelined_requests_are_answered_one_by_one_in_their_order(server):
    scripts = [Script((Piece(b"%d" % number, 0.05),), framing="length", headers=OK.headers) for number in range(5)]
    with server.open(scripts) as place, RawClient(place.base_url) as client:
        for number in range(5):
            client.ask(f"/{number}", b"x" * number)
        bodies = [client.head() and client.read(1) for _ in range(5)]
        exchanges = heard(place)
    assert bodies == [b"0", b"1", b"2", b"3", b"4"]
    assert [(one.target, len(one.body)) for one in exchanges] == [(f"/{number}", number) for number in range(5)]
    assert {one.connection for one in exchanges} == {0}
    assert all(later.asked_at >= one.closed_at for one, later in pairwise(exchanges))


def test_a_client_that_sends_far_ahead_is_held_back_and_served(server):
    with server.open([Script(OK.pieces, head_pause=0.3)] + [OK] * 2) as place, RawClient(place.base_url) as client:
        for number in range(3):
            client.ask(body=b"%d" % number * MB)
        client.until(b"0\r\n\r\n")
        assert [client.read(len(OK_BYTES)) for _ in range(2)] == [OK_BYTES] * 2
        assert [len(exchange.body) for exchange in heard(place)] == [MB] * 3


def test_a_client_cannot_fill_the_memory_by_sending_ahead(server):
    with server.open([Script(ending="stall")]) as place, RawClient(place.base_url) as client:
        client.ask().head()
        client.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.send(bytes(50 * MB))  # more than the kernel's buffers hold


def test_a_client_that_waits_to_be_told_is_told_to_go_on(place):
    with RawClient(place.base_url) as client:
        client.ask(headers=[("Expect", "100-continue"), ("Content-Length", "4")])
        assert client.head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert heard_nothing(place)
        client.send(b"body")
        assert client.read(len(OK_BYTES)) == OK_BYTES
    [exchange] = heard(place)
    assert exchange.body == b"body"


def heard_nothing(place):
    return not place.settled(0.02) and place.exchanges() == ()


def test_a_large_body_is_kept_whole(place):
    body = b"0123456789abcdef" * 2 * MB  # 32 MB
    assert httpx.post(place.base_url, content=body, timeout=HANG_BOUND).text == "ok"
    [exchange] = heard(place)
    assert exchange.body == body


@pytest.mark.parametrize("expecting", [(), (("Expect", "100-continue"),)])
def test_a_body_that_is_announced_too_large_is_refused_before_it_comes(place, expecting):
    with RawClient(place.base_url) as client:
        client.ask(headers=[("Content-Length", str(64 * MB + 1)), *expecting])
        assert refused(client) == (413, "body_too_large")
    assert heard(place) == ()
    assert alive(place)


def test_a_body_that_grows_too_large_is_refused(place):
    with RawClient(place.base_url) as client:
        client.ask(headers=[("Transfer-Encoding", "chunked")])
        for _ in range(64):
            client.send(b"100000\r\n" + bytes(MB) + b"\r\n")
        client.send(b"1\r\nx\r\n")
        assert refused(client) == (413, "body_too_large")
    assert heard(place) == ()
    assert alive(place)


def test_a_client_that_goes_on_sending_behind_a_refusal_still_reads_it(place):
    with RawClient(place.base_url) as client:
        client.ask(headers=[("Content-Length", str(64 * MB + 1))])
        client.send(bytes(30 * MB))
        assert refused(client) == (413, "body_too_large")


def test_a_client_that_goes_on_sending_behind_the_last_request_still_reads_its_answer(server):
    large = b"x" * 16 * MB
    script = Script((Piece(large),), framing="length", keep_alive=False)
    with server.open([script]) as place, RawClient(place.base_url) as client:
        client.ask().send(bytes(2 * MB))
        head = client.head()
        data = client.read(len(large))
        client.send(bytes(16 * MB))
        assert client.rest() == (b"", "FIN")
    assert b"Connection: close" in head
    assert data == large


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),  # a TLS hello
        (b"hello\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\n\r\n", 400),  # no Host
        (b"GET / HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: sk-secret\x00\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200_000, 431),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),  # a client of HTTP/2
    ],
)
def test_what_is_no_request_is_refused_and_harms_nobody(place, sent, status):
    with RawClient(place.base_url) as client:
        client.send(sent)
        data, end = client.rest()
    assert int(data.split()[1]) == status
    assert end == "FIN"
    assert b"sk-secret" not in data
    assert heard(place) == ()
    assert alive(place)


def test_a_broken_body_is_refused(place):
    with RawClient(place.base_url) as client:
        client.ask(headers=[("Transfer-Encoding", "chunked")]).send(b"zz\r\n")
        assert refused(client)[0] == 400
    assert heard(place) == ()


def test_garbage_behind_a_good_request_is_refused_behind_its_answer(place):
    with RawClient(place.base_url) as client:
        client.ask().send(b"\x00\x01\x02\r\n\r\n")
        data, end = client.rest()
    assert data.startswith(OK_BYTES + b"HTTP/1.1 400 Bad Request\r\n")
    assert end == "FIN"
    assert len(heard(place)) == 1


@pytest.mark.parametrize("torn", ["close", "reset"])
@pytest.mark.parametrize("part", [b"", b"POST", b"POST %s/x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"])
def test_a_request_that_never_becomes_whole_was_not_received(place, torn, part):
    client = RawClient(place.base_url)
    client.send(part % client.path.encode() if b"%s" in part else part)
    getattr(client, torn)()
    assert heard(place) == ()
    assert alive(place)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (Script(status=99), "status"),
        (Script(status=1000), "status"),
        (Script(headers=(("a b", "c"),)), "header name"),
        (Script(headers=(("a", "b\r\nc: d"),)), "header value"),
        (Script(headers=(("a", "日本"),)), "Latin-1"),
        (Script((Piece(b"x"),), status=204), "no body"),
        (Script((Piece(b"x", -1.0),)), "pause of -1.0"),
        (Script(head_pause=float("nan")), "pause of nan"),
        (Script(raw=b"", head_pause=float("inf")), "pause of inf"),
        (Script((Piece(b"xy"),), framing="length", headers=(("content-length", "3"),)), "says 3"),
        (Script((Piece(b"xy"),), framing="length", ending="fin", headers=(("content-length", "1"),)), "at least 2"),
        (Script((Piece(b"x"),), framing="length", ending="endless", headers=(("content-length", "1"),)), "endless"),
        (Script((Piece(b"x"),), framing="length", headers=(("content-length", "one"),)), "Content-Length"),
    ],
)
def test_what_http_cannot_play_is_refused_when_the_place_is_opened(server, script, why):
    with pytest.raises(InputError, match=f"script 2: .*{why}"):
        server.open([OK, script])
