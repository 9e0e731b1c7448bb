"""Server-sent events (WHATWG HTML 9.2), however the bytes are cut.

Where the common decoders deviate and this one does not: one byte order mark at the start is dropped, lines end at CR,
LF and CRLF only (U+2028 is text), invalid UTF-8 becomes U+FFFD, an event without data is not dispatched, and an event
that no blank line ends is dropped.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from harness.errors import WireError

LIMIT = 64 * 1024 * 1024
"""The longest line, and the longest data of one event, in bytes; more is a :class:`WireError`, not memory."""

_BOM = b"\xef\xbb\xbf"


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
        self._line: list[bytes] = []  # pieces of the line that has no end yet: joined once, so joins stay linear
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
        if self._after_cr and piece:
            self._after_cr = False
            piece = piece.removeprefix(b"\n")
        if b"\r" in piece:
            self._after_cr = piece.endswith(b"\r")
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        events: list[ServerSentEvent] = []
        if not self._data and not self._event and (end := piece.rfind(b"\n\n")) >= 0:
            block = self._joined(piece[:end])
            if (plain := self._plain(block)) is not None:
                events, piece = plain, piece[end + 2 :]
            else:
                piece = block + piece[end:]
        if end := piece.rfind(b"\n") + 1:
            self._read_lines(self._joined(piece[:end]), events)
            piece = piece[end:]
        if piece:
            self._line.append(piece)
            self._line_size += len(piece)
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
        self._fault = WireError(f"a line or an event of server-sent events is longer than {LIMIT} bytes")

    def _joined(self, end: bytes) -> bytes:
        """Return the line that was begun and what follows it; the next line begins empty."""
        line = self._line
        if line:
            line.append(end)
            end = b"".join(line)
            self._line = []
            self._line_size = 0
        if self._at_start:
            self._at_start = False
            end = end.removeprefix(_BOM)
        return end

    def _plain(self, block: bytes) -> list[ServerSentEvent] | None:
        """Read what is nothing but events of one data line, each named or none, or return None.

        One split in C finds the events. That none of them has another line is proven by their being free of newlines,
        which is one search through them joined: a fifth of the price of counting newlines.
        """
        if len(block) > LIMIT:
            return None
        new: Any = tuple.__new__  # half the price of the NamedTuple's own constructor
        kind, id_ = ServerSentEvent, self._id
        text = block.decode("utf-8", "replace")
        if text.startswith("data: "):
            parts = text.split("\n\ndata: ")
            parts[0] = parts[0][6:]
            if "\n" not in "".join(parts):
                return [new(kind, ("", part, id_)) for part in parts]
        elif text.startswith("event: "):
            parts = text.split("\n\nevent: ")
            parts[0] = parts[0][7:]
            named = [part.split("\ndata: ") for part in parts]
            if all(len(pair) == 2 for pair in named) and "\n" not in "".join([part for pair in named for part in pair]):
                return [new(kind, (name, data, id_)) for name, data in named]
        return None

    def _read_lines(self, block: bytes, events: list[ServerSentEvent]) -> None:
        """Interpret whole lines (WHATWG 9.2.6), adding to ``events``."""
        if len(block) > LIMIT:
            raw = block.split(b"\n")
            long = next((number for number, line in enumerate(raw) if len(line) > LIMIT), None)
            if long is not None:
                block = b"\n".join([*raw[:long], b""])
                self._fail()
        lines = block.decode("utf-8", "replace").split("\n")
        lines.pop()
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
