"""The cassettes that a user names, by path, by folder or by the name of a bundled one; and what their bodies become."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from harness.cassettes import cassette
from harness.cassettes.cassette import Cassette
from harness.cassettes.compression import decoded_pieces
from harness.cassettes.interaction import Interaction
from harness.errors import InputError
from harness.model.registry import PROVIDERS
from harness.protocol.events import Event
from harness.providers import counted_ids, decode, wire_named, wire_of_target
from harness.reports.findings import shown
from harness.resources import folder

_SUFFIXES = (cassette.SUFFIX, ".yml")  # of files in a folder; a file that is named may be called as it likes


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
        raise InputError(f"{shown(name)}: neither a file nor one of the {len(known)} bundled cassettes{hint}")
    return File(name, bundled)


def files_named(names: Sequence[str]) -> list[File]:
    """Return the files of cassettes, those in folders by their names; without any argument the bundled ones.

    Folders and files whose names begin with a dot are passed over, unless they are named themselves.
    Raises :class:`InputError` for a name of nothing, and for a folder without a cassette.
    """
    if not names:
        root = folder("cassettes")
        return [File(name, root / f"{name}{cassette.SUFFIX}") for name in cassette.names()]
    found: list[File] = []
    for name in names:
        if not name or not _is(Path.is_dir, name):
            found.append(file_named(name))
            continue
        place = Path(name)
        paths = [path for path in sorted(place.rglob("*")) if path.suffix in _SUFFIXES and path.is_file()]
        paths = [path for path in paths if not any(part.startswith(".") for part in path.relative_to(place).parts)]
        if not paths:
            raise InputError(f"{name}: there is no cassette in this folder; one ends with {' or '.join(_SUFFIXES)}")
        found += [File(str(path), path) for path in paths]
    return found


def wire_of(interaction: Interaction) -> str:
    """Return the wire that an answer speaks: as it says, else as its request's path tells.

    Raises :class:`InputError` where neither does, and for a wire that is not known or out of scope.
    """
    wire = interaction.wire or wire_of_target(interaction.request.uri)
    if wire is None:
        raise InputError("nobody says which wire the answer speaks; add `wire: NAME` to the cassette")
    return wire_named(wire).name


def provider_of(name: str, interaction: Interaction) -> str:
    """Return whose answer it is: of a bundled cassette its folder, else the provider of the request's host, or that."""
    if cassette.exists(name):
        return name.partition("/")[0]
    host = _host(interaction.request.uri)
    return next((one.id for one in PROVIDERS.values() if host and host == _host(one.base_url)), host or "?")


def events_by_piece(interaction: Interaction) -> Iterator[list[Event]]:
    """Yield the source events that each piece of a body made known, and behind them those that only its end gave.

    Raises :class:`InputError` as :func:`wire_of` does, and for a body whose compression cannot be undone.
    """
    stage = decode(wire_of(interaction), counted_ids("call"))
    for data in decoded_pieces(interaction):
        yield stage.feed(data)
    yield stage.close()


def _is(what: Callable[[Path], bool], name: str) -> bool:
    try:
        return what(Path(name))
    except (OSError, ValueError):  # a name that is too long, or has a NUL character
        return False


def _host(uri: str) -> str:
    try:
        return urlsplit(uri).netloc.rpartition("@")[2]
    except ValueError:
        return ""
