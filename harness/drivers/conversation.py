"""A session over real bytes and in real time, for as many threads as ask at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from harness.drivers.driver import Implementation
from harness.drivers.duplex import Duplex
from harness.drivers.framing import Lines
from harness.drivers.session import Run, Session
from harness.errors import ShimError, TargetError, TargetGone
from harness.protocol.mask import Mask
from harness.protocol.transcript import Stimulus

SHUTDOWN = 2.0
"""Seconds in which a shim exits by itself once it was asked to (driver protocol)."""

_AFTERMATH = 0.002  # seconds behind an answer in which a shim that does not stop there is caught in the act
_LOOK = 0.2  # seconds of silence behind which is looked whether it is still there
_LOG_LINES = 20
_NO_KEYS = Mask(())
_NUDGE = 1.0  # seconds; nobody wakes the next reader where the last one was interrupted


class Peer(Protocol):
    """Whom a conversation is held with: a process of ours, or a shim that runs already."""

    duplex: Duplex

    @property
    def tail(self) -> str:
        """The end of its log, empty where there is none."""
        ...

    @property
    def has_left(self) -> bool:
        """Whether it is gone, though somebody else may hold its output open."""
        ...

    def left(self) -> str:
        """Return how it left, after its last byte: what a sentence says behind "it"."""
        ...

    def end(self, patience: float = 0.0) -> None:
        """Let it go, or end it; it may take ``patience`` seconds to exit by itself."""
        ...


class Conversation:
    """One connection from ``initialize`` to its end.

    It has no thread of its own: of those that wait, one reads for all of them. So with one question at a time no
    thread is ever switched, and nothing runs while nothing is asked. ``keep`` is handed every line that is sent.
    """

    def __init__(self, peer: Peer, session: Session, keep: Callable[[bytes], None]) -> None:
        self._peer = peer
        self._session = session
        self._keep = keep
        self._lines = Lines()
        self._lock = threading.Lock()  # of the session, and of those who wait
        self._reading = threading.Lock()  # whoever has it reads for all
        self._waiting: dict[Run, threading.Lock] = {}  # each is locked until there is something to look at
        self._quiet_until = 0.0
        self._log = ""
        self._send()

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be asked here."""
        return self._session.fault is not None

    def introduced(self, timeout: float) -> Implementation:
        """Return who is there; raises :class:`ShimError` where nobody says so within ``timeout`` seconds."""
        session = self._session
        until = _now() + timeout
        with self._reading:
            while session.implementation is None and session.fault is None and (left := until - _now()) > 0:
                self._read(left)
        if session.fault is not None:
            raise self._explained(session.fault)
        if session.implementation is None:
            raise self._explained(ShimError(f"your shim did not answer initialize within {timeout:g} s"))
        return session.implementation

    def ask(self, stimulus: Stimulus, timeout: float) -> Run | None:
        """Ask one question and return it when it is over; None where the shim had left before it could be asked.

        What it said unasked meanwhile is an :meth:`unblamed`.
        """
        session = self._session
        run = session.prepared(stimulus, timeout)
        self._look()
        with self._lock:
            if session.fault is not None:
                return None
            self._waiting[run] = turn = threading.Lock()
            turn.acquire()
            start = _now()
            session.start(run, start)
            self._send()
        self._play(run, turn, start, start + timeout)
        if not run.over:
            self._give_up(run, timeout)
        if isinstance(run.failure, ShimError | TargetGone):
            run.failure = self._explained(run.failure)
        return run

    def unblamed(self) -> TargetError | None:
        """Return, once, why this conversation is over where no question was told that it was the cause."""
        with self._lock:
            error, self._session.unblamed = self._session.unblamed, None
        return None if error is None else type(error)(_NO_KEYS.excerpt(str(error)))

    def end(self) -> None:
        """End the conversation, and the process if it is ours; what is still asked is lost.

        A shim that is idle is asked to exit by itself first.
        """
        session = self._session
        until = _now()
        with self._lock:
            is_idle = session.fault is None and session.implementation is not None and not session.runs
            session.close()
            self._tell()
        self._peer.duplex.wake()
        with self._reading:
            try:
                if is_idle:
                    until += SHUTDOWN
                    self._part(until)
            finally:
                self._peer.end(until - _now())

    def _play(self, run: Run, turn: threading.Lock, start: float, until: float) -> None:
        """Wait for the end of a run, and abort it when its time comes."""
        abort = run.stimulus.abort
        if abort is not None and abort.milliseconds is not None:
            self._wait(run, turn, min(until, start + abort.milliseconds / 1000))
            with self._lock:
                self._session.abort(run, _now())
                self._send()
        self._wait(run, turn, until)

    def _wait(self, run: Run, turn: threading.Lock, until: float) -> None:
        """Return when a run is over, or it is too late; read for all meanwhile, unless another thread does."""
        while not run.over and (left := until - _now()) > 0:
            if not self._reading.acquire(blocking=False):
                turn.acquire(timeout=min(left, _NUDGE))
                continue
            try:
                while not run.over and (left := until - _now()) > 0:
                    self._read(left)
            finally:
                self._reading.release()
                self._pass_on(run)

    def _pass_on(self, run: Run) -> None:
        """Wake one who waits, but not who waits for ``run``: somebody else must read now."""
        with self._lock:
            for other, turn in self._waiting.items():
                if other is not run:
                    return _wake(turn)
        return None

    def _give_up(self, run: Run, timeout: float) -> None:
        """Take note that a run's time is up, unless its answer has come in the last moment."""
        with self._lock:
            if run in self._session.answered:
                self._session.settle([run])
            elif not run.over:
                self._session.time_out(run, f"no end within {timeout:g} s", _now())
            self._tell()

    def _part(self, until: float) -> None:
        """Ask the shim to exit, and read on, so that it is not kept by what it still has to say."""
        duplex = self._peer.duplex
        duplex.send(self._session.outgoing())
        while (left := until - _now()) > 0 and duplex.receive(min(left, _LOOK)) != b"" and not self._peer.has_left:
            pass

    def _look(self) -> None:
        """Read what is there already, unless another thread does."""
        if self._session.fault is None and self._reading.acquire(blocking=False):
            try:
                self._read(0)
            finally:
                self._reading.release()

    def _read(self, timeout: float) -> None:
        """Read once, for all who wait.

        An answer is handed on when the shim has said something else, or nothing for a moment: one that does not stop
        behind its answer is caught in the act, and the right run is blamed.
        """
        session, duplex = self._session, self._peer.duplex
        answered = tuple(session.answered)
        timeout = min(timeout, self._quiet_until - _now() if answered else _LOOK)
        data = duplex.receive(timeout)
        if data is None and timeout == _LOOK and self._peer.has_left:
            data = duplex.receive(0) or b""  # a process that it left behind keeps the pipe open
        with self._lock:
            if session.fault is None and data is not None:
                self._take(data)
            if session.fault is None and answered and (data is not None or _now() >= self._quiet_until):
                session.settle(answered)
            self._tell()

    def _take(self, data: bytes) -> None:
        session = self._session
        if data:
            now = _now()
            try:
                session.received(self._lines.feed(data), now)
            except ShimError as error:
                session.fail(error)
            except MemoryError:
                session.fail(ShimError("your shim sent more than this machine's memory holds"))
            self._quiet_until = now + _AFTERMATH
            self._send()
        else:
            session.left(self._peer.left(), b"".join(self._lines.close()))
        if session.fault is not None:
            self._log = self._peer.tail

    def _tell(self) -> None:
        """Wake those whose run is over."""
        for run in [run for run in self._waiting if run.over]:
            _wake(self._waiting.pop(run))

    def _send(self) -> None:
        if lines := self._session.outgoing():
            self._keep(lines)
            self._peer.duplex.send(lines)

    def _explained(self, error: TargetError) -> TargetError:
        """Return the failure with the end of what the shim wrote to its log, and without what looks like a key."""
        last = "\n".join(self._log.splitlines()[-_LOG_LINES:])
        told = f"{error}; the end of its stderr:\n{last}" if last else str(error)
        return type(error)(_NO_KEYS.excerpt(told))


def _wake(turn: threading.Lock) -> None:
    if turn.locked():
        turn.release()


def _now() -> float:
    return time.monotonic()
