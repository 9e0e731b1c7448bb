"""``streamchunk rules``: the law as a list."""

from __future__ import annotations

import click

from harness.cli.ending import Status
from harness.cli.output import write_json
from harness.protocol.transcript import PROFILES, Profile
from harness.reports.catalogue import catalogue_json, catalogue_lines
from harness.rules import ALL


@click.command()
@click.option("--profile", type=click.Choice(PROFILES), help="Only the rules that this profile asks for.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rules(*, profile: Profile | None, form: str) -> Status:
    """List every rule: its id, its level in each profile, its sections, and its sentence."""
    wanted = [rule for rule in ALL if profile is None or profile in rule.levels]
    if form == "json":
        write_json(catalogue_json(wanted))
    else:
        for line in catalogue_lines(wanted, PROFILES if profile is None else (profile,)):
            click.echo(line)
    return Status.CONFORMS
