"""Transcript → verdict.

Shapes come first. A chunk that breaks its shape is taken out, what is left is cut into turns, and every other rule is
asked of each turn, or of the whole stream. A rule that has nothing to look at is not exercised, which is never shown
as passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from harness.errors import InputError
from harness.protocol.compaction import Compactor
from harness.protocol.events import Event, readable
from harness.protocol.transcript import PROFILES, Profile, Transcript
from harness.rules import ALL, BY_ID, LAW, SHAPES
from harness.rules.rule import Finding, Level, Rule
from harness.rules.shape import malformed
from harness.rules.sound import SoundTranscript, kind_of, turns_of

DIALECT = "streamchunk"

Levels: TypeAlias = Mapping[str, Level | None]
"""Rules by id that have another level than their profile gives them; None is a rule that is switched off."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule, the level at which it was judged, and where it is broken."""

    rule: Rule
    level: Level
    finding: Finding


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a transcript is worth: every violation in the order of the chunks, and which rules were exercised at all.

    ``conforms`` is false as soon as a MUST is broken, or, with ``strict``, a SHOULD.
    """

    profile: Profile
    strict: bool
    violations: tuple[Violation, ...]
    exercised: tuple[str, ...]
    not_exercised: tuple[str, ...]

    @property
    def counting(self) -> tuple[Violation, ...]:
        """The violations that count: of a MUST, or, with ``strict``, of any level."""
        return self.violations if self.strict else self.of(Level.MUST)

    @property
    def conforms(self) -> bool:
        """Tell whether nothing is broken that counts."""
        return not self.counting

    def of(self, level: Level) -> tuple[Violation, ...]:
        """Return the violations of one level."""
        return tuple(violation for violation in self.violations if violation.level is level)


@dataclass(frozen=True, slots=True)
class Relevelled:
    """A rule whose level is not the profile's, because the configuration says so; None is not asked at all."""

    rule: str
    before: str | None
    after: str | None

    @property
    def change(self) -> Literal["raised", "lowered", "switched off"]:
        """What was done to it."""
        if self.after is None:
            return "switched off"
        return "lowered" if self.before == "MUST" else "raised"

    def __str__(self) -> str:
        to = f" to {self.after}" if self.after else ""
        return f"{self.rule} is {self.change}{to}; the profile says {self.before or 'nothing of it'}"


def judge(
    answer: Transcript | Iterable[Any],
    *,
    profile: Profile = "spec",
    strict: bool = False,
    levels: Levels | None = None,
    source: Iterable[dict[str, Any]] | None = None,
) -> Verdict:
    """Judge a transcript, or a list of chunks, by the law of its dialect.

    ``source`` are the source events that played the model; without them only what the chunks alone show is judged.
    ``levels`` raises, lowers or (None) switches off rules by id.

    Raises :class:`InputError` for a profile or a rule id that does not exist, and for an answer that is no list; never
    for what an implementation did.
    """
    asked = levels_asked(profile, levels or {})
    whole = _whole(answer, source)
    violations: list[Violation] = []
    exercised: list[str] = []
    not_exercised: list[str] = []

    def judged(rule: Rule, views: tuple[SoundTranscript, ...]) -> list[Finding]:
        """Ask a rule of each view, and note the answer where the rule counts; a broken shape is broken in any case."""
        findings: list[Finding] = []
        applied = False
        for view in views:
            if rule.applies(view):
                applied = True
                findings += rule.check(view)
        if (level := asked.get(rule.id)) is not None:
            (exercised if applied else not_exercised).append(rule.id)
            if findings:
                violations.extend([Violation(rule, level, finding) for finding in findings])
        return findings

    operation = whole.stimulus.operation
    shapes = [rule for rule in SHAPES if operation in rule.operations]
    broken = frozenset(finding.chunk for rule in shapes for finding in judged(rule, (whole,))) | malformed(whole)
    sound = _without(whole, broken) if broken else whole
    turns = turns_of(whole, broken)
    for rule in LAW:
        if rule.id not in asked or whole.scope not in rule.scopes or operation not in rule.operations:
            continue
        if rule.needs_source and whole.stimulus.events is None:
            not_exercised.append(rule.id)
        else:
            judged(rule, turns if rule.by_turn else (sound,))
    violations.sort(key=_place)
    return Verdict(profile, strict, tuple(violations), tuple(exercised), tuple(not_exercised))


def _place(violation: Violation) -> tuple[bool, int]:
    """Sort by chunk; what concerns the whole stream comes last."""
    number = violation.finding.chunk
    return (number is None, number or 0)


def levels_asked(profile: Profile, levels: Levels) -> Mapping[str, Level]:
    """Return the level of every rule that is asked under a profile, where ``levels`` says otherwise for some.

    Raises :class:`InputError` for a profile or a rule that does not exist, and for what is no level.
    """
    if profile not in PROFILES:
        raise InputError(f"there is no profile {profile!r}; the profiles are {', '.join(PROFILES)}")
    if not isinstance(levels, Mapping):
        raise InputError(f"levels maps rule ids to a Level or None; seen: {type(levels).__name__}")
    for id_, level in levels.items():
        if id_ not in BY_ID:
            raise InputError(f"there is no rule {id_!r}; `streamchunk rules` lists them")
        if not isinstance(level, Level | None):
            raise InputError(f"the level of {id_} is a Level or None; seen: {level!r}")
    asked = _OF_PROFILE[profile]
    if not levels:
        return asked
    return {id_: level for id_, level in {**asked, **levels}.items() if level is not None}


def relevelled(profile: Profile, levels: Levels) -> tuple[Relevelled, ...]:
    """Return what ``levels`` change of a profile, by rule; raises as :func:`levels_asked` does."""
    before, after = levels_asked(profile, {}), levels_asked(profile, levels)
    changes = ((id_, before.get(id_), after.get(id_)) for id_ in sorted(levels))
    return tuple(Relevelled(id_, old and old.value, new and new.value) for id_, old, new in changes if old is not new)


_OF_PROFILE: dict[Profile, dict[str, Level]] = {
    profile: {rule.id: rule.levels[profile] for rule in ALL if profile in rule.levels} for profile in PROFILES
}


def _whole(answer: Transcript | Iterable[Any], source: Iterable[dict[str, Any]] | None) -> SoundTranscript:
    transcript = answer if isinstance(answer, Transcript) else _transcript(answer)
    if transcript.dialect != DIALECT:
        raise InputError(f"there is no law for the dialect {transcript.dialect!r}; the dialect is {DIALECT}")
    stimulus = transcript.stimulus
    return SoundTranscript(
        transcript.records,
        transcript.ending,
        replace(stimulus, events=_read(stimulus.events if source is None else source)),
        transcript.scope,
        transcript.framing,
        transcript.dialect,
        transcript.result,
        transcript.exchanges,
    )


def _read(events: Iterable[Any] | None) -> tuple[Event, ...] | None:
    return None if events is None else tuple(map(readable, _listed(events, "a source is a list of source events")))


def _transcript(chunks: Iterable[Any]) -> Transcript:
    compactor = Compactor()
    wanted = "what is judged is a transcript or a list of chunks"
    return Transcript(tuple([compactor.feed(chunk) for chunk in _listed(chunks, wanted)]))


def _listed(values: Iterable[Any], wanted: str) -> Iterable[Any]:
    """Refuse what is no list, also where Python could step through it."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise InputError(f"{wanted}; seen: {type(values).__name__}")
    return values


def _without(whole: SoundTranscript, broken: frozenset[int | None]) -> SoundTranscript:
    """Return the whole stream without its broken chunks, remembering their types."""
    return replace(
        whole,
        records=tuple(record for record in whole.records if record.number not in broken),
        broken=frozenset(kind_of(record.chunk) for record in whole.records if record.number in broken),
    )
