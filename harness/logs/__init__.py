"""Chunk logs, in any of six formats, become transcripts: bytes in pieces, no file access."""

from __future__ import annotations

from collections.abc import Iterable

from harness.errors import InputError
from harness.logs.reader import LogReader
from harness.protocol.transcript import Scope, Transcript

__all__ = ["LogReader", "read_log", "read_logs"]


def read_logs(pieces: Iterable[bytes], *, scope: Scope | None = None) -> list[Transcript]:
    """Return every transcript of one log; raises what :class:`LogReader` raises."""
    reader = LogReader(scope)
    found = [transcript for piece in pieces for transcript in reader.feed(piece)]
    return found + reader.close()


def read_log(pieces: Iterable[bytes], *, name: str = "the log", scope: Scope | None = None) -> Transcript:
    """Return the one transcript of a log; raises :class:`InputError`, with the log's name in front."""
    try:
        found = read_logs(pieces, scope=scope)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    if len(found) != 1:
        raise InputError(f"{name}: one transcript was expected, {len(found)} are in it")
    return found[0]
