"""A port at which connections are accepted, each talked with in a task of its own."""

from __future__ import annotations

import asyncio
import errno
import itertools
import socket
from collections.abc import Callable, Coroutine
from typing import Any

from harness.errors import InputError
from harness.replay.channel import Channel

BACKLOG = 4096
"""Connections that may wait; the kernel has its own ceiling."""
_AT_ONCE = 64  # connections accepted in one turn of the loop
_BREATH = 0.05  # seconds until the next try where the process has no file descriptor left

Converse = Callable[[Channel], Coroutine[Any, Any, None]]
"""Talks with one client until one side ends it; the channel is closed behind it."""


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address, where the port 0 is one of the system's choice; close it.

    Raises :class:`InputError` where nobody can listen there.
    """
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            why = "something listens there already; name another port, or 0 for any"
        raise InputError(f"nobody can listen at {shown}: {why}") from None


class Listening:
    """Accepts at a bound socket, whose owner closes it; lives in one event loop, which cancels its conversations."""

    def __init__(self, listener: socket.socket, converse: Converse) -> None:
        self._listener = listener
        self._converse = converse
        self._accepted = itertools.count()
        self._conversations: set[asyncio.Task[None]] = set()
        listener.setblocking(False)

    def begin(self) -> None:
        """Accept from now on; called in the event loop."""
        asyncio.get_running_loop().add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(_AT_ONCE):
            try:
                peer, _address = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:  # no file descriptor is left: the listener stays readable, and the loop must not spin
                loop.remove_reader(self._listener)
                loop.call_later(_BREATH, self.begin)
                return
            self._talk(Channel(peer, next(self._accepted)))

    def _talk(self, channel: Channel) -> None:
        task = asyncio.get_running_loop().create_task(self._converse(channel))
        self._conversations.add(task)  # the loop itself keeps no hold of its tasks

        def ended(_: asyncio.Task[None]) -> None:
            self._conversations.discard(task)
            channel.close()  # here, since a task that is cancelled before its first step never comes to a finally

        task.add_done_callback(ended)
