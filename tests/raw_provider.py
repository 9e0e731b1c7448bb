"""A provider in the hands of a test: it says nothing before it is told to, and whatever it is told."""

import queue
import socket
import struct
import threading

from raw_client import HANG_BOUND


class RawProvider:
    """Listens on 127.0.0.1; each connection is taken by :meth:`asked`."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._arrived = queue.Queue()
        self._all = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._all:
            connection.socket.close()

    def _accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            peer.settimeout(HANG_BOUND)
            self._all.append(connection := RawAnswer(peer))
            self._arrived.put(connection)

    def asked(self):
        """The next connection, its request read."""
        return self.taken().read()

    def taken(self):
        """The next connection, of which nothing was read."""
        return self._arrived.get(timeout=HANG_BOUND)


class RawAnswer:
    """One connection of a provider: ``head`` and ``body`` are what it was asked."""

    def __init__(self, peer):
        self.socket = peer
        self.head, self.body = b"", b""

    def read(self):
        while b"\r\n\r\n" not in self.head:
            self.head += self.socket.recv(65536)
        self.head, _, self.body = self.head.partition(b"\r\n\r\n")
        length = int(self.header("content-length") or 0)
        while len(self.body) < length:
            self.body += self.socket.recv(65536)
        return self

    @property
    def lines(self):
        return self.head.decode().split("\r\n")

    def header(self, name):
        """All values of a header, joined by commas; None where it is not there."""
        pairs = [line.partition(":")[::2] for line in self.lines[1:]]
        return ", ".join(value.strip() for key, value in pairs if key.lower() == name) or None

    def say(self, data):
        self.socket.sendall(data)
        return self

    def begin(self, *headers, status="200 OK"):
        lines = [f"HTTP/1.1 {status}", *(headers or ("Transfer-Encoding: chunked", "Content-Type: text/event-stream"))]
        return self.say("\r\n".join([*lines, "", ""]).encode())

    def chunk(self, data):
        return self.say(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self):
        return self.say(b"0\r\n\r\n")

    def fin(self):
        self.socket.close()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def closed_by_the_other(self):
        """Wait until the other side has closed the connection."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
