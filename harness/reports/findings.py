"""How violations are shown to a person, as a good compiler shows its errors, and to a machine. Pure formatting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol, TypeAlias

from harness.rules.rule import Finding, Level, Rule

LONGEST = 200
"""The most characters of what was expected, of what was seen, and of the source that are shown."""

_SHOWN_EACH = 3

Paint: TypeAlias = Callable[[str, str], str]
"""From a text and what it is (``MUST``, ``SHOULD``, ``good``, ``quiet``) to the text in its colour, or as it was."""


def plain(text: str, _: str) -> str:
    """Paint nothing."""
    return text


class Violated(Protocol):
    """What is shown of a violation (:class:`harness.judge.Violation`, which this room may not import)."""

    @property
    def rule(self) -> Rule:
        """The rule that is broken."""
        ...

    @property
    def level(self) -> Level:
        """The level at which it was judged."""
        ...

    @property
    def finding(self) -> Finding:
        """Where it is broken."""
        ...


@dataclass(frozen=True, slots=True)
class Origin:
    """The part of the source that a faulty chunk came from: bytes ``start`` to ``end`` of ``name``, and its text.

    ``start`` is None where the source is known only as events, without its bytes.
    """

    name: str
    text: str
    start: int | None = None
    end: int | None = None


def shown(text: str, longest: int = LONGEST) -> str:
    """Return a text fit for one line of a terminal: control characters and lone surrogates escaped, the rest cut.

    ``text`` may be any bytes that somebody sent, so nothing in it may move the cursor or change colours.
    """
    visible = escaped(text[: longest + 1])
    return visible if len(visible) <= longest else visible[: longest - 1] + "…"


def escaped(text: str, *, kept: str = "") -> str:
    """Return a text with every character that cannot be seen written as its code, but for those ``kept``."""
    return "".join(
        letter if letter.isprintable() or letter in kept else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


def finding_lines(
    name: str, violation: Violated, origin: Origin | None = None, *, paint: Paint = plain
) -> Iterator[str]:
    """Yield the lines that show one violation in a file called ``name``. Chunks are numbered from 0."""
    rule, level, finding = violation.rule, violation.level, violation.finding
    place = "the whole stream" if finding.chunk is None else f"chunk {finding.chunk}"
    path = f" at {shown(finding.path)}" if finding.path else ""
    yield f"{name}: {place}{path}: {paint(f'{level.value} {rule.id}', level.value)} ({', '.join(rule.sections)})"
    yield f"    {rule.requirement}"
    yield f"    expected  {shown(finding.expected)}"
    yield f"    seen      {shown(finding.seen)}"
    yield f"    why       {rule.why}"
    yield f"    mend      {rule.mend}"
    if origin is not None:
        where = "" if origin.start is None else f", bytes {origin.start} to {origin.end}"
        yield f"    source    {origin.name}{where}: {paint(shown(origin.text), 'quiet')}"


def violations_text(
    name: str,
    violations: Sequence[Violated],
    origin_of: Callable[[Finding], Origin | None],
    *,
    paint: Paint = plain,
) -> Iterator[str]:
    """Yield the lines that show all violations of one stream: of each rule the first three, and where the rest are."""
    left: dict[str, list[Violated]] = {}
    for violation in violations:
        same = left.setdefault(violation.rule.id, [])
        same.append(violation)
        if len(same) <= _SHOWN_EACH:
            yield from finding_lines(name, violation, origin_of(violation.finding), paint=paint)
    for id_, same in left.items():
        if rest := same[_SHOWN_EACH:]:
            chunks = [violation.finding.chunk for violation in rest if violation.finding.chunk is not None]
            places = f" in chunks {_ranges(chunks)}" if chunks else ""
            yield f"{name}: {paint(id_, rest[0].level.value)} is broken {len(rest)} times more{places}"


def violation_json(violation: Violated, origin: Origin | None = None) -> dict[str, Any]:
    """Return the same facts as one JSON object; texts are cut alike, chunks are numbered from 0."""
    rule, finding = violation.rule, violation.finding
    return {
        "rule": rule.id,
        "level": violation.level.value,
        "sections": list(rule.sections),
        "requirement": rule.requirement,
        "chunk": finding.chunk,
        "path": finding.path,
        "expected": shown(finding.expected),
        "seen": shown(finding.seen),
        "why": rule.why,
        "mend": rule.mend,
        "source": None
        if origin is None
        else {"name": origin.name, "start": origin.start, "end": origin.end, "text": shown(origin.text)},
    }


def _ranges(numbers: Sequence[int]) -> str:
    """Return ``4, 6–9 and 12 others`` for ascending numbers."""
    runs = []
    for _, run in groupby(enumerate(sorted(set(numbers))), key=lambda pair: pair[1] - pair[0]):
        first, *others = [number for _, number in run]
        runs.append(f"{first}–{others[-1]}" if others else str(first))
    return ", ".join(runs[:10]) + (f" and {len(runs) - 10} other places" if len(runs) > 10 else "")
