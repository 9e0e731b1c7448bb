"""Whether a request says what a case's sample of it says, however the API lets it be written (R29)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeVar

from harness.protocol.exact_json import same
from harness.protocol.likeness import runs_through
from harness.protocol.messages import Call, File, ModelRequest, Part, Text, ToolOffer, Turn
from harness.providers.requests.member import UNREAD
from harness.suite.matching import member_mismatches
from harness.suite.part_comparison import ANYTHING, same_part
from harness.suite.request_sample import GEMINI, Sample, in_camel_case
from harness.suite.schema_spelling import spelled

_SYSTEM_AMONG_MESSAGES = frozenset(
    {"openai-chat", "openai-responses", "openai-completions", "cohere-v2", "ollama-chat", "cloudflare-run"}
)
_OF_TURNS = ("messages", "input", "contents", "prompt", "message", "chat_history", "tool_results")
_FORCED = "tool:"
One = TypeVar("One")


def says_the_same(sample: Sample, seen: ModelRequest, *, in_chat: bool) -> bool:
    """Tell whether a request says all that a sample says; what the sample leaves out may be anything.

    On wires whose messages hold the system's, a chat without any in its sample has none at all. A structured output
    may add some (R33), so nothing is asked of it.
    """
    wanted = sample.asked
    return (
        _same_turns(sample, seen, in_chat=in_chat)
        and (not (wanted.tools or sample.names("tools", "functions")) or _same_tools(wanted.tools, seen.tools))
        and _same_choice(wanted, seen)
        and wanted.model in {None, seen.model}
        and _same_all(_same_limit, _limits(wanted), _limits(seen))
        and _same_schema(wanted.schema, seen.schema)
        and (seen.json or not wanted.json)
        and (not sample.names("stream") or wanted.stream == seen.stream)
        and not any(member_mismatches("", _told_by_name(sample.wire, wanted), _told_by_name(sample.wire, seen)))
    )


def _same_turns(sample: Sample, seen: ModelRequest, *, in_chat: bool) -> bool:
    """Compare what is said, if the sample says anything.

    What a role says at a stretch may be cut into messages and texts otherwise.
    """
    turns, are_named = sample.asked.turns, sample.names(*_OF_TURNS)
    system = _system(turns)
    names_system = bool(system) or (are_named and in_chat and sample.wire in _SYSTEM_AMONG_MESSAGES)
    if names_system and not _same_texts(system, _system(seen.turns)):
        return False
    return not are_named or _same_all(_same_side, _sides(turns), _sides(seen.turns))


def _system(turns: Iterable[Turn]) -> list[str]:
    return [part.text for turn in turns if turn.role == "system" for part in turn.parts if isinstance(part, Text)]


def _same_texts(wanted: Sequence[str], seen: Sequence[str]) -> bool:
    """Tell whether texts are the same, however they are cut and with white space between them; none of it is lost."""
    if ANYTHING in wanted:
        return bool(seen)
    whole = "".join(wanted)
    begins_and_ends = bool(seen) and whole.startswith(seen[0]) and whole.endswith(seen[-1])
    return runs_through(wanted, "".join(seen)) or (begins_and_ends and runs_through(seen, whole))


def _sides(turns: Iterable[Turn]) -> list[tuple[bool, list[Part]]]:
    """Return what the assistant says at a stretch, and what is said to it, by the user and by tools."""
    spoken = (turn for turn in turns if turn.role != "system")
    return [
        (is_own, [part for turn in group for part in turn.parts])
        for is_own, group in groupby(spoken, key=lambda turn: turn.role == "assistant")
    ]


def _same_side(wanted: tuple[bool, list[Part]], seen: tuple[bool, list[Part]]) -> bool:
    """Compare what one side says: its calls may be mixed otherwise with its texts (R30), a user's files may not.

    A side whose text may be anything may say anything beside the calls, answers and files that are wanted of it.
    """
    (is_own, ours), (is_theirs, theirs) = wanted, seen
    if is_own != is_theirs:
        return False
    if Text(ANYTHING) in ours:
        kinds = {type(part) for part in ours if not isinstance(part, Text)}
        return all(_same_all(_same_part, _of_kind(ours, kind), _of_kind(theirs, kind)) for kind in kinds)
    if is_own:
        ours, theirs = (sorted(parts, key=lambda part: isinstance(part, Call)) for parts in (ours, theirs))
    return _same_all(_same_run, _runs(ours), _runs(theirs))


def _runs(parts: Sequence[Part]) -> list[list[Part]]:
    """Return what stands together: words, files, calls, answers; an empty text counts only where it is all there is."""
    spoken = [part for part in parts if part != Text("")] or parts[:1]
    return [list(group) for _, group in groupby(spoken, key=type)]


def _same_run(wanted: Sequence[Part], seen: Sequence[Part]) -> bool:
    ours, theirs = _of_kind(wanted, Text), _of_kind(seen, Text)
    if ours and theirs:
        return _same_texts([part.text for part in ours], [part.text for part in theirs])
    return _same_all(_same_part, wanted, seen)


def _of_kind(parts: Iterable[Part], kind: type[One]) -> list[One]:
    return [part for part in parts if isinstance(part, kind)]


def _same_part(wanted: Part, seen: Part) -> bool:
    """Compare two parts; a wire may leave open what type a file at a URL is of."""
    if isinstance(wanted, File) and isinstance(seen, File) and wanted.url is not None and seen.media_type is None:
        return wanted.url == seen.url
    return same_part(wanted, seen)


def _same_tools(wanted: Iterable[ToolOffer], seen: Iterable[ToolOffer]) -> bool:
    """Compare tools in any order; those whose name is left open take what is left."""
    left = list(seen)
    for tool in sorted(wanted, key=lambda tool: tool.name == ANYTHING):
        place = next((place for place, one in enumerate(left) if _same_tool(tool, one)), None)
        if place is None:
            return False
        del left[place]
    return not left


def _same_tool(wanted: ToolOffer, seen: ToolOffer) -> bool:
    return (
        wanted.name in {ANYTHING, seen.name}
        and wanted.description in {None, seen.description}
        and _same_schema(wanted.schema, seen.schema)
    )


def _same_choice(wanted: ModelRequest, seen: ModelRequest) -> bool:
    """Compare which tool is to be called; a model that is told nothing is free to choose."""
    if wanted.tool_choice is None:
        return True
    chosen = seen.chosen or "auto"
    if wanted.tool_choice == _FORCED + ANYTHING:
        return chosen.startswith(_FORCED)
    return replace(seen, tool_choice=wanted.tool_choice).chosen == chosen


def _limits(asked: ModelRequest) -> list[int | float | None]:
    return [asked.temperature, asked.max_tokens, asked.top_p]


def _same_limit(wanted: float | None, seen: float | None) -> bool:
    return wanted is None or same(wanted, seen)


def _same_schema(wanted: Any, seen: Any) -> bool:
    """Compare as far as the sample goes; ANYTHING is any schema at all."""
    if wanted is None or wanted == ANYTHING:
        return wanted is None or seen is not None
    return not any(member_mismatches("", spelled(wanted), spelled(seen)))


def _told_by_name(wire: str, asked: ModelRequest) -> Any:
    """Return the members that no word of the neutral form tells, but for those in messages and tools."""
    extra = {key: value for key, value in asked.extra.items() if key != UNREAD}
    return in_camel_case(extra) if wire == GEMINI else extra


def _same_all(alike: Callable[[One, One], bool], wanted: Sequence[One], seen: Sequence[One]) -> bool:
    return len(wanted) == len(seen) and all(map(alike, wanted, seen))
