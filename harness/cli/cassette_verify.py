"""``streamchunk cassette verify``: whether cassettes are what they say they are."""

from __future__ import annotations

from collections.abc import Sequence

import click

from harness.cassettes.named import files_named
from harness.cli.ending import Status, last_line, worst
from harness.cli.tape_checks import problems_of
from harness.errors import InputError
from harness.reports.findings import shown

_LONGEST = 1000  # characters of a line


@click.command("verify")
@click.argument("places", nargs=-1, required=True, metavar="CASSETTE|FOLDER...")
def cassette_verify(*, places: Sequence[str]) -> Status:
    """Check cassettes, and say in one line each what is wrong with them.

    Checked are the format, that the pieces add up, the length and the digest of a body in a file of its own, that each
    body can be decoded by its wire (a refusal, of status 400 or more, may have any), that HTTP can carry the answer,
    that vcrpy itself loads the file and replays the same bodies, that wire and provenance are given, and that no
    request of a file means the same as another, as streamchunk replay compares them. A body in a file of its own is
    ours: vcrpy replays an empty one for it. Exit status 1 where a cassette is wrong.
    """
    statuses = [Status.CONFORMS]
    wrong = problems = 0
    files = files_named(places)
    for file in files:
        try:
            found = problems_of(file)
        except InputError as error:
            click.echo(shown(str(error), _LONGEST), err=True)
            statuses.append(Status.UNREADABLE)
            continue
        for problem in found:
            click.echo(shown(f"{file.name}: {problem}", _LONGEST))
        if found:
            statuses.append(Status.VIOLATIONS)
            wrong += 1
            problems += len(found)
    status = worst(statuses)
    facts = f"{len(files)} cassette{'' if len(files) == 1 else 's'}, {wrong} wrong, {problems} problems"
    click.echo(last_line(status, facts))
    return status
