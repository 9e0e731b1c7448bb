"""The cassettes that a user names, by path, by folder or by the name of a bundled one.

Every command that is given cassettes understands the same: a file may be called as it likes, in a folder a cassette is
what ends with one of :data:`harness.cassettes.cassette.SUFFIXES`, and what begins with a dot is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from harness.cassettes import cassette
from harness.cassettes.cassette import Cassette
from harness.errors import InputError
from harness.resources import folder

_LONGEST = 200  # characters of a name that is told


class File(NamedTuple):
    """A cassette's file, and what it is called: as it was named, or after its place below the folder that was."""

    name: str
    path: Path

    def read(self) -> Cassette:
        """Read it; raises :class:`InputError` that names the file."""
        return cassette.read(self.path, self.name)


def file_named(name: str) -> File:
    """Return the file of a cassette; raises :class:`InputError` where neither a file nor a bundled one has this name.

    A file comes before a bundled cassette of the same name.
    """
    bundled = cassette.path_of(name)
    if name and (_is(Path.is_file, name) or (bundled is None and _is(Path.exists, name))):
        return File(name, Path(name))
    if bundled is None:
        known = cassette.names()
        close = get_close_matches(name, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise InputError(f"{_told(name)}: neither a file nor one of the {len(known)} bundled cassettes{hint}")
    return File(name, bundled)


def files_named(names: Sequence[str]) -> list[File]:
    """Return the files of cassettes, those in folders by their names; without any argument the bundled ones.

    Folders and files whose names begin with a dot are passed over, unless they are named themselves.
    Raises :class:`InputError` for a name of nothing, and for a folder without a cassette.
    """
    if not names:
        root = folder("cassettes")
        return [File(name, root / f"{name}{cassette.SUFFIX}") for name in cassette.names()]
    return [file for name in names for file in (_below(name) if is_folder(name) else [file_named(name)])]


def is_folder(name: str) -> bool:
    """Tell whether a folder is named."""
    return bool(name) and _is(Path.is_dir, name)


def _below(name: str) -> list[File]:
    place = Path(name)
    paths = [path for path in sorted(place.rglob("*")) if path.suffix in cassette.SUFFIXES and path.is_file()]
    paths = [path for path in paths if not any(part.startswith(".") for part in path.relative_to(place).parts)]
    if not paths:
        raise InputError(f"{name}: there is no cassette in this folder; one ends with {' or '.join(cassette.SUFFIXES)}")
    return [File(str(path), path) for path in paths]


def _is(what: Callable[[Path], bool], name: str) -> bool:
    try:
        return what(Path(name))
    except (OSError, ValueError):  # a name that is too long, or has a NUL character
        return False


def _told(name: str) -> str:
    """Return a name as it was given, with what cannot be seen as its code, and not too much of it."""
    visible = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in name[:_LONGEST])
    return visible if len(name) <= _LONGEST else f"{visible}…"
