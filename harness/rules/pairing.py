"""Which emitted call is which of the source's calls.

By id first. What is left is paired by tool name and arguments, so that a call whose id was changed is one finding and
not a call lost and another invented; a name that the provider knows otherwise is one name (R16). An id that our decoder
made says nothing: the implementation, which read the provider's bytes by itself, has made another (R38), so such calls
are also paired by name alone, in their order, and then by their arguments alone.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from harness.protocol.exact_json import holds_object, same_text
from harness.protocol.reading import ToolCall
from harness.protocol.transcript import Record
from harness.rules.asked import own_names
from harness.rules.sound import Call, SoundTranscript


@dataclass(frozen=True, slots=True)
class Pairing:
    """Emitted calls beside the source's, those of the source that were ``lost``, and those that nobody made.

    A call under the id of another one before it is not among those (TOOL-6).

    ``unfinished`` are emitted calls beside those that the source began and did not complete.
    """

    pairs: tuple[tuple[Call, ToolCall], ...]
    lost: tuple[ToolCall, ...]
    invented: tuple[Call, ...]
    unfinished: tuple[tuple[Call, ToolCall], ...]


@dataclass(slots=True)
class _Match:
    strange: list[Call]
    owed: dict[str, ToolCall]
    pairs: list[tuple[Call, ToolCall]]
    own: Mapping[str, str]

    def by(self, likeness: Callable[[str, str], Hashable], *, among: frozenset[str] | None = None) -> None:
        """Pair what is alike, in order; ``among`` are the ids of the source's calls that may be paired so."""
        twins: dict[Hashable, list[ToolCall]] = defaultdict(list)
        for one in reversed(self.owed.values()):
            if among is None or one.id in among:
                twins[likeness(self._own(one.name), one.arguments)].append(one)
        left: list[Call] = []
        for call in self.strange:
            alike = twins[likeness(self._own(call.name), _first_of(call))]
            if alike:
                self.pairs.append((call, self.owed.pop(alike.pop().id)))
            else:
                left.append(call)
        self.strange = left

    def _own(self, name: str) -> str:
        return self.own.get(name, name)


def pairing(transcript: SoundTranscript) -> Pairing:
    """Pair the client calls; a call that the provider ran itself is in no pair."""
    source, made = transcript.source, transcript.stimulus.made_ids
    names = own_names(transcript)
    match = _Match(list(transcript.calls), {call.id: call for call in source.tool_calls}, [], names)
    _by_id(match)
    match.strange = [call for call in match.strange if call.id not in source.provider_executed]
    begun = _Match(match.strange, {call.id: call for call in source.unfinished}, [], names)
    _by_id(begun)
    match.strange = begun.strange
    match.by(_likeness)
    if made:
        match.by(lambda name, _: name, among=made)
        match.by(lambda _, arguments: _likeness("", arguments), among=made)
        begun.strange = match.strange
        begun.by(lambda name, _: name, among=made)
        match.strange = begun.strange
    _take_repetitions(match)
    own = _first_with_their_ids(transcript.calls)
    return Pairing(
        tuple(match.pairs),
        tuple(match.owed.values()),
        tuple(call for call in match.strange if own[call.id] is call),
        tuple(begun.pairs),
    )


def has_anothers_id(transcript: SoundTranscript, call: Call) -> bool:
    """Tell whether a call stands under the id of a call before it, which is TOOL-6."""
    return _first_with_their_ids(transcript.calls)[call.id] is not call


def _first_with_their_ids(calls: tuple[Call, ...]) -> dict[str, Call]:
    return {call.id: call for call in reversed(calls)}


def was_sent(call: Call, begun: ToolCall) -> bool:
    """Tell whether the arguments are what came of an unfinished call, or a part of it."""
    return begun.arguments.startswith(call.arguments) or same_text(begun.arguments, call.arguments)


def _by_id(match: _Match) -> None:
    left: list[Call] = []
    for call in match.strange:
        if call.id in match.owed:
            match.pairs.append((call, match.owed.pop(call.id)))
        else:
            left.append(call)
    match.strange = left


def _take_repetitions(match: _Match) -> None:
    """Take from the calls that are owed those that were emitted under another call's id (TOOL-1, TOOL-4)."""
    again = [Call(call.id, call.name, call.index, [one]) for call, _ in match.pairs for one in _repetitions(call)]
    if again and match.owed:
        _Match(again, match.owed, [], match.own).by(_likeness)


def _repetitions(call: Call) -> list[Record]:
    """Return the chunks of a call behind its first where each is a whole call by itself, and no fragment."""
    whole = len(call.records) > 1 and not holds_object(call.arguments) and all(map(holds_object, call.parts))
    return call.records[1:] if whole else []


def _first_of(call: Call) -> str:
    """Return the arguments by which a call is known."""
    return call.parts[0] if _repetitions(call) else call.arguments


def _likeness(name: str, arguments: str) -> tuple[str, str]:
    """Return what two calls of one tool have in common; TOOL-18 compares the numbers of their arguments exactly."""
    try:
        return name, json.dumps(json.loads(arguments), sort_keys=True) if arguments.strip() else "{}"
    except (ValueError, RecursionError):
        return name, arguments
