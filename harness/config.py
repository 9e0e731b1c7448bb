"""What a user's project says once for all runs: ``streamchunk.toml``, or ``[tool.streamchunk]`` of ``pyproject.toml``.

A flag beats the file, and the file beats what a shim declares. It is the nearest file in the current folder or above
it; a ``pyproject.toml`` without the table is passed over, and where a folder has both, ``streamchunk.toml`` counts and
the table is not read. A ``streamchunk.toml`` that cannot be read, such as a link to nothing, is a fault and not absent.
Paths, and the command of a ``stdio:`` target, are relative to the file's folder::

    target = "stdio:node shim.mjs"        # what `streamchunk run` asks if no TARGET is given
    profile = "tanstack"                  # or "spec"
    dialect = "streamchunk"               # the target's; or "ag-ui", which has no law yet: no case is applicable
    strict = false
    timeout = 30                          # seconds for one answer
    start-timeout = 30                    # seconds for the implementation to say who it is
    expectations = "expectations.toml"    # the known failures of the target
    cases = ["conformance/cases"]         # your own, with the cassettes, instead of the bundled suite
    cassettes = ["recorded"]              # files, folders, or bundled ones by name
    provider = "127.0.0.1:8788"           # http: targets: where the application looks for its provider
    wires = ["openai-chat"]               # http: targets: what it speaks to it

    [levels]                              # rules raised, lowered or switched off, by id
    TEXT-3 = "off"                        # or "MUST", "SHOULD"
"""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import InputError

FILE = "streamchunk.toml"
PYPROJECT = "pyproject.toml"
OFF = "off"
LONGEST_TIMEOUT = 86_400.0
"""Seconds; whoever needs more than a day needs something else."""

_TABLE = "streamchunk"  # below [tool]
_LEVELS = ("MUST", "SHOULD", OFF)


@dataclass(frozen=True, slots=True)
class Config:
    """What a file says, each value None (or empty) where it says nothing; ``file`` is None where there is no file.

    ``cases`` and ``expectations`` are paths from the current folder, and so are those of ``cassettes`` that lie beside
    the file; others are names. Times are in seconds. ``levels`` maps ids of rules, which nobody has looked up yet, to
    ``MUST``, ``SHOULD`` or ``off``. Names of profiles and wires are as they stand in the file: who knows them checks
    them, and says so with :meth:`fault`.
    """

    file: Path | None = None
    target: str | None = None
    profile: str | None = None
    dialect: str | None = None
    strict: bool | None = None
    timeout: float | None = None
    start_timeout: float | None = None
    expectations: Path | None = None
    cases: tuple[Path, ...] = ()
    cassettes: tuple[str, ...] = ()
    provider: str | None = None
    wires: tuple[str, ...] | None = None
    levels: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path | None:
        """The folder of the file, to which what it names is relative."""
        return None if self.file is None else self.file.parent

    @property
    def name(self) -> str | None:
        """The file as one would type it here."""
        return None if self.file is None else _shown(self.file)

    def place(self, key: str) -> str:
        """Return where a key of this file stands, for a message."""
        file = self.file or Path(FILE)
        return f"{_shown(file)}: {_within(file, key)}"

    def fault(self, key: str, wanted: str, seen: object) -> InputError:
        """Return what is wrong with a value of this file, to be raised."""
        return _fault(self.file or Path(FILE), key, wanted, seen)


NONE = Config()
"""What holds where there is no file."""


def nearest(start: Path) -> Config:
    """Return what the nearest file says, in ``start`` or above it, :data:`NONE` where there is none.

    Raises :class:`InputError` for a file that cannot be read, and for a key or a value that is none of ours.
    """
    for folder in (start, *start.parents):
        for name in (FILE, PYPROJECT):
            path = folder / name
            is_there = os.path.lexists(path) if name == FILE else _is_there(path)
            if is_there and (said := _table(path, may_be_absent=True)) is not None:
                return _config(path, said)
    return NONE


def read(path: Path) -> Config:
    """Return what this file says: of one that is called ``pyproject.toml`` its table, of another all of it.

    Raises :class:`InputError` as :func:`nearest` does, and for a ``pyproject.toml`` without the table.
    """
    return _config(path, _table(path, may_be_absent=False) or {})


def has_table(path: Path) -> bool:
    """Tell whether this ``pyproject.toml`` has a table of ours, also one in which something is wrong."""
    try:
        return _is_there(path) and _table(path, may_be_absent=True) is not None
    except InputError:  # what is wrong with it is ours, or may be
        return True


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder above us that may not be looked into is none of our business
        return False


def _table(path: Path, *, may_be_absent: bool) -> Mapping[str, Any] | None:
    """Return the keys that are ours, None where a ``pyproject.toml`` has no table of ours."""
    data = _bytes(path)
    is_pyproject = path.name == PYPROJECT
    if is_pyproject and may_be_absent and not _may_be_ours(data):
        return None  # not even looked at: that somebody else's file is broken is not for us to say
    try:
        text = data.decode("utf-8-sig")  # some editors of Windows begin a file with a byte order mark
    except UnicodeDecodeError as error:
        raise InputError(f"{_shown(path)}: cannot be read: {error}") from None
    try:
        whole = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        why = "it nests too deep" if isinstance(error, RecursionError) else error
        raise InputError(f"{_shown(path)}: is not TOML: {why}") from None
    if not is_pyproject:
        return whole
    tool = whole.get("tool")
    if not isinstance(tool, dict) or _TABLE not in tool:
        if may_be_absent:
            return None
        raise InputError(f"{_shown(path)}: has no table [tool.{_TABLE}]")
    table = tool[_TABLE]
    if not isinstance(table, dict):
        raise InputError(f"{_shown(path)}: tool.{_TABLE}: a table is wanted; seen: {_seen(table)}")
    return table


def _may_be_ours(data: bytes) -> bool:
    """Tell whether a ``pyproject.toml`` names us; one that is not UTF-8 does only by the header of our table."""
    try:
        return _TABLE in data.decode()
    except UnicodeDecodeError:
        return _HEADER.search(data) is not None


_HEADER = re.compile(rb"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*[\"']?" + _TABLE.encode() + rb"[\"'\]. \t]", re.MULTILINE)


def _bytes(path: Path) -> bytes:
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise InputError(f"{_shown(path)}: is no regular file")  # a pipe is waited for, and a device has no end
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{_shown(path)}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a name with a NUL character
        raise InputError(f"{_shown(path)}: cannot be read: {error}") from None


def _config(path: Path, said: Mapping[str, Any]) -> Config:
    for key in said:
        if key not in _KEYS:
            raise InputError(f"{_shown(path)}: {_within(path, key)}: is no key; the keys are {', '.join(_KEYS)}")
    values = {key.replace("-", "_"): _KEYS[key](_Value(path, key, value)) for key, value in said.items()}
    return Config(file=path, **values)


@dataclass(frozen=True, slots=True)
class _Value:
    """A value as it stands in a file, and where."""

    path: Path
    key: str
    value: Any

    def wanted(self, what: str) -> InputError:
        return _fault(self.path, self.key, what, self.value)

    def items(self, what: str) -> Iterator[_Value]:
        """Yield what a list holds, each with its place."""
        if not isinstance(self.value, list):
            raise self.wanted(what)
        for number, item in enumerate(self.value):
            yield _Value(self.path, f"{self.key}[{number}]", item)


def _said(one: _Value) -> str:
    if not isinstance(one.value, str) or not one.value.strip() or "\0" in one.value:
        raise one.wanted("a text")
    return one.value


def _switch(one: _Value) -> bool:
    if not isinstance(one.value, bool):
        raise one.wanted("true or false")
    return one.value


def _seconds(one: _Value) -> float:
    value = one.value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or math.isnan(value) or not 0 < value <= LONGEST_TIMEOUT:
        raise one.wanted(f"a number of seconds above 0, at most {LONGEST_TIMEOUT:.0f},")
    return float(value)


def _path(one: _Value) -> Path:
    return one.path.parent / _said(one)


def _paths(one: _Value) -> tuple[Path, ...]:
    return tuple(_path(item) for item in one.items("a list of paths"))


def _names(one: _Value) -> tuple[str, ...]:
    return tuple(_said(item) for item in one.items("a list of texts"))


def _cassettes(one: _Value) -> tuple[str, ...]:
    """Return each as a path where it lies beside the file, else as it stands, which may be a bundled one's name."""
    beside = ((item, _path(item)) for item in one.items("a list of paths or names"))
    return tuple(str(path) if path.exists() else _said(item) for item, path in beside)


def _levels(one: _Value) -> dict[str, str]:
    if not isinstance(one.value, dict):
        raise one.wanted('a table of rules, such as TEXT-3 = "off",')
    for id_, level in one.value.items():
        if level not in _LEVELS:
            raise _fault(one.path, f"{one.key}.{id_}", ", ".join(_LEVELS[:-1]) + f" or {_LEVELS[-1]}", level)
    return dict(one.value)


_KEYS: dict[str, Callable[[_Value], Any]] = {
    "target": _said,
    "profile": _said,
    "dialect": _said,
    "strict": _switch,
    "timeout": _seconds,
    "start-timeout": _seconds,
    "expectations": _path,
    "cases": _paths,
    "cassettes": _cassettes,
    "provider": _said,
    "wires": _names,
    "levels": _levels,
}
"""Every key, and what reads its value; the field of :class:`Config` has the name with underscores."""


def _fault(path: Path, key: str, wanted: str, seen: object) -> InputError:
    return InputError(f"{_shown(path)}: {_within(path, key)}: {wanted} is wanted; seen: {_seen(seen)}")


def _within(path: Path, key: str) -> str:
    """Return a key as it is found in the file: a ``pyproject.toml`` has ours below a table."""
    return f"tool.{_TABLE}.{key}" if path.name == PYPROJECT else key


def _seen(value: object) -> str:
    """Return a value for one line of a message; of a long one the beginning."""
    text = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else repr(value)
    return str(text)[:100]


def _shown(path: Path) -> str:
    """Return a path as one would type it here."""
    try:
        return os.path.relpath(path)
    except (OSError, ValueError):  # the current folder is gone, or on another drive
        return str(path)
