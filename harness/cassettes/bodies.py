"""Bodies that are not held in memory: one that lies in a file, and one that still grows."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from hashlib import sha256
from io import FileIO
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock

from harness.cassettes.interaction import Body
from harness.errors import InputError

LONGEST_INLINE = 8 * 1024 * 1024
"""The longest body in bytes that stands in its YAML, or in memory while it grows; a longer one has a file."""

LONGEST = 256 * 1024 * 1024
"""The longest body in bytes that a cassette has; no answer of a model comes near."""

_RANGE = 1024 * 1024  # bytes that are read at once


class FileBody:
    """A body in a file of its own, read range by range and never whole.

    The file is opened when something is read, and closed with the last reference to this body. ``sha256`` is what the
    cassette says of it in hexadecimal digits, which nobody checks but ``streamchunk cassette verify``.
    """

    def __init__(self, path: Path, length: int, sha256: str) -> None:
        self.path = path
        self.sha256 = sha256
        self._length = length
        self._file: FileIO | None = None
        self._lock = Lock()  # a place in the file is sought, then read: two readers must not mix these

    @property
    def length(self) -> int:
        """How many bytes there are."""
        return self._length

    def read(self, start: int, stop: int) -> bytes:
        """Return a range of them; raises :class:`InputError` where the file cannot be read, or ends before."""
        start, stop, _ = slice(start, stop).indices(self._length)
        try:
            with self._lock:
                if self._file is None:
                    self._file = FileIO(self.path)
                    weakref.finalize(self, self._file.close)
                self._file.seek(start)
                found = self._file.read(max(0, stop - start))
                while len(found) < stop - start and (more := self._file.read(stop - start - len(found))):
                    found += more  # a file system over a network may give less than was asked for
        except OSError as error:
            raise InputError(f"{self.path}: cannot be read: {error.strerror}") from error
        if len(found) < stop - start:
            raise InputError(f"{self.path}: ends at byte {start + len(found)}, and {self._length} were expected")
        return found


class GrowingBody:
    """A body to which bytes are added: in memory while it is short, then in a file without a name in ``folder``.

    Close it when it was written down; a second close does nothing.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._memory = bytearray()
        self._file: FileIO | None = None
        self._length = 0

    @property
    def length(self) -> int:
        """How many bytes there are now."""
        return self._length

    def append(self, data: bytes) -> None:
        """Add bytes; raises :class:`InputError` where none of them is added.

        That is where the body becomes longer than 256 MiB, and where the disk takes no more, whose folder is named.
        """
        if self._length + len(data) > LONGEST:
            raise InputError(f"the body is longer than {LONGEST // 1024 // 1024} MiB, the most that a cassette has")
        if self._file is None and self._length + len(data) <= LONGEST_INLINE:
            self._memory += data
        else:
            try:
                self._file = self._file or self._moved()
                _put(self._file, self._length, data)
            except OSError as error:
                where = self._folder or "the folder for temporary files"
                raise InputError(f"{where}: the recorded body cannot be written: {error.strerror}") from error
        self._length += len(data)

    def read(self, start: int, stop: int) -> bytes:
        """Return a range of them; raises :class:`InputError` where the disk fails."""
        start, stop, _ = slice(start, stop).indices(self._length)
        if self._file is None:
            return bytes(self._memory[start:stop])
        try:
            self._file.seek(start)
            return self._file.read(max(0, stop - start))
        except OSError as error:
            raise InputError(f"the recorded body cannot be read: {error.strerror}") from error

    def close(self) -> None:
        """Forget the bytes."""
        self._memory.clear()
        if self._file is not None:
            self._file.close()

    def _moved(self) -> FileIO:
        """Return a file that holds what the memory held, which is kept where that fails."""
        file = TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 - it lives as long as we do
        try:
            _put(file, 0, self._memory)
        except OSError:
            file.close()
            raise
        weakref.finalize(self, file.close)
        self._memory.clear()
        return file


def _put(file: FileIO, place: int, data: bytes | bytearray) -> None:
    """Write all of some bytes: a disk that is nearly full takes a part of them, and refuses the rest."""
    file.seek(place)
    with memoryview(data) as left:
        start = 0
        while start < len(left):
            start += file.write(left[start:])


def ranges(body: Body, first: int = 0, last: int | None = None) -> Iterator[bytes]:
    """Yield a body's bytes from ``first`` up to ``last``, or to its end, at most 1 MiB at once."""
    end = body.length if last is None else last
    for start in range(first, end, _RANGE):
        yield body.read(start, min(start + _RANGE, end))


def digest(body: Body) -> str:
    """Return the SHA-256 of a body's bytes in hexadecimal digits."""
    found = sha256()
    for piece in ranges(body):
        found.update(piece)
    return found.hexdigest()
