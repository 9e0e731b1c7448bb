"""Cassettes as cases name them: by a name under ``cassettes/``, or as a file of the user's own."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from harness.cassettes import cassette
from harness.cassettes.cassette import Cassette
from harness.cassettes.interaction import Interaction
from harness.errors import FixtureError, HarnessError, InputError

_SUFFIXES = (".yaml", ".yml")
_KEPT = 64  # files of the user's; a case is looked at several times while it is asked


def is_file(name: str) -> bool:
    """Tell whether a cassette is named as a file, and not as one of the bundled ones."""
    return name.endswith(_SUFFIXES)


def tape(name: str) -> Cassette:
    """Return a cassette; raises :class:`FixtureError` where it is missing or wrong, for a case that names it is."""
    if not is_file(name):
        return cassette.load(name)
    try:
        return _read(Path(name))
    except InputError as error:
        raise FixtureError(str(error)) from None


_read = lru_cache(maxsize=_KEPT)(cassette.read)


def interaction(name: str, number: int) -> Interaction:
    """Return one interaction of a cassette; raises :class:`FixtureError` where there is none of this number."""
    found = tape(name)
    if number >= len(found.interactions):
        raise FixtureError(f"the cassette {name} has {len(found.interactions)} interactions; there is no {number}")
    return found.interactions[number]


def fault(name: str, number: int = 0) -> str | None:
    """Return why a case cannot play a cassette, or None where it can."""
    if not is_file(name) and not cassette.exists(name):
        return f"there is no cassette {name!r}"
    try:
        one = interaction(name, number)
    except HarnessError as error:
        return str(error)
    return f"the cassette {name} does not say which wire it speaks" if one.wire is None else None
