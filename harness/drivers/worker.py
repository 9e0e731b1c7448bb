"""An event loop in a thread of its own: what runs in it may hang without hanging us."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any

_GRACE = 1.0  # seconds


class Worker:
    """Runs coroutines in a daemon thread; one that hangs in a blocking call is left behind when the process ends."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        # What an abandoned answer leaves unfinished is known already; asyncio would tell the log of every piece of it.
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="implementation", daemon=True)
        self._thread.start()

    def start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Start a coroutine, and return at once."""
        asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def cancel_all(self) -> None:
        """Ask everything that runs to stop; what blocks the thread never hears of it."""
        self._loop.call_soon_threadsafe(_cancel_tasks)

    def close(self) -> None:
        """Stop the loop and wait for its thread, but not for long."""
        self._closing = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_GRACE)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        while not self._closing:
            # A background task that raises SystemExit takes the whole loop down; the next question needs it again.
            with contextlib.suppress(SystemExit, KeyboardInterrupt):
                self._loop.run_forever()
        with contextlib.suppress(SystemExit, KeyboardInterrupt):
            self._loop.run_until_complete(_settled())
        self._loop.close()


def _cancel_tasks() -> None:
    for task in asyncio.all_tasks():
        task.cancel()


async def _settled() -> None:
    """Cancel what is left, give it one chance to clean up, and close forgotten generators."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_GRACE / 2)
    await asyncio.get_running_loop().shutdown_asyncgens()
