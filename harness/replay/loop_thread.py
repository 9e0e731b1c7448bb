"""An event loop in a thread of its own, of which nothing is left once it has been stopped."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any


class LoopThread:
    """Runs callbacks and coroutines; what it is asked by other threads behind its end is not done.

    The thread is a daemon, so a process that forgets to stop it ends all the same.
    """

    def __init__(self, name: str) -> None:
        self._loop = asyncio.SelectorEventLoop()  # the kind that tells of every socket, on every system
        self._stopped = False
        self._wanted_to_end = asyncio.Event()
        # What is handed over before the stop is run, and nothing is after it. A signal's handler may stop us too, in
        # the middle of what its thread does here.
        self._lock = threading.RLock()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def call(self, callback: Callable[[], None]) -> None:
        """Have it called soon, and return at once."""
        with self._lock:
            if not self._stopped:
                self._loop.call_soon_threadsafe(callback)

    def run(self, work: Coroutine[Any, Any, None], timeout: float) -> bool:
        """Tell whether the work has ended within ``timeout`` seconds; where the loop is stopped, it has."""
        with self._lock:
            if self._stopped:
                work.close()
                return True
            running = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            running.result(timeout)
        except TimeoutError:
            running.cancel()
            return False
        except CancelledError:  # the loop was stopped meanwhile
            pass
        return True

    def stop(self) -> None:
        """Cancel what runs and wait for the thread; safe to call again, and by several threads at once."""
        with self._lock:
            if not self._stopped:
                # Interrupted between these two, it is said twice; the loop may be closed by then.
                with suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._wanted_to_end.set)
                self._stopped = True
        self._thread.join()

    def _run(self) -> None:
        self._loop.run_until_complete(self._until_the_end())
        self._loop.close()

    async def _until_the_end(self) -> None:
        """Wait for the stop; then cancel every other task, and wait for it and for what is called when it is done."""
        await self._wanted_to_end.wait()
        await asyncio.sleep(0)  # what was handed over last becomes a task
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        await asyncio.sleep(0)
