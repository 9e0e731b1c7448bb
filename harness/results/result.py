"""One case and what became of it: passed, failed, errored, not applicable, or known to fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from harness.judge import Verdict, Violation
from harness.protocol.masking import mask_of
from harness.protocol.script import Exchange
from harness.protocol.transcript import NOTHING, Ending, Record, Transcript
from harness.protocol.yielded import yielded
from harness.suite.case import Case
from harness.suite.comparison import mismatches
from harness.suite.expectations import ERRORED, EXPECT, Entry
from harness.suite.mismatch import Mismatch

_NEIGHBOURS = 1  # chunks shown on either side of a faulty one
_MOST_SHOWN = 60  # chunks of one answer that a result keeps


@dataclass(frozen=True, slots=True)
class Answer:
    """What is kept of a transcript: how many chunks of which types, how it ended, and the chunks worth showing.

    ``shown`` are the chunks that findings point at with their neighbours, in order and as they were yielded
    (:mod:`harness.protocol.yielded`); a short answer is kept whole.
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
    """A rule is broken, or something that was checked by hand did not come out.

    ``listed`` are the known failures among what counts against it, one for each rule; those that are not listed, or
    whose entry has expired, are why the case is not :class:`Known`.
    """

    case: Case
    answer: Answer
    verdict: Verdict
    mismatches: tuple[Mismatch, ...]
    listed: tuple[Entry, ...] = ()

    @property
    def counting(self) -> frozenset[str]:
        """What counts against it, in the words of an expectations file: ids of rules, and ``expect``."""
        rules = frozenset(one.rule.id for one in self.verdict.counting)
        return rules | {EXPECT} if self.mismatches else rules


@dataclass(frozen=True, slots=True)
class Errored:
    """The target gave no transcript; ``kind`` is the name of the :class:`harness.errors.TargetError`.

    ``listed`` is the entry that says so and has expired, if there is one.
    """

    case: Case
    kind: str
    reason: str
    listed: tuple[Entry, ...] = ()

    @property
    def counting(self) -> frozenset[str]:
        """What counts against it, in the words of an expectations file."""
        return frozenset({ERRORED})


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The case was not asked, and why."""

    case: Case
    reason: str


Result: TypeAlias = Passed | Failed | Errored | NotApplicable


@dataclass(frozen=True, slots=True)
class Known:
    """All that counts against a case is listed as known, by entries that have not expired; never counted as passed."""

    case: Case
    found: Failed | Errored
    listed: tuple[Entry, ...]


Held: TypeAlias = Result | Known
"""A result after it was held against the known failures."""


def result_of(case: Case, transcript: Transcript, verdict: Verdict) -> Passed | Failed:
    """Return the result of a case that was answered and judged, without the keys that the verdict was found with."""
    mask = mask_of(transcript)
    different = mask.excerpts(mismatches(case.expect, transcript, verdict.profile)) if case.expect is not None else ()
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
    shown = [record.number for record in records if short or record.number in wanted]
    return Answer(
        chunks=len(records),
        types=tuple(counts.items()),
        ending=transcript.ending,
        duration=records[-1].at if records else None,
        shown=tuple(yielded(records, shown[:_MOST_SHOWN])),
        result=transcript.result,
        requests=transcript.exchanges or (),
    )
