"""Chunks as server-sent events, read line by line, with every fault of the frame that a client would trip over.

Theory of operation. :class:`harness.wire.sse.SseDecoder` gives what a perfect client gets; this reader looks at the
lines themselves, because it must name what a client loses, and because a log that an editor saved without its last
blank line is still a log. What the frame must be (§3 of the protocol's facts, R39): ``data: `` and the chunk's JSON on
one line, then a blank line; ``data: [DONE]`` last and nothing behind it. TanStack's own client reads line by line and
takes what stands behind ``data: `` with that one space; an ``EventSource`` hands a named event to nobody; so both
matter. Comments, ``id:`` and ``retry:`` lose nothing. TanStack's server writes no ``[DONE]`` behind an ``error``, and
nor must anybody else.
"""

from __future__ import annotations

from harness.logs.assembly import Assembly
from harness.logs.lines import LineSplitter
from harness.protocol.json_text import NotJson, decoded
from harness.protocol.transcript import Scope, Transcript

_DONE = "[DONE]"
_CHUNK = "data: and a chunk's JSON on one line"
_END = "the end of the stream"


class SseLog:
    """Bytes of SSE text in, one transcript out at the close; raises :class:`harness.errors.InputError`.

    ``made`` is where its chunks go, for whoever wants to look at them before the close.
    """

    def __init__(self, scope: Scope, made: Assembly | None = None) -> None:
        self._lines = LineSplitter()
        self._made = made or Assembly(scope, "sse")
        self._judged = scope == "wire"
        self._number = 0
        self._data: list[tuple[int, str]] = []  # the data lines of the event that no blank line has ended
        self._done = False

    def feed(self, piece: bytes, /) -> list[Transcript]:
        """Take bytes; return nothing yet."""
        for line in self._lines.feed(piece):
            self._take(line)
        return []

    def close(self) -> list[Transcript]:
        """Return the transcript; an event that no blank line ended is a chunk, if its JSON is whole, and a fault."""
        for line in self._lines.close():
            self._take(line)
        made = self._made
        if self._data:
            made.add_fault(self._number, "a blank line behind the last event", _END)
            self._dispatch(cut=True)
        if not self._done and made.lacks_end_mark():
            made.add_fault(self._number, f"data: {_DONE} last", _END)
        return [made.transcript()]

    def _take(self, line: str | bytes) -> None:
        self._number += 1
        text = line if isinstance(line, str) else self._made.readable(self._number, line)
        if "\r" in text:
            text = text.removesuffix("\r")
            if "\r" in text:
                self._made.add_fault(self._number, "lines that end in a line feed", text)
        for part in text.split("\r"):
            self._interpret(part)

    def _interpret(self, line: str) -> None:
        """Take one line as WHATWG 9.2.6 does, noting what costs a client something."""
        if not line:
            self._dispatch()
            return
        field, _, value = line.partition(":")
        if not field:
            return  # a comment, such as a heartbeat
        if self._done:
            self._made.add_fault(self._number, f"nothing behind data: {_DONE}", line)
        elif field == "data":
            if not value.startswith(" "):
                self._made.add_fault(self._number, "data: with one space behind the colon", line)
            if len(self._data) == 1:
                self._made.add_fault(self._number, f"a blank line behind line {self._data[0][0]}", line)
            self._data.append((self._number, value.removeprefix(" ")))
        elif not (field in {"id", "retry"} or (field == "event" and value.strip() == "message")):
            self._made.add_fault(self._number, _CHUNK, line)

    def _dispatch(self, *, cut: bool = False) -> None:
        """Take the data of one event: one chunk, or where its JSON is spread over lines one all the same."""
        data, self._data = self._data, []
        if len(data) > 1:
            joined = "\n".join(text for _, text in data)
            if _is_json(joined):
                data = [(data[0][0], joined)]
        for number, text in data:
            if text == _DONE:
                self._done = True
            elif self._counts(text, cut=cut):
                self._made.add_text(number, text, _CHUNK)

    def _counts(self, text: str, *, cut: bool) -> bool:
        """Tell whether a text is a chunk, or a fault of its own: an empty one loses nothing, a cut one was named."""
        if not self._judged:
            return bool(text.strip())
        return not cut or _is_json(text)


def _is_json(text: str) -> bool:
    try:
        decoded(text)
    except NotJson:
        return False
    return True
