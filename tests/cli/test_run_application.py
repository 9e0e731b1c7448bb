"""`streamchunk run` of a running application: what is said where its provider is not played."""

import socket
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.protocol.script import Piece, Script
from harness.replay.server import ReplayServer

FOLDER = Path(__file__).parent.parent.parent / "fixtures/cases/application"
CASES = [part for file in sorted(FOLDER.iterdir()) for part in ("--cases", file)]
FAILED = Script((Piece(b"connect ECONNREFUSED 127.0.0.1:8788"),), status=500, headers=(("Content-Type", "text/plain"),))
CHUNKS = b"""\
data: {"type":"content","id":"r","model":"m","timestamp":1,"delta":"Hi","content":"Hi"}

data: {"type":"done","id":"r","model":"m","timestamp":1,"finishReason":"stop"}

data: [DONE]

"""
ERROR = b"""\
data: {"type":"error","id":"r","model":"m","timestamp":1,"error":{"message":"Connection error."}}

data: [DONE]

"""
HINT = "every answer was an error of the application's own, and no provider is played for it: start the application"


def stream(body):
    return Script((Piece(body),), headers=(("Content-Type", "text/event-stream"),))


@contextmanager
def application(script):
    """An application that answers everything alike."""
    with ReplayServer() as server, server.open([script] * 20) as place:
        yield f"{place.base_url}/api/chat"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def provider():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.parametrize("script", [FAILED, stream(ERROR)])
def test_who_fails_at_everything_without_its_provider_is_told_of_it(streamchunk, script):
    with application(script) as url:
        ran = streamchunk("run", url, *CASES)
    assert ran.status == 1
    assert HINT in ran.err
    assert "--provider 127.0.0.1:8788" in ran.err
    assert 'provider = "127.0.0.1:8788"' in ran.err
    assert "0 passed, 6 failed" in ran.last


def test_who_aborts_nothing_passes_nothing(streamchunk):
    with application(FAILED) as url:
        ran = streamchunk("run", url, "--cases", FOLDER / "abort-behind-the-first-chunk.json")
    assert ran.status == 1
    assert "expect.raised" in ran.out


def test_who_answers_is_not_told_of_a_provider(streamchunk):
    with application(stream(CHUNKS)) as url:
        ran = streamchunk("run", url, *CASES)
    assert (ran.status, "provider" in ran.err) == (0, False)


def test_who_fails_though_its_provider_is_played_is_not_told_to_have_it_played(streamchunk):
    with application(FAILED) as url:
        ran = streamchunk("run", url, *CASES, "--provider", provider())
    assert HINT not in ran.err


def test_what_is_spoken_to_a_provider_that_is_not_played_is_refused(streamchunk, tmp_path):
    said = "says what an application speaks to a provider that is played, and none is: start the application"
    with application(stream(CHUNKS)) as url:
        ran = streamchunk("run", url, *CASES, "--wire", "openai-chat")
        assert (ran.status, said in ran.err) == (2, True)
        (tmp_path / "streamchunk.toml").write_text('wires = ["openai-chat"]\n')
        assert said in streamchunk("run", url, *CASES).err
        assert said in streamchunk("compare", url, "reference", *CASES).err
