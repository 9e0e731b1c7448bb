"""What goes to a provider is what was asked, letter for letter; what leaves HTTP is told for what it is."""

import asyncio
import threading

import pytest

from harness.cassettes.interaction import Request
from harness.errors import ModelError
from harness.model.upstream import asked, sendable
from raw_provider import RawProvider


def sent(target):
    """The request line that a provider gets."""
    with RawProvider() as provider:
        lines = []

        def answer():
            asked_for = provider.asked().begin("Content-Length: 0")
            lines.append(asked_for.lines[0])

        talking = threading.Thread(target=answer, daemon=True)
        talking.start()

        async def ask():
            async with asked(Request("GET", provider.url + target, {"Host": ("x",)}, b"")) as answering:
                assert answering.head.status == 200

        asyncio.run(ask())
        talking.join()
    return lines[0]


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("/v1/../..//etc/./passwd", "GET /v1/../..//etc/./passwd HTTP/1.1"),
        ('/a[b]"<>|^`{}\\?q=[1]&"<>\'', 'GET /a[b]"<>|^`{}\\?q=[1]&"<>\' HTTP/1.1'),
        ("/a%2fb%2F%?%zz=%41", "GET /a%2fb%2F%?%zz=%41 HTTP/1.1"),
        ("/a?", "GET /a? HTTP/1.1"),
        ("/a#b", "GET /a#b HTTP/1.1"),
        ("//two", "GET //two HTTP/1.1"),
        ("", "GET / HTTP/1.1"),
        ("?a=b", "GET /?a=b HTTP/1.1"),
    ],
)
def test_the_target_is_sent_letter_for_letter(target, line):
    assert sent(target) == line


def test_a_forwarding_proxy_of_the_environment_is_asked_for_the_same_target(monkeypatch):
    with RawProvider() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        lines = []
        talking = threading.Thread(
            target=lambda: lines.append(proxy.asked().begin("Content-Length: 0").lines[0]), daemon=True
        )
        talking.start()

        async def ask():
            async with asked(Request("GET", "http://far.example/a/../[b]?c", {"Host": ("x",)}, b"")):
                pass

        asyncio.run(ask())
        talking.join()
    assert lines[0].split(" ")[1].endswith("far.example/a/../[b]?c")


@pytest.mark.parametrize(
    ("uri", "sent_as"),
    [
        ("http://x/é b?ü=%20", "http://x/%C3%A9%20b?%C3%BC=%20"),
        ('http://x/a/../[b]"<>?q#f', 'http://x/a/../[b]"<>?q#f'),
        ("http://bücher.example", "http://bücher.example"),
    ],
)
def test_what_http_has_no_bytes_for_is_percent_encoded_before_it_is_recorded(uri, sent_as):
    assert sendable(uri) == sent_as


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n\x81", "protocol (status 101)"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n", "a head of more than 100 KiB"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "does not answer in HTTP"),
    ],
)
def test_an_answer_that_is_none_is_told_for_what_it_is(said, words):
    with RawProvider() as provider:
        threading.Thread(target=lambda: provider.asked().say(said), daemon=True).start()

        async def ask():
            async with asked(Request("GET", provider.url, {"Host": ("x",)}, b"")):
                raise AssertionError("this is an answer")

        with pytest.raises(ModelError) as caught:
            asyncio.run(ask())
    assert words in str(caught.value)
