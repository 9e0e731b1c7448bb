"""The law as a list, and one rule explained. Pure formatting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from harness.protocol.transcript import OVER_HTTP, PROFILES, STREAMS, Profile
from harness.reports.findings import Paint, plain, shown
from harness.rules.rule import Finding, Rule

_WIDTH = 100
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Example:
    """A stream that breaks one rule: the JSON of its source events and chunks, how it ended, and what is found.

    ``shared`` are members that all chunks have in common and that are left out of ``chunks``. ``given`` is what an
    operation was asked, where that is more than a stream of events, ``requests`` what its provider received.
    """

    scope: str
    operation: str
    given: str
    requests: Sequence[str]
    events: Sequence[str]
    chunks: Sequence[str]
    shared: Sequence[str]
    ending: str
    findings: Sequence[Finding]


def catalogue_lines(rules: Sequence[Rule], profiles: Sequence[Profile]) -> Iterator[str]:
    """Yield the catalogue as a table: id, level in each of ``profiles`` (``-`` where none asks), sections, sentence."""
    rows = [("rule", *profiles, "sections", "requirement")]
    rows += [(rule.id, *_levels(rule, profiles), " ".join(rule.sections), rule.requirement) for rule in rules]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    for *cells, last in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), last])


def catalogue_json(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Return the catalogue as JSON: all that is known of each rule."""
    return [
        {
            "rule": rule.id,
            "name": rule.name,
            "levels": {profile: level.value for profile, level in rule.levels.items()},
            "sections": list(rule.sections),
            "requirement": rule.requirement,
            "details": rule.details,
            "source": rule.source.value,
            "needsSource": rule.needs_source,
            "scopes": list(rule.scopes),
            "operations": list(rule.operations),
            "why": rule.why,
            "mend": rule.mend,
        }
        for rule in rules
    ]


def explanation(rule: Rule, example: Example, *, paint: Paint = plain) -> Iterator[str]:
    """Yield the lines that explain a rule, with an example that breaks it and what is found in it."""
    levels = zip(PROFILES, _levels(rule, PROFILES), strict=True)
    yield f"{rule.id}: {rule.requirement}"
    yield ""
    yield from _entry("level", ", ".join(f"{level} in profile {profile}" for profile, level in levels if level != "-"))
    yield from _entry("sections", ", ".join(rule.sections))
    yield from _entry("asked by", rule.source.value)
    yield from _entry("seen in", _seen_in(rule))
    yield from _entry("scopes", ", ".join(rule.scopes))
    yield from _entry("asked of", ", ".join(rule.operations))
    yield from _entry("why", rule.why)
    yield from _entry("mend it", rule.mend)
    for paragraph in filter(None, rule.details.split("\n\n")):
        yield ""
        yield from wrap(paragraph, _WIDTH)
    yield ""
    without = f"; {', '.join(example.shared)} are the same throughout and left out" if example.shared else ""
    yield f"This breaks {rule.id} (scope {example.scope}, {example.operation}{without}):"
    yield ""
    if example.given:
        yield f"  asked    {shown(example.given, _LONGEST)}"
    for request in example.requests:
        yield f"  received {shown(request, _LONGEST)}"
    for event in example.events if rule.needs_source else ():
        yield f"  source   {shown(event, _LONGEST)}"
    faulty = {finding.chunk for finding in example.findings}
    for number, chunk in enumerate(example.chunks):
        text = f"chunk {number:<2} {shown(chunk, _LONGEST)}"
        yield paint(f"> {text}", "MUST") if number in faulty else f"  {text}"
    yield f"  {example.ending}"
    for finding in example.findings:
        yield ""
        if finding.path:
            yield from _entry("at", finding.path)
        yield from _entry("expected", shown(finding.expected))
        yield from _entry("seen", shown(finding.seen))


def _seen_in(rule: Rule) -> str:
    """Say what one has to have to see it."""
    if set(rule.operations) <= set(OVER_HTTP):
        return "the requests that the provider received"
    chunks = "the chunks" if any(operation in STREAMS for operation in rule.operations) else "the answer"
    return f"{chunks} beside their source" if rule.needs_source else f"{chunks} alone"


def _entry(name: str, text: str) -> Iterator[str]:
    first, *rest = wrap(text, _WIDTH - 12) or [""]
    yield f"  {name:<10}{first}"
    for more in rest:
        yield f"  {'':<10}{more}"


def _levels(rule: Rule, profiles: Sequence[Profile]) -> list[str]:
    return [rule.levels[profile].value if profile in rule.levels else "-" for profile in profiles]
