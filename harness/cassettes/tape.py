"""A recording that grows: request and head, each piece as it arrives, the end; free of secrets from the first byte.

Nothing goes to the disk before it was redacted, and redaction keeps every length, so the pieces keep theirs. A body is
held in memory as long as it can be redacted as a whole, which finds more; a longer one is redacted as it comes. What is
compressed is recorded as what it holds, since secrets cannot be found in it otherwise: a piece is then what one piece
of the network unpacked to. Times are arguments, in seconds of a clock that never goes back, since redaction takes its
own time: an exchange that goes on while others do has its tape written by another thread
(:mod:`harness.cassettes.late_tape`).
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from harness.cassettes.bodies import GrowingBody
from harness.cassettes.compression import LONGEST_DECODED
from harness.cassettes.interaction import Cut, Interaction, Request, TapeEnding
from harness.cassettes.redaction import WHOLE, Redactor
from harness.errors import InputError
from harness.protocol.script import BodyFraming
from harness.wire.compression import KNOWN, BrokenCompression, Compression, UnknownCompression

MOST_CUTS = 100_000
"""So many pieces are told apart; behind them those that follow each other are joined, up to 64 KiB each."""
_JOINED = 64 * 1024
_MOST_SWOLLEN = 200  # times; as when a cassette is read, what swells more was made to
_NOT_YET_MUCH = 8 * 1024 * 1024  # bytes that any body may swell to
_OF_THE_PACKED = frozenset({"content-encoding", "content-length"})


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of an answer; ``headers`` keep the provider's spelling, and a name may have several values."""

    status: int
    reason: str = ""
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    framing: BodyFraming = "chunked"


class Tape:
    """One exchange from its head on; a context manager, since a long body lies in a file until it is left.

    The file is in ``folder`` and has no name, so that it is gone with us however we end. ``wire`` is what the answer
    speaks, None where nobody knows. Raises :class:`InputError` where the disk takes no more, and where a body is
    compressed in a way that cannot be undone, or was made to swell.
    """

    def __init__(  # noqa: PLR0913 - who asked and was answered, when, and where it is kept
        self,
        request: Request,
        head: Head,
        redactor: Redactor,
        *,
        asked_at: float,
        head_at: float,
        folder: Path,
        wire: str | None = None,
    ) -> None:
        self._request = request
        self._head = head
        self._unpacking = _Unpacking("answer", head.headers)
        self._head_pause = max(0.0, head_at - asked_at)
        self._latest = head_at
        self._wire = wire
        self._redactor = redactor
        self._held: bytearray | None = bytearray()
        self._lengths = array("Q")
        self._pauses = array("d")
        self._stream = redactor.stream()
        self._body = GrowingBody(folder)
        self._ending: TapeEnding | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pieces(self) -> int:
        """How many pieces were told apart."""
        return len(self._lengths)

    @property
    def length(self) -> int:
        """How many bytes of the body came."""
        return sum(self._lengths)

    def piece(self, data: bytes, at: float) -> None:
        """Take one piece of the body as it came from the network."""
        data = self._unpacking.undone(data)
        if not data:  # such as the head of a compression; its time counts for what comes next
            return
        pause, self._latest = max(0.0, at - self._latest), at
        if len(self._lengths) >= MOST_CUTS and self._lengths[-1] + len(data) <= _JOINED:
            self._lengths[-1] += len(data)
        else:
            self._lengths.append(len(data))
            self._pauses.append(pause)
        if self._held is None:
            self._keep(self._stream.feed(data))
            return
        self._held += data
        if len(self._held) > WHOLE:
            held, self._held = self._held, None
            for start in range(0, len(held), _JOINED):
                self._keep(self._stream.feed(bytes(held[start : start + _JOINED])))

    def end(self, ending: TapeEnding) -> None:
        """Take note of how the body ended."""
        if ending == "end" and self._unpacking.is_cut:
            raise InputError("the provider's answer is cut: its compression has no end")
        self._ending = ending
        self._keep(self._stream.close() if self._held is None else [self._redactor.body(bytes(self._held))])
        self._held = None

    def interaction(self) -> Interaction:
        """Return what was recorded; its body can be read until the tape is closed."""
        if self._ending is None:
            raise AssertionError("the recording goes on")
        return Interaction(
            request=self._asked(),
            status=self._head.status,
            headers=self._redactor.headers(self._unpacking.headers),
            body=self._body,
            wire=self._wire,
            reason=self._head.reason,
            head_pause=self._head_pause,
            cuts=tuple(map(Cut, self._lengths, self._pauses)),
            framing=self._head.framing,
            ending=self._ending,
        )

    def close(self) -> None:
        """Let go of the body; safe to call twice."""
        self._body.close()

    def _asked(self) -> Request:
        unpacking = _Unpacking("request", self._request.headers)
        body = unpacking.undone(self._request.body)
        return Request(
            self._request.method,
            self._redactor.uri(self._request.uri),
            self._redactor.headers(unpacking.headers),
            self._redactor.body(body),
            self._redactor.replaced_in(self._request.uri, body),
        )

    def _keep(self, parts: list[bytes]) -> None:
        for part in parts:
            self._body.append(part)


class _Unpacking:
    """A body's compression, if it has one; ``headers`` are those that hold for what is in it."""

    def __init__(self, kind: Literal["request", "answer"], headers: Mapping[str, tuple[str, ...]]) -> None:
        self._whose = "the request" if kind == "request" else "the provider's answer"
        coding = ",".join(value for name in headers if name.lower() == "content-encoding" for value in headers[name])
        try:
            self._compression = Compression(coding) if coding.strip() else None
        except UnknownCompression:
            what = f"{self._whose} is compressed in a way that is not known"
            raise InputError(f"{what}, so secrets cannot be found in it; known are {', '.join(KNOWN)}") from None
        self._packed = self._length = 0
        self.headers = headers
        if self._compression is not None:
            self.headers = {name: headers[name] for name in headers if name.lower() not in _OF_THE_PACKED}

    @property
    def is_cut(self) -> bool:
        return self._compression is not None and self._compression.is_cut

    def undone(self, data: bytes) -> bytes:
        if self._compression is None:
            return data
        found = bytearray()
        self._packed += len(data)
        most = min(LONGEST_DECODED, max(_NOT_YET_MUCH, _MOST_SWOLLEN * self._packed))
        try:
            for part in self._compression.undone(data):
                found += part
                self._length += len(part)
                if self._length > most:
                    raise InputError(f"{self._whose} swells from {self._packed} bytes to more than {most}")
        except BrokenCompression as broken:
            what = f"{self._whose} is not {broken}, as its content-encoding says, or it is damaged"
            raise InputError(what) from None
        return bytes(found)
