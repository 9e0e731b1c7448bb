"""Providers that are not there, die, or speak no HTTP; clients that go: each is told for what it is."""

import gzip
import socket
import threading
import time
import zlib
from pathlib import Path

import httpx
import pytest

from harness.errors import InputError
from harness.replay.listening import bound
from proxied import proxied
from raw_client import HANG_BOUND, RawClient, eventually
from raw_provider import RawProvider

KEY = "sk-proj-abcdefghijklmnop"
PATH = "/v1/chat/completions"
CHUNKED = ("Transfer-Encoding: chunked",)
LENGTH = ("Content-Length: 500",)


@pytest.mark.parametrize("headers", [CHUNKED, LENGTH], ids=["chunked", "length"])
@pytest.mark.parametrize(("end", "seen"), [("fin", "FIN"), ("reset", "RST")])
def test_a_provider_that_dies_in_mid_stream_is_a_cut_to_the_client_and_on_tape(tmp_path, headers, end, seen):
    with RawProvider() as provider, proxied(provider.url, tmp_path) as proxy, RawClient(proxy.url) as client:
        client.ask(PATH, b"{}")
        answer = provider.asked().begin(*headers)
        say = answer.chunk if headers is CHUNKED else answer.say
        say(b"data: one\n\n")
        client.head()
        received = client.read(16 if headers is CHUNKED else 11)
        getattr(answer, end)()
        assert client.rest() == (b"", seen)
    assert b"data: one\n\n" in received
    assert proxy.only.ending == end
    assert proxy.only.body.read(0, 100) == b"data: one\n\n"
    assert proxy.told[0].why == ""


def test_a_body_that_ends_with_its_connection_is_whole(tmp_path):
    with RawProvider() as provider, proxied(provider.url, tmp_path) as proxy, RawClient(proxy.url) as client:
        client.ask(PATH, b"{}")
        provider.asked().begin("X-A: 1").say(b"data: one\n\n").fin()
        client.head()
        assert client.rest() == (b"data: one\n\n", "FIN")
    assert (proxy.only.framing, proxy.only.ending) == ("close", "end")


def nobody():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (None, "it was refused"),
        (b"", "without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "does not answer in HTTP"),
        (b"HTTP/1.1 999999 Strange\r\n\r\n", "does not answer in HTTP"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
            "another protocol (status 101)",
        ),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 200_000 + b"\r\n\r\n", "with a head of more than 100 KiB"),
    ],
)
def test_a_provider_without_an_answer_is_a_502_that_says_why(tmp_path, said, words):
    with RawProvider() as provider, proxied(nobody() if said is None else provider.url, tmp_path) as proxy:

        def answer():
            provider.asked().say(said).fin()

        talking = threading.Thread(target=answer, daemon=True)
        if said is not None:
            talking.start()
        told = httpx.post(f"{proxy.url}{PATH}", json={}, timeout=HANG_BOUND)
        assert told.status_code == 502
        assert words in told.json()["error"]["message"]
        eventually(lambda: proxy.told)
    [one] = proxy.told
    assert (one.file, one.status, one.is_lost) == (None, None, False)
    assert words in one.why
    assert proxy.files == []


def test_tls_that_fails_is_a_502_that_says_so(tmp_path):
    with RawProvider() as provider, proxied(provider.url.replace("http:", "https:"), tmp_path) as proxy:

        def answer():
            provider.taken().socket.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        told = httpx.post(f"{proxy.url}{PATH}", json={}, timeout=HANG_BOUND)
    assert told.status_code == 502
    assert "TLS failed" in told.json()["error"]["message"]


def test_a_body_that_breaks_the_rules_of_http_is_a_reset_and_no_recording(tmp_path):
    with RawProvider() as provider, proxied(provider.url, tmp_path) as proxy, RawClient(proxy.url) as client:
        client.ask(PATH, b"{}")
        provider.asked().begin(*CHUNKED).chunk(b"data: one\n\n").say(b"no length\r\n")
        client.head()
        assert client.rest() == (b"b\r\ndata: one\n\n\r\n", "RST")
    [one] = proxy.told
    assert one.file is None
    assert "breaks the rules of HTTP" in one.why


@pytest.mark.parametrize("state", ["before the head", "in the body"])
def test_a_client_that_goes_closes_the_providers_connection_and_is_not_recorded(tmp_path, state):
    with RawProvider() as provider, proxied(provider.url, tmp_path) as proxy:
        with RawClient(proxy.url) as client:
            client.ask(PATH, b"{}")
            answer = provider.asked()
            if state == "in the body":
                answer.begin().chunk(b"data: one\n\n")
                client.until(b"one\n\n\r\n")
        went = time.monotonic()
        assert answer.closed_by_the_other()
        assert time.monotonic() - went < HANG_BOUND / 2
        eventually(lambda: proxy.told)
    [one] = proxy.told
    assert one.why == "the client went away before the end"
    assert (one.file, one.is_lost, proxy.files) == (None, False, [])
    assert one.pieces == (state == "in the body")


def test_what_still_goes_on_when_the_proxy_ends_is_not_recorded_and_what_is_whole_is(tmp_path):
    with RawProvider() as provider:
        with proxied(provider.url, tmp_path) as proxy:
            with RawClient(proxy.url) as whole:
                whole.ask(PATH, b"{}")
                provider.asked().begin("Content-Length: 2").say(b"ok")
                whole.until(b"ok")
            going = RawClient(proxy.url).ask(PATH, b"{}")
            answer = provider.asked().begin().chunk(b"data: one\n\n")
            going.until(b"one\n\n\r\n")
        assert answer.closed_by_the_other()
        with going:
            assert going.rest()[0] == b""
    assert [one.why for one in proxy.told] == ["", "the recording was stopped before the end"]
    assert len(proxy.files) == 1


@pytest.mark.parametrize(
    ("sent", "refused"),
    [
        (b"NONSENSE\r\n\r\n", ("", "", 400, "this is no request of HTTP/1.1")),
        (b"CONNECT a.example:1 HTTP/1.1\r\nHost: x\r\n\r\n", ("", "", 501, "nobody can CONNECT")),
        (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", ("OPTIONS", "*", 400, "target is no path")),
        (b"GET a?key=%s HTTP/1.1\r\nHost: x\r\n\r\n" % KEY.encode(), ("GET", "a", 400, "target is no path")),
        (
            b"POST http://x/%s HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n" % KEY.encode(),
            ("POST", f"/sk-proj-{'x' * 16}", 413, "the body has more than 67108864 bytes"),
        ),
    ],
)
def test_what_cannot_be_forwarded_is_refused_and_told(tmp_path, sent, refused):
    with RawProvider() as provider, proxied(provider.url, tmp_path) as proxy, RawClient(proxy.url) as client:
        client.send(sent)
        assert client.head().split(b" ")[1] == b"%d" % refused[2]
    [one] = proxy.told
    assert (one.method, one.path, one.status) == refused[:3]
    assert one.why.startswith("refused by the proxy: ")
    assert refused[3] in one.why
    assert (one.is_refused, one.is_lost, one.file, proxy.files) == (True, False, None, [])


def test_compressed_answers_are_forwarded_as_they_are_and_recorded_unpacked(tmp_path):
    packed = gzip.compress(f"data: {KEY}\n\n".encode() * 3)
    with RawProvider() as provider, proxied(provider.url, tmp_path) as proxy, RawClient(proxy.url) as client:
        client.ask(PATH, b"{}", headers=[("Authorization", f"Bearer {KEY}")])
        answer = provider.asked().begin(f"Content-Length: {len(packed)}", "Content-Encoding: gzip")
        answer.say(packed[:10])
        client.head()
        time.sleep(0.05)
        answer.say(packed[10:])
        assert client.read(len(packed)) == packed
    body = proxy.only.body.read(0, 1000)
    assert body == b"data: sk-proj-xxxxxxxxxxxxxxxx\n\n" * 3
    assert {name.lower() for name in proxy.only.headers} & {"content-encoding", "content-length"} == set()


@pytest.mark.parametrize(
    ("coding", "body", "words"),
    [
        ("gzip", b"no gzip at all", "not gzip"),
        ("gzip", gzip.compress(b"x" * 5000)[:-10], "has no end"),
        ("snappy", b"abc", "not known"),
        ("deflate", zlib.compress(bytes(300 << 20)), "bytes to more than"),
    ],
    ids=["damaged", "cut", "unknown", "a bomb"],
)
def test_a_compression_that_cannot_be_undone_costs_the_recording_and_not_the_exchange(tmp_path, coding, body, words):
    with RawProvider() as provider, proxied(provider.url, tmp_path) as proxy, RawClient(proxy.url) as client:
        client.ask(PATH, b"{}")
        provider.asked().begin(f"Content-Length: {len(body)}", f"Content-Encoding: {coding}").say(body)
        client.head()
        assert client.read(len(body)) == body
    [one] = proxy.told
    assert (one.file, one.is_lost, proxy.files) == (None, True, [])
    assert words in one.why


def test_a_folder_that_is_replaced_costs_the_recording_and_not_the_exchange(tmp_path):
    folder = tmp_path / "gone"
    with RawProvider() as provider, proxied(provider.url, folder) as proxy, RawClient(proxy.url) as client:
        client.ask(PATH, b"{}")
        answer = provider.asked().begin("Content-Length: 4").say(b"ok")
        client.head()
        folder.rmdir()
        folder.write_text("mine")
        answer.say(b"ok")
        assert client.read(4) == b"okok"
    [one] = proxy.told
    assert (one.file, one.is_lost) == (None, True)
    assert str(folder) in one.why


def test_a_bug_of_ours_is_told_to_the_client_and_in_the_line(tmp_path):
    def broken(_):
        raise ZeroDivisionError(KEY)

    with proxied("http://127.0.0.1:1", tmp_path, ask=broken) as proxy:
        told = httpx.post(f"{proxy.url}{PATH}")
    assert told.status_code == 502
    assert told.json()["error"]["message"] == "a bug of ours, please report it: ZeroDivisionError"
    assert [one.why for one in proxy.told] == ["a bug of ours, please report it: ZeroDivisionError"]


def test_a_port_that_is_in_use_is_one_clear_error():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"nobody can listen at 127.0.0.1:{port}: something listens there already"):
            bound("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1", "a" * 300])
def test_a_host_that_is_not_ours_is_one_clear_error(host):
    with pytest.raises(InputError, match="nobody can listen at"):
        bound(host, 0)


def test_a_folder_in_which_nothing_can_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/none"), Path("a\0b")):
        with pytest.raises(InputError, match="nothing can be recorded there"), proxied("http://127.0.0.1:1", folder):
            pass
