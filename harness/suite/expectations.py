"""Known failures: which rule an implementation is known to break in which cases, and why.

An expectations file is TOML, a list of tables ``[[known]]``::

    [[known]]
    cases = ["tool-calls/*", "text/one"]     # a case's id, an area, or a glob; one, or a list
    rule = "TOOL-3"                          # a rule's id; "expect" (checked by hand); "errored" (no transcript)
    reason = "counts calls as they complete"
    link = "https://example.com/issues/7"    # these four may be left out
    owner = "kim"
    expires = 2027-01-31                     # the last day on which it counts, in UTC
    flaky = true                             # it may break the rule or not; else it must

A failed case is *known* where everything is listed that counts against it. A listed case that does not break its rule
(*stale*), a pattern that matches no case, and an entry that has expired make a run red, as what is not listed does
(:mod:`harness.results.known`): a list that nobody keeps hides the next failure.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from harness.errors import InputError
from harness.suite.selection import matches

EXPECT = "expect"
"""Stands for a rule: something that was checked by hand for a case did not come out."""
ERRORED = "errored"
"""Stands for a rule: the implementation gave no transcript."""
UNEXPLAINED = "not yet explained"
"""The reason of an entry that a machine wrote; a person puts the real one in its place."""

_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class Entry:
    """One known failure; ``number`` is its place in the file, from 1.

    ``expires`` is a date as text (ISO 8601), and ``expired`` tells that it has passed: who reads the file knows the
    day.
    """

    number: int
    patterns: tuple[str, ...]
    rule: str
    reason: str
    link: str | None = None
    owner: str | None = None
    expires: str | None = None
    expired: bool = False
    flaky: bool = False

    def lists(self, id_: str) -> bool:
        """Tell whether it is about the case ``id_``."""
        return any(matches(id_, pattern) for pattern in self.patterns)

    def __str__(self) -> str:
        return f"known {self.number} ({self.rule})"


def parsed(text: str, name: str, *, rules: Collection[str], today: date) -> tuple[Entry, ...]:
    """Return the entries of an expectations file called ``name``, in their order.

    ``rules`` are the ids that there are. Raises :class:`InputError` that names the file and the entry: for text that is
    not TOML, a key that is missing, unknown or of the wrong kind, a rule that does not exist, and a rule that is listed
    twice with one pattern.
    """
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}: is not TOML: {error}") from None
    except RecursionError:
        raise InputError(f"{name}: is not TOML that anybody could read: it nests too deep") from None
    for key in whole:
        if key != "known":
            raise InputError(f"{name}: {key!r} is no key; known failures are tables [[known]]")
    tables = whole.get("known", [])
    if not isinstance(tables, list):
        raise InputError(f"{name}: known failures are tables [[known]], with two brackets")
    entries = tuple(_entry(table, number, name, rules, today) for number, table in enumerate(tables, 1))
    seen: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        for pattern in entry.patterns:
            if first := seen.get((entry.rule, pattern)):
                before = "in the same entry" if first is entry else f"by known {first.number}"
                raise InputError(f"{name}: {entry}: {pattern!r} is listed already {before}")
            seen[entry.rule, pattern] = entry
    return entries


def _entry(table: object, number: int, name: str, rules: Collection[str], today: date) -> Entry:
    where = f"{name}: known {number}"
    if not isinstance(table, dict):
        raise InputError(f"{where}: a table is wanted; seen: {_seen(table)}")
    for key in table:
        if key not in _KEYS:
            raise InputError(f"{where}: {key!r} is no key; the keys are {', '.join(_KEYS)}")
    for key in _REQUIRED:
        if key not in table:
            raise InputError(f"{where}: {key} is missing")
    rule = _text(table, "rule", where)
    if rule not in rules and rule not in {EXPECT, ERRORED}:
        known = f"`streamchunk rules` lists them, and there are {EXPECT!r} and {ERRORED!r}"
        raise InputError(f"{where}: rule: there is no rule {_seen(rule)}; {known}")
    expires = _value(table, "expires", where, date, "a date without quotes, such as 2027-01-31,")
    if isinstance(expires, datetime):
        raise _fault(where, "expires", "a date without a time", expires)
    flaky = _value(table, "flaky", where, bool, "true or false")
    return Entry(
        number=number,
        patterns=_patterns(table, where),
        rule=rule,
        reason=_text(table, "reason", where),
        link=_text(table, "link", where) if "link" in table else None,
        owner=_text(table, "owner", where) if "owner" in table else None,
        expires=None if expires is None else expires.isoformat(),
        expired=expires is not None and expires < today,
        flaky=bool(flaky),
    )


_REQUIRED = ("cases", "rule", "reason")
_KEYS = (*_REQUIRED, "link", "owner", "expires", "flaky")


def _patterns(table: Mapping[str, Any], where: str) -> tuple[str, ...]:
    cases = table["cases"]
    patterns = cases if isinstance(cases, list) else [cases]
    if not patterns or not all(isinstance(pattern, str) and pattern.strip() for pattern in patterns):
        raise _fault(where, "cases", "a pattern, or a list of patterns,", cases)
    return tuple(patterns)


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table[key]
    if not isinstance(value, str) or not value.strip():
        raise _fault(where, key, "a text", value)
    return value


def _value(table: Mapping[str, Any], key: str, where: str, kind: type[_Kind], wanted: str) -> _Kind | None:
    value = table.get(key)
    if value is not None and not isinstance(value, kind):
        raise _fault(where, key, wanted, value)
    return value


def _fault(where: str, key: str, wanted: str, value: object) -> InputError:
    return InputError(f"{where}: {key}: {wanted} is wanted; seen: {_seen(value)}")


def _seen(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return (str(value) if isinstance(value, date) else repr(value))[:100]
