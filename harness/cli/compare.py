"""``streamchunk compare``: the same cases, several implementations, and where their answers part."""

from __future__ import annotations

import contextlib
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

import click

from harness import runner
from harness.cli.asked_suite import asked_suite
from harness.cli.configured import config_option, configured, here
from harness.cli.ending import Status, last_line
from harness.cli.fitting import check_flags
from harness.cli.output import painter
from harness.cli.progress import Progress
from harness.cli.provider import played, provider_option, wire_option
from harness.cli.report_files import destinations, write
from harness.cli.run_plan import Flags, Plan, planned
from harness.cli.shown_target import shown_target
from harness.cli.suite_options import keyword_option, report_and_suite_options, strict_option
from harness.cli.targets import Seconds, connected
from harness.drivers import REFERENCE
from harness.drivers.driver import Driver
from harness.judge import judge
from harness.protocol.transcript import PROFILES, Profile, Transcript
from harness.replay.fixed_provider import FixedProvider
from harness.reports.compare_forms import FORMATS, document, dumped
from harness.reports.compare_matrix import Asked, Comparison, Row, facts, row_of
from harness.reports.compare_text import row_lines, summary_lines
from harness.results import Result, result_of
from harness.suite import selection
from harness.suite.case import Case

_LABELLED = re.compile(r"([^:=]*)=(.*)", re.DOTALL)
"""A name and a target; the equals sign of an address stands behind a colon."""
_FEWEST = 2
_WORDS = {
    Status.CONFORMS: "they agree",
    Status.VIOLATIONS: "they part, or are wrong",
    Status.NOTHING: "nothing compared",
}


class _Target(NamedTuple):
    """A target, and what it is called in the table."""

    label: str
    target: str


@click.command()
@click.argument("arguments", nargs=-1, metavar="TARGET TARGET... [CASE-PATTERN]...")
@keyword_option
@click.option("--all", "every", is_flag=True, help="Show every case, not only those whose answers part.")
@click.option(
    "--profile",
    type=click.Choice(PROFILES),
    help="Whose law it is; if not given, the one that all of them name, and tanstack where they name several.",
)
@strict_option
@click.option("--timeout", type=Seconds(), metavar="S", help="Seconds that one answer may take: 30, if not given.")
@click.option(
    "--start-timeout",
    type=Seconds(),
    metavar="S",
    help="Seconds that each implementation has to say who it is: 30, if not given.",
)
@report_and_suite_options
@provider_option
@wire_option
@config_option
def compare(  # noqa: PLR0913 - one for each option that is not of the plan
    *,
    arguments: tuple[str, ...],
    keyword: str | None,
    every: bool,
    form: str,
    reports: tuple[str, ...],
    config_file: Path | None,
    **flags: Any,
) -> Status:
    """Ask several implementations the same cases, and show where their answers part.

    A TARGET is reference, python:MODULE:NAME, or another of the kinds that README lists; NAME=TARGET gives it a name in
    the table, which may hold neither '=' nor ':'. A CASE-PATTERN is a case's id, an area, or a glob such as 'text/*'.
    All TARGETs stand before the first CASE-PATTERN.

    Answers part where a client ends up with something else, or is told it by other chunks. Generated ids, names of
    models, times, white space in arguments and the words of an error are not compared; a text that is cut into other
    pieces is told as "alike".

    Exit status: 0 all answers agree and conform, 1 some part or break a rule, 2 the command cannot be followed, 3 an
    implementation gave no transcript, 4 no case was answered by two.
    """
    targets, patterns = _split(arguments)
    here()
    said, given = configured(config_file), Flags(**flags)
    plan = planned(given, said)
    check_flags(given, [one.target for one in targets])
    files = destinations(reports)
    stdout, paint = sys.stdout, painter(sys.stdout)
    # From here on stdout is the report's alone; an implementation may print what it likes, even behind our back.
    click.get_current_context().with_resource(contextlib.redirect_stdout(sys.stderr))
    cases = selection.selected(asked_suite(plan, said), patterns, keyword)
    rows: list[Row] = []
    with contextlib.ExitStack() as stack:
        settings = replace(plan.settings, folder=None)
        drivers = [
            stack.enter_context(
                connected(
                    one.target,
                    f"TARGET {place}, {one.label}",
                    settings,
                    dialect=plan.dialect if one.target == said.target else None,
                )
            )
            for place, one in enumerate(targets, 1)
        ]
        provider = stack.enter_context(played(plan.provider, drivers))
        progress = stack.enter_context(Progress("comparing", len(cases)))
        plan = replace(plan, profile=plan.profile or _profile_of(drivers))
        asked = [
            Asked(one.label, shown_target(one.target), driver.implementation.name)
            for one, driver in zip(targets, drivers, strict=True)
        ]
        for row in _rows(cases, drivers, plan, provider):
            rows.append(row)
            if form == "text" and (every or row.wants_attention):
                progress.clear()
                click.echo("\n".join(row_lines(row, asked, paint)), file=stdout)
            progress.advance(1)
    comparison = Comparison(tuple(asked), plan.profile or "spec", plan.strict, tuple(rows))
    status = Status(comparison.status)
    closing = last_line(status, facts(comparison), said=_WORDS.get(status))
    report = document(comparison, closing)
    for kind, path in files:
        write(path, FORMATS[kind](report))
    if form == "json":
        stdout.buffer.write(dumped(report).encode())
    else:
        for text in summary_lines(comparison, paint):
            click.echo(text, file=stdout)
    click.echo(closing, file=sys.stderr if form == "json" else stdout)
    return status


def _split(arguments: Sequence[str]) -> tuple[list[_Target], Sequence[str]]:
    """Tell the targets, each under a name of its own, from the patterns."""
    found = [_target(argument) for argument in takewhile(_is_target, arguments)]
    patterns = arguments[len(found) :]
    if late := next(filter(_is_target, patterns), None):
        raise click.UsageError(
            f"the TARGET {shown_target(late)} stands behind {patterns[0]!r:.80}, which is taken for a CASE-PATTERN; "
            "write all TARGETs first"
        )
    if len(found) < _FEWEST:
        given = f"{len(found)} TARGET{'' if len(found) == 1 else 's'} given"
        raise click.UsageError(f"{given}, and two are wanted to compare; `streamchunk run` asks one")
    again = Counter[str]()
    for place, one in enumerate(found):
        again[one.label] += 1
        if again[one.label] > 1:
            found[place] = one._replace(label=f"{one.label} ({again[one.label]})")
    return found, patterns


def _is_target(argument: str) -> bool:
    """Tell a target, or what is meant to be one with a name before it, from a pattern, which has none of ``:=``."""
    return argument == REFERENCE or ":" in argument or "=" in argument


def _target(argument: str) -> _Target:
    labelled = _LABELLED.fullmatch(argument)
    if labelled is None:
        return _Target(shown_target(argument), argument)
    label, target = labelled.groups()
    if not label.strip():
        raise click.UsageError(f"{shown_target(argument)} has no name before the '='; write NAME=TARGET, or TARGET")
    if (target != REFERENCE and ":" not in target) or _LABELLED.fullmatch(target):
        why = "a name holds no '='" if "=" in target else f"{shown_target(target)!r} is no target"
        raise click.UsageError(f"{shown_target(argument)}: {why}; write NAME=TARGET, such as mine=python:module:name")
    return _Target(label, target)


def _profile_of(drivers: Sequence[Driver]) -> Profile:
    """Return the profile by which all can be judged: what TanStack needs is the lesser part of what is asked."""
    named = {driver.implementation.profile or "spec" for driver in drivers}
    return "spec" if named == {"spec"} else "tanstack"


def _rows(
    cases: Sequence[Case], drivers: Sequence[Driver], plan: Plan, provider: FixedProvider | None
) -> Iterator[Row]:
    """Ask all implementations, case by case."""
    profile = plan.profile or "spec"
    with contextlib.ExitStack() as stack:
        answers = [
            stack.enter_context(
                contextlib.closing(
                    runner.answers(cases, driver, profile=profile, timeout=plan.timeout, provider=provider)
                )
            )
            for driver in drivers
        ]
        for of_case in zip(*answers, strict=True):
            yield row_of([_judged(case, answer, profile, plan) for case, answer in of_case])


def _judged(case: Case, answer: runner.Answer, profile: Profile, plan: Plan) -> tuple[Result, Transcript | None]:
    if not isinstance(answer, Transcript):
        return answer, None
    verdict = judge(answer, profile=profile, strict=plan.strict, levels=plan.levels)
    return result_of(case, answer, verdict), answer
