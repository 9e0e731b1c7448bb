"""A tape that a thread of its own writes: what redaction takes is not heard in the pauses of the exchanges that go on.

The times are those at which the pieces came, and not those at which somebody got to them. What waits is in memory only,
since nothing may reach the disk before it was redacted; so whoever reads the provider waits while too much does.

A thread is no process: one search through a body lets nobody else run. In a part of a long body that takes some 0.03 s,
and at the end of one of nearly 8 MiB, which is searched as a whole, up to 0.4 s (both measured).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial

from harness.cassettes.interaction import Interaction, TapeEnding
from harness.cassettes.tape import Tape

MOST_WAITING = 32 * 1024 * 1024
"""Bytes of one exchange that may wait to be redacted."""
_OF_A_PIECE = 2048  # bytes that a waiting piece takes beside its own


class LateTape:
    """One exchange from its head on: one thread tells of it, and ``thread``, which has one worker, does the rest.

    ``begin`` makes the tape. What goes wrong is raised by :meth:`whole` and nowhere else: the exchange must go on.
    """

    def __init__(self, begin: Callable[[], Tape], thread: Executor) -> None:
        self._thread = thread
        self._tape: Tape | None = None
        self._fault: Exception | None = None
        self._is_dropped = False
        self._handed = self._done = 0  # bytes; each is counted by one thread only
        self._hand(0, partial(self._begin, begin))

    @property
    def is_behind(self) -> bool:
        """Whether so much waits that no more should be read."""
        return self._handed - self._done > MOST_WAITING

    def piece(self, data: bytes, at: float) -> None:
        """Hand over one piece of the body, which came at ``at``."""
        self._hand(len(data) + _OF_A_PIECE, partial(self._piece, data, at))

    def drop(self) -> None:
        """Say that nobody will want the recording: what waits is forgotten."""
        self._is_dropped = True

    def whole(self, ending: TapeEnding) -> Interaction:
        """Return what was recorded, or raise what went wrong first; called in ``thread``, behind the last piece."""
        if self._fault is not None:
            raise self._fault
        tape = self._begun()
        tape.end(ending)
        return tape.interaction()

    def close(self) -> None:
        """Let go of the body; called in ``thread``, and safe to call twice."""
        if self._tape is not None:
            self._tape.close()

    def _hand(self, size: int, work: Callable[[], None]) -> None:
        self._handed += size
        self._thread.submit(self._do, size, work)

    def _do(self, size: int, work: Callable[[], None]) -> None:
        try:
            if self._fault is None and not self._is_dropped:
                work()
        except Exception as fault:  # noqa: BLE001 - whole() raises it: nobody looks at what this thread raises
            self._fault = fault
            self.close()
        finally:
            self._done += size

    def _begin(self, begin: Callable[[], Tape]) -> None:
        self._tape = begin()

    def _piece(self, data: bytes, at: float) -> None:
        self._begun().piece(data, at)

    def _begun(self) -> Tape:
        if self._tape is None:
            raise AssertionError("the tape was dropped before it began")
        return self._tape
