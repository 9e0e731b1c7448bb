"""The ledger leaves out no heading, point or table row of the specification, and copies none of its sentences."""

import json
import re
from collections import Counter

import pytest

from harness.resources import folder

pytestmark = pytest.mark.evidence

LEDGER = json.loads((folder("fixtures") / "spec-ledger.json").read_text())

FIRST_CLAUSE = {
    "Package": "§2/1",
    "Exports": "§2/2",
    "Types": "§2/7",
    "Class and Factory Signatures": "§3/1",
    "Helper Signatures": "§3/8",
    "`chatStream(options: TextOptions)`": "§3/17",
    "`structuredOutput(options: StructuredOutputOptions)`": "§3/21",
    "Message Conversion (TanStack → AI SDK)": "§4/1",
    "Tool Execution Loop Compatibility": "§4/11",
    "Tool Conversion (TanStack → AI SDK)": "§4/14",
    "AI SDK → TanStack `StreamChunk`": "§5/1",
    "Required Stream Fields": "§5/10",
    "Chunk Id/Model Resolution Rules": "§5/15",
}
"""What stands under a heading without a number begins with this clause."""

COPIED = 8
"""So many words in a row are a copy."""


@pytest.fixture(scope="module")
def lines(shared):
    """Return the specification's lines of prose, each with its section; code is left out."""
    section, code, found = "", False, []
    for line in (shared / "spec" / "adapter-specification.md").read_text().splitlines():
        if line.startswith("```"):
            code = not code
        elif not code:
            if numbered := re.match(r"#{2,3} (\d+(?:\.\d+)?)\.? ", line):
                section = f"§{numbered[1]}"
            elif section.partition(".")[0] == "§6" and (point := re.match(r"(\d)\. ", line)):
                section = f"§6.{point[1]}"
            found.append((section, line))
    return found


def words(text):
    return re.findall(r"\w+", text.lower())


def runs(text):
    spoken = words(text)
    return {tuple(spoken[start : start + COPIED]) for start in range(len(spoken) - COPIED + 1)}


def test_every_numbered_section_without_parts_occurs_and_no_other_but_those_with_words_of_their_own(lines):
    sections = {section for section, _ in lines if section}
    leaves = {section for section in sections if not any(other.startswith(f"{section}.") for other in sections)}
    occurring = {entry["section"] for entry in LEDGER}
    assert leaves - occurring == set()
    assert occurring - sections == set()


def test_every_heading_without_a_number_has_a_first_clause(lines):
    headings = [line[4:] for _, line in lines if re.match(r"### \D", line)]
    assert headings == list(FIRST_CLAUSE)
    clauses = [entry["clause"] for entry in LEDGER]
    places = [clauses.index(clause) for clause in FIRST_CLAUSE.values()]
    assert places == sorted(places)


def test_every_point_and_table_row_has_a_clause(lines):
    asked = Counter()
    for (section, line), (_, following) in zip(lines, [*lines[1:], ("", "")], strict=True):
        point = re.match(r" *(?:-|\d\.) ", line) and not line.endswith(":") and not following.startswith("   - ")
        row = line.startswith("|") and not line.startswith("| -") and not following.startswith("| -")
        asked[section] += bool(point or row)
    answered = Counter(entry["section"] for entry in LEDGER)
    assert {section: count for section, count in asked.items() if count > answered[section]} == {}
    assert asked.total() > 120


def test_no_clause_copies_a_sentence(shared):
    theirs = runs((shared / "spec" / "adapter-specification.md").read_text())
    copied = [entry["clause"] for entry in LEDGER if runs(f"{entry['text']} | {entry.get('reason', '')}") & theirs]
    assert copied == []


def test_every_reading_occurs_and_every_one_that_is_named_exists(shared):
    written = set(re.findall(r"^- (R\d+) ", (shared / "design" / "readings.md").read_text(), re.MULTILINE))
    named = {reading for entry in LEDGER for reading in entry["readings"]}
    assert named == written
