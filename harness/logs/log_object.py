"""One JSON object that holds a whole run: a log object of an adapter, or TanStack's ``ChunkRecording``.

A log object has ``chunks``, ``thrown`` (what the adapter raised behind its last chunk), ``abortedAt`` (how many chunks
had come when the consumer aborted), ``ms`` (how long it all took) and ``requests: [{url}]``. What JavaScript had as
undefined stands there as the text ``"__undefined__"``, that is: absent. A recording, as ``StreamProcessor`` writes it,
has ``version: "1.0"``, ``timestamp`` and ``chunks: [{chunk, timestamp, index}]``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.errors import InputError
from harness.logs.assembly import Assembly
from harness.protocol.json_text import FaultsOf
from harness.protocol.transcript import Ending, Scope, Stimulus, Transcript

UNDEFINED = "__undefined__"
VERSION = "1.0"


def holds_run(value: Any) -> bool:
    """Tell whether a JSON value is a run, and not a chunk."""
    return isinstance(value, dict) and "chunks" in value and "type" not in value


def transcript_of(value: Mapping[str, Any], faults_of: FaultsOf, scope: Scope) -> Transcript:
    """Return the transcript of a run; ``faults_of`` gives the faults of a chunk's JSON text.

    Raises :class:`InputError` for a ``chunks`` that is no list, and for a recording of another version or shape.
    """
    chunks = value["chunks"]
    if not isinstance(chunks, list):
        raise InputError('"chunks" is not a list, so this is no chunk log')
    made = Assembly(scope)
    if "version" in value:
        _add_recorded(made, value, chunks, faults_of)
        return made.transcript()
    for chunk in chunks:
        made.add(_defined(chunk), faults_of(chunk))
    return replace(made.transcript(_ending(value)), stimulus=Stimulus(asked=_asked(value.get("requests"))))


def _add_recorded(made: Assembly, recording: Mapping[str, Any], chunks: list[Any], faults_of: FaultsOf) -> None:
    if recording["version"] != VERSION:
        raise InputError(f"a recording of version {recording['version']!r:.80}; version {VERSION!r} is understood")
    start = _milliseconds(recording.get("timestamp"))
    for number, entry in enumerate(chunks):
        if not (isinstance(entry, dict) and "chunk" in entry):
            raise InputError(f'chunks[{number}] of the recording has no "chunk"')
        time = _milliseconds(entry.get("timestamp"))
        at = None if start is None or time is None else time - start
        made.add(entry["chunk"], faults_of(entry["chunk"]), at)


def _milliseconds(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None


def _defined(value: Any) -> Any:
    """Return a value without the members that JavaScript had as undefined; in a list they are null, as in JSON."""
    if isinstance(value, dict):
        return {key: _defined(item) for key, item in value.items() if item != UNDEFINED}
    if isinstance(value, list):
        return [None if item == UNDEFINED else _defined(item) for item in value]
    return value


def _ending(value: Mapping[str, Any]) -> Ending:
    thrown = _defined(value.get("thrown"))
    if thrown in (None, UNDEFINED):
        error = None
    elif isinstance(thrown, dict):
        error = thrown
    else:
        error = {"message": thrown if isinstance(thrown, str) else json.dumps(thrown)}
    duration = _milliseconds(value.get("ms"))
    aborted = value.get("abortedAt")
    if aborted not in (None, UNDEFINED):
        place = aborted if type(aborted) is int and aborted >= 0 else None
        return Ending("aborted", error, place, duration)
    return Ending("completed" if error is None else "raised", error, None, duration)


def _asked(requests: Any) -> tuple[str, ...]:
    """Return the URLs that a log says were asked."""
    rows = requests if isinstance(requests, list) else []
    return tuple(url for row in rows if isinstance(row, dict) and isinstance(url := row.get("url"), str))
