"""A place: one base URL, what is played under it, and the account of what was asked there."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Any, NamedTuple, Self, cast

from harness.protocol.script import UNSCRIPTED, Exchange, Script
from harness.replay.account import Account, Clock
from harness.replay.answer import Answer, refusal
from harness.replay.loop_thread import LoopThread

_REFUSED = 300  # the first HTTP status that is no answer
_TURNS = 8  # turns of the event loop from a connection that is to be accepted to a request that is being read
_GRACE = 5.0  # seconds in which the event loop hears of a close
_MOST_NUMBERED = 10_000  # connections whose numbers are remembered; only a server that runs for long has more


class Choice(NamedTuple):
    """The answer to a request; ``script`` is the number of the one that it plays, None where none answers it.

    ``note`` is a line for whoever watches the place.
    """

    answer: Answer
    script: int | None
    note: str = ""


Choose = Callable[[int, Exchange], Choice]
"""How a place answers: from how many requests came before, and the request, to its answer (in the event loop)."""

Watch = Callable[[Exchange, str], object]
"""Told of each exchange as it stands when its answer is over, and of the note of its choice (in the event loop)."""


def in_turn(answers: Sequence[Answer], base_url: str) -> Choose:
    """Return the choice of the n-th answer for the n-th request.

    Behind the last answer it is given again where it is a failure, so that a client which asks again, as an SDK does
    that cannot be told not to, ends with the provider's words; else a 599 says that there are no more.
    """
    last = len(answers) - 1

    def choose(turn: int, _: Exchange) -> Choice:
        if turn <= last:
            return Choice(answers[turn], turn)
        if answers and fails(answers[last].script):
            return Choice(answers[last], last)
        message = f"this is request number {turn + 1}, but only {len(answers)} answers were scripted for {base_url}"
        return Choice(refusal(UNSCRIPTED, "scripts_used_up", message), None)

    return choose


def fails(script: Script) -> bool:
    """Tell whether a provider that answers so fails; one that does goes on failing."""
    return script.status >= _REFUSED or script.raw is not None or script.ending != "end"


class Place:
    """A provider of its own below a path of its own; made by :class:`harness.replay.ReplayServer`.

    ``base_url`` is to be used as a provider's base URL. ``opened_at`` is the reading of ``time.monotonic()`` from which
    the times of its exchanges are counted. Of the exchanges the last ``kept`` are remembered, all where it is None.
    What is public here may be called from any thread but the server's own; an event loop that must not wait calls
    :meth:`settled` and :meth:`close` by ``asyncio.to_thread``.
    """

    def __init__(  # noqa: PLR0913 - each is one decision of the server that opens it
        self,
        base_url: str,
        choose: Choose,
        thread: LoopThread,
        on_close: Callable[[], object],
        *,
        watch: Watch | None = None,
        kept: int | None = None,
    ) -> None:
        self.base_url = base_url
        self._choose = choose
        self._watch = watch
        self._thread = thread
        self._on_close = on_close
        self._clock = Clock()
        self._asked = 0
        self._accounts: deque[Account] = deque(maxlen=kept)
        self._connections: dict[int, int] = {}
        self._connected = 0
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

    def take(self, asked: Exchange, connection: int) -> tuple[Account, Choice]:
        """Enter a request that was received whole, and return what it is answered (in the event loop)."""
        choice = self._choose(self._asked, asked)
        self._asked += 1
        known = replace(asked, asked_at=self._clock.now(), connection=self._numbered(connection), script=choice.script)
        account = Account(known, self._clock)
        self._accounts.append(account)
        return account, choice

    def over(self, account: Account, choice: Choice) -> None:
        """Take note that an answer is over, however it ended (in the event loop)."""
        if self._watch is not None:
            self._watch(account.exchange(), choice.note)

    def refused(self, asked: Exchange, why: str) -> None:
        """Take note of what was no request, or none that is taken, and how it was answered (in the event loop)."""
        if self._watch is not None:
            self._watch(asked, why)

    def _numbered(self, connection: int) -> int:
        """Return the number of a connection in this place, where others may have been made to other places."""
        if connection not in self._connections:
            self._connections[connection] = self._connected
            self._connected += 1
            if len(self._connections) > _MOST_NUMBERED:
                del self._connections[next(iter(self._connections))]
        return self._connections[connection]

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
