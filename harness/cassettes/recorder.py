"""Exchanges that are watched → cassettes in a folder, one for each, and a line for whoever looks on.

Only whole answers are kept, and those that the provider itself broke off: an answer that its client cut is no behaviour
of the provider, and playing it would show a cut that never was. A disk that takes no more costs the recording, and not
the exchange. One thread redacts, writes and reports, in the order in which things came, so that no exchange waits for
the recording of another; each may be some 32 MiB ahead of it (:mod:`harness.cassettes.late_tape`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from harness.cassettes.interaction import Request, TapeEnding
from harness.cassettes.late_tape import LateTape
from harness.cassettes.proofs import proofs_of
from harness.cassettes.redaction import WHOLE, Redactor
from harness.cassettes.shelf import Shelf
from harness.cassettes.tape import Head, Tape
from harness.errors import HarnessError, InputError

End: TypeAlias = TapeEnding | Literal["gone", "stopped"]
"""How an exchange ended: as the provider ended it; because the client went away; because the recording was stopped."""

_NOT_KEPT: Mapping[str, str] = {
    "gone": "the client went away before the end",
    "stopped": "the recording was stopped before the end",
}


_NOT_WAITED_FOR = "the recording was stopped a second time before this was written"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of one exchange; ``path`` is free of secrets and has no query.

    ``file`` is None where nothing was kept, and ``why`` then says why. ``is_lost`` tells that it was to be kept, and
    could not be; ``is_refused`` that it never came to the provider. ``is_long`` tells of a body that was too long to
    be searched as a whole. ``seconds`` are from the request to the last byte.
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
    is_refused: bool = False
    is_long: bool = False


class Recorder:
    """Makes a recording of each exchange; ``report`` is told of each once it is over, by a thread of its own.

    ``wire_of`` tells the wire of a request's address, if it knows. Close it behind the last exchange: what is whole is
    then in its file.
    """

    def __init__(self, shelf: Shelf, wire_of: Callable[[str], str | None], report: Callable[[Recorded], None]) -> None:
        self._shelf = shelf
        self._wire_of = wire_of
        self._report = report
        self._thread = ThreadPoolExecutor(1, "recorder")
        self._over: deque[Taping] = deque()  # and not reported, in their order
        self._broken: BaseException | None = None

    def begin(self, request: Request) -> Taping:
        """Return what is told of one exchange as it goes on."""
        number, wire = self._shelf.number(), self._wire_of(request.uri)
        return Taping(request, number, wire, self._shelf, self._thread, self._finish)

    def refused(self, method: str, target: str, status: int, why: str) -> None:
        """Take note of a request that is answered by us, since it cannot be forwarded."""
        self._thread.submit(self._told, partial(_refused, method, target, status, why))

    def is_done(self, within: float) -> bool:
        """Tell whether all that is over was written and reported within so many seconds."""
        return not wait([self._thread.submit(int)], within).not_done

    def hurry(self) -> None:
        """Give up what is whole and not written yet, but for the first, which may be being written; it is reported."""
        for taping in list(self._over)[1:]:
            taping.give_up()

    def close(self) -> None:
        """Wait until everything is written and reported; raises what ``report`` raised first."""
        self._thread.shutdown()
        if self._broken is not None:
            raise self._broken

    def _finish(self, taping: Taping, end: End | HarnessError) -> None:
        self._over.append(taping)
        self._thread.submit(self._finished, taping, end)

    def _finished(self, taping: Taping, end: End | HarnessError) -> None:
        self._told(partial(taping.kept, end))
        self._over.popleft()

    def _told(self, happened: Callable[[], Recorded]) -> None:
        try:
            self._report(happened())
        except Exception as error:  # noqa: BLE001 - raised by close(): nobody looks at what this thread raises
            self._broken = self._broken or error


class Taping:
    """One exchange that is recorded; its methods raise nothing, not even a bug of ours: the exchange must go on."""

    def __init__(  # noqa: PLR0913, PLR0917 - whose it is, where it goes and who does it
        self,
        request: Request,
        number: int,
        wire: str | None,
        shelf: Shelf,
        thread: Executor,
        finish: Callable[[Taping, End | HarnessError], None],
    ) -> None:
        self._request = request
        self._number = number
        self._wire = wire
        self._shelf = shelf
        self._thread = thread
        self._finish = finish
        self._redactor = Redactor(proofs_of(request))
        self._asked_at = self._latest = time.monotonic()
        self._head: Head | None = None
        self._tape: LateTape | None = None
        self._pieces = self._length = 0
        self._is_given_up = False

    @property
    def is_behind(self) -> bool:
        """Whether the recording is so far behind that no more of the answer should be read."""
        return self._tape is not None and self._tape.is_behind

    def began(self, head: Head, asked_at: float, head_at: float) -> None:
        """Take note of the head, of when the request had left and of when the head came."""
        self._head, self._asked_at, self._latest = head, asked_at, head_at
        begin = partial(
            Tape, self._request, head, self._redactor,
            asked_at=asked_at, head_at=head_at, folder=self._shelf.folder, wire=self._wire,
        )  # fmt: skip
        self._tape = LateTape(begin, self._thread)

    def came(self, piece: bytes, at: float) -> None:
        """Take note of a piece that came at ``at``, in seconds of ``time.monotonic()``."""
        self._pieces += 1
        self._length += len(piece)
        self._latest = at
        if self._tape is not None:
            self._tape.piece(piece, at)

    def ended(self, end: End | HarnessError) -> None:
        """Take note of the end, or of why there was none; the rest is done by another thread."""
        if self._tape is not None and (isinstance(end, HarnessError) or end in _NOT_KEPT):
            self._tape.drop()
        self._finish(self, end)

    def give_up(self) -> None:
        """Lose what is not being written yet; called by any thread."""
        self._is_given_up = True
        if self._tape is not None:
            self._tape.drop()

    def kept(self, end: End | HarnessError) -> Recorded:
        """Write the recording, where there is one to be kept, and return what became of it."""
        file, why, ending, is_lost, is_long = None, "", None, False, False
        match end:
            case HarnessError():
                why = str(end)
            case "gone" | "stopped":
                why = _NOT_KEPT[end]
            case _:
                ending = end
                try:
                    file, is_long = self._written(end)
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
            is_long=is_long,
        )

    def _written(self, end: TapeEnding) -> tuple[Path, bool]:
        if self._is_given_up or self._tape is None:
            raise InputError(_NOT_WAITED_FOR)
        interaction = self._tape.whole(end)
        return self._shelf.keep(self._number, interaction), interaction.body.length > WHOLE


def _refused(method: str, target: str, status: int, why: str) -> Recorded:
    path = Redactor().uri(target).partition("?")[0]
    return Recorded(method, path, status, 0, 0, 0.0, None, None, f"refused by the proxy: {why}", is_refused=True)


def _told(error: Exception) -> str:
    """Return what to say of a recording that failed."""
    if isinstance(error, HarnessError):
        return str(error)
    return f"a bug of ours, please report it: {type(error).__name__}"  # its words may quote what is recorded
