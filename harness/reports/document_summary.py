"""The summary of a run as JSON: its counts, why cases were not applicable, rules, and the list of known failures."""

from __future__ import annotations

from typing_extensions import TypedDict  # pydantic prints schemas of these only, before Python 3.12

from harness.reports.known import (
    KnownFailureEntry,
    ObjectionEntry,
    UnaskedEntry,
    known_entry,
    objection_entry,
    unasked_entry,
)
from harness.results import Review, Summary


class AreaEntry(TypedDict):
    """The counts of one area."""

    name: str
    passed: int
    failed: int
    known: int
    errored: int
    notApplicable: int


class ReasonEntry(TypedDict):
    """Why cases were not asked, and how many."""

    reason: str
    cases: int


class BrokenEntry(TypedDict):
    """A broken rule, the number of cases that broke it, and of those in which it is a known failure."""

    rule: str
    level: str
    requirement: str
    cases: int
    known: int


class RulesEntry(TypedDict):
    """Which rules were broken, the worst first, and which any case gave an occasion to; of others nothing is known."""

    broken: list[BrokenEntry]
    exercised: list[str]
    notExercised: list[str]


class ExpectationsEntry(TypedDict):
    """The list of known failures: how many entries it has, what of them was found, and what is wrong with it.

    An objection makes a run red though no case failed by it; ``unasked`` is neither red nor green.
    """

    file: str
    entries: int
    found: list[KnownFailureEntry]
    objections: list[ObjectionEntry]
    unasked: list[UnaskedEntry]


class SummaryEntry(TypedDict):
    """The run in numbers; ``warnings`` are broken SHOULD rules, in cases that passed too.

    ``known`` are cases of which all that counts against them is listed in ``expectations``, which is null where there
    is no list; they are not among those that passed.
    """

    passed: int
    failed: int
    known: int
    errored: int
    notApplicable: int
    warnings: int
    areas: list[AreaEntry]
    reasons: list[ReasonEntry]
    rules: RulesEntry
    expectations: ExpectationsEntry | None


def summary_entry(summary: Summary) -> SummaryEntry:
    """Return the summary of a run as JSON."""
    return {
        "passed": summary.passed,
        "failed": summary.failed,
        "known": summary.known,
        "errored": summary.errored,
        "notApplicable": summary.not_applicable,
        "warnings": summary.warnings,
        "areas": [
            {
                "name": area.name,
                "passed": area.passed,
                "failed": area.failed,
                "known": area.known,
                "errored": area.errored,
                "notApplicable": area.not_applicable,
            }
            for area in summary.areas
        ],
        "reasons": [{"reason": reason, "cases": number} for reason, number in summary.reasons],
        "rules": {
            "broken": [
                {
                    "rule": rule.id,
                    "level": rule.level,
                    "requirement": rule.requirement,
                    "cases": rule.cases,
                    "known": rule.known,
                }
                for rule in summary.broken
            ],
            "exercised": list(summary.exercised),
            "notExercised": list(summary.unexercised),
        },
        "expectations": None if summary.review is None else _expectations(summary, summary.review),
    }


def _expectations(summary: Summary, review: Review) -> ExpectationsEntry:
    return {
        "file": review.file,
        "entries": review.entries,
        "found": [{**known_entry(one.entry), "cases": one.cases} for one in summary.known_failures],
        "objections": [objection_entry(one) for one in review.objections],
        "unasked": [unasked_entry(one) for one in review.unasked],
    }
