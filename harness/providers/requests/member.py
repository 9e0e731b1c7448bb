"""A request's body, read with trust in nothing: every value knows its path, so that an error can say where."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from harness.errors import InputError
from harness.protocol.json_text import decoded
from harness.providers.exact_text import json_text, parsed_json

UNREAD = "$unread"
"""The member of ``ModelRequest.extra`` that keeps, by their paths, the parts that the neutral form has no word for."""

_LONGEST = 40  # of a word that an error repeats: errors never carry a body (G4)
_MOST = 64 * 1024 * 1024


Unread: TypeAlias = dict[str, Any]
"""What stands under :data:`UNREAD`, while it is collected."""


@dataclass(frozen=True, slots=True)
class Member:
    """A JSON value of a body and its path in it, such as ``messages[1].content``; a member that is missing is null.

    Each method that asks for a type raises :class:`InputError` where the value has another one.
    """

    value: Any
    path: str = ""

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
        key = next((key for key in keys if found.get(key) is not None), keys[0])
        return Member(found.get(key), f"{self.path}.{key}" if self.path else key)

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
            yield Member(item, f"{self.path}[{place}]")

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

    def put_aside(self, unread: Unread) -> None:
        """Keep this value under its path among what the neutral form has no word for; null is nothing to keep."""
        if self.is_there:
            unread[self.path] = self.value

    def json(self) -> str:
        """Return the JSON text of this value, its numbers in the letters in which they came."""
        return json_text(self.value)


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


def untold(body: Mapping[str, Any], told: Collection[str]) -> dict[str, Any]:
    """Return what is left of an object without the members told elsewhere, named by their paths (``text.format``).

    An object that this empties is left out with them, and so is whatever stands in the place of such an object.
    """
    names = {path for path in told if "." not in path}
    inner: dict[str, list[str]] = {}
    for path in told:
        first, dot, rest = path.partition(".")
        if dot:
            inner.setdefault(first, []).append(rest)
    kept: dict[str, Any] = {}
    for name, value in body.items():
        if name in inner and isinstance(value, dict):
            if left := untold(value, inner[name]):
                kept[name] = left
        elif name not in names and name not in inner:
            kept[name] = value
    return kept


def extra_of(body: Member, told: Collection[str], unread: Unread) -> dict[str, Any]:
    """Return the ``extra`` of a request: the members of its body that are told nowhere, and what is unread."""
    return untold(body.object(), told) | ({UNREAD: unread} if unread else {})


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
