"""Interactions → a cassette on the disk: written beside, made certain, then renamed, so that no file is ever half one.

A long body goes into a file of its own, which is called after its content: so the old cassette keeps the bodies that it
names until the new one stands in its place. A cassette takes the place of a regular file or of nothing: a rename would
put it in place of a device too, and of the link where somebody meant what it leads to.
"""

from __future__ import annotations

import contextlib
import os
import stat
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
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


class Taken(InputError):
    """Something lies at the path already, and nothing was written over it."""


def check_place(path: Path) -> None:
    """Raise :class:`InputError` where something lies at ``path`` that no cassette may take the place of.

    That is all but a regular file: a folder, a device, a pipe, a socket; a symbolic link too, wherever it leads, since
    the files of long bodies lie beside a cassette and not beside a link to it. Superusers are told the same.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL character
        raise InputError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}") from None
    if stat.S_ISLNK(mode):
        raise InputError(f"{path}: cannot be written: it is a symbolic link; name the file that it leads to")
    if not stat.S_ISREG(mode):
        what = next((word for is_one, word in _KINDS if is_one(mode)), "no regular file")
        raise InputError(f"{path}: cannot be written: it is {what}")


def write(path: Path, interactions: Sequence[Interaction], provenance: Provenance | None, *, over: bool = True) -> None:
    """Write a cassette in place of the file at ``path``, if there is one, with the files of its long bodies beside it.

    Nothing in an interaction is changed or hidden: whoever recorded it has redacted it before. The folder is made where
    it is missing. Without ``over`` it is for the one who is first: raises :class:`Taken` where anything lies there,
    also if it came while we wrote. Raises :class:`InputError` that names the path where :func:`check_place` or the disk
    refuses; the old cassette is then whole, and of the new one nothing is left.
    """
    if not interactions:
        raise AssertionError("a cassette holds at least one interaction")
    made: list[Path] = []
    if over:
        check_place(path)
    elif os.path.lexists(path):
        raise _taken(path)
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
            if over:
                unfinished.replace(path)
            else:
                _take(unfinished, path)
        _make_certain(path.parent)
    except BaseException as error:
        # Whoever was faster may have written the same body, and means our file.
        for file in set(made) - (_bodies_of(path) if isinstance(error, Taken) else set()):
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


def _take(unfinished: Path, path: Path) -> None:
    """Give a file its name, unless somebody has it; the name leads to a whole file from its first moment on."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        raise _taken(path) from None
    except OSError:  # a file system without links: then the name is taken first, for a moment without content
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            raise _taken(path) from None
        try:
            unfinished.replace(path)
        except BaseException:
            path.unlink()
            raise


def _taken(path: Path) -> Taken:
    return Taken(f"{path}: is there already")


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
        check_place(file)
        is_new = not file.exists()
        unfinished.replace(file)
    if is_new:
        made.append(file)
    return BodyFile(file.name, found)


def _bodies_of(path: Path) -> set[Path]:
    """Return the files that only the cassette at ``path`` can mean: those that were written with it."""
    if not path.is_file():  # opening a pipe would wait for whoever writes to it
        return set()
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
