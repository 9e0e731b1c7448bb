"""One file of somebody else's → exchanges that may be kept: each with its wire, and free of secrets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.cassettes.importing import FORMATS, Chunks, Exchanges, Format, LeftOut, Source, format_of
from harness.cassettes.importing.redacted import redacted, unpacked
from harness.cassettes.interaction import Interaction
from harness.cassettes.parsing import Misshapen, Provenance
from harness.cassettes.proofs import proofs_of
from harness.cassettes.redaction import Redactor
from harness.cli.files import STDIN
from harness.cli.import_bodies import FRAME_MADE, REQUEST_MADE, answer_alone
from harness.cli.import_chunks import exchanges_of_chunks
from harness.cli.import_wires import NO_ANSWER, likely_wire, spoken_wire
from harness.errors import InputError
from harness.providers import WIRES


@dataclass(frozen=True, slots=True)
class Imported:
    """What one file gave: its format, the exchanges that were taken by their number from 1, and what was left out.

    ``total`` counts all exchanges of the file. ``notes`` say what of it is ours.
    """

    format: str
    provenance: Provenance
    taken: tuple[tuple[int, Interaction], ...]
    total: int
    left_out: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()


def imported(name: str, data: bytes, *, form: str | None, wire: str | None, every: bool) -> Imported:
    """Return what a file holds; ``form`` and ``wire`` are what the user says of it, ``every`` takes strangers too.

    Raises :class:`InputError`, without the file's name, for what cannot be read, and then nothing of it is taken.
    """
    source = Source(data)
    chosen = FORMATS[form] if form else format_of(source)
    if chosen is None:
        raise InputError("empty: there is nothing in it")
    made = _made(name, source, chosen, wire, every=every)
    redactor = Redactor(secret for _, one in made.taken for secret in proofs_of(one.request))
    taken = []
    for number, one in made.taken:
        with _named(number, made):
            taken.append((number, redacted(one, redactor)))
    return replace(made, taken=tuple(taken))


def _made(name: str, source: Source, form: Format, wire: str | None, *, every: bool) -> Imported:
    """Return the exchanges with their wires, secrets and all."""
    try:
        found = form.read(source, Path() if name == STDIN else Path(name).parent)
    except Misshapen as wrong:
        raise InputError(str(wrong)) from None
    if isinstance(found, Exchanges):
        return _of_exchanges(found, form.name, wire, every=every)
    if isinstance(found, Chunks):
        told = exchanges_of_chunks(name, source, wire)
        notes = ["synthetic: the bytes are made of an adapter's chunks", REQUEST_MADE]
        if told.passed_over:
            notes.append(f"{told.passed_over} chunks that no provider causes are passed over")
        numbered = tuple(enumerate(told.interactions, 1))
        return Imported(form.name, "synthetic", numbered, len(numbered), notes=tuple(notes))
    alone = answer_alone(name, source, found, wire)
    return Imported(
        form.name if FRAME_MADE in alone.notes else "body",
        alone.provenance,
        ((1, alone.interaction),),
        total=1,
        notes=alone.notes,
    )


def _of_exchanges(found: Exchanges, form: str, wire: str | None, *, every: bool) -> Imported:
    made = Imported(form, found.provenance or "recorded", (), len(found.taken))
    taken = []
    for number, one in enumerate(found.taken, 1):
        with _named(number, made):
            chosen = one if isinstance(one, LeftOut) else _chosen(one, wire, every=every)
        if isinstance(chosen, LeftOut):
            made.left_out[chosen.why] += 1
        else:
            taken.append((number, chosen))
    return replace(made, taken=tuple(taken))


def _chosen(one: Interaction, wire: str | None, *, every: bool) -> Interaction | LeftOut:
    """Return an exchange with its wire, unpacked; a damaged one is no failure where nobody has to do with it."""
    likely = likely_wire(one)
    try:
        plain = unpacked(one)
    except InputError:
        if every or wire or one.wire or likely in WIRES:
            raise
        return LeftOut(NO_ANSWER)
    spoken = spoken_wire(plain, wire)
    if isinstance(spoken, LeftOut):
        return replace(plain, wire=likely if likely in WIRES else None) if every else spoken
    return replace(plain, wire=spoken)


@contextmanager
def _named(number: int, made: Imported) -> Iterator[None]:
    """Say of which exchange an error speaks, where there are several."""
    try:
        yield
    except InputError as error:
        if made.total == 1:
            raise
        raise InputError(f"interaction {number} of {made.total}: {error}") from None
