"""Bytes → messages: a provider's frame is found by its first bytes, then each message's JSON is parsed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from harness.errors import WireError
from harness.providers.exact_text import parsed_json
from harness.providers.failures import Malformed, malformed
from harness.providers.fields import text_in
from harness.providers.message import Mark, Message
from harness.stage import Stage, drained
from harness.wire.aws_event_stream import (
    EventStreamDecoder,
    EventStreamMessage,
    begins_event_stream,
    event_stream_ends,
)
from harness.wire.json_array import JsonArrayDecoder
from harness.wire.ndjson import LIMIT, NdjsonDecoder
from harness.wire.sse import SseDecoder

_BOM = b"\xef\xbb\xbf"
_BLANK_LINE = re.compile(r"\r\n\r\n|\n\n|\r\r")
_INK = re.compile(rb"[^ \t\r\n]")
_CAPITAL = re.compile("[A-Z]")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # or the beginning of one, at the end


class Framing:
    """Bytes cut anywhere in, messages out; never raises.

    The first byte that is not white space decides: ``[`` begins a JSON array whose elements are the messages, ``{`` is
    one JSON value per line or one JSON object over several lines (an HTTP error body), a NUL or what else cannot begin
    a text is an AWS event stream, all else is server-sent events (and a JSON error that stands bare among them is a
    last message).
    What cannot be read becomes a last message whose data is :class:`Malformed`; nothing follows it. A message that the
    end of the bytes cuts is dropped.
    """

    def __init__(self) -> None:
        self._head: list[bytes] = []
        self._frame: Stage[bytes, Message] | None = None
        self._failed = False

    def feed(self, piece: bytes, /) -> list[Message]:
        """Take bytes, return the messages that are complete."""
        if self._frame is None:
            self._head.append(piece)
            if not _INK.search(piece):
                return []
            piece = b"".join(self._head)
            ink = _INK.search(piece.removeprefix(_BOM))
            is_binary = None if ink is None or _BOM.startswith(piece) else _is_event_stream(piece, ink[0])
            if ink is None or is_binary is None:
                self._head = [piece]
                return []
            self._frame = _EventStreamFrame() if is_binary else _FRAMES.get(ink[0], _SseFrame)()
            self._head = []
        return self._guarded(self._frame.feed, piece)

    def close(self) -> list[Message]:
        """Return what only the end completes: a last line, or the one object."""
        return [] if self._frame is None else self._guarded(self._frame.close)

    def _guarded(self, step: Callable[..., list[Message]], *piece: bytes) -> list[Message]:
        """Stop at the first thing that cannot be read."""
        if self._failed:
            return []
        try:
            messages = step(*piece)
        except WireError as error:
            messages = [Message("", Malformed(f"the provider's bytes cannot be framed: {error}", "INVALID_FRAMING"))]
        for number, message in enumerate(messages):
            if isinstance(message.data, Malformed):
                self._failed = True
                return messages[: number + 1]
        return messages


def unreadable(body: bytes) -> Malformed | None:
    """Return what is wrong with the first thing in a body that cannot be read, or None where all can be."""
    for message in drained(Framing(), body):
        if isinstance(message.data, Malformed):
            return message.data
    return None


def cuts_of(body: bytes) -> Iterable[int] | None:
    """Return where the messages of a body end, if it is an AWS event stream, else None: then its lines tell."""
    return event_stream_ends(body) if begins_event_stream(body) else None


def _is_event_stream(head: bytes, ink: bytes) -> bool | None:
    """Tell by the first bytes, of which ``ink`` is the first that is no white space; None where they are too few."""
    return False if ink in _FRAMES else ink <= b"\x01" or begins_event_stream(head)


class _EventStreamFrame:
    """Messages of an AWS event stream: ``:event-type`` is their name, and their payload is JSON unless it says not.

    An exception is a message ``error``, whose ``code`` is the exception's name: ``:exception-type`` where the service's
    model has it, else ``:error-code``, and then ``:error-message`` is what it says. One that says nothing is told by
    its name in words.
    """

    def __init__(self) -> None:
        self._decoder = EventStreamDecoder()

    def feed(self, piece: bytes, /) -> list[Message]:
        return [_unwrapped(message) for message in self._decoder.feed(piece)]

    def close(self) -> list[Message]:
        self._decoder.close()
        return []


def _unwrapped(message: EventStreamMessage) -> Message:
    kind = message.text(":message-type")
    text = message.payload.decode("utf-8", "replace")
    if kind == "error":
        code = message.text(":error-code")
        return Message("error", {"code": code, "message": message.text(":error-message") or _in_words(code)})
    if kind != "exception":
        name, is_json = message.text(":event-type"), "json" in (message.text(":content-type") or "json")
        return _message(name, text or "{}") if is_json else Message(name, text)
    said = _message("", text).data
    code = message.text(":exception-type")
    error = said if isinstance(said, dict) else {"message": text}
    if not error.get("message"):
        error = error | {"message": text_in(error, "Message") or _in_words(code)}
    return Message("error", error | ({"code": code} if code else {}))


def _in_words(name: str) -> str:
    """Return the name of an exception as words: ``throttlingException`` is a throttling exception."""
    return _CAPITAL.sub(lambda letter: " " + letter[0].lower(), name).strip() or "an exception without a name"


class _SseFrame:
    def __init__(self) -> None:
        self._sse = SseDecoder()
        self._stray = _Stray()

    def feed(self, piece: bytes, /) -> list[Message]:
        self._stray.feed(piece)
        events = self._sse.feed(piece)
        return [_message(event.event, event.data) for event in events if event.data and not event.data.isspace()]

    def close(self) -> list[Message]:
        self._sse.close()
        return self._stray.close()


class _Stray:
    """The first line of a stream that begins with ``{``, and what follows it up to a blank line.

    To server-sent events such lines say nothing, but Google breaks a stream off with a bare JSON error.
    """

    _MOST = 64 * 1024

    def __init__(self) -> None:
        self._is_line_start = False
        self._kept = bytearray()

    def feed(self, piece: bytes, /) -> None:
        if self._kept:
            self._kept += piece[: self._MOST - len(self._kept)]
            return
        starts = [place + 1 for end in (b"\n{", b"\r{") if (place := piece.find(end)) >= 0]
        if self._is_line_start and piece.startswith(b"{"):
            starts.append(0)
        if starts:
            start = min(starts)
            self._kept += piece[start : start + self._MOST]
        self._is_line_start = piece.endswith((b"\n", b"\r")) or (self._is_line_start and not piece)

    def close(self) -> list[Message]:
        """Return the error that was found, if one was; anything else stays unsaid."""
        text = _BLANK_LINE.split(self._kept.decode("utf-8", "replace"), maxsplit=1)[0]
        message = _message("", text)
        return [message] if isinstance(message.data, dict) and message.data.get("error") else []


class _ArrayFrame:
    def __init__(self) -> None:
        self._array = JsonArrayDecoder()

    def feed(self, piece: bytes, /) -> list[Message]:
        return [_message("", element) for element in self._array.feed(piece)]

    def close(self) -> list[Message]:
        self._array.close()
        return []


class _LineFrame:
    """JSON lines, until the first line shows that it is only the beginning of a value."""

    def __init__(self) -> None:
        self._lines = NdjsonDecoder()
        self._begun = False
        self._value: list[str] = []
        self._size = 0

    def feed(self, piece: bytes, /) -> list[Message]:
        messages = []
        for line in self._lines.feed(piece):
            message = self._line(line)
            if message is not None:
                messages.append(message)
        return messages

    def close(self) -> list[Message]:
        """The last line has no end: it counts if it is whole, and is dropped if it was cut."""
        messages = []
        for line in self._lines.close():
            message = self._line(line)
            if message is not None and not (isinstance(message.data, Malformed) and _is_cut(line)):
                messages.append(message)
        value = "\n".join(self._value)
        if value and not _is_cut(value):
            messages.append(_message("", value))
        elif len(self._value) > 1 and isinstance(_message("", self._value[1]).data, dict):
            messages.append(_message("", self._value[0]))  # JSON lines after all, and the first of them is broken
        return messages

    def _line(self, line: str) -> Message | None:
        if not self._value:
            message = _message("", line)
            if self._begun or not isinstance(message.data, Malformed):
                self._begun = True
                return message
        self._value.append(line)
        self._size += len(line)
        if self._size > LIMIT:
            raise WireError(f"a JSON object is longer than {LIMIT} characters")
        return None


_FRAMES: Mapping[bytes, Callable[[], Stage[bytes, Message]]] = {b"[": _ArrayFrame, b"{": _LineFrame}


def _is_cut(text: str) -> bool:
    """Tell whether an object's text has a bracket still open at its end."""
    rest = _STRING.sub("", text)
    return rest.count("{") + rest.count("[") > rest.count("}") + rest.count("]")


def _message(name: str, text: str) -> Message:
    if text == Mark.DONE.value:
        return Message(name, Mark.DONE)
    try:
        return Message(name, parsed_json(text))
    except ValueError as error:
        return Message(name, malformed(text, error))
