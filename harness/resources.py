"""``schemas/``, ``fixtures/`` and ``cassettes/``, in a checkout or in an installed wheel."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from harness.errors import FixtureError

_PACKAGE = Path(__file__).resolve().parent


@cache
def folder(name: str) -> Path:
    """Return the folder ``schemas``, ``fixtures`` or ``cassettes``.

    A wheel carries them inside the package, a checkout beside it. Raises :class:`FixtureError` where neither has it.
    """
    for candidate in (_PACKAGE / "data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FixtureError(f"the folder {name}/ is missing from this installation; reinstall streamchunk-harness")


@cache
def schema(name: str) -> dict[str, Any]:
    """Return one JSON Schema, such as ``stream-chunk/content``; raises :class:`FixtureError` if it cannot be read."""
    path = folder("schemas") / f"{name}.json"
    try:
        loaded: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise FixtureError(f"schemas/{name}.json cannot be read: {error}; reinstall streamchunk-harness") from error
    return loaded
