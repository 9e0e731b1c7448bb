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
    "blocks": '```json\n{"a":"x"}\n```\n',
    "quotes": '"',
    "empty lists": "[]",
    "deep lists": "[" * 199 + "1" + "]" * 199 + " ",
}
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


def parsed(text, schema=None):
    def work():
        with contextlib.suppress(StructuredOutputError):
            parse_json_with_fallbacks(text, schema)

    return work


def a_hostile_megabyte_takes_less_than_a_second():
    """The slowest of the shapes, without a schema and with one."""
    texts = {shape: (unit * (SMALL * GROWTH // len(unit) + 1))[: SMALL * GROWTH] for shape, unit in SHAPES.items()}
    taken = {shape: medians(3, parsed(text), parsed(text, SCHEMA)) for shape, text in texts.items()}
    slowest = max(taken, key=lambda shape: max(taken[shape]))
    return Figure("seconds for a hostile megabyte", max(taken[slowest]), 1, at_most=True, note=f"worst: {slowest}")


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
