"""``streamchunk record --listen``: a proxy as a process of its own."""

import base64
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from harness.cassettes.cassette import read
from harness.protocol.script import Piece, Script
from harness.replay import ReplayServer
from raw_client import HANG_BOUND, RawClient
from raw_provider import RawProvider

KEY = "sk-proj-Abcdefghijklmnop0123456789"
PATH = "/v1/chat/completions"
OK = Script((Piece(b"data: [DONE]\n\n"),), headers=(("Content-Type", "text/event-stream"),))


class Proxy:
    """A running process; ``ended`` is complete once it was stopped."""

    def __init__(self, process):
        self.process = process
        self.url = process.stdout.readline().strip()
        self.out = self.err = ""

    def line(self):
        return self.process.stdout.readline().strip()

    def stop(self, how=signal.SIGINT):
        self.process.send_signal(how)
        self.out, self.err = self.process.communicate(timeout=HANG_BOUND)
        return self.process.returncode


@contextmanager
def recording(upstream, folder, *more, listen="127.0.0.1:0", longest=None):
    def small_files():
        if longest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (longest, longest))

    command = [str(Path(sys.executable).with_name("streamchunk")), "record", "--listen", listen]
    process = subprocess.Popen(
        [*command, "--upstream", upstream, "-o", str(folder), *more],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=small_files,  # noqa: PLW1509
    )  # fmt: skip
    try:
        yield Proxy(process)
    finally:
        process.kill()
        process.communicate(timeout=HANG_BOUND)


@pytest.fixture(scope="module")
def server():
    with ReplayServer() as running:
        yield running


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_first_line_is_its_address_then_a_line_for_each_exchange_until_it_is_told_to_end(server, tmp_path, how):
    with server.open([OK]) as place, recording(place.base_url, tmp_path / "new") as proxy:
        for _ in range(2):
            httpx.post(f"{proxy.url}{PATH}?key={KEY}", json={"n": KEY}, headers={"Authorization": f"Bearer {KEY}"})
        lines = [proxy.line(), proxy.line()]
        assert proxy.stop(how) == 0
    where = place.base_url.removeprefix("http://").replace(":", "-").replace("/", "-")
    assert lines[0].startswith(f"recorded 0001-{where}-chat-completions.yaml: POST /place-")
    assert lines[0].endswith(f"{PATH}, status 200, 1 piece, 14 bytes, {lines[0].split()[-2]} s")
    assert ", status 599, " in lines[1]
    assert proxy.err == f"streamchunk: recorded (exit 0): 2 recorded in {tmp_path / 'new'}\n"
    for path in (tmp_path / "new").iterdir():
        assert "Abcdef" not in path.read_text()
        assert read(path).only.wire == "openai-chat"
    assert "Abcdef" not in "".join(lines) + proxy.out + proxy.err


def test_a_named_wire_and_a_named_port(server, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with (
        server.open([OK]) as place,
        recording(place.base_url, tmp_path, "--wire", "cohere-v2", listen=f"127.0.0.1:{port}") as proxy,
    ):
        assert proxy.url == f"http://127.0.0.1:{port}"
        httpx.post(f"{proxy.url}/anything")
        assert proxy.line().startswith("recorded 0001-")
        assert proxy.stop() == 0
    [path] = tmp_path.iterdir()
    assert read(path).only.wire == "cohere-v2"


def test_nothing_recorded_is_a_status_of_its_own(tmp_path):
    with recording("http://127.0.0.1:1", tmp_path) as proxy:
        assert httpx.post(f"{proxy.url}{PATH}").status_code == 502
        assert proxy.line() == f"not recorded: POST {PATH}: no connection to 127.0.0.1:1: it was refused"
        assert proxy.stop() == 4
    assert proxy.err == f"streamchunk: nothing recorded (exit 4): 0 recorded, 1 not kept in {tmp_path}\n"


def test_ctrl_c_keeps_what_is_whole_and_drops_what_goes_on(tmp_path):
    with RawProvider() as provider, recording(provider.url, tmp_path) as proxy:
        with RawClient(proxy.url) as client:
            client.ask(PATH, b"{}")
            provider.asked().begin("Content-Length: 2").say(b"ok")
            client.until(b"ok")
        with RawClient(proxy.url) as going:
            going.ask(PATH, b"{}")
            provider.asked().begin().chunk(b"data: a\n\n")
            going.until(b"a\n\n\r\n")
            assert proxy.stop() == 0
    assert "the recording was stopped before the end" in proxy.out
    assert proxy.err.startswith("streamchunk: recorded (exit 0): 1 recorded, 1 not kept")
    assert len(list(tmp_path.iterdir())) == 1


def test_what_the_proxy_refuses_is_told_and_counted(tmp_path):
    with RawProvider() as provider, recording(provider.url, tmp_path) as proxy:
        for sent in (b"POST /a?key=b HTTP/1.1\r\nHost: x\r\nContent-Length: 67108865\r\n\r\n", b"NONSENSE\r\n\r\n"):
            with RawClient(proxy.url) as client:
                client.send(sent).head()
        assert proxy.line() == "not recorded: POST /a: refused by the proxy: the body has more than 67108864 bytes"
        assert proxy.line() == "not recorded: ? ?: refused by the proxy: this is no request of HTTP/1.1"
        assert proxy.stop() == 4
    assert proxy.err == f"streamchunk: nothing recorded (exit 4): 0 recorded, 2 refused in {tmp_path}\n"


RANDOM = random.Random(1)  # noqa: S311 - the same bytes in every run
SLOW = b'data: {"b64": "%s"}\n\n' % base64.b64encode(RANDOM.randbytes(48_000))
"""What redaction takes a while for: a second for a megabyte."""


@pytest.mark.parametrize("again", [1, 3])
def test_ctrl_c_pressed_again_leaves_what_is_being_written_to_its_end(server, tmp_path, again):
    with (
        server.open([Script((Piece(SLOW),) * 40)]) as place,
        recording(place.base_url, tmp_path) as proxy,
    ):
        assert len(httpx.post(f"{proxy.url}{PATH}", timeout=HANG_BOUND).content) == 40 * len(SLOW)
        for _ in range(again):
            proxy.process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        assert proxy.stop(signal.SIGTERM) == 0
    [path] = tmp_path.iterdir()
    assert read(path).only.body.length == 40 * len(SLOW)
    assert proxy.err == f"streamchunk: recorded (exit 0): 1 recorded in {tmp_path}\n"


def test_ctrl_c_pressed_again_says_what_is_lost(server, tmp_path):
    with (
        server.open([Script((Piece(SLOW),) * 40)] * 3) as place,
        recording(place.base_url, tmp_path) as proxy,
    ):
        for _ in range(3):
            httpx.post(f"{proxy.url}{PATH}", timeout=HANG_BOUND)
        proxy.process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        status = proxy.stop()
    kept, lost = len(list(tmp_path.iterdir())), proxy.out.count("stopped a second time before this was written")
    assert (kept >= 1, kept + lost) == (True, 3)
    assert status == (3 if lost else 0)
    assert (f"{lost} lost" in proxy.err) == bool(lost)


@pytest.mark.slow
def test_the_last_line_tells_of_a_body_in_which_a_split_secret_is_not_found(server, tmp_path):
    line = b"data: all that is said in this line is said again in the next one\n\n" * 2000
    with server.open([OK, Script((Piece(line),) * 70)]) as place, recording(place.base_url, tmp_path) as proxy:
        for _ in range(2):
            httpx.post(f"{proxy.url}{PATH}", timeout=HANG_BOUND)
        assert proxy.stop() == 0
    assert (
        f"2 recorded in {tmp_path}; 1 of more than 8 MiB, where no secret is found that spreads over 64 KiB"
        in proxy.err
    )


@pytest.mark.parametrize("size", [200_000, 10_000_000], ids=["when it is written", "while it grows"])
def test_a_full_disk_costs_the_recording_and_not_the_exchange(server, tmp_path, size):
    (tmp_path / "0001-old.yaml").write_text("mine")
    pieces = (Piece(b"data: x\n\n" * 1000),) * (size // 9000)
    with server.open([Script(pieces)]) as place, recording(place.base_url, tmp_path, longest=100_000) as proxy:
        assert len(httpx.post(f"{proxy.url}{PATH}", timeout=HANG_BOUND).content) == 9000 * len(pieces)
        assert "File too large" in proxy.line()
        assert proxy.stop() == 3
    assert "recordings lost (exit 3): 0 recorded, 1 lost" in proxy.err
    assert [path.name for path in tmp_path.iterdir()] == ["0001-old.yaml"]
    assert (tmp_path / "0001-old.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--listen", "127.0.0.1:0"], "--upstream is missing"),
        (["--upstream", "http://x"], "--listen is missing"),
        (["--listen", "8080", "--upstream", "http://x"], "--listen 8080: write HOST:PORT"),
        (["--listen", ":8080", "--upstream", "http://x"], "write HOST:PORT"),
        (["--listen", "127.0.0.1:70000", "--upstream", "http://x"], "write HOST:PORT"),
        (["--listen", "127.0.0.1:²", "--upstream", "http://x"], "write HOST:PORT"),
        (["--listen", "192.0.2.1:0", "--upstream", "http://x"], "nobody can listen at 192.0.2.1:0"),
        (["--listen", "127.0.0.1:0", "--upstream", "x.example"], "--upstream is not a URL"),
        (["--listen", "127.0.0.1:0", "--upstream", "ftp://x"], "--upstream is not a URL of http or https"),
        (["--listen", "127.0.0.1:0", "--upstream", "http://x?a=b"], "--upstream has a query"),
        (["--listen", "127.0.0.1:0", "--upstream", "http://me:secret@x"], "--upstream has a user name or a password"),
        (["--listen", "127.0.0.1:0", "--upstream", "http://x", "--wire", "openai"], "there is no wire 'openai'"),
        (["--listen", "127.0.0.1:0", "--upstream", "http://x", "--wire", "watsonx"], "watsonx is out of scope"),
        (
            ["--listen", "127.0.0.1:0", "--upstream", "http://x", "--prompt", "Hi"],
            "--prompt asks a question, and --listen",
        ),
        (["--listen", "127.0.0.1:0", "--upstream", "http://x", "--force"], "--force goes with --provider"),
        (["--provider", "openai", "--listen", "127.0.0.1:0"], "--provider asks a question, and --listen records an"),
        (["--provider", "openai", "--upstream", "http://x"], "--provider asks a question, and --upstream records an"),
        (["--wire", "openai-chat"], "--wire goes with --listen and --upstream"),
    ],
)
def test_a_command_that_cannot_be_followed_is_told_in_a_line(streamchunk, tmp_path, arguments, words):
    ran = streamchunk("record", "-o", tmp_path / "new", *arguments)
    assert ran.status == 2
    assert words in " ".join(ran.err.split())
    assert "secret" not in ran.err
    assert ran.out == ""


def test_a_port_in_use_is_told_in_a_line_and_no_folder_is_made(streamchunk, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        ran = streamchunk("record", "-o", tmp_path / "new", "--listen", listen, "--upstream", "http://x")
    assert ran.status == 2
    assert ran.err.startswith(f"streamchunk: cannot begin (exit 2): nobody can listen at {listen}: something listens")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_told_in_a_line(streamchunk, tmp_path):
    tmp_path.chmod(0o500)
    ran = streamchunk("record", "-o", tmp_path, "--listen", "127.0.0.1:0", "--upstream", "http://x")
    assert ran.status == 2
    assert "nothing can be recorded there" in ran.err


def test_a_folder_that_is_a_file_is_told_in_a_line(streamchunk, tmp_path):
    (tmp_path / "file").write_text("mine")
    ran = streamchunk("record", "-o", tmp_path / "file", "--listen", "127.0.0.1:0", "--upstream", "http://x")
    assert ran.status == 2
    assert "nothing can be recorded there" in ran.err
