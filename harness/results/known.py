"""Results held against the known failures: what is known, and what of the list itself is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from harness.results.result import Errored, Failed, Held, Known, NotApplicable, Passed, Result
from harness.suite.expectations import ERRORED, EXPECT, Entry
from harness.suite.selection import matches

Fault = Literal["stale", "unmatched", "expired"]


@dataclass(frozen=True, slots=True)
class Objection:
    """What is wrong with an entry of the list, which makes a run red though no case failed by it.

    ``names`` are the cases that were judged and do not break the rule (stale), the patterns that match no case
    (unmatched), or the cases that were asked while it had expired.
    """

    fault: Fault
    entry: Entry
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unasked:
    """Patterns of an entry of which this run tells nothing: no case that they match was judged by the entry's rule."""

    entry: Entry
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """What a run tells of the list of known failures in ``file``, and how many entries that has."""

    file: str
    entries: int
    objections: tuple[Objection, ...]
    unasked: tuple[Unasked, ...]


def held(result: Result, entries: Iterable[Entry]) -> Held:
    """Return the result as the list of known failures sees it: known, or failed with what of it is listed."""
    if not isinstance(result, Failed | Errored):
        return result
    listing = [entry for entry in entries if entry.rule in result.counting and entry.lists(result.case.id)]
    by_rule: dict[str, Entry] = {}
    for entry in listing:
        first = by_rule.get(entry.rule)
        if first is None or (first.expired and not entry.expired):
            by_rule[entry.rule] = entry
    listed = tuple(by_rule.values())
    if result.counting == {entry.rule for entry in listed if not entry.expired}:
        return Known(result.case, result, listed)
    return replace(result, listed=listed) if listed else result


def reviewed(
    results: Sequence[Held], entries: Sequence[Entry], *, file: str, loaded: Collection[str], rules: Collection[str]
) -> Review:
    """Return what is wrong with the list, and of what it says nothing can be told.

    ``loaded`` are the ids of the whole suite that was loaded, also of cases that were not selected; ``rules`` those
    that count in this run. An entry is stale where a case broke its rule at no level: a warning is enough, so one file
    serves runs with and without ``strict``. Nothing is told by a case that was not asked, by one without a transcript
    (but of ``errored``), and by a rule that does not count.
    """
    broken = {result.case.id: _broken(result) for result in results if not isinstance(result, NotApplicable)}
    objections: list[Objection] = []
    unasked: list[Unasked] = []
    for entry in entries:
        unmatched, silent, told = [], [], dict[str, None]()
        for pattern in entry.patterns:
            matched = [id_ for id_ in loaded if matches(id_, pattern)]
            telling = [id_ for id_ in matched if id_ in broken and _tells(entry.rule, broken[id_], rules)]
            told.update(dict.fromkeys(telling))
            if not matched:
                unmatched.append(pattern)
            elif not telling:
                silent.append(pattern)
        stale = [] if entry.flaky else [id_ for id_ in told if entry.rule not in broken[id_]]
        faults: Mapping[Fault, Iterable[str]] = {
            "stale": stale,
            "unmatched": unmatched,
            "expired": told if entry.expired else (),
        }
        objections += [Objection(fault, entry, tuple(names)) for fault, names in faults.items() if names]
        if silent:
            unasked.append(Unasked(entry, tuple(silent)))
    return Review(file, len(entries), tuple(objections), tuple(unasked))


def _broken(result: Passed | Failed | Errored | Known) -> frozenset[str]:
    """Return all that a case broke, at any level, in the words of an expectations file."""
    if isinstance(result, Known):
        result = result.found
    if isinstance(result, Errored):
        return frozenset({ERRORED})
    rules = frozenset(one.rule.id for one in result.verdict.violations)
    return rules | {EXPECT} if isinstance(result, Failed) and result.mismatches else rules


def _tells(rule: str, broken: frozenset[str], rules: Collection[str]) -> bool:
    """Tell whether a case that was asked says anything of a rule."""
    if rule == ERRORED:
        return True
    return ERRORED not in broken and (rule == EXPECT or rule in rules)
