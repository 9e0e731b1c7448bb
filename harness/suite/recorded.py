"""A user's own cassettes → cases: what was asked is asked again, and what was answered is played again, over HTTP.

Nobody wrote down what must come out. So these cases expect nothing, and the law alone judges: the source is known,
since it is what the cassette holds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.cassettes import cassette
from harness.cassettes.compression import decoded_pieces
from harness.cassettes.interaction import Interaction, Request
from harness.cassettes.named import File, files_named, is_folder
from harness.cassettes.proofs import proofs_of
from harness.cassettes.redaction import Redactor
from harness.errors import FixtureError, InputError
from harness.protocol.messages import ModelRequest
from harness.providers import read_request, wire_named, wire_of_target
from harness.suite import tapes
from harness.suite.asked_again import text_options
from harness.suite.case import Case
from harness.suite.given import Answer, Http
from harness.suite.routing import routed

AREA = "recorded"
"""The area of these cases."""

_ENDINGS = (*cassette.SUFFIXES, ".json")  # of a name, which a case's id leaves out
_URI = re.compile(r"(?:[^:/?#]+:)?(?://[^/?#]*)?([^?#]*)")  # RFC 3986, appendix B
_GREETED = "; asked by a greeting, since what was asked then cannot be read"


@dataclass(frozen=True, slots=True)
class _Tape:
    """A cassette that was named, with the name that a case gives it, and what its cases are called after."""

    file: File
    given: str
    name: str
    folder: str
    interactions: tuple[Interaction, ...]

    def ids(self, *, within: bool) -> list[str]:
        """Return the id of each case; ``within`` puts the folder's name before the file's."""
        name = _spelled(f"{self.folder}/{self.name}" if within and self.folder else self.name)
        several = len(self.interactions) > 1
        return [f"{AREA}/{name}{f'-{number}' if several else ''}" for number in range(1, len(self.interactions) + 1)]


def load(names: Iterable[str | Path], check: Callable[[Case], object] | None = None) -> list[Case]:
    """Return a case for each interaction of each cassette, in the order given and by name within a folder.

    A name is that of a file, of a folder, or of a bundled cassette (:func:`harness.cassettes.named.files_named`). An id
    is the file's path below the folder that was given; where two files would have the same, the folder's name stands
    before it. Raises one :class:`InputError` that tells of everything that cannot be played, each with its file and the
    number of its interaction: a file that is no cassette, a folder without one, an answer of which nobody says what
    wire it speaks or whose compression cannot be undone, what ``check`` refuses, and two files with one id.
    """
    found: list[_Tape] = []
    faults: list[str] = []
    for name in map(str, names):
        try:
            files = files_named([name])
        except InputError as error:
            faults.append(str(error))
            continue
        for file in files:
            try:
                found.append(_tape(file, name))
            except (InputError, FixtureError) as error:
                faults.append(str(error))
    ids = list(_ids(found))
    faults += _clashes(found, ids)
    cases: list[Case] = []
    for tape, its_ids in zip(found, ids, strict=True):
        for number, (one, id_) in enumerate(zip(tape.interactions, its_ids, strict=True)):
            try:
                cases.append(_case(tape, number, one, id_, check))
            except InputError as error:
                why = str(error).removeprefix("given.answers.0: ")  # of a case that nobody wrote
                faults.append(f"{tape.file.name}: interactions.{number}: {why}")
    if faults:
        many = f"{len(faults)} faults in what is to be played: " if len(faults) > 1 else ""
        raise InputError(many + "; ".join(faults))
    return cases


def _tape(file: File, named: str) -> _Tape:
    is_bundled = file.path == cassette.path_of(file.name)
    given = file.name if is_bundled else tapes.as_file(file.path)
    if not _is_text(given):
        raise InputError(f"{file.name!r}: its name is no UTF-8; rename it")
    name, folder = file.name, ""
    if is_folder(named):
        name, folder = file.path.relative_to(named).as_posix(), Path(named).resolve().name
    elif not is_bundled:
        name, folder = file.path.name, file.path.resolve().parent.name
    ending = next((ending for ending in _ENDINGS if name.endswith(ending)), "")
    return _Tape(file, given, name.removesuffix(ending) or name, folder, tapes.tape(given).interactions)


def _ids(found: list[_Tape]) -> Iterator[list[str]]:
    """Yield the ids of each cassette's cases; what two of them would be called both say their folder."""
    counted = Counter(id_ for tape in found for id_ in tape.ids(within=False))
    for tape in found:
        ids = tape.ids(within=False)
        yield tape.ids(within=True) if any(counted[id_] > 1 for id_ in ids) else ids


def _clashes(found: list[_Tape], ids: list[list[str]]) -> Iterator[str]:
    """Yield which files are called the same even with their folders' names."""
    first: dict[str, _Tape] = {}
    for tape, its_ids in zip(found, ids, strict=True):
        for id_ in its_ids:
            if (other := first.setdefault(id_, tape)) is not tape:
                both = f"{other.file.name} and {tape.file.name}"
                yield f"{both} give a case the same id, {id_}; rename one of them, or leave it out"
                break


def _spelled(name: str) -> str:
    """Return a name in the letters of an id; of what is beyond ASCII stands the code, so that names stay apart."""
    letters = (
        letter if re.fullmatch(r"[a-z0-9._/-]", letter) else "-" if letter.isascii() else f"u{ord(letter):x}"
        for letter in name.lower()
    )
    return re.sub(r"-{2,}", "-", "".join(letters))


def _case(tape: _Tape, number: int, interaction: Interaction, id_: str, check: Callable[[Case], object] | None) -> Case:
    request = interaction.request
    wire = interaction.wire or wire_of_target(request.uri)
    if wire is None:
        raise InputError("nobody says which wire the answer speaks: add `wire: openai-chat`, or which it is")
    wire_named(wire)
    for _ in decoded_pieces(interaction):  # what cannot be unpacked is told before anything is asked
        pass
    asked = _asked(wire, request)
    known = asked or ModelRequest()
    case = Case(
        id=id_,
        title=f"The recorded answer to {_asked_for(request)} is brought to its client" + ("" if asked else _GREETED),
        sections=["R38"],
        operation="chat",
        profiles=["spec", "tanstack"],
        given=Http(wire=wire, answers=[Answer(cassette=tape.given, interaction=number)]),
        request={**text_options(known), **routed(wire, known.model or "recorded")},
    )
    if check is not None:
        check(case)
    return case


def _asked(wire: str, request: Request) -> ModelRequest | None:
    """Return what was asked, None where nobody kept it or it cannot be read: the answer can be played all the same."""
    headers = [(key, value) for key, values in request.headers.items() for value in values]
    try:
        return read_request(wire, request.uri, headers, request.body) if request.body else None
    except InputError:
        return None


def _asked_for(request: Request) -> str:
    """Return method and path without what is secret or cannot be seen: a title is printed, and stands in reports."""
    found = _URI.match(Redactor(proofs_of(request)).uri(request.uri))
    said = f"{request.method} {(found[1] if found else '') or '/'}"
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in said)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
