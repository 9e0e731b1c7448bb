"""A user's own cassettes → cases: what was asked is asked again, and what was answered is played again, over HTTP.

Nobody wrote down what must come out. So these cases expect nothing, and the law alone judges: the source is known,
since it is what the cassette holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.cassettes import cassette
from harness.cassettes.cassette import Cassette
from harness.cassettes.interaction import Interaction
from harness.errors import InputError
from harness.protocol.messages import ModelRequest
from harness.providers import read_request, wire_named, wire_of_target
from harness.suite.asked_again import text_options
from harness.suite.case import Case
from harness.suite.given import Answer, Http
from harness.suite.routing import routed

AREA = "recorded"
"""The area of these cases."""

_SUFFIXES = (".yaml", ".yml")
_NO_LETTER_OF_AN_ID = re.compile(r"[^a-z0-9._/-]+")


def load(places: Iterable[Path]) -> list[Case]:
    """Return a case for each interaction of each cassette, in the order given and by name within a folder.

    Raises :class:`InputError` for a file that is no cassette, a folder without one, and an answer of which nobody
    says what wire it speaks.
    """
    cases: list[Case] = []
    for place in places:
        found = [(path, path.relative_to(place)) for path in _in(place)] if place.is_dir() else [(place, place.name)]
        if not found:
            raise InputError(f"{place}: no cassette in this folder (a cassette is a {' or '.join(_SUFFIXES)} file)")
        for path, name in found:
            if path.suffix not in _SUFFIXES:
                raise InputError(f"{path}: a cassette's name ends in {' or '.join(_SUFFIXES)}; rename it, or import it")
            cases += _cases(path, Path(name).with_suffix("").as_posix())
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise InputError(f"two of the cassettes give a case the id {case.id}; rename one of the files")
        seen.add(case.id)
    return cases


def _in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file())


def _cases(path: Path, name: str) -> Iterator[Case]:
    tape = cassette.read(path, name)
    for number, interaction in enumerate(tape.interactions):
        try:
            yield _case(path, tape, number, interaction)
        except InputError as error:
            where = f"interactions.{number}: " if len(tape.interactions) > 1 else ""
            raise InputError(f"{path}: {where}{error}") from None


def _case(path: Path, tape: Cassette, number: int, interaction: Interaction) -> Case:
    request = interaction.request
    wire = interaction.wire or wire_of_target(request.uri)
    if wire is None:
        raise InputError("nobody says which wire the answer speaks: add `wire: openai-chat`, or which it is")
    wire_named(wire)
    headers = [(key, value) for key, values in request.headers.items() for value in values]
    asked = read_request(wire, request.uri, headers, request.body) if request.body else ModelRequest()
    several = f"-{number + 1}" if len(tape.interactions) > 1 else ""
    return Case(
        id=f"{AREA}/{_NO_LETTER_OF_AN_ID.sub('-', tape.name.lower())}{several}",
        title=f"The recorded answer to {request.method} {request.uri.partition('?')[0]} is brought to its client",
        sections=["R38"],
        operation="chat",
        profiles=["spec", "tanstack"],
        given=Http(wire=wire, answers=[Answer(cassette=str(path), interaction=number)]),
        request={**text_options(asked), **routed(wire, asked.model or "recorded")},
    )
