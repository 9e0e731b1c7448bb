"""``streamchunk judge``: logs of chunks that an adapter wrote, and what is wrong with them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from harness.cli.configured import config_option, configured, levels_in, profile_in
from harness.cli.ending import Status, last_line, word, worst
from harness.cli.judging import Judged, Judging, Unreadable
from harness.cli.output import painter, write_json
from harness.cli.progress import Progress
from harness.cli.sources import paired
from harness.cli.verdicts import counted, facts, outcome_json, outcome_text
from harness.cli.wires import WireName
from harness.judge import relevelled
from harness.protocol.transcript import PROFILES, SCOPES, Profile, Scope
from harness.reports.levels import level_entry


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--source",
    metavar="FILE|FOLDER",
    help="What played the model: a recorded body or source events; of a folder, the file with the log's name.",
)
@click.option("--wire", type=WireName(), help="The API of a recorded source; guessed where it can be.")
@click.option(
    "--profile",
    type=click.Choice(PROFILES),
    help="Whose law it is; if not given, what the configuration says, else spec.",
)
@click.option(
    "--scope",
    type=click.Choice(SCOPES),
    help="One response (adapter, the default), the engine's loop (chat), or the bytes of a stream (wire).",
)
@click.option("--strict/--no-strict", default=None, help="A broken SHOULD breaks the protocol too.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@config_option
def judge(  # noqa: PLR0913 - one for each option
    *,
    files: tuple[str, ...],
    source: str | None,
    wire: str | None,
    profile: Profile | None,
    scope: Scope | None,
    strict: bool | None,
    form: str,
    config_file: Path | None,
) -> Status:
    """Judge logs of chunks that an adapter wrote.

    A FILE is NDJSON, a JSON array, server-sent events, a transcript, TanStack's ChunkRecording or a log object, plain
    or gzip; - is standard input. A line, and a JSON object over many lines, may be 64 MB long. Chunks are numbered
    from 0. Of the configuration count profile, strict and the levels of rules.
    """
    said = configured(config_file)
    profile = profile or profile_in(said) or "spec"
    strict = said.strict or False if strict is None else strict
    levels = levels_in(said)
    judging = Judging(
        profile=profile,
        scope=scope,
        strict=strict,
        levels=levels,
        sources=None if source is None else paired(files, source),
        wire=wire,
    )
    paint = painter(sys.stdout)
    outcomes: list[Judged | Unreadable] = []
    with Progress("judging", _size(files)) as progress:
        for name in files:
            for outcome in judging.of(name, progress.advance):
                outcomes.append(outcome)
                if form == "text":
                    progress.clear()
                    for text in outcome_text(outcome, paint):
                        click.echo(text, err=isinstance(outcome, Unreadable))
    status = worst(outcome.status for outcome in outcomes)
    changes = relevelled(profile, levels)
    if form == "json":
        summary = {"status": word(status), "exit": status.value, "files": len(files)} | counted(outcomes)
        entries = [outcome_json(outcome) for outcome in outcomes]
        header = {"profile": profile, "strict": strict, "levels": [level_entry(one) for one in changes]}
        write_json({**header, "files": entries, "summary": summary})
        sys.stdout.flush()
    else:
        for one in changes:
            click.echo(f"{said.name}: {one}")
    click.echo(last_line(status, facts(len(files), outcomes)), err=form == "json")
    return status


def _size(files: Sequence[str]) -> int:
    """Return how many bytes there are to read, as far as anybody knows."""
    size = 0
    for name in files:
        with suppress(OSError, ValueError):
            size += Path(name).stat().st_size
    return size
