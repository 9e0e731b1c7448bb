"""One exchange with a provider as it was on the wire: request, answer, and how the network cut the answer's body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, overload

from harness.protocol.script import BodyFraming, Piece

TapeEnding = Literal["end", "fin", "reset"]
"""How an answer's body ended: properly; by a connection that was closed, or reset, with the body still open."""

_REASON = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_AT_ONCE = 1024 * 1024  # bytes of a piece that nobody recorded, and of a part of one that somebody did


def is_reason(text: str) -> bool:
    """Tell whether a status line can hold a text: RFC 9112 4 allows nothing that could end the line."""
    return _REASON.fullmatch(text) is not None


class Cut(NamedTuple):
    """One piece of a body: its length in bytes, and the seconds that passed before it."""

    length: int
    pause: float = 0.0


class Body(Protocol):
    """The bytes of an answer, in memory or in a file; what is read never changes."""

    @property
    def length(self) -> int:
        """How many bytes there are."""
        ...

    def read(self, start: int, stop: int) -> bytes:
        """Return a range of them."""
        ...


@dataclass(frozen=True, slots=True)
class BytesBody:
    """A body in memory."""

    data: bytes = field(default=b"", repr=False)

    @property
    def length(self) -> int:
        """How many bytes there are."""
        return len(self.data)

    def read(self, start: int, stop: int) -> bytes:
        """Return a range of them."""
        return self.data[start:stop]


@dataclass(frozen=True, slots=True)
class Request:
    """What the provider was asked; ``body`` is as it was sent, or empty.

    ``redacted`` are the texts that redaction put in place of secrets, as they stand in ``uri`` and ``body``: nothing
    else of a request may be other than it was recorded.
    """

    method: str
    uri: str
    headers: Mapping[str, tuple[str, ...]] = field(repr=False)
    body: bytes = field(repr=False)
    redacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interaction:
    """One request and its answer.

    ``headers`` keep the provider's spelling; a name may have several values. ``head_pause`` are the seconds until the
    head, ``cuts`` the pieces in which the body came: none where nobody recorded them, and the body is then one piece,
    or several of 1 MiB.
    The lengths of the cuts add up to the body's. ``wire`` is None where nobody knows which decoder reads the body.
    """

    request: Request
    status: int
    headers: Mapping[str, tuple[str, ...]]
    body: Body
    wire: str | None = None
    reason: str = ""
    head_pause: float = 0.0
    cuts: tuple[Cut, ...] = ()
    framing: BodyFraming = "chunked"
    ending: TapeEnding = "end"

    def header(self, name: str) -> str | None:
        """Return the value of an answer's header, the last of several, by its name in any case."""
        wanted = name.lower()
        return next((values[-1] for key, values in self.headers.items() if key.lower() == wanted and values), None)

    def pieces(self) -> Sequence[Piece]:
        """Return the body as it came; each piece is read when it is asked for, so a long body is never whole."""
        return BodyPieces(self.body, self.known_cuts())

    def parts(self) -> Iterator[tuple[int, bytes]]:
        """Yield the body in parts of at most 1 MiB, each with the number of its piece, which may have no part."""
        start = 0
        for number, cut in enumerate(self.known_cuts()):
            stop = start + cut.length
            for at in range(start, stop, _AT_ONCE):
                yield number, self.body.read(at, min(at + _AT_ONCE, stop))
            start = stop

    def known_cuts(self) -> Sequence[Cut]:
        """Return the cuts, or some for a body of which nobody knows any, none so long that it could not be held."""
        length = self.body.length
        return self.cuts or [Cut(min(_AT_ONCE, length - start)) for start in range(0, length, _AT_ONCE)]


class BodyPieces(Sequence[Piece]):
    """The pieces of a body, each read from it when it is asked for."""

    def __init__(self, body: Body, cuts: Sequence[Cut]) -> None:
        self._body = body
        self._cuts = cuts
        self._starts = [0]
        for cut in cuts:
            self._starts.append(self._starts[-1] + cut.length)

    def __len__(self) -> int:
        return len(self._cuts)

    @overload
    def __getitem__(self, place: int) -> Piece: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Piece]: ...
    def __getitem__(self, place: int | slice) -> Piece | Sequence[Piece]:
        """Return one piece, or several."""
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        cut = self._cuts[place]
        start = self._starts[place if place >= 0 else place + len(self._cuts)]
        return Piece(self._body.read(start, start + cut.length), cut.pause)
