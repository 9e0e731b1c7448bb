"""A client's request goes on to a provider, and the provider's answer back, each piece as soon as it is there.

Two tasks do it, so that a slow client is not heard in the times of the pieces: one reads the provider and records
it, the other writes to the client, not too far behind. Nor is the recording heard, which another thread makes, unless
it is some 32 MiB behind: then nothing more is read of this one answer until it has come nearer, and the pauses of what
comes next are partly ours. To lose the recording would be worse, and to spill what is not redacted is forbidden.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, suppress
from typing import Protocol, assert_never

import h11

from harness.cassettes.hops import end_to_end
from harness.cassettes.interaction import Request, TapeEnding
from harness.cassettes.recorder import Taping
from harness.cassettes.tape import Head
from harness.errors import HarnessError, ModelError
from harness.protocol.script import Exchange
from harness.replay.account import Account, Clock
from harness.replay.answer import refusal
from harness.replay.channel import Channel, ClientGone
from harness.replay.playing import play

GRACE = 0.2
"""Seconds for the end of an answer whose client went away: many close as soon as they have read ``[DONE]``, which is
before the body's end. The abort of a client reaches the provider that much later."""

_READ_AHEAD = 256  # pieces that wait for the client, of at most 64 KiB
_BREATH = 0.02  # seconds between two looks at a recording that is behind
_TIMEOUT = "TIMEOUT"


class Answering(Protocol):
    """An answer whose head is there (:class:`harness.model.upstream.Answering`, which this room may not import)."""

    asked_at: float
    head_at: float
    head: Head
    ending: TapeEnding | None

    def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the body as it comes; behind it ``ending`` is known."""
        ...


Ask = Callable[[Request], AbstractAsyncContextManager[Answering]]
"""Sends a request; raises :class:`ModelError` where no head comes, and so do its pieces where HTTP is broken."""


async def forwarded(request: Request, ask: Ask, http: h11.Connection, channel: Channel, taping: Taping) -> bool:
    """Carry one exchange to its end; tell whether the client's connection may carry another one.

    The client meets what we met: the same status and headers, the same framing, the same cut. Where the provider gave
    no answer it is told why, with the status 502, or 504 where the time was up. Raises :class:`ClientGone`.
    """
    relay = _Relay(request, ask, http, channel, taping)
    reading, writing = asyncio.create_task(relay.read()), asyncio.create_task(relay.write())
    channel.watch(writing.cancel)
    try:
        await asyncio.wait({writing})
        if channel.gone and not reading.done():
            await relay.pour_away()
    finally:
        channel.watch(None)
        for task in (reading, writing):
            task.cancel()
        # Before the next await, at which we may be cancelled; the reading task tells nothing any more.
        taping.ended(relay.outcome or ("gone" if channel.gone else "stopped"))
        await asyncio.gather(reading, writing, return_exceptions=True)
    if writing.cancelled():
        raise ClientGone
    return writing.result()


class _Relay:
    """What has been read and waits to be written; ``outcome`` is None until the provider's answer is over."""

    def __init__(self, request: Request, ask: Ask, http: h11.Connection, channel: Channel, taping: Taping) -> None:
        self.outcome: TapeEnding | HarnessError | None = None
        self._request = request
        self._ask = ask
        self._http = http
        self._channel = channel
        self._taping = taping
        self._came: asyncio.Queue[Head | bytes | None] = asyncio.Queue(_READ_AHEAD)

    async def read(self) -> None:
        try:
            async with self._ask(self._request) as answer, aclosing(answer.pieces()) as pieces:
                self._taping.began(answer.head, answer.asked_at, answer.head_at)
                await self._came.put(answer.head)
                async for piece in pieces:
                    at = time.monotonic()
                    await self._came.put(piece)
                    self._taping.came(piece, at)
                    while self._taping.is_behind:  # noqa: ASYNC110 - the recording has a thread of its own
                        await asyncio.sleep(_BREATH)
                self.outcome = answer.ending
        except HarnessError as error:
            self.outcome = error
        except Exception as error:  # noqa: BLE001 - a bug of ours must not leave the client waiting for ever
            self.outcome = HarnessError(f"a bug of ours, please report it: {type(error).__name__}")
        await self._came.put(None)

    async def write(self) -> bool:
        head = await self._came.get()
        if not isinstance(head, Head):
            return await self._refuse()
        # As in playing.py: a connection that has not heard of any client ends its body by closing.
        writer = h11.Connection(h11.SERVER) if head.framing == "close" else self._http
        await self._channel.send(writer.send(_head(head)))
        while isinstance(piece := await self._came.get(), bytes):
            await self._channel.send(writer.send(h11.Data(data=piece)))
        match self.outcome:
            case "end":
                await self._channel.send(writer.send(h11.EndOfMessage()))
                if writer.our_state is h11.DONE:
                    return True
                self._channel.finish()
            case "fin":
                self._channel.finish()
            case "reset" | HarnessError():  # the second: for a broken body this is the worst that can be said
                await self._channel.delivered()
                self._channel.reset()
            case None:
                raise AssertionError("the pieces ended before the answer")
            case never:
                assert_never(never)
        return False

    async def pour_away(self) -> None:
        """Read on without a client for a moment."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                while await self._came.get() is not None:
                    pass

    async def _refuse(self) -> bool:
        error = self.outcome
        status = 504 if isinstance(error, ModelError) and error.code == _TIMEOUT else 502
        unread = Account(Exchange(self._request.method, "", (), b"", asked_at=0.0), Clock())
        answer = refusal(status, "no_answer", str(error))
        return await play(answer, self._http, self._channel, unread, bodiless=self._request.method == "HEAD")


def _head(head: Head) -> h11.Response:
    """Return the head for the client; how the body's end is told is said by h11, unless it is by its length."""
    framing = () if head.framing == "length" else ("content-length",)
    headers = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, values in end_to_end(head.headers, *framing).items()
        for value in values
    ]
    return h11.Response(status_code=head.status, headers=headers, reason=head.reason.encode("latin-1", "replace"))
