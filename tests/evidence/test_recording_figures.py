"""What recording costs: the memory of the proxy's process, and the time that it adds to a piece."""

import hashlib
import re
import signal
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.cassettes.bodies import digest
from harness.cassettes.cassette import read
from harness.protocol.script import Piece, Script
from harness.replay import ReplayServer
from raw_client import RawClient
from raw_provider import RawProvider

pytestmark = pytest.mark.slow

STREAMCHUNK = str(Path(sys.executable).with_name("streamchunk"))
PATIENCE = 300.0
MOST_MEMORY = 150 * 1024  # kB
LINE = b'data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"Hello, how are you today?"}}]}\n\n'


@contextmanager
def recording(upstream, folder):
    command = [STREAMCHUNK, "record", "--listen", "127.0.0.1:0", "--upstream", upstream, "-o", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as proxy:
        try:
            yield proxy, proxy.stdout.readline().strip()
        finally:
            proxy.send_signal(signal.SIGINT)
            proxy.communicate(timeout=PATIENCE)


def peak(pid):
    """The most memory that a process has had, in kB."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell a process's memory")
@pytest.mark.parametrize(("framing", "size"), [("chunked", 100), ("length", 20)])
def test_a_body_of_100_mb_is_recorded_in_less_than_150_mb_of_memory(tmp_path, capsys, framing, size):
    piece = LINE * 640
    count = size * 1024 * 1024 // len(piece) + 1
    script = Script((Piece(piece),) * count, framing=framing)
    with (
        ReplayServer() as server,
        server.open([script]) as place,
        recording(place.base_url, tmp_path) as (proxy, url),
        RawClient(url) as client,
    ):
        client.socket.settimeout(PATIENCE)
        begun = time.monotonic()
        client.ask("/v1/chat/completions", b"{}").head()
        length = 0
        while length < count * len(piece):
            length += len(client.once())
        forwarded = time.monotonic() - begun
        told = proxy.stdout.readline()
        recorded = time.monotonic() - begun
        most = peak(proxy.pid)
    with capsys.disabled():
        print(
            f"\n{size} MB {framing}: peak {most / 1024:.0f} MB, forwarded in {forwarded:.1f} s, kept {recorded:.1f} s"
        )
    assert told.startswith("recorded 0001-")
    [file] = tmp_path.glob("*.yaml")
    body = read(file).only.body
    assert body.length == count * len(piece)
    assert digest(body) == hashlib.sha256(piece * count).hexdigest()
    assert most < MOST_MEMORY


def test_what_a_piece_costs(tmp_path, capsys):
    times = 500

    def microseconds(url):
        taken = []
        with RawClient(url) as client:
            client.ask("/v1/chat/completions", b"{}")
            answer = provider.asked().begin()
            client.head()
            framed = b"%x\r\n%b\r\n" % (len(LINE), LINE)
            for _ in range(times):
                begun = time.perf_counter()
                answer.say(framed)
                client.read(len(framed))
                taken.append((time.perf_counter() - begun) * 1e6)
            answer.end()
            client.until(b"0\r\n\r\n")
        return statistics.median(taken)

    with RawProvider() as provider, recording(provider.url, tmp_path) as (_, url):
        direct, proxied = microseconds(provider.url), microseconds(url)
    with capsys.disabled():
        print(f"\na piece of {len(LINE)} bytes: {direct:.0f} µs direct, {proxied:.0f} µs through the proxy")
