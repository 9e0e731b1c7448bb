"""Where imported cassettes go: a file for all of them, or a folder with one for each; nothing is written over."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.cassettes.cassette import SUFFIX, SUFFIXES
from harness.cassettes.interaction import Interaction
from harness.cassettes.parsing import Provenance
from harness.cassettes.writing import write
from harness.cli.files import STDIN
from harness.cli.import_beside import stem_of
from harness.cli.import_files import Imported
from harness.errors import InputError

_NO_LETTER = re.compile(r"[^A-Za-z0-9._=+-]+")
_LONGEST = 150  # characters of a name, without its number


@dataclass(frozen=True, slots=True)
class Planned:
    """A cassette that is to be written."""

    path: Path
    interactions: tuple[Interaction, ...]
    provenance: Provenance


def is_one_file(output: str) -> bool:
    """Tell whether an output names a cassette, and not a folder for many."""
    return output.endswith(SUFFIXES) and not Path(output).is_dir()


def planned(name: str, found: Imported, folder: Path, written: Container[Path]) -> list[Planned]:
    """Return a cassette for each exchange of a file, called after the file and the exchange's number in it.

    Where this run has written such names already, for ``x.sse`` and now for ``x.chunks.txt``, the file's whole name is
    taken.
    """
    paths: list[Path] = []
    for called in (stem_of(name), Path(name).name):
        stem = "stdin" if name == STDIN else _NO_LETTER.sub("-", called)[:_LONGEST].strip("-.") or "recording"
        numbers = [f"-{number:0{len(str(found.total))}d}" if found.total > 1 else "" for number, _ in found.taken]
        paths = [folder / f"{stem}{number}{SUFFIX}" for number in numbers]
        if not any(path in written for path in paths):
            break
    return [Planned(path, (one,), found.provenance) for path, (_, one) in zip(paths, found.taken, strict=True)]


def planned_together(files: Sequence[Imported], path: Path) -> list[Planned]:
    """Return the one cassette of all files; raises :class:`InputError` where they are not of one provenance."""
    interactions = tuple(one for found in files for _, one in found.taken)
    provenances = {found.provenance for found in files if found.taken}
    if len(provenances) > 1:
        words = " and ".join(sorted(provenances))
        raise InputError(f"{path}: one cassette cannot be {words}; name a folder with -o")
    return [Planned(path, interactions, provenances.pop())] if interactions else []


def keep(cassettes: Sequence[Planned], written: dict[Path, str], source: str, *, force: bool) -> None:
    """Write cassettes, all or none of them; ``written`` has what this run wrote before, with the source of each.

    Raises :class:`InputError` that names the file for one that is there already, unless ``force`` is set, for one that
    this run wrote, and where the disk refuses.
    """
    for one in cassettes:
        if one.path in written:
            raise InputError(f"{one.path} is the cassette of {written[one.path]} already; import into two folders")
        try:
            is_there = one.path.is_symlink() or one.path.exists()
        except (OSError, ValueError) as error:  # ValueError: a name with a NUL character
            raise InputError(f"{one.path}: cannot be written: {getattr(error, 'strerror', None) or error}") from None
        if is_there and (one.path.is_dir() or not force):
            what = "is a folder" if one.path.is_dir() else "is there already; --force writes over it"
            raise InputError(f"{one.path} {what}")
    before = _files_of(cassettes)
    try:
        for one in cassettes:
            write(one.path, one.interactions, one.provenance)
    except BaseException:
        for path in _files_of(cassettes) - before:
            with suppress(OSError):
                path.unlink()
        raise
    written.update({one.path: source for one in cassettes})


def _files_of(cassettes: Sequence[Planned]) -> set[Path]:
    """Return the cassettes that are there, and the files of bodies that are called after them."""
    folders = {one.path.parent for one in cassettes}
    stems = tuple(f"{one.path.stem}." for one in cassettes)
    return {path for folder in folders if folder.is_dir() for path in folder.iterdir() if path.name.startswith(stems)}
