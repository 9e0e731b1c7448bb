"""Standard streams that are closed, full or a terminal, and inputs that are not what they are called."""

import contextlib
import gzip
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

STREAMCHUNK = str(Path(sys.executable).with_name("streamchunk"))
BASE = {"id": "r", "model": "m", "timestamp": 1}
USAGE = {"promptTokens": 1, "completionTokens": 1, "totalTokens": 2}
GOOD = [
    {"type": "content", **BASE, "delta": "a", "content": "a"},
    {"type": "done", **BASE, "finishReason": "stop", "usage": USAGE},
]
SSE = b'data: {"id":"r","model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n'


def shell(command, tmp_path):
    return subprocess.run(
        ["sh", "-c", command.replace("streamchunk", STREAMCHUNK)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def good(tmp_path):
    (tmp_path / "good.ndjson").write_text("".join(json.dumps(chunk) + "\n" for chunk in GOOD))
    (tmp_path / "good.sse").write_bytes(SSE)
    return tmp_path


@pytest.mark.parametrize("command", ["judge", "decode"])
def test_a_closed_standard_input_is_unreadable_input(command, good):
    ran = shell(f"streamchunk {command} - <&-", good)
    assert ran.returncode == 2
    assert "standard input is closed" in ran.stdout + ran.stderr


@pytest.mark.parametrize("command", ["judge good.ndjson", "rules", "decode good.sse", "run text/one-delta"])
def test_a_closed_standard_output_is_no_failure(command, good):
    ran = shell(f"streamchunk {command} >&-", good)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_closed_standard_error_changes_no_status(good):
    assert shell("streamchunk judge good.ndjson nofile 2>&-", good).returncode == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")  # noqa: PTH110
@pytest.mark.parametrize("command", ["judge good.ndjson", "rules", "decode good.sse"])
def test_a_full_standard_output_is_told_in_one_line(command, good):
    ran = shell(f"streamchunk {command} >/dev/full", good)
    assert ran.returncode == 3
    assert "standard output cannot be written" in ran.stderr
    assert "bug" not in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_a_transcript_of_another_dialect_does_not_keep_the_others_from_being_judged(good):
    header = {"$transcript": 1, "dialect": "ag-ui", "scope": "adapter", "request": {}, "events": None}
    (good / "other.ndjson").write_text(json.dumps(header) + '\n{"ending":"completed"}\n')
    ran = shell("streamchunk judge other.ndjson good.ndjson", good)
    assert ran.returncode == 2
    assert "good.ndjson: conforms" in ran.stdout
    assert "other.ndjson: unreadable input: there is no law for the dialect 'ag-ui'" in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("body", "wire", "words"),
    [
        (b"<html>502 Bad Gateway</html>", "openai-chat", "no message of openai-chat"),
        (SSE, "anthropic-messages", "it looks like openai-chat"),
        (b"[]", "google-generatecontent", "no message of google-generatecontent"),
    ],
)
def test_a_body_without_one_message_of_its_wire_is_unreadable(body, wire, words, tmp_path):
    (tmp_path / "body").write_bytes(body)
    ran = shell(f"streamchunk decode body --wire {wire} --as reading", tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert words in ran.stderr


def test_a_first_message_that_cannot_be_read_is_told_as_what_it_is(tmp_path):
    (tmp_path / "body").write_bytes(b'data: {"candidates":[{"index":NaN}]}\n\n')
    ran = shell("streamchunk decode body", tmp_path)
    assert ran.returncode == 2
    assert "NaN is not JSON" in ran.stderr


def test_a_packed_file_advances_by_its_packed_bytes(tmp_path):
    from harness.cli.files import pieces

    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(os.urandom(1_000_000)))
    told = []
    assert sum(map(len, pieces(str(path), told.append))) == 1_000_000
    assert sum(told) == path.stat().st_size
    assert len(told) > 1


HANGING = """
import asyncio
class Hang:
    async def transform(self, events, request):
        yield {"type": "content"}
        await asyncio.Event().wait()
"""


def test_a_run_on_a_terminal_ends_though_every_answer_hangs(tmp_path):
    (tmp_path / "hanging.py").write_text(HANGING)
    cases = ["text/a-zero-and-a-space", "text/block-never-ended", "text/block-never-started", "text/one-delta"]
    command = [STREAMCHUNK, "run", "python:hanging:Hang", *cases, "--timeout", "0.5"]
    leader, follower = pty.openpty()
    try:
        ran = subprocess.Popen(command, cwd=tmp_path, stdout=follower, stderr=follower)
        os.close(follower)
        shown = b""
        with contextlib.suppress(OSError):  # the terminal's other end is gone
            while piece := os.read(leader, 65536):
                shown += piece
        assert ran.wait(timeout=60) == 1
    finally:
        os.close(leader)
    assert b"4 failed" in shown
