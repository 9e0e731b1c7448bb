"""Converted messages that a person wrote in the neutral form, held against what a converter made (R30)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.converted import Unreadable, converted_turns
from harness.protocol.exact_json import same_text
from harness.protocol.messages import Answered, Call, File, Part, Turn, joined
from harness.protocol.messages_json import turns_in, turns_json
from harness.protocol.transcript import Transcript
from harness.suite.expect import Expect
from harness.suite.mismatch import Mismatch, shown


def turn_mismatches(expect: Expect, transcript: Transcript) -> Iterator[Mismatch]:
    """Yield where the turns differ, with consecutive messages of a role joined.

    Texts keep their order among themselves and calls among themselves. A media type, a name or an id that the case
    leaves out may be any.
    """
    wanted = joined(turns_in(expect.turns))
    try:
        seen = joined(converted_turns(transcript.result))
    except Unreadable as fault:
        yield Mismatch(f"turns ({fault.path})", fault.expected, shown(fault.seen))
        return
    if len(wanted) != len(seen) or not all(map(_same_turn, wanted, seen)):
        yield Mismatch("turns", shown(turns_json(wanted)), shown(turns_json(seen)))


def _same_turn(wanted: Turn, seen: Turn) -> bool:
    ours, theirs = _sorted(wanted), _sorted(seen)
    return wanted.role == seen.role and len(ours) == len(theirs) and all(map(_same_part, ours, theirs))


def _sorted(turn: Turn) -> list[Part]:
    """Put calls behind everything else, each in their order."""
    return sorted(turn.parts, key=lambda part: isinstance(part, Call))


def _same_part(wanted: Part, seen: Part) -> bool:
    match wanted, seen:
        case File(), File():
            return _left_out_or_same(wanted.media_type, seen.media_type) and (wanted.data, wanted.url) == (
                seen.data,
                seen.url,
            )
        case Call(), Call():
            same = _left_out_or_same(wanted.id, seen.id) and wanted.name == seen.name
            return same and same_text(wanted.arguments, seen.arguments)
        case Answered(), Answered():
            same = _left_out_or_same(wanted.id, seen.id) and _left_out_or_same(wanted.name, seen.name)
            return same and (wanted.content == seen.content or same_text(wanted.content, seen.content))
        case _:
            return wanted == seen


def _left_out_or_same(wanted: str | None, seen: str | None) -> bool:
    return wanted is None or wanted == seen
