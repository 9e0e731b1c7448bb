"""Identity: one id, one model and one timestamp for one response."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from harness.protocol.transcript import Record
from harness.rules.rule import MUST_IN_SPEC, SPEC, TANSTACK, Finding, Level, Source, rule
from harness.rules.shape import not_empty
from harness.rules.sound import SoundTranscript
from harness.rules.wording import and_more, shown


@rule(
    "ID-1",
    MUST_IN_SPEC,
    "§3",
    "§5",
    "§12.2",
    "R2",
    applies=not_empty,
    why="a client that keys messages by id shows every chunk as a message of its own",
    mend="make the fallback id once per stream, not at every chunk",
)
def the_id_does_not_keep_changing(transcript: SoundTranscript) -> Iterator[Finding]:
    """All chunks of a response carry one id; it changes at most once, when the provider names its own late.

    §12.2 makes a new id for every chunk as long as the provider has named none; §3 asks for a stable one. We read §3.
    """
    return _keeps_changing(transcript, "id")


@rule(
    "ID-2",
    MUST_IN_SPEC,
    "§3",
    "§5",
    "R2",
    applies=not_empty,
    why="usage and price are booked on several models for one answer",
    mend="keep the model's name for the stream; take over the provider's own name once, if it comes late",
)
def the_model_does_not_keep_changing(transcript: SoundTranscript) -> Iterator[Finding]:
    """All chunks of a response carry one model; it changes at most once, when the provider names its own late."""
    return _keeps_changing(transcript, "model")


def without_source(transcript: SoundTranscript) -> bool:
    """Apply where only the source could excuse a change, and is unknown."""
    return bool(transcript.records) and transcript.stimulus.events is None


@rule(
    "ID-3",
    Level.SHOULD,
    "§3",
    "§12.2",
    "R2",
    applies=without_source,
    why="a client that keys messages by id shows the answer in two pieces",
    mend="freeze the id at the first chunk; build the `error` and the second `done` with the same id",
)
def the_id_does_not_change(transcript: SoundTranscript) -> Iterator[Finding]:
    """The id stays the same from the first chunk to the last.

    §12.2 lets a late response-metadata change it once. Whether one came is not seen without the source, so this warns;
    with the source ID-5 knows.
    """
    return _changes_once(transcript, "id")


@rule(
    "ID-4",
    Level.SHOULD,
    "§3",
    "§12.2",
    "R2",
    applies=without_source,
    why="usage and price are booked on two models for one answer",
    mend="freeze the model at the first chunk",
)
def the_model_does_not_change(transcript: SoundTranscript) -> Iterator[Finding]:
    """The model stays the same from the first chunk to the last; with the source ID-6 knows whether it may change."""
    return _changes_once(transcript, "model")


def the_source_was_heard(transcript: SoundTranscript) -> bool:
    """Apply where a chunk came before the consumer aborted: else nobody knows whether the source had named anything."""
    at_once = transcript.ending.kind == "aborted" and transcript.ending.place == 0
    return not_empty(transcript) and not at_once


@rule(
    "ID-5",
    MUST_IN_SPEC,
    "§3",
    "§5",
    "§12.2",
    "R2",
    applies=the_source_was_heard,
    needs_source=True,
    why="the answer cannot be found again in the provider's logs",
    mend="use the response id of the source's metadata where it came before the first chunk; ignore an empty one",
)
def the_id_is_the_responses(transcript: SoundTranscript) -> Iterator[Finding]:
    """The id is the source's response id if one was named before the first chunk; else one generated id.

    An id that the source names later may be taken over once, or be ignored. An empty id counts as none.
    """
    expected = transcript.source
    return _not_named(transcript, "id", expected.response_id, expected.late_response_ids)


@rule(
    "ID-6",
    MUST_IN_SPEC,
    "§3",
    "§5",
    "§12.2",
    "R2",
    applies=the_source_was_heard,
    needs_source=True,
    why="usage and price are booked on a model that did not answer",
    mend="use the source's model name if it names one, else the model that was asked for",
)
def the_model_is_the_one_that_answered(transcript: SoundTranscript) -> Iterator[Finding]:
    """The model is the one that the source names, else the one that was asked for; a late name may replace it once.

    A router's id has its provider before the model, and a gateway before that. Who is made for one provider is asked
    for the model alone, so where the source names none each of them is the one that was asked for.
    """
    return _not_named(transcript, "model", _model(transcript), (*transcript.source.late_models, *_unrouted(transcript)))


@rule(
    "ID-7",
    MUST_IN_SPEC,
    "§3",
    "§5",
    "R2",
    applies=not_empty,
    why="an empty id is taken for none: the message cannot be found again",
    mend="treat an empty id or model of the provider as absent, and use the fallback",
)
def id_and_model_are_not_empty(transcript: SoundTranscript) -> Iterator[Finding]:
    """Neither `id` nor `model` is an empty text."""
    for key in ("id", "model"):
        if "" in transcript.identities[key]:
            empty = [record for record in transcript.everything if record.chunk.get(key) == ""]
            yield Finding(empty[0].number, f"a name in {key}", f'""{and_more(len(empty) - 1)}', key)


@rule(
    "ID-8",
    Level.MUST,
    "§3",
    "R3",
    profiles=SPEC,
    applies=not_empty,
    why="clients that sort by timestamp tear one answer apart",
    mend="read the clock once, when the stream begins",
)
def the_timestamp_is_one_for_the_stream(transcript: SoundTranscript) -> Iterator[Finding]:
    """All chunks of a stream carry the same timestamp. What is no timestamp at all is ID-9."""
    if len(transcript.identities["timestamp"]) <= 1:
        return
    changes = _changes(transcript.everything, "timestamp")
    if not changes:
        return
    first, second = changes[0]
    yield Finding(
        second.number,
        f"{shown(first.chunk['timestamp'])}, as in chunk {first.number}",
        f"{shown(second.chunk['timestamp'])}{_and_changes(changes)}",
        "timestamp",
    )


@rule(
    "ID-9",
    Level.MUST,
    "§3",
    "R3",
    profiles=SPEC,
    applies=not_empty,
    why="a client that builds a date of it shows 1970, or fails",
    mend="send Date.now(): whole milliseconds",
)
def the_timestamp_is_whole_milliseconds(transcript: SoundTranscript) -> Iterator[Finding]:
    """A timestamp is a whole number from 0 up."""
    wrong = {timestamp for timestamp in transcript.identities["timestamp"] if not _is_whole(timestamp)}
    if wrong:
        first = next(record for record in transcript.everything if record.chunk.get("timestamp") in wrong)
        yield Finding(first.number, "whole milliseconds since 1970", shown(first.chunk["timestamp"]), "timestamp")


@rule(
    "ID-10",
    Level.SHOULD,
    "R3",
    source=Source.CONSUMER,
    profiles=TANSTACK,
    applies=not_empty,
    why="clients that sort by timestamp show the answer's pieces in the wrong order",
    mend="read a clock that does not run backwards, or read it once",
)
def the_timestamp_never_decreases(transcript: SoundTranscript) -> Iterator[Finding]:
    """No chunk is older than the one before it."""
    latest: Any = None
    for record in transcript.everything:
        timestamp = record.chunk.get("timestamp")
        if timestamp is None:
            continue
        if latest is not None and timestamp < latest:
            yield Finding(record.number, f"{shown(latest)} or later", shown(timestamp), "timestamp")
            return
        latest = timestamp


def _is_whole(timestamp: float) -> bool:
    return timestamp >= 0 and (isinstance(timestamp, int) or timestamp.is_integer())


def _changes(records: tuple[Record, ...], key: str) -> list[tuple[Record, Record]]:
    """Return each pair of neighbours that differ in ``key``.

    A chunk without it (WIRE-2), with an empty name (ID-7) or a time before 1970 (ID-9) is passed over.
    """
    named = [record for record in records if _says_something(record.chunk.get(key))]
    return [(before, after) for before, after in pairwise(named) if before.chunk[key] != after.chunk[key]]


def _says_something(value: Any) -> bool:
    return value >= 0 if isinstance(value, int | float) else bool(value)


def _and_changes(changes: list[tuple[Record, Record]]) -> str:
    return "" if len(changes) == 1 else f", and it changes {len(changes) - 1} more times"


def _keeps_changing(transcript: SoundTranscript, key: str) -> Iterator[Finding]:
    different = len(transcript.identities[key] - {""})
    if different <= 1:
        return
    changes = _changes(transcript.everything, key)
    if len(changes) > 1:
        before, after = changes[0]
        yield Finding(
            after.number,
            f"{shown(before.chunk[key])}, as in chunk {before.number}",
            f"{shown(after.chunk[key])}, and it changes {len(changes)} times: {different} different",
            key,
        )


def _changes_once(transcript: SoundTranscript, key: str) -> Iterator[Finding]:
    if len(transcript.identities[key] - {""}) != 2:
        return
    changes = _changes(transcript.everything, key)
    if len(changes) == 1:
        before, after = changes[0]
        yield Finding(
            after.number,
            f"{shown(before.chunk[key])}, as in chunk {before.number}",
            shown(after.chunk[key]),
            key,
        )


def _not_named(transcript: SoundTranscript, key: str, named: str | None, late: tuple[str, ...]) -> Iterator[Finding]:
    """Judge the first value, and the only change; more changes are another rule's."""
    records = transcript.everything
    first = next((record for record in records if record.chunk.get(key)), None)
    if first is None:
        return
    if named is not None and first.chunk[key] != named and first.chunk[key] not in late:
        yield Finding(first.number, f"{shown(named)}, as the source says", shown(first.chunk[key]), key)
        return
    changes = _changes(records, key)
    if len(changes) == 1 and changes[0][1].chunk[key] not in late:
        after = changes[0][1]
        yield Finding(after.number, f"{shown(first.chunk[key])}, as at first", shown(after.chunk[key]), key)


def _unrouted(transcript: SoundTranscript) -> tuple[str, ...]:
    """Return the model that was asked for without gateway and provider, where the source names none."""
    asked = "" if transcript.source.model else _model(transcript) or ""
    names = (asked.partition("/")[2], asked.rpartition("/")[2])
    return tuple(dict.fromkeys(name for name in names if name not in {"", asked}))


def _model(transcript: SoundTranscript) -> str | None:
    """Return the model's name that the source gives, else the request's."""
    asked = transcript.stimulus.request.get("model")
    return transcript.source.model or (asked if isinstance(asked, str) and asked else None)
