"""An implementation behind a shim: ``stdio:COMMAND`` starts it, ``stdio+tcp://HOST:PORT`` joins one that runs.

One process answers many questions, several at a time where it says that it can. After a hang or a crash it is ended
with its whole group, and started again for the next question. What it did wrong while no question could be blamed is
no case's result: it is a complaint, for whoever tells how the run went.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from io import FileIO
from pathlib import Path

from harness.drivers.conversation import Conversation, Peer
from harness.drivers.driver import DEFAULTS, Implementation, Settings
from harness.drivers.process import Process
from harness.drivers.session import Session
from harness.drivers.tcp import Attached
from harness.errors import InputError, ShimError, TargetError, TargetGone
from harness.protocol.transcript import Stimulus, Transcript

_LET_GO = "it was let go before it had answered"
_MOST_STARTS = 3  # starts in a row that came to nothing
_MOST_COMPLAINTS = 5  # that are told one by one


def connect(command: str, settings: Settings = DEFAULTS) -> StdioDriver:
    """Start COMMAND in ``settings.folder`` and return its driver.

    Raises :class:`harness.errors.CannotConnect` where there is no such command, :class:`harness.errors.ShimError` where
    it does not say who it is.
    """
    return StdioDriver(lambda: Process(command, settings.folder), settings, "started")


def attach(place: str, settings: Settings = DEFAULTS) -> StdioDriver:
    """Join the shim that listens at ``//HOST:PORT``, ``HOST:PORT`` or ``PORT``; raises as :func:`connect` does."""
    return StdioDriver(lambda: Attached(place), settings, "joined")


class StdioDriver:
    """Asks a shim; ``reach`` starts one, or connects to it: it is ``reached`` then, as a sentence says."""

    def __init__(self, reach: Callable[[], Peer], settings: Settings, reached: str) -> None:
        self._reach = reach
        self._settings = settings
        self._reached = reached
        self._complaints: Counter[str] = Counter()
        self._refusal: ShimError | None = None
        self._lock = threading.Lock()
        self._failed_starts = 0
        self._is_closed = False
        self._conversation: Conversation
        self._dump = None if settings.dump is None else _opened(settings.dump)
        try:
            self._implementation = self._start()
        except BaseException:
            self._close_dump()
            raise

    @property
    def implementation(self) -> Implementation:
        """Who is asked."""
        return self._implementation

    @property
    def complaints(self) -> tuple[str, ...]:
        """What it did wrong while no question could be blamed, each a sentence with how often; the first few alone."""
        with self._lock:
            counted = list(self._complaints.items())
        told = [
            f"{what}{f' ({number} times)' if number > 1 else ''}; it is {self._reached} again for what is asked next"
            for what, number in counted[:_MOST_COMPLAINTS]
        ]
        more = sum(number for _, number in counted[_MOST_COMPLAINTS:])
        return (*told, f"and {more} more of this kind") if more else tuple(told)

    def ask(self, stimulus: Stimulus, timeout: float) -> Transcript:
        """Ask for one operation; see :class:`harness.drivers.driver.Driver`.

        Raises :class:`harness.errors.Disturbed` where its process was lost and another question may be the cause.
        """
        run = None
        while run is None:
            conversation = self._usable()
            try:
                run = conversation.ask(stimulus, timeout)
            finally:
                if conversation.is_over:
                    conversation.end()
                    self._complain(conversation.unblamed())
        try:
            return run.transcript(self._implementation.dialect)
        except ShimError as error:
            self._blamed(error)
            raise

    def close(self) -> None:
        """Ask the shim to exit, and end it if it does not."""
        self._is_closed = True
        self._conversation.end()
        self._close_dump()

    def _usable(self) -> Conversation:
        with self._lock:
            if self._is_closed:
                raise TargetGone(_LET_GO)
            if self._refusal is not None:
                raise self._refusal
            if self._conversation.is_over:
                self._conversation.end()
                self._check_alike(self._start())
            return self._conversation

    def _check_alike(self, implementation: Implementation) -> None:
        """Raise where another process declares something else: what is judged is what the first one is."""
        first = self._implementation
        changed = [one.name for one in fields(first) if getattr(first, one.name) != getattr(implementation, one.name)]
        if changed:
            self._conversation.end()
            self._refusal = ShimError(
                f"your shim declares something else than before, now that it was {self._reached} again: "
                f"its {', '.join(changed)}"
            )
            raise self._refusal

    def _complain(self, error: TargetError | None) -> None:
        if error is not None:
            with self._lock:
                self._complaints[str(error)] += 1

    def _blamed(self, error: ShimError) -> None:
        """Take back a complaint: a question that was asked again alone is the cause."""
        with self._lock:
            for what in [what for what in self._complaints if str(error).startswith(what)]:
                del self._complaints[what]

    def _start(self) -> Implementation:
        """Begin another conversation; whoever closes us meanwhile ends this one."""
        if self._failed_starts == _MOST_STARTS:
            raise TargetGone(
                f"it could not be {self._reached} again {_MOST_STARTS} times in a row, so it is asked no more"
            )
        self._failed_starts += 1
        conversation = Conversation(self._reach(), Session(verify=self._settings.verify), self._keep)
        self._conversation = conversation
        if self._is_closed:
            conversation.end()
        try:
            implementation = conversation.introduced(self._settings.start_timeout)
        except BaseException:
            conversation.end()
            raise
        self._failed_starts = 0
        return implementation

    def _keep(self, lines: bytes) -> None:
        if self._dump is not None:
            try:
                self._dump.write(lines)
            except OSError as error:
                raise _unwritable(self._dump.name, error) from error

    def _close_dump(self) -> None:
        if self._dump is not None:
            self._dump.close()


def _opened(path: Path) -> FileIO:
    try:
        return path.open("wb", buffering=0)  # what was sent is there when a shim hangs
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: object, error: OSError) -> InputError:
    return InputError(f"{path} cannot be written: {error.strerror}")
