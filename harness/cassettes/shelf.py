"""A folder to which recordings are added: each under a number and a name that tells what it is, none over another."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import urlsplit

from harness.cassettes.cassette import SUFFIX
from harness.cassettes.interaction import Interaction
from harness.cassettes.writing import Taken, write
from harness.errors import InputError

_NUMBERED = re.compile(r"(\d+)-.*")
_VERSION = re.compile(r"v\d+(?:alpha|beta)?\d*")
_NO_LETTER = re.compile(r"[^a-z0-9._]+")
_LONGEST = 80  # characters of a name, without its number: a path may hold anything


class Shelf:
    """A folder, made where it is not there; ``provider`` is what the names of its recordings begin with.

    Raises :class:`InputError` where nothing can be written in it.
    """

    def __init__(self, folder: Path, provider: str) -> None:
        self.folder = folder
        self._provider = provider
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                pass
            taken = [int(found[1]) for one in folder.iterdir() if (found := _NUMBERED.fullmatch(one.name))]
        except (OSError, ValueError) as error:  # the second: a name with a NUL character
            why = getattr(error, "strerror", None) or error
            raise InputError(f"{folder}: nothing can be recorded there: {why}") from error
        self._last = max(taken, default=0)

    def number(self) -> int:
        """Return the number of the next recording; numbers rise, and each is given once."""
        self._last += 1
        return self._last

    def keep(self, number: int, interaction: Interaction) -> Path:
        """Write one recording, and return its file, such as ``0001-openai-chat-completions.yaml``.

        Where somebody else has taken the name meanwhile, the next number is taken. The file is whole as soon as it has
        its name. Raises :class:`InputError` where it cannot be written; nothing of it is left then.
        """
        words = _words(self._provider, urlsplit(interaction.request.uri).path)
        while True:
            path = self.folder / f"{number:04d}-{words}{SUFFIX}"
            try:
                write(path, (interaction,), "recorded", over=False)
            except Taken:
                number = self.number()
            else:
                return path


def _words(provider: str, path: str) -> str:
    """Return what a recording is called, in letters that every file system takes."""
    parts = [provider, *(part for part in path.split("/") if part and not _VERSION.fullmatch(part))]
    return _NO_LETTER.sub("-", "-".join(parts).lower())[:_LONGEST].strip("-.")
