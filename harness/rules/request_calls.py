"""Earlier calls and what their tools said: they arrive at the provider whole, under one id, in their turns (R29)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from harness.protocol.messages import Answered, Call, File, ModelRequest, Turn
from harness.rules.asked import (
    ASKING,
    ONE_ANSWER,
    and_others,
    at_request,
    conversation_was_received,
    difference_findings,
    different_requests,
    either_has,
    findings_of,
    meant_turns,
    messages_of,
    sent_names,
)
from harness.rules.rule import Finding, Level, rule
from harness.rules.sound import SoundTranscript
from harness.rules.turns import (
    answer_difference,
    call_difference,
    difference,
    order_difference,
    paired_answers,
    parts_of,
    same_arguments,
    same_files,
    same_name,
    text_difference,
)
from harness.rules.wording import shown

_ITEMS = "/responses"
"""The end of a path where each call is an item by itself, and messages are not what holds them together."""


def calls_are_sent(transcript: SoundTranscript) -> bool:
    """Apply where the request has earlier calls, or its provider received some."""
    return either_has(transcript, Call)


@rule(
    "REQ-7",
    Level.MUST,
    "§4",
    "§11.1",
    "R29",
    applies=calls_are_sent,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the model does not know what it has called: it calls again, or the provider refuses a result without a call",
    mend="send every entry of toolCalls as the provider's call, with its name and in its order",
)
def every_call_arrives(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every earlier tool call arrives in order, once, under the name of its tool, and no other does."""
    turns = meant_turns(transcript)

    def check(asked: ModelRequest) -> Iterator[Finding]:
        yield from difference_findings(call_difference(turns, asked.turns, sent_names(transcript, asked)))

    yield from findings_of(transcript, check)


@rule(
    "REQ-8",
    Level.MUST,
    "§4",
    "§11.1",
    "R29",
    applies=calls_are_sent,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the model believes to have called the tool with something else, and goes on from there",
    mend="parse the arguments' text for SDK V2's `input`; a text in its place goes out encoded twice (A8)",
)
def a_call_keeps_its_arguments(transcript: SoundTranscript) -> Iterator[Finding]:
    """The arguments of an earlier call arrive as they were: the same JSON value, not lost, and encoded once.

    §4 wants them as JSON text, SDK V2 as an object (A8); what counts is what the provider receives (R29).
    """
    turns = meant_turns(transcript)

    def check(asked: ModelRequest) -> Iterator[Finding]:
        if call_difference(turns, asked.turns, sent_names(transcript, asked)) is not None:
            return
        changed = [
            (one, other)
            for one, other in zip(parts_of(turns, Call), parts_of(asked.turns, Call), strict=True)
            if not same_arguments(one.part.arguments, other.part.arguments)
        ]
        if changed:
            one, other = changed[0]
            seen = f"{shown(other.part.arguments)}{and_others(len(changed) - 1, 'call')}"
            yield Finding(None, f"{shown(one.part.arguments)} for {shown(one.part.name)}", seen, f"turns[{other.turn}]")

    yield from findings_of(transcript, check)


def answers_are_sent(transcript: SoundTranscript) -> bool:
    """Apply where the request has tool messages, or its provider received tool results."""
    return either_has(transcript, Answered)


@rule(
    "REQ-9",
    Level.MUST,
    "§4",
    "§11.1",
    "R29",
    "R31",
    applies=answers_are_sent,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the model does not learn what its tool said, and asks again or makes it up",
    mend="send every tool message as the provider's tool result, its content as text (A6)",
)
def every_answer_of_a_tool_arrives(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every tool result of the request arrives in order, once, with what it says, and no other does.

    The order is that of the messages, or that of the calls. §11.1 makes "null" of null content; we read it as empty
    text (R31).
    """
    turns = meant_turns(transcript)

    def check(asked: ModelRequest) -> Iterator[Finding]:
        yield from difference_findings(answer_difference(turns, asked.turns))

    yield from findings_of(transcript, check)


@rule(
    "REQ-10",
    Level.MUST,
    "§4",
    "§11.1",
    "R29",
    applies=answers_are_sent,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the model takes one tool's result for another's, or the provider refuses the request",
    mend="send a result under the id of its call; rename an id, if you must, in both places",
)
def a_result_names_its_call(transcript: SoundTranscript) -> Iterator[Finding]:
    """A tool result arrives under the id of its call, and under the name of its tool on a wire that names it.

    Google's needs no id, so the name alone may tell (R29).
    """
    turns = meant_turns(transcript)

    def check(asked: ModelRequest) -> Iterator[Finding]:
        names = sent_names(transcript, asked)
        if call_difference(turns, asked.turns, names) is None and answer_difference(turns, asked.turns) is None:
            yield from _wrongly_named(turns, asked, names)

    yield from findings_of(transcript, check)


@rule(
    "REQ-11",
    Level.MUST,
    "§4",
    "§11.1",
    "R29",
    "R30",
    applies=conversation_was_received,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="providers refuse a call that is not followed by its result, and a model takes words for another one's",
    mend="write one assistant message: its text, then all its calls; then their results, then what was said next",
)
def turns_stay_as_they_are(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every part arrives in its turn: parallel calls in one, their results right behind it, pictures among their words.

    §11.1 writes a message for each call and the text last, which OpenAI and Anthropic refuse (A10); we ask for one
    assistant message, as R30 reads it. A structured output may add turns at the end.
    """
    turns, open_ended = meant_turns(transcript), transcript.stimulus.operation != "chat"
    for place, exchange, asked in different_requests(transcript):
        if not _all_arrived(turns, asked, sent_names(transcript, asked), open_ended=open_ended):
            continue
        found = order_difference(turns, asked.turns, open_ended=open_ended)
        is_free = exchange.target.partition("?")[0].endswith(_ITEMS) or _is_split(messages_of(transcript))
        split = None if is_free else _split_turn(asked.turns)
        if found is not None:
            yield Finding(None, f"turn {found[0]} to be {found[1]}", found[2], at_request(place, "turns"))
        elif split is not None:
            expected = "the results of its calls behind it, or its calls in one message"
            yield Finding(None, expected, "another message of the assistant", at_request(place, f"turns[{split}]"))
        else:
            continue
        return


def _wrongly_named(turns: Sequence[Turn], asked: ModelRequest, names: Mapping[str, str]) -> Iterator[Finding]:
    calls = list(zip(parts_of(turns, Call), parts_of(asked.turns, Call), strict=True))
    of_id = {own.part.id: (own.part, sent.part) for own, sent in calls}
    ids = [sent.part.id for _, sent in calls if sent.part.id is not None]
    if len(set(ids)) < len(ids) and len(of_id) == len(calls):
        again = next(sent for place, (_, sent) in enumerate(calls) if sent.part.id in ids[:place])
        yield Finding(None, "an id of its own for each call", shown(again.part.id), f"turns[{again.turn}]")
        return
    for own, sent in paired_answers(turns, asked.turns):
        if own.part.id not in of_id:
            continue
        meant, call = of_id[own.part.id]
        wrong: tuple[str | None, str | None] | None = None
        if sent.part.id != call.id and (sent.part.id is not None or sent.part.name is None):
            wrong = call.id, sent.part.id
        elif sent.part.name is not None and not same_name(meant.name, sent.part.name, names):
            wrong = call.name, sent.part.name
        if wrong is not None:
            yield Finding(None, f"{shown(wrong[0])}, as the call has it", shown(wrong[1]), f"turns[{sent.turn}]")
            return


def _all_arrived(turns: Sequence[Turn], asked: ModelRequest, names: Mapping[str, str], *, open_ended: bool) -> bool:
    return (
        text_difference(turns, asked.turns, open_ended=open_ended) is None
        and difference(parts_of(turns, File), parts_of(asked.turns, File), same_files) is None
        and call_difference(turns, asked.turns, names) is None
        and answer_difference(turns, asked.turns) is None
    )


def _is_split(messages: Sequence[Any]) -> bool:
    """Tell whether the request itself has a message of the assistant between a call and its result."""
    assistants = [isinstance(one, Mapping) and one.get("role") == "assistant" for one in messages]
    return any(
        before and after and messages[place].get("toolCalls")
        for place, (before, after) in enumerate(pairwise(assistants))
    )


def _split_turn(turns: Sequence[Turn]) -> int | None:
    """Return the place of a message of the assistant that stands between a call and its result."""
    for place, (before, turn) in enumerate(pairwise(turns), 1):
        if before.role == turn.role == "assistant" and any(isinstance(part, Call) for part in before.parts):
            return place
    return None
