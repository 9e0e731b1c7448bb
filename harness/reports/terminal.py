"""A run as text: each case that does not hold as it comes, then the counts."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.transcript import Ending
from harness.reports.findings import Paint, plain, shown, violations_text
from harness.results import AreaCount, Errored, Failed, Passed, Result, Summary


def result_lines(result: Result, paint: Paint = plain) -> Iterator[str]:
    """Yield the lines that show one result: none for what passed without a warning or was not applicable."""
    match result:
        case Errored():
            yield _headline("ERRORED", "SHOULD", result, paint)
            yield f"    {result.kind}: {shown(result.reason)}"
            yield ""
        case Failed():
            yield _headline("FAILED", "MUST", result, paint)
            yield from _ending_lines(result.answer.ending)
            yield from violations_text(result.case.id, result.verdict.violations, lambda _: None, paint=paint)
            for one in result.mismatches:
                yield f"{result.case.id}: {paint(f'expect.{one.field}', 'MUST')} (checked by hand for this case)"
                yield f"    expected  {shown(one.expected)}"
                yield f"    seen      {shown(one.seen)}"
            yield ""
        case Passed() if result.verdict.violations:
            yield _headline("WARNINGS", "SHOULD", result, paint)
            yield from violations_text(result.case.id, result.verdict.violations, lambda _: None, paint=paint)
            yield ""


def summary_lines(summary: Summary, paint: Paint = plain) -> Iterator[str]:
    """Yield a table of areas, why cases were not applicable, and which rules were broken, exercised and neither."""
    rows = [*summary.areas, _total(summary)]
    width = max(len(area.name) for area in rows)
    yield f"{'area':<{width}}  {'passed':>7} {'failed':>7} {'errored':>8} {'not applicable':>15}"
    for area in rows:
        yield (
            f"{area.name:<{width}}  {paint(f'{area.passed:>7}', 'good' if area.passed else 'quiet')} "
            f"{paint(f'{area.failed:>7}', 'MUST' if area.failed else 'quiet')} "
            f"{paint(f'{area.errored:>8}', 'SHOULD' if area.errored else 'quiet')} "
            f"{paint(f'{area.not_applicable:>15}', 'quiet')}"
        )
    for reason, number in summary.reasons:
        yield f"not applicable ({number}): {shown(reason)}"
    for rule in summary.broken:
        cases = "1 case" if rule.cases == 1 else f"{rule.cases} cases"
        yield f"{paint(f'{rule.level} {rule.id}', rule.level)} broken in {cases}: {rule.requirement}"
    yield f"{len(summary.exercised)} rules exercised"
    if summary.unexercised:
        yield f"{len(summary.unexercised)} rules not exercised, so nothing is known of them: " + ", ".join(
            summary.unexercised
        )


def _headline(word: str, kind: str, result: Result, paint: Paint) -> str:
    return f"{paint(word, kind)} {result.case.id}: {shown(result.case.title)} ({', '.join(result.case.sections)})"


def _ending_lines(ending: Ending) -> Iterator[str]:
    if ending.kind != "completed":
        raised = ": ".join(shown(str(value)) for value in (ending.error or {}).values())
        yield f"    the stream {_ENDED[ending.kind]}{f': {raised}' if raised else ''}"


_ENDED = {"raised": "raised", "aborted": "was aborted", "timed out": "did not end"}


def _total(summary: Summary) -> AreaCount:
    return AreaCount("all", summary.passed, summary.failed, summary.errored, summary.not_applicable)
