"""The ledger of the specification: every clause, and what holds it or why nothing does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness.errors import FixtureError, InputError
from harness.resources import folder

Status = Literal["covered", "contradicted", "untestable", "informative"]
STATUSES: tuple[Status, ...] = ("covered", "contradicted", "untestable", "informative")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause; ``text`` is in our words. ``tests`` hold what neither a rule nor a case can, such as a signature.

    A contradicted clause is replaced by a reading, and what it names holds the reading. ``reason`` says why nothing
    holds it, or what is held instead.
    """

    id: str
    section: str
    text: str
    status: Status
    rules: tuple[str, ...]
    cases: tuple[str, ...]
    tests: tuple[str, ...]
    readings: tuple[str, ...]
    reason: str

    @property
    def is_held(self) -> bool:
        """Whether a rule, a case or a test holds it, or the reading in its place."""
        return bool(self.rules or self.cases or self.tests)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The clauses of one part of the specification, counted; ``held`` of them have a rule, a case or a test."""

    section: str
    clauses: int
    held: int
    statuses: tuple[tuple[Status, int], ...]
    rules: int
    cases: int


def load() -> list[Clause]:
    """Return the clauses in the order of the specification; raises :class:`FixtureError` where the file is wrong."""
    path = folder("fixtures") / "spec-ledger.json"
    try:
        return [_clause(entry) for entry in json.loads(path.read_bytes())]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FixtureError(f"{path}: is no ledger: {type(error).__name__}: {error}") from error


def _clause(entry: dict[str, Any]) -> Clause:
    return Clause(
        id=entry["clause"],
        section=entry["section"],
        text=entry["text"],
        status=entry["status"],
        rules=tuple(entry["rules"]),
        cases=tuple(entry["cases"]),
        tests=tuple(entry.get("tests", ())),
        readings=tuple(entry["readings"]),
        reason=entry.get("reason", ""),
    )


def within(clauses: Sequence[Clause], section: str) -> list[Clause]:
    """Return the clauses of a section and of its parts, ``§14`` or ``14.4``; raises :class:`InputError` for none."""
    wanted = f"§{section.removeprefix('§')}"
    found = [clause for clause in clauses if clause.section == wanted or clause.section.startswith(f"{wanted}.")]
    if not found:
        chapters = ", ".join(dict.fromkeys(chapter_of(clause) for clause in clauses))
        raise InputError(f"there is no section {section!r} in the ledger; its chapters are {chapters}")
    return found


def chapter_of(clause: Clause) -> str:
    """Return the number of the chapter that a clause stands in, such as ``§14``."""
    return clause.section.partition(".")[0]


def coverage(clauses: Iterable[Clause], *, by_chapter: bool = True) -> list[Coverage]:
    """Count clauses by chapter, or by the smallest numbered part."""
    groups: dict[str, list[Clause]] = {}
    for clause in clauses:
        groups.setdefault(chapter_of(clause) if by_chapter else clause.section, []).append(clause)
    return [_counted(section, found) for section, found in groups.items()]


def total(clauses: Sequence[Clause]) -> Coverage:
    """Count all of them as one part."""
    return _counted("all", clauses)


def _counted(section: str, clauses: Sequence[Clause]) -> Coverage:
    counts = Counter(clause.status for clause in clauses)
    return Coverage(
        section=section,
        clauses=len(clauses),
        held=sum(clause.is_held for clause in clauses),
        statuses=tuple((status, counts[status]) for status in STATUSES),
        rules=len({rule for clause in clauses for rule in clause.rules}),
        cases=len({case for clause in clauses for case in clause.cases}),
    )
