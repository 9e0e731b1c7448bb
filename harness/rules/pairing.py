"""Which emitted call is which of the source's calls.

By id first. What is left is paired by tool name and arguments, so that a call whose id was changed is one finding and
not a call lost and another invented.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass

from harness.protocol.reading import ToolCall
from harness.rules.sound import Call, SoundTranscript


@dataclass(frozen=True, slots=True)
class Pairing:
    """Emitted calls beside the source's, those of the source that were ``lost``, and those that nobody made."""

    pairs: tuple[tuple[Call, ToolCall], ...]
    lost: tuple[ToolCall, ...]
    invented: tuple[Call, ...]


def pairing(transcript: SoundTranscript) -> Pairing:
    """Pair the client calls; calls that the source began and did not complete, or ran itself, are in no pair."""
    source = transcript.source
    owed = {call.id: call for call in source.tool_calls}
    elsewhere = source.provider_executed.union(source.dropped)
    pairs: list[tuple[Call, ToolCall]] = []
    strange: list[Call] = []
    for call in transcript.calls:
        if call.id in owed:
            pairs.append((call, owed.pop(call.id)))
        elif call.id not in elsewhere:
            strange.append(call)
    twins: dict[tuple[str, str], list[ToolCall]] = defaultdict(list)
    for one in reversed(owed.values()):
        twins[_likeness(one.name, one.arguments)].append(one)
    invented: list[Call] = []
    for call in strange:
        alike = twins[_likeness(call.name, call.arguments)]
        if alike:
            pairs.append((call, owed.pop(alike.pop().id)))
        else:
            invented.append(call)
    return Pairing(tuple(pairs), tuple(owed.values()), tuple(invented))


def _likeness(name: str, arguments: str) -> tuple[str, str]:
    """Return what two calls of one tool have in common; TOOL-18 compares the numbers of their arguments exactly."""
    try:
        return name, json.dumps(json.loads(arguments), sort_keys=True) if arguments.strip() else "{}"
    except (ValueError, RecursionError):
        return name, arguments
