"""Converters: what they make of messages and tools says what was said, neither less nor more (R30, R31).

Theory of operation. Both shapes are legal, §11's and AI SDK V2's, so what was made is read into the neutral form
(:mod:`harness.protocol.converted`) and compared there with the request's own reading. Where it cannot be read CONV-1
says so, and no other rule looks. Whether the input was changed on the way nobody can see here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.protocol.converted import Unreadable, converted_tools, converted_turns
from harness.protocol.likeness import runs_through
from harness.protocol.messages import Answered, Call, File, Stranger, Text, Turn, joined, strangers_in, turns_of
from harness.protocol.transcript import Operation
from harness.rules.asked import difference_findings
from harness.rules.rule import SPEC, Finding, Level, rule
from harness.rules.sound import SoundTranscript
from harness.rules.turns import (
    Difference,
    Placed,
    answer_difference,
    difference,
    folded,
    may_be_refused,
    order_difference,
    paired_answers,
    parts_of,
    same_arguments,
    same_files,
    system_texts,
    text_difference,
)
from harness.rules.wording import shown

MESSAGES: tuple[Operation, ...] = ("convertMessages",)
TOOLS: tuple[Operation, ...] = ("convertTools",)
_KNOWN = frozenset({"text", "image", "audio", "video", "document", "pdf"})


def something_was_converted(transcript: SoundTranscript) -> bool:
    """Apply where the converter was given something that it can convert, and was not stopped."""
    if transcript.ending.kind not in {"completed", "raised"} or _strangers(transcript):
        return False
    raised = transcript.ending.kind == "raised"
    return not (raised and may_be_refused(_meant(transcript)))


@rule(
    "CONV-1",
    Level.MUST,
    "§2",
    "§3",
    "§11.1",
    "§11.2",
    "R30",
    profiles=SPEC,
    applies=something_was_converted,
    operations=MESSAGES + TOOLS,
    by_turn=False,
    why="the SDK throws at it, or takes it for something else",
    mend="return a list of SDK messages, or of tools {type: function, name, description, inputSchema}",
)
def what_is_converted_has_its_shape(transcript: SoundTranscript) -> Iterator[Finding]:
    """A converter returns a list of messages, or of tools, in the shape of §11 or in that of AI SDK V2.

    §11.1 gives a call `args` as text and a tool message content as text, the SDK wants `input` and `output` (A6, A8);
    both pass (R30).
    """
    if transcript.ending.kind == "raised":
        error = transcript.ending.error or {}
        yield Finding(None, "a list", f"raised {error.get('name') or 'an exception'}: {shown(error.get('message'))}")
        return
    try:
        (converted_turns if transcript.stimulus.operation in MESSAGES else converted_tools)(transcript.result)
    except Unreadable as fault:
        yield Finding(None, fault.expected, shown(fault.seen), fault.path)


def messages_were_converted(transcript: SoundTranscript) -> bool:
    """Apply where messages that can be read became messages that can be read."""
    if not given(transcript, "messages") or transcript.ending.kind != "completed" or _strangers(transcript):
        return False
    return _made(transcript) is not None


@rule(
    "CONV-2",
    Level.MUST,
    "§4",
    "§11.1",
    "R30",
    profiles=SPEC,
    applies=messages_were_converted,
    operations=MESSAGES,
    by_turn=False,
    why="the model answers another question than the user asked",
    mend="make a text part of every text, in the role of its message; an assistant's text is a part too",
)
def every_text_is_converted(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every text of the messages is converted in its role, in order, once, and no other text is added."""
    meant, made = _meant(transcript), _made(transcript) or ()
    found = text_difference(meant, made, open_ended=False)
    yield from difference_findings(found, "result")
    system, seen = system_texts(meant), "\n".join(system_texts(made))
    if found is None and not runs_through(system, seen):
        yield Finding(None, f"system: {shown(' '.join(system))}", shown(seen), "result")


@rule(
    "CONV-3",
    Level.MUST,
    "§4",
    "§11.1",
    "R30",
    "R31",
    profiles=SPEC,
    applies=messages_were_converted,
    operations=MESSAGES,
    by_turn=False,
    why="providers refuse a message without content, and the turns of the conversation no longer alternate",
    mend="give a message whose content is null, and that has no calls, one empty text part",
)
def a_message_without_content_has_an_empty_text(transcript: SoundTranscript) -> Iterator[Finding]:
    """A message that would else have no part has one empty text.

    §11.1 leaves an assistant's empty message out, §4 asks for the empty text in any message; we read §4, but for
    messages that have calls (R31).
    """
    meant, made = _meant(transcript), list(joined(_made(transcript) or ()))
    if text_difference(meant, made, open_ended=False) is not None:
        return
    for turn in meant:
        is_empty = turn.parts == (Text(""),) * len(turn.parts)
        there = made[0] if made and made[0].role == turn.role else None
        if is_empty and (there is None or there.parts != (Text(""),) * max(1, len(there.parts))):
            seen = "no such message" if there is None or there.parts else "a message without parts"
            yield Finding(None, f"{turn.role}: an empty text", seen, "result")
            return
        if there is None:  # a turn with content is missing, as another rule says
            return
        made.pop(0)


def files_were_converted(transcript: SoundTranscript) -> bool:
    """Apply where there are files on either side."""
    return _either_has(transcript, File)


@rule(
    "CONV-4",
    Level.MUST,
    "§2",
    "§4",
    "§6.6",
    "§11.1",
    "R30",
    "R31",
    profiles=SPEC,
    applies=files_were_converted,
    operations=MESSAGES,
    by_turn=False,
    why="the model is asked about a picture that it does not see, or reads bytes as something they are not",
    mend="carry source.value over with its media type; in SDK V2 as {type: file, data, mediaType}",
)
def every_file_is_converted(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every image, sound, film and document is converted in order, once, with its data or URL and its media type.

    §11.1 names the type of documents only, so an image, a sound or a film may leave it to its kind (R30). `pdf` is a
    document (R31). What a wire has no room for a converter must keep: the type of a file at a URL.
    """
    meant, made = parts_of(_meant(transcript), File), parts_of(_made(transcript) or (), File)
    yield from difference_findings(difference(meant, made, _same_file), "result")


def calls_were_converted(transcript: SoundTranscript) -> bool:
    """Apply where there are calls on either side."""
    return _either_has(transcript, Call)


@rule(
    "CONV-5",
    Level.MUST,
    "§4",
    "§11.1",
    "R30",
    profiles=SPEC,
    applies=calls_were_converted,
    operations=MESSAGES,
    by_turn=False,
    why="the model does not know what it has called, or a result stands there without its call",
    mend="make a tool-call part of every entry of toolCalls, with its id and its tool's name",
)
def every_call_is_converted(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every tool call of the messages is converted in order, once, with its id and its tool's name."""
    yield from difference_findings(_call_difference(transcript), "result")


@rule(
    "CONV-6",
    Level.MUST,
    "§4",
    "§11.1",
    "R30",
    profiles=SPEC,
    applies=calls_were_converted,
    operations=MESSAGES,
    by_turn=False,
    why="the model believes to have called the tool with something else, and goes on from there",
    mend="put the arguments' text into `args`, or what it parses to into `input`; never the text into `input`",
)
def converted_arguments_are_the_same(transcript: SoundTranscript) -> Iterator[Finding]:
    """The arguments of a converted call are the JSON value that they were, encoded once.

    §4 wants JSON text, SDK V2 an object, and a text where the object belongs goes out encoded twice (A8); both forms
    pass, each in its place (R30).
    """
    if _call_difference(transcript) is not None:
        return
    pairs = zip(parts_of(_meant(transcript), Call), parts_of(_made(transcript) or (), Call), strict=True)
    for one, other in pairs:
        if not same_arguments(one.part.arguments, other.part.arguments):
            expected = f"{shown(one.part.arguments)} for {shown(one.part.id)}"
            yield Finding(None, expected, shown(other.part.arguments), f"result[{other.turn}]")


def answers_were_converted(transcript: SoundTranscript) -> bool:
    """Apply where there are tool results on either side."""
    return _either_has(transcript, Answered)


@rule(
    "CONV-7",
    Level.MUST,
    "§4",
    "§11.1",
    "R30",
    "R31",
    profiles=SPEC,
    applies=answers_were_converted,
    operations=MESSAGES,
    by_turn=False,
    why="the model does not learn what its tool said, or takes one tool's answer for another's",
    mend="make a tool message of every tool message, with its toolCallId, its tool's name and its content",
)
def every_answer_of_a_tool_is_converted(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every tool message is converted in order, once, with the id of its call and what it says.

    §11.1 makes "null" of null content; we read it as empty text (R31). SDK V2 also wants the tool's name (A6).
    """
    meant, made = _meant(transcript), _made(transcript) or ()
    found = answer_difference(meant, made)
    if found is not None:
        yield from difference_findings(found, "result")
        return
    for one, other in paired_answers(meant, made):
        name = other.part.name
        if other.part.id != one.part.id:
            yield Finding(None, shown(one.part.id), shown(other.part.id), f"result[{other.turn}].toolCallId")
        elif None not in (name, one.part.name) and folded(str(name)) != folded(str(one.part.name)):
            yield Finding(None, shown(one.part.name), shown(name), f"result[{other.turn}].toolName")


@rule(
    "CONV-8",
    Level.MUST,
    "§4",
    "§11.1",
    "R30",
    profiles=SPEC,
    applies=messages_were_converted,
    operations=MESSAGES,
    by_turn=False,
    why="providers refuse a call that is not followed by its result, and a model takes words for another one's",
    mend="convert message by message, and keep their order",
)
def converted_turns_keep_their_order(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every part stands in its turn: results follow the turn of their calls, pictures stay among their words.

    §11.1 writes a message for each call and the text behind them; consecutive messages of the assistant are one turn,
    in which texts and calls each keep their own order (R30).
    """
    meant, made = _meant(transcript), _made(transcript) or ()
    arrived = (
        text_difference(meant, made, open_ended=False) is None
        and difference(parts_of(meant, File), parts_of(made, File), _same_file) is None
        and _call_difference(transcript) is None
        and answer_difference(meant, made) is None
    )
    found = order_difference(meant, made) if arrived else None
    if found is not None:
        yield Finding(None, f"turn {found[0]} to be {found[1]}", found[2], "result")


def a_part_is_unknown(transcript: SoundTranscript) -> bool:
    """Apply where a part of the messages has a type that nobody knows, and the converter came to its end."""
    return transcript.ending.kind in {"completed", "raised"} and bool(_unknown_parts(transcript))


@rule(
    "CONV-9",
    Level.MUST,
    "§11.1",
    "R31",
    profiles=SPEC,
    applies=a_part_is_unknown,
    operations=MESSAGES,
    by_turn=False,
    why="the part is lost without a word, and the model answers without it",
    mend="throw at an unknown part type, with the type in the message",
)
def an_unknown_part_is_an_error(transcript: SoundTranscript) -> Iterator[Finding]:
    """A content part of an unknown type raises an error, which names the type where the part has one."""
    stranger = _unknown_parts(transcript)[0]
    expected = "an error" if stranger.kind is None else f"an error that names {shown(stranger.kind)}"
    message = str((transcript.ending.error or {}).get("message"))
    if transcript.ending.kind == "completed":
        yield Finding(None, expected, "no error", stranger.path)
    elif stranger.kind is not None and stranger.kind not in message:
        yield Finding(None, expected, f"an error: {shown(message)}", stranger.path)


def given(transcript: SoundTranscript, key: str) -> list[Any]:
    """Return what a converter was given, which the input has under ``key``."""
    value = transcript.stimulus.input.get(key)
    return value if isinstance(value, list) else []


def _strangers(transcript: SoundTranscript) -> tuple[Stranger, ...]:
    return strangers_in(given(transcript, "messages"))


def _unknown_parts(transcript: SoundTranscript) -> list[Stranger]:
    """Return the parts of unknown type; a message of unknown role, or a part without its source, is something else."""
    return [one for one in _strangers(transcript) if ".content[" in one.path and one.kind not in _KNOWN]


def _meant(transcript: SoundTranscript) -> tuple[Turn, ...]:
    return turns_of(given(transcript, "messages"))


def _made(transcript: SoundTranscript) -> tuple[Turn, ...] | None:
    """Return what the converter made of the messages, None where CONV-1 has said what is wrong with it."""
    try:
        return converted_turns(transcript.result)
    except Unreadable:
        return None


def _either_has(transcript: SoundTranscript, kind: type[File | Call | Answered]) -> bool:
    if not messages_were_converted(transcript):
        return False
    return bool(parts_of(_meant(transcript), kind) or parts_of(_made(transcript) or (), kind))


def _call_difference(transcript: SoundTranscript) -> Difference[Placed[Call]] | None:
    return difference(parts_of(_meant(transcript), Call), parts_of(_made(transcript) or (), Call), _same_call)


def _same_file(one: Placed[File], other: Placed[File]) -> bool:
    """Compare files; a type that the request states is kept, and ``image/*`` is none that it states."""
    stated = (one.part.media_type or "*").rpartition("/")[2] != "*"
    return same_files(one, other) and not (stated and other.part.media_type is None)


def _same_call(one: Placed[Call], other: Placed[Call]) -> bool:
    return one.part.id == other.part.id and folded(one.part.name) == folded(other.part.name)
