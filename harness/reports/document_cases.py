"""One result as JSON: the entry of a case in the report."""

from __future__ import annotations

import json
from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict  # pydantic prints schemas of these only, before Python 3.12

from harness.protocol.transcript import NOTHING
from harness.reports.known import KnownEntry, known_entry, unlisted
from harness.results import Answer, Errored, Failed, Held, Known, NotApplicable, Passed

LONGEST = 2_000
"""Characters of one text of the implementation's that a report keeps."""

Kind = Literal["passed", "failed", "known", "errored", "not applicable"]


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
    """One chunk as it was yielded, as JSON text with long texts cut; a long answer is shown only around its faults."""

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
    """One case and what became of it; ``reason`` says why it errored or was not applicable.

    Where something of it is listed as a known failure, ``listed`` are the entries and ``unlisted`` what counts against
    it and is not known: ids of rules, ``expect`` and ``errored``.
    """

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
    listed: NotRequired[list[KnownEntry]]
    unlisted: NotRequired[list[str]]


def case_entry(result: Held) -> CaseEntry:
    """Return what became of a case; every text of the implementation's is cut to :data:`LONGEST` characters."""
    case = result.case
    entry: CaseEntry = {
        "id": case.id,
        "area": case.area,
        "title": case.title,
        "sections": case.sections,
        "operation": case.operation,
        "result": _kind(result),
    }
    if isinstance(result, Failed | Errored | Known) and result.listed:
        entry["listed"] = [known_entry(one) for one in result.listed]
        entry["unlisted"] = list(unlisted(result))
    found = result.found if isinstance(result, Known) else result
    if isinstance(found, NotApplicable | Errored):
        entry["reason"] = _cut(found.reason)
        return entry
    verdict = found.verdict
    faulty = {violation.finding.chunk for violation in verdict.violations}
    entry["answer"] = _answer(found.answer, faulty)
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
    different = found.mismatches if isinstance(found, Failed) else ()
    entry["mismatches"] = [
        {"field": one.field, "expected": _cut(one.expected), "seen": _cut(one.seen)} for one in different
    ]
    entry["exercised"] = list(verdict.exercised)
    return entry


def _kind(result: Held) -> Kind:
    match result:
        case Passed():
            return "passed"
        case Failed():
            return "failed"
        case Known():
            return "known"
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


def _json(chunk: Any) -> str:
    """Return a chunk as text for a person; it may hold NaN, which is a fault and shown as what it is."""
    return json.dumps(chunk, ensure_ascii=False, separators=(",", ":"))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"
