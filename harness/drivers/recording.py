"""Chunks → a transcript's records, while another thread waits for the end."""

from __future__ import annotations

import threading
import time
from typing import Any

from harness.drivers.driver import MAX_CHUNKS
from harness.drivers.json_value import as_json
from harness.errors import ShimError
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Ending, Record


class Recording:
    """One answer as it comes: the implementation's thread takes and ends, ours waits and stops.

    ``refused`` is set where the implementation broke the driver's interface, so that there is nothing to judge.
    """

    def __init__(self) -> None:
        self.refused: ShimError | None = None
        self._compactor = Compactor()
        self._records: list[Record] = []
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._stopped = False
        self._ending = Ending()

    def take(self, chunk: Any) -> bool:
        """Keep a copy of one chunk; tell whether another one is wanted."""
        at = round((time.monotonic() - self._started) * 1000, 3)
        value, faults = as_json(chunk)
        with self._lock:
            if not self._stopped:
                self._records.append(self._compactor.feed(value, faults, at))
            return not self._stopped and len(self._records) < MAX_CHUNKS

    def end(self, ending: Ending) -> None:
        """Say how it ended."""
        self._ending = ending
        self._finished.set()

    def refuse(self, error: ShimError) -> None:
        """Say that this is no answer at all."""
        self.refused = error
        self._finished.set()

    def wait(self, timeout: float) -> Ending | None:
        """Return the ending, or None where it did not come within ``timeout`` seconds."""
        return self._ending if self._finished.wait(timeout) else None

    def stop(self) -> None:
        """Take no further chunk, whatever still runs."""
        with self._lock:
            self._stopped = True

    def records(self) -> tuple[Record, ...]:
        """Return what was kept."""
        with self._lock:
            return tuple(self._records)


def described(error: BaseException) -> dict[str, str]:
    """Return an exception as data, ``{name, message, code?}``; never raises, whatever its ``__str__`` does."""
    try:
        message, code = str(error), getattr(error, "code", None)
    except Exception as broken:  # noqa: BLE001 - an exception's own words are the implementation's code
        message, code = f"its message cannot be had: {type(broken).__name__}", None
    fault = {"name": type(error).__name__, "message": message}
    return fault | {"code": str(code)} if type(code) in {str, int} else fault
