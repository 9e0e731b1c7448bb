"""``streamchunk record --provider``: one question, its answer on the terminal and in a file."""

import gzip
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cassettes.cassette import read
from harness.protocol.script import Piece, Script
from harness.replay import ReplayServer
from raw_client import HANG_BOUND

KEY = "sk-proj-Abcdefghijklmnop0123456789"
SSE = (("Content-Type", "text/event-stream"),)


def chat(content=None, reason=None):
    choice = {"index": 0, "delta": {"content": content} if content else {}, "finish_reason": reason}
    return f"data: {json.dumps({'id': 'c-1', 'model': 'm', 'choices': [choice]})}\n\n".encode()


WHOLE = Script(
    tuple(map(Piece, (chat("Hel"), chat("lo\x1b[31m."), chat(reason="stop"), b"data: [DONE]\n\n"))), headers=SSE
)


@pytest.fixture(scope="module")
def server():
    with ReplayServer() as running:
        yield running


@pytest.fixture
def record(streamchunk, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEEPSEEK_API_KEY", KEY)
    monkeypatch.setenv("DEEPSEEK_BASE_URL", "http://127.0.0.1:1")  # nobody is asked by mistake
    monkeypatch.delenv("GROQ_API_KEY", raising=False)

    def run(*arguments, place=None, provider="deepseek"):
        if place is not None:
            monkeypatch.setenv("DEEPSEEK_BASE_URL", place.base_url)
        return streamchunk("record", "--provider", provider, "--model", "m", "--prompt", "Hello", *arguments)

    return run


def test_the_answer_is_printed_and_recorded(record, server, tmp_path):
    with server.open([WHOLE]) as place:
        ran = record("-o", "a.yaml", place=place)
        [exchange] = place.exchanges()
    assert (ran.status, ran.out) == (0, "Hello\\x1b[31m.\n")
    assert ran.err.startswith("streamchunk: recorded (exit 0): a.yaml: status 200, 4 pieces, ")
    assert exchange.header("authorization") == f"Bearer {KEY}"
    assert KEY not in (tmp_path / "a.yaml").read_text()
    assert read(tmp_path / "a.yaml").only.wire == "openai-chat"


def test_the_options_are_what_is_asked(record, server, tmp_path):
    function = {"name": "f", "description": "d", "parameters": {"type": "object"}}
    (tmp_path / "chat.json").write_text(json.dumps([{"type": "function", "function": function}]))
    (tmp_path / "anthropic.json").write_text('{"name": "g", "input_schema": {"type": "object"}}')
    (tmp_path / "sdk.json").write_text('{"type": "function", "name": "h", "inputSchema": {"type": "object"}}')
    (tmp_path / "schema.json").write_text('{"type": "object", "properties": {"a": {"type": "string"}}}')
    options = ["--system", "Be brief.", "--max-tokens", "7", "--header", "X-Mine=a=b", "--schema", "schema.json"]
    for name in ("chat", "anthropic", "sdk"):
        options += ["--tool", f"{name}.json"]
    with server.open([WHOLE]) as place:
        assert record("-o", "a.yaml", *options, place=place).status == 0
        [exchange] = place.exchanges()
    body = json.loads(exchange.body)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert [tool["function"]["name"] for tool in body["tools"]] == ["f", "g", "h"]
    assert body["max_tokens"] == 7
    assert body["stream"] is True
    assert "a" in body["response_format"]["json_schema"]["schema"]["properties"]
    assert exchange.header("x-mine") == "a=b"


def test_a_whole_answer_can_be_asked_for(record, server):
    message = {"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}
    script = Script((Piece(json.dumps({"id": "c", "choices": [message]}).encode()),), framing="length")
    with server.open([script]) as place:
        assert record("-o", "a.yaml", "--no-stream", place=place).out == "Hi\n"
        assert not json.loads(place.exchanges()[0].body).get("stream")


def test_another_address_is_asked_without_a_key(record, server):
    with server.open([WHOLE]) as place:
        assert record("-o", "a.yaml", "--base-url", place.base_url).status == 0
        assert place.exchanges()[0].header("authorization") is None


def test_an_http_error_is_recorded_and_the_status_says_so(record, server, tmp_path):
    script = Script((Piece(b'{"error": {"message": "slow down %s"}}' % KEY.encode()),), status=429)
    with server.open([script]) as place:
        ran = record("-o", "a.yaml", place=place)
    assert (ran.status, ran.out) == (1, "")
    assert "recorded, but no whole answer (exit 1): a.yaml: status 429" in ran.err
    assert "slow down [redacted]" in ran.err
    assert read(tmp_path / "a.yaml").only.status == 429
    assert KEY not in (tmp_path / "a.yaml").read_text()


def test_a_cut_is_recorded_and_the_status_says_so(record, server, tmp_path):
    with server.open([Script((Piece(chat("Hel")),), ending="reset", headers=SSE)]) as place:
        ran = record("-o", "a.yaml", place=place)
    assert (ran.status, ran.out) == (1, "Hel\n")
    assert "the connection was cut" in ran.err
    assert read(tmp_path / "a.yaml").only.ending == "reset"


def test_a_file_that_is_there_is_refused_before_anything_is_asked(record, server, tmp_path):
    (tmp_path / "a.yaml").write_text("mine")
    with server.open([WHOLE]) as place:
        ran = record("-o", "a.yaml", place=place)
        assert (ran.status, place.exchanges()) == (2, ())
        assert "a.yaml is there already; --force writes over it" in ran.err
        assert (tmp_path / "a.yaml").read_text() == "mine"
        assert record("-o", "a.yaml", "--force", place=place).status == 0
    assert read(tmp_path / "a.yaml").provenance == "recorded"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "."], "is a folder"),
        (["-o", "file/a.yaml"], "cannot be written"),
        (["-o", "a\0.yaml"], "cannot be written"),
        (["-o", "a" * 300], "cannot be written: File name too long"),
        (["-o", "a.yaml", "--tool", "nofile"], "nofile: there is no such file"),
        (["-o", "a.yaml", "--tool", "file"], "file: is not JSON"),
        (["-o", "a.yaml", "--tool", "list"], "tools[0]"),
        (["-o", "a.yaml", "--schema", "list"], "schema"),
        (["-o", "a.yaml", "--header", "nothing"], "write NAME=VALUE"),
        (["-o", "a.yaml", "--header", "a b=1"], "no header's name"),
        (["-o", "a.yaml", "--base-url", "nothing"], "is not a URL"),
        (["-o", "a.yaml", "--timeout", "nan"], "nan is no number of seconds"),
        (["-o", "a.yaml", "--timeout", "0"], "--timeout"),
        (["-o", "a.yaml", "--max-tokens", "0"], "--max-tokens"),
        (["-o", "a.yaml", "--wire", "openai-chat"], "--wire goes with --listen"),
        (["-o", "a.yaml", "--keep-encoding"], "--keep-encoding goes with --listen"),
        (
            ["-o", "a.yaml", "--listen", "127.0.0.1:0"],
            "--provider asks a question, and --listen records an application",
        ),
        ([], "'-o'"),
    ],
)
def test_a_command_that_cannot_be_followed_is_told_in_a_line(record, tmp_path, arguments, words):
    (tmp_path / "file").write_text("no json")
    (tmp_path / "list").write_text("[1]")
    ran = record(*arguments)
    assert ran.status == 2
    assert words in " ".join(ran.err.split())
    assert not (tmp_path / "a.yaml").exists()


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ("groq", "Groq needs a key: set GROQ_API_KEY"),
        ("grog", "did you mean groq"),
        ("bedrock-invoke", "bedrock-invoke is out of scope: InvokeModel wraps"),
        ("watsonx", "watsonx is out of scope"),
    ],
)
def test_a_provider_that_cannot_be_asked_is_told_in_a_line(record, tmp_path, provider, words):
    ran = record("-o", "a.yaml", provider=provider)
    assert ran.status == 2
    assert words in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_what_is_no_regular_file_is_refused_before_anybody_is_asked(record, tmp_path, force):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name, words in (("pipe", "it is a pipe"), ("link", "it is a symbolic link"), (".", "it is a folder")):
        ran = record("-o", name, *force)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err == f"streamchunk: cannot begin (exit 2): {name}: cannot be written: {ran.err.split(': ')[-1]}"
        assert words in ran.err
    assert (tmp_path / "pipe").is_fifo()


PACKED = gzip.compress(b"".join(piece.data for piece in WHOLE.pieces))


@pytest.mark.parametrize(
    ("coding", "body", "told"),
    [
        ("gzip", PACKED[:-10], ("Hello\\x1b[31m.\n", "the provider's answer is cut: its compression has no end")),
        (
            "gzip",
            b"data: no gzip\n\n",
            ("", "the provider's answer is not gzip, as its content-encoding says, or it is"),
        ),
        ("foo", b"data: a\n\n", ("", "the provider's answer is compressed in a way that is not known, so secrets")),
    ],
    ids=["cut", "damaged", "unknown"],
)
def test_an_answer_in_which_no_secret_can_be_found_is_not_kept(record, server, tmp_path, coding, body, told):  # noqa: PLR0913, PLR0917 - fixtures and a row
    script = Script((Piece(body),), headers=(*SSE, ("Content-Encoding", coding)))
    with server.open([script]) as place:
        ran = record("-o", "a.yaml", place=place)
    assert (ran.status, ran.out) == (3, told[0])
    assert ran.err.startswith(f"streamchunk: not recorded (exit 3): {told[1]}")
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_is_compressed_unasked_is_read_and_recorded_unpacked(record, server, tmp_path):
    with server.open([Script((Piece(PACKED),), headers=(*SSE, ("Content-Encoding", "gzip")))]) as place:
        ran = record("-o", "a.yaml", place=place)
    assert (ran.status, ran.out) == (0, "Hello\\x1b[31m.\n")
    assert read(tmp_path / "a.yaml").body == b"".join(piece.data for piece in WHOLE.pieces)


@pytest.mark.parametrize("missing", ["--provider", "--model", "--prompt"])
def test_what_is_missing_is_named(streamchunk, missing):
    given = {"--provider": "openai", "--model": "m", "--prompt": "Hi"}
    ran = streamchunk("record", "-o", "a", *(word for name in given if name != missing for word in (name, given[name])))
    assert ran.status == 2
    assert f"{missing} is missing" in ran.err


def test_no_answer_is_a_failure_and_no_file(record, tmp_path):
    ran = record("-o", "a.yaml", "--base-url", "http://127.0.0.1:1")
    assert ran.status == 3
    assert "no connection to 127.0.0.1:1: it was refused" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file_whole(server, tmp_path):
    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, 16_384))

    script = Script((*(Piece(chat("x" * 1000)) for _ in range(40)), *map(Piece, (chat(reason="stop"),))), headers=SSE)
    (tmp_path / "a.yaml").write_text("mine")
    command = ["record", "--provider", "deepseek", "--model", "m", "--prompt", "Hi", "-o", "a.yaml", "--force"]
    with server.open([script]) as place:
        ran = subprocess.run(
            [str(Path(sys.executable).with_name("streamchunk")), *command, "--base-url", place.base_url],
            cwd=tmp_path, preexec_fn=small_files, capture_output=True, text=True, check=False, timeout=HANG_BOUND,
        )  # fmt: skip
    assert ran.returncode == 3
    assert ran.stdout == "x" * 40_000 + "\n"
    assert ran.stderr.startswith("streamchunk: not recorded (exit 3): a.yaml: cannot be written: File too large")
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]
    assert (tmp_path / "a.yaml").read_text() == "mine"


def test_ctrl_c_in_the_middle_of_an_answer_leaves_nothing(server, tmp_path):
    command = ["record", "--provider", "deepseek", "--model", "m", "--prompt", "Hi", "-o", "a.yaml"]
    with server.open([Script((Piece(chat("Hel")),), ending="stall", headers=SSE)]) as place:
        with subprocess.Popen(
            [str(Path(sys.executable).with_name("streamchunk")), *command, "--base-url", place.base_url],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as asking:  # fmt: skip
            assert asking.stdout.read(3) == "Hel"
            asking.send_signal(signal.SIGINT)
            out, err = asking.communicate(timeout=HANG_BOUND)
        assert place.settled(HANG_BOUND)
        assert place.exchanges()[0].closed_by == "client"
    assert (asking.returncode, out, err.strip()) == (130, "\n", "")
    assert list(tmp_path.iterdir()) == []
