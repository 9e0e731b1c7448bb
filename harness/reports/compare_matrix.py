"""The same cases asked of several implementations: who answered what, and where their answers part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from harness.protocol.transcript import Profile, Transcript
from harness.reports.comparison import Parting, parting
from harness.results import Errored, Failed, NotApplicable, Passed, Result

Outcome = Literal["passed", "failed", "errored", "not applicable"]
State = Literal["equal", "alike", "parted", "not compared"]
"""Of one case: all answers are equal; equal but for how they are split or worded; some part; fewer than two answers."""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
STATES: tuple[State, ...] = get_args(State)

_PAIR = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the implementations that are compared: the ``label`` in the table, the target, and its own name."""

    label: str
    target: str
    name: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What became of one case at one implementation.

    ``broken`` are the rules that count against it, and ``expect`` for what was checked by hand; ``reason`` says why
    there is no answer. Answers of one ``group``, a letter from A, do not part; it is empty where there is none.
    """

    outcome: Outcome
    broken: tuple[str, ...] = ()
    reason: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Apart:
    """Where the answers of two implementations part, told by their places in the table."""

    one: int
    other: int
    parting: Parting


@dataclass(frozen=True, slots=True)
class Row:
    """One case: a cell for each implementation, and where each further group parts from the first.

    Where no answers part, ``apart`` has a note for each that is split or worded otherwise than the first.
    """

    id: str
    title: str
    sections: tuple[str, ...]
    cells: tuple[Cell, ...]
    state: State
    apart: tuple[Apart, ...]

    @property
    def wants_attention(self) -> bool:
        """Tell whether its answers part, or one that should be there is missing."""
        return self.state == "parted" or any(cell.outcome == "errored" for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A whole comparison; every case has a row."""

    asked: tuple[Asked, ...]
    profile: Profile
    strict: bool
    rows: tuple[Row, ...]

    def counted(self, state: State) -> int:
        """Return how many cases are in a state."""
        return sum(row.state == state for row in self.rows)

    def outcomes(self, place: int) -> Counter[Outcome]:
        """Return how the cases came out at one implementation."""
        return Counter(row.cells[place].outcome for row in self.rows)

    def agreement(self, one: int, other: int) -> tuple[int, int]:
        """Return how many answers of two implementations do not part, and how many there are of both."""
        groups = [(row.cells[one].group, row.cells[other].group) for row in self.rows]
        both = [(mine, theirs) for mine, theirs in groups if mine and theirs]
        return sum(mine == theirs for mine, theirs in both), len(both)

    @property
    def status(self) -> int:
        """The exit status: 3 somebody errored, 1 answers part or are wrong, 4 nothing was compared, 0 all is well."""
        outcomes = {cell.outcome for row in self.rows for cell in row.cells}
        if "errored" in outcomes:
            return 3
        if self.counted("parted") or "failed" in outcomes:
            return 1
        return 0 if self.counted("equal") + self.counted("alike") else 4


def row_of(answers: Sequence[tuple[Result, Transcript | None]]) -> Row:
    """Return the row of one case from each implementation's result, and its transcript where there is one."""
    case = answers[0][0].case
    groups, apart = _grouped([transcript for _, transcript in answers])
    cells = tuple(_cell(result, group) for (result, _), group in zip(answers, groups, strict=True))
    parted = tuple(one for one in apart if one.parting.is_real)
    state: State = "parted" if parted else "alike" if apart else "equal"
    if sum(transcript is not None for _, transcript in answers) < _PAIR:
        state = "not compared"
    return Row(case.id, case.title, tuple(case.sections), cells, state, parted or apart)


def _grouped(transcripts: Sequence[Transcript | None]) -> tuple[list[str], tuple[Apart, ...]]:
    """Return the group of each transcript, and where each that is first of a group differs from the very first.

    A transcript is in the group of the first one from which it does not part; a note on that is kept as well.
    """
    firsts: list[tuple[int, Transcript]] = []
    groups: list[str] = []
    apart: list[Apart] = []
    for place, transcript in enumerate(transcripts):
        if transcript is None:
            groups.append("")
            continue
        found = [parting(one, transcript) for _, one in firsts]
        mine = next((number for number, how in enumerate(found) if how is None or not how.is_real), len(found))
        groups.append(_letter(mine))
        if found and (how := found[mine] if mine < len(found) else found[0]) is not None:
            apart.append(Apart(firsts[mine if mine < len(found) else 0][0], place, how))
        if mine == len(found):
            firsts.append((place, transcript))
    return groups, tuple(apart)


def _letter(number: int) -> str:
    """Return A … Z, then A1, B1, …"""
    rounds, place = divmod(number, 26)
    return chr(ord("A") + place) + (str(rounds) if rounds else "")


def _cell(result: Result, group: str) -> Cell:
    match result:
        case Passed():
            return Cell("passed", group=group)
        case Failed():
            return Cell("failed", tuple(sorted(result.counting)), group=group)
        case Errored():
            return Cell("errored", reason=f"{result.kind}: {result.reason}")
        case NotApplicable():
            return Cell("not applicable", reason=result.reason)


def facts(comparison: Comparison) -> str:
    """Return every count in one line, stable for ``grep``."""
    counts = ", ".join(f"{comparison.counted(state)} {state}" for state in STATES)
    who = ", ".join(asked.label for asked in comparison.asked)
    strict = ", strict" if comparison.strict else ""
    number = len(comparison.rows)
    return f"{number} case{'' if number == 1 else 's'}: {counts}; {who}, profile {comparison.profile}{strict}"
