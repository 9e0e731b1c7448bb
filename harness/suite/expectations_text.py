"""The text of an expectations file, extended and narrowed: what a person wrote in it, and its order, stays.

A comment stays too, even above an entry that is taken out, since only its author knows what it is about; one on the
line of a pattern goes with that pattern. What is given is text that :func:`harness.suite.expectations.parsed` accepts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, Comment, Table

from harness.errors import InputError
from harness.suite.expectations import UNEXPLAINED

_HEAD = f"""\
# Failures that are known, so that a run is red only for what is new. Each is a rule that these cases break, and why:
# put the reason in place of "{UNEXPLAINED}". `streamchunk run --prune` takes out what does not fail any more.
"""


@dataclass(frozen=True, slots=True)
class Addition:
    """An entry to come: the rule that is broken, and patterns that match only cases which break it."""

    rule: str
    patterns: tuple[str, ...]


def extended(text: str, additions: Sequence[Addition], name: str) -> str:
    """Return the text with new entries behind all others; ``""`` gets a head that says what the file is.

    Raises :class:`InputError` where the file called ``name`` is written in a way that cannot be extended.
    """
    if not additions:
        return text
    document = _read(text, name)
    if _tables(document, name) is None and "known" in document:
        text = _without_the_key(document)
    before = (text or _HEAD).rstrip("\r\n")
    after = "\n".join([f"{before}\n"] * bool(before) + [_written(addition) for addition in additions])
    return after.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in text else after


def _written(addition: Addition) -> str:
    """Return the text of one new entry."""
    table = tomlkit.table()
    cases = tomlkit.array()
    cases.extend(addition.patterns)
    table["cases"] = cases.multiline(len(addition.patterns) > 1)
    table["rule"] = addition.rule
    table["reason"] = UNEXPLAINED
    document = tomlkit.document()
    document["known"] = tomlkit.aot()
    document["known"].append(table)
    return tomlkit.dumps(document)


def check(text: str, name: str) -> None:
    """Raise :class:`InputError` where the file called ``name`` is written in a way that cannot be rewritten."""
    _tables(_read(text, name), name)


def narrowed(text: str, kept: Sequence[Sequence[Sequence[str]]], name: str) -> str:
    """Return the text with other patterns: for each entry, for each of its patterns, those that stand in its place.

    A pattern in whose place nothing stands is taken out, and so is an entry without a pattern. Raises as
    :func:`extended` does.
    """
    document = _read(text, name)
    tables = _tables(document, name)
    if tables is None:
        return text
    for number in reversed(range(len(tables))):
        if any(kept[number]):
            _narrow(tables[number], kept[number])
        else:
            _take_out(document, tables, number)
    left = tomlkit.dumps(document)
    return left if tables else _without_the_key(tomlkit.parse(left))  # read again: comments were moved in the body


def _without_the_key(document: tomlkit.TOMLDocument) -> str:
    """Return the text of a list that is empty: ``known = []`` would be in the way of the tables to come."""
    document.remove("known")
    return tomlkit.dumps(document)


def _read(text: str, name: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:  # it is stricter than the standard library's reader
        raise InputError(f"{name}: cannot be rewritten: {error}") from None


def _tables(document: tomlkit.TOMLDocument, name: str) -> AoT | None:
    """Return the tables of a file, None where it has none."""
    tables = document.get("known")
    if tables is None or isinstance(tables, AoT):
        return tables
    if isinstance(tables, Array) and not tables:
        return None
    raise InputError(f"{name}: cannot be rewritten: write each known failure as a table [[known]] of its own")


def _narrow(table: Table, kept: Sequence[Sequence[str]]) -> None:
    cases = table["cases"]
    if not isinstance(cases, Array):
        if list(kept[0]) != [cases]:
            array = tomlkit.array()
            array.extend(kept[0])
            table["cases"] = array.multiline(len(kept[0]) > 1)
        return
    for place in reversed(range(len(kept))):
        match kept[place]:
            case []:
                del cases[place]
            case [only] if only == cases[place]:
                pass
            case [first, *others]:
                cases[place] = first
                for step, other in enumerate(others, 1):
                    cases.insert(place + step, other)


def _take_out(document: tomlkit.TOMLDocument, tables: AoT, number: int) -> None:
    """Take out a table; tomlkit counts the comments behind it, which stand above the next one, to it."""
    body = tables[number].value.body
    last = max(place for place, (key, _) in enumerate(body) if key is not None)
    left = body[last + 1 :]
    if any(isinstance(item, Comment) for _, item in left):
        if number:
            tables[number - 1].value.body.extend(left)
        else:
            place = next(place for place, (key, _) in enumerate(document.body) if key is not None)
            document.body[place:place] = left
    del tables[number]
