"""Exit statuses, which of several wins, and the last line of every run."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Status(IntEnum):
    """What a run came to, as the process says it."""

    CONFORMS = 0
    VIOLATIONS = 1
    UNREADABLE = 2
    FAILED = 3
    NOTHING = 4


INTERRUPTED = 130
PIPE_CLOSED = 141

_WORDS = {
    Status.CONFORMS: "conforms",
    Status.VIOLATIONS: "violations",
    Status.UNREADABLE: "unreadable input",
    Status.FAILED: "harness failure",
    Status.NOTHING: "nothing exercised",
}
_FIRST_WINS = (Status.FAILED, Status.UNREADABLE, Status.VIOLATIONS, Status.NOTHING, Status.CONFORMS)


def word(status: Status) -> str:
    """Return the words that stand for a status in every report."""
    return _WORDS[status]


def worst(statuses: Iterable[Status]) -> Status:
    """Return the status that speaks for all: the first of 3, 2, 1, 4, 0; of none at all it is 4."""
    found = set(statuses)
    return next((status for status in _FIRST_WINS if status in found), Status.NOTHING)


def last_line(status: Status, facts: str, *, said: str | None = None) -> str:
    """Return the line that every run ends with, stable for grep: ``streamchunk: violations (exit 1): …``.

    ``said`` stands in place of the status' own words.
    """
    return f"streamchunk: {said or word(status)} (exit {status.value}): {facts}"
