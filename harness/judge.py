"""Transcript → verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Profile, Stimulus, Transcript
from harness.rules import ALL
from harness.rules.rule import Finding, Level, Rule


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule, the level at which it was judged, and where it is broken."""

    rule: Rule
    level: Level
    finding: Finding


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a transcript is worth: every violation, and which rules were exercised at all.

    ``conforms`` is false as soon as a MUST is broken, or, with ``strict``, a SHOULD.
    """

    profile: Profile
    strict: bool
    violations: tuple[Violation, ...]
    exercised: tuple[str, ...]
    not_exercised: tuple[str, ...]

    @property
    def conforms(self) -> bool:
        """Tell whether nothing is broken that counts."""
        return not (self.violations if self.strict else self.of(Level.MUST))

    def of(self, level: Level) -> tuple[Violation, ...]:
        """Return the violations of one level."""
        return tuple(violation for violation in self.violations if violation.level is level)


def judge(
    answer: Transcript | Iterable[Any],
    *,
    profile: Profile = "spec",
    strict: bool = False,
    levels: Mapping[str, Level | None] | None = None,
    source: Iterable[dict[str, Any]] | None = None,
) -> Verdict:
    """Judge a transcript, or a list of chunks, by the law of its dialect.

    ``source`` are the source events that played the model; without them only what the chunks alone show is judged.
    ``levels`` raises, lowers or (None) switches off rules by id. Never raises for what an implementation did.
    """
    transcript = answer if isinstance(answer, Transcript) else _transcript(answer)
    if source is not None:
        transcript = Transcript(
            transcript.records,
            transcript.ending,
            Stimulus(transcript.stimulus.request, tuple(source)),
            transcript.scope,
            transcript.framing,
            transcript.dialect,
        )
    violations: list[Violation] = []
    exercised: list[str] = []
    not_exercised: list[str] = []
    for rule in ALL:
        level = (levels or {}).get(rule.id, rule.levels.get(profile))
        if level is None or transcript.scope not in rule.scopes:
            continue
        if not rule.applies(transcript):
            not_exercised.append(rule.id)
            continue
        exercised.append(rule.id)
        violations += [Violation(rule, level, finding) for finding in rule.check(transcript)]
    violations.sort(key=lambda violation: (violation.finding.chunk is None, violation.finding.chunk or 0))
    return Verdict(profile, strict, tuple(violations), tuple(exercised), tuple(not_exercised))


def _transcript(chunks: Iterable[Any]) -> Transcript:
    compactor = Compactor()
    return Transcript(tuple(compactor.feed(chunk) for chunk in chunks))
