"""Which emitted call is which of the source's calls.

By id first. What is left is paired by tool name and arguments, so that a call whose id was changed is one finding and
not a call lost and another invented.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.protocol.exact_json import same_text
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
    invented: list[Call] = []
    for call in strange:
        twin = next((one for one in owed.values() if one.name == call.name and _same(call, one)), None)
        if twin is None:
            invented.append(call)
        else:
            pairs.append((call, owed.pop(twin.id)))
    return Pairing(tuple(pairs), tuple(owed.values()), tuple(invented))


def _same(call: Call, owed: ToolCall) -> bool:
    return same_text(call.arguments if call.arguments.strip() else "{}", owed.arguments)
