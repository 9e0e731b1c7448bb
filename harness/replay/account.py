"""One request and what becomes of its answer: written by the event loop as it happens, read by any thread."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from harness.protocol.script import ClosedBy, Exchange, Sent

_MOST_WRITES = 10_000  # an answer without end must not fill the memory with its account


class Clock:
    """Milliseconds since ``started``, which is a reading of ``time.monotonic()``."""

    def __init__(self) -> None:
        self.started = time.monotonic()

    def now(self) -> float:
        """Return how many milliseconds have passed."""
        return round((time.monotonic() - self.started) * 1000, 3)


class Account:
    """An :class:`Exchange` that is still going on.

    Only the first end counts: a client that goes away behind the proper end of its answer changes nothing. Behind
    10 000 writes of one answer the further ones are added to the last, whose time is then the latest one's.
    """

    def __init__(self, asked: Exchange, clock: Clock) -> None:
        self._exchange = asked
        self._clock = clock
        self._sent: list[Sent] = []
        self._pieces = 0
        self._ended = False
        self._lock = threading.Lock()

    def exchange(self) -> Exchange:
        """Return what is known at this moment."""
        with self._lock:
            return replace(self._exchange, sent=tuple(self._sent), pieces=self._pieces)

    def answered(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        """Take note that the head has left."""
        with self._lock:
            self._exchange = replace(self._exchange, status=status, answer_headers=headers)

    def left(self, length: int) -> None:
        """Take note of one write of the body."""
        sent = Sent(self._clock.now(), length)
        with self._lock:
            if len(self._sent) < _MOST_WRITES:
                self._sent.append(sent)
            else:
                self._sent[-1] = Sent(sent.at, self._sent[-1].length + length)

    def piece_left(self) -> None:
        """Take note that one piece has left, in however many writes."""
        with self._lock:
            self._pieces += 1

    def ended(self, by: ClosedBy | None, *, whole: bool) -> None:
        """Take note of the end, unless there was one: who closed the connection, None where it was left open."""
        at = self._clock.now()
        with self._lock:
            if not self._ended:
                self._ended = True
                self._exchange = replace(self._exchange, closed_at=at, closed_by=by, whole=whole)

    def client_gone(self) -> None:
        """Take note that the client closed the connection in the middle of its answer."""
        self.ended("client", whole=False)

    def failed(self, fault: str) -> None:
        """Take note of a bug of ours, which must not look like anybody's answer."""
        with self._lock:
            self._exchange = replace(self._exchange, fault=fault)
