"""A whole run in numbers, and which rules it exercised at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.judge import Relevelled, Violation
from harness.protocol.transcript import Profile
from harness.results.known import Objection, Review
from harness.results.result import Errored, Failed, Held, Known, NotApplicable, Passed, Result
from harness.suite.expectations import Entry


@dataclass(frozen=True, slots=True)
class About:
    """What an implementation says of itself; ``wires`` is None where it does not say what it can speak."""

    name: str
    version: str | None
    language: str | None
    homepage: str | None
    operations: tuple[str, ...]
    wires: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class AreaCount:
    """The results of one area of cases."""

    name: str
    passed: int
    failed: int
    known: int
    errored: int
    not_applicable: int


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that was broken, and in how many cases: one fault usually shows in many; ``known`` counts the listed."""

    id: str
    level: str
    requirement: str
    cases: int
    known: int = 0


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """An entry of the list of known failures, and in how many cases what it lists was found."""

    entry: Entry
    cases: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole run in numbers, and which rules it exercised at all.

    ``judged`` counts the cases that were answered. ``unexercised`` are rules that no case gave an occasion to; nothing
    is known of them. ``warnings`` counts SHOULD findings, in cases that passed too. ``broken`` begins with the rule
    that most cases broke. ``reasons`` are those of cases that were not applicable, each with its count. ``known``
    counts cases and ``known_failures`` tells why; ``review`` is what the run tells of their list, None where there is
    none. ``configuration`` is the file that settings came from, among them ``levels``.
    """

    target: str
    profile: Profile
    strict: bool
    passed: int
    failed: int
    known: int
    errored: int
    not_applicable: int
    judged: int
    warnings: int
    broken: tuple[BrokenRule, ...]
    exercised: tuple[str, ...]
    unexercised: tuple[str, ...]
    areas: tuple[AreaCount, ...]
    reasons: tuple[tuple[str, int], ...]
    known_failures: tuple[KnownFailure, ...] = ()
    review: Review | None = None
    levels: tuple[Relevelled, ...] = ()
    configuration: str | None = None
    about: About | None = None

    @property
    def objections(self) -> tuple[Objection, ...]:
        """What is wrong with the list of known failures."""
        return () if self.review is None else self.review.objections

    @property
    def status(self) -> int:
        """The exit status (architecture §5): 3 errored, 1 failed or a wrong list, 4 nothing was exercised, 0 conforms.

        A run of which all that was exercised is known to fail is one that came out as it should; one in which no case
        was answered, though that is known of each, exercised nothing.
        """
        if self.errored:
            return 3
        if self.failed or self.objections:
            return 1
        return 0 if self.judged else 4


def summary_of(  # noqa: PLR0913 - what is told of a run beside its results
    results: Sequence[Held],
    *,
    target: str,
    profile: Profile,
    strict: bool,
    review: Review | None = None,
    levels: tuple[Relevelled, ...] = (),
    configuration: str | None = None,
    about: About | None = None,
) -> Summary:
    """Count results; ``target`` is what the user calls the implementation."""
    judged = [one for one in map(_found, results) if isinstance(one, Passed | Failed)]
    exercised = {rule for result in judged for rule in result.verdict.exercised}
    idle = {rule for result in judged for rule in result.verdict.not_exercised} - exercised
    by_area: dict[str, list[Held]] = {}
    for result in results:
        by_area.setdefault(result.case.area, []).append(result)
    return Summary(
        target=target,
        profile=profile,
        strict=strict,
        passed=_count(results, Passed),
        failed=_count(results, Failed),
        known=_count(results, Known),
        errored=_count(results, Errored),
        not_applicable=_count(results, NotApplicable),
        judged=len(judged),
        warnings=sum(violation.level.name == "SHOULD" for result in judged for violation in result.verdict.violations),
        broken=_broken(results),
        exercised=tuple(sorted(exercised)),
        unexercised=tuple(sorted(idle)),
        reasons=tuple(Counter(result.reason for result in results if isinstance(result, NotApplicable)).items()),
        areas=tuple(_area(name, found) for name, found in by_area.items()),
        known_failures=_known_failures(results),
        review=review,
        levels=levels,
        configuration=configuration,
        about=about,
    )


def facts(summary: Summary) -> str:
    """Return every count of a run in one line, stable for ``grep``; of known failures only where there is a list."""
    counts = [
        f"{summary.passed} passed", f"{summary.failed} failed", f"{summary.errored} errored",
        f"{summary.not_applicable} not applicable", f"{summary.warnings} warnings",
    ]  # fmt: skip
    if summary.review is not None:
        counts.append(f"{summary.known} known")
        faults = Counter(one.fault for one in summary.objections)
        counts += [f"{number} {fault}" for fault, number in sorted(faults.items())]
    return f"{', '.join(counts)}; {summary.target}, profile {summary.profile}{', strict' if summary.strict else ''}"


def _found(result: Held) -> Result:
    """Return what was found, whether it was known or not."""
    return result.found if isinstance(result, Known) else result


def _live(result: Held) -> tuple[Entry, ...]:
    """Return the entries by which something of a result is known."""
    listed = result.listed if isinstance(result, Failed | Errored | Known) else ()
    return tuple(entry for entry in listed if not entry.expired)


def _broken(results: Sequence[Held]) -> tuple[BrokenRule, ...]:
    cases: Counter[str] = Counter()
    known: Counter[str] = Counter()
    examples: dict[str, Violation] = {}
    for result in results:
        found = _found(result)
        if isinstance(found, Passed | Failed):
            violated = {one.rule.id: one for one in found.verdict.violations}
            cases.update(violated.keys())
            known.update(entry.rule for entry in _live(result) if entry.rule in violated)
            examples.update(violated)
    return tuple(
        BrokenRule(id_, examples[id_].level.value, examples[id_].rule.requirement, number, known[id_])
        for id_, number in sorted(cases.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def _known_failures(results: Sequence[Held]) -> tuple[KnownFailure, ...]:
    cases = Counter(entry for result in results for entry in _live(result))
    return tuple(KnownFailure(entry, cases[entry]) for entry in sorted(cases, key=lambda entry: entry.number))


def _area(name: str, results: Sequence[Held]) -> AreaCount:
    return AreaCount(name, *(_count(results, kind) for kind in (Passed, Failed, Known, Errored, NotApplicable)))


def _count(results: Iterable[Held], kind: type) -> int:
    return sum(isinstance(result, kind) for result in results)
