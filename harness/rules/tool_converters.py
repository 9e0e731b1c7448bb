"""Converted tools: none is lost, none is left without its description or a part of its schema (R30)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.converted import Unreadable, converted_tools
from harness.protocol.messages import ToolOffer
from harness.rules.asked import tools_in
from harness.rules.converters import TOOLS, given
from harness.rules.rule import SPEC, Finding, Level, rule
from harness.rules.schema_likeness import equal_schema
from harness.rules.sound import SoundTranscript
from harness.rules.turns import difference, folded
from harness.rules.wording import shown


def tools_were_converted(transcript: SoundTranscript) -> bool:
    """Apply where tools became tools that can be read."""
    completed = transcript.ending.kind == "completed"
    return completed and bool(given(transcript, "tools")) and _made_tools(transcript) is not None


@rule(
    "CONV-10",
    Level.MUST,
    "§4",
    "§11.2",
    "R16",
    "R30",
    profiles=SPEC,
    applies=tools_were_converted,
    operations=TOOLS,
    by_turn=False,
    why="the model cannot call the tool, or what it calls is not found",
    mend="make one tool of each, in their order, and leave the name as it is",
)
def every_tool_is_converted(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every tool is converted in order, once, under its name or one that can be told back.

    §4 lets a name be made what a provider wants: other letters are changed, never so that two tools have one name (E18,
    R16).
    """
    own, made = _own_tools(transcript), list(_made_tools(transcript) or ())
    found = difference(own, made, lambda one, other: folded(one.name) == folded(other.name))
    if found is not None:
        expected = "no more tools" if found.meant is None else shown(found.meant.name)
        seen = found.word if found.seen is None else f"{shown(found.seen.name)}: {found.word}"
        yield Finding(None, expected, seen, "result")
    elif len({tool.name for tool in made}) < len({tool.name for tool in own}):
        yield Finding(None, "a name of its own for each tool", shown([tool.name for tool in made]), "result")


@rule(
    "CONV-11",
    Level.MUST,
    "§3",
    "§4",
    "§11.2",
    "R30",
    profiles=SPEC,
    applies=tools_were_converted,
    operations=TOOLS,
    by_turn=False,
    why="the model guesses when to call the tool, and with which arguments",
    mend="copy the description, and the whole inputSchema into `inputSchema` (§11.2: `parameters`)",
)
def a_converted_tool_is_described_whole(transcript: SoundTranscript) -> Iterator[Finding]:
    """A converted tool has the description and the whole schema of its own.

    §11.2 writes the schema to `parameters`, SDK V2 reads `inputSchema` (A4); both pass, and a tool without a schema may
    have that of an empty object (R30).
    """
    own, made = _own_tools(transcript), list(_made_tools(transcript) or ())
    if len(own) != len(made):
        return
    for place, (tool, other) in enumerate(zip(own, made, strict=True)):
        if folded(tool.name) != folded(other.name):
            return
        if (tool.description or "") != (other.description or ""):
            path = f"result[{place}].description"
            yield Finding(None, shown(tool.description), shown(other.description), path)
        if not equal_schema(tool.schema, other.schema):
            yield Finding(None, shown(tool.schema), shown(other.schema), f"result[{place}].inputSchema")


def _own_tools(transcript: SoundTranscript) -> list[ToolOffer]:
    return list(tools_in(given(transcript, "tools")))


def _made_tools(transcript: SoundTranscript) -> tuple[ToolOffer, ...] | None:
    try:
        return converted_tools(transcript.result)
    except Unreadable:
        return None
