"""Chunks as a running application sends them, read while they arrive: with their times, and no further than one likes.

Whoever goes away in the middle has read nothing behind that place, though more may have come in the same piece. So
bytes are taken line by line, and what stands behind the last wanted chunk is left alone.
"""

from __future__ import annotations

import re

from harness.errors import InputError
from harness.logs.assembly import Assembly
from harness.logs.json_logs import ChunkLines
from harness.logs.lines import BOM, LIMIT
from harness.logs.sse_log import SseLog
from harness.protocol.compaction import COMPACT_LENGTH
from harness.protocol.json_text import NotJson, decoded
from harness.protocol.transcript import Ending, FrameKind, Transcript

SSE_TYPE = "text/event-stream"
LINE_TYPES = frozenset(
    {
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/x-jsonlines",
        "application/stream+json",
    }
)
"""What JSON, one per line, is called; no registry has a name for it."""

_SSE = re.compile(rb"(?:data|event|id|retry)?:")
_SPACE = b" \t\r\n"
_MOST_LINES = 100_000  # that hold no chunk, one behind the other; a heartbeat a second is a day of them


def frame_of_type(media_type: str) -> FrameKind | None:
    """Return the frame that a media type names, None where it names none; parameters and case do not count."""
    name = media_type.partition(";")[0].strip().lower()
    if name == SSE_TYPE:
        return "sse"
    return "ndjson" if name in LINE_TYPES else None


def frame_of_line(line: bytes) -> FrameKind | None:
    """Return the frame that the first line of a body shows, None where it is no chunk.

    TanStack's ``toHttpResponse`` names no type, so the first chunk has to tell: a JSON object that has a ``type``.
    """
    text = line.removeprefix(BOM).strip(_SPACE)
    if _SSE.match(text):
        return "sse"
    try:
        value, _ = decoded(text.decode())
    except (NotJson, UnicodeDecodeError):
        return None
    return "ndjson" if isinstance(value, dict) and isinstance(value.get("type"), str) else None


class Arriving:
    """Bytes of one answer in, with the time of each piece; one transcript of scope ``wire`` out, at any moment.

    It holds no more than :data:`harness.logs.lines.LIMIT` bytes of what is no chunk yet, and of chunks besides their
    cumulative texts; raises :class:`InputError` beyond, and for very many lines without a chunk.
    """

    def __init__(self, frame: FrameKind) -> None:
        self._made = Assembly("wire", frame)
        self._log = SseLog("wire", self._made) if frame == "sse" else ChunkLines("wire", self._made)
        self._line = 1
        self._open = 0  # bytes since the last chunk
        self._since = 1  # the line behind it
        self._kept = 0  # bytes that the chunks keep

    @property
    def count(self) -> int:
        """Return how many chunks have come."""
        return 0 if self._made.last is None else self._made.last.number + 1

    def feed(self, piece: bytes, at: float, most: int) -> bool:
        """Take bytes that came at ``at`` milliseconds, up to chunk number ``most``; tell whether it came to that."""
        self._made.at = at
        start = 0
        while start < len(piece) and self.count < most:
            end = piece.find(b"\n", start) + 1
            self._take(piece[start : end or len(piece)])
            self._line += end > 0
            start = end or len(piece)
        return self.count >= most

    def _take(self, data: bytes) -> None:
        before = self.count
        self._log.feed(data)
        self._open += len(data)
        if self.count > before:
            last = self._made.last
            chunk = None if last is None else last.chunk
            text = chunk.get(COMPACT_LENGTH, 0) if isinstance(chunk, dict) else 0
            self._kept += max(0, self._open - text) if type(text) is int else self._open
            self._open, self._since = 0, self._line
        if self._line - self._since > _MOST_LINES:
            raise InputError(f"{_MOST_LINES} lines behind line {self._since} hold no chunk")
        if self._open > LIMIT or self._kept > LIMIT:
            what = "one chunk" if self._open > LIMIT else "all chunks together, without their cumulative texts,"
            raise InputError(f"line {self._line}: more than {LIMIT // 1024 // 1024} MB of {what} are not read")

    def whole(self) -> Transcript:
        """Return the transcript of an answer that came to its end, with what its frame lacks there."""
        [transcript] = self._log.close()
        return transcript

    def cut(self, seen: str, ending: Ending) -> Transcript:
        """Return the transcript of an answer whose connection broke before the end that HTTP promised."""
        self._made.add_fault(self._line, "the end of the body, as its HTTP framing promises it", seen)
        return self._made.transcript(ending)

    def left(self, ending: Ending) -> Transcript:
        """Return the transcript of an answer that nobody waits for any longer; its end is not judged."""
        return self._made.transcript(ending)
