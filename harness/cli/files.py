"""The files that a user names: opened, unpacked and cut into pieces; every failure is an :class:`InputError`."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from gzip import BadGzipFile, GzipFile
from io import BufferedReader
from pathlib import Path
from typing import Protocol, cast

from harness.errors import InputError

PIECE = 256 * 1024
"""Larger pieces are slower: freshly mapped memory costs more than the system calls that it saves."""

MOST = 256 * 1024 * 1024
"""The longest file that is held whole, in bytes."""

STDIN = "-"
_GZIP = b"\x1f\x8b"


class Readable(Protocol):
    """What is asked of an open file."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        ...


def title(name: str) -> str:
    """Return how a file is called in reports."""
    return "(standard input)" if name == STDIN else name


def pieces(name: str, advance: Callable[[int], None] | None = None) -> Iterator[bytes]:
    """Yield the bytes of a file, or of standard input for ``-``, unpacked where they are gzip.

    ``advance`` is told how many bytes of the file each piece took. Raises :class:`InputError` without the file's name.
    """
    try:
        if name == STDIN and sys.stdin is None:
            raise InputError("standard input is closed")
        if name == STDIN:
            yield from _pieces(cast("BufferedReader", sys.stdin.buffer), advance)
        else:
            with Path(name).open("rb") as file:
                yield from _pieces(file, advance)
    except FileNotFoundError:
        raise InputError("there is no such file") from None
    except IsADirectoryError:
        raise InputError("this is a folder; name the files in it") from None
    except PermissionError:
        raise InputError("this file may not be read: permission denied") from None
    except EOFError:
        raise InputError("the gzip file is cut: its end is missing") from None
    except (zlib.error, BadGzipFile) as error:
        raise InputError(f"the gzip file is damaged: {error}") from None
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL character
        raise InputError(f"this file cannot be read: {error}") from None


def whole(name: str) -> bytes:
    """Return all bytes of a file; raises :class:`InputError`, also for one that is longer than :data:`MOST`."""
    found: list[bytes] = []
    size = 0
    for piece in pieces(name):
        found.append(piece)
        size += len(piece)
        if size > MOST:
            raise InputError(f"longer than {MOST // 1024 // 1024} MB, which is the most that is read as a whole")
    return b"".join(found)


def _pieces(file: BufferedReader, advance: Callable[[int], None] | None) -> Iterator[bytes]:
    packed = file.peek(2).startswith(_GZIP)
    stream: Readable = GzipFile(fileobj=file) if packed else file
    told = 0
    while piece := stream.read(PIECE):
        if advance:
            read = file.tell() if packed else told + len(piece)
            advance(read - told)
            told = read
        yield piece
