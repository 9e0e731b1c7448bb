"""What played the model: a recorded body or a list of source events, found for a log and decoded in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.cli.delivery import delivered, delivery_of
from harness.cli.files import STDIN, whole
from harness.errors import InputError, WireError
from harness.protocol.event_reading import reading_of_events
from harness.protocol.events import SILENT, SPOKEN, Event, revived
from harness.protocol.json_text import NotJson, decoded
from harness.protocol.transcript import Transcript
from harness.providers import OUT_OF_SCOPE, WIRES, counted_ids, decoded_in_place, wire_of_target
from harness.providers.framing import unreadable
from harness.providers.guess import guessed_wire
from harness.reports.findings import shown
from harness.stage import Stage
from harness.wire.json_array import JsonArrayDecoder
from harness.wire.located import Located, located
from harness.wire.ndjson import NdjsonDecoder

_PARTS = (SPOKEN | SILENT) - {"error", "ping"}  # these two are words of providers too
_ENDINGS = (
    ".sse", ".ndjson", ".eventstream", ".jsonarray.json", ".error.json", ".chunks.jsonl", ".parts.jsonl", ".jsonl",
    ".json", ".txt",
)  # fmt: skip
"""What a stem is cut from, the longest first."""

_NOT_A_SOURCE = (".meta.json", ".request.json", ".reading.json", ".reading.v5.json")


@dataclass(frozen=True, slots=True)
class Source:
    """A source's bytes and its events, each with the bytes that it came from.

    ``wire`` is None where the events themselves were recorded; ``made_ids`` are those that our decoder gave to calls
    without one.
    """

    name: str
    body: bytes
    located: tuple[Located[Event], ...]
    wire: str | None = None
    made_ids: frozenset[str] = frozenset()

    @property
    def events(self) -> tuple[Event, ...]:
        """The source events, in order."""
        return tuple(item for _, _, item in self.located)

    @property
    def response_id(self) -> str | None:
        """The id that the provider gave its answer, if it gave one."""
        return reading_of_events(self.events).response_id


def source_of(path: str, wire: str | None = None) -> Source:
    """Read a recorded body, or source events as NDJSON or as a JSON array; raises :class:`InputError` with its name."""
    made: list[str] = []
    count = counted_ids("call")

    def new_id() -> str:
        made.append(count())
        return made[-1]

    try:
        body = whole(path)
        events = None if wire else _events_in(body)
        if events is not None:
            return Source(path, body, tuple(events))
        delivery = delivery_of(path, _stem(Path(path).name.removesuffix(".gz")))
        wire = wire or delivery.wire or wire_of(path, body)
        events = delivered(decoded_in_place(wire, body, new_id), delivery, len(body))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return Source(path, body, tuple(events), wire, frozenset(made))


def wire_of(path: str, body: bytes) -> str:
    """Return the wire that a body speaks, or that a folder in its path is called after.

    Raises :class:`InputError` that says what to do where neither tells.
    """
    if not body.strip():
        raise InputError("empty: there is no provider body in it")
    named = (part for part in reversed(Path(path).parts) if part in WIRES or part in OUT_OF_SCOPE)
    wire = guessed_wire(body) or next(named, None)
    if wire is None:
        if fault := unreadable(body):
            raise InputError(shown(fault.message))
        raise InputError(f"no provider's wire was recognised; say which it is with --wire ({', '.join(WIRES)})")
    return wire


def _events_in(body: bytes) -> list[Located[Event]] | None:
    """Return source events with their places, or None where the body is none of theirs."""
    first = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if first not in (b"[", b"{"):
        return None
    texts: Stage[bytes, str] = JsonArrayDecoder() if first == b"[" else NdjsonDecoder()
    try:
        found = located(texts, body)
    except WireError:
        return None
    if not found or not _is_part(found[0].item):
        return None
    return [Located(start, end, _event(number, text)) for number, (start, end, text) in enumerate(found)]


def _is_part(text: str) -> bool:
    try:
        value, _ = decoded(text)
    except NotJson:
        return False
    return isinstance(value, dict) and isinstance(kind := value.get("type"), str) and kind in _PARTS


def _event(number: int, text: str) -> Event:
    try:
        value, _ = decoded(text)
        event = revived(value)
    except ValueError as error:
        raise InputError(f"event {number}: {error}") from None
    if not isinstance(event, dict):
        raise InputError(f"event {number} is no JSON object")
    return event


@dataclass(frozen=True, slots=True)
class Unpaired:
    """Why a log has no source."""

    reason: str


def paired(logs: Sequence[str], source: str) -> dict[str, tuple[str, ...]]:
    """Return the sources that each log may have: one file for all, or of a folder the files of the same stem.

    A log ``openai.text.json`` belongs to ``openai.text.sse`` in the folder or below, else to ``text.sse``; of several
    such files to one whose folder is called after ``openai``.
    """
    folder = Path(source)
    if not folder.is_dir():
        return dict.fromkeys(logs, (source,))
    by_stem: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.name.removesuffix(".gz")
        if name.endswith(_ENDINGS) and not name.endswith(_NOT_A_SOURCE) and path.is_file():
            by_stem.setdefault(_stem(name), []).append(path)
    return {log: tuple(map(str, _partners(log, folder, by_stem))) for log in logs}


def _partners(log: str, folder: Path, by_stem: Mapping[str, list[Path]]) -> list[Path]:
    if log == STDIN:
        return []
    stem = _stem(Path(log).name.removesuffix(".gz"))
    family, _, last = stem.rpartition(".")
    own = Path(log).absolute()
    found = [path for path in by_stem.get(stem) or by_stem.get(last) or [] if path.absolute() != own]
    return [path for path in found if family and _is_called_after(path.relative_to(folder), family)] or found


def one_of(candidates: Sequence[Source], transcript: Transcript) -> Source | Unpaired:
    """Return the one source that a transcript can have come from.

    It is the only one, the one of the wire that the implementation asked, or the one whose response id it names.
    Sources of the same bytes are one.
    """
    found = list({source.body: source for source in candidates}.values())
    if len(found) > 1:
        wires = set(map(wire_of_target, transcript.stimulus.asked)) - {None}
        found = [source for source in found if source.wire in wires] or found
    if len(found) > 1:
        chunks = [record.chunk for record in transcript.records if isinstance(record.chunk, dict)]
        ids = {id_ for chunk in chunks if isinstance(id_ := chunk.get("id"), str)}
        found = [source for source in found if source.response_id in ids] or found
    if not found:
        return Unpaired("no source has its name")
    if len(found) > 1:
        return Unpaired(f"{len(found)} sources have its name, such as {found[0].name}; name a narrower folder")
    return found[0]


def _is_called_after(path: Path, family: str) -> bool:
    return any(part == family or part.startswith(f"{family}-") for part in path.parts[:-1])


def _stem(name: str) -> str:
    return next((name.removesuffix(ending) for ending in _ENDINGS if name.endswith(ending)), name)
