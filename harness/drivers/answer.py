"""One answer while it comes: its chunks, when it was aborted, how it ended; without clock, lock or thread."""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import Any

from harness.drivers.driver import MAX_CHUNKS
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import NOTHING, Ending, EndingKind, Record, Stimulus, Transcript

_MODEL_CALLS = 10  # of an answer that had no end


class Answer:
    """What is written down of one answer; every time is in seconds on one clock, which ``started`` is told by."""

    def __init__(self, started: float) -> None:
        self.result: Any = NOTHING
        self.model_calls: list[Any] = []
        self._feed = Compactor().feed
        self._records: list[Record] = []
        self._started = started
        self._now, self._at = started, 0.0
        self._abort: tuple[int, float] | None = None
        self._ending = Ending()

    @property
    def was_aborted(self) -> bool:
        """Whether the consumer has gone away."""
        return self._abort is not None

    @property
    def has_begun(self) -> bool:
        """Whether anything has come of it."""
        return bool(self._records or self.model_calls)

    @property
    def count(self) -> int:
        """How many chunks have come."""
        return len(self._records)

    def take(self, chunk: Any, faults: tuple[str, ...], now: float) -> int:
        """Keep one chunk, which is JSON, and return how many there are."""
        if now != self._now:  # chunks that were read at once came at one time
            self._now, self._at = now, self._since(now)
        records = self._records
        records.append(self._feed(chunk, faults, self._at))
        return len(records)

    def aborted(self, now: float) -> None:
        """Take note that the consumer goes away now."""
        self._abort = (len(self._records), self._since(now))

    def abort_arrived(self, place: int | None, under_way: float) -> None:
        """Move the place of the abort to where the implementation learnt of it.

        That is ``place``, where it is told; else behind what came within ``under_way`` seconds, which may have been
        sent before the news was there.
        """
        if self._abort is not None:
            _, at = self._abort
            if place is None:
                place = bisect_right(self._records, at + under_way * 1000, key=attrgetter("at"))
            self._abort = (min(place, len(self._records)), at)

    def end(self, ending: Ending, now: float) -> None:
        """Say how it ended; an abort before it is what a stream that ended by itself, or raised, ended by."""
        place, at = self._abort or (None, None)
        kind: EndingKind = "aborted" if at is not None and ending.kind in {"completed", "raised"} else ending.kind
        self._ending = Ending(kind, ending.error, place, self._since(now), at)

    def forget_all_behind(self, number: int) -> None:
        """Keep its first chunks alone, and of the calls of its model the first few."""
        del self._records[number:]
        del self.model_calls[_MODEL_CALLS:]

    def transcript(self, stimulus: Stimulus, dialect: str) -> Transcript:
        """Return what was kept."""
        return Transcript(
            tuple(self._records),
            self._ending,
            stimulus,
            dialect=dialect,
            result=self.result,
            model_calls=tuple(self.model_calls),
            began=self._started,
        )

    def _since(self, now: float) -> float:
        return round((now - self._started) * 1000, 3)


def timed_out(message: str, name: str = "Timeout") -> Ending:
    """Return the ending of an answer whose end did not come in time, or within bounds."""
    return Ending("timed out", {"name": name, "message": message})


TOO_MANY = timed_out(f"no end within {MAX_CHUNKS} chunks", "TooManyChunks")
"""How an answer ends that has no end."""
