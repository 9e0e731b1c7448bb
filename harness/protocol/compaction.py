"""Chunks → records: the cumulative ``content`` is proven once and then forgotten.

20 000 deltas of four characters are 0.9 GB of repeated text. What a rule needs to know of it is whether each
``content`` was its predecessor plus the delta, so that is proven here, in one pass, and only the answer is kept.
"""

from __future__ import annotations

from typing import Any

from harness.protocol.streamchunk import CONTENT, THINKING
from harness.protocol.transcript import Record

_SHORT = 2_000
_EXCERPT = 80
COMPACT_LENGTH = "$contentLength"
RESTARTED = "$restarted"
MISMATCH = "$mismatch"
APPENDED = "$appended"


class Compactor:
    """Numbers chunks from 0 and keeps, of each cumulative ``content``, only whether it was right.

    A chunk that is not an object, has no string ``content`` or lies compact already passes through. The chunk that is
    fed is never changed.
    """

    def __init__(self) -> None:
        self._previous = {CONTENT: "", THINKING: ""}
        self._length = {CONTENT: 0, THINKING: 0}
        self._number = 0

    def feed(self, chunk: Any, faults: tuple[str, ...] = (), at: float | None = None) -> Record:
        """Return the record of the next chunk."""
        number = self._number
        self._number = number + 1
        if type(chunk) is dict and (kind := chunk.get("type")) in self._previous:
            content = chunk.get("content")
            if type(content) is str:
                chunk = self._compact(chunk, kind, content)
            elif type(length := chunk.get(COMPACT_LENGTH)) is int and content is None:
                chunk = self._verified(chunk, kind, length)
        return Record(number, chunk, faults, at)

    def _compact(self, chunk: dict[str, Any], kind: str, content: str) -> dict[str, Any]:
        previous = self._previous[kind]
        self._previous[kind] = content
        self._length[kind] = len(content)
        compact = {key: value for key, value in chunk.items() if key != "content"}
        compact[COMPACT_LENGTH] = len(content)
        delta = chunk.get("delta")
        if delta is None and "delta" not in chunk and content.startswith(previous):
            compact[APPENDED] = content[len(previous) :]
        elif not isinstance(delta, str):
            compact[APPENDED] = content
            if previous:
                compact[RESTARTED] = True
        elif not _extends(content, previous, delta):
            if content == delta:
                compact[RESTARTED] = True
            else:
                compact[MISMATCH] = _mismatch(content, previous, delta)
        return compact

    def _verified(self, chunk: dict[str, Any], kind: str, length: int) -> dict[str, Any]:
        """A shim says that it compared; what it can still be wrong about is the length."""
        delta = chunk.get("delta")
        appended = delta if isinstance(delta, str) else chunk.get(APPENDED, "")
        expected = self._length[kind] + len(appended)
        self._length[kind] = length
        if length == expected or RESTARTED in chunk or MISMATCH in chunk:
            return chunk
        return chunk | {
            MISMATCH: {
                "at": min(length, expected),
                "expected": f"{expected} characters",
                "seen": f"{length} characters",
            }
        }


def _extends(content: str, previous: str, delta: str) -> bool:
    if len(content) < _SHORT:
        return content == previous + delta
    return len(content) == len(previous) + len(delta) and content.endswith(delta) and content.startswith(previous)


def _mismatch(content: str, previous: str, delta: str) -> dict[str, Any]:
    expected = previous + delta
    place = _common_prefix(content, expected)
    start = max(0, place - 20)
    return {"at": place, "expected": expected[start : start + _EXCERPT], "seen": content[start : start + _EXCERPT]}


def _common_prefix(one: str, other: str) -> int:
    """Bisect with ``startswith``: a log whose every chunk is wrong must not cost a Python loop over each character."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one.startswith(other[low:middle], low):
            low = middle
        else:
            high = middle - 1
    return low
