"""``streamchunk cassette import``: cassettes of what others recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

import click

from harness.cassettes.importing import FORMATS
from harness.cli.ending import Status, last_line
from harness.cli.files import title, whole
from harness.cli.import_files import Imported, imported
from harness.cli.import_places import is_one_file, keep, planned, planned_together
from harness.cli.wires import WireName
from harness.errors import InputError
from harness.reports.findings import shown

Given: TypeAlias = tuple[str, Callable[[], Imported]]
"""A file's name, and what reads it; raises :class:`InputError` that names it."""

_LONGEST = 1000  # characters of a line
_WORDS = {Status.CONFORMS: "imported", Status.NOTHING: "nothing to import"}


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "-o", "--output", metavar="DIR|FILE", required=True, help="A folder, or FILE.yaml for one cassette of all."
)
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="What the files are; told by their content.")
@click.option("--wire", type=WireName(), help="The provider's API; told by path and body where it can be.")
@click.option("--all", "every", is_flag=True, help="Also what is no answer of a language model.")
@click.option("--force", is_flag=True, help="Write over cassettes that are there.")
def cassette_import(  # noqa: PLR0913 - one for each option
    *, files: Sequence[str], output: str, form: str | None, wire: str | None, every: bool, force: bool
) -> Status:
    """Make cassettes of what others recorded; keys and accounts are cut out before anything is written.

    \b
    har       HAR 1.2 of a browser or a proxy, and Polly.js' recordings
    vcrpy     vcrpy's cassettes, YAML or JSON, those of pytest-recording
    vcr       those of Ruby's VCR, and of betamax
    go-vcr    those of go-vcr
    nock      nock's recordings
    tanstack  TanStack's ChunkRecording, or any log of chunks that an adapter yielded
    aisdk     the AI SDK's .chunks.txt: the provider's messages as JSON, one on a line
    body      a body alone: server-sent events, NDJSON, JSON, an AWS event stream

    FILE may be gzip; - is standard input. Beside a body NAME.sse are read NAME.request.json, what was asked, and
    NAME.meta.json, whose chunk_lengths are the pieces in which the network gave it. Of messages without a frame the
    frame is made again, and of chunks a provider's bytes in the API of --wire (openai-chat if not given); a cassette's
    provenance says which. A request that nobody recorded is made up, and says so. Not read are the recordings of
    WireMock, MSW, Hoverfly and mitmproxy (export HAR there).

    Exit status: 0 imported, 2 a file cannot be read or a cassette is there already (the other files are imported), 4
    there was nothing to import.
    """  # noqa: D301 - the letter \b itself is click's word for lines that stay as they are
    into = _into_file if is_one_file(output) else _into_folder
    given = [(name, partial(_read, name, form, wire, every=every)) for name in files]
    count, is_whole = into(Path(output), given, force=force)
    status = Status.UNREADABLE if not is_whole else Status.CONFORMS if count else Status.NOTHING
    facts = f"{len(files)} file{'' if len(files) == 1 else 's'}, {count} cassette{'' if count == 1 else 's'} written"
    click.echo(last_line(status, facts, said=_WORDS.get(status)))
    return status


def _into_folder(folder: Path, given: Sequence[Given], *, force: bool) -> tuple[int, bool]:
    """Write a cassette for each exchange; return how many, and whether every file could be read and written."""
    written: dict[Path, str] = {}
    failed = False
    for name, read in given:
        try:
            found = read()
            cassettes = planned(name, found, folder, written)
            keep(cassettes, written, title(name), force=force)
        except InputError as error:
            _complain(error)
            failed = True
        else:
            _say(name, found, [one.path for one in cassettes])
    return len(written), not failed


def _into_file(file: Path, given: Sequence[Given], *, force: bool) -> tuple[int, bool]:
    """Write one cassette of all exchanges, unless a file cannot be read; return the same."""
    every: list[tuple[str, Imported]] = []
    for name, read in given:
        try:
            every.append((name, read()))
        except InputError as error:
            _complain(error)
    if len(every) < len(given):
        return 0, False
    cassettes = planned_together([found for _, found in every], file)
    keep(cassettes, {}, str(file), force=force)
    for name, found in every:
        _say(name, found, [file] if found.taken else [])
    return len(cassettes), True


def _read(name: str, form: str | None, wire: str | None, *, every: bool) -> Imported:
    try:
        return imported(name, whole(name), form=form, wire=wire, every=every)
    except InputError as error:
        raise InputError(f"{title(name)}: {error}") from None


def _complain(error: InputError) -> None:
    click.echo(shown(str(error), _LONGEST), err=True)


def _say(name: str, found: Imported, paths: Sequence[Path]) -> None:
    """Print what became of a file, on one line."""
    many = "interaction" if found.total == 1 else "interactions"
    said = [f"{title(name)}: {found.format}, {len(found.taken)} of {found.total} {many} imported"]
    said += [f"{count} left out: {why}" for why, count in found.left_out.most_common()]
    said += found.notes
    if paths:
        said.append(f"in {paths[0]}" if len(paths) == 1 else f"in {paths[0]} … {paths[-1].name}")
    click.echo(shown("; ".join(said), _LONGEST))
