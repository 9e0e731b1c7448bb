"""A member of somebody else's file: read for what it should be, or refused by its place."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.cassettes.parsing import LONGEST_PAUSE, Misshapen, kind_of

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Member:
    """A value and its place, such as ``log.entries.3.request``; every method raises :class:`Misshapen`.

    A member that is not there is one too, so that a place can be asked for before anybody knows of it; null counts as
    not there.
    """

    value: Any = field(repr=False)
    at: str = ""

    def __getitem__(self, key: str) -> Member:
        """Return a member of an object."""
        if not isinstance(self.value, Mapping):
            raise self.wrong("an object")
        return Member(self.value.get(key, _MISSING), f"{self.at}.{key}" if self.at else key)

    @property
    def is_there(self) -> bool:
        """Whether there is anything but null."""
        return self.value is not _MISSING and self.value is not None

    def items(self) -> Iterator[Member]:
        """Yield the items of a list."""
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        for place, item in enumerate(self.value):
            yield Member(item, f"{self.at}.{place}" if self.at else str(place))

    def members(self) -> Iterator[tuple[str, Member]]:
        """Yield the members of an object, whose names are text."""
        if not isinstance(self.value, Mapping):
            raise self.wrong("an object")
        for name in self.value:
            if not isinstance(name, str):
                raise self.wrong("an object whose names are text")
            yield name, self[name]

    def text(self, default: str | None = None) -> str:
        """Return a text, or the default where nothing is there."""
        if default is not None and not self.is_there:
            return default
        if not isinstance(self.value, str):
            raise self.wrong("text")
        return self.value

    def status(self) -> int:
        """Return an HTTP status."""
        if type(self.value) is not int or not 100 <= self.value <= 999:
            raise self.wrong("an HTTP status of three digits")
        return self.value

    def seconds(self) -> float:
        """Return milliseconds as seconds; 0 where nobody knows them, as -1 says, and at most a day."""
        if not self.is_there:
            return 0.0
        if type(self.value) not in (int, float):
            raise self.wrong("a number of milliseconds")
        if not self.value > 0:  # which NaN is not either
            return 0.0
        return LONGEST_PAUSE if self.value >= LONGEST_PAUSE * 1000 else math.floor(self.value * 1000) / 1_000_000

    def sent(self) -> bytes:
        """Return a body: text, bytes, or nothing; of half a surrogate pair, which no body has, U+FFFD is left."""
        if isinstance(self.value, bytes):
            return self.value
        text = self.text("")
        try:
            return text.encode()
        except UnicodeEncodeError:
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()

    def unpacked(self) -> bytes:
        """Return what a base64 text stands for."""
        try:
            packed = self.value if isinstance(self.value, bytes) else self.text().encode("ascii")
            return base64.b64decode(b"".join(packed.split()), validate=True)
        except ValueError:  # binascii's and Unicode's are such
            raise self.wrong("base64") from None

    def from_hex(self) -> bytes:
        """Return what a text of hex digits stands for."""
        try:
            return bytes.fromhex(self.text())
        except ValueError:
            raise self.wrong("hex digits") from None

    def as_json(self) -> bytes:
        """Return the JSON of a value that somebody read from a body."""
        try:
            return json.dumps(self.value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
        except (TypeError, ValueError, RecursionError):
            raise self.wrong("what JSON can say") from None

    def headers(self) -> dict[str, tuple[str, ...]]:
        """Return headers whose values are texts or lists of texts."""
        found = {}
        for name, member in self.members() if self.is_there else ():
            values = member.items() if isinstance(member.value, list) else (member,)
            found[name] = tuple(value.text() for value in values)
        return {name: values for name, values in found.items() if values}

    def wrong(self, wished: str) -> Misshapen:
        """Return the error for a value that is not what is wished for."""
        if self.value is _MISSING:
            return Misshapen(f"{self.at}: is missing")
        seen = "an object" if isinstance(self.value, Mapping) else kind_of(self.value)
        return Misshapen(f"{self.at + ': ' if self.at else ''}expected {wished}, seen {seen}")


def joined_headers(pairs: Iterator[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return headers by name, those of one name in any spelling together, without HTTP/2's pseudo headers."""
    found: dict[str, tuple[str, ...]] = {}
    spelled: dict[str, str] = {}
    for name, value in pairs:
        if not name or name.startswith(":"):
            continue
        key = spelled.setdefault(name.lower(), name)
        found[key] = (*found.get(key, ()), *value.split("\n"))  # as browsers join what came in several lines
    return found
