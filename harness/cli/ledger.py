"""``streamchunk ledger``: what holds each clause of the specification."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from harness.cli.ending import Status
from harness.cli.output import write_json
from harness.suite.ledger import STATUSES, Clause, Coverage, coverage, load, total, within

_WIDTH = 9


@click.command()
@click.argument("section", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def ledger(*, section: str | None, form: str) -> Status:
    """Show how much of the specification is held by rules, cases and tests.

    Without an argument the clauses are counted by chapter. With a SECTION, such as 14 or §6.4, each of its clauses is
    shown with what holds it, or with the reason why nothing does.
    """
    clauses = load()
    chosen = clauses if section is None else within(clauses, section)
    if form == "json":
        write_json(
            {
                "coverage": [_row(one) for one in coverage(chosen, by_chapter=section is None)],
                "total": _row(total(chosen)),
                "clauses": [_entry(one) for one in chosen],
            }
        )
        return Status.CONFORMS
    for line in _table(chosen, by_chapter=section is None):
        click.echo(line)
    if section is not None:
        for clause in chosen:
            click.echo()
            for line in _lines(clause):
                click.echo(line)
    return Status.CONFORMS


def _table(clauses: Sequence[Clause], *, by_chapter: bool) -> Iterator[str]:
    """Yield one line for each part, and the sum."""
    heads = ("clauses", "held", *(_HEADS[status] for status in STATUSES), "rules", "cases")
    yield _line("section", heads)
    for one in [*coverage(clauses, by_chapter=by_chapter), total(clauses)]:
        yield _line(one.section, (one.clauses, one.held, *(count for _, count in one.statuses), one.rules, one.cases))
    yield ""
    yield "held: by a rule, a case or a test. replaced: a reading stands in the clause's place, and is held."


_HEADS = {"covered": "covered", "contradicted": "replaced", "untestable": "unseen", "informative": "informs"}


def _line(first: str, cells: Sequence[object]) -> str:
    return f"{first:<8}" + "".join(f"{cell!s:>{_WIDTH}}" for cell in cells)


def _lines(clause: Clause) -> Iterator[str]:
    """Yield what is known of one clause."""
    yield f"{clause.id}  {clause.text}"
    readings = f" ({', '.join(clause.readings)})" if clause.readings else ""
    yield f"    {_HEADS[clause.status]}{readings}{': ' if clause.reason else ''}{clause.reason}"
    for word, names in (("rules", clause.rules), ("cases", clause.cases), ("tests", clause.tests)):
        if names:
            yield f"    {word}  {', '.join(names)}"


def _row(one: Coverage) -> dict[str, object]:
    return {
        "section": one.section,
        "clauses": one.clauses,
        "held": one.held,
        **dict(one.statuses),
        "rules": one.rules,
        "cases": one.cases,
    }


def _entry(clause: Clause) -> dict[str, object]:
    return {
        "clause": clause.id,
        "section": clause.section,
        "text": clause.text,
        "status": clause.status,
        "rules": list(clause.rules),
        "cases": list(clause.cases),
        "tests": list(clause.tests),
        "readings": list(clause.readings),
        "reason": clause.reason,
    }
