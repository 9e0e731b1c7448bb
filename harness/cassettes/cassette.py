"""One provider's answer, read from vcrpy's YAML.

The file is vcrpy's format, version 1, and vcrpy itself replays it; it passes over our two extra keys::

    version: 1
    provenance: synthetic            or recorded
    wire: openai-chat                which decoder reads the body
    interactions:
    - request: {method, uri, headers, body}
      response: {status: {code, message}, headers: {name: [value]}, body: {string: …}}

A body that is not plain text with LF line ends is written as ``!!binary`` or in double quotes: YAML folds CR, NEL and
U+2028 in a block of text into line ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from harness.errors import FixtureError
from harness.resources import folder

Provenance = Literal["synthetic", "recorded"]
_VERSION = 1
_SUFFIX = ".yaml"
_loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times as fast, but not always built in


@dataclass(frozen=True, slots=True)
class Request:
    """What the provider was asked; ``body`` is as it was sent, or empty."""

    method: str
    uri: str
    headers: Mapping[str, tuple[str, ...]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Cassette:
    """One exchange with a provider; ``body`` are the bytes of its answer, ``wire`` names the decoder that reads them.

    ``headers`` keep the provider's spelling; a name may have several values.
    """

    name: str
    wire: str
    provenance: Provenance
    request: Request
    status: int
    headers: Mapping[str, tuple[str, ...]]
    body: bytes


def names() -> list[str]:
    """Return the names of all bundled cassettes, sorted, such as ``openai/chat-text``."""
    root = folder("cassettes")
    return sorted(path.relative_to(root).with_suffix("").as_posix() for path in root.rglob(f"*{_SUFFIX}"))


def exists(name: str) -> bool:
    """Tell whether there is a bundled cassette of this name."""
    return _path(name) is not None


@cache
def load(name: str) -> Cassette:
    """Return the bundled cassette of this name; raises :class:`FixtureError` where it is missing or wrong."""
    path = _path(name)
    if path is None:
        raise FixtureError(f"there is no cassette {name!r}; the folder cassettes/ holds {len(names())} others")
    return read(path, name)


def _path(name: str) -> Path | None:
    root = folder("cassettes")
    path = root.joinpath(f"{name}{_SUFFIX}")
    return path if path.resolve().is_relative_to(root.resolve()) and path.is_file() else None


def read(path: Path, name: str) -> Cassette:
    """Read one cassette file; raises :class:`FixtureError` that names the file and the key at fault."""
    try:
        loaded = yaml.load(path.read_bytes(), Loader=_loader)  # noqa: S506 - both loaders are the safe ones
    except OSError as error:
        raise FixtureError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FixtureError(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
    try:
        return _cassette(loaded, name)
    except (_Wrong, UnicodeEncodeError) as wrong:  # the second: YAML's Python parser lets a lone surrogate in
        raise FixtureError(f"{path}: {wrong}") from None


class _Wrong(Exception):
    """Something in the file is not what the format asks for."""


def _cassette(loaded: Any, name: str) -> Cassette:
    version = _at(loaded, "version", int)
    if version != _VERSION:
        raise _Wrong(f"version: expected {_VERSION}, seen {version}")
    interactions = _at(loaded, "interactions", list)
    if len(interactions) != 1:
        raise _Wrong(f"interactions: expected one, seen {len(interactions)}")
    provenance = _at(loaded, "provenance", str)
    if provenance not in get_args(Provenance):
        raise _Wrong(f"provenance: expected one of {', '.join(get_args(Provenance))}, seen {provenance!r}")
    top = "interactions.0"
    return Cassette(
        name=name,
        wire=_at(loaded, "wire", str),
        provenance=provenance,
        request=Request(
            method=_at(loaded, f"{top}.request.method", str),
            uri=_at(loaded, f"{top}.request.uri", str),
            headers=_headers(loaded, f"{top}.request.headers"),
            body=_bytes(loaded, f"{top}.request.body"),
        ),
        status=_at(loaded, f"{top}.response.status.code", int),
        headers=_headers(loaded, f"{top}.response.headers"),
        body=_bytes(loaded, f"{top}.response.body.string"),
    )


def _at(value: Any, path: str, *kinds: type) -> Any:
    """Return what lies at a dotted path, if it is of one of the kinds."""
    for key in path.split("."):
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            raise _Wrong(f"{path}: is missing")
    if type(value) not in kinds:
        wished = " or ".join("nothing" if kind is type(None) else kind.__name__ for kind in kinds)
        raise _Wrong(f"{path}: expected {wished}, seen {type(value).__name__}")
    return value


def _bytes(value: Any, path: str) -> bytes:
    found = _at(value, path, str, bytes, type(None))
    return found.encode() if isinstance(found, str) else found or b""


def _headers(value: Any, path: str) -> dict[str, tuple[str, ...]]:
    """Return headers; vcrpy writes each value as a list, a person may write a plain text."""
    found: dict[str, tuple[str, ...]] = {}
    for name, given in _at(value, path, dict).items():
        values = given if isinstance(given, list) else [given]
        if not isinstance(name, str) or not all(isinstance(one, str) for one in values):
            raise _Wrong(f"{path}.{name}: expected text or a list of texts (quote what looks like a number)")
        found[name] = tuple(values)
    return found
