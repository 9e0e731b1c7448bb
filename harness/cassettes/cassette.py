"""A file of interactions with a provider, in vcrpy's YAML, version 1.

vcrpy itself replays it, and passes over what we say beside its own keys::

    version: 1
    provenance: synthetic            or recorded, recorded-parsed
    wire: openai-chat                which decoder reads the bodies
    interactions:
    - request: {method, uri, headers, body}
      response: {status: {code, message}, headers: {name: [value]}, body: {string: …}}
      streamchunk:
        wire: …                      where it is not the file's
        head_pause_ms: 812.5
        framing: chunked             or length, close
        ending: end                  or fin, reset: the connection broke with the body still open
        pieces: [[120, 0], [48, 31.2]]      bytes, and the milliseconds before them; of very many: 120@0 48@31.2 …
        body_file: NAME              for a body above 8 MiB, in a file beside this one; its `string` is then empty
        body_length: 104857600
        body_sha256: …
        redacted: [xxxx0000XXXX]    what stands in this request in place of secrets, and may be any text of its length

A body that is not plain text with LF line ends is written as ``!!binary`` or in double quotes: YAML folds CR, NEL and
U+2028 in a block of text into line ends. A ``content-encoding`` beside a body that is text is passed over: vcrpy with
requests or aiohttp keeps the header, and the body as the client unpacked it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.cassettes.compression import decoded_body
from harness.cassettes.interaction import Interaction, Request
from harness.cassettes.loading import plain
from harness.cassettes.parsing import Misshapen, Provenance, interactions_of, provenance_of
from harness.errors import FixtureError, InputError
from harness.resources import folder

SUFFIX = ".yaml"
"""What the files end with, bundled ones and those that we write."""

SUFFIXES = (SUFFIX, ".yml")
"""What the name of a cassette ends with where only the name tells: in a folder, and as an output."""


@dataclass(frozen=True, slots=True)
class Cassette:
    """One or more exchanges with a provider, in the order in which they were made.

    ``provenance`` is None where the file does not say. The properties speak of the only interaction, and raise
    :class:`FixtureError` where there are several, which no cassette of the suite has.
    """

    name: str
    provenance: Provenance | None
    interactions: tuple[Interaction, ...]

    @property
    def only(self) -> Interaction:
        """The only interaction."""
        if len(self.interactions) != 1:
            raise FixtureError(f"the cassette {self.name} holds {len(self.interactions)} interactions, not one")
        return self.interactions[0]

    @property
    def wire(self) -> str:
        """The name of the decoder that reads the body; raises :class:`FixtureError` where the file does not say."""
        if self.only.wire is None:
            raise FixtureError(f"the cassette {self.name} does not say which wire it speaks")
        return self.only.wire

    @property
    def request(self) -> Request:
        """What the provider was asked."""
        return self.only.request

    @property
    def status(self) -> int:
        """The answer's status."""
        return self.only.status

    @property
    def headers(self) -> Mapping[str, tuple[str, ...]]:
        """The answer's headers, in the provider's spelling."""
        return self.only.headers

    @property
    def body(self) -> bytes:
        """The whole body, freed of its compression; raises :class:`FixtureError` where that is broken."""
        try:
            return decoded_body(self.only)
        except InputError as error:
            raise FixtureError(f"the cassette {self.name}: {error}") from error


def names() -> list[str]:
    """Return the names of all bundled cassettes, sorted, such as ``openai/chat-text``."""
    root = folder("cassettes")
    return sorted(path.relative_to(root).with_suffix("").as_posix() for path in root.rglob(f"*{SUFFIX}"))


def exists(name: str) -> bool:
    """Tell whether there is a bundled cassette of this name."""
    return path_of(name) is not None


def path_of(name: str) -> Path | None:
    """Return the file of a bundled cassette, or None where there is none of this name."""
    root = folder("cassettes")
    path = root.joinpath(f"{name}{SUFFIX}")
    try:
        return path if path.resolve().is_relative_to(root.resolve()) and path.is_file() else None
    except (OSError, ValueError):  # a name that is too long, or has a NUL character
        return None


@cache
def load(name: str) -> Cassette:
    """Return the bundled cassette of this name; raises :class:`FixtureError` where it is missing or wrong."""
    path = path_of(name)
    if path is None:
        raise FixtureError(f"there is no cassette {name!r}; the folder cassettes/ holds {len(names())} others")
    try:
        return read(path, name)
    except InputError as error:
        raise FixtureError(str(error)) from error


def read(path: Path, name: str | None = None) -> Cassette:
    """Read one cassette file, called ``name`` or after its path.

    Bodies above 8 MiB stay in their files. Raises :class:`InputError` that names the file and the key at fault.
    """
    data = plain(path)
    try:
        interactions = interactions_of(data, path.parent)
        return Cassette(str(path) if name is None else name, provenance_of(data), interactions)
    except Misshapen as wrong:
        raise InputError(f"{path}: {wrong}") from None
