"""A place: one base URL, the scripts that are played under it, and the account of what was asked there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, cast

from harness.protocol.script import Exchange
from harness.replay.account import Account, Clock
from harness.replay.answer import Answer, refusal
from harness.replay.loop_thread import LoopThread

_TURNS = 8  # turns of the event loop from a connection that is to be accepted to a request that is being read
_GRACE = 5.0  # seconds in which the event loop hears of a close


class Place:
    """A provider of its own below a path of its own; made by :meth:`harness.replay.ReplayServer.open`.

    ``base_url`` is to be used as a provider's base URL. ``opened_at`` is the reading of ``time.monotonic()`` from which
    the times of its exchanges are counted. What is public here may be called from any thread but the server's own; an
    event loop that must not wait calls :meth:`settled` and :meth:`close` by ``asyncio.to_thread``.
    """

    def __init__(
        self, base_url: str, answers: Sequence[Answer], thread: LoopThread, on_close: Callable[[], object]
    ) -> None:
        self.base_url = base_url
        self._answers = answers
        self._thread = thread
        self._on_close = on_close
        self._clock = Clock()
        self._accounts: list[Account] = []
        self._connections: dict[int, int] = {}
        self._busy: set[asyncio.Task[Any]] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def opened_at(self) -> float:
        """Return when the place was opened, in seconds of ``time.monotonic()``."""
        return self._clock.started

    def exchanges(self) -> tuple[Exchange, ...]:
        """Return the requests that were received whole, in the order of their last bytes, as they stand now."""
        return tuple(account.exchange() for account in tuple(self._accounts))

    def settled(self, timeout: float) -> bool:
        """Wait until nothing is being received or answered here, so that no exchange will change by itself.

        What a client has done before the call, also a request or a close that the server has not looked at yet, is
        taken into account. Returns False where ``timeout`` seconds were not enough.
        """
        return self._thread.run(self._settled(), timeout)

    def close(self) -> None:
        """End what still runs here; the base URL answers 404 from now on. The exchanges stay."""
        self._on_close()
        self._thread.run(self._stopped(), _GRACE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def occupied(self) -> Iterator[None]:
        """Mark the running task as busy with a request to this place (in the event loop)."""
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._busy.add(task)
        self._idle.clear()
        try:
            yield
        finally:
            self._busy.discard(task)
            if not self._busy:
                self._idle.set()

    def take(self, asked: Exchange, connection: int) -> tuple[Account, Answer]:
        """Enter a request that was received whole, and return the answer that is its turn (in the event loop).

        Where the scripts are used up, the answer is a 599 that says so.
        """
        turn = len(self._accounts)
        account = Account(
            replace(
                asked,
                asked_at=self._clock.now(),
                connection=self._connections.setdefault(connection, len(self._connections)),
                script=turn if turn < len(self._answers) else None,
            ),
            self._clock,
        )
        self._accounts.append(account)
        return account, self._answers[turn] if turn < len(self._answers) else self._used_up(turn + 1)

    def _used_up(self, number: int) -> Answer:
        scripts = len(self._answers)
        message = f"this is request number {number}, but only {scripts} answers were scripted for {self.base_url}"
        return refusal(599, "scripts_used_up", message)

    async def _settled(self) -> None:
        quiet = 0
        while quiet < _TURNS:
            await self._idle.wait()
            await asyncio.sleep(0)
            quiet = 0 if self._busy else quiet + 1

    async def _stopped(self) -> None:
        tasks = set(self._busy)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
