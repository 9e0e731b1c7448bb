"""An application asks the proxy, and meets its provider; what it met is on tape."""

import json
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import vcr

from harness.cassettes.cassette import read
from harness.protocol.script import Piece, Script
from harness.replay import ReplayServer
from proxied import proxied
from raw_client import HANG_BOUND, RawClient, eventually
from raw_provider import RawProvider

SSE = ("content-type", "text/event-stream")
PIECES = (b'data: {"a": 1}\n\n', b"data: ", "Grüße\n\n".encode(), b"data: [DONE]\n\n")
BODY = b"".join(PIECES)
PATH = "/v1/chat/completions"


@pytest.fixture(scope="module")
def server():
    with ReplayServer() as running:
        yield running


def scripted(*pieces, pause=0.0, **more):
    return Script(tuple(Piece(piece, pause) for piece in pieces), headers=(SSE,), **more)


def test_the_first_piece_is_forwarded_before_the_second_arrives(tmp_path):
    with RawProvider() as provider, proxied(provider.url, tmp_path) as proxy, RawClient(proxy.url) as client:
        client.ask(PATH, b"{}")
        answer = provider.asked().begin()
        assert client.head().startswith(b"HTTP/1.1 200 OK")
        answer.chunk(b"data: one\n\n")
        assert client.read(16) == b"b\r\ndata: one\n\n\r\n"
        assert client.silent(0.1)
        answer.chunk(b"data: two\n\n").end()
        assert client.read(21) == b"b\r\ndata: two\n\n\r\n0\r\n\r\n"
    first, second = proxy.only.cuts
    assert (first.length, second.length) == (11, 11)
    assert second.pause > 0.09


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
def test_what_was_met_is_on_tape(server, tmp_path, framing):
    script = scripted(*PIECES, pause=0.25, framing=framing, head_pause=0.25, reason="Fine")
    with server.open([script]) as place, proxied(place.base_url, tmp_path) as proxy:
        answer = httpx.post(f"{proxy.url}{PATH}?beta=true", json={"stream": True}, headers={"x-mine": "1"})
        assert (answer.status_code, answer.reason_phrase, answer.content) == (200, "Fine", BODY)
        assert answer.headers["content-type"] == "text/event-stream"
        [exchange] = place.exchanges()
    assert (exchange.target, exchange.body) == (f"{PATH}?beta=true", b'{"stream":true}')
    assert exchange.header("x-mine") == "1"
    tape = proxy.only
    assert tape.body.read(0, 100) == BODY
    assert [cut.length for cut in tape.cuts] == [len(piece) for piece in PIECES]
    assert all(0.05 < cut.pause < HANG_BOUND for cut in tape.cuts)
    assert 0.05 < tape.head_pause < HANG_BOUND
    assert (tape.framing, tape.ending, tape.status, tape.reason) == (framing, "end", 200, "Fine")
    assert tape.wire == "openai-chat"
    assert (tape.request.method, tape.request.uri) == ("POST", f"{place.base_url}{PATH}?beta=true")
    assert tape.request.body == b'{"stream":true}'
    assert tape.request.headers["x-mine"] == ("1",)
    assert proxy.files == ["0001-test-place-1-chat-completions.yaml" if framing == "chunked" else proxy.files[0]]


def test_vcrpy_replays_what_was_recorded(server, tmp_path):
    with server.open([scripted(*PIECES)]) as place, proxied(place.base_url, tmp_path) as proxy:
        httpx.post(f"{proxy.url}{PATH}", json={})
    [one] = proxy.told
    with vcr.use_cassette(str(one.file), record_mode="none"), httpx.Client() as client:
        assert client.post(f"{place.base_url}{PATH}", json={}).content == BODY


def test_what_was_recorded_is_played_with_its_pieces_and_pauses(server, tmp_path):
    with server.open([scripted(*PIECES, pause=0.25)]) as place, proxied(place.base_url, tmp_path) as proxy:
        httpx.post(f"{proxy.url}{PATH}", json={})
    tape = proxy.only
    script = Script(tape.pieces(), framing=tape.framing, headers=(SSE,))
    with server.open([script]) as place, RawClient(place.base_url) as client:
        client.ask().head()
        assert [client.once() for _ in range(4)][:2] == [b"10\r\n%b\r\n" % PIECES[0], b"6\r\n%b\r\n" % PIECES[1]]


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_every_method_is_forwarded(server, tmp_path, method):
    script = Script((Piece(b"{}"),), framing="length")
    with server.open([script]) as place, proxied(place.base_url, tmp_path) as proxy:
        answer = httpx.request(method, f"{proxy.url}/v1/models")
        assert answer.content == (b"" if method == "HEAD" else b"{}")
        assert answer.headers["content-length"] == "2"
    assert proxy.only.request.method == method


@pytest.mark.parametrize("status", [204, 304, 301, 429, 500])
def test_every_status_is_forwarded_and_recorded(server, tmp_path, status):
    pieces = () if status in {204, 304} else (Piece(b'{"error": {"message": "no"}}'),)
    script = Script(pieces, status=status, framing="length", headers=(("Location", "/elsewhere"),))
    with server.open([script]) as place, proxied(place.base_url, tmp_path) as proxy:
        assert httpx.post(f"{proxy.url}{PATH}").status_code == status
    assert proxy.only.status == status
    assert proxy.only.headers["Location"] == ("/elsewhere",)


def test_headers_of_one_hop_are_not_passed_on_and_the_host_is_the_providers(tmp_path):
    sent = [
        ("Connection", "close, X-Mine"), ("X-Mine", "1"), ("Keep-Alive", "timeout=5"), ("Proxy-Connection", "x"),
        ("TE", "trailers"), ("Upgrade", "h2c"), ("Proxy-Authorization", "Basic eA=="), ("Expect", "100-continue"),
        ("Accept-Encoding", "gzip, br"), ("X-Theirs", "a"), ("x-theirs", "b"), ("X-Wide", "é"),
    ]  # fmt: skip
    with RawProvider() as provider, proxied(provider.url, tmp_path) as proxy, RawClient(proxy.url) as client:
        client.ask(PATH, b"{}", headers=sent)
        asked = provider.asked()
        asked.begin(
            "Content-Length: 2", "Connection: close, X-Secret", "X-Secret: 1", "Keep-Alive: timeout=5", "X-Y: 2"
        )
        asked.say(b"{}")
        head, end = client.head().lower(), client.rest()
    assert asked.header("host") == provider.url.removeprefix("http://")
    assert asked.header("accept-encoding") == "identity"
    assert asked.header("x-theirs") == "a, b"
    for name in ("x-mine", "keep-alive", "proxy-connection", "te", "upgrade", "proxy-authorization", "expect"):
        assert asked.header(name) is None, name
    assert b"x-y: 2\r\n" in head
    assert b"x-secret" not in head
    assert b"keep-alive" not in head
    assert end == (b"{}", "FIN")


def test_a_client_that_waits_to_be_told_to_go_on_is_told(server, tmp_path):
    with (
        server.open([scripted(b"ok")]) as place,
        proxied(place.base_url, tmp_path) as proxy,
        RawClient(proxy.url) as client,
    ):
        client.ask(PATH, headers=[("Content-Length", "2"), ("Expect", "100-continue")])
        assert client.head().startswith(b"HTTP/1.1 100 ")
        client.send(b"{}")
        assert client.head().startswith(b"HTTP/1.1 200 ")
        assert place.exchanges()[0].body == b"{}"


def test_the_clients_encodings_are_passed_on_where_it_is_wished(tmp_path):
    with (
        RawProvider() as provider,
        proxied(provider.url, tmp_path, keep_encoding=True) as proxy,
        RawClient(proxy.url) as client,
    ):
        client.ask(PATH, b"{}", headers=[("Accept-Encoding", "gzip, br")])
        asked = provider.asked()
        asked.begin("Content-Length: 0")
        client.head()
    assert asked.header("accept-encoding") == "gzip, br"


def test_the_providers_path_stands_before_the_requests(tmp_path):
    with RawProvider() as provider, proxied(f"{provider.url}/api/", tmp_path) as proxy, RawClient(proxy.url) as client:
        client.send(f"POST {proxy.url}{PATH}?a=%2F HTTP/1.1\r\nHost: x\r\n\r\n".encode())  # as proxies are asked
        asked = provider.asked().begin("Content-Length: 0")
        client.head()
    assert asked.lines[0] == f"POST /api{PATH}?a=%2F HTTP/1.1"


def test_a_chunked_request_arrives_whole(server, tmp_path):
    with server.open([scripted(b"ok")]) as place, proxied(place.base_url, tmp_path) as proxy:
        httpx.post(f"{proxy.url}{PATH}", content=iter([b'{"a"', b": 1}"]))
        assert place.exchanges()[0].body == b'{"a": 1}'
    assert proxy.only.request.body == b'{"a": 1}'


def test_several_connections_at_once_do_not_mix_and_one_connection_carries_several_exchanges(server, tmp_path):
    scripts = [scripted(b"data: x\n\n", b"data: y\n\n")] * 40
    with server.open(scripts) as place, proxied(place.base_url, tmp_path) as proxy:

        def conversation(number):
            with httpx.Client() as client:
                return [
                    client.post(f"{proxy.url}{PATH}", json={"n": number, "turn": turn}).content for turn in range(4)
                ]

        with ThreadPoolExecutor(10) as pool:
            assert list(pool.map(conversation, range(10))) == [[b"data: x\n\ndata: y\n\n"] * 4] * 10
    asked = [json.loads(read(one.file).only.request.body) for one in proxy.told]
    assert sorted((one["n"], one["turn"]) for one in asked) == [(n, turn) for n in range(10) for turn in range(4)]
    assert len(proxy.files) == 40


def test_nothing_is_overwritten_by_a_second_run(server, tmp_path):
    for _ in range(2):
        with server.open([scripted(b"ok")] * 2) as place, proxied(place.base_url, tmp_path) as proxy:
            httpx.post(f"{proxy.url}/v1/responses")
            httpx.post(f"{proxy.url}/")
    assert [name[:4] for name in proxy.files] == ["0001", "0002", "0003", "0004"]


def test_an_http_1_0_client_reads_to_the_end_of_the_connection(server, tmp_path):
    with (
        server.open([scripted(b"a", b"b")]) as place,
        proxied(place.base_url, tmp_path) as proxy,
        RawClient(proxy.url) as client,
    ):
        client.ask(PATH, version="1.0").head()
        assert client.rest() == (b"ab", "FIN")
    assert proxy.only.framing == "chunked"


NODE = """
const answer = await fetch(process.argv[1], {method: "POST", body: "{}", headers: {authorization: "Bearer sk-1"}});
console.log(`${answer.status} ${answer.headers.get("content-type")}`);
for await (const piece of answer.body) console.log(Buffer.from(piece).toString());
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not on this machine")
def test_nodes_fetch_has_the_first_piece_before_the_second_arrives(tmp_path):
    with RawProvider() as provider, proxied(provider.url, tmp_path) as proxy:
        command = ["node", "--input-type=module", "-e", NODE, f"{proxy.url}{PATH}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as node:
            answer = provider.asked().begin().chunk(b"one")
            assert [node.stdout.readline() for _ in range(2)] == ["200 text/event-stream\n", "one\n"]
            answer.chunk(b"two").end()
            assert node.communicate(timeout=HANG_BOUND)[0] == "two\n"
    assert [cut.length for cut in proxy.only.cuts] == [3, 3]
    assert proxy.only.request.headers["authorization"] == ("Bearer xx-0",)


def test_a_slow_client_is_not_heard_in_the_times_of_the_pieces(tmp_path):
    with (
        RawProvider() as provider,
        proxied(provider.url, tmp_path) as proxy,
        RawClient(proxy.url, receive_buffer=4096) as client,
    ):
        client.ask(PATH, b"{}")
        answer = provider.asked().begin()
        for _ in range(60):
            answer.chunk(b"x" * 65536)
        answer.end()
        time.sleep(2)  # in which nothing is read
        data = b""
        while not data.endswith(b"\r\n0\r\n\r\n"):
            data += client.once()
        assert data.partition(b"\r\n\r\n")[2].count(b"x") == 60 * 65536
    assert sum(cut.pause for cut in proxy.only.cuts) < 1.5


def test_a_client_that_closes_as_soon_as_it_has_read_done_leaves_a_whole_recording(tmp_path):
    with RawProvider() as provider, proxied(provider.url, tmp_path) as proxy:
        with RawClient(proxy.url) as client:
            client.ask(PATH, b"{}")
            answer = provider.asked().begin().chunk(b"data: [DONE]\n\n")
            client.until(b"[DONE]\n\n\r\n")
        answer.end()
        eventually(lambda: proxy.told)
    assert proxy.only.ending == "end"


KEY = "sk-proj-Abcdefghijklmnop0123456789"
QUOTES = {
    "in the body": Script((Piece(b'{"error": {"message": "no such key: %s"}}' % KEY.encode()),), status=401),
    "over two pieces": Script((Piece(b"data: " + KEY[:15].encode()), Piece(KEY[15:].encode() + b"\n\n"))),
    "over two messages": Script(
        (Piece(b'data: {"t": "my %s"}\n\n' % KEY[:15].encode()), Piece(b'data: {"t": "%s"}\n\n' % KEY[15:].encode()))
    ),
    "in a header": Script(headers=(("X-Debug", f"key={KEY}"), ("Set-Cookie", f"session={KEY}; Path=/"))),
}


@pytest.mark.parametrize("where", QUOTES)
@pytest.mark.parametrize(
    "header", ["Authorization: Bearer {}", "x-api-key: {}", "api-key: {}", "x-goog-api-key: {}", "Cookie: a=b; s={}"]
)
def test_what_proves_who_asks_reaches_the_provider_and_no_file_wherever_it_is_quoted(server, tmp_path, where, header):
    name, _, value = header.format(KEY).partition(": ")
    with server.open([QUOTES[where]]) as place, proxied(place.base_url, tmp_path) as proxy:
        answer = httpx.post(f"{proxy.url}{PATH}?key={KEY}", json={"key": KEY}, headers={name: value})
        [exchange] = place.exchanges()
    assert exchange.header(name.lower()) == value
    assert exchange.target.endswith(KEY)
    assert json.loads(exchange.body) == {"key": KEY}
    assert answer.content == b"".join(piece.data for piece in QUOTES[where].pieces)
    tape = proxy.only
    kept = repr((tape.request.uri, tape.request.headers, tape.request.body, tape.headers, tape.body.read(0, 1000)))
    for part in (KEY[8:15], KEY[15:]):
        assert part not in kept
        assert part not in repr(proxy.told)
    assert tape.body.length == len(answer.content)
