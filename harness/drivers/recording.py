"""Chunks → a transcript's records, while another thread waits for the end."""

from __future__ import annotations

import threading
import time
from typing import Any

from harness.drivers.answer import Answer, timed_out
from harness.drivers.driver import MAX_CHUNKS
from harness.drivers.json_value import as_json
from harness.errors import ShimError
from harness.protocol.transcript import Ending, Stimulus, Transcript


class Recording:
    """One answer as it comes: the implementation's thread takes and ends, ours waits and stops.

    ``refused`` is set where the implementation broke the driver's interface, so that there is nothing to judge.
    """

    def __init__(self) -> None:
        self.refused: ShimError | None = None
        self._answer = Answer(time.monotonic())
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._stopped = False

    def take(self, chunk: Any) -> bool:
        """Keep a copy of one chunk; tell whether another one is wanted."""
        now = time.monotonic()
        value, faults = as_json(chunk)
        with self._lock:
            return not self._stopped and self._answer.take(value, faults, now) < MAX_CHUNKS

    def result(self, value: Any) -> bool:
        """Keep a copy of what an operation without chunks gave; tell whether it was kept."""
        kept, _ = as_json(value)
        with self._lock:
            if not self._stopped:
                self._answer.result = kept
            return not self._stopped

    def aborted(self) -> None:
        """Take note that the consumer goes away now."""
        with self._lock:
            self._answer.aborted(time.monotonic())

    def end(self, ending: Ending) -> None:
        """Say how it ended, once."""
        with self._lock:
            if not self._stopped and not self._finished.is_set():
                self._answer.end(ending, time.monotonic())
        self._finished.set()

    def time_out(self, message: str) -> None:
        """Say that no end came in time."""
        with self._lock:
            self._answer.end(timed_out(message), time.monotonic())

    def refuse(self, error: ShimError) -> None:
        """Say that this is no answer at all."""
        self.refused = error
        self._finished.set()

    def wait(self, timeout: float) -> bool:
        """Tell whether it ended within ``timeout`` seconds."""
        return self._finished.wait(timeout)

    def stop(self) -> None:
        """Take no further chunk, whatever still runs."""
        with self._lock:
            self._stopped = True

    def transcript(self, stimulus: Stimulus, dialect: str) -> Transcript:
        """Return what was kept."""
        with self._lock:
            return self._answer.transcript(stimulus, dialect)


def described(error: BaseException) -> dict[str, str]:
    """Return an exception as data, ``{name, message, code?}``; never raises, whatever its ``__str__`` does."""
    try:
        message, code = str(error), getattr(error, "code", None)
    except Exception as broken:  # noqa: BLE001 - an exception's own words are the implementation's code
        message, code = f"its message cannot be had: {type(broken).__name__}", None
    fault = {"name": type(error).__name__, "message": message}
    return fault | {"code": str(code)} if type(code) in {str, int} else fault
