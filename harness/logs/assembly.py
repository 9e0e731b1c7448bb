"""Chunks, as a log gives them one by one, become a transcript."""

from __future__ import annotations

from typing import Any

from harness.errors import InputError
from harness.protocol.compaction import Compactor
from harness.protocol.json_text import NotJson, decoded
from harness.protocol.streamchunk import DONE
from harness.protocol.transcript import Ending, FrameKind, Framing, FramingFault, Record, Scope, Transcript

_MOST_FAULTS = 100
_EXCERPT = 200
_COMPLETED = Ending()


class Assembly:
    """Collects the records of one transcript, and in scope ``wire`` the faults of its frame.

    Chunks are compacted as they come, so a log of any length costs only its deltas. ``at`` is the time of the chunks
    that come as text, in milliseconds since the run began; whoever reads while they arrive sets it.
    """

    def __init__(self, scope: Scope, frame: FrameKind | None = None) -> None:
        self._scope = scope
        self._frame = frame if scope == "wire" else None
        self._feed = Compactor().feed
        self._records: list[Record] = []
        self._faults: list[FramingFault] = []
        self._more = 0
        self.at: float | None = None

    def add(self, value: Any, faults: tuple[str, ...], at: float | None = None) -> None:
        """Add a chunk, with the faults of its JSON text and its time in milliseconds since the run began."""
        self._records.append(self._feed(value, faults, at))

    def add_text(self, number: int, text: str, expected: str) -> None:
        """Add the chunk that a text on line ``number`` holds; a text that is not JSON is a fault, as below."""
        try:
            value, faults = decoded(text)
        except NotJson as error:
            self.add_fault(number, expected, text, otherwise=str(error))
        else:
            self._records.append(self._feed(value, faults, self.at))

    def readable(self, number: int, line: bytes) -> str:
        """Return bytes that are not UTF-8 as text; they are a fault, as below."""
        self.add_fault(number, "UTF-8", repr(line[:_EXCERPT])[2:-1], otherwise="not UTF-8 text")
        return line.decode("utf-8", "replace")

    def add_fault(self, number: int, expected: str, seen: str, *, otherwise: str | None = None) -> None:
        """Note a fault of the frame in scope ``wire``.

        In the other scopes the frame is not judged: there it is an :class:`InputError` that says ``otherwise``, or
        nothing at all.
        """
        if self._frame is None:
            if otherwise is not None:
                raise InputError(f"line {number}: {otherwise}")
        elif len(self._faults) < _MOST_FAULTS:
            self._faults.append(FramingFault(number, expected, seen[:_EXCERPT]))
        else:
            self._more += 1

    @property
    def last(self) -> Record | None:
        """Return the record that came last, if there is one; its number tells how many there are."""
        return self._records[-1] if self._records else None

    def lacks_end_mark(self) -> bool:
        """Tell whether the last chunk is a ``done``, in a frame without a fault: then an end mark must follow."""
        last = self._records[-1].chunk if self._records else None
        return not self._faults and isinstance(last, dict) and last.get("type") == DONE

    def transcript(self, ending: Ending = _COMPLETED) -> Transcript:
        """Return what was collected; an empty log is a transcript without records."""
        if self._more:
            last = self._faults[-1]
            self._faults[-1] = FramingFault(last.line, last.expected, f"{last.seen} … and {self._more} faults more")
        framing = None if self._frame is None else Framing(self._frame, tuple(self._faults))
        return Transcript(tuple(self._records), ending, scope=self._scope, framing=framing)
