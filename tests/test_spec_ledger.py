"""The ledger of the specification names only what exists, leaves nothing out, and never lacks a reason."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from harness.resources import folder, schema
from harness.rules import ALL, BY_ID
from harness.suite.ledger import load

LEDGER = json.loads((folder("fixtures") / "spec-ledger.json").read_text())
VALIDATOR = Draft202012Validator(schema("harness/spec-ledger"))

SECTIONS = re.findall(
    r"§[\d.]+",
    """
    §1 §2 §3 §4 §5 §6.1 §6.2 §6.3 §6.4 §6.5 §6.6 §6.7 §6.8 §6.9 §7 §8 §9 §10 §11.1 §11.2
    §12.1 §12.2 §12.3 §12.4 §12.5 §13.1 §13.2 §13.3 §13.4 §13.5 §13.6 §13.7
    §14.1 §14.2 §14.3 §14.4 §14.5 §14.6 §14.7 §14.8 §15 §15.1 §15.2 §15.3 §15.4 §15.5 §15.6
    """,
)
"""The parts of the specification that ask for something; §6's points count as parts."""

CLAUSE = {
    "clause": "§6.1/1",
    "section": "§6.1",
    "text": "Only whole calls are emitted.",
    "status": "covered",
    "rules": ["TOOL-1"],
    "cases": ["tool-calls/one-call"],
    "readings": ["R10"],
}


def numbers(clause):
    return [int(number) for number in re.findall(r"\d+", clause)]


def part_of(section, whole):
    return section == whole or section.startswith(f"{whole}.")


def test_the_ledger_fits_its_schema():
    Draft202012Validator.check_schema(VALIDATOR.schema)
    faults = [f"{LEDGER[error.path[0]]['clause']}: {error.message}" for error in VALIDATOR.iter_errors(LEDGER)]
    assert faults == []


def test_the_schema_accepts_a_covered_clause():
    assert VALIDATOR.is_valid([CLAUSE])


@pytest.mark.parametrize(
    "wrong",
    [
        {"rules": [], "cases": []},
        {"status": "later", "reason": "some day"},
        {"status": "contradicted", "reason": "R10: it is so", "rules": [], "cases": []},
        {"tests": []},
        {"tests": ["test_it"]},
        {"status": "contradicted", "reason": "R10: it is so", "readings": []},
        {"status": "untestable", "reason": "nothing shows it"},
        {"status": "informative", "reason": "it asks nothing", "rules": []},
        {"status": "done"},
        {"reason": ""},
        {"text": "x" * 161},
        {"clause": "6.1/1"},
        {"rules": ["tool-1"]},
        {"cases": ["one-call"]},
        {"readings": ["10"]},
        {"note": "no such key"},
    ],
    ids=" ".join,
)
def test_the_schema_refuses_a_clause_that_lacks_what_its_status_needs(wrong):
    assert not VALIDATOR.is_valid([CLAUSE | wrong])


def test_the_clauses_stand_in_the_order_of_the_specification_and_each_once():
    order = [numbers(entry["clause"]) for entry in LEDGER]
    assert order == sorted(order)
    assert len({entry["clause"] for entry in LEDGER}) == len(LEDGER)


def test_a_clause_is_numbered_within_its_section():
    assert [entry["clause"] for entry in LEDGER if entry["clause"].rpartition("/")[0] != entry["section"]] == []


def test_every_section_occurs_and_no_other():
    assert list(dict.fromkeys(entry["section"] for entry in LEDGER)) == SECTIONS


def test_no_two_clauses_of_a_section_say_the_same():
    said = [(entry["section"], entry["text"]) for entry in LEDGER]
    assert len(set(said)) == len(said)


def test_every_rule_that_a_clause_names_exists():
    assert {rule for entry in LEDGER for rule in entry["rules"]} - set(BY_ID) == set()


def test_every_case_that_a_clause_names_exists():
    cases = folder("fixtures") / "cases"
    named = {case for entry in LEDGER for case in entry["cases"]}
    assert sorted(case for case in named if not (cases / f"{case}.json").is_file()) == []


def test_a_rule_that_cites_the_specification_is_named_by_a_clause_of_a_section_that_it_cites():
    cited = {rule.id: [section for section in rule.sections if section.startswith("§")] for rule in ALL}
    assert any(cited.values())
    missing = [
        rule
        for rule, wholes in cited.items()
        if wholes
        and not any(rule in entry["rules"] and part_of(entry["section"], whole) for entry in LEDGER for whole in wholes)
    ]
    assert missing == []


def test_every_test_that_a_clause_names_exists():
    named = {test for entry in LEDGER for test in entry.get("tests", [])}
    missing = []
    for test in sorted(named):
        path, _, name = test.partition("::")
        file = Path(__file__).parents[1] / path
        if not file.is_file() or f"def {name}(" not in file.read_text():
            missing.append(test)
    assert missing == []


def test_every_clause_is_held_or_says_why_nothing_can_hold_it():
    assert [clause.id for clause in load() if not clause.is_held and not clause.reason.strip()] == []
    assert [clause.id for clause in load() if clause.status in {"covered", "contradicted"} and not clause.is_held] == []


def test_no_reason_puts_a_clause_off():
    assert [entry["clause"] for entry in LEDGER if re.search(r"\bissue \d|\blater\b", entry.get("reason", ""))] == []
