"""The provider of a running application: at one address, at any path, and never out of answers."""

import socket
from contextlib import closing

import httpx
import pytest

from harness.errors import InputError
from harness.protocol.script import Piece, Script
from harness.replay.fixed_provider import FixedProvider
from harness.replay.place import fails

CLOSING = Script((Piece(b"closing"),))


@pytest.fixture(scope="module")
def provider():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with FixedProvider(port) as provider:
        provider.url = f"http://127.0.0.1:{port}"
        yield provider


def asked(provider, scripts, *paths, is_meant=lambda _: True):
    """The statuses and bodies of some requests, and what the place says of each."""
    with closing(provider.open(scripts, CLOSING, is_meant)) as place:
        with httpx.Client(trust_env=False) as client:
            answers = [client.post(f"{provider.url}{path}", content=b"{}") for path in paths]
        place.settled(5)
        return [(one.status_code, one.content) for one in answers], [one.script for one in place.exchanges()]


def said(text, **more):
    return Script((Piece(text),), **more)


def test_scripts_are_played_in_turn_at_any_path_and_then_the_closing(provider):
    answers, scripts = asked(provider, [said(b"one"), said(b"two")], "/v1/responses", "/x", "/v1/y?z=1", "/")
    assert [body for _, body in answers] == [b"one", b"two", b"closing", b"closing"]
    assert scripts == [0, 1, None, None]


def test_a_failure_is_played_again(provider):
    answers, scripts = asked(provider, [said(b"busy", status=429)], "/", "/", "/")
    assert answers == [(429, b"busy")] * 3
    assert scripts == [0, 0, 0]


def test_what_is_not_meant_takes_no_answer_away(provider):
    meant = lambda exchange: exchange.target.startswith("/v1/chat")  # noqa: E731 - as the runner gives it
    answers, scripts = asked(provider, [said(b"one")], "/v1/models?key=secret", "/v1/chat", is_meant=meant)
    assert [status for status, _ in answers] == [404, 200]
    assert b"secret" not in answers[0][1]
    assert scripts == [None, 0]


def test_one_case_after_the_other_begins_anew(provider):
    assert asked(provider, [said(b"one")], "/")[0] == [(200, b"one")]
    assert asked(provider, [said(b"two")], "/")[0] == [(200, b"two")]


@pytest.mark.parametrize(
    ("script", "is_failure"),
    [
        (said(b"x"), False),
        (said(b"x", status=201), False),
        (said(b"x", status=302), True),
        (said(b"x", status=500), True),
        (said(b"x", ending="fin"), True),
        (said(b"x", ending="stall"), True),
        (Script(raw=b""), True),
    ],
)
def test_what_is_a_failure(script, is_failure):
    assert fails(script) == is_failure


def test_a_case_without_answers_and_a_port_that_is_taken_are_refused(provider):
    with pytest.raises(InputError, match="has an answer"):
        provider.open([], CLOSING, lambda _: True)
    port = int(provider.url.rpartition(":")[2])
    with pytest.raises(InputError, match="something listens there already"), FixedProvider(port):
        pass
