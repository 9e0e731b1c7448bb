"""A log's name → what came of it: read, paired with its source, judged. A bad log never keeps others from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from harness.cli.ending import Status
from harness.cli.files import pieces, title
from harness.cli.sources import Source, Unpaired, one_of, source_of
from harness.errors import InputError
from harness.judge import Levels, Verdict, judge
from harness.logs import read_logs
from harness.protocol.masking import mask_of
from harness.protocol.transcript import Profile, Scope, Transcript


@dataclass(frozen=True, slots=True)
class Judged:
    """One stream of one log, judged; ``source`` is why there is none, or None where none was asked for."""

    name: str
    transcript: Transcript
    verdict: Verdict
    source: Source | Unpaired | None

    @property
    def status(self) -> Status:
        """What a run of this stream alone exits with."""
        if not self.verdict.exercised:
            return Status.NOTHING
        return Status.CONFORMS if self.verdict.conforms else Status.VIOLATIONS


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A log that could not be judged, and why."""

    name: str
    reason: str
    status: Status = Status.UNREADABLE


class Judging:
    """How logs are to be judged.

    ``levels`` raises, lowers or switches off rules by id; ``sources`` names the files that may be each one's source.
    """

    def __init__(  # noqa: PLR0913 - one for each option of the command
        self,
        *,
        profile: Profile,
        scope: Scope | None,
        strict: bool,
        levels: Levels,
        sources: Mapping[str, tuple[str, ...]] | None,
        wire: str | None,
    ) -> None:
        self._profile: Profile = profile
        self._scope: Scope | None = scope
        self._strict = strict
        self._levels = levels
        self._sources = sources
        self._wire = wire
        self._read: dict[str, Source] = {}

    def of(self, name: str, advance: Callable[[int], None]) -> Iterator[Judged | Unreadable]:
        """Yield what became of each stream in the log ``name``; ``advance`` is told the bytes that were read."""
        label = title(name)
        try:
            transcripts = read_logs(pieces(name, advance), scope=self._scope)
            sources = self._candidates(name)
        except InputError as error:
            yield Unreadable(label, str(error))
            return
        for number, transcript in enumerate(transcripts):
            stream = label if len(transcripts) == 1 else f"{label} (stream {number})"
            try:
                yield self._judged(stream, transcript, None if sources is None else one_of(sources, transcript))
            except InputError as error:
                yield Unreadable(stream, str(error))

    def _candidates(self, name: str) -> list[Source] | None:
        """Return what may be the source of a log, or None where none was asked for; each file is read once."""
        if self._sources is None:
            return None
        for path in self._sources[name]:
            if path not in self._read:
                self._read[path] = source_of(path, self._wire)
        return [self._read[path] for path in self._sources[name]]

    def _judged(self, name: str, transcript: Transcript, source: Source | Unpaired | None) -> Judged:
        if isinstance(source, Source):
            stimulus = replace(transcript.stimulus, events=source.events, made_ids=source.made_ids)
            transcript = replace(transcript, stimulus=stimulus)
        verdict = judge(transcript, profile=self._profile, strict=self._strict, levels=self._levels)
        mask = mask_of(transcript)  # what is found is printed, and a log that others wrote may hold a key
        found = (replace(one, finding=mask.excerpts(one.finding)) for one in verdict.violations)
        return Judged(name, transcript, replace(verdict, violations=tuple(found)), source)
