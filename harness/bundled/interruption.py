"""Interruption: a signal that ends what is waited for, at once and from any thread (§6.7, R28).

A pure room cannot wait for two things at a time; an event loop can, so that is done here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterable, Awaitable, Iterator, Sequence
from typing import Generic, TypeVar

from harness.errors import ModelError
from harness.protocol.events import Event
from harness.protocol.language_model import CallOptions, LanguageModel, Signal
from harness.reference.response import closed
from harness.reference.transformer import ABORTED

T = TypeVar("T")

_ANSWER = "the model's answer"


class CancelledElsewhere(Exception):
    """What was waited for was cancelled by somebody else: to us it failed, and we go on."""


class AbortSignal:
    """Tells that the client went away (§6.7); may be asked, waited for and set in any thread and any event loop.

    There is no lock, since it may be set by a handler of the operating system's signals, which runs in the middle of
    whatever its thread is at. Whoever waits is listed before it looks whether the signal is set, and whoever sets it
    does so before it looks at the list: so one of them sees the other, in whatever order their steps come.
    """

    def __init__(self) -> None:
        self._aborted = False
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    @property
    def aborted(self) -> bool:
        """Whether it has."""
        return self._aborted

    async def wait(self) -> None:
        """Return when it has; where it never does, never."""
        woken = asyncio.Event()
        waiter = asyncio.get_running_loop(), woken
        self._waiting.append(waiter)
        try:
            if not self._aborted:
                await woken.wait()
        finally:
            self._waiting.remove(waiter)

    def _abort(self) -> None:
        self._aborted = True
        for loop, woken in self._waiting.copy():
            with contextlib.suppress(RuntimeError):  # a loop that is closed has nobody left to wake
                loop.call_soon_threadsafe(woken.set)


class AbortController:
    """Ends a call from outside: hand it over as ``abortController`` of the options, and abort when it is enough.

    ::

        controller = AbortController()
        chunks = adapter.chat_stream({"messages": messages, "abortController": controller})
        controller.abort()
    """

    def __init__(self) -> None:
        self.signal = AbortSignal()

    def abort(self) -> None:
        """Say that the client went away; again changes nothing.

        May be called in any thread, and in a handler of the operating system's signals.
        """
        self.signal._abort()  # noqa: SLF001 - the two are one thing with two faces, as in the web's own interface


class AnySignal:
    """One signal of several: set as soon as one of them is."""

    def __init__(self, signals: Sequence[Signal]) -> None:
        self._signals = signals

    @property
    def aborted(self) -> bool:
        """Whether one of them is set."""
        return any(signal.aborted for signal in self._signals)

    async def wait(self) -> None:
        """Return when one of them is set."""
        await _first(*(_set(signal) for signal in self._signals))


class Interruptible(Generic[T]):
    """The items of an iterator until a signal is set: the wait for the next one is then broken off.

    It raises :class:`ModelError` of code ABORTED there, and for every item that is wanted after it; what the wait for
    the signal raises, where it cannot be waited for; and :class:`CancelledElsewhere` where the items were cancelled and
    their reader was not. It must be closed, or read to its end, in the event loop in which it is read.
    """

    def __init__(self, items: AsyncIterable[T], signal: Signal) -> None:
        self._items = aiter(items)
        self._signal = signal
        self._watching: asyncio.Future[None] | None = None
        self._wait: asyncio.Timeout | None = None

    def __aiter__(self) -> Interruptible[T]:
        return self

    async def __anext__(self) -> T:
        if self._signal.aborted:
            raise _aborted()
        if self._watching is None:
            self._watching = asyncio.ensure_future(_set(self._signal))
            self._watching.add_done_callback(self._interrupt)
        watching = self._watching
        if watching.done():
            watching.result()
            raise _aborted()
        wait = self._wait = asyncio.timeout(None)
        try:
            with _cancellation_of(_ANSWER):
                async with wait:
                    return await anext(self._items)
        except BaseException as error:
            self._unwatch()
            if isinstance(error, TimeoutError) and wait.expired():
                watching.result()
                raise _aborted() from None
            raise
        finally:
            self._wait = None

    async def aclose(self) -> None:
        """Close the iterator."""
        self._unwatch()
        with contextlib.suppress(CancelledElsewhere), _cancellation_of(_ANSWER):
            await closed(self._items)

    def _interrupt(self, watching: asyncio.Future[None]) -> None:
        if watching.cancelled():
            return
        watching.exception()  # looked at, since nobody may read on to be told
        if self._wait is not None:
            self._wait.reschedule(asyncio.get_running_loop().time())

    def _unwatch(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None


class InterruptibleModel:
    """A model whose answers end as soon as their signal is set, whether or not it looks at the signal itself."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    @property
    def provider(self) -> str:
        """The model's own."""
        return self._model.provider

    @property
    def model_id(self) -> str:
        """The model's own."""
        return self._model.model_id

    def do_stream(self, options: CallOptions, signal: Signal) -> Interruptible[Event]:
        """Ask for an answer as a stream."""
        with _cancellation_of(_ANSWER):
            return Interruptible(self._model.do_stream(options, signal), signal)

    def do_generate(self, options: CallOptions, signal: Signal) -> Interruptible[Event]:
        """Ask for a whole answer, and stream it."""
        with _cancellation_of(_ANSWER):
            return Interruptible(self._model.do_generate(options, signal), signal)


def signal_of(signals: Sequence[Signal]) -> Signal:
    """Return one signal of several, and of none one that is never set."""
    return AnySignal(signals) if len(signals) > 1 else signals[0] if signals else AbortSignal()


async def unless_aborted(answer: Awaitable[T], signal: Signal) -> T | None:
    """Return the answer, or None where the signal is set before it is there.

    Raises what the answer raises, and :class:`CancelledElsewhere` where it was cancelled and we were not.
    """
    with _cancellation_of("approve"):
        return await _first(answer, _set(signal))


async def _first(*awaited: Awaitable[T]) -> T:
    """Return what the first of these gives, or raise what it raises; the others are cancelled."""
    futures = [asyncio.ensure_future(one) for one in awaited]
    try:
        done, _ = await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for future in futures:
            future.cancel()
    return next(future for future in futures if future in done).result()


async def _set(signal: Signal) -> None:
    """Wait for a signal; one whose ``wait()`` is not as it should be fails here, and not where it is called."""
    await signal.wait()


@contextlib.contextmanager
def _cancellation_of(what: str) -> Iterator[None]:
    """Tell a cancellation of ours, which passes, from one that only what we wait for had to bear."""
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise CancelledElsewhere(f"{what} was cancelled, and this call was not") from error


def _aborted() -> ModelError:
    return ModelError("the request was aborted", code=ABORTED)
