"""What an adapter yielded: TanStack's ``ChunkRecording``, and every other chunk log that can be judged."""

from __future__ import annotations

import re
from pathlib import Path

from harness.cassettes.importing import ag_ui
from harness.cassettes.importing.found import Chunks
from harness.cassettes.importing.source import Source
from harness.protocol.streamchunk import TYPES
from harness.protocol.transcript_file import HEADER

_HEAD = re.compile(r'\A\s*\{\s*"version"\s*:\s*"[^"]*"\s*,[^{\[]*"chunks"\s*:\s*\[')


def looks(source: Source) -> bool:
    """Tell whether a file is such a log, perhaps a broken recording."""
    first = source.first_object
    if HEADER in first or ("chunks" in first and "type" not in first):
        return True
    kind = first.get("type")
    is_chunk = isinstance(kind, str) and ((kind in TYPES and "timestamp" in first) or kind in ag_ui.TYPES)
    return is_chunk or (source.json is None and bool(_HEAD.match(source.head)))


def read(_source: Source, _folder: Path) -> Chunks:
    """Return that there are chunks; :mod:`harness.logs` reads them."""
    return Chunks()
