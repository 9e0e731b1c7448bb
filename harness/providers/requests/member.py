"""A request's body, read with trust in nothing: every value knows its path, so that an error can say where."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.errors import InputError
from harness.protocol.json_text import decoded
from harness.providers.exact_text import json_text, parsed_json

UNREAD = "$unread"
"""The member of ``ModelRequest.extra`` that keeps, by their paths, the parts that the neutral form has no word for."""

_LONGEST = 40  # of a word that an error repeats: errors never carry a body (G4)
_MOST = 64 * 1024 * 1024


@dataclass(slots=True, eq=False)
class Seen:
    """What was read of a value: its members and elements that were asked for, each with what was read of it.

    A value of which nothing was asked for was taken as it is. ``names`` are the names that :meth:`Member.renamed` gave.
    """

    inner: dict[str | int, Seen] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    is_aside: bool = False
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A JSON value of a body and its path in it, such as ``messages[1].content``; a member that is missing is null.

    Each method that asks for a type raises :class:`InputError` where the value has another one. Every member that is
    asked for is noted, so that those nobody asked for can be told in the end (:func:`extra_of`).
    """

    value: Any
    path: str = ""
    seen: Seen = field(default_factory=Seen, repr=False, compare=False)

    @property
    def is_there(self) -> bool:
        """Tell whether there is anything but null."""
        return self.value is not None

    def wrong(self, expected: str) -> InputError:
        """Return the error that says where this stands, what it is, and what the API has there."""
        return InputError(f"{self.path or 'the body'} is {_kind(self.value)}, where the API has {expected}")

    def at(self, *keys: str) -> Member:
        """Return the first member that is there of this object, by its names; null where none is."""
        found = self.object()
        return self._inner(next((key for key in keys if found.get(key) is not None), keys[0]))

    def _inner(self, key: str) -> Member:
        path = f"{self.path}.{key}" if self.path else key
        return Member(self.object().get(key), path, self.seen.inner.setdefault(key, Seen()))

    def members(self) -> Iterator[tuple[str, Member]]:
        """Yield every member of this object with its name."""
        for name in self.object():
            yield name, self._inner(name)

    def renamed(self, names: Mapping[str, str]) -> Member:
        """Return this object with the new names of some members; of two that get one name, one that is there counts."""
        made: dict[str, Any] = {}
        for key, value in self.object().items():
            name = names.get(key, key)
            if value is not None or name not in made:
                made[name] = value
        self.seen.names = names
        return Member(made, self.path, self.seen)

    def inside(self, *keys: str) -> Member:
        """Return what stands at a path of objects; an empty object where one of them is missing."""
        found = self
        for key in keys:
            inner = found.at(key)
            found = inner if inner.is_there else Member({}, inner.path)
        return found

    def object(self) -> dict[str, Any]:
        """Return this object."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return self.value

    def each(self) -> Iterator[Member]:
        """Yield the elements of this list."""
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        for place, item in enumerate(self.value):
            yield Member(item, f"{self.path}[{place}]", self.seen.inner.setdefault(place, Seen()))

    def listed(self) -> Member:
        """Return the list of this value alone, for an API that takes one thing for the list of it."""
        return Member([self.value], self.path, Seen({0: self.seen}))

    def each_if_there(self) -> Iterator[Member]:
        """Yield the elements of this list; of null, none."""
        return self.each() if self.is_there else iter(())

    def text(self) -> str:
        """Return this text."""
        if not isinstance(self.value, str):
            raise self.wrong("text")
        return self.value

    def word(self) -> str:
        """Return this text, which says nothing if it is empty: an id, a name, a place."""
        if not self.text():
            raise self.wrong("a text that is not empty")
        return self.text()

    def text_or_none(self) -> str | None:
        """Return this text, or None for null."""
        return self.text() if self.is_there else None

    def number(self) -> int | float | None:
        """Return this number, or None for null."""
        if self.value is None or (isinstance(self.value, int | float) and not isinstance(self.value, bool)):
            return self.value
        raise self.wrong("a number")

    def kind(self) -> str:
        """Return the ``type`` of this object, ``""`` where it names none."""
        return self.at("type").text_or_none() or ""

    def unknown(self) -> InputError:
        """Return the error that says that the API has no such word here, or for an object no such ``type``."""
        said, word = ("is", self.value) if isinstance(self.value, str) else ("is of the type", self.kind())
        return InputError(f"{self.path} {said} {word[:_LONGEST]!r}, which the API does not have there")

    def stands_for(self, words: Mapping[str, str]) -> str:
        """Return what this text stands for, which is one of the API's words."""
        said = self.text()
        if said not in words:
            raise self.unknown()
        return words[said]

    def put_aside(self) -> None:
        """Keep this value under its path among what the neutral form has no word for, though it was looked at."""
        self.seen.is_aside = True

    def json(self) -> str:
        """Return the JSON text of this value, its numbers in the letters in which they came; that tells all of it."""
        return json_text(self.whole())

    def whole(self) -> Any:
        """Return this value to be told as it is, all of it, though some of it was looked at."""
        self.seen.is_whole = True
        return self.value


def body_of(headers: Iterable[tuple[str, str]], body: bytes) -> Member:
    """Return the object that a request's body holds, unpacked where its ``Content-Encoding`` is gzip.

    Raises :class:`InputError` for a body that is no JSON object, and for any other coding.
    """
    codings = [value.strip().lower() for name, value in headers if name.lower() == "content-encoding"]
    for coding in reversed([coding for coding in codings if coding not in {"", "identity"}]):
        body = _unpacked(coding, body)
    try:
        text = body.decode()
        decoded(text)  # refuses what nests too deep for those who will compare it
        value = parsed_json(text)
    except ValueError as error:
        raise InputError(f"the body cannot be read: {error}") from None
    if not isinstance(value, dict):
        raise Member(value).wrong("an object")
    return Member(value)


def extra_of(body: Member, told: Collection[str]) -> dict[str, Any]:
    """Return the ``extra`` of a request: what of its body is told nowhere else.

    ``told`` are the paths (``text.format.type``) whose values have a place of their own in the neutral form. Members
    beside them stand under their own names, an object that has members of both kinds without those that are told. A
    member that is told but was not read, as of two names for one thing, counts as beside. Within what is told, the
    members that nobody asked for, and what was put aside, stand under :data:`UNREAD` by their paths; null is nothing
    to keep.
    """
    unread: dict[str, Any] = {}
    extra = _beside(body, told, unread)
    return extra | ({UNREAD: unread} if unread else {})


def _beside(member: Member, told: Collection[str], unread: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, list[str]] = {}
    for path in told:
        first, _, rest = path.partition(".")
        inner.setdefault(first, []).append(rest)
    kept: dict[str, Any] = {}
    for name, value in member.object().items():
        if name not in inner or (value is not None and name not in member.seen.inner):
            kept[name] = value
            continue
        found = member.at(name)
        if "" in inner[name] or not isinstance(value, dict):
            unread.update(_unread(found))
        elif left := _beside(found, inner[name], unread):
            kept[name] = left
    return kept


def _unread(member: Member) -> Iterator[tuple[str, Any]]:
    """Yield what of a value was put aside or not asked for, by paths; a value that was taken as it is has none."""
    seen, value = member.seen, member.value
    if value is None or seen.is_whole or not (seen.is_aside or seen.inner):
        return
    if seen.is_aside:
        yield member.path, value
    elif isinstance(value, list):
        for item in member.each():
            yield from _unread(item)
    elif isinstance(value, dict):
        asked_for = set(seen.inner)
        for name, inner in member.renamed(seen.names).members():
            if name in asked_for:
                yield from _unread(inner)
            elif inner.is_there:
                yield inner.path, inner.value


def _unpacked(coding: str, body: bytes) -> bytes:
    if coding not in {"gzip", "x-gzip"}:
        raise InputError(f"the body is coded as {coding[:_LONGEST]!r}, which is not read here")
    unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = unpacking.decompress(body, _MOST)
    except zlib.error as error:
        raise InputError(f"the body is not gzip, as its Content-Encoding says: {error}") from None
    if not unpacking.eof:
        raise InputError(f"the body is cut gzip, or holds more than {_MOST} bytes")
    return plain


def _kind(value: Any) -> str:
    match value:
        case None:
            return "missing or null"
        case bool():
            return str(value).lower()
        case int() | float():
            return "a number"
        case "":
            return "an empty text"
        case str():
            return "text"
        case list():
            return "a list"
    return "an object"
