"""A transcript as a file: one JSON value per line, ``schemas/harness/transcript.json``.

Four kinds of line, in this order::

    {"$transcript": 1, "dialect", "scope", "request", "events": […] | null, "madeIds"?: […], "asked"?: […],
     "framing"?: {kind, faults: […]}, "operation"?: "chat", "input"?: {…}, "approvals"?: {callId: bool},
     "abort"?: {chunks?, milliseconds?}, "baseUrl"?: …, "exchanges"?: true}
    {"chunk": …, "faults"?: […], "at"?: ms}         one per chunk, compact or full
    {"text": …, "faults"?: […], "at"?: ms}          its text, where a chunk is not JSON (NaN): so the line still is
    {"exchange": {…}}                               one per request that the played provider received
    {"ending": "completed" | "raised" | "aborted" | "timed out", "error"?: {…}, "place"?: n, "duration"?: ms,
     "at"?: ms, "result"?: …}

The last line is what tells a whole file from a cut one; behind it another transcript may begin. Events may hold what
JSON has no word for, written as :func:`harness.protocol.events.worded` does. Members that this version does not know
are ignored. Where a provider was played the header says so (``exchanges``): then no exchange line means that it was
never asked. A transcript may leave the machine, so keys are masked (:mod:`harness.protocol.masking`), and a transcript
that holds one is not read back letter by letter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

from harness.errors import InputError
from harness.protocol.compaction import Compactor
from harness.protocol.events import revived, worded
from harness.protocol.exchange_file import exchange_json, exchange_of
from harness.protocol.json_text import decoded, line
from harness.protocol.masking import masked_transcript
from harness.protocol.script import Exchange
from harness.protocol.transcript import (
    NOTHING,
    OPERATIONS,
    SCOPES,
    AbortAt,
    Ending,
    EndingKind,
    FrameKind,
    Framing,
    FramingFault,
    Record,
    Stimulus,
    Transcript,
)

HEADER = "$transcript"
VERSION = 1

_ENDINGS: tuple[EndingKind, ...] = get_args(EndingKind)
_FRAMES: tuple[FrameKind, ...] = get_args(FrameKind)


def written(transcript: Transcript) -> Iterator[str]:
    """Yield the lines of a transcript's file, without their line ends; its keys are masked."""
    transcript = masked_transcript(transcript)
    header: dict[str, Any] = {
        HEADER: VERSION,
        "dialect": transcript.dialect,
        "scope": transcript.scope,
        "request": dict(transcript.stimulus.request),
        "events": None if transcript.stimulus.events is None else worded(transcript.stimulus.events),
    }
    if transcript.stimulus.made_ids:
        header["madeIds"] = sorted(transcript.stimulus.made_ids)
    if transcript.stimulus.asked:
        header["asked"] = list(transcript.stimulus.asked)
    if transcript.framing is not None:
        faults = [
            {"line": fault.line, "expected": fault.expected, "seen": fault.seen} for fault in transcript.framing.faults
        ]
        header["framing"] = {"kind": transcript.framing.kind, "faults": faults}
    header |= _of_operation(transcript.stimulus)
    if transcript.exchanges is not None:
        header["exchanges"] = True
    yield line(header)
    for record in transcript.records:
        yield _chunk_line(record)
    for exchange in transcript.exchanges or ():
        yield line({"exchange": exchange_json(exchange)})
    yield line(_ending_json(transcript))


def _ending_json(transcript: Transcript) -> dict[str, Any]:
    ending: dict[str, Any] = {"ending": transcript.ending.kind}
    if transcript.ending.error is not None:
        ending["error"] = dict(transcript.ending.error)
    if transcript.ending.place is not None:
        ending["place"] = transcript.ending.place
    if transcript.ending.duration is not None:
        ending["duration"] = transcript.ending.duration
    if transcript.ending.at is not None:
        ending["at"] = transcript.ending.at
    if transcript.result is not NOTHING:
        ending["result"] = transcript.result
    return ending


def _of_operation(stimulus: Stimulus) -> dict[str, Any]:
    """Return the header's members that a plain ``transform`` has not."""
    more: dict[str, Any] = {}
    if stimulus.operation != "transform":
        more["operation"] = stimulus.operation
    if stimulus.input:
        more["input"] = dict(stimulus.input)
    if stimulus.base_url is not None:
        more["baseUrl"] = stimulus.base_url
    if stimulus.approvals:
        more["approvals"] = dict(stimulus.approvals)
    if stimulus.abort is not None:
        when = {"chunks": stimulus.abort.chunks, "milliseconds": stimulus.abort.milliseconds}
        more["abort"] = {key: value for key, value in when.items() if value is not None}
    return more


def _chunk_line(record: Record) -> str:
    rest: dict[str, Any] = {}
    if record.faults:
        rest["faults"] = list(record.faults)
    if record.at is not None:
        rest["at"] = record.at
    try:
        return line({"chunk": record.chunk} | rest)
    except ValueError:
        return line({"text": json.dumps(record.chunk)} | rest)


def read_transcript(lines: Iterable[str]) -> Transcript:
    """Return the one transcript that these lines hold; raises :class:`InputError` naming the line that is wrong."""
    reader = TranscriptReader()
    found = [transcript for text in lines for transcript in reader.feed(text)] + reader.close()
    if len(found) != 1:
        raise InputError(f"one transcript was expected here, {len(found)} were found")
    return found[0]


class TranscriptReader:
    """Lines in, transcripts out, each with its last line; raises :class:`InputError` naming the line from 1.

    A full ``content`` is compacted while it is read, so memory stays linear in the deltas.
    """

    def __init__(self) -> None:
        self._number = 0
        self._begun: Transcript | None = None
        self._compactor = Compactor()
        self._records: list[Record] = []
        self._exchanges: list[Exchange] = []

    def feed(self, text: str, /) -> list[Transcript]:
        """Take one line; return the transcript that it ends, if it does. A blank line is skipped."""
        self._number += 1
        if not text or text.isspace():
            return []
        try:
            value, faults = decoded(text)
            return self._take(value, faults)
        except (ValueError, InputError) as error:
            raise InputError(f"line {self._number}: {error}") from None

    def close(self) -> list[Transcript]:
        """Return nothing; raises :class:`InputError` where a transcript has no last line."""
        if self._begun is not None:
            raise InputError(f"line {self._number + 1}: the transcript is cut: its last line, the ending, is missing")
        return []

    def _take(self, value: Any, faults: tuple[str, ...]) -> list[Transcript]:
        if not isinstance(value, dict):
            raise InputError("a transcript's line is a JSON object")
        if self._begun is None:
            _refuse(faults)
            self._begun = _header(value)
        elif "chunk" in value or "text" in value:
            self._records.append(self._record(value, faults))
        elif "exchange" in value:
            _refuse(faults)
            if self._begun.exchanges is None:
                raise InputError('an "exchange" needs "exchanges": true in the header')
            self._exchanges.append(exchange_of(value["exchange"]))
        elif "ending" in value:
            _refuse(faults)
            return [self._ended(self._begun, value)]
        else:
            raise InputError('a line behind the header has "chunk", "text", "exchange" or "ending"')
        return []

    def _ended(self, begun: Transcript, value: Mapping[str, Any]) -> Transcript:
        """Return the transcript that its last line ends, and be ready for another."""
        ended = replace(
            begun,
            records=tuple(self._records),
            ending=_ending(value),
            result=value.get("result", NOTHING),
            exchanges=None if begun.exchanges is None else tuple(self._exchanges),
        )
        self._begun, self._records, self._exchanges, self._compactor = None, [], [], Compactor()
        return ended

    def _record(self, value: Mapping[str, Any], faults: tuple[str, ...]) -> Record:
        named = value.get("faults", [])
        at = value.get("at")
        if not (isinstance(named, list) and all(isinstance(fault, str) for fault in named)):
            raise InputError('"faults" is a list of texts')
        if at is not None and (isinstance(at, bool) or not isinstance(at, int | float)):
            raise InputError('"at" is a number of milliseconds')
        if "chunk" in value:
            chunk = value["chunk"]
        else:
            chunk, _ = decoded(_text(value, "text"))
        return self._compactor.feed(chunk, (*named, *faults), at)


def _header(value: Mapping[str, Any]) -> Transcript:
    """Return a transcript without records; raises :class:`InputError` for a header that is wrong."""
    if HEADER not in value:
        raise InputError(f'a transcript begins with a line that has "{HEADER}"')
    if value[HEADER] != VERSION:
        raise InputError(f"this is a transcript of version {value[HEADER]!r}; version {VERSION} is understood")
    request = value.get("request", {})
    if not isinstance(request, dict):
        raise InputError('"request" is an object')
    return Transcript(
        records=(),
        stimulus=Stimulus(
            request,
            _events(value),
            frozenset(_texts(value, "madeIds")),
            _texts(value, "asked"),
            operation=_one_of(value, "operation", OPERATIONS) if "operation" in value else "transform",
            input=_object(value, "input"),
            base_url=_text(value, "baseUrl") if "baseUrl" in value else None,
            approvals=_approvals(value),
            abort=_abort(value["abort"]) if "abort" in value else None,
        ),
        scope=_one_of(value, "scope", SCOPES),
        framing=_framing(value["framing"]) if "framing" in value else None,
        dialect=_text(value, "dialect"),
        exchanges=() if value.get("exchanges") is True else None,
    )


def _events(value: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Return the source events: objects, or the text or bytes of one (R1)."""
    events = value.get("events")
    if events is None:
        return None
    found = tuple(revived(events)) if isinstance(events, list) else (None,)
    if not all(isinstance(event, dict | str | bytes) for event in found):
        raise InputError('"events" is a list of objects, or of their JSON texts, or null')
    return found


def _approvals(value: Mapping[str, Any]) -> dict[str, bool]:
    answers = _object(value, "approvals")
    if not all(isinstance(answer, bool) for answer in answers.values()):
        raise InputError('"approvals" has true or false for the id of each call')
    return answers


def _abort(value: Any) -> AbortAt:
    if not isinstance(value, dict):
        raise InputError('"abort" is an object with "chunks" or "milliseconds"')
    chunks, milliseconds = value.get("chunks"), value.get("milliseconds")
    if not (chunks is None or type(chunks) is int) or not (milliseconds is None or type(milliseconds) in {int, float}):
        raise InputError('"chunks" and "milliseconds" of "abort" are numbers')
    return AbortAt(chunks, milliseconds)


def _framing(value: Any) -> Framing:
    if not (isinstance(value, dict) and isinstance(faults := value.get("faults"), list)):
        raise InputError('"framing" is an object with "kind" and "faults"')
    if not all(isinstance(fault, dict) and type(fault.get("line")) is int for fault in faults):
        raise InputError('a fault of the frame has "line", "expected" and "seen"')
    return Framing(
        _one_of(value, "kind", _FRAMES),
        tuple(FramingFault(fault["line"], _text(fault, "expected"), _text(fault, "seen")) for fault in faults),
    )


def _ending(value: Mapping[str, Any]) -> Ending:
    error = value.get("error")
    if not (error is None or isinstance(error, dict)):
        raise InputError('"error" is an object')
    place, duration, at = value.get("place"), value.get("duration"), value.get("at")
    if not (place is None or (type(place) is int and place >= 0)):
        raise InputError('"place" is a number of chunks')
    for key, time in (("duration", duration), ("at", at)):
        if not (time is None or type(time) in {int, float}):
            raise InputError(f'"{key}" is a number of milliseconds')
    return Ending(_one_of(value, "ending", _ENDINGS), error, place, duration, at)


def _one_of(value: Mapping[str, Any], key: str, words: tuple[Any, ...]) -> Any:
    if value.get(key) not in words:
        raise InputError(f'"{key}" is one of {", ".join(words)}; seen: {value.get(key)!r:.80}')
    return value[key]


def _text(value: Mapping[str, Any], key: str) -> str:
    text = value.get(key)
    if not isinstance(text, str):
        raise InputError(f'"{key}" is a text; seen: {text!r:.80}')
    return text


def _object(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key, {})
    if not isinstance(found, dict):
        raise InputError(f'"{key}" is an object; seen: {found!r:.80}')
    return found


def _texts(value: Mapping[str, Any], key: str) -> tuple[str, ...]:
    texts = value.get(key, [])
    if not (isinstance(texts, list) and all(isinstance(text, str) for text in texts)):
        raise InputError(f'"{key}" is a list of texts')
    return tuple(texts)


def _refuse(faults: tuple[str, ...]) -> None:
    if faults:
        raise InputError(faults[0])
