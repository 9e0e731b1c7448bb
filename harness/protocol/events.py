"""Source events: AI SDK stream parts V2, with tolerance for the shapes of V3 and V4 (§12.1).

An event is JSON (``dict``), never a class. §12.1 types ``tool-input-delta.delta`` and ``tool-call.input`` as unknown;
in all three versions both are strings. What differs between the versions is read by the functions below::

    stream-start        warnings[]
    response-metadata   id?, timestamp?, modelId?                     may repeat, may be empty
    text-start|end      id            text-delta       id, delta
    reasoning-start|end id            reasoning-delta  id, delta
    tool-input-start    id, toolName, providerExecuted?
    tool-input-delta    id, delta     tool-input-end   id
    tool-call           toolCallId, toolName, input (JSON text), providerExecuted?
    tool-result         toolCallId, toolName, result, isError?, preliminary?, providerExecuted? (V2 only)
    finish              finishReason  V2: word          V3, V4: {unified, raw}
                        usage         V2: flat          V3, V4: {inputTokens: {total}, outputTokens: {total}}
    error               error         any of eight shapes; usage?, ours, where a decoder knows what a failure cost
    source, file, raw, custom, ping, reasoning-file, tool-approval-request, tool-output-denied    silent
"""

from __future__ import annotations

import base64
import json
import math
from typing import Any, TypeAlias

Event: TypeAlias = dict[str, Any]

SILENT = frozenset(
    {
        "stream-start", "source", "file", "raw", "custom", "ping", "reasoning-file", "tool-approval-request",
        "tool-approval-response", "tool-output-denied",
    }
)  # fmt: skip

SPOKEN = frozenset(
    {
        "response-metadata", "text-start", "text-delta", "text-end", "reasoning-start", "reasoning-delta",
        "reasoning-end", "tool-input-start", "tool-input-delta", "tool-input-end", "tool-call", "tool-result",
        "finish", "error",
    }
)  # fmt: skip

COUNTED = "streamchunk.usage"
"""The kind of a ``custom`` part, ours: ``{usage}`` that a provider had counted when its answer was cut.

A ``finish`` would carry it, and a cut answer has none; an adapter ignores the part as it ignores all it does not know.
"""

THROW = "$throw"
"""A last event ``{"$throw": {name, message, code?}}`` means that the source raises there."""


def revived(value: Any) -> Any:
    """Replace the words that JSON lacks by what they stand for.

    ``{"$number": "NaN"}`` becomes a float, ``{"$bytes": base64}`` becomes bytes, and a member whose value is
    ``{"$undefined": true}`` is absent. ``{"$throw": …}`` stays, for whoever plays the events.
    """
    if isinstance(value, list):
        return [revived(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        if isinstance(number := value.get("$number"), str):
            return float(number.replace("Infinity", "inf"))
        if isinstance(encoded := value.get("$bytes"), str):
            return base64.b64decode(encoded)
    return {key: revived(item) for key, item in value.items() if item != {"$undefined": True}}


def worded(value: Any) -> Any:
    """Replace what JSON has no word for by one, the inverse of :func:`revived`: bytes, NaN and the infinities."""
    if isinstance(value, dict):
        return {key: worded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [worded(item) for item in value]
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$number": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    return value


def readable(item: Any) -> Event:
    """Return an event as the oracle reads it, also from its JSON text (R1).

    Text that is not JSON is a failure, since §12.2's parser throws there; any other value says nothing.
    """
    try:
        item = loaded(item)
    except (ValueError, RecursionError):
        return {"type": "error", "error": "the model's stream gave text that is not JSON"}
    return item if isinstance(item, dict) else {}


def loaded(value: object) -> object:
    """Return an event from what a model's stream yields: an object as it is, text or bytes of JSON decoded.

    §12.2 decodes bytes, the real router yields objects; we accept both (R1). Raises ``ValueError`` for text that is
    not JSON.
    """
    return json.loads(value) if isinstance(value, str | bytes) else value
