"""A shim as a process of ours: started in a group of its own, and ended with everything that it started.

Two things are beyond this. What calls ``setsid`` leaves the group, and lives on. And where we ourselves are killed by
SIGKILL nobody ends a shim: an idle one sees the end of its input, a busy one goes on until it looks for it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from harness.drivers.duplex import Duplex
from harness.errors import CannotConnect

TERMINATING = 1.0
"""Seconds between SIGTERM and SIGKILL."""

_LEAVING = 0.5  # seconds between the end of a process's output and its exit
_REAPING = 5.0  # seconds; only the system itself can keep what was killed
_LOOK = 0.005  # seconds

_living: set[Process] = set()


class Process:
    """A command that runs, and the pipes to it; what it writes to its standard error is the log of ``duplex``.

    It is started in ``folder``, and split into words as a shell would. Raises :class:`CannotConnect` where it cannot be
    started.
    """

    def __init__(self, command: str, folder: Path | None = None) -> None:
        words = _words(command)
        self._ending = threading.Lock()
        ours, theirs = _pipes()
        try:
            self.duplex = Duplex(reading=ours[1], writing=ours[0], log=ours[2])
            try:
                self._popen = subprocess.Popen(  # noqa: S603 - the command is the user's own, and no shell reads it
                    words, cwd=folder, stdin=theirs[0], stdout=theirs[1], stderr=theirs[2], start_new_session=True
                )
            except BaseException:
                self.duplex.close()
                raise
        except (OSError, ValueError) as error:
            raise CannotConnect(_not_started(words, folder, error)) from error
        finally:
            _close(theirs)
        _living.add(self)

    @property
    def tail(self) -> str:
        """The end of what it wrote to its standard error."""
        return self.duplex.tail()

    @property
    def has_left(self) -> bool:
        """Whether it has exited, though a process that it started may still hold its output open."""
        return self._status() is not None

    def left(self) -> str:
        """Return how it left, after the end of its output: what a sentence says behind "it"."""
        with self._ending:
            status = self._awaited(_LEAVING)
        if status is None:
            return "closed its standard output"
        return f"exited with status {status}" if status >= 0 else f"was ended by {signal.Signals(-status).name}"

    def end(self, patience: float = 0.0) -> None:
        """End it, and whatever runs in its group; return when it is gone.

        It has ``patience`` seconds to exit by itself, then it is told to (SIGTERM), and then it is ended (SIGKILL).
        """
        with self._ending:
            if self not in _living:
                return
            try:
                self.duplex.close()
                if self._awaited(patience) is None:
                    self._signal(signal.SIGTERM)
                    self._awaited(TERMINATING)
            finally:  # also where an impatient user presses Ctrl-C once more
                self._signal(signal.SIGKILL)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._popen.wait(_REAPING)
                _living.discard(self)

    def _awaited(self, seconds: float) -> int | None:
        """Wait for its exit; return its status, negative for a signal, None where it still runs."""
        until = time.monotonic() + seconds
        while (status := self._status()) is None and time.monotonic() < until:
            time.sleep(_LOOK)
        return status

    def _status(self) -> int | None:
        """Look without reaping: as long as the process is not reaped nobody else can get its group's number."""
        if sys.platform == "darwin":  # it has no waitid before Python 3.13
            return self._popen.poll()
        if self._popen.returncode is not None:
            return self._popen.returncode
        try:
            found = os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # whoever uses us reaps every child of this process
            return 0
        if found is None:
            return None
        return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # PermissionError: all are gone, says macOS
            os.killpg(self._popen.pid, number)


@atexit.register
def _end_all() -> None:
    """End what nobody closed."""
    for process in list(_living):
        process.end()


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise CannotConnect(f"'stdio:{command}' cannot be split into words: {error}") from error
    if not words:
        raise CannotConnect("'stdio:' is not a target; write stdio:COMMAND, such as stdio:node shim.mjs")
    return words


def _not_started(words: list[str], folder: Path | None, error: OSError | ValueError) -> str:
    where = f" in {folder}" if folder is not None else ""
    if folder is not None and not folder.is_dir():
        return f"{words[0]!r} cannot be started{where}: there is no such folder"
    if isinstance(error, FileNotFoundError):
        return f"there is no command {words[0]!r}{where}; is it installed, and on the PATH?"
    if isinstance(error, PermissionError):
        return f"{words[0]!r} cannot be run: it is not executable; did you mean 'node {words[0]}'?"
    why = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return f"{words[0]!r} cannot be started{where}: {why}"


def _pipes() -> tuple[list[int], list[int]]:
    """Make three pipes; return our ends and theirs, each in the order in, out, error."""
    made: list[int] = []
    try:
        for _ in range(3):
            made += os.pipe()
    except OSError as error:
        _close(made)
        raise CannotConnect(f"no pipe to a shim can be made: {error.strerror}") from error
    their_in, our_in, our_out, their_out, our_err, their_err = made
    return [our_in, our_out, our_err], [their_in, their_out, their_err]


def _close(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
