"""How many short streams a second `streamchunk replay` serves to two clients, each a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from timing import Figure

STREAMS = 1_000
REDACTED = 400  # cassettes
PIECES = 12
ROUNDS = 3  # of which the best counts: a busy neighbour can only take from this figure
CLIENT = """
import socket, sys, time
port, streams = int(sys.argv[1]), int(sys.argv[2])
body = sys.stdin.buffer.read()
head = f"POST /v1/chat/completions HTTP/1.1\\r\\nHost: here\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n".encode()
for turn in range(streams):
    if turn % 10 == 0:
        client = socket.create_connection(("127.0.0.1", port))
    client.sendall(head + body)
    data = b""
    while not data.endswith(b"0\\r\\n\\r\\n"):
        more = client.recv(65536)
        assert more, data
        data += more
    assert data.startswith(b"HTTP/1.1 200 ") and b"[DONE]" in data, data
    if turn % 10 == 9:
        client.close()
print(time.monotonic())
"""


def tape(said="Hello.", sent=None, **beside):
    """A short stream in twelve pieces, and the request that means it, if that is not the recorded one."""
    asked, recorded = (
        json.dumps({"model": "m", "stream": True, "messages": [{"role": "user", "content": text}]})
        for text in (sent or said, said)
    )
    event = json.dumps({"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": "word "}}]})
    pieces = [f"data: {event}\n\n"] * (PIECES - 1) + ["data: [DONE]\n\n"]
    return asked, {
        "version": 1,
        "interactions": [
            {
                "request": {"method": "POST", "uri": "https://h/v1/chat/completions", "headers": {}, "body": recorded},
                "response": {
                    "status": {"code": 200, "message": "OK"},
                    "headers": {"content-type": ["text/event-stream"]},
                    "body": {"string": "".join(pieces)},
                },
                "streamchunk": {"pieces": [[len(piece), 0] for piece in pieces], **beside},
            }
        ],
    }


def redacted():
    """Many tapes whose requests differ in a word, and hold what was put in place of an address."""
    said = "I am {}, and this is question {}."
    left = "xxx@xxxxxxxxxx.xxx"
    return [
        tape(said.format(left, number), said.format("ada@analytical.dev", number), redacted=[left])
        for number in range(REDACTED)
    ]


def streams_per_second(tapes, streams=STREAMS):
    """Two clients at once, which ask the last of the tapes; connections are kept for ten streams each."""
    with tempfile.TemporaryDirectory() as folder:
        for number, (_, content) in enumerate(tapes):
            Path(folder, f"{number}.yaml").write_text(yaml.safe_dump(content))
        asked = tapes[-1][0]
        script = Path(sys.executable).with_name("streamchunk")
        command = [script, "replay", folder, "--requests", str(2 * streams)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            port = server.stdout.readline().rpartition(":")[2].strip()
            started = time.monotonic()
            clients = [
                subprocess.Popen(
                    [sys.executable, "-c", CLIENT, port, str(streams)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
                )
                for _ in range(2)
            ]
            for client in clients:
                client.stdin.write(asked.encode())
                client.stdin.close()
            ended = max(float(client.stdout.read()) for client in clients)
            assert [client.wait() for client in clients] == [0, 0]
            assert server.wait() == 0
    return 2 * streams / (ended - started)


def replay_serves_many_streams():
    found = max(streams_per_second([tape()]) for _ in range(ROUNDS))
    note = f"best of {ROUNDS}: {2 * STREAMS} streams of {PIECES} pieces to two processes, ten on each connection"
    return Figure("short streams a second from streamchunk replay", found, 500, at_most=False, note=note)


def replay_serves_many_streams_of_redacted_cassettes():
    found = max(streams_per_second(redacted()) for _ in range(ROUNDS))
    note = f"the same from {REDACTED} cassettes with a placeholder in each request"
    return Figure("short streams a second from redacted cassettes", found, 500, at_most=False, note=note)
