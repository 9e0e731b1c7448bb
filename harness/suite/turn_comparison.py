"""Converted messages and tools that a person wrote in the neutral form, held against what a converter made (R30)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.converted import Unreadable, converted_tools, converted_turns
from harness.protocol.exact_json import same, same_text
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


def tool_mismatches(expect: Expect, transcript: Transcript) -> Iterator[Mismatch]:
    """Yield where the tools differ; a member that the case leaves out may be any."""
    try:
        seen = converted_tools(transcript.result)
    except Unreadable as fault:
        yield Mismatch(f"tools ({fault.path})", fault.expected, shown(fault.seen))
        return
    if len(expect.tools) != len(seen):
        yield Mismatch("tools", f"{len(expect.tools)} tools", f"{len(seen)}: {shown([tool.name for tool in seen])}")
        return
    for place, (wanted, tool) in enumerate(zip(expect.tools, seen, strict=True)):
        made = {"name": tool.name, "description": tool.description, "inputSchema": tool.schema}
        for key, value in wanted.model_dump(by_alias=True, exclude_unset=True).items():
            if not same(value, made[key]):
                yield Mismatch(f"tools[{place}].{key}", shown(value), shown(made[key]))


def _same_turn(wanted: Turn, seen: Turn) -> bool:
    ours, theirs = _sorted(wanted), _sorted(seen)
    return wanted.role == seen.role and len(ours) == len(theirs) and all(map(_same_part, ours, theirs))


def _sorted(turn: Turn) -> list[Part]:
    """Put calls behind everything else, each in their order."""
    return sorted(turn.parts, key=lambda part: isinstance(part, Call))


def _same_part(wanted: Part, seen: Part) -> bool:
    match wanted, seen:
        case File(), File():
            same_place = (wanted.data, wanted.url) == (seen.data, seen.url)
            return same_place and _same_media_type(wanted.media_type, seen.media_type)
        case Call(), Call():
            same = _left_out_or_same(wanted.id, seen.id) and wanted.name == seen.name
            return same and same_text(wanted.arguments, seen.arguments)
        case Answered(), Answered():
            same = _left_out_or_same(wanted.id, seen.id) and _left_out_or_same(wanted.name, seen.name)
            return same and (wanted.content == seen.content or same_text(wanted.content, seen.content))
        case _:
            return wanted == seen


def _same_media_type(wanted: str | None, seen: str | None) -> bool:
    """Compare types of which one may tell only its first half (``image/*``), as §11's parts do."""
    if wanted is None or seen is None:
        return wanted is None
    (first, _, kind), (other, _, other_kind) = wanted.partition("/"), seen.partition("/")
    return wanted == seen or (first == other and "*" in {kind, other_kind})


def _left_out_or_same(wanted: str | None, seen: str | None) -> bool:
    return wanted is None or wanted == seen
