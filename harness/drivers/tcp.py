"""A shim that runs already, under a debugger perhaps: ``stdio+tcp://127.0.0.1:PORT``; it is never ended."""

from __future__ import annotations

import os
import re
import socket
import threading

from harness.drivers.duplex import Duplex
from harness.errors import CannotConnect

_CONNECTING = 10.0  # seconds
_PLACE = re.compile(r"(?://)?(?:(?P<host>\[[0-9A-Fa-f:.]+\]|[^/:\[\]]+):)?(?P<port>[0-9]{1,5})/?")


class Attached:
    """A connection to a shim; without a host in its place it is on this machine."""

    tail = ""
    has_left = False  # the end of the connection tells

    def __init__(self, place: str) -> None:
        found = _PLACE.fullmatch(place)
        if found is None or not 0 < int(found["port"]) < 1 << 16:
            raise CannotConnect(f"'stdio+tcp:{place}' is not a target; write stdio+tcp://127.0.0.1:PORT")
        host, port = (found["host"] or "127.0.0.1").strip("[]"), int(found["port"])
        try:
            with socket.create_connection((host, port), timeout=_CONNECTING) as made:
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                writing = os.dup(made.fileno())
                self.duplex = Duplex(reading=made.detach(), writing=writing)
        except OSError as error:
            why = error.strerror or str(error)
            shown = f"[{host}]" if ":" in host else host
            raise CannotConnect(f"no shim listens at {shown}:{port}: {why}; start it first, then attach") from error
        self._ending = threading.Lock()
        self._is_open = True

    def left(self) -> str:
        """Return how it left: what a sentence says behind "it"."""
        return "closed the connection"

    def end(self, patience: float = 0.0) -> None:  # noqa: ARG002 - a process of ours would have so long
        """Close the connection; the shim goes on."""
        with self._ending:
            if self._is_open:
                self.duplex.close()
            self._is_open = False
