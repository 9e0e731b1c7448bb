"""Exchanges that are watched → cassettes in a folder, one for each, and a line for whoever looks on.

Only whole answers are kept, and those that the provider itself broke off: an answer that its client cut is no behaviour
of the provider, and playing it would show a cut that never was. A disk that takes no more costs the recording, and not
the exchange.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from harness.cassettes.interaction import Request, TapeEnding
from harness.cassettes.proofs import proofs_of
from harness.cassettes.redaction import Redactor
from harness.cassettes.shelf import Shelf
from harness.cassettes.tape import Head, Tape
from harness.errors import HarnessError, InputError

End: TypeAlias = TapeEnding | Literal["gone", "stopped"]
"""How an exchange ended: as the provider ended it; because the client went away; because the recording was stopped."""

_NOT_KEPT: Mapping[str, str] = {
    "gone": "the client went away before the end",
    "stopped": "the recording was stopped before the end",
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of one exchange; ``path`` is free of secrets and has no query.

    ``file`` is None where nothing was kept, and ``why`` then says why. ``is_lost`` tells that it was to be kept, and
    could not be. ``seconds`` are from the request to the last byte.
    """

    method: str
    path: str
    status: int | None
    pieces: int
    length: int
    seconds: float
    ending: TapeEnding | None
    file: Path | None
    why: str = ""
    is_lost: bool = False


class Recorder:
    """Makes a recording of each exchange; ``report`` is told of each once it is over, by a thread of its own.

    ``wire_of`` tells the wire of a request's address, if it knows. Close it behind the last exchange: what is whole is
    then in its file.
    """

    def __init__(self, shelf: Shelf, wire_of: Callable[[str], str | None], report: Callable[[Recorded], None]) -> None:
        self._shelf = shelf
        self._wire_of = wire_of
        self._report = report
        # Writing takes its time, and the exchanges that go on must not wait for it. One thread is enough, and keeps
        # the lines whole.
        self._writer = ThreadPoolExecutor(1, "recorder")
        self._broken: BaseException | None = None

    def begin(self, request: Request) -> Taping:
        """Return what is told of one exchange as it goes on."""
        return Taping(request, self._shelf.number(), self._shelf.folder, self._wire_of(request.uri), self._finish)

    def close(self) -> None:
        """Wait until everything is written and reported; raises what ``report`` raised first."""
        self._writer.shutdown()
        if self._broken is not None:
            raise self._broken

    def _finish(self, taping: Taping, end: End | HarnessError) -> None:
        self._writer.submit(self._finished, taping, end)

    def _finished(self, taping: Taping, end: End | HarnessError) -> None:
        try:
            self._report(taping.kept(self._shelf, end))
        except Exception as error:  # noqa: BLE001 - raised by close(): nobody looks at what this thread raises
            self._broken = self._broken or error


class Taping:
    """One exchange that is recorded; its methods raise nothing, not even a bug of ours: the exchange must go on."""

    def __init__(
        self,
        request: Request,
        number: int,
        folder: Path,
        wire: str | None,
        finish: Callable[[Taping, End | HarnessError], None],
    ) -> None:
        self._request = request
        self._number = number
        self._folder = folder
        self._wire = wire
        self._finish = finish
        self._redactor = Redactor(proofs_of(request))
        self._asked_at = self._latest = time.monotonic()
        self._head: Head | None = None
        self._tape: Tape | None = None
        self._pieces = self._length = 0
        self._fault = ""

    def began(self, head: Head, asked_at: float, head_at: float) -> None:
        """Take note of the head, of when the request had left and of when the head came."""
        self._head, self._asked_at, self._latest = head, asked_at, head_at
        try:
            self._tape = Tape(
                self._request, head, self._redactor,
                asked_at=asked_at, head_at=head_at, folder=self._folder, wire=self._wire,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - see the class
            self._fault = _told(error)

    def came(self, piece: bytes, at: float) -> None:
        """Take note of a piece that came at ``at``, in seconds of ``time.monotonic()``."""
        self._pieces += 1
        self._length += len(piece)
        self._latest = at
        if self._tape is not None:
            try:
                self._tape.piece(piece, at)
            except Exception as error:  # noqa: BLE001 - see the class
                self._fault = _told(error)
                self._tape.close()
                self._tape = None

    def ended(self, end: End | HarnessError) -> None:
        """Take note of the end, or of why there was none; the rest is done by another thread."""
        self._finish(self, end)

    def kept(self, shelf: Shelf, end: End | HarnessError) -> Recorded:
        """Write the recording, where there is one to be kept, and return what became of it."""
        file, why, ending, is_lost = None, "", None, False
        match end:
            case HarnessError():
                why = str(end)
            case "gone" | "stopped":
                why = _NOT_KEPT[end]
            case _:
                ending = end
                try:
                    file = self._written(shelf, end)
                except Exception as error:  # noqa: BLE001 - see the class
                    why, is_lost = _told(error), True
        if self._tape is not None:
            self._tape.close()
        return Recorded(
            method=self._request.method,
            path=urlsplit(self._redactor.uri(self._request.uri)).path,
            status=None if self._head is None else self._head.status,
            pieces=self._pieces,
            length=self._length,
            seconds=self._latest - self._asked_at,
            ending=ending,
            file=file,
            why=why,
            is_lost=is_lost,
        )

    def _written(self, shelf: Shelf, end: TapeEnding) -> Path:
        if self._tape is None:
            raise InputError(self._fault)
        self._tape.end(end)
        return shelf.keep(self._number, self._tape.interaction())


def _told(error: Exception) -> str:
    """Return what to say of a recording that failed."""
    if isinstance(error, HarnessError):
        return str(error)
    return f"a bug of ours, please report it: {type(error).__name__}"  # its words may quote what is recorded
