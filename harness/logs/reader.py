"""A chunk log in any of its formats becomes transcripts; which format it is, its first bytes say.

    data: …  event: …  : …     server-sent events
    [                          a JSON array of chunks
    {"$transcript": 1, …       a transcript of ours, and perhaps more behind it
    {… "chunks": […] …}        a log object, or TanStack's ChunkRecording: one over many lines, or one per line
    anything else              one chunk per line (NDJSON)

Scope ``wire`` judges the bytes of a stream, so there a log is server-sent events or NDJSON. Nothing is read at once but
a line, an element of an array, or a JSON object over many lines: each may be 64 MB long.
"""

from __future__ import annotations

import re

from harness.errors import InputError
from harness.logs.json_logs import ChunkArray, ChunkLines, Document, RunLines, TranscriptLines
from harness.logs.lines import BOM, LIMIT, TOO_LONG
from harness.logs.log_object import holds_run
from harness.logs.sse_log import SseLog
from harness.protocol.json_text import NotJson, decoded
from harness.protocol.transcript import Scope, Transcript
from harness.protocol.transcript_file import HEADER
from harness.stage import Stage

_SSE = re.compile(rb"(data|event|id|retry)?:")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SPACE = b" \t\r\n"


class LogReader:
    """Bytes of one log in, its transcripts out; the chunks are the same however the bytes are cut.

    ``scope`` None means what a transcript of ours says of itself, and ``adapter`` for every other log. Raises
    :class:`InputError` for what cannot be read, naming the line; never anything else.
    """

    def __init__(self, scope: Scope | None = None) -> None:
        self._scope = scope
        self._head: list[bytes] = []  # what came before the format was known
        self._size = 0
        self._inked = False
        self._format: Stage[bytes, Transcript] | None = None

    def feed(self, piece: bytes, /) -> list[Transcript]:
        """Take bytes; return the transcripts that are complete."""
        if self._format is not None:
            return self._format.feed(piece)
        self._head.append(piece)
        self._size += len(piece)
        if self._size > LIMIT:
            raise InputError(f"its first line is {TOO_LONG}; write the chunks one per line")
        first = not self._inked and bool(piece.strip(_SPACE + BOM))
        self._inked |= first
        return self._begun() if self._inked and (first or b"\n" in piece) else []

    def close(self) -> list[Transcript]:
        """Return the rest; raises :class:`InputError` for a log that is empty or cut."""
        found = self._begun(ended=True) if self._format is None else []
        if self._format is None:
            raise InputError("empty: there is no chunk in it")
        return found + self._format.close()

    def _begun(self, *, ended: bool = False) -> list[Transcript]:
        """Choose the format, if its first line is there, and hand over what has come."""
        head = b"".join(self._head)
        self._head = [head]
        if head.startswith(_UTF_16):
            raise InputError("not UTF-8 text: it begins as UTF-16 does; save it as UTF-8")
        text = head.removeprefix(BOM)
        line, newline, _ = text.lstrip(_SPACE).partition(b"\n")
        if line and (newline or ended or line.startswith(b"[")):
            self._format = self._chosen(line)
            self._head = []
            return self._format.feed(text)
        return []

    def _chosen(self, line: bytes) -> Stage[bytes, Transcript]:
        """Return the reader of the format that a first line belongs to."""
        scope = self._scope or "adapter"
        if _SSE.match(line):
            return SseLog(scope)
        if line.startswith(b"["):
            self._refuse_in_wire("a JSON array")
            return ChunkArray(scope)
        try:
            value, _ = decoded(line.decode())
        except (NotJson, UnicodeDecodeError) as error:
            if scope == "wire":
                return ChunkLines(scope)
            if isinstance(error, NotJson) and error.at_end:
                return Document(scope)
            if b"\0" in line or not isinstance(error, NotJson):
                raise InputError("not a chunk log: it is binary, or no UTF-8 text") from None
            raise InputError(f"not a chunk log: its first line is no server-sent event and {error}") from None
        if isinstance(value, dict) and HEADER in value:
            return TranscriptLines(self._scope)
        if holds_run(value):
            self._refuse_in_wire("a log object")
            return RunLines(scope)
        return ChunkLines(scope)

    def _refuse_in_wire(self, what: str) -> None:
        if self._scope == "wire":
            raise InputError(f"scope wire judges the bytes of a stream, SSE or NDJSON, and this is {what}")
