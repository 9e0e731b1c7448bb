"""A stimulus → what the message ``run`` says of it, and a message → its line (driver protocol)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from harness.protocol.events import worded
from harness.protocol.script import BodyEnding, Script
from harness.protocol.transcript import OVER_HTTP, Stimulus

_FETCH_ENDINGS: Mapping[BodyEnding, str] = {"end": "close", "fin": "reset", "reset": "reset", "stall": "stall"}
"""How a body that is played by the implementation's own ``fetch`` ends; one without end cannot be played there."""


def params_of(stimulus: Stimulus, run_id: str, timeout: float) -> dict[str, Any]:
    """Return the ``params`` of ``run``; ``timeout`` is in seconds. They may hold what JSON has no word for."""
    options: dict[str, Any] = {"timeoutMs": round(timeout * 1000)}
    if stimulus.abort is not None and stimulus.abort.chunks is not None:
        options["holdAfterChunks"] = stimulus.abort.chunks
    return {
        "runId": run_id,
        "operation": stimulus.operation,
        "request": dict(stimulus.request),
        **_given(stimulus),
        "options": options,
    }


def encoded(message: Mapping[str, Any]) -> bytes:
    """Return a message as a line; what JSON has no word for is worded (driver protocol)."""
    try:
        text = _ENCODER.encode(message)
    except ValueError:  # NaN or an infinity, which no hook can replace
        text = _ENCODER.encode(worded(message))
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8, but an escape
        return json.dumps(json.loads(text)).encode() + b"\n"


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=worded)


def _given(stimulus: Stimulus) -> dict[str, Any]:
    if stimulus.operation == "transform":
        return {"source": {"kind": "events", "events": list(stimulus.events or ())}}
    if stimulus.operation not in OVER_HTTP:
        return {"input": dict(stimulus.input)}
    if stimulus.script is not None:
        return {"source": _fetched(stimulus.script)}
    return {"source": {"kind": "http", "baseUrl": stimulus.base_url, "headers": {}}}


def _fetched(script: Script) -> dict[str, Any]:
    return {
        "kind": "fetch",
        "status": script.status,
        "headers": _joined(script.headers),
        "pieces": [base64.b64encode(piece.data).decode() for piece in script.pieces],
        "ending": _FETCH_ENDINGS[script.ending],
    }


def _joined(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Join what stands several times, as ``Headers`` of the Fetch standard does."""
    joined: dict[str, str] = {}
    names: dict[str, str] = {}
    for name, value in headers:
        known = names.setdefault(name.lower(), name)
        joined[known] = f"{joined[known]}, {value}" if known in joined else value
    return joined
