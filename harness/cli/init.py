"""``streamchunk init``: the files with which a project's adapter is judged, ready to run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from harness.cli.configured import here
from harness.cli.ending import Status, last_line
from harness.cli.init_files import FLAVOURS, Planned
from harness.cli.init_shim import SHIM, shim
from harness.cli.init_writing import NOTHING, in_the_way, write
from harness.config import FILE, PYPROJECT, has_table
from harness.errors import InputError

_TOLD_BY = {"package.json": "typescript", "pyproject.toml": "python", "setup.py": "python"}
"""Which flavour a file of the folder tells, the first that is there."""


@click.command()
@click.option("--typescript", is_flag=True, help="For an adapter in TypeScript or JavaScript, in a process of its own.")
@click.option("--python", is_flag=True, help="For an adapter in Python, in the process of the harness.")
@click.option("--http", is_flag=True, help="For a running application that answers chat requests over HTTP.")
@click.option("--renew", is_flag=True, help="Only bring the copy of the TypeScript shim up to date.")
@click.option("--force", is_flag=True, help="Write over files that are there.")
def init(*, renew: bool, force: bool, **flavours: bool) -> Status:
    """Write what is needed to judge an adapter: a stub, streamchunk.toml and a CI workflow, each runnable as it is.

    Without a flag the folder tells: one with a package.json is TypeScript, one with a pyproject.toml or a setup.py
    Python. For TypeScript the shim is copied into streamchunk/shim, so that nothing has to be installed, and a stub for
    the adapter is written where package.json names one that is known. The workflow is written at the root of the git
    repository, and installs streamchunk from where this one came from. A file that is there is never written over
    without --force: all files are written, or none.

    Exit status: 0 the files are written, 2 they are not: a flag is missing, files are there, a file cannot be written.
    """
    folder = here()
    flavour = _flavour([name for name, given in flavours.items() if given], folder)
    if renew:
        return _renewed(folder, flavour)
    planned = FLAVOURS[flavour](folder)
    if not force and (there := [*_summed_up(in_the_way(folder, planned.files)), *_table(folder)]):
        raise InputError(f"there already: {', '.join(there)}; {NOTHING} (--force writes over files)")
    write(folder, planned.files)
    return _told(planned)


def _flavour(given: list[str], folder: Path) -> str:
    """Return the one flavour that was asked for, else the one that the folder tells."""
    if len(given) > 1:
        raise click.UsageError(f"one of {' and '.join(f'--{name}' for name in given)} is enough")
    guessed = (flavour for name, flavour in _TOLD_BY.items() if (folder / name).is_file())
    flavour = given[0] if given else next(guessed, None)
    if flavour is None:
        raise click.UsageError("nothing here tells what your adapter is; say --typescript, --python or --http")
    return flavour


def _renewed(folder: Path, flavour: str) -> Status:
    if flavour != "typescript":
        raise click.UsageError("--renew is for --typescript: nothing else is copied")
    files = shim()
    if not (folder / SHIM).is_dir():
        raise InputError(f"there is no {SHIM} to renew; `streamchunk init --typescript` writes it")
    write(folder, files)
    return _told(Planned(files, "streamchunk run"))


def _table(folder: Path) -> list[str]:
    """Return what stands in the place of ``streamchunk.toml`` without being it: where both are, that one counts."""
    there = has_table(folder / PYPROJECT)
    return [f"[tool.streamchunk] of {PYPROJECT}, which {FILE} would hide"] if there else []


def _summed_up(names: Iterable[str]) -> list[str]:
    """Return the files with those of the shim as one folder, in their order."""
    return list(dict.fromkeys(f"{SHIM}/" if name.startswith(f"{SHIM}/") else name for name in names))


def _told(planned: Planned) -> Status:
    """Say what was written and what is worth knowing, and what to do next."""
    for name in _summed_up(planned.files):
        click.echo(f"wrote {name}")
    for note in planned.notes:
        click.echo(f"note: {note}")
    for told in planned.about_workflow:
        click.echo(f"workflow: {told}")
    click.echo(f"next: {planned.following}")
    click.echo(last_line(Status.CONFORMS, f"{len(planned.files)} files; next: {planned.following}", said="written"))
    return Status.CONFORMS
