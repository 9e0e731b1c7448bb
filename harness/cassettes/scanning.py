"""What looks like a secret in a file, be it a cassette or not, and on which line.

A cassette is read for what it holds: a header by its name, a URI by its parameters, a body decoded from YAML's binary,
from its content-encoding and from the file beside it. What stands beside these, names and remarks, is searched as text,
and every other file as bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import yaml

from harness.cassettes.cassette import SUFFIXES
from harness.cassettes.redaction import WHOLE, Found, Redactor
from harness.cassettes.scalars import Scalar, beside_exchanges, scalars, text_of
from harness.errors import InputError
from harness.wire.compression import BrokenCompression, Compression, UnknownCompression

LONGEST_YAML = 64 * 1024 * 1024
"""The longest file in bytes that is read as a cassette; a longer one is searched as bytes."""

LONGEST_UNPACKED = 256 * 1024 * 1024
"""The most bytes that are unpacked of one body or file."""

_PIECE = 256 * 1024
_BODY = ".body"
_OF_A_CASSETTE = re.compile(rb"^(?:interactions\s*:|version\s*:\s*1\s*$)|\"interactions\"\s*:", re.MULTILINE)
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


@dataclass(frozen=True, slots=True)
class Leak:
    """What looks like a secret: in which file, on which line, in what of a cassette (empty where it is none)."""

    path: Path
    line: int
    place: str
    found: Found


class Scan:
    """Searches files, each once: the file of a body is searched with its cassette, which says how it is packed."""

    def __init__(self) -> None:
        self._redactor = Redactor()
        self._searched: set[Path] = set()

    def of(self, path: Path) -> Iterator[Leak]:
        """Yield what looks like a secret in a file, and in the files of bodies that it names.

        Raises :class:`InputError` without the file's name, after all that could be read was searched.
        """
        try:
            data = path.read_bytes() if is_cassette(path) and path.stat().st_size <= LONGEST_YAML else None
        except (OSError, ValueError) as error:  # ValueError: a name with a NUL character
            raise _unreadable(error) from None
        if data is None:
            yield from self._in_file(path)
            return
        try:
            text = text_of(data)
            values = list(scalars(text))
        except (yaml.YAMLError, ValueError) as error:
            yield from self._in_file(path)
            raise InputError(f"is not YAML: {' '.join(str(error).split())[:200]}") from None
        self._searched.add(path.resolve())
        told = set()
        for value in values:
            for leak in self._in_value(path, value):
                told.add((leak.line, leak.found.kind, leak.found.excerpt))
                yield leak
        for line, found in self._in_pieces([beside_exchanges(text, values)]):
            if (line, found.kind, found.excerpt) not in told:
                yield Leak(path, line, "", found)

    def in_bytes(self, path: Path, data: bytes) -> Iterator[Leak]:
        """Yield what looks like a secret in bytes that are called so; raises :class:`InputError`."""
        pieces = _unpacked([data], _sniffed(data))
        return (Leak(path, line, "", found) for line, found in self._in_pieces(pieces))

    def _in_value(self, path: Path, value: Scalar) -> Iterator[Leak]:
        if value.body_file is not None:
            beside = path.parent / value.body_file
            if "\0" in value.body_file or not beside.is_file():
                raise InputError(f"line {value.line}: there is no file {value.body_file[:200]!r} beside it")
            yield from self._in_file(beside, value.coding, value.place)
        elif value.header is not None:
            text = value.data.decode("utf-8", "replace")
            for found in self._redactor.found_in_header(value.header, text):
                yield Leak(path, value.line, value.place, found)
        elif value.is_uri:
            for found in self._redactor.found_in_uri(value.data.decode("utf-8", "replace")):
                yield Leak(path, value.line, value.place, found)
        else:
            coding = value.coding if _is_packed(value.data, value.coding) else _sniffed(value.data)
            for line, found in self._in_pieces(_unpacked([value.data], coding)):
                at = value.line + line if value.is_block and not coding else value.line
                yield Leak(path, at, value.place, found)

    def _in_file(self, path: Path, coding: str = "", place: str = "") -> Iterator[Leak]:
        """Yield what a file holds, searched once; ``coding`` is tried if it is given, or what the file begins with."""
        if path.resolve() in self._searched:
            return
        self._searched.add(path.resolve())
        try:
            with path.open("rb") as file:
                head = file.read(_PIECE)
                known = coding if _is_packed(head, coding) else _sniffed(head)
                file.seek(0)
                for line, found in self._in_pieces(_unpacked(iter(lambda: file.read(_PIECE), b""), known)):
                    yield Leak(path, line, place, found)
        except (OSError, ValueError) as error:
            raise _unreadable(error) from None

    def _in_pieces(self, pieces: Iterable[bytes]) -> Iterator[tuple[int, Found]]:
        """Yield what is found, with its line; what is short enough is searched as a whole."""
        head, rest = bytearray(), iter(pieces)
        for piece in rest:
            head += piece
            if len(head) > WHOLE:
                break
        else:
            for found in self._redactor.found(bytes(head)):
                yield head.count(b"\n", 0, found.start) + 1, found
            return
        finding = self._redactor.finding()
        for piece in chain((bytes(head),), rest):
            yield from ((line, found) for found, line in finding.feed(piece))
        yield from ((line, found) for found, line in finding.close())


def is_cassette(path: Path) -> bool:
    """Tell whether a file is read for its values; vcrpy writes cassettes as JSON too, which is YAML as well."""
    if path.suffix in SUFFIXES:
        return True
    if path.suffix != ".json":
        return False
    with path.open("rb") as file:
        return b'"interactions"' in file.read(_PIECE)


def is_of_a_recording(path: Path) -> bool:
    """Tell whether a file is a cassette by what stands in it, or is called as the file of a body; reads its beginning.

    A file that cannot be read is taken for one, so that whoever searches it says so.
    """
    if path.suffix == _BODY:
        return True
    if path.suffix not in (*SUFFIXES, ".json"):
        return False
    try:
        with path.open("rb") as file:
            return _OF_A_CASSETTE.search(file.read(_PIECE)) is not None
    except (OSError, ValueError):
        return True


def _sniffed(data: bytes) -> str:
    return next((coding for magic, coding in _MAGIC.items() if data.startswith(magic)), "")


def _is_packed(data: bytes, coding: str) -> bool:
    """Tell whether bytes are packed as their headers say: vcrpy can be told to unpack them, and leaves the headers."""
    try:
        return bool(data and coding) and any(Compression(coding).undone(data))
    except (BrokenCompression, UnknownCompression):
        return False


def _unpacked(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    if not coding:
        yield from pieces
        return
    compression, size = Compression(coding), 0
    try:
        for piece in pieces:
            for part in compression.undone(piece):
                size += len(part)
                if size > LONGEST_UNPACKED:
                    raise InputError(f"swells to more than {LONGEST_UNPACKED // 1024 // 1024} MiB when it is unpacked")
                yield part
    except BrokenCompression as broken:
        raise InputError(f"is damaged: what is packed as {broken} in it cannot be unpacked") from None


def _unreadable(error: Exception) -> InputError:
    return InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}")
