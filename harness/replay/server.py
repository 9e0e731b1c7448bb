"""The played provider: one port on 127.0.0.1, one thread, one event loop, as many places as there are runs."""

from __future__ import annotations

import errno
import itertools
import re
import socket
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from harness.errors import HarnessError, InputError
from harness.protocol.script import Exchange, Script
from harness.replay.answer import Answer, answer_of, refusal
from harness.replay.connection import converse
from harness.replay.listening import BACKLOG, Listening
from harness.replay.loop_thread import LoopThread
from harness.replay.place import Choose, Place, Watch, in_turn

_NAMED = 10  # places that a 404 names

_AUTHORITY = re.compile(r"^(?i:https?)://[^/?#]*")
"""What stands before the path where a target is in its absolute form (RFC 9112 §3.2.2), as proxies are asked."""
_PLACE = re.compile(r"/([^/?#]+)(.*)", re.DOTALL)
"""A path and query: the place, and what follows."""


class ReplayServer:
    """Plays providers under scripts; a context manager, which may be entered again once it has been left.

    It listens on 127.0.0.1 only, at ``port`` or, where that is 0, at one that the system chooses, from a daemon thread
    of its own. On leaving it, also by an exception or Ctrl-C, its thread, its connections and its port are gone.
    """

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._places: dict[str, Place] = {}
        self._root: Place | None = None
        self._numbers = itertools.count(1)
        self._running: tuple[LoopThread, socket.socket] | None = None
        self._closing = threading.RLock()  # a signal's handler may close us while its own thread does

    def __enter__(self) -> Self:
        """Start; raises :class:`InputError` where the port cannot be had, :class:`HarnessError` where none can."""
        if self._running is not None:
            raise AssertionError("the server runs already")
        listener = _listener(self._port)
        thread = LoopThread("replay")
        self._running = thread, listener
        thread.call(Listening(listener, lambda channel: converse(channel, self._find, self._refused)).begin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self, scripts: Sequence[Script]) -> Place:
        """Open a place of its own, in which the n-th request is answered by the n-th script.

        Further ones are answered by the last script where that is a failure, else by 599. Raises
        :class:`InputError` that names the script which HTTP cannot play: a status or header that does not exist, pieces
        behind a status without body, a Content-Length that is not kept, a pause that cannot be made.
        """
        thread, server_url = self._started()
        answers = tuple(_playable(script, number) for number, script in enumerate(scripts, 1))
        name = f"place-{next(self._numbers)}"
        base_url = f"{server_url}/{name}"
        place = Place(base_url, in_turn(answers, base_url), thread, lambda: self._places.pop(name, None))
        self._places[name] = place
        return place

    def open_root(self, choose: Choose, *, watch: Watch | None = None, kept: int | None = None) -> Place:
        """Open the one place that every request comes to, whatever its path; ``choose`` answers each.

        ``watch`` is told of each exchange when it is over, also of those that were refused before anybody chose, and
        ``kept`` limits how many the place remembers.
        """
        thread, base_url = self._started()
        if self._root is not None:
            raise AssertionError("the root is taken")

        def forget() -> None:
            self._root = None

        self._root = Place(base_url, choose, thread, forget, watch=watch, kept=kept)
        return self._root

    def close(self) -> None:
        """End everything; safe to call twice, in the middle of anything and by several threads, which all wait."""
        with self._closing:
            if self._running is not None:
                thread, listener = self._running
                thread.stop()
                listener.close()
                self._places.clear()
                self._root = None
                self._running = None

    def _started(self) -> tuple[LoopThread, str]:
        """Return the thread that plays, and the URL at which it does."""
        if self._running is None:
            raise AssertionError("the server does not run")
        thread, listener = self._running
        return thread, f"http://127.0.0.1:{listener.getsockname()[1]}"

    def _refused(self, asked: Exchange, why: str) -> None:
        if self._root is not None:
            self._root.refused(asked, why)

    def _find(self, target: str) -> tuple[Place, str] | Answer:
        """Return the place of a target and what is asked of it, or the answer that there is none."""
        target = _AUTHORITY.sub("", target)
        if self._root is not None:
            return self._root, target
        parts = _PLACE.fullmatch(target)
        place = None if parts is None else self._places.get(parts[1])
        if parts is not None and place is not None:
            return place, parts[2]
        names = [f"/{name}" for name in tuple(self._places)]
        shown = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
        played = f"{len(names)} places are: {shown}" if names else "no place is"
        path = target.partition("?")[0]  # a query may hold a key
        return refusal(404, "no_such_place", f"nothing is played at {path}; {played}")


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        if not port:
            raise HarnessError(f"no port on 127.0.0.1 can be had: {why}") from error
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            why = "something listens there already"
        raise InputError(
            f"the port {port} on 127.0.0.1 cannot be had: {why}; name another one, or 0 for any"
        ) from error


def _playable(script: Script, number: int) -> Answer:
    try:
        return answer_of(script)
    except InputError as error:
        raise InputError(f"script {number}: {error}") from None
