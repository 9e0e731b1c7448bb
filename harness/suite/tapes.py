"""Cassettes as cases name them: by a name under ``cassettes/``, or as a file of the user's own."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from harness.cassettes import cassette
from harness.cassettes.cassette import SUFFIXES, Cassette
from harness.cassettes.compression import decoded_pieces
from harness.cassettes.interaction import Interaction
from harness.errors import FixtureError, InputError

BUNDLED = r"[a-z0-9-]+/[a-z0-9._-]+"
"""What the name of a bundled cassette looks like; what looks otherwise, or ends like a cassette, is a file."""

_BUNDLED = re.compile(BUNDLED)
_KEPT = 64  # files of the user's; a case is looked at several times while it is asked


def is_file(name: str) -> bool:
    """Tell whether a cassette is named as a file, and not as one of the bundled ones."""
    return name.endswith(SUFFIXES) or not _BUNDLED.fullmatch(name)


def as_file(path: Path) -> str:
    """Return the name of a file that no case takes for a bundled cassette, whatever the file is called."""
    name = str(path)
    return name if name.endswith(SUFFIXES) or path.is_absolute() else f"./{name}"


def tape(name: str) -> Cassette:
    """Return a cassette as it is now; raises :class:`FixtureError` where it is missing or wrong."""
    if not is_file(name):
        return cassette.load(name)
    path = Path(name)
    try:
        stat = path.stat()
    except (OSError, ValueError):
        version = (0, 0)  # reading it tells why it cannot be read
    else:
        version = (stat.st_mtime_ns, stat.st_size)
    try:
        return _read(path, version)
    except InputError as error:
        raise FixtureError(str(error)) from None


@lru_cache(maxsize=_KEPT)
def _read(path: Path, version: tuple[int, int]) -> Cassette:  # noqa: ARG001 - a rewritten file is another one
    return cassette.read(path)


def interaction(name: str, number: int) -> Interaction:
    """Return one interaction of a cassette; raises :class:`FixtureError` where there is none of this number."""
    found = tape(name)
    if number >= len(found.interactions):
        raise FixtureError(f"the cassette {name} has {len(found.interactions)} interactions; there is no {number}")
    return found.interactions[number]


def fault(name: str, number: int = 0, wire: str | None = None) -> str | None:
    """Return why a case cannot play a cassette, or None where it can; ``wire`` is the one that the case says."""
    if not is_file(name) and not cassette.exists(name):
        return f"there is no cassette {name!r}"
    try:
        one = interaction(name, number)
        for _ in decoded_pieces(one):  # what cannot be unpacked is told before anything is asked
            pass
    except FixtureError as error:
        return str(error)
    except InputError as error:
        return f"the cassette {name}: {error}"
    if one.wire is None:
        return f"the cassette {name} does not say which wire it speaks"
    if wire is not None and wire != one.wire:
        return f"the cassette {name} speaks {one.wire}, and the case's wire is {wire}"
    return None
