"""A reverse proxy that records: an application asks it in place of its provider, and notices no difference."""

from __future__ import annotations

import re
import socket
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import h11

from harness.cassettes.hops import end_to_end, headers_of
from harness.cassettes.interaction import Request
from harness.cassettes.recorder import Recorder
from harness.protocol.script import Exchange
from harness.replay.account import Account, Clock
from harness.replay.channel import Channel
from harness.replay.forwarding import Ask, forwarded
from harness.replay.listening import Listening
from harness.replay.loop_thread import LoopThread
from harness.replay.playing import play
from harness.replay.receiving import Refused, body_of, head_of, one_by_one

_AUTHORITY = re.compile(r"(?i:https?)://[^/?#]*")


class RecordingProxy:
    """Forwards what it is asked to ``upstream`` by ``ask``, and lets ``recorder`` keep it; a context manager.

    ``upstream`` is a URL that requests' targets are added to. It accepts at ``listener``, in a thread of its own.
    Towards the provider every encoding is refused, since pieces of what is compressed mean nothing, unless
    ``keep_encoding`` says that the client's wish is passed on. Once it is left, its thread, its connections and its
    port are gone; close the recorder behind it.
    """

    def __init__(
        self, listener: socket.socket, upstream: str, ask: Ask, recorder: Recorder, *, keep_encoding: bool = False
    ) -> None:
        self._listener = listener
        self._upstream = upstream.rstrip("/")
        self._ask = ask
        self._recorder = recorder
        self._keep_encoding = keep_encoding
        self._running: LoopThread | None = None
        self._closing = threading.RLock()  # a signal's handler may close us while its own thread does

    def __enter__(self) -> Self:
        """Start."""
        self._running = LoopThread("recording proxy")
        self._running.call(Listening(self._listener, self._converse).begin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """What an application uses in place of the provider's URL."""
        host, port = self._listener.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def close(self) -> None:
        """End every exchange that still goes on, and stop; safe to call twice."""
        with self._closing:
            if self._running is not None:
                self._running.stop()
                self._running = None
            self._listener.close()

    async def _converse(self, channel: Channel) -> None:
        await one_by_one(channel, lambda http: self._exchanged(http, channel))

    async def _exchanged(self, http: h11.Connection, channel: Channel) -> bool:
        """Read one request, and carry its exchange to the end; tell whether the connection may carry another one."""
        head = None
        try:
            head = await head_of(http, channel)
            request = self._outgoing(head, await body_of(http, channel, head))
        except Refused as refused:
            method, target = ("", "") if head is None else (head.method.decode("ascii"), _path(head))
            self._recorder.refused(method, target, refused.answer.script.status, str(refused))
            nobody = Account(Exchange("", "", (), b"", asked_at=0.0), Clock())
            return await play(refused.answer, http, channel, nobody, bodiless=False)
        return await forwarded(request, self._ask, http, channel, self._recorder.begin(request))

    def _outgoing(self, head: h11.Request, body: bytes) -> Request:
        """Return the request as it goes to the provider (RFC 9110 7.2, 7.6.1)."""
        target = _path(head)
        if not target.startswith("/"):
            raise Refused(400, "bad_request", "the request's target is no path")
        ours = {"Host": (urlsplit(self._upstream).netloc.rpartition("@")[2],)}
        replaced = ["host"]
        if not self._keep_encoding:
            ours["Accept-Encoding"] = ("identity",)
            replaced.append("accept-encoding")
        theirs = end_to_end(headers_of(head.headers.raw_items()), *replaced)
        return Request(head.method.decode("ascii"), f"{self._upstream}{target}", {**ours, **theirs}, body)


def _path(head: h11.Request) -> str:
    """Return a request's target; proxies are asked with the authority before it."""
    return _AUTHORITY.sub("", head.target.decode("ascii"), count=1)
