"""What was asked for as structured output, what the model said to it, and which of its values is the answer (R36)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from harness.protocol.transcript import NOTHING, Operation
from harness.rules.answers_in_text import Answers, Candidate, answers_in, parsed, trim, without_thoughts
from harness.rules.fitting import fits_without_nulls, fitting, stands_for
from harness.rules.sound import SoundTranscript

ANSWERS: tuple[Operation, ...] = ("structuredOutput", "parseJson")
"""The operations that give ``{data, rawText}``, or raise."""
_MOST_TRIED = 2000
"""How many candidates of one kind are held against the schema; behind so many nobody can say which fits."""
Fit = Callable[[Any], bool | None]
"""From a value to whether it can be the answer; None where that is not known."""
Group = tuple[Candidate, ...]
_WHOLE_ENDS = frozenset({"stop", "tool_calls"})


@dataclass(frozen=True, slots=True)
class Said:
    """The text of an answer, and the inputs of its tool calls; of calls that came to nothing there is none."""

    text: str
    inputs: tuple[Candidate, ...]

    @property
    def readings(self) -> tuple[Answers, ...]:
        """What the text holds, and where a model thinks aloud in it, what it holds without its thoughts.

        R36 says nothing of thoughts in a text, so that some leave them out and some do not: both are right.
        """
        as_it_is, spoken = answers_in(self.text), without_thoughts(self.text)
        if as_it_is.whole is not None:
            return (as_it_is,)
        if not spoken.closed:
            as_it_is = replace(as_it_is, ordered=False)
        return (as_it_is, *map(answers_in, spoken.texts))

    @property
    def wholes(self) -> frozenset[str]:
        """The text as it is, and without its thoughts; no white space around it."""
        return frozenset(map(trim, (self.text, *without_thoughts(self.text).texts)))

    @property
    def sure(self) -> bool:
        """Whether nobody can find other values in the text than these."""
        return all(reading.sure for reading in self.readings)

    @property
    def candidates(self) -> Iterator[Candidate]:
        """Every value that the model may have meant; one that several readings find comes several times."""
        yield from self.inputs
        for reading in self.readings:
            yield from reading.all


class Expected(NamedTuple):
    """The values one of which is the answer; ``certain`` tells that there has to be one."""

    one_of: tuple[Candidate, ...]
    certain: bool


_NOBODY_KNOWS = Expected((), certain=False)


def said(transcript: SoundTranscript) -> Said | None:
    """Return what the model said, None where that is not known."""
    if transcript.stimulus.operation == "parseJson":
        text = transcript.stimulus.input.get("text")
        return Said(text, ()) if isinstance(text, str) else None
    if transcript.stimulus.events is None:
        return None
    source = transcript.source
    inputs = [Candidate(call.arguments, parsed(call.arguments)) for call in source.tool_calls]
    return Said(source.text, tuple(one for one in inputs if one.value is not NOTHING))


def wanted_schema(transcript: SoundTranscript) -> Any:
    """Return the schema that was asked for, None where there is none."""
    given = transcript.stimulus
    return given.input.get("schema") if given.operation == "parseJson" else given.request.get("outputSchema")


def came_whole(transcript: SoundTranscript) -> bool:
    """Tell whether the model's answer came to a good end; a text that is only to be parsed always has."""
    if transcript.stimulus.operation == "parseJson":
        return True
    return (
        transcript.stimulus.events is not None
        and transcript.source.ended == "finished"
        and transcript.source.finish_reason in _WHOLE_ENDS
    )


def result_of(transcript: SoundTranscript) -> dict[str, Any] | None:
    """Return ``{data, rawText}``, None where there is no such result (STRUCT-1)."""
    result = transcript.result
    if transcript.ending.kind != "completed" or not isinstance(result, dict) or "data" not in result:
        return None
    return result if isinstance(result.get("rawText"), str) else None


def meanings(value: Any, schema: Any) -> tuple[Any, ...]:
    """Return what a value of the model may mean: itself, and where the schema asks for no object, its only member.

    Some providers take only objects, so an array or a number is asked for as the one property of an object.
    """
    wraps = isinstance(value, dict) and len(value) == 1
    if wraps and isinstance(schema, dict) and schema.get("type") != "object" and "properties" not in schema:
        return (value, *value.values())
    return (value,)


def meant(data: Any, said_value: Any, schema: Any) -> bool:
    """Tell whether ``data`` may be what a value of the model means."""
    return any(stands_for(data, value) for value in meanings(said_value, schema))


def expected(transcript: SoundTranscript) -> Expected:
    """Return what the answer is by the order of R36; nothing where there is none or nobody can say which.

    The input of a call comes before the text, the whole text before its fenced blocks, the last fitting block before
    what stands between words, of which the last that fits counts; without a schema the first. There are several where
    the text can be read in more ways than one, or where R36 does not say which of several blocks it is.
    """
    known, schema = said(transcript), wanted_schema(transcript)
    if known is None or not known.sure or len(known.inputs) > 1:
        return _NOBODY_KNOWS
    fit = _fit(schema, nulls_go=_asked_natively(transcript))
    found: list[Candidate] = []
    certain = True
    for reading in known.readings:
        here = _first(_groups(known.inputs, reading, last_first=schema is not None), fit)
        if here is None:
            return _NOBODY_KNOWS
        found += here
        certain = certain and any(one.sure for one in here)
    return Expected(tuple(found), certain)


def _groups(inputs: Group, reading: Answers, *, last_first: bool) -> Iterator[tuple[Group, bool]]:
    """Yield the candidates in the order in which they count, and whether the first that fits stands for its group."""
    yield inputs, True
    if not reading.ordered:
        yield (*reading.fenced, *reading.outermost), False
        return
    yield () if reading.whole is None else (reading.whole,), True
    step = -1 if last_first else 1
    yield reading.fenced[::step], last_first
    yield reading.outermost[::step], True


def _first(groups: Iterable[tuple[Group, bool]], fit: Fit) -> list[Candidate] | None:
    """Return the first that fits for sure, behind those that may fit; None where that is not known."""
    found: list[Candidate] = []
    for group, is_ordered in groups:
        for tried, candidate in enumerate(group):
            is_fit = fit(candidate.value) if tried < _MOST_TRIED else None
            if is_fit is None:
                return None
            found += [candidate] if is_fit else []
            if is_fit and candidate.sure and is_ordered:
                return found
        if any(one.sure for one in found):
            return found
    return found


def _fit(schema: Any, *, nulls_go: bool) -> Fit:
    """Return a function that tells whether a value can be the answer, or None where that is not known."""
    if schema is None:
        return lambda value: isinstance(value, dict | list)
    directly = fitting(schema)

    def fit(value: Any) -> bool | None:
        if (direct := directly(value)) is not False:
            return direct
        if any(directly(inside) is not False for inside in meanings(value, schema)[1:]):
            return None
        relieved = fits_without_nulls(value, schema)
        return relieved if relieved is False or nulls_go else None

    return fit


def _asked_natively(transcript: SoundTranscript) -> bool:
    """Tell whether the provider was given a schema in which optional members may be null (R34)."""
    last = transcript.exchanges[-1] if transcript.exchanges else None
    return last is not None and last.asked is not None and last.asked.schema is not None
