"""An implementation in this process: ``python:MODULE:NAME``.

The current directory is importable. NAME is an object, or a callable without required arguments (a class, a factory)
that returns one. What the object offers is told by its methods; ``transform`` is the operation of today::

    name: str; dialect: str = "streamchunk"; profile: str = "spec"           optional
    def transform(self, events: AsyncIterable[dict], request: dict) -> AsyncIterator[dict]
    def transform(self, events, request, signal) -> …                        the same, with a Signal
    def chat_stream(self, request: dict, source: dict, signal: Signal) -> AsyncIterator[dict]
    async def structured_output(self, request: dict, source: dict, signal: Signal) -> dict
    def convert_messages(self, messages) -> list           def convert_tools(self, tools) -> list
    def parse_json(self, text, schema) -> dict              def transform_schema(self, schema, provider) -> dict

``source`` is ``{kind: "http", baseUrl, headers}``.

What the implementation does, it does in a thread of its own with an event loop of its own. Its exceptions are data
(``raised``), SystemExit too. When the time is up it is cancelled; if it blocks its thread, nothing can end it, so it is
left behind, the ending says so, and the next question goes to a fresh thread, a few times.
"""

from __future__ import annotations

import inspect
import sys
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

from harness.drivers.driver import DEFAULTS, Implementation, Settings
from harness.drivers.playing import METHODS, played, wants_signal
from harness.drivers.recording import Recording, described
from harness.drivers.worker import Worker
from harness.errors import CannotConnect, ShimError, TargetGone
from harness.protocol.transcript import OVER_HTTP, PROFILES, Stimulus, Transcript

_GRACE = 0.5  # seconds that a cancelled implementation has to end
_MOST_LEFT_BEHIND = 5  # threads that nothing can end; each may keep a whole core busy


def connect(place: str, settings: Settings = DEFAULTS) -> PythonDriver:
    """Return the driver of ``MODULE:NAME``; the folder of ``settings``, else the current one, is importable.

    Raises :class:`CannotConnect` where the module or the name is not there, :class:`ShimError` where loading it raises
    or what it gives is no implementation.
    """
    module, colon, name = place.partition(":")
    if not (module and colon and name):
        raise CannotConnect(f"'python:{place}' is not a target; write python:MODULE:NAME")
    found = _made(_found(module, name, (settings.folder or Path()).resolve()), place)
    try:
        return _driver(found, place)
    except ShimError:
        raise
    except (Exception, SystemExit) as error:  # its attributes are its own code
        raise ShimError(f"python:{place} cannot be asked what it offers: {_told(error)}") from error


def _driver(found: Any, place: str) -> PythonDriver:
    operations = frozenset(word for word, method in METHODS.items() if callable(getattr(found, method, None)))
    if not operations:
        raise ShimError(f"python:{place} has none of the methods {', '.join(METHODS.values())}")
    profile = getattr(found, "profile", None)
    if profile is not None and profile not in PROFILES:
        raise ShimError(f"python:{place}: its profile is {profile!r}; there are {', '.join(PROFILES)}")
    signalled = operations & {*OVER_HTTP, *(["transform"] if wants_signal(found) else [])}
    return PythonDriver(
        found,
        Implementation(
            name=str(getattr(found, "name", f"python:{place}")),
            operations=operations,
            abortable=signalled,
            approvable=signalled,
            language="Python",
            dialect=str(getattr(found, "dialect", "streamchunk")),
            profile=profile,
        ),
    )


def _found(module: str, name: str, folder: Path) -> Any:
    if "/" in module or module.startswith(".") or module.endswith(".py"):
        raise CannotConnect(f"{module!r}: a module's name is wanted, such as package.module, not a file's")
    here = str(folder)
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
    is_object = not inspect.isclass(found) and any(hasattr(found, method) for method in METHODS.values())
    if is_object or not callable(found):
        return found
    try:
        return found()
    except (Exception, SystemExit) as error:
        raise ShimError(f"python:{place} cannot be made: {_told(error)}") from error


def _told(error: BaseException) -> str:
    fault = described(error)
    return f"{fault['name']}: {fault['message']}"


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

    def ask(self, stimulus: Stimulus, timeout: float) -> Transcript:
        """Ask for one operation; see :class:`harness.drivers.driver.Driver`.

        Raises :class:`TargetGone` once too many answers have blocked their threads for good.
        """
        if self._left_behind == _MOST_LEFT_BEHIND:
            raise TargetGone(f"{_MOST_LEFT_BEHIND} answers blocked their threads for good, so it is asked no more")
        recording = Recording()
        worker = self._worker = self._worker or Worker()
        worker.start(played(self._found, stimulus, recording))
        if not recording.wait(timeout):
            recording.stop()
            worker.cancel_all()
            settled = recording.wait(_GRACE)
            if not settled:
                self._worker = None
                self._left_behind += 1
            behind = "" if settled else "; it did not let itself be stopped, so its thread was left behind"
            recording.time_out(f"no end within {timeout:g} s{behind}")
        if recording.refused is not None:
            raise recording.refused
        return recording.transcript(stimulus, self._implementation.dialect)

    def close(self) -> None:
        """End the thread."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None
