"""How a provider is played over HTTP, byte by byte, and what it met: scripts in, exchanges out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from harness.protocol.messages import ModelRequest

BodyFraming = Literal["chunked", "length", "close"]
BodyEnding = Literal["end", "fin", "reset", "stall", "endless"]
ClosedBy = Literal["client", "server"]
UNSCRIPTED = 599
"""The status of an answer for which there is no script."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that are written at once, ``pause`` seconds after what came before."""

    data: bytes
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Script:
    """One answer of a provider.

    ``framing`` is how the body's end is told: chunked coding, a Content-Length, or the end of the connection.
    ``ending`` is what comes behind the last piece: ``end`` a proper end; ``fin`` and ``reset`` a connection that is
    closed with the body still open; ``stall`` silence until the client goes; ``endless`` the pieces again and again
    until it goes. ``head_pause`` are seconds before the first byte of the head. ``raw`` is sent in place of an HTTP
    answer, and the connection closed (by FIN, unless ``ending`` is ``reset`` or ``stall``); with no bytes in it the
    connection ends before any answer. Where ``keep_alive`` is false the connection is closed behind a proper end, and
    the answer's ``Connection: close`` says so. ``pieces`` may be read from a file as they are asked for. ``reason`` is
    the phrase behind the status; where there is none, the standard's is sent. Where ``guesses_type`` is set and no
    Content-Type is given, one is told by the body.
    """

    pieces: Sequence[Piece] = ()
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    framing: BodyFraming = "chunked"
    ending: BodyEnding = "end"
    head_pause: float = 0.0
    raw: bytes | None = None
    keep_alive: bool = True
    reason: str = ""
    guesses_type: bool = True


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes of a body, or of a raw answer, that left in one write: when, in ms since the place was opened; how many."""

    at: float
    length: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that the played provider received, and what became of it.

    Times are milliseconds since the play began.
    ``target`` is path and query behind the base URL that was handed out; names of ``headers`` are in lower case.
    ``connection`` numbers the TCP connections of the play from 0. ``script`` is the place of the script that answered,
    also where it is the last one given again because it fails; None where all were used up (the answer is then the
    status 599). ``sent`` is the observed split of the body.
    ``closed_at`` is when the connection was found closed, or the proper end was written; ``closed_by`` says by whom the
    connection was closed, None where it was left open. ``whole`` tells that the answer was sent to its proper end.
    ``pieces`` counts those of the script that left whole: ``sent`` may have fewer entries, and also more.
    ``answer_headers`` are the answer's own, as its script has them.
    ``asked`` is the request in neutral form, ``fault`` why it is none of the API, or could not be read; both are added
    by whoever can read the wire.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)  # a key is among them
    body: bytes
    asked_at: float
    connection: int = 0
    script: int | None = None
    status: int | None = None
    sent: tuple[Sent, ...] = ()
    closed_at: float | None = None
    closed_by: ClosedBy | None = None
    whole: bool = False
    asked: ModelRequest | None = None
    fault: str | None = None
    answer_headers: tuple[tuple[str, str], ...] = ()
    pieces: int = 0

    @property
    def is_unscripted(self) -> bool:
        """Tell whether no script was left to answer with: the answer and its words are the harness's own."""
        return self.script is None and self.status == UNSCRIPTED

    def header(self, name: str) -> str | None:
        """Return the value of a request header, the last of several, by its name in any case."""
        wanted = name.lower()
        return next((value for key, value in reversed(self.headers) if key == wanted), None)


def since(start: float, exchange: Exchange) -> Exchange:
    """Return the exchange with its times counted from ``start``, in milliseconds on the clock that it was told by."""
    return replace(
        exchange,
        asked_at=exchange.asked_at - start,
        closed_at=None if exchange.closed_at is None else exchange.closed_at - start,
        sent=tuple(Sent(one.at - start, one.length) for one in exchange.sent),
    )
