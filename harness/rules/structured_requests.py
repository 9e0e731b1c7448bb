"""Structured output, as the provider is asked for it: in the way that it knows, and not too often (§14, R33, R37)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from harness.protocol.messages import ModelRequest, Text
from harness.protocol.script import Exchange
from harness.protocol.transcript import Operation
from harness.rules.answers_in_text import answers_in
from harness.rules.asked import at_request, options_of
from harness.rules.capabilities import Strategy, strategies_of
from harness.rules.fitting import stands_for
from harness.rules.rule import MUST_IN_SPEC, SPEC, Finding, Level, rule
from harness.rules.said import came_whole
from harness.rules.schema_changes import changes
from harness.rules.schema_places import places, properties
from harness.rules.sound import SoundTranscript
from harness.rules.wording import shown

_OPERATION: tuple[Operation, ...] = ("structuredOutput",)
_NO_AUTHORITY = frozenset({401, 403})
_RETRIES = 2  # §14.6
_FORCED = "tool:"
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def strategy_of(asked: ModelRequest) -> Strategy:
    """Return the way in which a request asks for structured output."""
    if asked.schema is not None:
        return "native"
    forced = (asked.tool_choice or "").startswith(_FORCED) or asked.tool_choice == "required"
    return "tool-based" if forced and asked.tools else "instruction"


def asks_a_known_provider(transcript: SoundTranscript) -> bool:
    """Apply where the provider was asked for structured output, and it is known in which way it is to be asked."""
    return bool(_asked(transcript)) and bool(strategies_of(transcript.stimulus.request))


@rule(
    "STRUCT-23",
    MUST_IN_SPEC,
    "§6.5",
    "§14.2",
    "§14.8",
    "R33",
    applies=asks_a_known_provider,
    operations=_OPERATION,
    by_turn=False,
    why="the provider ignores what it does not know, and answers with prose; or a better way is not used",
    mend="look up the family of the model behind every router, then its way in the table of §14.8",
)
def the_provider_is_asked_in_its_way(transcript: SoundTranscript) -> Iterator[Finding]:
    """The provider is asked in the way of its family: its own schema field, a forced tool, both in turn, or a prompt.

    §14.2 finds a family only where the model's id begins with its name; we read R33, which finds it behind a router
    too. Mistral is asked natively first and by a tool then, in each attempt. TanStack has no such table, so its profile
    warns.
    """
    allowed = strategies_of(transcript.stimulus.request)
    for place, (number, asked) in enumerate(_asked(transcript)):
        way = strategy_of(asked)
        in_turn = {"native", "tool-based"} if place else {"native"}
        if way not in allowed and not ("constrained" in allowed and way in in_turn):
            yield Finding(None, " or ".join(sorted(allowed)), way, at_request(number))
            return


def forces_a_tool(transcript: SoundTranscript) -> bool:
    """Apply where a tool is forced, and the caller has a schema."""
    return bool(_by(transcript, "tool-based"))


@rule(
    "STRUCT-24",
    Level.MUST,
    "§14.5",
    "R33",
    applies=forces_a_tool,
    operations=_OPERATION,
    by_turn=False,
    why="the model calls another tool, or one without the definitions, variants or items that were asked for",
    mend="offer one tool, force it by its name, and give it the whole schema, not its properties and required only",
)
def the_forced_tool_has_the_whole_schema(transcript: SoundTranscript) -> Iterator[Finding]:
    """One tool is offered and forced, and its schema is all of the caller's schema.

    §14.5 copies `properties` and `required` only, which loses definitions, variants and arrays at the root; we read
    R33. A schema that is of no object may be the only property of one.
    """
    schema = transcript.stimulus.request["outputSchema"]
    for number, asked in _by(transcript, "tool-based"):
        if len(asked.tools) != 1:
            seen = ", ".join(tool.name for tool in asked.tools)
            yield Finding(None, "one tool", seen, at_request(number, "tools"))
        elif asked.tool_choice not in {"required", _FORCED + asked.tools[0].name}:
            expected = _FORCED + asked.tools[0].name
            yield Finding(None, expected, shown(asked.tool_choice), at_request(number, "toolChoice"))
        elif (lost := next(changes(schema, asked.tools[0].schema), None)) is not None:
            path = ".".join(("tools[0].schema", *lost.path))
            yield Finding(None, shown(lost.expected), shown(lost.seen), at_request(number, path))
        else:
            continue
        return


def instructs(transcript: SoundTranscript) -> bool:
    """Apply where the provider is asked by instruction, as it is to be."""
    return "instruction" in strategies_of(transcript.stimulus.request) and bool(_by(transcript, "instruction"))


@rule(
    "STRUCT-25",
    Level.MUST,
    "§6.5",
    "§7",
    "§14.5",
    "R33",
    applies=instructs,
    operations=_OPERATION,
    by_turn=False,
    why="the model does not know what is wanted, and answers with prose",
    mend="write the whole schema into a system message, as JSON",
)
def the_instruction_holds_the_schema(transcript: SoundTranscript) -> Iterator[Finding]:
    """Where a provider is asked by instruction, the schema stands in the system message.

    §14.5 writes it as JSON; another form passes that names every property and every value of an enum (R33).
    """
    schema = transcript.stimulus.request["outputSchema"]
    for number, asked in _by(transcript, "instruction"):
        system = "\n".join(_texts(asked, "system"))
        words = _words(schema)
        missing = [word for word in words if word not in system]
        as_words = bool(words) and not missing
        if not as_words and not any(stands_for(schema, one.value) for one in answers_in(system).all):
            seen = f"nothing of {missing[0]}" if missing else "no schema"
            yield Finding(None, "the schema in the system message", seen, at_request(number, "turns"))
            return


def was_asked(transcript: SoundTranscript) -> bool:
    """Apply where the provider was asked for structured output."""
    return bool(_asked(transcript))


@rule(
    "STRUCT-26",
    Level.MUST,
    "§14.6",
    "R37",
    applies=was_asked,
    operations=_OPERATION,
    by_turn=False,
    why="an answer that never fits is asked for, and paid for, again and again",
    mend="count the attempts, and raise when maxRetries of them have followed the first",
)
def no_more_attempts_than_allowed(transcript: SoundTranscript) -> Iterator[Finding]:
    """In each way of asking, at most `maxRetries` attempts follow the first; two where nothing is said.

    Only whole answers count: a request that was refused or broken off is repeated under R29.
    """
    allowed = 1 + _retries(transcript)
    for way in ("native", "tool-based", "instruction"):
        answered = [number for number, asked, _ in _answered(transcript) if strategy_of(asked) == way]
        if len(answered) > allowed:
            yield Finding(None, f"at most {allowed} answers", f"{len(answered)} ({way})", at_request(answered[allowed]))


def was_refused_for_good(transcript: SoundTranscript) -> bool:
    """Apply where the provider answered that the caller has no authority."""
    return any(exchange.status in _NO_AUTHORITY for exchange in transcript.exchanges or ())


@rule(
    "STRUCT-27",
    Level.MUST,
    "§14.5",
    "R33",
    "R37",
    applies=was_refused_for_good,
    operations=_OPERATION,
    by_turn=False,
    why="a wrong key is tried again in another way, and the caller is told of the last failure, not of the first",
    mend="go on to the next way only for an answer that cannot be used, judged by the error's type",
)
def no_other_way_is_tried_without_authority(transcript: SoundTranscript) -> Iterator[Finding]:
    """After a 401 or a 403 the provider is not asked again in another way.

    §14.5 catches every error and goes on (ledger H11); we read R33. The same request once more is a matter of R29, and
    one after an abort is ABORT-6.
    """
    exchanges = transcript.exchanges or ()
    first = next((number for number, one in enumerate(exchanges) if one.status in _NO_AUTHORITY), len(exchanges))
    for number, later in enumerate(exchanges[first + 1 :], first + 1):
        if later.body != exchanges[first].body:
            seen = f"another one after the status {exchanges[first].status}"
            yield Finding(None, "no further request", seen, at_request(number))
            return


def was_tried_again(transcript: SoundTranscript) -> bool:
    """Apply where an attempt followed an answer in the same way."""
    return bool(_repetitions(transcript))


@rule(
    "STRUCT-28",
    Level.SHOULD,
    "§14.6",
    "R37",
    applies=was_tried_again,
    operations=_OPERATION,
    by_turn=False,
    why="the same question at temperature 0 gets the same answer",
    mend="add a system prompt that names the attempt and asks for JSON only",
)
def a_repetition_says_that_it_is_one(transcript: SoundTranscript) -> Iterator[Finding]:
    """A further attempt says something that the first did not: that it is one, and what is wanted (§14.6, R37)."""
    for (_, first), (number, later) in _repetitions(transcript):
        if set(_texts(later)) <= set(_texts(first)):
            yield Finding(None, "a word about the attempt before", "the first request once more", at_request(number))
            return


def failed_after_several(transcript: SoundTranscript) -> bool:
    """Apply where the last of several answers came whole, and the operation raised."""
    several = len(_answered(transcript)) > 1
    return several and transcript.ending.kind == "raised" and came_whole(transcript)


@rule(
    "STRUCT-29",
    Level.SHOULD,
    "§14.6",
    "R37",
    applies=failed_after_several,
    operations=_OPERATION,
    by_turn=False,
    why="whoever looks into it does not know what was paid for",
    mend="say how many attempts there were, and what was wrong with the last",
)
def the_error_counts_the_attempts(transcript: SoundTranscript) -> Iterator[Finding]:
    """When all attempts have failed the error tells how many there were; those of one way may be counted alone.

    Only answers are attempts under STRUCT-26; whoever counts requests that were refused as well says so too.
    """
    answered = [strategy_of(asked) for _, asked, _ in _answered(transcript)]
    asked = [strategy_of(asked) for _, asked in _asked(transcript)]
    counts = {count for ways in (answered, asked) for count in (len(ways), *map(ways.count, ways))}
    message = str((transcript.ending.error or {}).get("message"))
    words = "|".join([str(count) for count in counts] + [_NUMBERS[count] for count in counts if count < len(_NUMBERS)])
    if not re.search(rf"\b(?:{words})\b", message, re.IGNORECASE):
        yield Finding(None, f"{len(answered)} attempts", shown(message), "error.message")


def names_no_temperature(transcript: SoundTranscript) -> bool:
    """Apply where the provider was asked for structured output, and the request names no temperature."""
    return was_asked(transcript) and transcript.stimulus.request.get("temperature") is None


@rule(
    "STRUCT-30",
    Level.SHOULD,
    "§14.5",
    "R33",
    profiles=SPEC,
    applies=names_no_temperature,
    operations=_OPERATION,
    by_turn=False,
    why="the same question gives another structure each time",
    mend="send the temperature 0 where the request names none",
)
def structure_is_asked_for_at_temperature_zero(transcript: SoundTranscript) -> Iterator[Finding]:
    """Without a temperature of the request the provider is asked at 0.

    Where the request names one, §14.5 sends 0 all the same for a tool and for an instruction, and by R29 what was asked
    for arrives: both pass. Some models take no temperature, so this warns.
    """
    for number, asked in _asked(transcript):
        if asked.temperature != 0:
            yield Finding(None, "0", shown(asked.temperature), at_request(number, "temperature"))
            return


def _exchanges(transcript: SoundTranscript) -> Iterator[tuple[int, ModelRequest, Exchange]]:
    if not isinstance(transcript.stimulus.request.get("outputSchema"), dict):
        return
    for number, exchange in enumerate(transcript.exchanges or ()):
        if exchange.asked is not None:
            yield number, exchange.asked, exchange


def _asked(transcript: SoundTranscript) -> list[tuple[int, ModelRequest]]:
    return [(number, asked) for number, asked, _ in _exchanges(transcript)]


def _by(transcript: SoundTranscript, way: Strategy) -> list[tuple[int, ModelRequest]]:
    return [(number, asked) for number, asked in _asked(transcript) if strategy_of(asked) == way]


def _answered(transcript: SoundTranscript) -> list[tuple[int, ModelRequest, Exchange]]:
    """Return the requests that got a whole answer."""
    return [
        one
        for one in _exchanges(transcript)
        if one[2].whole and one[2].status is not None and 200 <= one[2].status < 300
    ]


def _repetitions(
    transcript: SoundTranscript,
) -> list[tuple[tuple[int, ModelRequest], tuple[int, ModelRequest]]]:
    """Return each attempt behind an answered one of its way, beside the first of that way."""
    first: dict[Strategy, tuple[int, ModelRequest]] = {}
    found = []
    for number, asked, _ in _answered(transcript):
        way = strategy_of(asked)
        if way in first:
            found.append((first[way], (number, asked)))
        first.setdefault(way, (number, asked))
    return found


def _retries(transcript: SoundTranscript) -> int:
    asked = options_of(transcript).get("maxRetries")
    return asked if type(asked) is int and asked >= 0 else _RETRIES


def _texts(asked: ModelRequest, *roles: str) -> list[str]:
    """Return the texts of a request, of some roles only or of all."""
    return [
        part.text
        for turn in asked.turns
        if not roles or turn.role in roles
        for part in turn.parts
        if isinstance(part, Text)
    ]


def _words(schema: Any) -> list[str]:
    """Return the names of all properties, and all texts of enums."""
    found: list[str] = []
    for place in places(schema):
        found += properties(place.schema)
        values = place.schema.get("enum")
        found += [value for value in (values if isinstance(values, list) else ()) if isinstance(value, str)]
    return found
