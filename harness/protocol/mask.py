r"""Marks in place of secrets, however they are spelled, in JSON and in the nouns that hold it.

A mark has the length of its secret and is the same wherever the secret stands: ``key-1____``. Where a secret looks like
a provider's key its mark does too, ``sk-key-1____``, so that rules which know keys by their look judge it the same. A
secret is found as it is, JSON-escaped (``\/``, ``\u004b``, also in JSON text that is itself a JSON text) and
percent-encoded, and its mark is the same in all of these, since whoever decodes them gets the same secret. A mark that
is masked again stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import partial
from itertools import count
from typing import Any
from urllib.parse import quote, unquote_plus

from harness.protocol.script import Exchange
from harness.protocol.text import units

_FAMILY = r"(?:(?:sk|pk|rk|gsk|xai)[-_]|AIza)"
_MARK = re.compile(rf"{_FAMILY}?key-(\d+)[_*]*")
_TELLING = 12
"""So many characters in a row that also stand in a key are a piece of it."""
_LONGEST_SPELLED = 2_000
"""A key of more characters is looked for as it stands: it is some token of letters that nobody escapes."""

_LOOKS_LIKE_A_KEY = re.compile(rf"()(\b{_FAMILY}[A-Za-z0-9_-]{{20,}})|(?i:(\bBearer\s+)([A-Za-z0-9._~+/=-]{{16,}}))")


class Mask:
    """What is secret in one transcript, and how values are freed of it.

    ``proofs`` are credentials. ``private`` is what else is nobody's business but may hold common words, so that a piece
    of it tells nothing. Marks are numbered in the order given.
    """

    def __init__(self, proofs: Iterable[str], private: Iterable[str] = ()) -> None:
        proofs = tuple(dict.fromkeys(proofs))
        known = tuple(dict.fromkeys((*proofs, *private)))
        taken = {int(mark[1]) for secret in known if (mark := _MARK.fullmatch(secret))}
        numbers = (number for number in count(1) if number not in taken)
        marks = {secret: _mark(secret, next(numbers)) for secret in known if not _MARK.fullmatch(secret)}
        self._marks = [
            (secret, re.compile(_spelled(secret)), mark)
            for secret, mark in sorted(marks.items(), key=lambda item: -len(item[0]))
        ]
        self._pieces = {
            secret[at : at + _TELLING]
            for secret in proofs
            if secret in marks
            for at in range(len(secret) - _TELLING + 1)
        }

    def __bool__(self) -> bool:
        """Tell whether there is anything to hide."""
        return bool(self._marks)

    def text(self, said: str) -> str:
        """Return a text with a mark in place of each secret, as long as the secret by itself is."""
        for secret, spelled, mark in self._marks:
            escaped = "\\" in said or "%" in said
            said = spelled.sub(mark, said) if escaped else said.replace(secret, mark)
        return said

    def spread(self, texts: Sequence[str]) -> list[str]:
        """Return texts that are one text cut into pieces, none longer or shorter than before."""
        whole = "".join(texts)
        hidden = self._as_long(whole)
        if len(hidden) != len(whole):  # a secret beyond 16 bits: nobody can say where its mark is to be cut
            return [self._as_long(text) for text in texts]
        starts = [0]
        for text in texts:
            starts.append(starts[-1] + len(text))
        return [hidden[start : start + len(text)] for start, text in zip(starts, texts, strict=False)]

    def target(self, target: str) -> str:
        """Return a path and query, or a URL; a value of the query is compared as it is read."""
        path, mark, query = target.partition("?")
        return f"{self.text(path)}{mark}{'&'.join(map(self._parameter, query.split('&')))}"

    def raw(self, body: bytes) -> bytes:
        """Return bytes that hold text, or something around it."""
        return self.text(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def of(self, value: Any) -> Any:
        """Return JSON, bytes, a dataclass or a tuple of such, without secrets."""
        return self._mapped(value, self.text)

    def excerpt(self, said: str) -> str:
        """Return a text that is shown to people: without pieces of keys too, and without what looks like a key.

        What is shown may have been cut in the middle of a key, and a key may be one that nobody sent.
        """
        said = self.text(said)
        covered = {place for piece in self._pieces for at in _places(piece, said) for place in range(at, at + _TELLING)}
        if covered:
            said = "".join("*" if place in covered else letter for place, letter in enumerate(said))
        return _LOOKS_LIKE_A_KEY.sub(_starred, said)

    def excerpts(self, value: Any) -> Any:
        """Return the same as :meth:`of`, with every text fit to be shown to people."""
        return self._mapped(value, self.excerpt)

    def _as_long(self, said: str) -> str:
        for _, spelled, mark in self._marks:
            said = spelled.sub(partial(_as_long_as, mark), said)
        return said

    def _parameter(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        read = unquote_plus(value)
        hidden = self.text(read)
        return self.text(pair) if hidden == read else f"{self.text(name)}{equals}{quote(hidden, safe='*')}"

    def _mapped(self, value: Any, text: Callable[[str], str]) -> Any:
        if isinstance(value, str):
            return text(value)
        if isinstance(value, bytes):
            return self.raw(value)
        if isinstance(value, Mapping):
            return {self._mapped(key, text): self._mapped(item, text) for key, item in value.items()}
        if isinstance(value, list | tuple):
            items = [self._mapped(item, text) for item in value]
            if isinstance(value, list):
                return items
            return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
        if is_dataclass(value) and not isinstance(value, type):
            known = {one.name: self._mapped(getattr(value, one.name), text) for one in fields(value)}
            if isinstance(value, Exchange):
                known["target"] = text(self.target(value.target))
            return replace(value, **known)
        return value


def _mark(secret: str, number: int) -> str:
    family = re.match(rf"({_FAMILY})[A-Za-z0-9_-]{{20,}}", secret)
    blank = "_" if re.fullmatch(r"[\w.~+/=-]+", secret, re.ASCII) else "*"
    return f"{family[1] if family else ''}key-{number}".ljust(units(secret), blank)


def _spelled(secret: str) -> str:
    """Return a pattern of every way to write a secret: each letter by itself, escaped, or percent-encoded."""
    return "".join(map(_letter, secret)) if len(secret) <= _LONGEST_SPELLED else re.escape(secret)


def _letter(letter: str) -> str:
    r"""Return the ways to write one letter; no two are ways to read the same text, so none makes the search slow.

    A backslash is therefore looked for as it is: ``\\\\`` might be two of them, or one that is escaped.
    """
    encoded = letter.encode("utf-16-be", "surrogatepass")
    numbers = "".join(rf"\\{{1,8}}u(?i:{encoded[at : at + 2].hex()})" for at in range(0, len(encoded), 2))
    percents = "".join(f"(?i:%{byte:02x})" for byte in letter.encode("utf-8", "surrogatepass"))
    if letter == "\\":
        return re.escape(letter)
    short = "/" if letter == "/" else json.dumps(letter)[2:-1]
    escaped = rf"|\\{{1,8}}{re.escape(short)}" if len(short) == 1 else ""
    return f"(?:{re.escape(letter)}{escaped}|{numbers}|{percents})"


def _places(piece: str, said: str) -> Iterable[int]:
    at = said.find(piece)
    while at >= 0:
        yield at
        at = said.find(piece, at + 1)


def _as_long_as(mark: str, match: re.Match[str]) -> str:
    return mark.ljust(units(match[0]), mark[-1])


def _starred(match: re.Match[str]) -> str:
    kept, key = (match[1], match[2]) if match[2] else (match[3], match[4])
    if _MARK.fullmatch(key):
        return match[0]
    return kept + "*" * len(key)
