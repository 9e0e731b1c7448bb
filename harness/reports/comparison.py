"""Where two answers to one question part: the first place at which they mean something else.

What may differ without parting is named in :mod:`harness.reports.compared_steps`: there two notes are left, that a text
is ``split differently`` and that a failure is ``worded differently``. Two answers that were aborted part only where
they say something else; how far each came is a matter of time. Arguments and results are compared as JSON, converted
messages and tools in the neutral form (R30).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest
from typing import Any, Literal

from harness.protocol.converted import Unreadable, converted_tools, converted_turns
from harness.protocol.exact_json import same, same_text
from harness.protocol.masking import mask_of
from harness.protocol.messages import Answered, Call, Part, Turn, joined
from harness.protocol.streamchunk import TOOL_CALL
from harness.protocol.text import common_prefix
from harness.protocol.transcript import NOTHING, Record, Transcript
from harness.protocol.yielded import yielded
from harness.reports.compared_steps import Step, cuts_of, placeless, steps_of

Difference = Literal[
    "another chunk",
    "different text",
    "different arguments",
    "one ends earlier",
    "different ending",
    "different result",
    "split differently",
    "worded differently",
]
NOTES: tuple[Difference, ...] = ("split differently", "worded differently")
"""What is told and parts nobody."""

_AROUND = 20  # characters of a text that are shown before the place where it parts, and behind it
_LONGEST = 400  # characters of a chunk or a result that are kept


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two has at the place: the number of its chunk, None where it has none there, and its text."""

    chunk: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Parting:
    """The first difference of two answers, both sides of it, and more of the place where there is more to say."""

    difference: Difference
    one: Side
    other: Side
    where: str = ""

    @property
    def is_real(self) -> bool:
        """Tell whether a client ends up with something else."""
        return self.difference not in NOTES


def parting(one: Transcript, other: Transcript) -> Parting | None:
    """Return where two answers part, or else in what their making differs; None where in nothing.

    What is shown holds no key of either.
    """
    both = _Half(one), _Half(other)
    return _by_steps(*both) or _by_ending(*both) or _by_result(*both) or _by_words(*both) or _by_cuts(*both)


class _Half:
    """One of the two answers: its steps, and how it shows what it holds."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.steps = steps_of(transcript)
        self.is_aborted = transcript.ending.kind == "aborted"
        self._mask = mask_of(transcript)

    @property
    def raised(self) -> list[str]:
        """Return the name and the message of what it raised, where it did."""
        ending = self.transcript.ending
        error = ending.error or {} if ending.kind == "raised" else {}
        return [placeless(self.transcript)(str(error[name])) for name in ("name", "message") if name in error]

    @property
    def ended(self) -> str:
        """Return how it ended, in words."""
        ending = self.transcript.ending
        if ending.kind == "raised":
            return f"raised {': '.join(self.raised) or 'an exception'}"
        if ending.kind == "aborted" and ending.place is not None:
            return f"aborted after {ending.place} chunk{'' if ending.place == 1 else 's'}"
        why = str((ending.error or {}).get("message", ""))
        return f"{ending.kind}: {placeless(self.transcript)(why)}" if why else ending.kind

    def side(self, value: Any) -> Side:
        """Return a value as it is shown."""
        return Side(None, self._shown(value))

    def at_chunk(self, record: Record, mark: str = "") -> Side:
        """Return a chunk as it was yielded, with what is wrong with its ``content`` behind it."""
        [whole] = yielded(self.transcript.records, {record.number})
        return Side(record.number, self._shown(whole.chunk) + (f" ({mark})" if mark else ""))

    def at(self, step: Step | None) -> Side:
        """Return the chunk with which a step begins; where there is none, how the answer ended instead."""
        if step is not None:
            return self.at_chunk(step.records[0], step.mark)
        return self.side("no further chunk" if self.ended == "completed" else f"no further chunk: {self.ended}")

    def _shown(self, value: Any) -> str:
        value = self._mask.excerpts(value)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

    def begins_again(self, place: int) -> bool:
        """Tell whether a step goes on with the kind of text of the one before it; calls stand each for itself."""
        kinds = {step.kind for step in self.steps[place - 1 : place + 1]}
        return place < len(self.steps) and len(kinds) == 1 and TOOL_CALL not in kinds

    def within(self, step: Step, at: int) -> Side:
        """Return the chunk that has one character of a step's text in it, or its last."""
        ends = accumulate(map(len, step.pieces))
        record = next((record for record, end in zip(step.records, ends, strict=True) if end > at), step.records[-1])
        return self.at_chunk(record)

    def around(self, step: Step, at: int) -> str:
        """Return some of a text around the place where it parts, quoted."""
        start, end = max(0, at - _AROUND), at + _AROUND
        text = ("…" if start else "") + step.text[start:end] + ("…" if end < len(step.text) else "")
        return json.dumps(self._mask.excerpts(text), ensure_ascii=False)


def _by_steps(one: _Half, other: _Half) -> Parting | None:
    aborted = one.is_aborted and other.is_aborted
    for place, (step, fellow) in enumerate(zip_longest(one.steps, other.steps), 1):
        if step is None or fellow is None:
            return None if aborted else Parting("one ends earlier", one.at(step), other.at(fellow))
        if not step.says_the_same(fellow):
            return Parting("another chunk", one.at(step), other.at(fellow))
        if step.text == fellow.text or (step.kind == TOOL_CALL and same_text(step.text, fellow.text)):
            continue
        at = common_prefix(step.text, fellow.text)
        if aborted and place == min(len(one.steps), len(other.steps)) and at == min(len(step.text), len(fellow.text)):
            return None
        shorter, longer = (one, other) if len(step.text) < len(fellow.text) else (other, one)
        where = f"behind {at} characters: {one.around(step, at)} and {other.around(fellow, at)}"
        if at == len(shorter.steps[place - 1].text) and (len(shorter.steps) == place or shorter.begins_again(place)):
            # What follows in one of them is its end, or a chunk that differs from the other's in more than its text.
            follows = shorter.steps[place] if place < len(shorter.steps) else None
            sides = {shorter: shorter.at(follows), longer: longer.within(longer.steps[place - 1], at)}
            if follows is None:
                return Parting("one ends earlier", sides[one], sides[other], where)
            return Parting("another chunk", sides[one], sides[other])
        difference: Difference = "different arguments" if step.kind == TOOL_CALL else "different text"
        return Parting(difference, one.within(step, at), other.within(fellow, at), where)
    return None


def _by_ending(one: _Half, other: _Half) -> Parting | None:
    """Tell whether they ended alike; what an exception is called and says is a matter of words."""
    endings = [half.transcript.ending for half in (one, other)]
    codes = [(ending.error or {}).get("code") if ending.kind == "raised" else None for ending in endings]
    if endings[0].kind == endings[1].kind and codes[0] == codes[1]:
        return None
    return Parting("different ending", one.side(one.ended), other.side(other.ended))


def _by_result(one: _Half, other: _Half) -> Parting | None:
    results = [half.transcript.result for half in (one, other)]
    if _same_result(one.transcript.stimulus.operation, *results):
        return None
    shown = ["no result" if result is NOTHING else result for result in results]
    return Parting("different result", one.side(shown[0]), other.side(shown[1]))


def _by_words(one: _Half, other: _Half) -> Parting | None:
    for step, fellow in zip(one.steps, other.steps, strict=False):
        if step.words != fellow.words:
            return Parting("worded differently", one.at(step), other.at(fellow))
    if one.raised == other.raised:
        return None
    return Parting("worded differently", one.side(": ".join(one.raised)), other.side(": ".join(other.raised)))


def _by_cuts(one: _Half, other: _Half) -> Parting | None:
    for cut, fellow in zip_longest(cuts_of(one.transcript), cuts_of(other.transcript)):
        if cut is None or fellow is None:
            if one.is_aborted and other.is_aborted:
                return None
        elif cut[:2] == fellow[:2]:
            continue
        return Parting("split differently", _piece(one, cut), _piece(other, fellow))
    return None


def _piece(half: _Half, cut: tuple[str, str, Record] | None) -> Side:
    return half.side("no further piece") if cut is None else half.at_chunk(cut[2])


def _same_result(operation: str, one: Any, other: Any) -> bool:
    """Tell whether two results are the same value, or mean the same."""
    if one is NOTHING or other is NOTHING:
        return one is other
    if same(one, other):
        return True
    try:
        match operation:
            case "convertMessages":
                return _same_turns(joined(converted_turns(one)), joined(converted_turns(other)))
            case "convertTools":
                return converted_tools(one) == converted_tools(other)
    except Unreadable:
        return False
    return False


def _same_turns(turns: Sequence[Turn], others: Sequence[Turn]) -> bool:
    return len(turns) == len(others) and all(
        turn.role == fellow.role
        and len(turn.parts) == len(fellow.parts)
        and all(map(_same_part, turn.parts, fellow.parts))
        for turn, fellow in zip(turns, others, strict=True)
    )


def _same_part(part: Part, fellow: Part) -> bool:
    match part, fellow:
        case Call(id_, name, arguments), Call(other_id, other_name, others):
            return (id_, name) == (other_id, other_name) and same_text(arguments, others)
        case Answered(id_, content), Answered(other_id, other_content):
            return id_ == other_id and same_text(content, other_content)
    return part == fellow
