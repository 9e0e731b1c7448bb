"""Each operation of the in-process interface, played to its end into a recording."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

from harness.drivers.answer import TOO_MANY
from harness.drivers.recording import Recording, described
from harness.drivers.signal import Signal
from harness.errors import ShimError
from harness.protocol.events import THROW
from harness.protocol.streamchunk import APPROVAL_REQUESTED
from harness.protocol.transcript import STREAMS, Ending, Operation, Stimulus

METHODS: Mapping[Operation, str] = {
    "transform": "transform",
    "chat": "chat_stream",
    "structuredOutput": "structured_output",
    "convertMessages": "convert_messages",
    "convertTools": "convert_tools",
    "parseJson": "parse_json",
    "transformSchema": "transform_schema",
}
"""What the driver protocol's operations are called in Python."""


class SourceRaised(Exception):
    """What the source raises for ``{"$throw": {name, message, code?}}``; its class bears the name."""

    def __init__(self, message: str, code: str | int | None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


async def played(found: Any, stimulus: Stimulus, recording: Recording) -> None:
    """Run one operation of the implementation ``found`` to its end, whatever that is."""
    signal = Signal(stimulus.approvals)
    abort = _Abort(stimulus, signal, recording)
    try:
        answer = _asked(getattr(found, METHODS[stimulus.operation]), stimulus, signal)
        if inspect.isawaitable(answer):
            answer = await answer
        if stimulus.operation in STREAMS:
            whole = await _streamed(answer, stimulus, recording, abort)
        else:
            whole = recording.result(answer)
        if whole:
            recording.end(Ending("completed"))
    except BaseException as error:  # noqa: BLE001 - sys.exit() in an adapter must not end us; it is data
        recording.end(Ending("raised", described(error)))
    finally:
        abort.over()


def _asked(method: Callable[..., Any], stimulus: Stimulus, signal: Signal) -> Any:
    """Call the method of an operation with copies of what it is given (driver protocol, last section)."""
    request, given = copy.deepcopy(dict(stimulus.request)), copy.deepcopy(dict(stimulus.input))
    match stimulus.operation:
        case "transform":
            more = {"signal": signal} if _takes_signal(method) else {}
            return method(_source(stimulus.events or ()), request, **more)
        case "chat" | "structuredOutput":
            return method(request, {"kind": "http", "baseUrl": stimulus.base_url, "headers": {}}, signal)
        case "convertMessages":
            return method(given.get("messages"))
        case "convertTools":
            return method(given.get("tools"))
        case "parseJson":
            return method(given.get("text"), given.get("schema"))
        case "transformSchema":
            return method(given.get("schema"), given.get("provider"))


async def _streamed(answer: Any, stimulus: Stimulus, recording: Recording, abort: _Abort) -> bool:
    """Take every chunk; tell whether the end was reached, and not our limit."""
    if not hasattr(answer, "__aiter__"):
        method = METHODS[stimulus.operation]
        kind = type(answer).__name__
        recording.refuse(ShimError(f"{method} gave a {kind}; an async iterator of chunks is wanted"))
        return False
    async for chunk in answer:
        if not recording.take(chunk):
            with contextlib.suppress(AttributeError):  # only generators can be closed
                await answer.aclose()
            recording.end(TOO_MANY)
            return False
        abort.seen(chunk)
    return True


class _Abort:
    """Plays the consumer: it answers what it is asked, and goes away when the case says so."""

    def __init__(self, stimulus: Stimulus, signal: Signal, recording: Recording) -> None:
        self._signal = signal
        self._recording = recording
        self._left = None if stimulus.abort is None else stimulus.abort.chunks
        self._timer: asyncio.TimerHandle | None = None
        if stimulus.abort is not None and stimulus.abort.milliseconds is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(stimulus.abort.milliseconds / 1000, self._now)
        if self._left == 0:
            self._now()

    def seen(self, chunk: Any) -> None:
        """Take note of a chunk."""
        if isinstance(chunk, Mapping) and chunk.get("type") == APPROVAL_REQUESTED:
            approval = chunk.get("approval")
            if isinstance(approval, Mapping) and isinstance(id_ := approval.get("id"), str):
                self._signal.seen(id_)
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                self._now()

    def _now(self) -> None:
        if not self._signal.aborted:
            self._recording.aborted()
            self._signal.abort()

    def over(self) -> None:
        """Forget the timer: what is over cannot be aborted."""
        if self._timer is not None:
            self._timer.cancel()


def wants_signal(found: Any) -> bool:
    """Tell whether the ``transform`` of an implementation takes a third parameter ``signal``."""
    return _takes_signal(getattr(found, METHODS["transform"], None))


def _takes_signal(transform: Any) -> bool:
    try:
        return "signal" in inspect.signature(transform).parameters
    except (TypeError, ValueError):  # a callable without a readable signature
        return False


async def _source(events: Iterable[Any]) -> AsyncIterator[Any]:
    """Yield copies of the events; let the loop breathe before each, as a network does."""
    for event in events:
        await asyncio.sleep(0)
        if isinstance(event, Mapping) and isinstance(thrown := event.get(THROW), Mapping):
            name = str(thrown.get("name"))
            kind = type(name if name.isidentifier() else "SourceRaised", (SourceRaised,), {})
            raise kind(str(thrown.get("message", "")), thrown.get("code"))
        yield copy.deepcopy(event)
