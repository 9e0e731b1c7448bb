"""Cassettes served over HTTP: each request is answered by the recording that is meant by it.

::

    with CassetteServer([cassette.load("openai/chat-tool")]) as server:
        ask(server.base_url + "/v1/chat/completions", …)
        server.exchanges()
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from harness.cassettes.cassette import Cassette
from harness.cassettes.interaction import Interaction
from harness.errors import InputError
from harness.protocol.script import UNSCRIPTED, Exchange
from harness.replay.answer import Answer, refusal
from harness.replay.asked import CRITERIA, Criterion, asked
from harness.replay.browsers import preflight, readable
from harness.replay.nearest import explained
from harness.replay.place import Choice, Place
from harness.replay.recorded_answer import recorded_answer
from harness.replay.recordings import Index, Recording, recordings_of
from harness.replay.server import ReplayServer

PREFLIGHT = "preflight"
"""The note of an exchange in which a browser only asked whether it may ask."""


SLOWEST = 0.0001
"""The least speed but 0: a second becomes three hours, and a day that may be recorded still some time."""


@dataclass(frozen=True, slots=True)
class Played:
    """One exchange as it stood when its answer was over.

    ``recording`` names what was played, None where the request matched nothing (599), was none that is taken, or was a
    browser's :data:`PREFLIGHT`; ``note`` is then the reason in one line, in which no key stands. ``is_broken_off``
    tells that the server stopped before the end that was recorded.
    """

    exchange: Exchange
    recording: str | None
    note: str = ""
    is_broken_off: bool = False


class CassetteServer:
    """Serves cassettes on 127.0.0.1, at the root of a port of its own; a context manager.

    ``match`` are the criteria by which a request means a recording (:mod:`harness.replay.asked`). Two recordings that
    one request means are refused, unless ``in_order`` is set: then they are played in their order, and the last again
    and again. ``speed`` divides the pauses; 0 leaves them out. ``watch`` is told of each exchange when it is over, in
    the server's thread, and must not wait. Of the exchanges the last ``kept`` are remembered, all where it is None.

    Raises :class:`InputError` for no cassettes, for two recordings that one request means, and for a recording that
    HTTP cannot play.
    """

    def __init__(  # noqa: PLR0913 - each is one decision of who serves
        self,
        cassettes: Iterable[Cassette],
        *,
        port: int = 0,
        match: Collection[Criterion] = CRITERIA,
        in_order: bool = False,
        speed: float = 1.0,
        watch: Callable[[Played], object] | None = None,
        kept: int | None = None,
    ) -> None:
        if not (math.isfinite(speed) and (speed == 0 or speed >= SLOWEST)):
            raise InputError(f"the speed is 0 or a number from {SLOWEST}, not {speed}")
        self.recordings = recordings_of(cassettes)
        if not self.recordings:
            raise InputError("there is no cassette to play")
        self._criteria = tuple(criterion for criterion in CRITERIA if criterion in match)
        self._index = Index(self.recordings, self._criteria)
        if not in_order:
            self._index.refuse_ambiguous()
        self._answers = tuple(_playable(recording, speed) for recording in self.recordings)
        self._turns: dict[tuple[int, ...], int] = {}
        self._watch = watch
        self._kept = kept
        self._server = ReplayServer(port)
        self._place: Place | None = None

    def __enter__(self) -> Self:
        """Start; raises :class:`InputError` where the port cannot be had."""
        self._server.__enter__()
        self._place = self._server.open_root(self._choose, watch=self._over, kept=self._kept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def base_url(self) -> str:
        """Return where it serves, ``http://127.0.0.1:PORT``."""
        return self._opened().base_url

    def exchanges(self) -> tuple[Exchange, ...]:
        """Return the requests that were received; ``script`` is the place of what was played in ``recordings``."""
        return self._opened().exchanges()

    def settled(self, timeout: float) -> bool:
        """Wait until nothing is being received or answered; False where ``timeout`` seconds were not enough."""
        return self._opened().settled(timeout)

    def close(self) -> None:
        """End everything; safe to call twice. The exchanges stay."""
        self._server.close()

    def _opened(self) -> Place:
        if self._place is None:
            raise AssertionError("the server was not started")
        return self._place

    def _choose(self, _: int, exchange: Exchange) -> Choice:
        if (answer := preflight(exchange)) is not None:
            return Choice(answer, None, PREFLIGHT)
        meant = asked(exchange.method, exchange.target, exchange.headers, exchange.body)
        found = self._index.find(meant)
        if not found:
            note = explained(exchange, meant, self.recordings, self._criteria)
            return Choice(readable(refusal(UNSCRIPTED, "no_recording_matches", note), exchange), None, note)
        turn = self._turns.get(found, 0)
        self._turns[found] = turn + 1
        number = found[min(turn, len(found) - 1)]
        return Choice(readable(self._answers[number], exchange), number)

    def _over(self, exchange: Exchange, note: str) -> None:
        if self._watch is not None:
            recording = None if exchange.script is None else self.recordings[exchange.script]
            name = None if recording is None else recording.name
            is_broken_off = recording is not None and _is_broken_off(exchange, recording.interaction)
            self._watch(Played(exchange, name, note, is_broken_off))


def _is_broken_off(exchange: Exchange, played: Interaction) -> bool:
    """Tell whether we closed the connection before the recorded end, which itself may be a broken connection."""
    if exchange.whole or exchange.closed_by != "server":
        return False
    is_bodiless = exchange.method == "HEAD"
    is_all = exchange.status is not None and (
        is_bodiless or sum(one.length for one in exchange.sent) == played.body.length
    )
    return played.ending == "end" or not is_all


def _playable(recording: Recording, speed: float) -> Answer:
    try:
        return recorded_answer(recording.interaction, speed)
    except InputError as error:
        raise InputError(f"{recording.name}: {error}") from None
