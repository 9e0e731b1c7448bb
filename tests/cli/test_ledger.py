"""``streamchunk ledger`` counts what holds the specification, and shows each clause."""

import json

import pytest

from harness.resources import folder
from harness.suite.ledger import STATUSES, coverage, load, total, within

LEDGER = json.loads((folder("fixtures") / "spec-ledger.json").read_text())


def test_every_chapter_is_counted_and_the_sum_is_the_file(streamchunk):
    ran = streamchunk("ledger")
    assert ran.status == 0
    lines = ran.out.splitlines()
    chapters = [line.split() for line in lines if line.startswith("§")]
    assert [row[0] for row in chapters] == [f"§{number}" for number in range(1, 16)]
    assert sum(int(row[1]) for row in chapters) == len(LEDGER)
    assert next(line for line in lines if line.startswith("all")).split()[1] == str(len(LEDGER))


def test_the_statuses_of_a_part_add_up_to_its_clauses():
    for one in [*coverage(load()), *coverage(load(), by_chapter=False), total(load())]:
        assert sum(count for _, count in one.statuses) == one.clauses
        assert tuple(status for status, _ in one.statuses) == STATUSES
        assert 0 <= one.held <= one.clauses


@pytest.mark.parametrize("given", ["6.4", "§6.4"])
def test_a_section_shows_each_of_its_clauses(streamchunk, given):
    shown = streamchunk("ledger", given).out
    for entry in LEDGER:
        assert (f"{entry['clause']}  {entry['text']}" in shown) == (entry["section"] == "§6.4")


def test_a_chapter_is_shown_with_all_of_its_parts():
    assert {clause.section for clause in within(load(), "14")} >= {"§14.2", "§14.8"}
    assert all(clause.section.startswith("§1.") or clause.section == "§1" for clause in within(load(), "1"))


def test_a_section_that_is_not_there_is_refused_with_those_that_are(streamchunk):
    ran = streamchunk("ledger", "99")
    assert ran.status == 2
    assert "there is no section '99'" in ran.err
    assert "§15" in ran.err


def test_the_json_form_holds_every_clause(streamchunk):
    told = json.loads(streamchunk("ledger", "--format", "json").out)
    assert [clause["clause"] for clause in told["clauses"]] == [entry["clause"] for entry in LEDGER]
    assert told["total"]["clauses"] == len(LEDGER)
