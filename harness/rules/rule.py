"""Rule, Level, Finding, and the decorator that makes a rule out of a sentence.

Theory of operation. A rule is a generator function of a transcript; its name is the sentence that it enforces, its
docstring's first paragraph is the requirement's text in every report. It yields one finding for each fault: where the
same fault shows in many chunks (every ``content`` is wrong), one finding at the first, with their number. It need not
know its id, its level or its profile: the judge adds them. What it is given is described in
:mod:`harness.rules.sound`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from harness.protocol.transcript import SCOPES, STREAMS, Operation, Profile, Scope
from harness.rules.sound import SoundTranscript

Check = Callable[[SoundTranscript], Iterable["Finding"]]
Applies = Callable[[SoundTranscript], bool]


class Level(Enum):
    """MUST breaks the protocol; SHOULD warns, and breaks it only under ``--strict``."""

    MUST = "MUST"
    SHOULD = "SHOULD"


class Source(Enum):
    """Who asks for it."""

    SPECIFICATION = "specification"
    TYPES = "TanStack's published types"
    CONSUMER = "TanStack's consumers"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule is broken.

    ``chunk`` is the number of the faulty chunk from 0, or None where what is wrong is the whole stream or its end.
    ``expected`` and ``seen`` are texts for a person and may be long: whoever shows them cuts them. ``path`` is a place
    inside the chunk, such as ``usage.promptTokens``.
    """

    chunk: int | None
    expected: str
    seen: str
    path: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One sentence of the law.

    ``levels`` maps each profile that asks for it to its level there; a profile that is missing does not ask.
    ``needs_source`` tells that only the source-aware oracle can see it. ``sections`` cite the specification (§) and
    the readings (R). ``why`` is the line that says how it hurts, ``mend`` what to do about it. ``by_turn`` tells that
    the rule is asked of every turn by itself, else of the whole stream (R39). ``operations`` are those of which it is
    asked at all: most rules are about chunks. ``details`` are the docstring's further
    paragraphs: how we read the specification where it is unclear.
    """

    id: str
    name: str
    requirement: str
    levels: Mapping[Profile, Level]
    sections: tuple[str, ...]
    source: Source
    check: Check
    applies: Applies
    why: str
    mend: str
    needs_source: bool
    scopes: tuple[Scope, ...]
    by_turn: bool
    operations: tuple[Operation, ...] = STREAMS
    details: str = field(default="", repr=False)


BOTH: tuple[Profile, ...] = ("spec", "tanstack")
SPEC: tuple[Profile, ...] = ("spec",)
TANSTACK: tuple[Profile, ...] = ("tanstack",)
CONVERSATION: tuple[Scope, ...] = ("chat", "wire")
"""The scopes in which the engine's loop shows: a server writes what ``chat()`` gives it (R39)."""
MUST_IN_SPEC: Mapping[Profile, Level] = {"spec": Level.MUST, "tanstack": Level.SHOULD}
"""What the specification promises and TanStack's types and consumers can do without."""


def always(_: SoundTranscript) -> bool:
    """Apply to every transcript."""
    return True


def rule(  # noqa: PLR0913 - a rule has these parts, and every one is named where it is used
    id_: str,
    level: Level | Mapping[Profile, Level],
    *sections: str,
    why: str,
    mend: str,
    source: Source = Source.SPECIFICATION,
    profiles: tuple[Profile, ...] = BOTH,
    applies: Applies = always,
    needs_source: bool = False,
    scopes: tuple[Scope, ...] = SCOPES,
    by_turn: bool = True,
    operations: tuple[Operation, ...] = STREAMS,
) -> Callable[[Check], Rule]:
    """Make a rule of a generator function.

    ``level`` is one level for all ``profiles``, or a level for each profile by itself.
    """
    levels = dict.fromkeys(profiles, level) if isinstance(level, Level) else dict(level)

    def made(check: Check) -> Rule:
        paragraphs = [" ".join(part.split()) for part in (check.__doc__ or "").split("\n\n")]
        name: Any = getattr(check, "__name__", "")
        return Rule(
            id=id_,
            name=name,
            requirement=paragraphs[0],
            levels=levels,
            sections=sections,
            source=source,
            check=check,
            applies=_with_source(applies) if needs_source else applies,
            why=why,
            mend=mend,
            needs_source=needs_source,
            scopes=scopes,
            by_turn=by_turn,
            operations=operations,
            details="\n\n".join(paragraphs[1:]),
        )

    return made


def _with_source(applies: Applies) -> Applies:
    def applies_with_source(transcript: SoundTranscript) -> bool:
        return transcript.stimulus.events is not None and applies(transcript)

    return applies_with_source
