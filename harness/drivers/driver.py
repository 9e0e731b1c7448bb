"""Our side of the connection: what every driver offers, whatever the transport."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from harness.protocol.transcript import Profile, Stimulus, Transcript

MAX_CHUNKS = 100_000
"""A stream is read no further than this. The longest honest answer seen has a fifteenth of it."""


@dataclass(frozen=True, slots=True)
class Implementation:
    """What an implementation says of itself; ``operations`` are those that it offers, by the protocol's names.

    ``signalled`` are those in which it can be told of an abort and of an approval. ``profile`` is None where it does
    not say.
    """

    name: str
    operations: frozenset[str]
    dialect: str = "streamchunk"
    profile: Profile | None = None
    signalled: frozenset[str] = frozenset()


class Driver(Protocol):
    """One implementation, asked as often as one likes, one question at a time."""

    @property
    def implementation(self) -> Implementation:
        """Who is asked."""
        ...

    def ask(self, stimulus: Stimulus, timeout: float) -> Transcript:
        """Ask the implementation for the stimulus's operation and return what it made of it.

        ``timeout`` is in seconds; silence is the ending ``timed out`` and what it raises is the ending ``raised``.
        Raises :class:`harness.errors.TargetError` where there is no transcript to be had.
        """
        ...

    def close(self) -> None:
        """Let the implementation go; it is not asked again."""
        ...
