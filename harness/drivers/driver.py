"""Our side of the connection: what every driver offers, whatever the transport."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.protocol.transcript import Profile, Stimulus, Transcript

MAX_CHUNKS = 100_000
"""A stream is read no further than this. The longest honest answer seen has a fifteenth of it."""


@dataclass(frozen=True, slots=True)
class Implementation:
    """What an implementation says of itself; ``operations`` are those that it offers, by the protocol's names.

    ``wires`` are the provider APIs that it can speak, None where it does not say. ``abortable`` and ``approvable`` are
    the operations in which it can be told of an abort, and of an approval. ``plays_fetch`` tells that its own ``fetch``
    can play a provider's exact pieces. It answers ``concurrency`` questions at a time. ``profile`` is None where it
    does not say. ``is_application`` tells a running application, which has a provider, a model, a prompt and tools of
    its own, from an adapter that takes them from the request.
    """

    name: str
    operations: frozenset[str]
    dialect: str = "streamchunk"
    profile: Profile | None = None
    abortable: frozenset[str] = frozenset()
    approvable: frozenset[str] = frozenset()
    wires: frozenset[str] | None = None
    plays_fetch: bool = False
    concurrency: int = 1
    version: str | None = None
    language: str | None = None
    homepage: str | None = None
    is_application: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """How a target is reached, as far as its text does not say it.

    ``folder`` is where a command is started, the current one where it is None. An implementation has ``start_timeout``
    seconds to say who it is. ``verify`` has its traffic checked against the driver protocol, ``dump`` is a file that
    gets the lines which are sent to it. ``wires`` are those that a running application's provider speaks.
    """

    folder: Path | None = None
    start_timeout: float = 30.0
    verify: bool = False
    dump: Path | None = None
    wires: frozenset[str] | None = None


DEFAULTS = Settings()


class Driver(Protocol):
    """One implementation, asked as often as one likes, by ``implementation.concurrency`` threads at a time."""

    @property
    def implementation(self) -> Implementation:
        """Who is asked."""
        ...

    def ask(self, stimulus: Stimulus, timeout: float) -> Transcript:
        """Ask the implementation for the stimulus's operation and return what it made of it.

        ``timeout`` is in seconds; silence is the ending ``timed out`` and what it raises is the ending ``raised``.
        Raises :class:`harness.errors.TargetError` where there is no transcript to be had; it is a
        :class:`harness.errors.Disturbed` where another question may be the cause, and asking again alone may give one.
        """
        ...

    def close(self) -> None:
        """Let the implementation go; it is not asked again."""
        ...
