"""The reports that ``streamchunk run`` and ``compare`` write beside what they print: ``--report FORM=PATH``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from harness.errors import InputError
from harness.reports.document import Report
from harness.reports.formats import FORMATS

Destination = tuple[str, Path]
"""The form of a report, and its file."""


def destinations(reports: Sequence[str]) -> list[Destination]:
    """Read every ``FORM=PATH``; one report must not take another's place."""
    found: dict[Path, Destination] = {}
    for given in reports:
        form, path = _destination(given)
        place = path.parent.resolve() / path.name
        if place in found:
            raise click.BadParameter(f"{given!r}: another report is written there", param_hint="--report")
        found[place] = form, path
    return list(found.values())


def write_reports(report: Report, places: Sequence[Destination]) -> None:
    """Write a report in each of these forms; raises :class:`InputError` for one that cannot be written."""
    for form, path in places:
        write(path, FORMATS[form](report))


def write(path: Path, text: str) -> None:
    """Write the text of a report; raises :class:`InputError` where it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"the report {path} cannot be written: {error.strerror}") from error


def _destination(given: str) -> Destination:
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
