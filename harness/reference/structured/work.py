"""A bound on the work with one text, and what is known already of the answer in it that is looked at."""

from __future__ import annotations

from typing import Any

MOST_STEPS = 3_000_000
"""How many keywords are asked about values while one text is parsed: about half a second of work."""


class TooMuchWork(Exception):
    """The answer cannot be checked within the bound."""


class Work:
    """What is left of the bound, shared by all candidates of one text; ``known`` and ``alike`` are of one answer.

    ``known`` holds, for a schema that is referred to and a value, whether the one fits the other: so a schema that
    leads to the same question in many ways asks it once. ``alike`` holds what is equal as JSON. Both go by ``id``, so
    the answer is held while they are.
    """

    __slots__ = ("_answer", "alike", "known", "left")

    def __init__(self, left: int = MOST_STEPS) -> None:
        self.left = left
        self.begin(None)

    def begin(self, answer: Any) -> None:
        """Take the answer that is looked at next; it must not change meanwhile."""
        self._answer = answer
        self.known: dict[tuple[int, int], bool] = {}
        self.alike: dict[Any, object] = {}

    def spend(self, steps: int) -> None:
        """Take note of work; raises :class:`TooMuchWork` when nothing is left."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchWork
