"""``streamchunk run``: the suite, an implementation, and what came of it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from harness import runner
from harness.cli.ending import Status, last_line
from harness.cli.output import painter
from harness.cli.progress import Progress
from harness.cli.targets import connected, timeout_option
from harness.drivers import REFERENCE
from harness.errors import InputError
from harness.protocol.transcript import PROFILES, Profile
from harness.reports import terminal
from harness.reports.document import document, dumped
from harness.reports.formats import FORMATS
from harness.results import Result, facts, summary_of
from harness.suite import recorded, selection, store


@click.command()
@click.argument("arguments", nargs=-1, metavar="[TARGET] [CASE-PATTERN]...")
@click.option(
    "-k", "keyword", metavar="PATTERN", help="Only cases whose id or title holds this: 'tools and not order'."
)
@click.option(
    "--profile",
    type=click.Choice(PROFILES),
    help="Whose law it is; if not given, what the implementation names, else spec.",
)
@click.option("--strict", is_flag=True, help="A broken SHOULD breaks the protocol too.")
@timeout_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORM=PATH",
    help="Write a report as well: html=PATH, json=PATH or md=PATH; may be repeated.",
)
@click.option(
    "--cases",
    "places",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Your own case files, or folders of them, instead of the bundled suite; may be repeated.",
)
@click.option(
    "--cassettes",
    "tapes",
    multiple=True,
    metavar="CASSETTE|FOLDER",
    help="Your own cassettes, folders of them, or bundled ones by name, instead of the suite; may be repeated.",
)
def run(  # noqa: PLR0913 - one for each option
    *,
    arguments: tuple[str, ...],
    keyword: str | None,
    profile: Profile | None,
    strict: bool,
    timeout: float,
    form: str,
    reports: tuple[str, ...],
    places: tuple[Path, ...],
    tapes: tuple[str, ...],
) -> Status:
    """Play the suite to an implementation and judge what it answers.

    TARGET is reference (the default, the bundled adapter) or python:MODULE:NAME. A CASE-PATTERN is a case's id, an
    area, or a glob such as 'text/*'. The first argument is the TARGET if it is reference or has a colon in it.

    Exit status: 0 every case passed, 1 some failed, 2 the command cannot be followed (no such target, a pattern that
    matches nothing, a case or a cassette that cannot be played), 3 the target gave no transcript, 4 no case was
    applicable.
    """
    target, patterns = _split(arguments)
    destinations = _destinations(reports)
    stdout, paint = sys.stdout, painter(sys.stdout)
    # From here on stdout is the report's alone; an implementation may print what it likes, even behind our back.
    click.get_current_context().with_resource(contextlib.redirect_stdout(sys.stderr))
    own = [*(store.load(places, runner.check) if places else ()), *recorded.load(tapes, runner.check)]
    cases = selection.selected(own or store.bundled(), patterns, keyword)
    results: list[Result] = []
    with connected(target, "TARGET") as driver, Progress("asking", len(cases)) as progress:
        profile = profile or driver.implementation.profile or "spec"
        for result in runner.run(cases, driver, profile=profile, strict=strict, timeout=timeout):
            results.append(result)
            if form == "text":
                for text in terminal.result_lines(result, paint):
                    progress.clear()
                    click.echo(text, file=stdout)
            progress.advance(1)
    summary = summary_of(results, target=target, profile=profile, strict=strict)
    status = Status(summary.status)
    closing = last_line(status, facts(summary))
    report = document(results, summary, closing)
    for kind, path in destinations:
        _write(path, FORMATS[kind](report))
    if form == "json":
        stdout.buffer.write(dumped(report).encode())
    else:
        for text in terminal.summary_lines(summary, paint):
            click.echo(text, file=stdout)
    click.echo(closing, file=sys.stderr if form == "json" else stdout)
    return status


def _split(arguments: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Tell the target from the patterns."""
    if arguments and (arguments[0] == REFERENCE or ":" in arguments[0]):
        return arguments[0], arguments[1:]
    return REFERENCE, arguments


def _destinations(reports: Sequence[str]) -> list[tuple[str, Path]]:
    """Read every ``FORM=PATH``; one report must not take another's place."""
    found: dict[Path, tuple[str, Path]] = {}
    for given in reports:
        form, path = _destination(given)
        place = path.parent.resolve() / path.name
        if place in found:
            raise click.BadParameter(f"{given!r}: another report is written there", param_hint="--report")
        found[place] = form, path
    return list(found.values())


def _destination(given: str) -> tuple[str, Path]:
    """Read ``FORM=PATH``, and refuse before the run what could not be written after it."""
    form, equals, place = given.partition("=")
    if form not in FORMATS or not equals or not place:
        forms = " or ".join(f"{one}=PATH" for one in FORMATS)
        raise click.BadParameter(f"{given!r}: write {forms}", param_hint="--report")
    path = Path(place)
    if path.is_dir() or not path.parent.is_dir():
        why = "this is a folder" if path.is_dir() else "there is no such folder"
        raise click.BadParameter(f"{given!r}: {why}", param_hint="--report")
    return form, path


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"the report {path} cannot be written: {error.strerror}") from error
