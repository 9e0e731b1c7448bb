"""Structured output: what comes back is the model's own answer, as the schema wants it (§7, §14, R32, R35, R36)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.protocol.exact_json import same
from harness.protocol.transcript import NOTHING
from harness.rules.answers_in_text import parsed, trim
from harness.rules.fitting import Path, fits, nulls_left_out, stands_for, why_not, with_null
from harness.rules.rule import MUST_IN_SPEC, Finding, Level, rule
from harness.rules.said import (
    ANSWERS,
    Expected,
    Said,
    came_whole,
    expected,
    meanings,
    meant,
    result_of,
    said,
    wanted_schema,
)
from harness.rules.sound import SoundTranscript
from harness.rules.wording import shown

_MOST_NULLS = 50
_MOST_SHOWN = 3


def gave_something(transcript: SoundTranscript) -> bool:
    """Apply where the operation came to its end without raising."""
    return transcript.ending.kind == "completed"


@rule(
    "STRUCT-1",
    Level.MUST,
    "§3",
    "§14.4",
    "R32",
    applies=gave_something,
    operations=ANSWERS,
    by_turn=False,
    why="the caller reads `data` of something that has none",
    mend="return {data, rawText} in every branch, and raise where there is no answer",
)
def a_result_is_data_and_raw_text(transcript: SoundTranscript) -> Iterator[Finding]:
    """The result is an object with `data` and with `rawText`, a text; where there is none an error is raised.

    §14.4's parser returns {success: false, error}, which §3 does not know; we read §3.
    """
    if result_of(transcript) is None:
        result = transcript.result
        yield Finding(None, "{data, rawText}", "nothing" if result is NOTHING else shown(result))


def gave_data_for_a_schema(transcript: SoundTranscript) -> bool:
    """Apply where there is a result, and a schema for it."""
    return result_of(transcript) is not None and wanted_schema(transcript) is not None


@rule(
    "STRUCT-2",
    Level.MUST,
    "§14.6",
    "R36",
    applies=gave_data_for_a_schema,
    operations=ANSWERS,
    by_turn=False,
    why="the caller gets an object without the members that its type promises",
    mend="validate each candidate before it is taken for the answer",
)
def data_fits_the_schema(transcript: SoundTranscript) -> Iterator[Finding]:
    """The `data` validates against the schema that was asked for.

    §14.6 defines a validation that nothing calls, and leaves the rest to TanStack; we read that a candidate which does
    not validate is not an answer. Data that lacks a null is STRUCT-7.
    """
    data, schema = _data(transcript), wanted_schema(transcript)
    if fits(data, schema) is False and not _lacks_only_nulls(transcript, data, schema):
        yield Finding(None, why_not(data, schema), shown(data), "data")


def gave_data_of_a_known_answer(transcript: SoundTranscript) -> bool:
    """Apply where there is a result, and what the model said came whole and can be read in one way only."""
    known = said(transcript)
    return result_of(transcript) is not None and came_whole(transcript) and known is not None and known.sure


@rule(
    "STRUCT-3",
    Level.MUST,
    "§14.4",
    "R36",
    applies=gave_data_of_a_known_answer,
    operations=ANSWERS,
    by_turn=False,
    why="the caller acts on something that the model never said",
    mend="return the parsed candidate itself: no merging, no repair, no defaults, and no holes in arrays",
)
def data_is_what_the_model_said(transcript: SoundTranscript) -> Iterator[Finding]:
    """The `data` is a value that stands in the answer: in its text, or as the input of a call.

    Nulls may have become absent members (STRUCT-7), and a value that is no object may have been asked for as the only
    property of one.
    """
    if not _meant_by(transcript, _data(transcript)):
        yield Finding(None, "a value that stands in the answer", shown(_data(transcript)), "data")


def answers_to_be_found(transcript: SoundTranscript) -> bool:
    """Apply where it is clear what the answer is, and the operation ended by itself."""
    ended = transcript.ending.kind in {"completed", "raised"}
    return ended and came_whole(transcript) and expected(transcript).certain


@rule(
    "STRUCT-4",
    Level.MUST,
    "§7",
    "§14.4",
    "R36",
    applies=answers_to_be_found,
    operations=ANSWERS,
    by_turn=False,
    why="a good answer is thrown away, and asked and paid for again",
    mend="try the whole text, every fenced block in any case, and every outermost object and array outside strings",
)
def an_answer_that_fits_is_given(transcript: SoundTranscript) -> Iterator[Finding]:
    """An answer that holds a value which fits is no failure.

    §14.4 knows one fenced block in lower case, and what is between the first and the last brace; we read the order of
    R36, by which more answers are found.
    """
    if transcript.ending.kind == "raised":
        error = transcript.ending.error or {}
        wanted = " or ".join(_shown_once(expected(transcript)))
        yield Finding(None, wanted, f"an error: {shown(error.get('message'))}")


def gave_one_of_several(transcript: SoundTranscript) -> bool:
    """Apply where it is clear what the answer is, and what was given fits and stands in it."""
    schema = wanted_schema(transcript)
    if result_of(transcript) is None or not came_whole(transcript) or not expected(transcript).one_of:
        return False
    data = _data(transcript)
    return (schema is None or fits(data, schema) is True) and _meant_by(transcript, data)


@rule(
    "STRUCT-5",
    MUST_IN_SPEC,
    "§14.4",
    "R36",
    applies=gave_one_of_several,
    operations=ANSWERS,
    by_turn=False,
    why="the example that the model began with is taken for its answer",
    mend="take the whole text, else the last fenced block that fits, else the last object or array that fits",
)
def the_right_one_of_several_is_the_answer(transcript: SoundTranscript) -> Iterator[Finding]:
    """Of several values that fit the answer is the whole text, else the last fenced block, else the last value.

    §14.4 takes the first fenced block, which is often an example (ledger H9); we read R36. Without a schema the first
    outermost value is the answer. TanStack names no order, so its profile warns.
    """
    data, schema, answers = _data(transcript), wanted_schema(transcript), expected(transcript)
    if not any(meant(data, answer.value, schema) for answer in answers.one_of):
        yield Finding(None, " or ".join(_shown_once(answers)), shown(data), "data")


def gave_data_without_a_schema(transcript: SoundTranscript) -> bool:
    """Apply where a text was parsed without a schema."""
    return result_of(transcript) is not None and wanted_schema(transcript) is None


@rule(
    "STRUCT-6",
    MUST_IN_SPEC,
    "§14.4",
    "R36",
    applies=gave_data_without_a_schema,
    operations=ANSWERS,
    by_turn=False,
    why='a lone "42" or "null" in prose is taken for a structure, and the caller reads members of it',
    mend="without a schema refuse every value that is neither an object nor an array",
)
def without_a_schema_only_a_structure_is_an_answer(transcript: SoundTranscript) -> Iterator[Finding]:
    """Without a schema the `data` is an object or an array.

    §14.4 takes whatever parses, a number or null too; we read R36. TanStack asks for none of it, so its profile warns.
    """
    data = _data(transcript)
    if not isinstance(data, dict | list):
        yield Finding(None, "an object or an array, or an error", shown(data), "data")


@rule(
    "STRUCT-7",
    Level.MUST,
    "§14.3",
    "R35",
    applies=gave_data_for_a_schema,
    operations=ANSWERS,
    by_turn=False,
    why="the model said that there is none, and the caller is told that nobody knows",
    mend="leave out a null only where the original schema makes the property optional and takes no null there",
)
def a_null_that_the_schema_takes_is_kept(transcript: SoundTranscript) -> Iterator[Finding]:
    """A null of the answer that the original schema takes is kept.

    §14.3 makes every null absent, in arrays a hole; we read that it undoes what the transform for OpenAI added, and
    nothing else.
    """
    schema = wanted_schema(transcript)
    data = _data(transcript)
    for value in _said_values(transcript, data):
        for place in nulls_left_out(data, value)[:_MOST_NULLS]:
            if fits(with_null(data, place), schema) or fits(value, schema):
                yield Finding(None, f"null at {_named(place)}", "no such member", f"data.{_named(place)}")
                return


@rule(
    "STRUCT-8",
    MUST_IN_SPEC,
    "§3",
    "§14.4",
    "R32",
    "R36",
    applies=gave_data_of_a_known_answer,
    operations=ANSWERS,
    by_turn=False,
    why="whoever looks for the reason of a strange answer is shown another text",
    mend="return the text of the candidate that was parsed, or the whole text of the answer",
)
def raw_text_is_what_was_parsed(transcript: SoundTranscript) -> Iterator[Finding]:
    """The `rawText` is the text that was parsed into `data`, or the whole text of the answer.

    §3 speaks of the raw text, §14.4 returns the part that was parsed; both pass. For a call it is the call's input.
    TanStack asks for a text and no more, so its profile warns.
    """
    known = said(transcript)
    result = result_of(transcript)
    if known is None or result is None or not _meant_by(transcript, result["data"]):
        return
    raw = trim(result["rawText"])
    if raw not in known.wholes and not _is_a_part(known, raw, result["data"], wanted_schema(transcript)):
        yield Finding(None, "the text that was parsed, or the whole text", shown(result["rawText"]), "rawText")


def _data(transcript: SoundTranscript) -> Any:
    result = result_of(transcript)
    return None if result is None else result["data"]


def _meant_by(transcript: SoundTranscript, data: Any) -> bool:
    """Tell whether the data is one of the answer's values."""
    known, schema = said(transcript), wanted_schema(transcript)
    return known is not None and any(meant(data, one.value, schema) for one in known.candidates)


def _said_values(transcript: SoundTranscript, data: Any) -> Iterator[Any]:
    """Yield the values of the answer that the data stands for."""
    known, schema = said(transcript), wanted_schema(transcript)
    for one in () if known is None else known.candidates:
        yield from (value for value in meanings(one.value, schema) if stands_for(data, value))


def _lacks_only_nulls(transcript: SoundTranscript, data: Any, schema: Any) -> bool:
    return any(fits(value, schema) for value in _said_values(transcript, data) if nulls_left_out(data, value))


def _is_a_part(known: Said, raw: str, data: Any, schema: Any) -> bool:
    """Tell whether a raw text stands in the answer's text, or is a call's input or what that wraps, and says the data.

    A call's input has no other form than its value: white space in it is the provider's, or nobody's.
    """
    value = parsed(raw)
    if value is NOTHING or not meant(data, value, schema):
        return False
    meant_inputs = (meaning for one in known.inputs for meaning in meanings(one.value, schema))
    return raw in known.text or any(same(value, meaning) for meaning in meant_inputs)


def _shown_once(answers: Expected) -> list[str]:
    return list(dict.fromkeys(shown(answer.value) for answer in answers.one_of))[:_MOST_SHOWN]


def _named(place: Path) -> str:
    return ".".join(map(str, place))
