"""An answer alone → an exchange: its wire is told or guessed, its frame made again, its request found or made up."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.cassettes.importing import FORMATS, Bare, Messages, Source
from harness.cassettes.interaction import BytesBody, Cut, Interaction, Request
from harness.cassettes.parsing import Provenance
from harness.cli.import_beside import Beside, beside, stem_of
from harness.cli.import_requests import made_up
from harness.cli.import_wires import is_readable, says_something
from harness.errors import InputError
from harness.protocol.events import Event
from harness.providers import WIRES, counted_ids, decoded, wire_named
from harness.providers.guess import guessed_wire
from harness.providers.reframing import has_lines, reframed

_WITH_ARRAYS = "google-generatecontent"
_JSON = "application/json"
_FAILED = range(400, 600)

_SAY_WHICH = "name its API with --wire"

FRAME_MADE = "the frame is made again"
REQUEST_MADE = "the request is made up"
STATUS_MADE = "the status is made up"
UNREAD = "nothing of it can be read"


@dataclass(frozen=True, slots=True)
class Alone:
    """What became of an answer that lay alone; ``notes`` say what of it is ours."""

    interaction: Interaction
    provenance: Provenance
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """A body, what its wire makes of it, and whether its frame was made."""

    wire: str
    body: bytes
    events: list[Event]
    is_reframed: bool
    is_whole: bool  # one JSON object, and no stream


def answer_alone(name: str, source: Source, found: Messages | Bare, wire: str | None) -> Alone:
    """Return the exchange of a body, or of messages whose frame was lost; ``wire`` is what the user says.

    Where somebody says which wire it speaks, it may as well be one that nobody can read: such answers are recorded too.
    Raises :class:`InputError` where no wire is told and none can be guessed, and for what lies beside it and does not
    fit.
    """
    known = beside(name)
    answer = _answer(source, found, wire or known.wire)
    request, notes = _request(known, answer, stem_of(name))
    status = known.status
    if status is None and answer.is_whole and answer.events and not says_something(answer.events):
        status = _status(answer.events[0])
        notes.append(STATUS_MADE)
    provenance: Provenance = known.provenance or ("recorded-parsed" if answer.is_reframed else "recorded")
    if not is_readable(answer.events):
        notes.append(UNREAD)
    if answer.is_reframed:
        notes.insert(0, FRAME_MADE)
        provenance = "synthetic" if provenance == "synthetic" else "recorded-parsed"
    return Alone(
        Interaction(
            request=request,
            status=status or 200,
            headers={"content-type": (_media_type(known, answer),)},
            body=BytesBody(answer.body),
            wire=answer.wire,
            cuts=() if answer.is_reframed else _cuts(known, answer, stem_of(name)),
        ),
        provenance,
        tuple(notes),
    )


def _answer(source: Source, found: Messages | Bare, said: str | None) -> _Answer:
    wire = wire_named(said or _guessed(source.data)).name
    body, is_reframed = source.data, False
    if isinstance(found, Messages) and not (has_lines(wire) if found.as_lines else wire == _WITH_ARRAYS):
        body, is_reframed = reframed(wire, found.texts), True
    events = decoded(wire, body, counted_ids("call"))
    if said is None and not (is_reframed or is_readable(events)):
        raise InputError(f"there is no message of {wire} in it, and it looks like that; {_SAY_WHICH}")
    if said is None and is_readable(events) and not says_something(events):
        raise InputError(f"there is nothing but an error in it, which tells no wire; {_SAY_WHICH}")
    return _Answer(wire, body, events, is_reframed, isinstance(source.json, dict))


def _guessed(data: bytes) -> str:
    wire = guessed_wire(data)
    if wire is None:
        known = ", ".join(f"{one.name} ({one.caption})" for one in FORMATS.values())
        raise InputError(f"is nothing that can be imported, which is {known}; if it is such a body, {_SAY_WHICH}")
    return wire


def _request(known: Beside, answer: _Answer, stem: str) -> tuple[Request, list[str]]:
    model = known.model or next((one["modelId"] for one in answer.events if "modelId" in one), None)
    request = made_up(answer.wire, model, stem, stream=not answer.is_whole)
    if known.uri is not None:
        request = replace(request, uri=known.uri)
    if known.request is None:
        return request, [REQUEST_MADE]
    return replace(request, body=known.request), []


def _media_type(known: Beside, answer: _Answer) -> str:
    if known.content_type and not answer.is_reframed:
        return known.content_type
    return _JSON if answer.is_whole or answer.body.lstrip().startswith(b"[") else WIRES[answer.wire].media_type


def _status(event: Event) -> int:
    """Return the status that an error says it had, else that of any request that is refused."""
    error = event.get("error")
    code = str(error.get("code")) if isinstance(error, dict) else ""
    return int(code) if code.isascii() and code.isdigit() and int(code) in _FAILED else 400


def _cuts(known: Beside, answer: _Answer, stem: str) -> tuple[Cut, ...]:
    if known.lengths and sum(known.lengths) != len(answer.body):
        added = f"add up to {sum(known.lengths)} bytes, and the body has {len(answer.body)}"
        raise InputError(f"{stem}.meta.json: chunk_lengths: {added}")
    return tuple(map(Cut, known.lengths))
