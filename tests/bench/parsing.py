"""How structured output's parser behaves when a hostile text grows tenfold."""

from __future__ import annotations

import contextlib

from timing import Figure, medians

from harness.errors import StructuredOutputError
from harness.reference.structured.parsing import parse_json_with_fallbacks

SMALL = 100_000
GROWTH = 10
SHAPES = {
    "open braces": "{",
    "open objects": '{"a":',
    "backticks": "`",
    "blocks": '```json\n{"a":"x"}\n```\n',
    "quotes": '"',
    "empty lists": "[]",
}


def parsed(text):
    def work():
        with contextlib.suppress(StructuredOutputError):
            parse_json_with_fallbacks(text)

    return work


def hostile_texts_cost_what_they_are_long():
    worst, name, slowest = 0.0, "", 0.0
    for shape, unit in SHAPES.items():
        texts = [(unit * (size // len(unit) + 1))[:size] for size in (SMALL, SMALL * GROWTH)]
        small, large = medians(5, *map(parsed, texts))
        slowest = max(slowest, large)
        if large / small / GROWTH > worst:
            worst, name = large / small / GROWTH, shape
    note = f"worst: {name}; the slowest megabyte takes {slowest * 1e3:.0f} ms, of {len(SHAPES)} shapes"
    return Figure("parser's cost per byte of a hostile text, 1 MB against 100 KB", worst, 1.5, at_most=True, note=note)
