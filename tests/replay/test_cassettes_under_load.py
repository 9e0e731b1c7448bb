"""Many streams at once, and one that is longer than the memory it may cost."""

import hashlib
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.cassettes.bodies import FileBody
from harness.cassettes.interaction import Cut, Interaction, Request
from harness.cassettes.writing import write
from harness.replay.cassettes import CassetteServer
from raw_client import HANG_BOUND, RawClient
from tapes_by_hand import interaction, tape

PATH = "/v1/chat/completions"
MB = 1024 * 1024
PIECE = 48 * 1024
MOST = 150  # megabytes


def test_two_clients_that_ask_without_a_rest_get_every_stream_whole_and_their_own(tmp_path):
    said = {number: [f"data: {number}.{piece}\n\n" for piece in range(12)] for number in range(20)}
    tapes = [
        tape(
            tmp_path / f"{number}.yaml",
            interaction({"n": number}, "".join(pieces), pieces=[[len(one), 0] for one in pieces]),
        )
        for number, pieces in said.items()
    ]

    def asked(numbers):
        for number in numbers:
            with RawClient(server.base_url) as client:
                client.ask(PATH, json.dumps({"n": number}).encode()).head()
                wanted = "".join(f"{len(one):x}\r\n{one}\r\n" for one in said[number]) + "0\r\n\r\n"
                assert client.read(len(wanted)) == wanted.encode()
        return len(numbers)

    with CassetteServer(tapes) as server, ThreadPoolExecutor(2) as clients:
        turns = [number % 20 for number in range(200)]
        assert list(clients.map(asked, [turns, turns[::-1]])) == [200, 200]
        assert server.settled(HANG_BOUND)
        assert all(one.whole and len(one.sent) == 12 for one in server.exchanges())


@contextmanager
def replaying(path):
    command = [Path(sys.executable).with_name("streamchunk"), "replay", path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process, process.stdout.readline().rstrip()
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.parametrize(
    "cuts",
    [[PIECE] * (100 * MB // PIECE) + [100 * MB % PIECE], [1024] * (100 * 1024), [100 * MB], []],
    ids=["cut", "cut small", "one piece", "whole"],
)
def test_a_body_of_100_mb_is_played_in_little_memory(tmp_path, cuts):
    body = tmp_path / "body"
    expected = hashlib.sha256()
    with body.open("wb") as file:
        for number in range(100):
            block = hashlib.sha256(b"%d" % number).digest() * (MB // 32)
            expected.update(block)
            file.write(block)
    request = Request("POST", f"https://h{PATH}", {}, b"{}")
    pieces = tuple(Cut(length) for length in cuts)
    recorded = Interaction(request, 200, {}, FileBody(body, 100 * MB, "0" * 64), cuts=pieces, framing="length")
    path = tmp_path / "long.yaml"
    write(path, (recorded,), "recorded")
    body.unlink()
    assert path.stat().st_size < 2 * MB
    found = hashlib.sha256()
    with replaying(path) as (process, base_url):
        for _ in range(2):
            with RawClient(base_url) as client:
                assert b"Content-Length: 104857600\r\n" in client.ask(PATH, b"{}").head()
                left = 100 * MB
                while left:
                    data = client.once()
                    assert data
                    found.update(data)
                    left -= len(data)
            assert found.hexdigest() == expected.hexdigest()
            found = hashlib.sha256()
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())[1]) / 1024
    assert peak < MOST
