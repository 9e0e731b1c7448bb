"""What the reference makes of every recording breaks no rule of either profile, with the source at hand."""

from collections import Counter

import pytest

from harness.judge import judge
from harness.providers import WIRES, counted_ids, decoded
from harness.reference.growing import materialised
from harness.reference.transformer import Transformer
from harness.stage import drained

pytestmark = pytest.mark.evidence

LEAST = {
    "openai-chat": (377, 330), "openai-responses": (100, 91), "openai-completions": (7, 5),
    "anthropic-messages": (74, 69), "google-generatecontent": (84, 74), "google-interactions": (10, 10),
    "bedrock-converse": (42, 39), "cohere-v2": (21, 15), "cohere-v1": (4, 4), "ollama-chat": (18, 16),
    "ollama-generate": (4, 4), "cloudflare-run": (6, 3),
}  # fmt: skip
"""How many recordings of a wire there are at least, and how many of them end whole: none may fall out of sight."""

KINDS = ("sse", "ndjson", "jsonarray.json", "eventstream", "chunks.jsonl", "error.json")
PROFILES = ("spec", "tanstack")


def recordings(shared, wire):
    return sorted(path for kind in KINDS for path in (shared / "recordings").glob(f"*/{wire}/*.{kind}"))


def transformed(events):
    transformer = Transformer(model="asked-model", now=lambda: 1_700_000_000_000, new_id=counted_ids("generated"))
    return list(materialised(drained(transformer, *events)))


@pytest.mark.parametrize("wire", WIRES)
def test_the_reference_conforms_on_every_recording(wire, shared, capsys):
    paths = recordings(shared, wire)
    broken, exercised, ends = {}, Counter(), Counter()
    for path in paths:
        events = decoded(wire, path.read_bytes(), counted_ids("made"))
        chunks = transformed(events)
        ends[chunks[-1]["type"]] += 1
        for profile in PROFILES:
            verdict = judge(chunks, profile=profile, source=events)
            exercised.update(verdict.exercised)
            for violation in verdict.violations:
                broken.setdefault((violation.rule.id, profile), []).append((path.name, violation.finding))
    with capsys.disabled():
        print(f"\nreference: {len(paths)} recordings of {wire}, ends {dict(ends)}, {len(exercised)} rules", end="")
    assert broken == {}
    found, whole = LEAST[wire]
    assert len(paths) >= found
    assert ends["done"] >= whole
    assert len(exercised) > 20
