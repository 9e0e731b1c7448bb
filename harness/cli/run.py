"""``streamchunk run``: the suite, an implementation, and what came of it."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.ending import Status, last_line
from harness.errors import CannotConnect, InputError

if TYPE_CHECKING:
    from harness.drivers.driver import Driver
    from harness.protocol.transcript import Profile
    from harness.reports.findings import Paint
    from harness.results import Result
    from harness.suite.case import Case

_DEFAULT_TARGET = "reference"
_LONGEST_TIMEOUT = 86_400.0


@click.command()
@click.argument("arguments", nargs=-1, metavar="[TARGET] [CASE-PATTERN]...")
@click.option("-k", "keyword", metavar="PATTERN", help="Only cases whose id or title holds this: 'tools and not order'.")
@click.option(
    "--profile",
    type=click.Choice(["spec", "tanstack"]),
    help="Which promises are judged; otherwise those that the implementation names, otherwise spec.",
)
@click.option("--strict", is_flag=True, help="A broken SHOULD breaks the protocol too.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, max=_LONGEST_TIMEOUT, min_open=True),
    default=30.0,
    show_default=True,
    metavar="S",
    help="Seconds for one answer.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="What stdout is written in.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORM=PATH",
    help="Write a report too: html=PATH, json=PATH or md=PATH; may be repeated.",
)
@click.option(
    "--cases",
    "places",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Your own case files or folders of them, instead of the bundled suite; may be repeated.",
)
def run(  # noqa: PLR0913 - one for each option
    arguments: tuple[str, ...],
    keyword: str | None,
    profile: Profile | None,
    strict: bool,  # noqa: FBT001 - click passes options by name
    timeout: float,
    form: str,
    reports: tuple[str, ...],
    places: tuple[Path, ...],
) -> Status:
    """Play the suite to an implementation and judge what it answers.

    TARGET is `reference` (the default: the bundled adapter) or `python:MODULE:NAME`. A CASE-PATTERN is a case's id, an
    area, or a glob such as `tools/*`. The first argument is the TARGET if it is `reference` or has a colon in it.

    Exit status: 0 every case passed, 1 some failed, 2 the command cannot be understood (a target that is not there, a
    pattern that matches nothing), 3 the target gave no transcript, 4 no case was applicable.
    """
    from harness.reports import FORMATS  # noqa: PLC0415 - `streamchunk --help` does not wait for it
    from harness.reports.document import document  # noqa: PLC0415
    from harness.results import facts, summary_of  # noqa: PLC0415

    target, patterns = _split(arguments)
    destinations = [_destination(given) for given in reports]
    say = _Text(sys.stdout) if form == "text" else None
    with contextlib.redirect_stdout(sys.stderr):  # stdout is the report's; an implementation may print what it likes
        cases = _chosen(places, patterns, keyword)
        driver = _connected(target)
        used = profile or driver.implementation.profile or "spec"
        try:
            results = list(_told(_run(cases, driver, used, strict, timeout), say))
        finally:
            driver.close()
    summary = summary_of(results, target=target, profile=used, strict=strict)
    status = Status(summary.status)
    line = last_line(status, facts(summary))
    report = document(results, summary, line)
    for kind, path in destinations:
        _write(path, FORMATS[kind](report))
    return status
