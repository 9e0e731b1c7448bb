"""``streamchunk cassette list``: what cassettes hold, one line for each answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from harness.cassettes.bodies import FileBody
from harness.cassettes.cassette import Cassette
from harness.cassettes.interaction import Interaction
from harness.cassettes.named import files_named
from harness.cli.ending import Status
from harness.cli.output import write_json
from harness.cli.tapes import events_of, provider_of, wire_of
from harness.errors import InputError
from harness.protocol.event_reading import reading_of_events
from harness.reports.findings import shown

_COLUMNS = ("name", "provider", "wire", "provenance", "status", "bytes", "pieces", "ends")
_TO_THE_RIGHT = frozenset({"status", "bytes", "pieces"})
_BROKEN = {"fin": "connection closed", "reset": "connection reset"}
_UNKNOWN = "-"


@click.command("list")
@click.argument("places", nargs=-1, metavar="[FOLDER|FILE]...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def cassette_list(*, places: Sequence[str], form: str) -> Status:
    """List cassettes, the bundled ones if none are named.

    An answer ends as its reader understands it (finished, error, truncated), and, where its connection broke, as that
    broke. A file of several answers has a line for each.
    """
    status = Status.CONFORMS
    rows: list[dict[str, Any]] = []
    for file in files_named(places):
        try:
            rows += _rows(file.read())
        except InputError as error:
            click.echo(shown(str(error), 1000), err=True)
            status = Status.UNREADABLE
    if form == "json":
        write_json({"cassettes": rows})
    else:
        for line in _table(rows):
            click.echo(line)
    return status


def _rows(tape: Cassette) -> Iterator[dict[str, Any]]:
    for place, one in enumerate(tape.interactions):
        yield {
            "name": tape.name,
            "interaction": place,
            "interactions": len(tape.interactions),
            "provider": provider_of(tape.name, one),
            "wire": _wire(one),
            "provenance": tape.provenance,
            "status": one.status,
            "bytes": one.body.length,
            "pieces": len(one.cuts) or None,
            "ended": _ended(one),
            "ending": one.ending,
        }


def _wire(one: Interaction) -> str | None:
    try:
        return wire_of(one)
    except InputError:
        return one.wire


def _ended(one: Interaction) -> str | None:
    """Return how a reader takes the end; None where no wire tells, and for a long body, which no list reads."""
    if isinstance(one.body, FileBody):
        return None
    try:
        return reading_of_events(events_of(one)).ended
    except InputError:
        return None


def _table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    cells = [dict(zip(_COLUMNS, _COLUMNS, strict=True)), *map(_cells, rows)]
    widths = {column: max(len(row[column]) for row in cells) for column in _COLUMNS}
    for row in cells:
        yield "  ".join(_padded(row[column], widths[column], column) for column in _COLUMNS).rstrip()
    yield ""
    yield f"{_counted(len({row['name'] for row in rows}), 'cassette')}, {_counted(len(rows), 'answer')}"


def _cells(row: dict[str, Any]) -> dict[str, str]:
    several = f" ({row['interaction'] + 1} of {row['interactions']})" if row["interactions"] > 1 else ""
    ends = ", ".join(filter(None, (row["ended"], _BROKEN.get(row["ending"]))))
    told = {**row, "name": f"{row['name']}{several}", "ends": ends or None}
    return {column: shown(_UNKNOWN if told[column] is None else str(told[column])) for column in _COLUMNS}


def _padded(text: str, width: int, column: str) -> str:
    return text.rjust(width) if column in _TO_THE_RIGHT else text.ljust(width)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
