"""The way to a provider and back: what is sent, and every way in which no answer comes."""

import pytest

from asking import (
    DONE,
    HELLO,
    JSON,
    KEY,
    OPTIONS,
    SSE,
    Recorded,
    answering,
    asked,
    deaf,
    kinds,
    listening,
    model,
    said,
    text,
)
from harness.protocol.script import Piece, Script


def failure(base_url, **config):
    events, error = asked(model(base_url, **({"maxRetries": 0} | config)))
    assert events == []
    return error


def test_a_refused_connection_is_named():
    with listening(backlog=None) as port:
        error = failure(f"http://127.0.0.1:{port}/v1")
    assert str(error) == f"no connection to 127.0.0.1:{port}: it was refused"
    assert (error.code, error.status) == ("CONNECTION_FAILED", None)


def test_an_unknown_host_is_named():
    error = failure("http://nobody.invalid/v1")
    assert str(error) == "no connection to nobody.invalid: there is no such host"
    assert error.code == "CONNECTION_FAILED"


def test_a_host_that_no_name_service_could_know_is_named():
    error = failure(f"http://{'a' * 64}.invalid/v1")
    assert (error.code, "no such host" in str(error)) == ("CONNECTION_FAILED", True)


@pytest.mark.parametrize(
    "base_url", ["http://-\u00e4.invalid/v1", "http://a\u00ad\u200b.invalid/v1", "http://\u2488.invalid"]
)
def test_an_address_that_cannot_be_asked_is_a_failure_and_not_shown(base_url):
    error = failure(base_url)
    assert error.code in ("INVALID_REQUEST", "CONNECTION_FAILED")
    assert "/v1" not in str(error)
    assert "environment" not in str(error)


@pytest.mark.parametrize("host", ["xn--a.invalid", "xn--"])
def test_a_host_whose_punycode_stands_for_nothing_is_no_address(host):
    error = failure(f"http://{host}/v1")
    assert (error.code, str(error)) == ("INVALID_REQUEST", "the provider's address is no address of the web")


def test_a_failure_of_tls_is_named_and_not_tried_again(server):
    recorded = Recorded()
    base_url = server.open([HELLO]).base_url.replace("http:", "https:")
    events, error = asked(model(base_url, recorded))
    assert events == []
    assert (error.code, "TLS failed" in str(error)) == ("CONNECTION_FAILED", True)
    assert recorded.slept == []


@pytest.mark.parametrize("raw", [b"", b"HTTP/1.1 200 OK\r\ncontent-t"])
def test_a_connection_that_is_closed_before_the_head_is_named(server, raw):
    error = failure(server.open([Script(raw=raw)]).base_url)
    assert (error.code, "closed the connection without an answer" in str(error)) == ("CONNECTION_FAILED", True)


@pytest.mark.parametrize("raw", [b"SSH-2.0-OpenSSH_9.7\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x50" * 9, b"x" * 200_000])
def test_what_is_not_http_is_named_and_not_tried_again(server, raw):
    recorded = Recorded()
    events, error = asked(model(server.open([Script(raw=raw), HELLO]).base_url, recorded))
    assert events == []
    assert (error.code, "does not answer in HTTP" in str(error)) == ("INVALID_RESPONSE", True)
    assert recorded.slept == []


def test_a_head_that_never_comes_ends_with_the_time_of_the_attempt_and_is_not_asked_for_again(server):
    place = server.open([Script(HELLO.pieces, head_pause=60), HELLO])
    error = failure(place.base_url, timeout=200, maxRetries=2)
    assert (error.code, "within 0.2 s" in str(error)) == ("TIMEOUT", True)
    assert place.settled(5)
    assert [exchange.closed_by for exchange in place.exchanges()] == ["client"]


def test_connecting_has_an_end_and_is_tried_again():
    recorded = Recorded()
    with deaf() as port:
        events, error = asked(model(f"http://127.0.0.1:{port}/v1", recorded, timeout=200, maxRetries=1))
    assert events == []
    assert (error.code, str(error)) == ("TIMEOUT", f"no connection to 127.0.0.1:{port} within 0.2 s")
    assert len(recorded.slept) == 1


def test_what_a_request_carries(server):
    place = server.open([HELLO])
    asked(
        model(place.base_url, headers={"X-Team": "red", "X-Both": "configuration"}),
        OPTIONS | {"headers": {"x-both": "call", "X-Own": "blue"}},
    )
    (exchange,) = place.exchanges()
    assert (exchange.method, exchange.target) == ("POST", "/chat/completions")
    assert exchange.header("authorization") == f"Bearer {KEY}"
    assert exchange.header("content-type") == "application/json"
    assert exchange.header("content-length") == str(len(exchange.body))
    assert [exchange.header(name) for name in ("x-team", "x-both", "x-own")] == ["red", "call", "blue"]
    assert [name for name, _ in exchange.headers].count("x-both") == 1


def test_a_key_goes_before_the_user_name_in_an_address(server):
    place = server.open([HELLO, HELLO])
    with_name = place.base_url.replace("http://", "http://someone:password1@")
    asked(model(with_name))
    asked(model(None, url=with_name, apiKey=""))
    first, second = place.exchanges()
    assert first.header("authorization") == f"Bearer {KEY}"
    assert second.header("authorization") == "Basic c29tZW9uZTpwYXNzd29yZDE="


def test_a_provider_on_this_machine_is_not_asked_through_a_proxy(server, monkeypatch):
    with listening(backlog=None) as port:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        place = server.open([HELLO, HELLO])
        for base_url in (place.base_url, place.base_url.replace("127.0.0.1", "localhost")):
            events, error = asked(model(base_url))
            assert (text(events), error) == ("Hello", None)


def test_a_provider_elsewhere_is_asked_through_the_proxy_of_the_environment(server, monkeypatch):
    place = server.open([HELLO])
    proxy, path = place.base_url.rsplit("/", 1)
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    events, error = asked(model(f"http://provider.invalid/{path}"))
    assert (text(events), error) == ("Hello", None)


@pytest.mark.parametrize("proxy", ["socks9://me:password1@nobody.invalid:1", "http://[::1", "gopher://x"])
def test_a_proxy_that_cannot_be_used_is_a_failure(monkeypatch, proxy):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", proxy)
    error = failure("http://provider.invalid/v1")
    assert error.code == "CONNECTION_FAILED"
    assert "environment" in str(error)
    assert "password1" not in str(error)


def test_an_answer_with_other_successes_is_read(server):
    events, error = asked(model(server.open([answering(said("Hello", "stop") + DONE, SSE, status=201)]).base_url))
    assert (kinds(events)[-1], error) == ("finish", None)


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
def test_an_answer_is_read_in_every_framing(server, framing):
    script = Script((Piece(said("Hello", "stop") + DONE),), headers=(SSE,), framing=framing)
    events, error = asked(model(server.open([script]).base_url))
    assert (text(events), kinds(events)[-1], error) == ("Hello", "finish", None)


def test_each_attempt_has_a_connection_of_its_own(server):
    busy = answering(b"{}", JSON, status=503)
    place = server.open([busy, HELLO, HELLO])
    one = model(place.base_url)
    asked(one)
    asked(one)
    assert len({exchange.connection for exchange in place.exchanges()}) == 3
