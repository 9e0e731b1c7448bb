"""Ctrl-C and SIGTERM as something that is told, for commands that run until somebody ends them."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from types import FrameType
from typing import TypeVar

T = TypeVar("T")

LOOK = 0.5
"""Seconds of one wait: a signal that the system gives to another thread does not end the wait of the main one."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_ENDING = (signal.SIGTERM, signal.SIGHUP)
_OF_A_SIGNAL = 128


@contextlib.contextmanager
def told_to_end(tell: Callable[[], object]) -> Iterator[None]:
    """Have each of these signals call ``tell``, in the middle of whatever the main thread does; then as before."""

    def told(_: int, __: FrameType | None) -> None:
        tell()

    before = {number: signal.signal(number, told) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def ended_in_order() -> Iterator[None]:
    """Have SIGTERM, and the end of the terminal, end us as an exception does: what we started is ended before.

    The exit status is the shell's for the signal. Who has said that a signal is ignored, as ``nohup`` does, is obeyed.
    """

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(_OF_A_SIGNAL + number)

    unheeded = [number for number in _ENDING if signal.getsignal(number) == signal.SIG_DFL]
    for number in unheeded:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in unheeded:
            signal.signal(number, signal.SIG_DFL)


def next_of(queue: SimpleQueue[T]) -> T:
    """Return what is put into a queue next, also by a signal."""
    while True:
        with contextlib.suppress(Empty):
            return queue.get(timeout=LOOK)
