"""A run as text: each case that does not hold as it comes, then the counts."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.transcript import Ending
from harness.reports.findings import Paint, plain, shown, violations_text
from harness.reports.known import details, objection_text, unasked_entry, unlisted
from harness.results import About, AreaCount, Errored, Failed, Held, Passed, Review, Summary

_LONG = 1_000
"""Characters of a sentence that names cases, says why there is no transcript, or gives the reasons of a person."""
_LOG_LINES = 12


def result_lines(result: Held, paint: Paint = plain) -> Iterator[str]:
    """Yield the lines that show one result: none for what passed without a warning, is known or was not applicable."""
    match result:
        case Errored():
            yield _headline("ERRORED", "SHOULD", result, paint)
            yield from _reason_lines(result)
            yield from _listed_lines(result, paint)
            yield ""
        case Failed():
            yield _headline("FAILED", "MUST", result, paint)
            yield from _ending_lines(result.answer.ending)
            yield from violations_text(result.case.id, result.verdict.violations, lambda _: None, paint=paint)
            for one in result.mismatches:
                yield f"{result.case.id}: {paint(f'expect.{one.field}', 'MUST')} (checked by hand for this case)"
                yield f"    expected  {shown(one.expected)}"
                yield f"    seen      {shown(one.seen)}"
            yield from _listed_lines(result, paint)
            yield ""
        case Passed() if result.verdict.violations:
            yield _headline("WARNINGS", "SHOULD", result, paint)
            yield from violations_text(result.case.id, result.verdict.violations, lambda _: None, paint=paint)
            yield ""


def summary_lines(summary: Summary, paint: Paint = plain) -> Iterator[str]:
    """Yield a table of areas, why cases were not applicable, what of the rules and of the known failures to know."""
    yield from _table(summary, paint)
    if summary.about is not None:
        yield _offered(summary.about)
    for reason, number in summary.reasons:
        yield f"not applicable ({number}): {shown(reason)}"
    if summary.review is not None:
        yield from _known_lines(summary, summary.review, paint)
    for rule in summary.broken:
        cases = _cases(rule.cases) + (f", known in {rule.known}" if rule.known else "")
        yield f"{paint(f'{rule.level} {rule.id}', rule.level)} broken in {cases}: {rule.requirement}"
    for one in summary.levels:
        yield f"{summary.configuration}: {one}" if summary.configuration else str(one)
    yield f"{len(summary.exercised)} rules exercised"
    if summary.unexercised:
        idle = len(summary.unexercised)
        yield f"{idle} rules not exercised, so nothing is known of them: --report json=PATH (html, md) lists them"


def _offered(about: About) -> str:
    """Say what an implementation declares: of what it does not, no case is asked."""
    version = None if about.version == "unknown" else about.version
    is_told = about.language is None or about.language.lower() in about.name.lower()
    name = " ".join(filter(None, (about.name, version, "" if is_told else f"({about.language})")))
    offered = f"{name} offers {', '.join(about.operations) or 'nothing'}"
    if about.wires is None:
        return shown(offered, _LONG)
    wires = f", over {', '.join(about.wires)}" if about.wires else "; it says that it speaks to no provider"
    return shown(f"{offered}{wires}", _LONG)


def _table(summary: Summary, paint: Paint) -> Iterator[str]:
    """Yield the counts of each area and of all; known ones only where there is a list of them."""
    rows = [*summary.areas, _total(summary)]
    width = max(len(area.name) for area in rows)
    known = "" if summary.review is None else f" {'known':>7}"
    yield f"{'area':<{width}}  {'passed':>7} {'failed':>7}{known} {'errored':>8} {'not applicable':>15}"
    for area in rows:
        known = "" if summary.review is None else f" {paint(f'{area.known:>7}', 'SHOULD' if area.known else 'quiet')}"
        yield (
            f"{area.name:<{width}}  {paint(f'{area.passed:>7}', 'good' if area.passed else 'quiet')} "
            f"{paint(f'{area.failed:>7}', 'MUST' if area.failed else 'quiet')}{known} "
            f"{paint(f'{area.errored:>8}', 'SHOULD' if area.errored else 'quiet')} "
            f"{paint(f'{area.not_applicable:>15}', 'quiet')}"
        )


def _known_lines(summary: Summary, review: Review, paint: Paint) -> Iterator[str]:
    """Yield which known failures were found, and what is wrong with their list."""
    for found in summary.known_failures:
        yield f"{found.entry}: found in {_cases(found.cases)}: {shown(details(found.entry), _LONG)}"
    for unasked in review.unasked:
        yield paint(shown(unasked_entry(unasked)["text"], _LONG), "quiet")
    for objection in review.objections:
        yield f"{shown(review.file)}: {paint(objection.fault, 'MUST')}: {shown(objection_text(objection), _LONG)}"


def _reason_lines(result: Errored) -> Iterator[str]:
    """Yield why there is no transcript, and the end of a log as lines of their own: what it died of stands last."""
    first, *log = result.reason.splitlines() or [""]
    yield f"    {result.kind}: {shown(first, _LONG)}"
    for text in log[-_LOG_LINES:]:
        yield f"      {shown(text)}"


def _cases(number: int) -> str:
    return "1 case" if number == 1 else f"{number} cases"


def _listed_lines(result: Failed | Errored, paint: Paint) -> Iterator[str]:
    """Yield what of a failure is known, where something is: the rest is what made the run red."""
    for entry in result.listed:
        if entry.expired:
            yield f"    {paint('expired', 'MUST')}   {entry.rule}, on {entry.expires}: {shown(details(entry))}"
        else:
            yield f"    known     {entry.rule}: {shown(details(entry))}"
    if result.listed:
        yield f"    {paint('unlisted', 'MUST')}  {', '.join(unlisted(result))}"


def _headline(word: str, kind: str, result: Passed | Failed | Errored, paint: Paint) -> str:
    return f"{paint(word, kind)} {result.case.id}: {shown(result.case.title)} ({', '.join(result.case.sections)})"


def _ending_lines(ending: Ending) -> Iterator[str]:
    if ending.kind != "completed":
        raised = ": ".join(shown(str(value)) for value in (ending.error or {}).values())
        yield f"    the stream {_ENDED[ending.kind]}{f': {raised}' if raised else ''}"


_ENDED = {"raised": "raised", "aborted": "was aborted", "timed out": "did not end"}


def _total(summary: Summary) -> AreaCount:
    counts = summary.passed, summary.failed, summary.known, summary.errored, summary.not_applicable
    return AreaCount("all", *counts)
