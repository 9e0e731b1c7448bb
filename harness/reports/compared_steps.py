"""A transcript as the steps that two implementations are compared by: what its chunks mean, free of how they say it.

A step is a run of chunks: texts of one kind that follow one another, fragments of one call, or any other chunk by
itself. What may differ without a difference of meaning is taken out of it:

- ``id`` and ``model`` become the number of the value in the stream, so that only a *change* of them is seen, and a
  ``timestamp`` only whether it goes back: clocks and generated ids differ from run to run;
- ids of calls stay where the source names them, and are numbered where the implementation had to make them (R38);
- ``content`` is proven already (:mod:`harness.protocol.compaction`), so what is left of it is that it was right, began
  again, or was wrong;
- how a text is cut stands in ``cuts``, the words of a failure in ``words``: both are told, and part nobody;
- ``role: assistant`` says nothing (R4).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from harness.protocol.compaction import APPENDED, COMPACT_LENGTH, MISMATCH, RESTARTED
from harness.protocol.events import readable
from harness.protocol.exact_json import same, same_text
from harness.protocol.streamchunk import CONTENT, ERROR, THINKING, TOOL_CALL, TOOL_RESULT
from harness.protocol.text import joined
from harness.protocol.transcript import Record, Transcript

_TEXTS = (CONTENT, THINKING)
_APPROVAL = "approval_"
_PROVIDER = "$provider"


@dataclass(slots=True)
class Step:
    """A run of chunks of one ``kind``; ``said`` is all of it but its ``pieces`` of text, and ``words`` of a failure.

    ``mark`` tells of a ``content`` that began again, or was wrong, at the first chunk of the run.
    """

    kind: str
    said: dict[str, Any]
    mark: str = ""
    words: str = ""
    pieces: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What the pieces say together."""
        return joined(self.pieces)

    @property
    def is_growing(self) -> bool:
        """Whether it is made of pieces of a text, or of a call's arguments."""
        return self.kind in (*_TEXTS, TOOL_CALL)

    def says_the_same(self, other: Step) -> bool:
        """Tell whether two steps are equal but for their texts and words."""
        same_string = same_text if self.kind == TOOL_RESULT else operator.eq
        return (self.kind, self.mark) == (other.kind, other.mark) and same(self.said, other.said, same_string)


def steps_of(transcript: Transcript) -> list[Step]:
    """Return the steps of a transcript; texts without a letter are none, and are seen in the cuts alone."""
    steps: list[Step] = []
    reader = _Reader(transcript)
    for record in transcript.records:
        step = reader.step(record)
        last = steps[-1] if steps else None
        if last is not None and _goes_on(last, step):
            last.pieces += step.pieces
            last.records += step.records
        else:
            steps.append(step)
    return [step for step in steps if step.text or step.mark or step.kind not in _TEXTS]


def cuts_of(transcript: Transcript) -> list[tuple[str, str, Record]]:
    """Return each piece of a text, with its kind and its chunk; of a call's arguments only that there was a piece."""
    reader = _Reader(transcript)
    steps = (reader.step(record) for record in transcript.records)
    return [
        (step.kind, "" if step.kind == TOOL_CALL else step.text, step.records[0]) for step in steps if step.is_growing
    ]


def placeless(transcript: Transcript) -> Callable[[str], str]:
    """Return what takes the place at which the provider was played out of a text: its port is another one each time."""
    base_url = transcript.stimulus.base_url
    if base_url is None:
        return str
    host = urlsplit(base_url).netloc
    return lambda text: text.replace(base_url, _PROVIDER).replace(host, _PROVIDER)


def _goes_on(last: Step, step: Step) -> bool:
    if step.kind != last.kind or not step.is_growing or step.mark:
        return False
    if step.kind != TOOL_CALL:
        return same(last.said, step.said)
    call = {name: value for name, value in step.said.items() if name not in _OF_A_CALL}
    whole = {name: value for name, value in last.said.items() if name not in _OF_A_CALL}
    return same(call, whole) and all(step.said[name] in {last.said[name], ""} for name in _OF_A_CALL)


_OF_A_CALL = ("call", "name")
"""What a fragment of a call may leave blank behind its first (R10)."""


class _Reader:
    """Chunks in their order → steps; it numbers what is new."""

    def __init__(self, transcript: Transcript) -> None:
        self._known = _named_calls(transcript)
        self._placeless = placeless(transcript)
        self._numbers: dict[tuple[str, str], int] = {}
        self._latest = -math.inf

    def step(self, record: Record) -> Step:
        chunk = record.chunk
        if not isinstance(chunk, dict):
            return Step("", {"value": self._plain(chunk), "faults": list(record.faults)}, records=[record])
        given = chunk.get("type")
        kind = given if isinstance(given, str) else ""
        said = {name: self._member(name, value) for name, value in chunk.items() if not name.startswith("$")}
        if record.faults:
            said["$faults"] = list(record.faults)
        step = Step(kind, said, records=[record])
        if kind in _TEXTS:
            _take_text(step, chunk)
        elif kind == TOOL_CALL:
            self._take_call(step, chunk)
        elif kind == ERROR and isinstance(error := chunk.get("error"), dict):
            step.words = self._plain(str(error.get("message")))
            step.said["error"] = {name: value for name, value in said["error"].items() if name != "message"}
        return step

    def _member(self, name: str, value: Any) -> Any:
        match name:
            case "id" | "model" if isinstance(value, str) and value:
                return f"{name} {self._number(name, value)}"
            case "timestamp" if type(value) in {int, float} and math.isfinite(value):
                back, self._latest = value < self._latest, max(value, self._latest)
                return "a time that goes back" if back else "a time"
            case "toolCallId" if isinstance(value, str):
                return self._call(value)
            case "approval" if isinstance(value, dict) and isinstance(id_ := value.get("id"), str):
                head = _APPROVAL if id_.startswith(_APPROVAL) else ""
                return {**self._plain(value), "id": head + self._call(id_.removeprefix(_APPROVAL))}
        return self._plain(value)

    def _take_call(self, step: Step, chunk: Mapping[str, Any]) -> None:
        """Move the arguments of a call out of what it says, where it has any of the shape that it must have."""
        call = chunk.get("toolCall")
        function = call.get("function") if isinstance(call, dict) else None
        arguments = function.get("arguments") if isinstance(function, dict) else None
        if not (isinstance(call, dict) and isinstance(function, dict) and isinstance(arguments, str)):
            step.pieces.append("")
            step.said |= {"call": None, "name": None}
            return
        id_, name = call.get("id"), function.get("name")
        step.pieces.append(arguments)
        step.said |= {
            "call": self._call(id_) if isinstance(id_, str) else self._plain(id_),
            "name": self._plain(name),
            "toolCall": self._without(call, "id", "function"),
            "function": self._without(function, "name", "arguments"),
        }

    def _call(self, id_: str) -> str:
        return id_ if id_ in self._known or not id_ else f"made id {self._number('call', id_)}"

    def _number(self, what: str, value: str) -> int:
        """Return the place of a value among those of its kind that the stream has shown."""
        places = (what, value)
        if places not in self._numbers:
            self._numbers[places] = 1 + sum(one == what for one, _ in self._numbers)
        return self._numbers[places]

    def _without(self, value: Mapping[str, Any], *names: str) -> Any:
        return self._plain({name: item for name, item in value.items() if name not in names})

    def _plain(self, value: Any) -> Any:
        """Return a value that is equal to itself, and names no port of this run."""
        if isinstance(value, str):
            return self._placeless(value)
        if isinstance(value, dict):
            return {name: self._plain(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        if isinstance(value, float) and not math.isfinite(value):
            return {"$number": str(value)}
        return value


def _take_text(step: Step, chunk: Mapping[str, Any]) -> None:
    """Move the text of a chunk out of what it says, and what became of its ``content``."""
    delta = chunk.get("delta", chunk.get(APPENDED))
    step.pieces.append(delta if isinstance(delta, str) else "")
    if isinstance(delta, str):
        step.said.pop("delta", None)
    if COMPACT_LENGTH in chunk:
        step.said["content"] = "all so far"
    if RESTARTED in chunk or MISMATCH in chunk:
        step.mark = "content is wrong" if MISMATCH in chunk else "content begins again"
    if step.said.get("role") == "assistant":
        del step.said["role"]


def _named_calls(transcript: Transcript) -> frozenset[str]:
    """Return the ids of calls that the source names; where it is unknown every id counts as made."""
    events = map(readable, transcript.stimulus.events or ())
    ids = (event.get(name) for event in events for name in ("toolCallId", "id"))
    return frozenset(id_ for id_ in ids if isinstance(id_, str)) - transcript.stimulus.made_ids
