"""The one shape of everything that streams: ``feed``, ``close``, chained.

A stage takes items and gives lists of items; it never blocks, never reads a clock and never opens a file. ``close``
says that no item will follow and is called once; feeding after it is a bug.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out")
First = TypeVar("First")
Middle = TypeVar("Middle")
Last = TypeVar("Last")


class Stage(Protocol[In, Out]):
    """Items in, items out, in order; raises :class:`harness.errors.WireError` for input that it cannot read."""

    def feed(self, item: In, /) -> list[Out]:
        """Take one item; return what is now known for certain."""
        ...

    def close(self) -> list[Out]:
        """Take note that no item follows; return what was held back."""
        ...


class Chained(Generic[First, Middle, Last]):
    """Two stages as one: what the first gives, the second takes."""

    def __init__(self, first: Stage[First, Middle], second: Stage[Middle, Last]) -> None:
        self._first = first
        self._second = second

    def feed(self, item: First, /) -> list[Last]:
        """Feed the first stage, and the second with all that came out."""
        feed = self._second.feed
        return [out for middle in self._first.feed(item) for out in feed(middle)]

    def close(self) -> list[Last]:
        """Close the first stage, feed the second with its rest, then close the second."""
        feed = self._second.feed
        rest = [out for middle in self._first.close() for out in feed(middle)]
        return rest + self._second.close()


def chained(first: Stage[First, Middle], second: Stage[Middle, Last]) -> Stage[First, Last]:
    """Join two stages into one."""
    return Chained(first, second)


def drained(stage: Stage[First, Last], *items: First) -> list[Last]:
    """Feed every item, close, and return all that came out, in order."""
    out: list[Last] = []
    for item in items:
        out += stage.feed(item)
    return out + stage.close()
