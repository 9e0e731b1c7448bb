"""What we decode equals what the official packages decode, but for the differences that are written down and explained.

An oracle file is the reading of the official AI SDK package for one recording, in two package lines. Each field has to
equal one of the two. Recordings that the official packages cannot frame are held to readings written by hand.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from harness.protocol.event_reading import reading_of_events
from harness.protocol.events import revived
from harness.protocol.exact_json import same_text
from harness.protocol.reading import Usage
from harness.protocol.source_values import reason_of, usage_of
from harness.protocol.text import joined
from harness.providers import WIRES, counted_ids, decoded

pytestmark = pytest.mark.evidence

HERE = Path(__file__).parent
KNOWN = json.loads((HERE / "known_differences.json").read_text())
BY_HAND = json.loads((HERE / "mismatch_readings.json").read_text())
WITHOUT_ORACLE = {
    "openai-completions", "google-interactions", "cohere-v1", "ollama-generate", "bedrock-converse", "cloudflare-run",
}  # fmt: skip
"""Wires for which no official package was run."""
FIELDS = ("text", "reasoning", "calls", "finish", "usage")
MOST_KNOWN = 40


def recordings(shared, wire):
    folder = shared / "recordings"
    found = [path for kind in ("sse", "ndjson", "jsonarray.json") for path in folder.glob(f"*/{wire}/*.{kind}")]
    return folder, sorted(found)


def ours(wire, path):
    reading = reading_of_events(decoded(wire, path.read_bytes(), counted_ids("made")))
    return {
        "text": reading.text,
        "reasoning": reading.reasoning,
        "calls": [(call.id, call.name, call.arguments) for call in reading.tool_calls],
        "finish": reading.finish_reason,
        "usage": reading.usage,
    }


def theirs(lines):
    """The fields of one package line, in our words."""
    calls = [call for call in lines["toolCalls"] if not call.get("providerExecuted")]
    return {
        "text": joined([lines["text"]]),
        "reasoning": joined([lines["reasoning"]]),
        "calls": [(call["id"], call["name"], call["input"]) for call in calls],
        "finish": reason_of(lines.get("finishReason")),
        "usage": usage_of(revived(lines.get("usage"))),
    }


def equal(field, mine, reference):
    if field == "usage":
        return (mine or Usage(0, 0, 0)) == (reference or Usage(0, 0, 0))
    if field == "calls":
        return len(mine) == len(reference) and all(map(same_call, mine, reference))
    if field == "finish" and reference is None:  # R18: a missing, other or unknown reason is stop; or nothing ended
        return mine in {None, "stop"}
    return mine == reference


def same_call(mine, reference):
    same_id = mine[0] == reference[0] or reference[0].startswith("oracle-id-")
    return same_id and mine[1] == reference[1] and same_text(mine[2], reference[2].strip() or "{}")


def package_lines(folder, path):
    beside = folder / "oracle" / path.relative_to(folder)
    names = [beside.with_name(beside.name + suffix) for suffix in (".reading.json", ".reading.v5.json")]
    return [json.loads(name.read_text()) for name in names if name.exists()]


@pytest.fixture(scope="session")
def differences(shared):
    """Every field of every recording that equals neither package line, and how many recordings were compared."""
    found, compared = {}, Counter()
    for wire in WIRES:
        folder, paths = recordings(shared, wire)
        for path in paths:
            lines = package_lines(folder, path)
            if not lines or "wireMismatch" in lines[0]:
                continue
            compared[wire] += 1
            mine, references = ours(wire, path), [theirs(line) for line in lines]
            for field in FIELDS:
                if not any(equal(field, mine[field], reference[field]) for reference in references):
                    name = str(path.relative_to(folder))
                    found[name, field] = f"ours {mine[field]!r:.300}, theirs {[r[field] for r in references]!r:.600}"
    return found, compared


def test_the_oracle_has_a_reading_for_hundreds_of_recordings(differences, capsys):
    found, compared = differences
    with capsys.disabled():
        equal_fields = len(FIELDS) * compared.total() - len(found)
        print(
            f"\noracle: {compared.total()} recordings compared ({dict(compared)}), {equal_fields} fields equal,",
            end=" ",
        )
        print(f"{len(found)} known differences of at most {MOST_KNOWN}")
    assert set(compared) == set(WIRES) - WITHOUT_ORACLE
    assert compared.total() > 400


def test_every_difference_from_the_official_packages_is_known(differences):
    found, _ = differences
    listed = {(known["recording"], known["field"]) for known in KNOWN}
    assert {place: seen for place, seen in found.items() if place not in listed} == {}


def test_no_known_difference_is_stale(differences):
    found, _ = differences
    assert [known for known in KNOWN if (known["recording"], known["field"]) not in found] == []


def test_known_differences_are_few_sorted_and_explained():
    assert len(KNOWN) <= MOST_KNOWN
    places = [(known["recording"], known["field"]) for known in KNOWN]
    assert places == sorted(set(places))
    assert all(known["field"] in FIELDS and len(known["reason"]) > 20 for known in KNOWN)


def test_what_the_packages_cannot_frame_is_read_as_a_person_reads_it(shared):
    folder = shared / "recordings"
    mismatched = {
        str(path.relative_to(folder))
        for wire in WIRES
        for path in recordings(shared, wire)[1]
        if any("wireMismatch" in line for line in package_lines(folder, path))
    }
    assert mismatched == {expected["recording"] for expected in BY_HAND}
    for expected in BY_HAND:
        mine = ours(Path(expected["recording"]).parts[1], folder / expected["recording"])
        calls = [{"name": name, "arguments": json.loads(arguments)} for _, name, arguments in mine["calls"]]
        usage = mine["usage"] and [
            mine["usage"].prompt_tokens,
            mine["usage"].completion_tokens,
            mine["usage"].total_tokens,
        ]
        got = {"recording": expected["recording"], **mine, "calls": calls, "usage": usage}
        assert got == expected
