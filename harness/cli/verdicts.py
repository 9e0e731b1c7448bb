"""What became of each log, as lines for a person and as JSON for a machine.

``streamchunk judge --format json`` prints one object::

    {"profile", "strict", "levels": [{"rule", "before", "after", "change", "text"}, …], "files": [entry, …],
     "summary": {"status", "exit", "files", "streams", "withViolations", "unreadable", "must", "should"}}

    an entry   {"file", "status", "scope", "chunks", "ending", "source", "sourceMissing", "exercised", "notExercised",
                "violations": [{"rule", "level", "sections", "requirement", "chunk", "path", "expected", "seen", "why",
                                "mend", "source": {"name", "start", "end", "text"} | null}, …]}
               or, where it could not be judged, {"file", "status", "message"}

Chunks are numbered from 0; ``start`` and ``end`` are bytes of the source, null where only its events are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from harness.cli.ending import Status, word
from harness.cli.judging import Judged, Unreadable
from harness.cli.provenance import provenance
from harness.cli.sources import Source, Unpaired
from harness.reports.findings import Paint, shown, violation_json, violations_text
from harness.rules import BY_ID
from harness.rules.rule import Level


def outcome_text(outcome: Judged | Unreadable, paint: Paint) -> Iterator[str]:
    """Yield the lines that show what became of one log: each violation, and a line that sums up."""
    name = shown(outcome.name, 1000)
    if isinstance(outcome, Unreadable):
        yield f"{name}: {paint(word(outcome.status), 'MUST')}: {shown(outcome.reason, 500)}"
        return
    verdict = outcome.verdict
    if verdict.violations:
        origin_of = provenance(outcome.transcript, _source(outcome))
        yield from violations_text(name, verdict.violations, origin_of, paint=paint)
    if isinstance(outcome.source, Unpaired):
        yield f"{name}: judged without a source: {outcome.source.reason}"
    colour = {Status.CONFORMS: "good", Status.VIOLATIONS: "MUST"}.get(outcome.status, "SHOULD")
    levels = ", ".join(f"{len(verdict.of(level))} {level.value}" for level in Level)
    yield f"{name}: {paint(word(outcome.status), colour)}: {levels}; {_rules(outcome)}"


def _rules(outcome: Judged) -> str:
    """Say how much of the law this stream gave an occasion to: what was not exercised was not passed."""
    verdict = outcome.verdict
    idle = f"{_many(len(verdict.exercised), 'rule')} exercised, {len(verdict.not_exercised)} not"
    if outcome.transcript.stimulus.events is None:
        blind = sum(BY_ID[id_].needs_source for id_ in verdict.not_exercised)
        idle += f" ({blind} of them need --source)" if blind else ""
    return idle


def outcome_json(outcome: Judged | Unreadable) -> dict[str, Any]:
    """Return what became of one log as one JSON object: the facts of the text, and the rules by name."""
    if isinstance(outcome, Unreadable):
        return {"file": outcome.name, "status": word(outcome.status), "message": outcome.reason}
    transcript, verdict = outcome.transcript, outcome.verdict
    origin_of = provenance(transcript, _source(outcome))
    return {
        "file": outcome.name,
        "status": word(outcome.status),
        "scope": transcript.scope,
        "chunks": len(transcript.records),
        "ending": transcript.ending.kind,
        "source": outcome.source.name if isinstance(outcome.source, Source) else None,
        "sourceMissing": outcome.source.reason if isinstance(outcome.source, Unpaired) else None,
        "exercised": list(verdict.exercised),
        "notExercised": list(verdict.not_exercised),
        "violations": [violation_json(violation, origin_of(violation.finding)) for violation in verdict.violations],
    }


def counted(outcomes: Sequence[Judged | Unreadable]) -> dict[str, int]:
    """Return the numbers that sum up a run."""
    judged = [outcome for outcome in outcomes if isinstance(outcome, Judged)]
    return {
        "streams": len(judged),
        "withViolations": sum(outcome.status is Status.VIOLATIONS for outcome in judged),
        "unreadable": len(outcomes) - len(judged),
        "must": sum(len(outcome.verdict.of(Level.MUST)) for outcome in judged),
        "should": sum(len(outcome.verdict.of(Level.SHOULD)) for outcome in judged),
    }


def facts(files: int, outcomes: Sequence[Judged | Unreadable]) -> str:
    """Return the same numbers for the last line of a run."""
    count = counted(outcomes)
    streams = "" if count["streams"] + count["unreadable"] == files else f", {_many(count['streams'], 'stream')}"
    unreadable = f", {count['unreadable']} unreadable" if count["unreadable"] else ""
    return (
        f"{_many(files, 'file')}{streams}{unreadable}, {count['withViolations']} with violations, "
        f"{count['must']} MUST, {count['should']} SHOULD"
    )


def _source(outcome: Judged) -> Source | None:
    return outcome.source if isinstance(outcome.source, Source) else None


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
