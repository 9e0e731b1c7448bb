"""A comparison as text: each case that parts, with both chunks, then who answered how many and who agrees with whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.reports.compare_matrix import OUTCOMES, Asked, Cell, Comparison, Row, State
from harness.reports.comparison import Side
from harness.reports.findings import Paint, plain, shown

_LOOKS: dict[State, str] = {"equal": "good", "alike": "good", "parted": "MUST", "not compared": "quiet"}


def row_lines(row: Row, asked: Sequence[Asked], paint: Paint = plain) -> Iterator[str]:
    """Yield the lines that show one case."""
    width = max(len(shown(one.label)) for one in asked)
    yield f"{paint(row.state.upper(), _LOOKS[row.state])} {row.id}: {shown(row.title)} ({', '.join(row.sections)})"
    for one, cell in zip(asked, row.cells, strict=True):
        yield f"    {shown(one.label):<{width}}  {cell_text(cell)}"
    for apart in row.apart:
        where = f", {apart.parting.where}" if apart.parting.where else ""
        yield f"  {apart.parting.difference}{shown(where)}"
        for place, side in ((apart.one, apart.parting.one), (apart.other, apart.parting.other)):
            yield f"    {shown(asked[place].label):<{width}}  {side_text(side)}"
    yield ""


def cell_text(cell: Cell) -> str:
    """Return what became of a case at one implementation, in one line."""
    more = ", ".join(cell.broken) or cell.reason
    group = f"{cell.group}  " if cell.group else ""
    return f"{group}{cell.outcome}{f': {shown(more)}' if more else ''}"


def side_text(side: Side) -> str:
    """Return what one has at the place where two part."""
    return shown(side.text) if side.chunk is None else f"chunk {side.chunk}: {shown(side.text)}"


def summary_lines(comparison: Comparison, paint: Paint = plain) -> Iterator[str]:
    """Yield a table of the implementations, and how many cases each pair of them answered without parting."""
    names = [shown(one.label) for one in comparison.asked]
    width = max(map(len, [*names, "implementation"]))
    yield f"{'implementation':<{width}}" + "".join(f"  {outcome:>14}" for outcome in OUTCOMES) + "  target"
    for place, (one, name) in enumerate(zip(comparison.asked, names, strict=True)):
        counts = comparison.outcomes(place)
        cells = (paint(f"{counts[outcome]:>14}", "quiet" if not counts[outcome] else "good") for outcome in OUTCOMES)
        yield f"{name:<{width}}  {'  '.join(cells)}  {shown(one.target)}"
    for one_place, one_name in enumerate(names):
        for other_place, other_name in list(enumerate(names))[one_place + 1 :]:
            same, both = comparison.agreement(one_place, other_place)
            yield f"{one_name} and {other_name}: {same} of {both} answers do not part"
