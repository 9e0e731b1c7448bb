"""AWS event stream messages (Smithy's ``application/vnd.amazon.eventstream``), read and written.

A message is binary, its numbers big-endian::

    prelude   4 bytes length of the whole message, 4 bytes length of the headers, 4 bytes CRC-32 of these eight
    headers   each: 1 byte length of the name, the name in UTF-8, 1 byte type, the value
    payload   any bytes
    4 bytes   CRC-32 of everything before

The checksums are those of RFC 1952, so one flipped bit anywhere is noticed. The limits are those that AWS's own
libraries hold.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple, TypeAlias
from zlib import crc32

from harness.errors import WireError

MOST_HEADERS = 128 * 1024
"""The most bytes that the headers of one message may take."""

MOST_PAYLOAD = 24 * 1024 * 1024
"""The most bytes of a payload."""

MOST_VALUE = 32 * 1024 - 1
"""The most bytes of a header's text or bytes."""

_PRELUDE = 12
_CHECKSUM = 4
_LEAST = _PRELUDE + _CHECKSUM
_LONGEST_NAME = 255


class Kind(Enum):
    """What type a header's value has; truth takes two codes, one for each value."""

    BOOLEAN = 0
    BYTE = 2
    SHORT = 3
    INTEGER = 4
    LONG = 5
    BYTES = 6
    TEXT = 7
    TIMESTAMP = 8
    UUID = 9


HeaderValue: TypeAlias = bool | int | bytes | str


class Header(NamedTuple):
    """A header's value: bool, int, bytes or text; a timestamp is milliseconds since 1970, a UUID its 16 bytes."""

    kind: Kind
    value: HeaderValue


def text_header(text: str) -> Header:
    """Return a header whose value is text, as nearly all are."""
    return Header(Kind.TEXT, text)


class EventStreamMessage(NamedTuple):
    """One message: its headers by name, in order, and its payload."""

    headers: Mapping[str, Header]
    payload: bytes = b""

    def text(self, name: str) -> str:
        """Return the text of a header, ``""`` where it is missing or no text."""
        header = self.headers.get(name)
        return header.value if header is not None and isinstance(header.value, str) else ""


_NUMBERS: Mapping[Kind, struct.Struct] = {
    Kind.BYTE: struct.Struct(">b"),
    Kind.SHORT: struct.Struct(">h"),
    Kind.INTEGER: struct.Struct(">i"),
    Kind.LONG: struct.Struct(">q"),
    Kind.TIMESTAMP: struct.Struct(">q"),
}
_TWO_LENGTHS = struct.Struct(">II")
_CRC = struct.Struct(">I")
_LENGTH = struct.Struct(">H")
_TRUE, _FALSE = 0, 1
_UUID_SIZE = 16


class EventStreamDecoder:
    """Bytes cut anywhere in, whole messages out; linear in the bytes.

    A message that the stream cuts is dropped. Raises :class:`WireError` with the offset of what is damaged: a checksum
    that is not that of its bytes, a length beyond the limits, a header that is none. The messages before it are
    returned first and the next call raises.
    """

    def __init__(self) -> None:
        self._kept = bytearray()
        self._length = 0  # of the message that is begun; 0 while its prelude is not whole
        self._offset = 0  # of the first byte that is kept
        self._fault: WireError | None = None

    def feed(self, piece: bytes, /) -> list[EventStreamMessage]:
        """Take bytes, return the messages that are whole."""
        if self._fault is not None:
            raise self._fault
        self._kept += piece
        messages: list[EventStreamMessage] = []
        try:
            while (frame := self._next_frame()) is not None:
                messages.append(_message(frame, self._offset - len(frame)))
        except WireError as fault:
            self._fault = fault
            self._kept.clear()
            if not messages:
                raise
        return messages

    def close(self) -> list[EventStreamMessage]:
        """Drop a message that was cut; never returns one."""
        if self._fault is not None:
            raise self._fault
        return []

    def _next_frame(self) -> bytes | None:
        """Take the bytes of a whole message off what is kept, where there is one."""
        if not self._length and len(self._kept) >= _PRELUDE:
            self._length = _checked_length(bytes(self._kept[:_PRELUDE]), self._offset)
        if not self._length or len(self._kept) < self._length:
            return None
        frame = bytes(self._kept[: self._length])
        del self._kept[: self._length]
        self._offset += self._length
        self._length = 0
        return frame


def event_stream_bytes(message: EventStreamMessage) -> bytes:
    """Return a message as bytes; raises :class:`WireError` for what the format has no room for."""
    headers = b"".join(_header_bytes(name, header) for name, header in message.headers.items())
    _check_limits(len(headers), len(message.payload), None)
    lengths = _TWO_LENGTHS.pack(_LEAST + len(headers) + len(message.payload), len(headers))
    frame = lengths + _CRC.pack(crc32(lengths)) + headers + message.payload
    return frame + _CRC.pack(crc32(frame))


def begins_event_stream(head: bytes) -> bool | None:
    """Tell whether the first bytes of a body are those of an event stream and not text; None where they are too few.

    Both lengths of a prelude begin with 0 or 1, which text never does. Where one flipped bit has damaged the first of
    these bytes the second tells, so that the damage is found and not taken for text.
    """
    if head[:1] <= b"\x01":
        return True if head else None
    if head[0].bit_count() > 1:
        return False
    return head[_TWO_LENGTHS.size // 2] <= 1 if len(head) > _TWO_LENGTHS.size // 2 else None


def event_stream_ends(body: bytes) -> Iterator[int]:
    """Yield where each message of a body ends, going by their lengths alone; stops before what has none that can be."""
    end = 0
    while end + _PRELUDE <= len(body):
        length, _ = _TWO_LENGTHS.unpack_from(body, end)
        end += length
        if length < _LEAST or end > len(body):
            return
        yield end


def _checked_length(prelude: bytes, offset: int) -> int:
    """Return the length of the message that a prelude begins."""
    length, of_headers = _TWO_LENGTHS.unpack_from(prelude)
    if crc32(prelude[: _TWO_LENGTHS.size]) != _CRC.unpack_from(prelude, _TWO_LENGTHS.size)[0]:
        raise WireError("the checksum of an event stream's lengths is wrong", offset)
    if length < _LEAST + of_headers:
        raise WireError(f"a message of {length} bytes cannot hold {of_headers} bytes of headers", offset)
    _check_limits(of_headers, length - of_headers - _LEAST, offset)
    return int(length)


def _check_limits(headers: int, payload: int, offset: int | None) -> None:
    if headers > MOST_HEADERS:
        raise WireError(f"the headers of a message are longer than {MOST_HEADERS} bytes", offset)
    if payload > MOST_PAYLOAD:
        raise WireError(f"the payload of a message is longer than {MOST_PAYLOAD} bytes", offset)


def _message(frame: bytes, offset: int) -> EventStreamMessage:
    end = len(frame) - _CHECKSUM
    if crc32(frame[:end]) != _CRC.unpack_from(frame, end)[0]:
        raise WireError("the checksum of an event stream's message is wrong", offset)
    _, of_headers = _TWO_LENGTHS.unpack_from(frame)
    payload = _PRELUDE + of_headers
    headers = _Headers(frame[_PRELUDE:payload], offset + _PRELUDE).read()
    return EventStreamMessage(headers, frame[payload:end])


class _Headers:
    """The headers of one message, and how far they were read."""

    def __init__(self, block: bytes, offset: int) -> None:
        self._block = block
        self._offset = offset
        self._at = 0

    def read(self) -> dict[str, Header]:
        headers: dict[str, Header] = {}
        while (start := self._at) < len(self._block):
            name = self._text(self._take(1)[0])
            if not name or name in headers:
                raise self._wrong("a header comes twice" if name else "a header has no name", start)
            headers[name] = self._value()
        return headers

    def _value(self) -> Header:
        start = self._at
        code = self._take(1)[0]
        if code in (_TRUE, _FALSE):
            return Header(Kind.BOOLEAN, code == _TRUE)
        try:
            kind = Kind(code)
        except ValueError:
            raise self._wrong(f"a header has the type {code}, which there is not", start) from None
        if kind in _NUMBERS:
            number: int
            (number,) = _NUMBERS[kind].unpack(self._take(_NUMBERS[kind].size))
            return Header(kind, number)
        if kind is Kind.UUID:
            return Header(kind, self._take(_UUID_SIZE))
        (length,) = _LENGTH.unpack(self._take(_LENGTH.size))
        if length > MOST_VALUE:
            raise self._wrong(f"the value of a header is longer than {MOST_VALUE} bytes", start)
        return Header(kind, self._text(length) if kind is Kind.TEXT else self._take(length))

    def _text(self, length: int) -> str:
        start = self._at
        try:
            return self._take(length).decode()
        except UnicodeDecodeError:
            raise self._wrong("a header holds text that is not UTF-8", start) from None

    def _take(self, length: int) -> bytes:
        taken = self._block[self._at : self._at + length]
        if len(taken) < length:
            raise self._wrong("a header is longer than the headers", self._at)
        self._at += length
        return taken

    def _wrong(self, what: str, at: int) -> WireError:
        return WireError(f"{what}, in an event stream", self._offset + at)


def _header_bytes(name: str, header: Header) -> bytes:
    named = _utf8(name, name)
    if not 0 < len(named) <= _LONGEST_NAME:
        raise WireError(f"the name of a header takes 1 to {_LONGEST_NAME} bytes, and {name[:80]!r} does not")
    return bytes((len(named),)) + named + _value_bytes(name, header)


def _value_bytes(name: str, header: Header) -> bytes:
    kind, value = header
    code = bytes((kind.value,))
    match kind, value:
        case Kind.BOOLEAN, bool():
            return bytes((_TRUE if value else _FALSE,))
        case Kind.TEXT, str():
            return code + _sized(name, _utf8(name, value))
        case Kind.BYTES, bytes():
            return code + _sized(name, value)
        case Kind.UUID, bytes() if len(value) == _UUID_SIZE:
            return code + value
        case _ if kind in _NUMBERS and isinstance(value, int) and not isinstance(value, bool):
            try:
                return code + _NUMBERS[kind].pack(value)
            except struct.error:
                pass
    raise WireError(f"the header {name[:80]!r} holds what its type {kind.name} cannot")


def _utf8(name: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise WireError(f"the header {name[:80]!r} holds half a character, which UTF-8 has no bytes for") from None


def _sized(name: str, value: bytes) -> bytes:
    if len(value) > MOST_VALUE:
        raise WireError(f"the value of the header {name[:80]!r} is longer than {MOST_VALUE} bytes")
    return _LENGTH.pack(len(value)) + value
