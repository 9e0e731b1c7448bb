"""Known failures as JSON, and as the sentences that every report says of them."""

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import TypedDict  # pydantic prints schemas of these only, before Python 3.12

from harness.results import Entry, Errored, Failed, Known, Objection, Unasked

_MOST_NAMES = 5


class KnownEntry(TypedDict):
    """An entry of the list of known failures: its place in the file from 1, what it lists, and until when.

    ``text`` is the reason with all that is told beside it.
    """

    entry: int
    rule: str
    reason: str
    link: str | None
    owner: str | None
    expires: str | None
    expired: bool
    flaky: bool
    text: str


class KnownFailureEntry(KnownEntry):
    """The same, with the number of cases in which what it lists was found."""

    cases: int


class ObjectionEntry(TypedDict):
    """What is wrong with an entry of the list, as a sentence and in its parts.

    ``names`` are the cases that no longer break the rule (stale), the patterns that match no case (unmatched), or the
    cases that were asked though the entry had expired.
    """

    fault: str
    entry: int
    rule: str
    names: list[str]
    text: str


class UnaskedEntry(TypedDict):
    """Patterns of an entry of which this run tells nothing, since no case that they match was judged by its rule."""

    entry: int
    rule: str
    patterns: list[str]
    text: str


def known_entry(entry: Entry) -> KnownEntry:
    """Return an entry of the list as JSON."""
    return {
        "entry": entry.number,
        "rule": entry.rule,
        "reason": entry.reason,
        "link": entry.link,
        "owner": entry.owner,
        "expires": entry.expires,
        "expired": entry.expired,
        "flaky": entry.flaky,
        "text": details(entry),
    }


def objection_entry(objection: Objection) -> ObjectionEntry:
    """Return what is wrong with an entry as JSON."""
    entry = objection.entry
    return {
        "fault": objection.fault,
        "entry": entry.number,
        "rule": entry.rule,
        "names": list(objection.names),
        "text": objection_text(objection),
    }


def unasked_entry(unasked: Unasked) -> UnaskedEntry:
    """Return of what this run tells nothing as JSON."""
    entry = unasked.entry
    return {
        "entry": entry.number,
        "rule": entry.rule,
        "patterns": list(unasked.patterns),
        "text": f"{entry}: no case of {some(unasked.patterns)} was judged by it in this run, so nothing is known",
    }


def objection_text(objection: Objection) -> str:
    """Return what is wrong with an entry of the list as a sentence."""
    entry, names = objection.entry, some(objection.names)
    match objection.fault:
        case "stale":
            return f"{entry}: listed, but not broken in {names}"
        case "unmatched":
            return f"{entry}: no case of this suite matches {names}"
        case "expired":
            return f"{entry}: expired on {entry.expires}: {details(entry, is_over=True)}"


def details(entry: Entry, *, is_over: bool = False) -> str:
    """Return why a failure is known, and where to read more; ``is_over`` where it was told that it has expired."""
    more = (
        entry.link,
        entry.owner,
        f"until {entry.expires}" if entry.expires and not is_over else None,
        "flaky" if entry.flaky else None,
    )
    told = ", ".join(one for one in more if one)
    return f"{entry.reason} ({told})" if told else entry.reason


def unlisted(result: Failed | Errored | Known) -> tuple[str, ...]:
    """Return what counts against a case and is not known, in the words of an expectations file."""
    found = result.found if isinstance(result, Known) else result
    return tuple(sorted(found.counting - {entry.rule for entry in result.listed if not entry.expired}))


def some(names: Sequence[str]) -> str:
    """Return the first of many names, and how many there are besides."""
    rest = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")
