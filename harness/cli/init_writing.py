"""Several files are written, or none: what is in the way is found first, and a failure leaves everything as it was."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from harness.errors import InputError

NOTHING = "nothing was written"


def in_the_way(folder: Path, names: Mapping[str, str]) -> list[str]:
    """Return which of these are there already, as a file, a folder or a link."""
    return [name for name in names if os.path.lexists(folder / name)]


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write every file, in place of one that is there; raises :class:`InputError` where one cannot be, and writes none.

    All are written beside their places before the first takes its own.
    """
    for name in files:
        if (folder / name).is_dir():
            raise InputError(f"{name} cannot be written: it is a folder; {NOTHING}")
    with contextlib.ExitStack() as undone:
        staged = [(name, _staged(folder / name, text, name, undone)) for name, text in files.items()]
        for number, (name, path) in enumerate(staged):
            with _translated(name, f"of {len(staged)} files {number} were written" if number else NOTHING):
                path.replace(folder / name)
        undone.pop_all()


def _staged(place: Path, text: str, name: str, undone: contextlib.ExitStack) -> Path:
    with _translated(name):
        missing = [parent for parent in place.parents if not parent.exists()]
        for parent in reversed(missing):
            parent.mkdir()
            undone.callback(_remove_folder, parent)
        with NamedTemporaryFile(
            "w", dir=place.parent, prefix=f".{place.name}.", encoding="utf-8", newline="\n", delete=False
        ) as file:
            undone.callback(Path(file.name).unlink, missing_ok=True)
            file.write(text)
        path = Path(file.name)
        path.chmod(0o666 & ~_umask())
        return path


def _remove_folder(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.rmdir()


def _umask() -> int:
    """Return the mask that new files are made with: temporary ones are made for their owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def _translated(name: str, so_far: str = NOTHING) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{name} cannot be written: {error.strerror or error}; {so_far}") from None
