"""AWS event stream messages: their text without what frames it, and frames that are right again once it was redacted.

A message is a length, the length of its headers, the CRC-32 of these eight bytes, then headers and payload, then the
CRC-32 of all before. Any of these numbers may look like a quotation mark or a letter of a key, so blanks stand in their
place while secrets are looked for. Redaction keeps lengths, so it is the last four bytes that become wrong. A checksum
that was wrong before was sent so, and stays as it is.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass, field
from zlib import crc32

_PRELUDE = 12
_CHECKSUM = 4
_LONGEST = 32 * 1024 * 1024
_ANY = bytes(0x0A if byte == 0x0A else 0x20 for byte in range(256))
_OF_JSON = bytes(0x20 if byte in b'"\\{}[]%' else byte for byte in range(256))
"""Lengths within the headers may look so; what else stands there is text, and may hold a secret."""


@dataclass(slots=True)
class _Message:
    """One message as it came: prelude and headers, and the checksum; ``came`` bytes of it so far."""

    length: int
    head: bytearray
    head_length: int
    checksum: bytearray = field(default_factory=bytearray)
    came: int = _PRELUDE
    crc: int = 0

    @property
    def was_right(self) -> bool:
        return bytes(self.checksum) == struct.pack(">I", self.crc)

    def part(self, at: int) -> int:
        """Return where the part ends in which a place lies: the head, the payload, the checksum."""
        body = self.length - _CHECKSUM
        return self.head_length if at < self.head_length else body if at < body else self.length


class Frames:
    """Follows a body twice: as it came, and without its secrets, which may be later but never ahead.

    A body that does not begin with a message is none of these, and passes as it is; so does what stands behind a
    message that cannot be read.
    """

    def __init__(self) -> None:
        self._messages: deque[_Message] = deque()
        self._coming: _Message | None = None
        self._held = bytearray()
        self._is_lost = False
        self._gone = self._crc = 0
        self._late = bytearray()

    def text(self, data: bytes) -> bytes:
        """Take bytes as they came; return as many with blanks for what frames them, up to 11 of which wait for more."""
        out, at = bytearray(), 0
        while at < len(data) and not self._is_lost:
            message = self._coming
            if message is None:
                missing = _PRELUDE - len(self._held)
                self._held += data[at : at + missing]
                at += missing
                if len(self._held) == _PRELUDE:
                    out += self._begun()
                continue
            end = message.part(message.came)
            part = data[at : at + end - message.came]
            at += len(part)
            if end == message.length:
                message.checksum += part
                out += part.translate(_ANY)
            else:
                message.crc = crc32(part, message.crc)
                if end == message.head_length:
                    message.head += part
                    part = part.translate(_OF_JSON)
                out += part
            message.came += len(part)
            if message.came == message.length:
                self._coming = None
        return bytes(out) + data[at:]

    def text_rest(self) -> bytes:
        """Return what waited for more that does not come."""
        rest = bytes(self._held)
        self._held.clear()
        return rest

    def mended(self, said: bytes) -> bytes:
        """Return text, some of which was replaced, in its frames again; an unfinished checksum waits for its rest."""
        out, at = bytearray(), 0
        while at < len(said) and self._messages:
            message = self._messages[0]
            end = message.part(self._gone)
            part = said[at : at + end - self._gone]
            at += len(part)
            if end == message.length:
                self._late += message.checksum[len(self._late) : len(self._late) + len(part)]
                if len(self._late) == _CHECKSUM:
                    out += struct.pack(">I", self._crc) if message.was_right else self._late
                    self._late.clear()
            else:
                if end == message.head_length:
                    part = _framed(part, bytes(message.head[self._gone : self._gone + len(part)]), self._gone)
                self._crc = crc32(part, self._crc)
                out += part
            self._gone += len(part)
            if self._gone == message.length:
                self._messages.popleft()
                self._gone = self._crc = 0
        return bytes(out) + said[at:]

    def rest(self) -> bytes:
        """Return what waits for the rest of a checksum that does not come."""
        return bytes(self._late)

    def _begun(self) -> bytes:
        prelude = bytes(self._held)
        self._held.clear()
        length, of_headers, checksum = struct.unpack(">III", prelude)
        if checksum != crc32(prelude[:8]) or not _PRELUDE + _CHECKSUM + of_headers <= length <= _LONGEST:
            self._is_lost = True
            return prelude
        self._coming = _Message(length, bytearray(prelude), _PRELUDE + of_headers, crc=crc32(prelude))
        self._messages.append(self._coming)
        return prelude.translate(_ANY)


def _framed(said: bytes, came: bytes, at: int) -> bytes:
    """Return a part of the head with its own bytes where they were blank; ``at`` is where it begins in its message."""
    prelude = max(0, min(len(came), _PRELUDE - at))
    blank = came[:prelude].translate(_ANY) + came[prelude:].translate(_OF_JSON)
    if said == blank:
        return bytes(came)
    return bytes(own if one == empty else one for own, one, empty in zip(came, said, blank, strict=True))
