"""Chunks as JSON: one per line, or the elements of one array; and whole runs as JSON objects."""

from __future__ import annotations

import codecs
from dataclasses import replace
from typing import Any

from harness.errors import InputError, WireError
from harness.logs.assembly import Assembly
from harness.logs.lines import LIMIT, TOO_LONG, LineSplitter
from harness.logs.log_object import holds_run, transcript_of
from harness.protocol.json_text import FaultsOf, NotJson, decoded, decoded_parts
from harness.protocol.transcript import Scope, Transcript
from harness.protocol.transcript_file import TranscriptReader
from harness.wire.json_array import JsonArrayDecoder

_SHORT_ARRAY = 4 * 1024 * 1024


class ChunkLines:
    """One chunk per line: bytes in, one transcript out at the close; blank lines are skipped.

    In scope ``wire`` a line that is not JSON is a fault of the frame, else an :class:`InputError` that names it.
    ``made`` is where its chunks go, for whoever wants to look at them before the close.
    """

    def __init__(self, scope: Scope, made: Assembly | None = None) -> None:
        self._lines = LineSplitter()
        self._made = made or Assembly(scope, "ndjson")
        self._number = 0

    def feed(self, piece: bytes, /) -> list[Transcript]:
        """Take bytes; return nothing yet."""
        self._take(self._lines.feed(piece))
        return []

    def close(self) -> list[Transcript]:
        """Return the transcript."""
        self._take(self._lines.close())
        return [self._made.transcript()]

    def _take(self, lines: list[str | bytes]) -> None:
        made = self._made
        for number, line in enumerate(lines, self._number + 1):
            if line and not line.isspace():
                text = line if isinstance(line, str) else made.readable(number, line)
                made.add_text(number, text, "a chunk's JSON on one line")
        self._number += len(lines)


class TranscriptLines:
    """Transcripts of ours, one behind the other; ``scope`` None means the scope that each says of itself."""

    def __init__(self, scope: Scope | None) -> None:
        self._lines = LineSplitter()
        self._reader = TranscriptReader()
        self._scope = scope
        self._number = 0

    def feed(self, piece: bytes, /) -> list[Transcript]:
        """Take bytes; return the transcripts whose last line came."""
        return self._transcripts(self._lines.feed(piece))

    def close(self) -> list[Transcript]:
        """Return the last transcript; raises :class:`InputError` where it is cut."""
        return self._transcripts(self._lines.close()) + self._reader.close()

    def _transcripts(self, lines: list[str | bytes]) -> list[Transcript]:
        found = []
        for line in lines:
            self._number += 1
            found += self._reader.feed(_text(self._number, line))
        return [replace(made, scope=self._scope) for made in found] if self._scope else found


class RunLines:
    """Log objects or recordings, one per line; raises :class:`InputError` naming the line."""

    def __init__(self, scope: Scope) -> None:
        self._lines = LineSplitter()
        self._scope = scope
        self._number = 0

    def feed(self, piece: bytes, /) -> list[Transcript]:
        """Take bytes; return the transcript of each line."""
        return self._transcripts(self._lines.feed(piece))

    def close(self) -> list[Transcript]:
        """Return the transcript of a last line without an end."""
        return self._transcripts(self._lines.close())

    def _transcripts(self, lines: list[str | bytes]) -> list[Transcript]:
        found = []
        for line in lines:
            self._number += 1
            text = _text(self._number, line)
            if text and not text.isspace():
                found.append(run_of(text, self._scope, self._number))
        return found


def _text(number: int, line: str | bytes) -> str:
    if isinstance(line, bytes):
        raise InputError(f"line {number}: not UTF-8 text")
    return line


def run_of(text: str, scope: Scope, number: int | None = None) -> Transcript:
    """Return the transcript of one JSON object, a run or a single chunk; ``number`` is its line, if it has just one.

    Raises :class:`InputError` for a text that is not JSON.
    """
    place = "" if number is None else f"line {number}: "
    value, faults_of = _decoded_parts(text, place)
    if holds_run(value):
        return transcript_of(value, faults_of, scope)
    if number is not None:
        raise InputError(f'{place}this has no "chunks", unlike the log objects before it')
    made = Assembly(scope)
    made.add(value, faults_of(value))
    return made.transcript()


class Document:
    """One JSON object over many lines, read as a whole at the close; raises :class:`InputError`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes, /) -> list[Transcript]:
        """Take bytes; return nothing yet."""
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > LIMIT:
            raise InputError(f"a JSON object {TOO_LONG}; write the chunks one per line")
        return []

    def close(self) -> list[Transcript]:
        """Return the one transcript."""
        return [run_of(_decoded_utf_8(self._pieces), self._scope)]


class ChunkArray:
    """One JSON array of chunks; raises :class:`InputError`, also where the array is cut.

    A short array is read as a whole, which is ten times faster; a long one element by element, so that it is never
    held whole.
    """

    def __init__(self, scope: Scope) -> None:
        self._short: list[bytes] = []
        self._size = 0
        self._elements: JsonArrayDecoder | None = None
        self._check = codecs.getincrementaldecoder("utf-8")()
        self._made = Assembly(scope)
        self._number = 0
        self._last = b""

    def feed(self, piece: bytes, /) -> list[Transcript]:
        """Take bytes; return nothing yet."""
        self._last = piece.rstrip()[-1:] or self._last
        if self._elements is None:
            self._short.append(piece)
            self._size += len(piece)
            if self._size <= _SHORT_ARRAY:
                return []
            piece, self._short = b"".join(self._short), []
            self._elements = JsonArrayDecoder()
        self._stream(self._elements, piece)
        return []

    def close(self) -> list[Transcript]:
        """Return the transcript."""
        if self._elements is None:
            chunks, faults_of = _decoded_parts(_decoded_utf_8(self._short))
            for chunk in chunks:
                self._made.add(chunk, faults_of(chunk))
        else:
            self._stream(self._elements, b"")  # raises what the last piece held back
            if not self._elements.closed:
                raise InputError(f"the JSON array is cut behind element {self._number - 1}")
        return [self._made.transcript()]

    def _stream(self, elements: JsonArrayDecoder, piece: bytes) -> None:
        try:
            self._check.decode(piece)
            for text in elements.feed(piece):
                chunk, faults = decoded(text)
                self._made.add(chunk, faults)
                self._number += 1
        except UnicodeDecodeError:
            raise InputError(f"element {self._number} of the array, or one soon behind it, is not UTF-8 text") from None
        except NotJson as error:
            raise InputError(f"element {self._number} of the array: {error}") from None
        except WireError as error:
            raise InputError(str(error)) from None


def _decoded_utf_8(pieces: list[bytes]) -> str:
    try:
        return b"".join(pieces).decode()
    except UnicodeDecodeError as error:
        raise InputError(f"byte {error.start}: not UTF-8 text") from None


def _decoded_parts(text: str, place: str = "") -> tuple[Any, FaultsOf]:
    try:
        return decoded_parts(text)
    except NotJson as error:
        raise InputError(f"{place}{error}") from None
