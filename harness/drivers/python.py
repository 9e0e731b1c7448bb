"""An implementation in this process: ``python:MODULE:NAME``.

The current directory is importable. NAME is an object, or a callable without required arguments (a class, a factory)
that returns one. What the object offers is told by its methods; ``transform`` is the operation of today::

    name: str; dialect: str = "streamchunk"; profile: str = "spec"           optional
    def transform(self, events: AsyncIterable[dict], request: dict) -> AsyncIterator[dict]
    def transform(self, events, request, signal) -> …                        the same, with a Signal

What the implementation does, it does in a thread of its own with an event loop of its own. Its exceptions are data
(``raised``), SystemExit too. When the time is up it is cancelled; if it blocks its thread, nothing can end it, so it is
left behind, the ending says so, and the next question goes to a fresh thread, a few times.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

from harness.drivers.driver import MAX_CHUNKS, Implementation
from harness.drivers.recording import Recording, described
from harness.drivers.worker import Worker
from harness.errors import CannotConnect, ShimError, TargetGone
from harness.protocol.events import THROW
from harness.protocol.transcript import PROFILES, Ending, Stimulus, Transcript

_METHODS = {
    "transform": "transform",
    "chat": "chat_stream",
    "structuredOutput": "structured_output",
    "convertMessages": "convert_messages",
    "convertTools": "convert_tools",
    "parseJson": "parse_json",
    "transformSchema": "transform_schema",
}
_GRACE = 0.5  # seconds that a cancelled implementation has to end
_MOST_LEFT_BEHIND = 5  # threads that nothing can end; each may keep a whole core busy


def connect(place: str) -> PythonDriver:
    """Return the driver of ``MODULE:NAME``.

    Raises :class:`CannotConnect` where the module or the name is not there, :class:`ShimError` where loading it raises
    or what it gives is no implementation.
    """
    module, colon, name = place.partition(":")
    if not (module and colon and name):
        raise CannotConnect(f"'python:{place}' is not a target; write python:MODULE:NAME")
    found = _made(_found(module, name), place)
    try:
        return _driver(found, place)
    except ShimError:
        raise
    except (Exception, SystemExit) as error:  # its attributes are its own code
        raise ShimError(f"python:{place} cannot be asked what it offers: {_told(error)}") from error


def _driver(found: Any, place: str) -> PythonDriver:
    operations = frozenset(word for word, method in _METHODS.items() if callable(getattr(found, method, None)))
    if not operations:
        raise ShimError(f"python:{place} has none of the methods {', '.join(_METHODS.values())}")
    profile = getattr(found, "profile", None)
    if profile is not None and profile not in PROFILES:
        raise ShimError(f"python:{place}: its profile is {profile!r}; there are {', '.join(PROFILES)}")
    return PythonDriver(
        found,
        Implementation(
            name=str(getattr(found, "name", f"python:{place}")),
            operations=operations,
            dialect=str(getattr(found, "dialect", "streamchunk")),
            profile=profile,
        ),
    )


def _found(module: str, name: str) -> Any:
    if "/" in module or module.startswith(".") or module.endswith(".py"):
        raise CannotConnect(f"{module!r}: a module's name is wanted, such as package.module, not a file's")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        loaded = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise ShimError(f"the module {module} cannot be loaded: {error}") from error
        raise CannotConnect(f"there is no module {module!r} in {here} nor where Python looks") from error
    except (Exception, SystemExit) as error:
        raise ShimError(f"the module {module} cannot be loaded: {_told(error)}") from error
    try:
        return attrgetter(name)(loaded)
    except AttributeError as error:
        raise CannotConnect(f"the module {module} has no {name!r}") from error


def _made(found: Any, place: str) -> Any:
    """Call a class or a factory; take an object that already has a method as it is."""
    is_object = not inspect.isclass(found) and any(hasattr(found, method) for method in _METHODS.values())
    if is_object or not callable(found):
        return found
    try:
        return found()
    except (Exception, SystemExit) as error:
        raise ShimError(f"python:{place} cannot be made: {_told(error)}") from error


def _told(error: BaseException) -> str:
    fault = described(error)
    return f"{fault['name']}: {fault['message']}"


class SourceRaised(Exception):
    """What the source raises for ``{"$throw": {name, message, code?}}``; its class bears the name."""

    def __init__(self, message: str, code: str | int | None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class Signal:
    """Tells an implementation that its client went away; no case aborts today, so it never does."""

    aborted = False

    async def wait(self) -> None:
        """Return when the client has gone."""
        await asyncio.Event().wait()


class PythonDriver:
    """Asks an object in this process; after a question that blocked its thread it goes on in another."""

    def __init__(self, found: Any, implementation: Implementation) -> None:
        self._found = found
        self._implementation = implementation
        self._worker: Worker | None = None
        self._left_behind = 0

    @property
    def implementation(self) -> Implementation:
        """Who is asked."""
        return self._implementation

    def transform(self, stimulus: Stimulus, timeout: float) -> Transcript:
        """Play events to ``transform``; see :class:`harness.drivers.driver.Driver`.

        Raises :class:`TargetGone` once too many answers have blocked their threads for good.
        """
        if self._left_behind == _MOST_LEFT_BEHIND:
            raise TargetGone(f"{_MOST_LEFT_BEHIND} answers blocked their threads for good, so it is asked no more")
        recording = Recording()
        worker = self._worker = self._worker or Worker()
        worker.start(_played(self._found.transform, stimulus, recording))
        ending = recording.wait(timeout)
        if ending is None:
            recording.stop()
            worker.cancel_all()
            settled = recording.wait(_GRACE) is not None
            if not settled:
                self._worker = None
                self._left_behind += 1
            behind = "" if settled else "; it did not let itself be stopped, so its thread was left behind"
            ending = Ending("timed out", {"name": "Timeout", "message": f"no end within {timeout:g} s{behind}"})
        if recording.refused is not None:
            raise recording.refused
        return Transcript(recording.records(), ending, stimulus, dialect=self._implementation.dialect)

    def close(self) -> None:
        """End the thread."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None


async def _played(transform: Callable[..., Any], stimulus: Stimulus, recording: Recording) -> None:
    """Run one ``transform`` to its end, whatever that is."""
    try:
        more = {"signal": Signal()} if _wants_signal(transform) else {}
        answer = transform(_source(stimulus.events or ()), copy.deepcopy(dict(stimulus.request)), **more)
        if inspect.isawaitable(answer):
            answer = await answer
        if not hasattr(answer, "__aiter__"):
            kind = type(answer).__name__
            recording.refuse(ShimError(f"transform gave a {kind}; an async iterator of chunks is wanted"))
            return
        async for chunk in answer:
            if not recording.take(chunk):
                with contextlib.suppress(AttributeError):  # only generators can be closed
                    await answer.aclose()
                recording.end(Ending("timed out", {"name": "TooManyChunks", "message": _TOO_MANY}))
                return
        recording.end(Ending())
    except BaseException as error:  # noqa: BLE001 - sys.exit() in an adapter must not end us; it is data
        recording.end(Ending("raised", described(error)))


_TOO_MANY = f"no end within {MAX_CHUNKS} chunks"


def _wants_signal(transform: Callable[..., Any]) -> bool:
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
