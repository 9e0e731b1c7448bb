"""A provider that says exactly what it is told to, over HTTP/1.1 on 127.0.0.1, and keeps what it was asked."""

from harness.replay.place import Place
from harness.replay.server import ReplayServer

__all__ = ["Place", "ReplayServer"]
