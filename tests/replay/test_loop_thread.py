"""An event loop in a thread of its own, and how it ends."""

import asyncio
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.replay.loop_thread import LoopThread
from raw_client import HANG_BOUND


class Reluctant:
    """A task that takes its time to end, and says how far it has come."""

    def __init__(self, thread):
        self.told = []
        self.runs, self.is_ending, self.may_end = threading.Event(), threading.Event(), threading.Event()
        thread.call(self._start)
        assert self.runs.wait(HANG_BOUND)

    def _start(self):
        self._task = asyncio.get_running_loop().create_task(self._work())

    async def _work(self):
        self.runs.set()
        try:
            await asyncio.sleep(HANG_BOUND)
        finally:
            self.is_ending.set()
            while not self.may_end.is_set():  # noqa: ASYNC110 - another thread sets it
                await asyncio.sleep(0.001)
            self.told.append("tidied up")


@pytest.mark.parametrize("others", [0, 1, 3])
def test_a_stop_while_another_one_waits_for_the_last_task_harms_nothing(others):
    thread = LoopThread("reluctant")
    task = Reluctant(thread)
    with ThreadPoolExecutor() as pool:
        stops = [pool.submit(thread.stop)]
        assert task.is_ending.wait(HANG_BOUND)
        stops += [pool.submit(thread.stop) for _ in range(others)]
        assert not any(stop.done() for stop in stops)
        task.may_end.set()
        for stop in stops:
            stop.result(HANG_BOUND)
    assert task.told == ["tidied up"]
    assert "reluctant" not in {one.name for one in threading.enumerate()}


def test_a_signal_s_handler_may_stop_what_its_own_thread_is_stopping():
    thread = LoopThread("reluctant")
    task = Reluctant(thread)

    def handler(*_):
        task.may_end.set()
        thread.stop()
        task.told.append("handled")

    before = signal.signal(signal.SIGUSR1, handler)
    main = threading.get_ident()
    try:
        with ThreadPoolExecutor() as pool:
            sent = pool.submit(lambda: task.is_ending.wait(HANG_BOUND) and signal.pthread_kill(main, signal.SIGUSR1))
            thread.stop()
            sent.result(HANG_BOUND)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert task.told == ["tidied up", "handled"]


def test_what_is_handed_over_behind_the_end_is_not_done():
    thread = LoopThread("short")
    thread.stop()
    done = []

    async def work():
        done.append("run")

    thread.call(lambda: done.append("call"))
    assert thread.run(work(), HANG_BOUND)
    assert done == []
