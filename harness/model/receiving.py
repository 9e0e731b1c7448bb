"""A fetch that runs in a task of its own → its pieces as an async generator that an abort ends at once (§6.7, R28).

A generator that waits for its consumer cannot hear a signal. So the fetch is a task, another one waits for the signal
and cancels it, which closes the connection, and the generator is only the place where the pieces come out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Any, TypeAlias

from harness.errors import ModelError
from harness.model.failures import aborted
from harness.protocol.language_model import Signal

Deliver: TypeAlias = Callable[[bytes], Awaitable[None]]
"""Takes one piece of a body; waits while the consumer is too far behind."""

Fetch: TypeAlias = Callable[[Deliver], Coroutine[Any, Any, ModelError | None]]
"""Delivers the pieces of one body, then says what went wrong, if anything did."""

_READ_AHEAD = 1024
"""So many pieces may wait for the consumer. They are at most 64 KiB each as they come from the network, and a few dozen
bytes in a real stream: an adapter that holds its stream for a person's approval (R27) does not keep the provider
waiting, and a flood does not fill the memory."""


async def received(fetch: Fetch, signal: Signal) -> AsyncGenerator[bytes, None]:
    """Yield the pieces that ``fetch`` delivers; raises the :class:`ModelError` that it returns, behind all of them.

    Raises ``ABORTED`` as soon as the signal is set; pieces that wait are then dropped. However it is left, the fetch is
    over and its connection closed when it has ended; so close it (``aclosing``) where it is not read to its end.
    """
    if signal.aborted:
        raise aborted()
    pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
    room = asyncio.Semaphore(_READ_AHEAD)

    async def deliver(piece: bytes) -> None:
        await room.acquire()
        pieces.put_nowait(piece)

    fetching = asyncio.create_task(fetch(deliver))
    fetching.add_done_callback(lambda _: pieces.put_nowait(None))
    watching = asyncio.create_task(_waited(signal))
    watching.add_done_callback(lambda watch: watch.cancelled() or fetching.cancel())
    try:
        while (piece := await pieces.get()) is not None and not (signal.aborted or watching.done()):
            room.release()
            yield piece
    finally:
        # Cancelled once only: a second time would interrupt the closing of the connection.
        if watching.cancel():
            fetching.cancel()
        await asyncio.gather(watching, fetching, return_exceptions=True)
    if not watching.cancelled():
        watching.result()
    if signal.aborted or fetching.cancelled():
        raise aborted()
    if (failure := fetching.result()) is not None:
        raise failure


async def _waited(signal: Signal) -> None:
    await signal.wait()
