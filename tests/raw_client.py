"""A client that sees bytes: what a provider's connection carries, before anybody makes HTTP of it."""

import socket
import struct
import time
from urllib.parse import urlsplit

HANG_BOUND = 20.0


class RawClient:
    """One TCP connection to a place; every wait ends in a TimeoutError."""

    def __init__(self, base_url, receive_buffer=None):
        parts = urlsplit(base_url)
        self.path = parts.path
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(HANG_BOUND)
        try:
            self.socket.connect((parts.hostname, parts.port))
        except OSError:
            self.socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def ask(self, target="/chat", body=b"", method="POST", headers=(), version="1.1"):
        lines = [f"{method} {self.path}{target} HTTP/{version}", "Host: here", *(f"{k}: {v}" for k, v in headers)]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return self.send("\r\n".join([*lines, "", ""]).encode() + body)

    def read(self, length):
        """Exactly so many bytes, or fewer where the connection ends before."""
        data = b""
        while len(data) < length and (more := self.socket.recv(length - len(data))):
            data += more
        return data

    def once(self):
        """What one look at the socket finds."""
        return self.socket.recv(1 << 20)

    def until(self, mark):
        data = b""
        while not data.endswith(mark):
            data += self.read(1) or self._short(data)
        return data

    @staticmethod
    def _short(data):
        raise AssertionError(f"the connection ended behind {data!r}")

    def head(self):
        return self.until(b"\r\n\r\n")

    def rest(self):
        """All bytes up to the end, and how it ended: FIN or RST."""
        data = b""
        try:
            while more := self.socket.recv(1 << 20):
                data += more
        except ConnectionResetError:
            return data, "RST"
        return data, "FIN"

    def silent(self, seconds):
        """Tell whether nothing comes, and nothing ends, for so long."""
        self.socket.settimeout(seconds)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(HANG_BOUND)
        return False

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self):
        self.socket.close()


def eventually(condition):
    """Wait for what another thread is about to do."""
    deadline = time.monotonic() + HANG_BOUND
    while not (found := condition()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.002)
    return found
