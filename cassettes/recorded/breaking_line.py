"""A line to a server that is cut in the middle: ``breaking_line.py PORT SERVER_PORT BYTES``.

Passes one connection on, and is gone once so many bytes of the answer have passed, as a gateway is that dies. A server
that is killed cannot do this: the system still sends what it had written, and it writes whole events.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading

_HOST = "127.0.0.1"


def main(port: int, server_port: int, length: int) -> None:
    """Pass one connection on, and die."""
    with socket.create_server((_HOST, port)) as listener:
        print("listening", flush=True)  # noqa: T201 - whoever started it waits for this
        client, _ = listener.accept()
    server = socket.create_connection((_HOST, server_port))
    threading.Thread(target=_pass, args=(client, server), daemon=True).start()
    _pass(server, client, length)
    os.kill(os.getpid(), signal.SIGKILL)


def _pass(source: socket.socket, goal: socket.socket, length: int | None = None) -> None:
    left = length
    while (left is None or left > 0) and (data := source.recv(4096 if left is None else min(left, 4096))):
        goal.sendall(data)
        left = None if left is None else left - len(data)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
