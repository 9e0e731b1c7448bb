"""The checksums of AWS event stream messages, made right again where a message was redacted.

A message is a length, the length of its headers, the CRC-32 of these eight bytes, then headers and payload, then the
CRC-32 of all before. Redaction keeps lengths, so it is the last four bytes that become wrong. A checksum that was
wrong before was sent so, and stays as it is.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass
from zlib import crc32

_PRELUDE = 12
_CHECKSUM = 4
_LONGEST = 32 * 1024 * 1024


@dataclass(slots=True)
class _Message:
    length: int
    was_right: bool = False


class Checksums:
    """Follows a body twice: as it came, and without its secrets, which may be later but never ahead.

    A body that does not begin with a message is none of these, and passes as it is; so does what stands behind a
    message that cannot be read.
    """

    def __init__(self) -> None:
        self._came = _Course()
        self._goes = _Course()
        self._messages: deque[_Message] = deque()
        self._is_lost = False

    def note(self, data: bytes) -> None:
        """Take note of bytes as they came."""
        course = self._came
        while data and not self._is_lost:
            if course.left is None:
                data = course.take(data, _PRELUDE)
                if len(course.held) == _PRELUDE:
                    self._begin()
            elif course.left > _CHECKSUM:
                data = course.skip(data)
            else:
                data = course.take(data, _CHECKSUM)
                if len(course.held) == _CHECKSUM:
                    self._messages[-1].was_right = course.held == course.checksum()
                    course.restart()

    def mended(self, data: bytes) -> bytes:
        """Return bytes, some of which were replaced, with right checksums; an unfinished one waits for its rest."""
        course, out = self._goes, bytearray()
        while data and self._messages:
            if course.left is None:
                course.left = self._messages[0].length
            if course.left > _CHECKSUM:
                rest = course.skip(data)
                out += data[: len(data) - len(rest)]
                data = rest
            else:
                data = course.take(data, _CHECKSUM)
                if len(course.held) == _CHECKSUM:
                    out += course.checksum() if self._messages.popleft().was_right else course.held
                    course.restart()
        return bytes(out) + data

    def rest(self) -> bytes:
        """Return what waits for the rest of a checksum that does not come."""
        return bytes(self._goes.held)

    def _begin(self) -> None:
        length, _, checksum = struct.unpack(">III", self._came.held)
        if checksum != crc32(self._came.held[:8]) or not _PRELUDE + _CHECKSUM <= length <= _LONGEST:
            self._is_lost = True
            return
        self._messages.append(_Message(length))
        self._came.left = length
        self._came.skip(bytes(self._came.held))
        self._came.held.clear()


class _Course:
    """How far a message was followed: bytes left of it (None before its length is known), held ones, the CRC so far."""

    def __init__(self) -> None:
        self.held = bytearray()
        self.left: int | None = None
        self._crc = 0

    def take(self, data: bytes, wanted: int) -> bytes:
        """Hold bytes until there are as many as wanted; return the others."""
        missing = wanted - len(self.held)
        self.held += data[:missing]
        return data[missing:]

    def skip(self, data: bytes) -> bytes:
        """Pass over what stands before the checksum; return the others."""
        part = data[: (self.left or 0) - _CHECKSUM]
        self._crc = crc32(part, self._crc)
        self.left = (self.left or 0) - len(part)
        return data[len(part) :]

    def checksum(self) -> bytes:
        return struct.pack(">I", self._crc)

    def restart(self) -> None:
        self.held.clear()
        self.left = None
        self._crc = 0
