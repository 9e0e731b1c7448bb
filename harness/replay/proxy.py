"""A reverse proxy that records: an application asks it in place of its provider, and notices no difference."""

from __future__ import annotations

import errno
import re
import socket
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import h11

from harness.cassettes.interaction import Request
from harness.cassettes.recorder import Recorder
from harness.errors import InputError
from harness.protocol.script import Exchange
from harness.replay.account import Account, Clock
from harness.replay.channel import Channel
from harness.replay.forwarding import Ask, forwarded
from harness.replay.hops import end_to_end, headers_of
from harness.replay.listening import BACKLOG, Listening
from harness.replay.loop_thread import LoopThread
from harness.replay.playing import play
from harness.replay.receiving import Refused, body_of, head_of, one_by_one

_AUTHORITY = re.compile(r"(?i:https?)://[^/?#]*")


class RecordingProxy:
    """Forwards what it is asked to ``upstream`` by ``ask``, and lets ``recorder`` keep it; a context manager.

    ``upstream`` is a URL that requests' targets are added to. It listens at ``host`` and ``port``, where 0 is a port of
    the system's choice, in a thread of its own. Towards the provider every encoding is refused, since pieces of what is
    compressed mean nothing, unless ``keep_encoding`` says that the client's wish is passed on.
    Once it is left, its thread, its connections and its port are gone; close the recorder behind it.
    """

    def __init__(  # noqa: PLR0913 - where it listens, whom it asks and how
        self, host: str, port: int, upstream: str, ask: Ask, recorder: Recorder, *, keep_encoding: bool = False
    ) -> None:
        self._address = host, port
        self._upstream = upstream.rstrip("/")
        self._ask = ask
        self._recorder = recorder
        self._keep_encoding = keep_encoding
        self._running: tuple[LoopThread, socket.socket] | None = None
        self._closing = threading.RLock()  # a signal's handler may close us while its own thread does

    def __enter__(self) -> Self:
        """Start; raises :class:`InputError` where nobody can listen at the address."""
        listener = _listener(*self._address)
        thread = LoopThread("recording proxy")
        self._running = thread, listener
        thread.call(Listening(listener, self._converse).begin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """What an application uses in place of the provider's URL."""
        assert self._running is not None  # noqa: S101 - asked only while it runs
        host, port = self._running[1].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def close(self) -> None:
        """End every exchange that still goes on, and stop; safe to call twice."""
        with self._closing:
            if self._running is not None:
                thread, listener = self._running
                thread.stop()
                listener.close()
                self._running = None

    async def _converse(self, channel: Channel) -> None:
        await one_by_one(channel, lambda http: self._exchanged(http, channel))

    async def _exchanged(self, http: h11.Connection, channel: Channel) -> bool:
        """Read one request, and carry its exchange to the end; tell whether the connection may carry another one."""
        try:
            head = await head_of(http, channel)
            request = self._outgoing(head, await body_of(http, channel, head))
        except Refused as refused:
            nobody = Account(Exchange("", "", (), b"", asked_at=0.0), Clock())
            return await play(refused.answer, http, channel, nobody, bodiless=False)
        return await forwarded(request, self._ask, http, channel, self._recorder.begin(request))

    def _outgoing(self, head: h11.Request, body: bytes) -> Request:
        """Return the request as it goes to the provider (RFC 9110 7.2, 7.6.1)."""
        target = _AUTHORITY.sub("", head.target.decode("ascii"), count=1)
        if not target.startswith("/"):
            raise Refused(400, "bad_request", "the request's target is no path")
        ours = {"Host": (urlsplit(self._upstream).netloc.rpartition("@")[2],)}
        replaced = ["host"]
        if not self._keep_encoding:
            ours["Accept-Encoding"] = ("identity",)
            replaced.append("accept-encoding")
        theirs = end_to_end(headers_of(head.headers.raw_items()), *replaced)
        return Request(head.method.decode("ascii"), f"{self._upstream}{target}", {**ours, **theirs}, body)


def _listener(host: str, port: int) -> socket.socket:
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            why = "something listens there already; name another port, or 0 for any"
        raise InputError(f"nobody can listen at {shown}: {why}") from None
