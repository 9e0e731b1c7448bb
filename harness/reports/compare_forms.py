"""A comparison as one JSON document, and as Markdown and HTML that are drawn from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from harness.protocol.json_text import encodable
from harness.reports.compare_matrix import OUTCOMES, STATES, Cell, Comparison, Row
from harness.reports.comparison import Side
from harness.reports.html_report import drawn
from harness.reports.markdown import code, plain

_TEMPLATE = "compare.html.j2"
_MOST_CASES = 30  # that Markdown shows one by one


def document(comparison: Comparison, last_line: str) -> dict[str, Any]:
    """Return a comparison as JSON; the last member is the footer: one without it was cut short."""
    return {
        "header": {
            "comparison": 1,
            "harness": version("streamchunk-harness"),
            "profile": comparison.profile,
            "strict": comparison.strict,
            "implementations": [
                {"label": one.label, "target": one.target, "name": one.name} for one in comparison.asked
            ],
        },
        "cases": [_row(row) for row in comparison.rows],
        "summary": {
            "cases": len(comparison.rows),
            "states": {state: comparison.counted(state) for state in STATES},
            "outcomes": [dict(comparison.outcomes(place)) for place in range(len(comparison.asked))],
            "agreements": [
                {"implementations": [one, other], "agree": agreement[0], "answered": agreement[1]}
                for one in range(len(comparison.asked))
                for other in range(one + 1, len(comparison.asked))
                for agreement in [comparison.agreement(one, other)]
            ],
        },
        "footer": {"status": comparison.status, "line": last_line},
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "sections": list(row.sections),
        "state": row.state,
        "cells": [_cell(cell) for cell in row.cells],
        "apart": [
            {
                "implementations": [apart.one, apart.other],
                "difference": apart.parting.difference,
                "where": apart.parting.where,
                "sides": [_side(apart.parting.one), _side(apart.parting.other)],
            }
            for apart in row.apart
        ],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {"outcome": cell.outcome, "broken": list(cell.broken), "reason": cell.reason, "group": cell.group}


def _side(side: Side) -> dict[str, Any]:
    return {"chunk": side.chunk, "text": side.text}


def dumped(report: Mapping[str, Any]) -> str:
    """Return the JSON text of a comparison, readable, in ASCII where a lone surrogate has no UTF-8 form."""
    text = json.dumps(report, indent=1, ensure_ascii=False, allow_nan=False)
    return (text if encodable(text) else json.dumps(report, indent=1, allow_nan=False)) + "\n"


def html(report: Mapping[str, Any]) -> str:
    """Return one page that needs nothing else; every text of an implementation's is escaped."""
    return drawn(_TEMPLATE, {**report, "outcomes": OUTCOMES})


def markdown(report: Mapping[str, Any]) -> str:
    """Return Markdown of GitHub's flavour: who answered how many, then the first cases that part; no raw surrogates."""
    return ("\n".join(_lines(report)) + "\n").encode("utf-8", "backslashreplace").decode()


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    header, summary, footer = report["header"], report["summary"], report["footer"]
    labels = [plain(one["label"]) for one in header["implementations"]]
    yield f"## {'✅' if footer['status'] == 0 else '❌'} {' · '.join(labels)}, profile {header['profile']}"
    yield ""
    yield f"`{footer['line']}`"
    yield ""
    yield f"| implementation | {' | '.join(OUTCOMES)} |"
    yield f"|---|{'--:|' * len(OUTCOMES)}"
    for label, counts in zip(labels, summary["outcomes"], strict=True):
        yield f"| {label} | {' | '.join(str(counts.get(outcome, 0)) for outcome in OUTCOMES)} |"
    yield ""
    for pair in summary["agreements"]:
        one, other = (labels[place] for place in pair["implementations"])
        yield f"- {one} and {other}: {pair['agree']} of {pair['answered']} answers do not part"
    parted = [case for case in report["cases"] if case["state"] == "parted"]
    if parted:
        yield ""
        yield f"| case that parts | {' | '.join(labels)} |"
        yield f"|---|{'---|' * len(labels)}"
        yield from (f"| {case['id']} | {' | '.join(map(_cell_text, case['cells']))} |" for case in parted)
    for case in parted[:_MOST_CASES]:
        yield from _case(case, labels)
    if len(parted) > _MOST_CASES:
        yield ""
        yield f"… and {len(parted) - _MOST_CASES} more."


def _case(case: Mapping[str, Any], labels: Sequence[str]) -> Iterator[str]:
    yield ""
    yield f"### {case['id']}"
    yield ""
    yield f"{plain(case['title'])} ({', '.join(case['sections'])})"
    for apart in case["apart"]:
        yield ""
        yield f"{apart['difference']}{', ' + apart['where'] if apart['where'] else ''}:"
        yield ""
        for place, side in zip(apart["implementations"], apart["sides"], strict=True):
            where = "" if side["chunk"] is None else f"chunk {side['chunk']}: "
            yield f"- {labels[place]}: {where}{code(side['text'])}"


def _cell_text(cell: Mapping[str, Any]) -> str:
    more = ", ".join(cell["broken"]) or cell["reason"]
    return f"{cell['group']} {cell['outcome']}{': ' + plain(more) if more else ''}".strip()


FORMATS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"json": dumped, "html": html, "md": markdown}
"""By the word before the equals sign of ``--report``."""
