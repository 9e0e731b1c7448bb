"""Shapes: what a chunk must be before anything else can be said of it.

The schemas are the law, ``schemas/stream-chunk/*.json``. A chunk is asked by its ``type``: a predicate that is compiled
from the schema accepts the many that are right, and only what it does not accept goes to ``jsonschema``, which knows
the place of a fault, or accepts after all. A chunk whose JSON text is faulty is not looked at by the other rules here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from harness.protocol.streamchunk import (
    APPROVAL_REQUESTED,
    CONTENT,
    DONE,
    ERROR,
    THINKING,
    TOOL_CALL,
    TOOL_INPUT_AVAILABLE,
    TOOL_RESULT,
    TYPES,
)
from harness.protocol.transcript import Record
from harness.resources import schema
from harness.rules.acceptance import Predicate, acceptance
from harness.rules.rule import Finding, Level, Source, rule
from harness.rules.sound import SoundTranscript, has, kind_of
from harness.rules.wording import and_more, shown

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

IDENTITY = ("id", "model", "timestamp")
_KNOWN = frozenset(TYPES)
_DEPTH = 6
_WIDEST_INTEGER = 64


def not_empty(transcript: SoundTranscript) -> bool:
    """Apply where there is any chunk at all."""
    return bool(transcript.records)


@rule(
    "SHAPE-1",
    Level.MUST,
    "§3",
    source=Source.TYPES,
    applies=not_empty,
    by_turn=False,
    why="a client reads chunk.type of something that has none: it throws, or skips what was meant",
    mend="yield StreamChunk objects, not text, null or arrays; decode JSON before you yield it",
)
def a_chunk_is_an_object(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every chunk is a JSON object."""
    if _all_have_a_type(transcript):
        return
    for record in transcript.records:
        if not isinstance(record.chunk, dict) and not record.faults:
            yield Finding(record.number, "an object", shown(record.chunk))


@rule(
    "SHAPE-2",
    Level.MUST,
    "§3",
    "§5",
    source=Source.TYPES,
    applies=not_empty,
    by_turn=False,
    why="clients ignore a type they do not know, so what the chunk says is lost without a trace",
    mend="use one of the eight types; events of newer TanStack versions and source events are not chunks",
)
def the_type_is_known(transcript: SoundTranscript) -> Iterator[Finding]:
    """A chunk's `type` is one of the eight of StreamChunk."""
    if _all_have_a_type(transcript) and _KNOWN.issuperset(transcript.by_type):
        return
    for record in transcript.records:
        if isinstance(record.chunk, dict) and kind_of(record.chunk) not in _KNOWN and not record.faults:
            seen = shown(record.chunk["type"]) if "type" in record.chunk else "no type"
            yield Finding(record.number, "one of " + ", ".join(TYPES), seen, "type")


@rule(
    "SHAPE-3",
    Level.MUST,
    "§3",
    "§5",
    "R2",
    "R3",
    applies=not_empty,
    by_turn=False,
    why="a client that keys messages by id loses the chunk, or shows it as a message of its own",
    mend="put id, model and timestamp on every chunk, on `error` and `done` too",
)
def a_chunk_names_its_response(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every chunk has an `id` and a `model`, which are texts, and a `timestamp`, which is a number.

    On the wire (R39) an `error` chunk may lack them, since TanStack's own server writes one so: that is WIRE-2.
    """
    faults = [fault for kind in transcript.by_type for fault in _faults(transcript, kind) if _concerns_identity(fault)]
    for key in IDENTITY:
        places = sorted((fault for fault in faults if fault.path == key), key=lambda fault: fault.chunk or 0)
        if places:
            yield replace(places[0], seen=f"{places[0].seen}{and_more(len(places) - 1)}")


def malformed(transcript: SoundTranscript) -> frozenset[int | None]:
    """Return the numbers of all chunks that broke a schema, once it was asked of them: a finding may tell of many."""
    return frozenset(fault.chunk for faults in transcript.shape_faults.values() for fault in faults)


@rule(
    "SHAPE-4",
    Level.MUST,
    "§5",
    "R4",
    applies=has(CONTENT),
    by_turn=False,
    why="one consumer adds up `delta`, the other takes `content`: without both the text is lost for one of them",
    mend='send what is new in `delta` and the whole text so far in `content`; `role` is "assistant" or absent',
)
def a_content_chunk_has_its_parts(transcript: SoundTranscript) -> Iterator[Finding]:
    """A `content` chunk has `delta` and `content`, which are texts."""
    return _shape_faults(transcript, CONTENT)


@rule(
    "SHAPE-5",
    Level.MUST,
    "§5",
    "R5",
    applies=has(THINKING),
    by_turn=False,
    why="the reasoning cannot be shown",
    mend="send the whole reasoning so far in `content`, and what is new in `delta`",
)
def a_thinking_chunk_has_its_parts(transcript: SoundTranscript) -> Iterator[Finding]:
    """A `thinking` chunk has `content`, and `delta` is a text where it is there.

    §5 asks for both, TanStack's type makes `delta` optional; we read it as optional.
    """
    return _shape_faults(transcript, THINKING)


@rule(
    "SHAPE-6",
    Level.MUST,
    "§3",
    "§5",
    "R10",
    "R11",
    applies=has(TOOL_CALL),
    by_turn=False,
    why="the engine keys calls by `index` and `toolCall.id`: without them it never runs the tool and ends in silence",
    mend='send a whole `index`, and `toolCall`: {id, type: "function", function: {name, arguments: "<JSON text>"}}',
)
def a_tool_call_chunk_has_its_parts(transcript: SoundTranscript) -> Iterator[Finding]:
    """A `tool_call` chunk has a whole `index` from 0 up, and `toolCall` with id, type, name and arguments as text."""
    return _shape_faults(transcript, TOOL_CALL)


@rule(
    "SHAPE-7",
    Level.MUST,
    "§5",
    "§12.2",
    "R15",
    applies=has(TOOL_RESULT),
    by_turn=False,
    why="the result cannot be shown beside its call",
    mend="send `toolCallId`, and the result's JSON text in `content`",
)
def a_tool_result_chunk_has_its_parts(transcript: SoundTranscript) -> Iterator[Finding]:
    """A `tool_result` chunk has `toolCallId` and `content`, which are texts."""
    return _shape_faults(transcript, TOOL_RESULT)


@rule(
    "SHAPE-8",
    Level.MUST,
    "§3",
    "§5",
    "§6.9",
    "R18",
    applies=has(DONE),
    by_turn=False,
    why='the engine compares the reason letter by letter: with "tool-calls" for "tool_calls" no tool ever runs',
    mend="map the provider's reason to stop, length, content_filter or tool_calls, and its usage to three numbers",
)
def a_done_chunk_has_its_parts(transcript: SoundTranscript) -> Iterator[Finding]:
    """A `done` chunk has one of the known finish reasons, and its usage, where it is there, is three numbers from 0 up.

    Null is a finish reason by the types; END-9 says what the specification thinks of it.
    """
    return _shape_faults(transcript, DONE)


@rule(
    "SHAPE-9",
    Level.MUST,
    "§5",
    "R21",
    applies=has(ERROR),
    by_turn=False,
    why="a client that reads error.message throws while it reports a failure, and the cause is lost",
    mend="send `error` as {message, code?}, both as texts; leave `code` out where none is known",
)
def an_error_chunk_has_its_parts(transcript: SoundTranscript) -> Iterator[Finding]:
    """An `error` chunk has `error.message`, and `error.code` is a text where it is there."""
    return _shape_faults(transcript, ERROR)


@rule(
    "SHAPE-10",
    Level.MUST,
    "§6.4",
    "R27",
    source=Source.TYPES,
    applies=has(APPROVAL_REQUESTED),
    by_turn=False,
    why="the question cannot be shown or answered, and the call waits for ever",
    mend="send toolCallId, toolName, input and approval {id, needsApproval: true}",
)
def an_approval_chunk_has_its_parts(transcript: SoundTranscript) -> Iterator[Finding]:
    """An `approval-requested` chunk has its call, its tool, its input, and `approval` with an id."""
    return _shape_faults(transcript, APPROVAL_REQUESTED)


@rule(
    "SHAPE-11",
    Level.MUST,
    "R39",
    source=Source.TYPES,
    applies=has(TOOL_INPUT_AVAILABLE),
    by_turn=False,
    why="the client cannot tell which of its tools shall run, or with what",
    mend="send toolCallId, toolName and input",
)
def a_tool_input_chunk_has_its_parts(transcript: SoundTranscript) -> Iterator[Finding]:
    """A `tool-input-available` chunk has its call, its tool and its input."""
    return _shape_faults(transcript, TOOL_INPUT_AVAILABLE)


@rule(
    "SHAPE-12",
    Level.MUST,
    "§3",
    applies=not_empty,
    by_turn=False,
    why="JSON.parse refuses NaN and ends the stream; of two equal keys each parser picks its own",
    mend="serialise with a real JSON library, and replace NaN before it gets there",
)
def the_text_is_strict_json(transcript: SoundTranscript) -> Iterator[Finding]:
    """A chunk's text is JSON as every parser reads it: no NaN, no Infinity, no key twice in one object."""
    for record in transcript.records:
        for fault in record.faults:
            yield Finding(record.number, "JSON that every parser reads alike", fault)


def _all_have_a_type(transcript: SoundTranscript) -> bool:
    return sum(map(len, transcript.by_type.values())) == len(transcript.records)


def _shape_faults(transcript: SoundTranscript, kind: str) -> Iterator[Finding]:
    return (finding for finding in _faults(transcript, kind) if not _concerns_identity(finding))


def _concerns_identity(finding: Finding) -> bool:
    return finding.path in IDENTITY


def _faults(transcript: SoundTranscript, kind: str) -> list[Finding]:
    """Return what is wrong with the chunks of one type; asked twice for each type, so found once."""
    known = transcript.shape_faults
    if kind not in known:
        known[kind] = list(_found(transcript, kind)) if kind in _KNOWN else []
    found: list[Finding] = known[kind]
    return found


def _found(transcript: SoundTranscript, kind: str) -> Iterator[Finding]:
    accepts = _acceptance(kind)
    lenient = kind == ERROR and transcript.scope == "wire"
    for record in transcript.by_type[kind]:
        if not accepts(record.chunk) and not record.faults:
            for finding in _explained(record, kind):
                if not (lenient and finding.path in IDENTITY and finding.path not in record.chunk):
                    yield finding


@cache
def _acceptance(kind: str) -> Predicate:
    return acceptance(schema(f"stream-chunk/{kind}"))


@cache
def _validator(kind: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - most runs never need it, and it is slow to load

    return Draft202012Validator(schema(f"stream-chunk/{kind}"))


def _explained(record: Record, kind: str) -> Iterator[Finding]:
    """Name each place that the schema does not accept; it may accept the whole chunk (``5.0`` is an integer)."""
    missing: set[str] = set()
    for error in _validator(kind).iter_errors(_bounded(record.chunk)):
        place = ".".join(str(step) for step in error.absolute_path)
        if error.validator != "required":
            yield Finding(record.number, _expectation(error), _seen(record.chunk, error.absolute_path), place or None)
            continue
        for key in error.validator_value:
            path = f"{place}.{key}" if place else key
            if key not in error.instance and path not in missing:
                missing.add(path)
                yield Finding(record.number, f"{path} to be there", f"no {path}", path)


def _expectation(error: ValidationError) -> str:
    wanted: Any = error.validator_value
    match error.validator:
        case "const":
            return shown(wanted)
        case "enum":
            return "one of " + ", ".join(shown(value) for value in wanted)
        case "minimum":
            return f"a number from {wanted} up"
        case "anyOf":
            return "content to be there, the whole text so far"
        case _:
            return "an integer" if wanted == "integer" else f"a {wanted}" if wanted != "object" else "an object"


def _seen(chunk: Mapping[str, Any], path: Iterable[Any]) -> str:
    value: Any = chunk
    for step in path:
        value = value[step]
    return "no content" if value is chunk else shown(value)


def _bounded(value: Any, depth: int = _DEPTH) -> Any:
    """Cut what no schema looks at: ``jsonschema`` prints values, and fails at deep ones and at very long numbers."""
    if isinstance(value, dict):
        return {key: _bounded(item, depth - 1) for key, item in value.items()} if depth else {}
    if isinstance(value, list | tuple):
        return [_bounded(item, depth - 1) for item in value] if depth else []
    if isinstance(value, int) and value.bit_length() > _WIDEST_INTEGER:
        return 2**_WIDEST_INTEGER if value > 0 else -(2**_WIDEST_INTEGER)
    return value
