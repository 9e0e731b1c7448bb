"""A running application that sends its client somewhere else, and connections that break without a word."""

import socket
from contextlib import closing

import httpx
import pytest

from harness.drivers import connect
from harness.drivers.http_answer import told
from harness.errors import ShimError
from harness.protocol.script import Piece, Script
from harness.protocol.transcript import Stimulus
from harness.replay.server import ReplayServer

ASKED = Stimulus({"messages": [{"role": "user", "content": "Hello."}]}, operation="chat")
LOG_IN = (Piece(b"<title>Log in</title>"),)


@pytest.fixture(scope="module")
def server():
    with ReplayServer() as server:
        yield server


def asked(server, location):
    """What is said of an application that answers with this redirect, with its own address as ``HERE``."""
    with server.open([Script((), status=307, headers=(("Location", location),))]) as place:
        with closing(connect(f"{place.base_url}/chat")) as driver, pytest.raises(ShimError) as failed:
            driver.ask(ASKED, 20)
        return str(failed.value).replace(place.base_url, "HERE")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def test_a_redirect_to_where_nobody_listens_is_told_with_the_place(server):
    there = f"127.0.0.1:{free_port()}/x"
    said = asked(server, f"http://me:secret@{there}?key=secret#secret")
    assert said.startswith(f"HERE/chat redirects to http://{there}, where there is no answer: ")
    assert "secret" not in said
    assert not said.endswith(": ")


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("file:///etc/passwd", "file:/etc/passwd"),
        ("http://[::bad/x?key=secret", "http://[::bad/x"),
        ("http://me:sec/ret@host:x/?key=secret", "http://host:x/"),
        ("mailto:me", "mailto:me"),
    ],
)
def test_a_redirect_to_what_is_no_address_is_told_without_a_key(server, location, shown):
    assert asked(server, location) == f"HERE/chat redirects to {shown}, where there is no answer of HTTP"


def test_a_long_address_is_cut(server):
    said = asked(server, "file:///" + "x" * 5_000)
    assert len(said) < 250


def test_a_page_behind_a_redirect_is_told_with_its_place(server):
    page = Script(LOG_IN, headers=(("Content-Type", "text/html"),))
    with server.open([page]) as there:
        said = asked(server, f"{there.base_url}/login?next=secret")
    assert said == (
        f"HERE/chat, which redirects to {there.base_url}/login, answers, but not with chunks: text/html, "
        "<title>Log in</title>"
    )


def test_a_connection_that_is_reset_says_so(server):
    begun = Script((Piece(b"data: "),), headers=(("Content-Type", "text/event-stream"),), ending="reset")
    with server.open([begun]) as place, closing(connect(place.base_url)) as driver:
        ending = driver.ask(ASKED, 20).ending
    assert (ending.kind, ending.error) == (
        "raised",
        {"name": "ConnectionLost", "message": "Connection reset by peer"},
    )


@pytest.mark.parametrize(
    "error", [httpx.ReadError(""), httpx.WriteError(" "), httpx.ConnectError(""), httpx.CloseError(""), OSError()]
)
def test_an_error_without_words_is_given_some(error):
    assert len(told(error).split()) > 2


def test_an_error_without_words_has_those_of_its_cause():
    error = httpx.ReadError("")
    error.__cause__ = OSError(104, "Connection reset by peer")
    assert told(error) == "Connection reset by peer"
