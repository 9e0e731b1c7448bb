"""One TCP connection, seen as close to the kernel as Python gets: every write observed, every close noticed.

asyncio's own transports hide both: they join writes behind a full buffer, and they cannot end with a reset. So the
socket is read by a callback, also while nothing is wanted from it: only so is a client noticed that goes away in the
middle of a pause.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress

_READ = 64 * 1024  # bytes at a time, so that one busy client does not keep the loop for itself
_MOST_UNREAD = 1024 * 1024  # bytes that a client may send ahead; more wait in the kernel, and a close behind them too
_LINGER = 5.0  # seconds that a client has to take note of our end
_POLL = 0.001  # seconds between two looks at what the kernel still holds
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, for no time

if sys.platform == "win32":

    def _undelivered(_: socket.socket) -> int:
        """Windows does not tell; then what the kernel holds at a reset is lost."""
        return 0

else:
    import fcntl
    import termios

    def _undelivered(peer: socket.socket) -> int:
        """Return how many written bytes the other side's kernel has not taken yet."""
        return int.from_bytes(fcntl.ioctl(peer, termios.TIOCOUTQ, bytes(4)), sys.byteorder)


class ClientGone(Exception):
    """The client closed its side, or reset the connection, while something was wanted from it."""


class Channel:
    """The server's end of one connection; one task uses it, and only in the thread of its event loop.

    ``number`` tells the connections of a server apart. ``gone`` is set at the moment when the client is found to have
    closed it: a FIN counts, since a client that stops sending has, to a server, left (nginx's 499 says the same).
    """

    def __init__(self, peer: socket.socket, number: int) -> None:
        self.number = number
        self.gone = False
        self._on_gone: Callable[[], object] | None = None
        self._peer = peer
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        self._listening = False
        self._hungry = False
        self._deaf = False
        self._waiting: asyncio.Future[None] | None = None
        peer.setblocking(False)
        with suppress(OSError):  # some systems refuse it where the client has gone already
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._listen()

    def watch(self, on_gone: Callable[[], object] | None) -> None:
        """Have this called at the moment when the client is gone, or at once where it is; None ends the watch."""
        self._on_gone = on_gone
        if self.gone and on_gone is not None:
            on_gone()

    async def receive(self) -> bytes:
        """Return what has arrived, at least one byte; raises :class:`ClientGone` where nothing more will."""
        while not self._received:
            if self.gone:
                raise ClientGone
            self._hungry = True
            try:
                await self._woken()
            finally:
                self._hungry = False
        data = bytes(self._received)
        self._received.clear()
        self._listen()
        return data

    async def send(self, data: bytes, left: Callable[[int, int], None] | None = None) -> None:
        """Hand all of it to the kernel, in one write if it takes it; raises :class:`ClientGone` where nobody reads.

        ``left`` is called behind each write with the bytes that it took: from where, and up to where, in ``data``.
        """
        view, done = memoryview(data), 0
        while done < len(data):
            if self.gone:
                raise ClientGone
            try:
                taken = self._peer.send(view[done:])
            except (BlockingIOError, InterruptedError):
                await self._writable()
                continue
            except OSError:
                self._lose()
                raise ClientGone from None
            if left is not None:
                left(done, done + taken)
            done += taken

    async def pause(self, seconds: float | None) -> None:
        """Be silent for so long, or for ever; raises :class:`ClientGone` as soon as the client is gone."""
        if not self.gone:
            await self._woken(seconds)
        if self.gone:
            raise ClientGone

    async def delivered(self) -> None:
        """Wait until the client's kernel has every byte: a reset throws away what ours still holds."""
        while not self.gone and _undelivered(self._peer):
            await self.pause(_POLL)

    def finish(self) -> None:
        """Send FIN behind what was written; what the client still says is not listened to."""
        self._deaf = True
        self._received.clear()
        self._listen()
        try:
            self._peer.shutdown(socket.SHUT_WR)
        except OSError:
            self._lose()

    async def linger(self) -> None:
        """Give the client a moment to close its side: closing with unread bytes would reset what it has yet to read."""
        if not self.gone:
            await self._woken(_LINGER)

    def reset(self) -> None:
        """Close with RST."""
        with suppress(OSError):  # the same
            self._peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
        self.close()

    def close(self) -> None:
        """Close the socket, whatever state it is in; safe to call twice."""
        if self._peer.fileno() != -1:
            self._loop.remove_reader(self._peer)
            self._loop.remove_writer(self._peer)
            self._peer.close()

    def _listen(self) -> None:
        if not self._listening:
            self._listening = True
            self._loop.add_reader(self._peer, self._readable)

    def _readable(self) -> None:
        try:
            data = self._peer.recv(_READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # RST, and its rarer relatives
            data = b""
        if not data:
            self._lose()
        elif not self._deaf:
            self._received += data
            if len(self._received) > _MOST_UNREAD:
                self._listening = False
                self._loop.remove_reader(self._peer)
            if self._hungry:
                self._wake()

    def _lose(self) -> None:
        if self.gone:
            return
        self.gone = True
        if self._on_gone is not None:
            self._on_gone()
        self._wake()

    async def _writable(self) -> None:
        self._loop.add_writer(self._peer, self._wake)
        try:
            await self._woken()
        finally:
            self._loop.remove_writer(self._peer)

    async def _woken(self, seconds: float | None = None) -> None:
        """Wait for :meth:`_wake`, but not longer than this."""
        self._waiting = self._loop.create_future()
        timer = None if seconds is None else self._loop.call_later(seconds, self._wake)
        try:
            await self._waiting
        finally:
            if timer is not None:
                timer.cancel()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
