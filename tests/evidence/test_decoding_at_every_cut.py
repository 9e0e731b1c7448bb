"""Every raw recording of every wire decodes, and gives the same events however its bytes are cut."""

from collections import Counter

import pytest

from harness.providers import WIRES, counted_ids, decode
from harness.providers.guess import guessed_wire

pytestmark = pytest.mark.evidence

KINDS = ("sse", "ndjson", "jsonarray.json", "eventstream")
CUTS = (1, 7, 64, 4096)
RAW = {
    "openai-chat": 293, "openai-responses": 74, "openai-completions": 3, "anthropic-messages": 59,
    "google-generatecontent": 59, "google-interactions": 7, "cohere-v2": 15, "cohere-v1": 4, "ollama-chat": 16,
    "ollama-generate": 3, "bedrock-converse": 16, "cloudflare-run": 3,
}  # fmt: skip
"""How many recordings there are at least, as bytes that came over the wire."""

PARSED = {
    "openai-chat": 49, "openai-responses": 23, "openai-completions": 3, "anthropic-messages": 12,
    "google-generatecontent": 23, "google-interactions": 3, "cohere-v2": 3, "ollama-generate": 1,
    "bedrock-converse": 24,
}  # fmt: skip
"""The same for those whose framing was lost."""

ERRORS = {
    "openai-chat": 35, "openai-responses": 3, "openai-completions": 1, "anthropic-messages": 3,
    "google-generatecontent": 2, "cohere-v2": 3, "ollama-chat": 2, "bedrock-converse": 2, "cloudflare-run": 3,
}  # fmt: skip
"""The same for bodies of refused requests."""

ANOTHER_WIRE = {
    "openllmetry--opentelemetry-instrumentation-openai-test_completions--test_completion_streaming.sse": (
        "openai-completions"
    )
}
"""The older completions, filed under Chat Completions."""


def files(shared, wire, *kinds):
    return sorted(path for kind in kinds for path in (shared / "recordings").glob(f"*/{wire}/*.{kind}"))


def events_of(wire, body, size):
    stage = decode(wire, counted_ids("made"))
    events = [event for start in range(0, len(body), size) for event in stage.feed(body[start : start + size])]
    return events + stage.close()


@pytest.mark.parametrize("wire", WIRES)
def test_a_recording_gives_the_same_events_at_every_cut(wire, shared, capsys):
    paths = files(shared, wire, *KINDS)
    counted = 0
    for path in paths:
        body = path.read_bytes()
        whole = events_of(wire, body, len(body))
        counted += len(whole)
        for size in CUTS:
            assert events_of(wire, body, size) == whole, f"{path} cut at {size}"
    with capsys.disabled():
        print(f"\ncuts: {len(paths)} recordings of {wire}, {counted} events, equal at {CUTS} bytes and whole", end="")
    assert len(paths) >= RAW[wire]
    assert counted > 5 * len(paths)


@pytest.mark.parametrize("wire", PARSED)
def test_a_recording_whose_framing_was_lost_decodes_to_an_answer_with_an_end(wire, shared):
    ends = Counter(events_of(wire, path.read_bytes(), 4096)[-1]["type"] for path in files(shared, wire, "chunks.jsonl"))
    assert ends.total() >= PARSED[wire]
    assert ends["finish"] > ends.total() / 2
    assert ends["finish"] + ends["error"] >= ends.total() - 1


@pytest.mark.parametrize("wire", ERRORS)
def test_an_error_body_decodes_to_one_error_event(wire, shared):
    paths = files(shared, wire, "error.json")
    assert len(paths) >= ERRORS[wire]
    for path in paths:
        (event,) = events_of(wire, path.read_bytes(), 4096)
        assert event["type"] == "error", path
        assert event["error"], path


@pytest.mark.parametrize("wire", WIRES)
def test_the_wire_of_a_raw_recording_is_guessed(wire, shared):
    guesses = {path.name: guessed_wire(path.read_bytes()) for path in files(shared, wire, *KINDS, "chunks.jsonl")}
    assert {name: guess for name, guess in guesses.items() if guess != wire} == (
        ANOTHER_WIRE if wire == "openai-chat" else {}
    )
