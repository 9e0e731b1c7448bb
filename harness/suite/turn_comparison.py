"""Converted messages and tools that a person wrote in the neutral form, held against what a converter made (R30)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.converted import Unreadable, converted_tools, converted_turns
from harness.protocol.exact_json import same
from harness.protocol.messages import Call, Part, Turn, joined
from harness.protocol.messages_json import turns_in, turns_json
from harness.protocol.transcript import Transcript
from harness.suite.expect import Expect
from harness.suite.mismatch import Mismatch, shown
from harness.suite.part_comparison import same_part


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
    return wanted.role == seen.role and len(ours) == len(theirs) and all(map(same_part, ours, theirs))


def _sorted(turn: Turn) -> list[Part]:
    """Put calls behind everything else, each in their order."""
    return sorted(turn.parts, key=lambda part: isinstance(part, Call))
