"""What became of a case: passed, failed, errored, or not applicable.

Failed is a judgement of the implementation. Errored means that there was nothing to judge: the target gave no
transcript. That is the target's fault; a fault of ours (:class:`harness.errors.FixtureError`) stops the run instead.
Not applicable is never counted as passed. A result is made for people and files, so no key is in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from harness.judge import Verdict, Violation
from harness.protocol.masking import mask_of
from harness.protocol.script import Exchange
from harness.protocol.transcript import NOTHING, Ending, Profile, Record, Transcript
from harness.suite.case import Case
from harness.suite.comparison import mismatches
from harness.suite.mismatch import Mismatch

_NEIGHBOURS = 1  # chunks shown on either side of a faulty one
_MOST_SHOWN = 60  # chunks of one answer that a result keeps


@dataclass(frozen=True, slots=True)
class Answer:
    """What is kept of a transcript: how many chunks of which types, how it ended, and the chunks worth showing.

    ``shown`` are the chunks that findings point at with their neighbours, in order; a short answer is kept whole.
    ``duration`` is in milliseconds, up to the last chunk; None where times are unknown. ``result`` is the value of an
    operation without chunks. ``requests`` are those that the played provider received.
    """

    chunks: int
    types: tuple[tuple[str, int], ...]
    ending: Ending
    duration: float | None
    shown: tuple[Record, ...]
    result: Any = NOTHING
    requests: tuple[Exchange, ...] = ()


@dataclass(frozen=True, slots=True)
class Passed:
    """Nothing that counts is broken, and everything that was checked by hand came out."""

    case: Case
    answer: Answer
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Failed:
    """A rule is broken, or something that was checked by hand did not come out."""

    case: Case
    answer: Answer
    verdict: Verdict
    mismatches: tuple[Mismatch, ...]


@dataclass(frozen=True, slots=True)
class Errored:
    """The target gave no transcript; ``kind`` is the name of the :class:`harness.errors.TargetError`."""

    case: Case
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The case was not asked, and why."""

    case: Case
    reason: str


Result: TypeAlias = Passed | Failed | Errored | NotApplicable


def result_of(case: Case, transcript: Transcript, verdict: Verdict) -> Passed | Failed:
    """Return the result of a case that was answered and judged, without the keys that the verdict was found with."""
    mask = mask_of(transcript)
    different = mask.excerpts(mismatches(case.expect, transcript)) if case.expect is not None else ()
    answer = mask.excerpts(_answer(transcript, verdict.violations))
    found = (replace(one, finding=mask.excerpts(one.finding)) for one in verdict.violations)
    verdict = replace(verdict, violations=tuple(found))
    if verdict.conforms and not different:
        return Passed(case, answer, verdict)
    return Failed(case, answer, verdict, different)


def _answer(transcript: Transcript, violations: Iterable[Violation]) -> Answer:
    records = transcript.records
    kinds = (record.chunk.get("type") if isinstance(record.chunk, dict) else None for record in records)
    counts = Counter(kind if isinstance(kind, str) else "(no type)" for kind in kinds)
    wanted = {
        number + step
        for violation in violations
        if (number := violation.finding.chunk) is not None
        for step in range(-_NEIGHBOURS, _NEIGHBOURS + 1)
    }
    short = len(records) <= _MOST_SHOWN
    shown = [record for record in records if short or record.number in wanted]
    return Answer(
        chunks=len(records),
        types=tuple(counts.items()),
        ending=transcript.ending,
        duration=records[-1].at if records else None,
        shown=tuple(shown[:_MOST_SHOWN]),
        result=transcript.result,
        requests=transcript.exchanges or (),
    )


@dataclass(frozen=True, slots=True)
class AreaCount:
    """The results of one area of cases."""

    name: str
    passed: int
    failed: int
    errored: int
    not_applicable: int


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that was broken, and in how many cases: one fault usually shows in many."""

    id: str
    level: str
    requirement: str
    cases: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole run in numbers, and which rules it exercised at all.

    ``unexercised`` are rules that no case gave an occasion to; nothing is known of them. ``warnings`` counts SHOULD
    findings, in cases that passed too. ``broken`` begins with the rule that most cases broke. ``reasons`` are those of
    cases that were not applicable, each with its count.
    """

    target: str
    profile: Profile
    strict: bool
    passed: int
    failed: int
    errored: int
    not_applicable: int
    warnings: int
    broken: tuple[BrokenRule, ...]
    exercised: tuple[str, ...]
    unexercised: tuple[str, ...]
    areas: tuple[AreaCount, ...]
    reasons: tuple[tuple[str, int], ...]

    @property
    def status(self) -> int:
        """The exit status (architecture §5): 3 errored, 1 failed, 4 nothing was exercised, 0 conforms."""
        if self.errored:
            return 3
        if self.failed:
            return 1
        return 0 if self.passed else 4


def summary_of(results: Sequence[Result], *, target: str, profile: Profile, strict: bool) -> Summary:
    """Count results; ``target`` is what the implementation calls itself."""
    judged = [result for result in results if isinstance(result, Passed | Failed)]
    exercised = {rule for result in judged for rule in result.verdict.exercised}
    idle = {rule for result in judged for rule in result.verdict.not_exercised} - exercised
    areas = {result.case.area: None for result in results}
    return Summary(
        target=target,
        profile=profile,
        strict=strict,
        passed=_count(results, Passed),
        failed=_count(results, Failed),
        errored=_count(results, Errored),
        not_applicable=_count(results, NotApplicable),
        warnings=sum(violation.level.name == "SHOULD" for result in judged for violation in result.verdict.violations),
        broken=_broken(judged),
        exercised=tuple(sorted(exercised)),
        unexercised=tuple(sorted(idle)),
        reasons=tuple(Counter(result.reason for result in results if isinstance(result, NotApplicable)).items()),
        areas=tuple(_area(name, [result for result in results if result.case.area == name]) for name in areas),
    )


def facts(summary: Summary) -> str:
    """Return every count of a run in one line, stable for ``grep``."""
    return (
        f"{summary.passed} passed, {summary.failed} failed, {summary.errored} errored, "
        f"{summary.not_applicable} not applicable, {summary.warnings} warnings; "
        f"{summary.target}, profile {summary.profile}{', strict' if summary.strict else ''}"
    )


def _broken(judged: Iterable[Passed | Failed]) -> tuple[BrokenRule, ...]:
    violated = [{one.rule.id: one for one in result.verdict.violations} for result in judged]
    cases = Counter(id_ for violations in violated for id_ in violations)
    examples = {id_: one for violations in violated for id_, one in violations.items()}
    return tuple(
        BrokenRule(id_, examples[id_].level.value, examples[id_].rule.requirement, number)
        for id_, number in sorted(cases.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def _area(name: str, results: Sequence[Result]) -> AreaCount:
    return AreaCount(name, *(_count(results, kind) for kind in (Passed, Failed, Errored, NotApplicable)))


def _count(results: Iterable[Result], kind: type) -> int:
    return sum(isinstance(result, kind) for result in results)
