"""What an importer finds in a file: whole exchanges, or answers that lack something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from harness.cassettes.interaction import Interaction
from harness.cassettes.parsing import Provenance


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An exchange that no cassette can be made of, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Exchanges:
    """Requests with their answers, in the order of the file; ``provenance`` is what the file says of itself."""

    taken: tuple[Interaction | LeftOut, ...]
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages of one answer, whose frame was lost; ``as_lines`` tells that each had a line of its own."""

    texts: tuple[str, ...]
    as_lines: bool


@dataclass(frozen=True, slots=True)
class Chunks:
    """What an adapter made of answers, in a format of :mod:`harness.logs`; the provider's bytes are not in it."""


@dataclass(frozen=True, slots=True)
class Bare:
    """The body of one answer and nothing else."""


Found: TypeAlias = Exchanges | Messages | Chunks | Bare
