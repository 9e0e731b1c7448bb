"""The body of an answer as it was on the wire: server-sent events, NDJSON, a JSON list, an AWS event stream, JSON."""

from __future__ import annotations

from pathlib import Path

from harness.cassettes.importing.found import Bare
from harness.cassettes.importing.source import Source


def looks(source: Source) -> bool:
    """Tell whether there is anything; whether it is an answer only those can tell who know the wires."""
    return bool(source.data.strip())


def read(_source: Source, _folder: Path) -> Bare:
    """Return that all of it is the body."""
    return Bare()
