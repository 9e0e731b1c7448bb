"""Case files → cases: the bundled ones, and a user's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from harness.errors import FixtureError, HarnessError, InputError
from harness.protocol.json_text import decoded
from harness.resources import folder
from harness.suite import tapes
from harness.suite.case import Case
from harness.suite.given import FromCassette, Http
from harness.suite.over_loopback import over_loopback

_SUFFIX = ".json"


def bundled() -> list[Case]:
    """Return the cases that ship with the harness, sorted by id; raises :class:`FixtureError` if one is wrong.

    Those are the case files, and each that plays a cassette's events once more over HTTP.
    """
    root = folder("fixtures") / "cases"
    written = [_read(path, FixtureError, root) for path in _files_in(root)]
    played = [case for one in written if (case := over_loopback(one)) is not None]
    return sorted([*written, *played], key=lambda case: case.id)


Check = Callable[[Case], object]
"""Raises :class:`InputError` for a case that cannot be asked; who asks it knows why."""


def load(places: Sequence[Path], check: Check | None = None) -> list[Case]:
    """Return a user's own cases from files and folders, in the order given and by id within a folder.

    In a folder an id is the path below it without ``.json``; of a single file it is the path's end. Raises
    :class:`InputError` for what cannot be read, for what ``check`` refuses, for a folder without cases and for an id
    that comes twice.
    """
    cases: list[Case] = []
    for place in places:
        if place.is_dir():
            found = _all_read(_files_in(place), place, check)
            if not found:
                raise InputError(f"{place}: no case in this folder (a case is a {_SUFFIX} file)")
            cases += found
        else:
            cases.append(_checked(place, None, check))
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise InputError(f"the case id {case.id} comes twice in what was given")
        seen.add(case.id)
    return cases


def _all_read(paths: Sequence[Path], root: Path, check: Check | None) -> list[Case]:
    """Read every case of a folder; raises one :class:`InputError` that tells of all files that are wrong."""
    cases: list[Case] = []
    faults: list[str] = []
    for path in paths:
        try:
            cases.append(_checked(path, root, check))
        except InputError as error:
            faults.append(str(error))
    if faults:
        many = f"{len(faults)} case files are wrong: " if len(faults) > 1 else ""
        raise InputError(many + "; ".join(faults))
    return cases


def _checked(path: Path, root: Path | None, check: Check | None) -> Case:
    case = _read(path, InputError, root)
    try:
        if check is not None:
            check(case)
    except InputError as reason:
        raise InputError(f"{path}: case {case.id}: {reason}") from None
    return case


def _files_in(root: Path) -> list[Path]:
    return sorted(root.rglob(f"*{_SUFFIX}"), key=lambda path: path.relative_to(root).as_posix())


def _read(path: Path, error: type[HarnessError], root: Path | None) -> Case:
    """Read one case and hold it to its path: below ``root``, or at the path's end where there is no root."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise error(f"{path}: is no regular file")  # a pipe would be waited for, and a device has no end
    try:
        loaded, faults = decoded(path.read_bytes().decode())
    except OSError as reason:
        raise error(f"{path}: cannot be read: {reason.strerror}") from reason
    except ValueError as reason:
        raise error(f"{path}: is not JSON in UTF-8: {reason}") from reason
    if faults:
        raise error(f"{path}: {faults[0]}")
    try:
        case = Case.model_validate(loaded)
    except ValidationError as wrong:
        raise error(f"{path}: {_told(wrong)}") from None
    below = (
        path.absolute().with_suffix("").as_posix()
        if root is None
        else path.relative_to(root).with_suffix("").as_posix()
    )
    if below != case.id and not (root is None and below.endswith(f"/{case.id}")):
        raise error(f"{path}: id: expected {below!r}, which is the file's path, seen {case.id!r}")
    case = _beside(path, case)
    for place, name, number, wire in _cassettes_of(case):
        if fault := tapes.fault(name, number, wire):
            raise error(f"{path}: {place}: {fault}")
    return case


def _beside(path: Path, case: Case) -> Case:
    """Return the case with the user's own cassettes found where its file lies."""

    def found(name: str) -> str:
        return tapes.as_file(path.parent / name) if tapes.is_file(name) else name

    given = case.given
    if isinstance(given, FromCassette):
        return case.model_copy(update={"given": FromCassette(cassette=found(given.cassette))})
    if isinstance(given, Http) and any(answer.cassette is not None for answer in given.answers):
        answers = [
            answer if answer.cassette is None else answer.model_copy(update={"cassette": found(answer.cassette)})
            for answer in given.answers
        ]
        return case.model_copy(update={"given": given.model_copy(update={"answers": answers})})
    return case


def _cassettes_of(case: Case) -> Iterator[tuple[str, str, int, str | None]]:
    """Yield where a case names a cassette, which, which interaction of it, and the wire that it must speak."""
    given = case.given
    if isinstance(given, FromCassette):
        yield "given.cassette", given.cassette, 0, None
    elif isinstance(given, Http):
        for number, answer in enumerate(given.answers):
            if answer.cassette is not None:
                yield f"given.answers.{number}.cassette", answer.cassette, answer.interaction, given.wire


def _told(wrong: ValidationError) -> str:
    """Return every fault of a file in one line, each with its place."""
    return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}" for fault in wrong.errors())
