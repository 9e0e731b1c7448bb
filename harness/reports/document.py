"""A run as one JSON document: what the JSON report holds and what the other reports are drawn from.

Its JSON Schema is ``schemas/harness/report.json``, printed by ``python -m harness.reports.document``. The last member
is the footer: a report without one was cut short.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict  # pydantic prints schemas of these only, before Python 3.12

from harness.protocol.json_text import encodable
from harness.protocol.transcript import NOTHING
from harness.results import Answer, Errored, Failed, NotApplicable, Passed, Result, Summary

LONGEST = 2_000
"""Characters of one text of the implementation's that a report keeps."""

Kind = Literal["passed", "failed", "errored", "not applicable"]


class Header(TypedDict):
    """Which run this was; ``report`` is the version of this format."""

    report: Literal[1]
    harness: str
    target: str
    profile: str
    strict: bool


class ViolationEntry(TypedDict):
    """A broken rule and the place where it is broken; ``chunk`` counts from 0, null is the whole stream."""

    rule: str
    name: str
    level: str
    sections: list[str]
    requirement: str
    chunk: int | None
    path: str | None
    expected: str
    seen: str
    why: str
    mend: str


class MismatchEntry(TypedDict):
    """An expectation of the case file that was not met."""

    field: str
    expected: str
    seen: str


class ChunkEntry(TypedDict):
    """One chunk worth showing, as compact JSON text; a long answer is shown only around its faults."""

    number: int
    text: str
    faulty: bool


class RequestEntry(TypedDict):
    """One request that the played provider received: method and target, what was answered, how the answer ended.

    ``status`` is null where nothing was answered; ``whole`` tells that the answer went out to its proper end.
    """

    request: str
    status: int | None
    whole: bool
    closedBy: str | None


class AnswerEntry(TypedDict):
    """What came: counts by chunk type, how it ended, what was raised, the time of the last chunk in milliseconds.

    ``result`` is the JSON text of the value that an operation without chunks gave, ``requests`` are what a provider
    that was played received.
    """

    chunks: int
    types: dict[str, int]
    ending: str
    error: dict[str, str] | None
    durationMs: float | None
    shown: list[ChunkEntry]
    result: NotRequired[str]
    requests: NotRequired[list[RequestEntry]]


class CaseEntry(TypedDict):
    """One case and what became of it; ``reason`` says why it errored or was not applicable."""

    id: str
    area: str
    title: str
    sections: list[str]
    operation: str
    result: Kind
    reason: NotRequired[str]
    answer: NotRequired[AnswerEntry]
    violations: NotRequired[list[ViolationEntry]]
    mismatches: NotRequired[list[MismatchEntry]]
    exercised: NotRequired[list[str]]


class AreaEntry(TypedDict):
    """The counts of one area."""

    name: str
    passed: int
    failed: int
    errored: int
    notApplicable: int


class BrokenEntry(TypedDict):
    """A broken rule, and the number of cases that broke it."""

    rule: str
    level: str
    requirement: str
    cases: int


class RulesEntry(TypedDict):
    """Which rules were broken, the worst first, and which any case gave an occasion to; of others nothing is known."""

    broken: list[BrokenEntry]
    exercised: list[str]
    notExercised: list[str]


class SummaryEntry(TypedDict):
    """The run in numbers; ``warnings`` are broken SHOULD rules, in cases that passed too."""

    passed: int
    failed: int
    errored: int
    notApplicable: int
    warnings: int
    areas: list[AreaEntry]
    rules: RulesEntry


class Footer(TypedDict):
    """The exit status and the line that says it."""

    status: int
    line: str


class Report(TypedDict):
    """A whole run."""

    header: Header
    cases: list[CaseEntry]
    summary: SummaryEntry
    footer: Footer


def document(results: Sequence[Result], summary: Summary, last_line: str) -> Report:
    """Return a run as JSON; every text of the implementation's is cut to :data:`LONGEST` characters.

    ``last_line`` is the line that the run ends with on the terminal.
    """
    return {
        "header": {
            "report": 1,
            "harness": version("streamchunk-harness"),
            "target": summary.target,
            "profile": summary.profile,
            "strict": summary.strict,
        },
        "cases": [_case(result) for result in results],
        "summary": _summary(summary),
        "footer": {"status": summary.status, "line": last_line},
    }


def dumped(report: Report) -> str:
    """Return the report's JSON text, readable, in ASCII where a lone surrogate has no UTF-8 form."""
    text = json.dumps(report, indent=1, ensure_ascii=False, allow_nan=False)
    return (text if encodable(text) else json.dumps(report, indent=1, allow_nan=False)) + "\n"


def _case(result: Result) -> CaseEntry:
    case = result.case
    entry: CaseEntry = {
        "id": case.id,
        "area": case.area,
        "title": case.title,
        "sections": case.sections,
        "operation": case.operation,
        "result": _kind(result),
    }
    if isinstance(result, NotApplicable | Errored):
        entry["reason"] = result.reason
        return entry
    verdict = result.verdict
    faulty = {violation.finding.chunk for violation in verdict.violations}
    entry["answer"] = _answer(result.answer, faulty)
    entry["violations"] = [
        {
            "rule": violation.rule.id,
            "name": violation.rule.name,
            "level": violation.level.value,
            "sections": list(violation.rule.sections),
            "requirement": violation.rule.requirement,
            "chunk": violation.finding.chunk,
            "path": violation.finding.path,
            "expected": _cut(violation.finding.expected),
            "seen": _cut(violation.finding.seen),
            "why": violation.rule.why,
            "mend": violation.rule.mend,
        }
        for violation in verdict.violations
    ]
    different = result.mismatches if isinstance(result, Failed) else ()
    entry["mismatches"] = [
        {"field": one.field, "expected": _cut(one.expected), "seen": _cut(one.seen)} for one in different
    ]
    entry["exercised"] = list(verdict.exercised)
    return entry


def _kind(result: Result) -> Kind:
    match result:
        case Passed():
            return "passed"
        case Failed():
            return "failed"
        case Errored():
            return "errored"
        case NotApplicable():
            return "not applicable"


def _answer(answer: Answer, faulty: set[int | None]) -> AnswerEntry:
    error = answer.ending.error
    entry: AnswerEntry = {
        "chunks": answer.chunks,
        "types": dict(answer.types),
        "ending": answer.ending.kind,
        "error": None if error is None else {key: _cut(str(value)) for key, value in error.items()},
        "durationMs": answer.duration,
        "shown": [
            {"number": record.number, "text": _cut(_json(record.chunk)), "faulty": record.number in faulty}
            for record in answer.shown
        ],
    }
    if answer.result is not NOTHING:
        entry["result"] = _cut(_json(answer.result))
    if answer.requests:
        entry["requests"] = [
            {
                "request": _cut(f"{one.method} {one.target}"),
                "status": one.status,
                "whole": one.whole,
                "closedBy": one.closed_by,
            }
            for one in answer.requests
        ]
    return entry


def _summary(summary: Summary) -> SummaryEntry:
    return {
        "passed": summary.passed,
        "failed": summary.failed,
        "errored": summary.errored,
        "notApplicable": summary.not_applicable,
        "warnings": summary.warnings,
        "areas": [
            {
                "name": area.name,
                "passed": area.passed,
                "failed": area.failed,
                "errored": area.errored,
                "notApplicable": area.not_applicable,
            }
            for area in summary.areas
        ],
        "rules": {
            "broken": [
                {"rule": rule.id, "level": rule.level, "requirement": rule.requirement, "cases": rule.cases}
                for rule in summary.broken
            ],
            "exercised": list(summary.exercised),
            "notExercised": list(summary.unexercised),
        },
    }


def _json(chunk: Any) -> str:
    """Return a chunk as text for a person; it may hold NaN, which is a fault and shown as what it is."""
    return json.dumps(chunk, ensure_ascii=False, separators=(",", ":"))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a report."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - only who prints the schema waits for it

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://streamchunk.dev/schemas/harness/report.json",
        **TypeAdapter(Report).json_schema(),
    }


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2, ensure_ascii=False))  # noqa: T201 - this is what the command is for
