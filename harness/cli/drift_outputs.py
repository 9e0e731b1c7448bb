"""What an implementation makes of recorded answers, and in what two of these differ.

An answer is played over loopback, as ``streamchunk run`` does; an implementation that asks no provider by itself is
given the events that are in it. Compared is what ids, times and the cutting of texts leave: which chunks there are and
in which order, their members, finish reasons, errors, the shape of what they say (:mod:`harness.cli.drift_contents`),
and the rules that are broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from harness import runner
from harness.cassettes.compression import decoded_body
from harness.cli.drift_contents import content_changes
from harness.drivers.driver import Driver, Implementation
from harness.judge import Verdict
from harness.protocol.events import worded
from harness.protocol.transcript import Stimulus, Transcript
from harness.providers.message import Message
from harness.providers.shape import Shape, kind_of
from harness.providers.shape_changes import Change, kind_changes, member_changes, told_difference
from harness.results import Errored, NotApplicable
from harness.suite import recorded, tapes
from harness.suite.case import Case
from harness.suite.given import Events, Http
from harness.suite.refusal import refused
from harness.suite.stimulus import decoded

_MARK = "$"
"""What begins the members that a transcript adds to a chunk, or keeps in place of a text."""


@dataclass(frozen=True, slots=True)
class Output:
    """What an implementation made of one answer, and which rules that breaks; or why there is nothing to compare.

    ``is_fault`` tells that it should have answered, and not that it does not offer to.
    """

    transcript: Transcript | None
    verdict: Verdict | None
    reason: str = ""
    is_fault: bool = False


class _Kept:
    """A driver that keeps the transcript which it gave last."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.transcript: Transcript | None = None

    @property
    def implementation(self) -> Implementation:
        return self._driver.implementation

    def ask(self, stimulus: Stimulus, timeout: float) -> Transcript:
        self.transcript = None
        self.transcript = self._driver.ask(stimulus, timeout)
        return self.transcript

    def close(self) -> None:
        self._driver.close()


def outputs(path: Path, driver: Driver, timeout: float) -> Iterator[Output]:
    """Ask an implementation about each answer of a cassette, in their order.

    Raises :class:`InputError` for a file that is no cassette, and for an answer of which nobody says what wire it
    speaks or that cannot be played.
    """
    kept = _Kept(driver)
    cases = [_askable(case, driver.implementation) for case in recorded.load([str(path)], runner.check)]
    profile = driver.implementation.profile or "spec"
    for result in runner.run(cases, kept, profile=profile, timeout=timeout):
        if isinstance(result, Errored | NotApplicable):
            yield Output(None, None, result.reason, is_fault=isinstance(result, Errored))
        else:
            yield Output(kept.transcript, result.verdict)


def output_changes(old: Output, new: Output, *, exact: bool = False) -> Iterator[Change]:
    """Yield in what two outputs differ, with ``exact`` in words and values too; both must have a transcript."""
    if old.transcript is None or new.transcript is None:
        raise AssertionError("there is nothing to compare")
    shapes = _shape(old.transcript), _shape(new.transcript)
    yield from kind_changes(*shapes, "chunk")
    for what, told in _FACTS.items():
        yield from told_difference(what, told(old.transcript), told(new.transcript))
    yield from content_changes(old.transcript.got, new.transcript.got, exact=exact)
    yield from member_changes(*shapes)
    yield from told_difference("broken rules", _broken(old.verdict), _broken(new.verdict))


def _askable(case: Case, implementation: Implementation) -> Case:
    """Return the case, or one with the events of its answer where that is all that the implementation takes."""
    if case.operation in implementation.operations or "transform" not in implementation.operations:
        return case
    if not isinstance(case.given, Http):
        raise AssertionError("a recorded answer is played over HTTP")  # noqa: TRY004 - a bug of ours, no wrong argument
    [answer] = case.given.answers
    played = tapes.interaction(answer.cassette or "", answer.interaction)
    events = refused(decoded(case.given.wire, decoded_body(played), case.id), played.status)
    return case.model_copy(update={"operation": "transform", "given": Events(events=worded(events))})


def _shape(transcript: Transcript) -> Shape:
    shape = Shape()
    for record in transcript.records:
        chunk = record.chunk
        if isinstance(chunk, dict):
            chunk = {name: value for name, value in chunk.items() if not name.startswith(_MARK)}
        shape.add(Message("", chunk))
    return shape


def _order(transcript: Transcript) -> str:
    """Return the kinds of chunks in order, each run of a kind told once: a text may be cut in any way."""
    kinds = (kind_of(Message("", record.chunk)) for record in transcript.records)
    return ", ".join(kind for kind, _ in groupby(kinds))


def _ending(transcript: Transcript) -> str:
    error = transcript.ending.error
    return transcript.ending.kind + (f" ({error.get('name')})" if error else "")


_FACTS: Mapping[str, Callable[[Transcript], str | None]] = {
    "order of chunks": _order,
    "ending": _ending,
}


def _broken(verdict: Verdict | None) -> str | None:
    if verdict is None:
        return None
    rules = {f"{violation.level.value} {violation.rule.id}" for violation in verdict.violations}
    return ", ".join(sorted(rules)) or None
