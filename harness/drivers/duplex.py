"""Bytes to and from another process, where neither side can make us wait longer than we want."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections import deque

_AT_ONCE = 1 << 18
_TAIL = 8_192
_MOST_AT_THE_END = 16  # reads of a log that never ends
_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


class Duplex:
    """Three file descriptors, closed with it: what we read, what we write, and a log if there is one.

    One thread at a time receives, any thread sends. Of the log only the end is kept, so a flood of it costs nothing.
    Raises ``OSError`` where this process may open no more, and closes what it was given.
    """

    def __init__(self, reading: int, writing: int, log: int | None = None) -> None:
        self._reading, self._writing, self._log = reading, writing, log
        try:
            self._waking, self._wake = os.pipe()
        except OSError:
            for own in (reading, writing, *([] if log is None else [log])):
                os.close(own)
            raise
        self._pending: deque[memoryview] = deque()
        self._sending = threading.Lock()
        self._takes_more = True
        self._is_closed = False
        self._tail = bytearray()
        self._poll = select.poll()
        for watched in (reading, self._waking, *([] if log is None else [log])):
            os.set_blocking(watched, False)
            self._poll.register(watched, select.POLLIN)
        for written in (writing, self._wake):
            os.set_blocking(written, False)

    def send(self, data: bytes) -> None:
        """Send bytes as soon as the other side takes them; what it never takes is forgotten in the end."""
        with self._sending:
            if not self._takes_more or not data:
                return
            self._pending.append(memoryview(data))
            self._flush()
            if self._pending:
                self._wake_up()

    def wake(self) -> None:
        """Have whoever waits for bytes return; where all is closed nobody waits."""
        with self._sending:
            if not self._is_closed:
                self._wake_up()

    def receive(self, timeout: float) -> bytes | None:
        """Return bytes that came within ``timeout`` seconds, no bytes at their end, None where there are none yet.

        It may return None early, when something else happened; who needs bytes asks again.
        """
        found = dict(self._poll.poll(max(0.0, timeout) * 1000))
        if self._waking in found:
            os.read(self._waking, _AT_ONCE)
            self._poll.register(self._writing, select.POLLOUT)
        if self._log is not None and self._log in found:
            self._read_log(self._log)
        if self._writing in found:
            with self._sending:
                self._flush()
                if not self._pending:
                    self._poll.unregister(self._writing)
        if found.get(self._reading, 0) & _READABLE:
            return _read(self._reading)
        return None

    def tail(self) -> str:
        """Return the end of the log as text, empty where there is none."""
        for _ in range(_MOST_AT_THE_END):
            if self._log is None or not self._read_log(self._log):
                break
        return self._tail.decode("utf-8", "replace").strip()

    def close(self) -> None:
        """Close everything."""
        with self._sending:
            self._is_closed = True
            self._takes_more = False
            self._pending.clear()
            for own in (self._reading, self._writing, self._waking, self._wake, self._log):
                if own is not None:
                    os.close(own)

    def _wake_up(self) -> None:
        """Have the thread that receives look whether something can be sent."""
        with contextlib.suppress(BlockingIOError):  # then it will be woken in any case
            os.write(self._wake, b"\0")

    def _flush(self) -> None:
        """Write what is pending as far as it is taken; whoever cannot be written to will not be read from for long."""
        try:
            while self._pending:
                data = self._pending.popleft()
                written = os.write(self._writing, data)
                if written < len(data):
                    self._pending.appendleft(data[written:])
        except BlockingIOError:
            self._pending.appendleft(data)
        except OSError:
            self._takes_more = False
            self._pending.clear()

    def _read_log(self, log: int) -> bool:
        """Keep the end of what can be read at once; tell whether there was something."""
        data = _read(log)
        if data:
            self._tail += data
            del self._tail[:-_TAIL]
        elif data is not None:
            self._poll.unregister(log)
            self._log = None
            os.close(log)
        return bool(data)


def _read(source: int) -> bytes | None:
    """Return what is there; no bytes at the end, which a connection that was reset is too."""
    try:
        return os.read(source, _AT_ONCE)
    except BlockingIOError:
        return None
    except OSError:
        return b""
