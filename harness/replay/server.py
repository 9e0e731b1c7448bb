"""The played provider: one port on 127.0.0.1, one thread, one event loop, as many places as there are runs."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from harness.errors import HarnessError, InputError
from harness.protocol.script import Script
from harness.replay.answer import Answer, answer_of, refusal
from harness.replay.channel import Channel
from harness.replay.connection import converse
from harness.replay.loop_thread import LoopThread
from harness.replay.place import Place

_BACKLOG = 4096  # connections that may wait; the kernel has its own ceiling
_AT_ONCE = 64  # connections accepted in one turn of the loop
_BREATH = 0.05  # seconds until the next try where the process has no file descriptor left
_NAMED = 10  # places that a 404 names

_TARGET = re.compile(r"(?:(?i:https?)://[^/?#]*)?/([^/?#]+)(.*)", re.DOTALL)
"""A request's target (RFC 9112 §3.2), in its absolute form too, as proxies are asked: the place, and what follows."""


class ReplayServer:
    """Plays providers under scripts; a context manager, which may be entered again once it has been left.

    It listens on 127.0.0.1 only, at a port that the system chooses, from a daemon thread of its own. On leaving it,
    also by an exception or Ctrl-C, its thread, its connections and its port are gone.
    """

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}
        self._numbers = itertools.count(1)
        self._running: tuple[LoopThread, socket.socket] | None = None
        self._closing = threading.RLock()  # a signal's handler may close us while its own thread does
        self._accepted = itertools.count()
        self._conversations: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        """Start; raises :class:`HarnessError` where the system has no port for us."""
        if self._running is not None:
            raise AssertionError("the server runs already")
        try:
            listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        except OSError as error:
            raise HarnessError(f"no port on 127.0.0.1 can be had: {error.strerror}") from error
        listener.setblocking(False)
        thread = LoopThread("replay")
        self._running = thread, listener
        thread.call(lambda: self._listen(listener))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self, scripts: Sequence[Script]) -> Place:
        """Open a place of its own, in which the n-th request is answered by the n-th script, and further ones by 599.

        Raises :class:`InputError` that names the script which HTTP cannot play: a status or header that does not exist,
        pieces behind a status without body, a Content-Length that is not kept, a pause that cannot be made.
        """
        if self._running is None:
            raise AssertionError("the server does not run")
        thread, listener = self._running
        answers = tuple(_playable(script, number) for number, script in enumerate(scripts, 1))
        name = f"place-{next(self._numbers)}"
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}/{name}"
        place = Place(base_url, answers, thread, on_close=lambda: self._places.pop(name, None))
        self._places[name] = place
        return place

    def close(self) -> None:
        """End everything; safe to call twice, in the middle of anything and by several threads, which all wait."""
        with self._closing:
            if self._running is not None:
                thread, listener = self._running
                thread.stop()
                listener.close()
                self._places.clear()
                self._running = None

    def _listen(self, listener: socket.socket) -> None:
        asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(_AT_ONCE):
            try:
                peer, _address = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:  # no file descriptor is left: the listener stays readable, and the loop must not spin
                loop.remove_reader(listener)
                loop.call_later(_BREATH, self._listen, listener)
                return
            self._converse(Channel(peer, next(self._accepted)))

    def _converse(self, channel: Channel) -> None:
        task = asyncio.get_running_loop().create_task(converse(channel, self._find))
        self._conversations.add(task)  # the loop itself keeps no hold of its tasks

        def ended(_: asyncio.Task[None]) -> None:
            self._conversations.discard(task)
            channel.close()  # here, since a task that is cancelled before its first step never comes to a finally

        task.add_done_callback(ended)

    def _find(self, target: str) -> tuple[Place, str] | Answer:
        """Return the place of a target and what is asked of it, or the answer that there is none."""
        parts = _TARGET.fullmatch(target)
        place = None if parts is None else self._places.get(parts[1])
        if parts is not None and place is not None:
            return place, parts[2]
        names = [f"/{name}" for name in tuple(self._places)]
        shown = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
        played = f"{len(names)} places are: {shown}" if names else "no place is"
        path = target.partition("?")[0]  # a query may hold a key
        return refusal(404, "no_such_place", f"nothing is played at {path}; {played}")


def _playable(script: Script, number: int) -> Answer:
    try:
        return answer_of(script)
    except InputError as error:
        raise InputError(f"script {number}: {error}") from None
