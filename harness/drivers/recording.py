"""Chunks → a transcript's records, while another thread waits for the end."""

from __future__ import annotations

import threading
import time
from typing import Any

from harness.drivers.driver import MAX_CHUNKS
from harness.drivers.json_value import as_json
from harness.errors import ShimError
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import NOTHING, Ending, EndingKind, Record, Stimulus, Transcript


class Recording:
    """One answer as it comes: the implementation's thread takes and ends, ours waits and stops.

    ``refused`` is set where the implementation broke the driver's interface, so that there is nothing to judge.
    """

    def __init__(self) -> None:
        self.refused: ShimError | None = None
        self._compactor = Compactor()
        self._records: list[Record] = []
        self._result: Any = NOTHING
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._stopped = False
        self._abort: tuple[int, float] | None = None
        self._ending = Ending()

    def take(self, chunk: Any) -> bool:
        """Keep a copy of one chunk; tell whether another one is wanted."""
        at = self._now()
        value, faults = as_json(chunk)
        with self._lock:
            if not self._stopped:
                self._records.append(self._compactor.feed(value, faults, at))
            return not self._stopped and len(self._records) < MAX_CHUNKS

    def result(self, value: Any) -> bool:
        """Keep a copy of what an operation without chunks gave; tell whether it was kept."""
        kept, _ = as_json(value)
        with self._lock:
            if not self._stopped:
                self._result = kept
            return not self._stopped

    def aborted(self) -> None:
        """Take note that the consumer goes away now."""
        with self._lock:
            self._abort = (len(self._records), self._now())

    def end(self, ending: Ending) -> None:
        """Say how it ended, once."""
        with self._lock:
            if not self._stopped and not self._finished.is_set():
                self._ending = self._timed(ending)
        self._finished.set()

    def time_out(self, message: str) -> None:
        """Say that no end came in time."""
        with self._lock:
            self._ending = self._timed(Ending("timed out", {"name": "Timeout", "message": message}))

    def _timed(self, ending: Ending) -> Ending:
        """Add when it ended; an abort before it is what a stream that ended by itself, or raised, ended by."""
        place, at = self._abort or (None, None)
        kind: EndingKind = "aborted" if at is not None and ending.kind in {"completed", "raised"} else ending.kind
        return Ending(kind, ending.error, place, self._now(), at)

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
            return Transcript(tuple(self._records), self._ending, stimulus, dialect=dialect, result=self._result)

    def _now(self) -> float:
        return round((time.monotonic() - self._started) * 1000, 3)


def described(error: BaseException) -> dict[str, str]:
    """Return an exception as data, ``{name, message, code?}``; never raises, whatever its ``__str__`` does."""
    try:
        message, code = str(error), getattr(error, "code", None)
    except Exception as broken:  # noqa: BLE001 - an exception's own words are the implementation's code
        message, code = f"its message cannot be had: {type(broken).__name__}", None
    fault = {"name": type(error).__name__, "message": message}
    return fault | {"code": str(code)} if type(code) in {str, int} else fault
