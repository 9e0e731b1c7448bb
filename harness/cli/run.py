"""``streamchunk run``: the suite, an implementation, and what came of it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from harness import runner
from harness.cli import run_expectations
from harness.cli.asked_suite import asked_suite
from harness.cli.configured import config_option, configured, here
from harness.cli.ending import Status, last_line
from harness.cli.fitting import check_dump, check_fetch, check_flags
from harness.cli.output import painter
from harness.cli.progress import Progress
from harness.cli.provider import played, provider_option, unplayed, wire_option
from harness.cli.report_files import destinations, write_reports
from harness.cli.run_expectations import Expectations, Rewriting
from harness.cli.run_plan import Flags, Plan, planned
from harness.cli.shown_target import shown_target
from harness.cli.suite_options import keyword_option, report_and_suite_options, strict_option
from harness.cli.targets import Seconds, connected
from harness.config import Config
from harness.drivers import REFERENCE
from harness.drivers.driver import Implementation
from harness.errors import InputError
from harness.judge import levels_asked, relevelled
from harness.protocol.transcript import PROFILES
from harness.reports import terminal
from harness.reports.document import document, dumped
from harness.reports.findings import Paint
from harness.results import About, Held, Result, Summary, facts, held, summary_of
from harness.suite import selection

_BUNDLED = (
    "reference is the adapter that comes with streamchunk, so nothing of yours was judged: name it as the TARGET, or "
    "in a streamchunk.toml"
)
"""Whoever leaves the target out, or stands in the wrong folder, should not take the verdict for that of their own."""


@click.command()
@click.argument("arguments", nargs=-1, metavar="[TARGET] [CASE-PATTERN]...")
@keyword_option
@click.option(
    "--profile",
    type=click.Choice(PROFILES),
    help="Whose law it is; if nobody says it here or in the configuration, what the implementation names, else spec.",
)
@strict_option
@click.option(
    "--timeout", type=Seconds(), metavar="S", help="Seconds that one answer may take: 30, if nobody says otherwise."
)
@click.option(
    "--start-timeout",
    type=Seconds(),
    metavar="S",
    help="Seconds that the implementation has to say who it is: 30, if nobody says otherwise.",
)
@report_and_suite_options
@click.option(
    "--expectations",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Known failures: which rules are broken in which cases, and why. What is not listed is red, and so is what "
    "is listed and does not fail.",
)
@click.option(
    "--write-expectations",
    "write",
    is_flag=True,
    help="List every failure of this run that is not listed yet; without --expectations in what the configuration "
    "names, else in streamchunk-expectations.toml.",
)
@click.option("--prune", is_flag=True, help="Take out of the list what does not fail, or matches no case, any more.")
@provider_option
@wire_option
@click.option(
    "--fetch",
    is_flag=True,
    help="Have the shim's own fetch play a provider's plain answers, in exact pieces: fast, but no request is seen.",
)
@click.option(
    "--verify-driver", "verify", is_flag=True, help="Hold all that a shim and the harness say to the driver protocol."
)
@click.option(
    "--dump-driver-input",
    "dump",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the lines that a shim is sent for the one case that is selected: 'node shim.mjs < FILE' repeats it.",
)
@config_option
def run(  # noqa: PLR0913 - one for each option that is not of the plan
    *,
    keyword: str | None,
    form: str,
    reports: tuple[str, ...],
    write: bool,
    prune: bool,
    config_file: Path | None,
    **flags: Any,
) -> Status:
    """Play the suite to an implementation and judge what it answers.

    TARGET is reference (the bundled adapter), python:MODULE:NAME, 'stdio:COMMAND' (a shim), stdio+tcp://HOST:PORT (one
    that runs already) or http:URL (a running application); if it is not given, the target of the configuration, else
    reference. A CASE-PATTERN is a case's id, an area, or a glob such as 'text/*'. The first argument is the TARGET if
    it is reference or has a colon in it.

    What is not said here is as the configuration says, else as the implementation declares.

    Exit status: 0 every case passed or is known to fail, 1 some failed, or the list of known failures is wrong, 2 the
    command cannot be followed (no such target, a pattern that matches nothing, a case or a cassette that cannot be
    played), 3 the target gave no transcript, 4 nothing was exercised: no case was applicable, or each is known to give
    no transcript.
    """
    here()
    said, given = configured(config_file), Flags(**flags)
    plan = planned(given, said)
    check_flags(given, [plan.target])
    places = destinations(reports)
    rewriting = Rewriting(write, prune)
    known = _expectations(plan, said, rewriting)
    if known and rewriting:
        rewriting.check(known)
    stdout, paint = sys.stdout, painter(sys.stdout)
    aside = sys.stderr if form == "json" else stdout
    # From here on stdout is the report's alone; an implementation may print what it likes, even behind our back.
    click.get_current_context().with_resource(contextlib.redirect_stdout(sys.stderr))
    suite = asked_suite(plan, said)
    cases = selection.selected(suite, plan.patterns, keyword)
    check_dump(given, cases)
    loaded = [case.id for case in suite]
    found: list[Result] = []
    with (
        connected(plan.target, plan.hint, plan.settings, dialect=plan.dialect) as driver,
        played(plan.provider, [driver]) as provider,
        Progress("asking", len(cases)) as progress,
    ):
        implementation = driver.implementation
        check_fetch(given, implementation)
        profile = plan.profile or implementation.profile or "spec"
        for result in runner.run(
            cases,
            driver,
            profile=profile,
            strict=plan.strict,
            timeout=plan.timeout,
            levels=plan.levels,
            fetch=plan.fetch,
            provider=provider,
        ):
            found.append(result)
            if form == "text" and not rewriting:  # else nobody can say yet what is known
                for text in terminal.result_lines(_held(result, known), paint):
                    progress.clear()
                    click.echo(text, file=stdout)
            progress.advance(1)
    rules = levels_asked(profile, plan.levels)
    failures: list[InputError] = []  # of what is to be written: they cost nobody the results
    if known and rewriting:
        with _put_off(failures):
            hint = "" if plan.is_listed else known.hint(said)
            known, done = rewriting.rewritten(known, found, loaded, rules, hint)
            click.echo(done, err=True)
    results = [_held(result, known) for result in found]
    summary = summary_of(
        results,
        target=shown_target(plan.target),
        profile=profile,
        strict=plan.strict,
        review=known.review(results, loaded, rules) if known else None,
        levels=relevelled(profile, plan.levels),
        configuration=said.name,
        about=_about(implementation),
    )
    status = Status(summary.status)
    closing = last_line(status, facts(summary))
    report = document(results, summary, closing)
    with _put_off(failures):
        write_reports(report, places)
    if form == "json":
        stdout.buffer.write(dumped(report).encode())
    else:
        for text in _closing_lines(results if rewriting else (), summary, paint):
            click.echo(text, file=stdout)
    if told := unplayed(found, implementation, provider):
        click.echo(told, err=True)
    click.echo(facts(summary) if failures else closing, file=aside)
    if failures:
        raise InputError("; ".join(map(str, failures)))
    return status


def _closing_lines(late: Sequence[Held], summary: Summary, paint: Paint) -> Iterator[str]:
    """Yield what is told behind the last case; ``late`` are results that could not be shown as they came."""
    for one in late:
        yield from terminal.result_lines(one, paint)
    yield from terminal.summary_lines(summary, paint)
    if summary.target == REFERENCE:
        yield _BUNDLED


@contextlib.contextmanager
def _put_off(failures: list[InputError]) -> Iterator[None]:
    """Keep a failure until the results are printed."""
    try:
        yield
    except InputError as error:
        failures.append(error)


def _expectations(plan: Plan, said: Config, rewriting: Rewriting) -> Expectations | None:
    """Return the list of known failures, None where there is none; what is to be written need not be there yet."""
    if plan.expectations is not None:
        return run_expectations.read(plan.expectations, may_be_absent=rewriting.write)
    if not rewriting:
        return None
    return run_expectations.read((said.folder or Path()) / run_expectations.FILE, may_be_absent=rewriting.write)


def _held(result: Result, known: Expectations | None) -> Held:
    return result if known is None else held(result, known.entries)


def _about(implementation: Implementation) -> About:
    return About(
        name=implementation.name,
        version=implementation.version,
        language=implementation.language,
        homepage=implementation.homepage,
        operations=tuple(sorted(implementation.operations)),
        wires=None if implementation.wires is None else tuple(sorted(implementation.wires)),
    )
