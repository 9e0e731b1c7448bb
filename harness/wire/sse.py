"""Server-sent events (WHATWG HTML 9.2), however the bytes are cut.

Where the common decoders deviate and this one does not: one byte order mark at the start is dropped, lines end at CR,
LF and CRLF only (U+2028 is text), invalid UTF-8 becomes U+FFFD, an event without data is not dispatched, and an event
that no blank line ends is dropped.
"""

from __future__ import annotations

from codecs import utf_8_decode
from typing import Any, NamedTuple

from harness.errors import WireError

LIMIT = 64 * 1024 * 1024
"""The longest line, and the longest data of one event, in characters; more is a :class:`WireError`, not memory."""

_BOM = "\ufeff"


class ServerSentEvent(NamedTuple):
    """One dispatched event: the ``event:`` field or ``""``, its data lines joined, and the last id seen so far."""

    event: str
    data: str
    id: str


class SseDecoder:
    """Bytes in, dispatched events out; linear in the bytes, also for a line that comes in single bytes.

    ``retry`` is the last valid ``retry:`` field in milliseconds, or None. Raises :class:`WireError` for a line or an
    event over :data:`LIMIT`; the events before it are returned first and the next call raises.
    """

    def __init__(self) -> None:
        self.retry: int | None = None
        self._bytes = b""  # of a character that was cut
        self._line: list[str] = []  # pieces of the line that has no end yet: joined once, so joins stay linear
        self._line_size = 0
        self._at_start = True
        self._after_cr = False
        self._event = ""
        self._data: list[str] = []
        self._data_size = 0
        self._id = ""
        self._fault: WireError | None = None

    def feed(self, piece: bytes, /) -> list[ServerSentEvent]:
        """Take bytes, return the events that a blank line has ended."""
        if self._fault is not None:
            raise self._fault
        text = self._decoded(piece)
        events: list[ServerSentEvent] = []
        if "\n\n" in text and not self._data and not self._event:
            text = self._whole(text)
            if len(text) <= LIMIT and (row := _row(text, self._id)) is not None:
                events, text = row
        if end := text.rfind("\n") + 1:
            self._read_lines(self._whole(text[:end]), events)
            text = text[end:]
        if text:
            self._line.append(text)
            self._line_size += len(text)
            if self._line_size > LIMIT:
                self._fail()
        if self._fault is not None and not events:
            raise self._fault
        return events

    def close(self) -> list[ServerSentEvent]:
        """Drop an event that no blank line ended (WHATWG 9.2.6); never returns one."""
        if self._fault is not None:
            raise self._fault
        return []

    def _fail(self) -> None:
        self._line, self._data = [], []
        self._fault = WireError(f"a line or an event of server-sent events is longer than {LIMIT} characters")

    def _decoded(self, piece: bytes) -> str:
        """Return the text of a piece, with LF for every line end and without the byte order mark at the start."""
        text, used = utf_8_decode(self._bytes + piece if self._bytes else piece, "replace", False)
        self._bytes = (self._bytes + piece)[used:]
        if self._at_start and text:
            self._at_start = False
            text = text.removeprefix(_BOM)
        if self._after_cr and text:
            self._after_cr = False
            text = text.removeprefix("\n")
        if "\r" in text:
            self._after_cr = text.endswith("\r")
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text

    def _whole(self, text: str) -> str:
        """Return the line that was begun and what follows it; the next line begins empty."""
        if self._line:
            text = "".join([*self._line, text])
            self._line = []
            self._line_size = 0
        return text

    def _read_lines(self, block: str, events: list[ServerSentEvent]) -> None:
        """Interpret whole lines (WHATWG 9.2.6), adding to ``events``."""
        lines = block.split("\n")
        lines.pop()
        if (
            len(block) > LIMIT
            and (long := next((n for n, line in enumerate(lines) if len(line) > LIMIT), None)) is not None
        ):
            del lines[long:]
            self._fail()
        data = self._data
        for line in lines:
            if not line:
                if data:
                    events.append(ServerSentEvent(self._event, "\n".join(data), self._id))
                    data.clear()
                self._event = ""
                self._data_size = 0
                continue
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                data.append(value)
                self._data_size += len(value) + 1
                if self._data_size > LIMIT:
                    self._fail()
                    return
            elif field == "event":
                self._event = value
            elif field == "id":
                if "\0" not in value:
                    self._id = value
            elif field == "retry" and value.isascii() and value.isdigit() and len(value) < 20:
                self.retry = int(value)


def _row(text: str, id_: str) -> tuple[list[ServerSentEvent], str] | None:
    """Return the events of a text that is nothing but plain ones, and what is left behind the last blank line.

    Plain events have one data line each, and all of them a name or none. Where anything else stands in the text it is
    None. One split in C finds the events. That none has another line is proven by their being free of newlines, which
    is one search through them joined: a fifth of the price of counting newlines.
    """
    new: Any = tuple.__new__  # half the price of the NamedTuple's own constructor
    kind = ServerSentEvent
    if text.startswith("data: "):
        parts = text[6:].split("\n\ndata: ")
        left = _left(parts, "data: ")
        if "\n" not in "".join(parts):
            return [new(kind, ("", part, id_)) for part in parts], left
    elif text.startswith("event: "):
        parts = text[7:].split("\n\nevent: ")
        left = _left(parts, "event: ")
        named = [part.split("\ndata: ") for part in parts]
        if all(len(pair) == 2 for pair in named) and "\n" not in "".join([part for pair in named for part in pair]):
            return [new(kind, (name, data, id_)) for name, data in named], left
    return None


def _left(parts: list[str], begin: str) -> str:
    """Take what no blank line has ended from the last part, and return it as it stood in the text."""
    end = parts[-1].rfind("\n\n")
    if end < 0:
        return begin + parts.pop()
    left = parts[-1][end + 2 :]
    parts[-1] = parts[-1][:end]
    return left
