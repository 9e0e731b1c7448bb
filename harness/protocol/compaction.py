"""Chunks → records: the cumulative ``content`` is proven once and then forgotten.

20 000 deltas of four characters are 0.9 GB of repeated text. What a rule needs to know of it is whether each
``content`` was its predecessor plus the delta, so that is proven here, in one pass, and only the answer is kept::

    $contentLength   the length of ``content``, in UTF-16 code units: JavaScript's ``length``, so that a shim can say
                     it, and a length that stays true where an emoji's two halves come in two deltas
    $restarted       true where ``content`` began again at its delta
    $mismatch        {at, expected, seen} where it was neither; ``at`` is the first character that differs
    $appended        what was added, where the chunk itself has no ``delta``
"""

from __future__ import annotations

from typing import Any

from harness.protocol.streamchunk import CONTENT, THINKING
from harness.protocol.text import common_prefix, joined, units
from harness.protocol.transcript import Record

_SHORT = 2_000
_EXCERPT = 80
_COUNTLESS = 10**15  # no text is that long; a length may be an integer that Python refuses to print
COMPACT_LENGTH = "$contentLength"
RESTARTED = "$restarted"
MISMATCH = "$mismatch"
APPENDED = "$appended"
MARKS = frozenset({COMPACT_LENGTH, RESTARTED, MISMATCH, APPENDED})


class Compactor:
    """Numbers chunks from 0 and keeps, of each cumulative ``content``, only whether it was right.

    A chunk that is not an object, or has neither a string ``content`` nor a ``$contentLength``, passes as it is. A
    chunk that is compact already is held to its length. The chunk that is fed is never changed.
    """

    def __init__(self) -> None:
        self._said = {CONTENT: _Said(), THINKING: _Said()}
        self._number = 0

    def feed(self, chunk: Any, faults: tuple[str, ...] = (), at: float | None = None) -> Record:
        """Return the record of the next chunk."""
        number = self._number
        self._number = number + 1
        if type(chunk) is dict and type(kind := chunk.get("type")) is str and (said := self._said.get(kind)):
            content = chunk.get("content")
            if type(content) is str:
                chunk = _compact(chunk, said, content)
            elif type(length := chunk.get(COMPACT_LENGTH)) is int and "content" not in chunk:
                chunk = _verified(chunk, said, length)
        return Record(number, chunk, faults, at)


class _Said:
    """What one type of chunk has said so far: the last full text, what compact chunks added to it, the length of both.

    ``text`` is None where a compact chunk broke the chain, so that nobody knows it.
    """

    __slots__ = ("added", "text", "units")

    def __init__(self) -> None:
        self.text: str | None = ""
        self.added: list[str] = []
        self.units = 0


def _compact(chunk: dict[str, Any], said: _Said, content: str) -> dict[str, Any]:
    previous = said.text
    if said.added:
        previous = None if previous is None else joined([previous, *said.added])
        said.added = []
    compact = chunk.copy()
    if MARKS.isdisjoint(chunk):
        del compact["content"]
    else:  # an implementation's own keys must not pass for our marks
        compact = {key: value for key, value in chunk.items() if key != "content" and key not in MARKS}
    delta = chunk.get("delta")
    if not isinstance(delta, str):
        known = previous is not None and content.startswith(previous)
        compact[APPENDED] = content[len(previous or "") :] if known else content
        if not known and previous != "":
            compact[RESTARTED] = True
        said.units = units(content)
    elif previous is not None and _extends(content, previous, delta):
        said.units += units(delta)
    else:
        expected, said.units = said.units + units(delta), units(content)
        if content == delta:
            compact[RESTARTED] = True
        elif previous is not None:
            compact[MISMATCH] = _mismatch(content, previous, delta)
        elif said.units != expected:
            compact[MISMATCH] = _wrong_length(said.units, expected)
    said.text = content
    compact[COMPACT_LENGTH] = said.units
    return compact


def _verified(chunk: dict[str, Any], said: _Said, length: int) -> dict[str, Any]:
    """A shim says that it compared the text; what it can still be wrong about is the length."""
    delta = chunk.get("delta")
    appended = delta if isinstance(delta, str) else chunk.get(APPENDED)
    appended = appended if isinstance(appended, str) else ""
    expected = said.units + units(appended)
    said.units = length
    if MISMATCH in chunk:
        said.text, said.added = None, []
        return chunk if _is_mismatch(chunk[MISMATCH]) else chunk | {MISMATCH: _wrong_length(length, expected)}
    if chunk.get(RESTARTED) is True and length == units(appended):
        said.text, said.added = appended, []
        return chunk
    if length == expected:
        said.added.append(appended)
        return chunk
    said.text, said.added = None, []
    return chunk | {MISMATCH: _wrong_length(length, expected)}


def _extends(content: str, previous: str, delta: str) -> bool:
    if len(content) < _SHORT:
        if content == previous + delta:
            return True
    elif len(content) == len(previous) + len(delta) and content.endswith(delta) and content.startswith(previous):
        return True
    # An emoji may come in two halves (R4): the parser joins them in ``content``, but cannot join them across chunks.
    return "\udc00" <= delta[:1] <= "\udfff" and content == joined((previous, delta))


def _mismatch(content: str, previous: str, delta: str) -> dict[str, Any]:
    expected = previous + delta
    place = common_prefix(content, expected)
    start = max(0, place - 20)
    return {"at": place, "expected": expected[start : start + _EXCERPT], "seen": content[start : start + _EXCERPT]}


def _wrong_length(length: int, expected: int) -> dict[str, Any]:
    at, right, wrong = (min(count, _COUNTLESS) for count in (min(length, expected), expected, length))
    return {"at": at, "expected": f"{right} characters", "seen": f"{wrong} characters"}


def _is_mismatch(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and type(value.get("at")) is int
        and isinstance(value.get("expected"), str)
        and isinstance(value.get("seen"), str)
    )
