"""What would make a list of known failures right: the entries that it lacks, and the patterns that it can keep."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from harness.results.known import Review
from harness.results.result import Failed, Held, NotApplicable
from harness.suite.expectations import Entry
from harness.suite.selection import matches


def additions(results: Iterable[Held], loaded: Collection[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return a rule and patterns for all that counts against a case and is not listed, sorted by rule.

    ``area/*`` and ``*`` stand only where no case of the loaded suite that they match holds to the rule, is listed
    already or was not selected; cases that were not applicable do not matter. What is listed by an entry that has
    expired is left out: somebody set the date so that a person looks again. So are cases without a transcript, of which
    nothing is known.
    """
    cases: dict[str, set[str]] = {}
    neutral: set[str] = set()
    for result in results:
        if isinstance(result, NotApplicable):
            neutral.add(result.case.id)
        elif isinstance(result, Failed):
            for rule in result.counting - {entry.rule for entry in result.listed}:
                cases.setdefault(rule, set()).add(result.case.id)
    return [(rule, covering(cases[rule], loaded, neutral)) for rule in sorted(cases)]


def kept(
    entries: Sequence[Entry], review: Review, loaded: Collection[str], neutral: Collection[str] = ()
) -> list[list[list[str]]]:
    """Return for each entry, for each of its patterns, what stands in its place so that nothing of it is stale.

    Nothing stands in the place of a pattern that matches no case, or of which every case is stale or ``neutral``, as
    those are that were not applicable. Any other case of which the run tells nothing stays listed.
    """
    stale = {one.entry.number: frozenset(one.names) for one in review.objections if one.fault == "stale"}
    unmatched = {one.entry.number: frozenset(one.names) for one in review.objections if one.fault == "unmatched"}
    taken = {(entry.rule, pattern) for entry in entries for pattern in entry.patterns}  # none may be listed twice
    left: list[list[list[str]]] = []
    for entry in entries:
        gone, idle = stale.get(entry.number, frozenset()), unmatched.get(entry.number, frozenset())
        left.append([])
        for pattern in entry.patterns:
            matched = {id_ for id_ in loaded if matches(id_, pattern)} if gone else set()
            place = [] if pattern in idle else [pattern]
            if matched & gone:
                left_over = covering(matched - gone - {*neutral}, loaded, neutral)
                place = [one for one in left_over if (entry.rule, one) not in taken]
                taken |= {(entry.rule, one) for one in place}
            left[-1].append(place)
    return left


def covering(wanted: Collection[str], loaded: Collection[str], neutral: Collection[str] = ()) -> tuple[str, ...]:
    """Return the fewest of ``*``, ``area/*`` and ids that match all ids of ``wanted``, and of others only neutral ones.

    One case alone is named by its id.
    """
    unwanted = set(loaded) - set(wanted) - set(neutral)
    areas: dict[str, list[str]] = {}
    for id_ in sorted(wanted):
        areas.setdefault(_area(id_), []).append(id_)
    if len(areas) > 1 and not unwanted:
        return ("*",)
    closed = {_area(id_) for id_ in unwanted}
    return tuple(
        pattern
        for area, ids in areas.items()
        for pattern in ([f"{area}/*"] if len(ids) > 1 and area not in closed else ids)
    )


def _area(id_: str) -> str:
    return id_.partition("/")[0]
