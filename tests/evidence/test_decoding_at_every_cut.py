"""Every raw recording of the four wires decodes, and gives the same events however its bytes are cut."""

from collections import Counter

import pytest

from harness.providers import WIRES, counted_ids, decode
from harness.providers.guess import guessed_wire

pytestmark = pytest.mark.evidence

KINDS = ("sse", "ndjson", "jsonarray.json")
CUTS = (1, 7, 64, 4096)


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
    assert len(paths) > 40
    assert counted > 5 * len(paths)


@pytest.mark.parametrize("wire", WIRES)
def test_a_recording_whose_framing_was_lost_decodes_to_an_answer_with_an_end(wire, shared):
    ends = Counter(events_of(wire, path.read_bytes(), 4096)[-1]["type"] for path in files(shared, wire, "chunks.jsonl"))
    assert ends["finish"] > 10
    assert ends["finish"] + ends["error"] >= ends.total() - 1


@pytest.mark.parametrize("wire", WIRES)
def test_an_error_body_decodes_to_one_error_event(wire, shared):
    paths = files(shared, wire, "error.json")
    assert paths
    for path in paths:
        (event,) = events_of(wire, path.read_bytes(), 4096)
        assert event["type"] == "error", path
        assert event["error"], path


@pytest.mark.parametrize("wire", WIRES)
def test_the_wire_of_a_raw_recording_is_guessed(wire, shared):
    guesses = {path.name: guessed_wire(path.read_bytes()) for path in files(shared, wire, *KINDS, "chunks.jsonl")}
    assert {name: guess for name, guess in guesses.items() if guess != wire} == {}
