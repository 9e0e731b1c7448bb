"""Interactions → a cassette on the disk: written beside, made certain, then renamed, so that no file is ever half one.

A long body goes into a file of its own, which is called after its content: so the old cassette keeps the bodies that it
names until the new one stands in its place.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from harness.cassettes.bodies import LONGEST_INLINE, FileBody, ranges
from harness.cassettes.cassette import read
from harness.cassettes.interaction import Body, Interaction
from harness.cassettes.parsing import Provenance
from harness.cassettes.rendering import BodyFile, rendered
from harness.errors import InputError

_OF_A_BODY = ".body"
_UNFINISHED = ".part"
_DIGITS = 12  # of the digest, in a name


def write(path: Path, interactions: Sequence[Interaction], provenance: Provenance | None) -> None:
    """Write a cassette in place of whatever lies at ``path``, with the files of its long bodies beside it.

    Nothing in an interaction is changed or hidden: whoever recorded it has redacted it before. The folder is made where
    it is missing. Raises :class:`InputError` that names the path where the disk refuses; the old cassette is then
    whole, and of the new one nothing is left.
    """
    if not interactions:
        raise AssertionError("a cassette holds at least one interaction")
    made: list[Path] = []
    try:
        before = _bodies_of(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        files: dict[int, BodyFile] = {}
        for place, one in enumerate(interactions):
            if one.body.length > LONGEST_INLINE:
                files[place] = _body_file(path, place, one.body, made)
        text = rendered(interactions, provenance, files)
        with _beside(path) as unfinished:
            _fill(unfinished, (part.encode() for part in text))
            unfinished.replace(path)
        _make_certain(path.parent)
    except BaseException as error:
        for file in made:
            with contextlib.suppress(OSError):
                file.unlink()
        if isinstance(error, OSError):
            raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error
        if isinstance(error, UnicodeEncodeError):
            raise InputError(f"{path}: cannot be written: a text in it has no bytes in UTF-8") from error
        raise
    for file in before - {path.with_name(file.name) for file in files.values()}:
        with contextlib.suppress(OSError):  # nobody names it any more; that it stays is no failure
            file.unlink()


def _body_file(path: Path, place: int, body: Body, made: list[Path]) -> BodyFile:
    """Write a body into a file of its own; what was not there before is added to ``made``."""
    digest = sha256()

    def digested() -> Iterator[bytes]:
        for piece in ranges(body):
            digest.update(piece)
            yield piece

    with _beside(path) as unfinished:
        _fill(unfinished, digested())
        found = digest.hexdigest()
        file = path.with_name(f"{path.stem}.{place}-{found[:_DIGITS]}{_OF_A_BODY}")
        is_new = not file.exists()
        unfinished.replace(file)
    if is_new:
        made.append(file)
    return BodyFile(file.name, found)


def _bodies_of(path: Path) -> set[Path]:
    """Return the files that only the cassette at ``path`` can mean: those that were written with it."""
    try:
        tape = read(path)
    except InputError:  # there is none, or what lies there is no cassette
        return set()
    files = {one.body.path for one in tape.interactions if isinstance(one.body, FileBody)}
    return {file for file in files if file.name.startswith(f"{path.stem}.") and file.suffix == _OF_A_BODY}


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give the path of a file in the same folder, and see that none is left there."""
    unfinished = path.with_name(f".{uuid4().hex}{_UNFINISHED}")
    try:
        yield unfinished
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()


def _fill(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("xb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _make_certain(folder: Path) -> None:
    """Make a rename survive a power cut, where the system can."""
    with contextlib.suppress(OSError):
        place = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)
