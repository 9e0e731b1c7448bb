"""One answer of a running application as it comes, and what it is in the end: a transcript, or no answer at all."""

from __future__ import annotations

import time
from dataclasses import replace
from enum import Enum

import httpx

from harness.drivers.answer import TOO_MANY, timed_out
from harness.drivers.driver import MAX_CHUNKS
from harness.drivers.http_request import place, shown
from harness.errors import InputError, ShimError
from harness.logs.arriving import Arriving, frame_of_line, frame_of_type
from harness.protocol.transcript import Ending, Stimulus, Transcript
from harness.wire.compression import BrokenCompression, Compression, UnknownCompression

_LONGEST_OPENING = 1024 * 1024  # bytes without a line end in which nobody says that they are chunks
_LONGEST_PAGE = 16 * 1024  # bytes of a refusal that are read
_EXCERPT = 120  # characters of what is no answer that are shown
_FAILED = 500  # the first status that says: the fault is mine


class Answered(Enum):
    """Why an answer is read no further."""

    WHOLE = "it came to its end"
    ENOUGH = "so many chunks came as were wanted"
    GAVE_UP = "its consumer went away after some time"
    SILENT = "it did not end in time"
    BROKEN = "its connection broke"


class HttpAnswer:
    """The answer to one question; ``name`` is the application's, ``most`` the number of chunks that are wanted.

    ``sent_to`` is where its client was redirected last, as it may be shown, None where it was not.
    What it raises is always a :class:`ShimError`: somebody answers, but not as TanStack's client would understand it.
    """

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self._started = time.monotonic()
        self._response: httpx.Response | None = None
        self._compression = Compression("")
        self._opening = bytearray()  # what came while nobody knew whether it is chunks
        self._arriving: Arriving | None = None
        self._fault = ""
        self.sent_to: str | None = None
        self._left_at: float | None = None  # when its consumer went away, which closes the connection a moment later

    @property
    def has_begun(self) -> bool:
        """Whether its head has come."""
        return self._response is not None

    async def looked_at(self, response: httpx.Response) -> None:
        """Take note where a response that is a redirect leads to, before it is followed; it is the client's hook."""
        if response.has_redirect_location:
            to = response.headers["location"]
            try:
                to = shown(response.url.join(to))
            except (httpx.InvalidURL, ValueError):
                to = place(to)
            self.sent_to = to if len(to) <= _EXCERPT else f"{to[:_EXCERPT]}…"

    def begin(self, response: httpx.Response) -> None:
        """Take the head."""
        self._response = response
        if self.sent_to is not None:
            self._name += f", which redirects to {self.sent_to},"
        try:
            self._compression = Compression(response.headers.get("content-encoding", ""))
        except UnknownCompression as error:
            raise ShimError(f"{self._name} answers in a compression that was not asked for: {error}") from None
        frame = frame_of_type(response.headers.get("content-type", ""))
        if response.is_success and frame is not None:
            self._arriving = Arriving(frame)

    def feed(self, raw: bytes) -> Answered | None:
        """Take bytes of the body as they came from the network; return why no more are wanted, if so."""
        at = self._now()
        try:
            for piece in self._compression.undone(raw):
                if self._is_enough(piece, at):
                    self._left_at = self._now()
                    return Answered.ENOUGH
        except BrokenCompression as error:
            raise ShimError(f"{self._name} says that its body is {error}, and it is not") from None
        except InputError as error:
            raise ShimError(f"{self._name}: {error}") from None
        return None

    def _is_enough(self, piece: bytes, at: float) -> bool:
        if self._arriving is not None:
            return self._arriving.feed(piece, at, self._most)
        self._opening += piece
        if not self._is_success:
            return len(self._opening) >= _LONGEST_PAGE
        line, newline, _ = self._opening.lstrip().partition(b"\n")
        if not newline and len(line) < _LONGEST_OPENING:
            return False
        return self._opened(bytes(line)).feed(bytes(self._opening), at, self._most)

    def _opened(self, line: bytes) -> Arriving:
        """Return what reads the chunks of which ``line`` is the first; raises where it is none."""
        frame = frame_of_line(line)
        if frame is None:
            kind = self._head.headers.get("content-type") or "no content type"
            raise ShimError(f"{self._name} answers, but not with chunks: {kind}, {self._excerpt() or 'an empty body'}")
        self._arriving = Arriving(frame)
        return self._arriving

    def ended(self) -> Answered:
        """Take the end of the body."""
        if self._arriving is None and self._is_success and self._is_enough(b"\n", self._now()):
            return Answered.ENOUGH
        if self._is_success and self._arriving is None:
            self._opened(b"")
        if self._compression.is_cut:
            self._fault = "the body ends in the middle of its compression"
            return Answered.BROKEN
        return Answered.WHOLE

    def broke_off(self, error: Exception) -> Answered:
        """Take note that the connection broke."""
        self._fault = told(error)
        return Answered.BROKEN

    def give_up(self, seconds: float) -> Answered:
        """Take note that its consumer went away after so many seconds."""
        self._left_at = seconds * 1000
        return Answered.GAVE_UP

    def transcript(self, stimulus: Stimulus, answered: Answered, seconds: float) -> Transcript:
        """Return what was answered; raises where that is a refusal of the question."""
        if self.has_begun and not self._is_success:
            made = self._refused()
        elif answered is Answered.WHOLE and self._arriving is not None:
            made = self._arriving.whole()
            made = replace(made, ending=replace(made.ending, duration=self._now()))
        else:
            made = self._unfinished(answered, seconds)
        return replace(made, stimulus=stimulus)

    def _unfinished(self, answered: Answered, seconds: float) -> Transcript:
        now = self._now()
        arriving = self._arriving or Arriving("sse")
        count = arriving.count
        if answered is Answered.BROKEN:
            error = {"name": "ConnectionLost", "message": self._fault}
            return arriving.cut(self._fault, Ending("raised", error, duration=now))
        if answered is Answered.SILENT:
            ending = replace(timed_out(f"no end within {seconds:g} s"), duration=now)
        elif answered is Answered.ENOUGH and self._most == MAX_CHUNKS:
            ending = replace(TOO_MANY, duration=now)
        else:
            ending = Ending("aborted", None, count, now, now if self._left_at is None else self._left_at)
        made = arriving.left(ending)
        return made if self._arriving is not None else replace(made, framing=None)

    def _refused(self) -> Transcript:
        """Return the transcript of a failure, which is data; raises for a refusal, in which nothing was tried."""
        status = self._head.status_code
        told = f"HTTP {status} {self._head.reason_phrase}".rstrip()
        if status >= _FAILED:
            error = {"name": told, "message": self._excerpt(), "code": str(status)}
            return Transcript((), Ending("raised", error, duration=self._now()), scope="wire")
        hint = _HINTS.get(status, "it does not take what TanStack's client posts")
        raise ShimError(f"{self._name} refuses the question: {told}; {hint}: {self._excerpt() or 'an empty body'}")

    @property
    def _head(self) -> httpx.Response:
        assert self._response is not None  # noqa: S101 - asked only behind ``begin``
        return self._response

    @property
    def _is_success(self) -> bool:
        return self._head.is_success

    def _excerpt(self) -> str:
        """Return the beginning of a body that is no chunks, on one line."""
        text = " ".join(self._opening[:_LONGEST_PAGE].decode(errors="replace").split())
        return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"

    def _now(self) -> float:
        return round((time.monotonic() - self._started) * 1000, 3)


def told(error: BaseException) -> str:
    """Return what an error says, or what the error behind it says, where it says nothing itself; never nothing."""
    behind: BaseException | None = error
    for _ in range(_MOST_BEHIND):
        if behind is None:
            break
        if said := (getattr(behind, "strerror", None) or str(behind)).strip():
            return said
        behind = behind.__cause__ or behind.__context__
    return _SILENT.get(type(error), f"the connection failed ({type(error).__name__})")


_MOST_BEHIND = 10  # errors, each the cause of the one before
_SILENT: dict[type[BaseException], str] = {
    httpx.ReadError: "the connection was lost while the answer was read",
    httpx.WriteError: "the connection was lost while the question was sent",
    httpx.ConnectError: "no connection was made",
    httpx.CloseError: "the connection was lost",
}
"""What httpx's errors mean that have no words."""

_HINTS = {
    401: "the harness has no way to log in, so let it in without",
    403: "the harness has no way to log in, so let it in without",
    404: "give the whole address of its chat route",
    405: "give the address of the route that takes a POST",
    429: "let the harness ask as often as it likes",
}
"""What to do, by status."""
