"""Each rule is broken alone by one stream, exercised and satisfied by another, and says why it is there."""

import json
import re
from pathlib import Path

import pytest

from harness.judge import judge
from harness.protocol.transcript import PROFILES
from harness.protocol.transcript_file import read_transcript
from harness.rules import ALL, BY_ID
from harness.rules.rule import Level

STREAMS = Path(__file__).parent.parent / "fixtures" / "streams"
INVALID = sorted((STREAMS / "invalid").iterdir())
VALID = sorted((STREAMS / "valid").iterdir())
SECTIONS = re.compile(r"§(\d{1,2})(\.\d{1,2})?|R(\d{1,2})")


def lines_of(path):
    return path.read_text(encoding="utf-8").strip().split("\n")


def profiles_of(path):
    """A stream may name the one profile that it is meant for in its header."""
    header = json.loads(lines_of(path)[0])
    return (header["profile"],) if "profile" in header else PROFILES


def broken_by(path, profile):
    verdict = judge(read_transcript(lines_of(path)), profile=profile)
    return [(violation.rule.id, violation.level) for violation in verdict.violations]


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_a_rule_has_a_stream_that_breaks_it_and_no_other(rule):
    path = STREAMS / "invalid" / f"{rule.id}.ndjson"
    profile = profiles_of(path)[0]
    assert broken_by(path, profile) == [(rule.id, rule.levels[profile])]


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_the_stream_breaks_the_rule_where_it_counts_most(rule):
    profile = profiles_of(STREAMS / "invalid" / f"{rule.id}.ndjson")[0]
    assert rule.levels[profile] is (Level.MUST if Level.MUST in rule.levels.values() else Level.SHOULD)


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_a_broken_stream_belongs_to_a_rule(path):
    assert path.suffix == ".ndjson"
    assert path.stem in BY_ID


@pytest.mark.parametrize(
    ("path", "profile"),
    [(path, profile) for path in VALID for profile in profiles_of(path)],
    ids=lambda value: getattr(value, "stem", value),
)
def test_a_legal_stream_breaks_no_rule(path, profile):
    assert broken_by(path, profile) == []


@pytest.mark.parametrize("profile", PROFILES)
def test_every_rule_is_exercised_by_a_legal_stream(profile):
    exercised = set()
    for path in VALID:
        if profile in profiles_of(path):
            exercised |= set(judge(read_transcript(lines_of(path)), profile=profile).exercised)
    assert exercised == {rule.id for rule in ALL if profile in rule.levels}


def test_ids_are_given_once_and_count_up_within_their_area():
    assert len(BY_ID) == len(ALL)
    areas = {}
    for rule in ALL:
        area, number = re.fullmatch(r"([A-Z]+)-([1-9]\d*)", rule.id).groups()
        areas.setdefault(area, []).append(int(number))
    for area, numbers in areas.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), area


def test_names_are_sentences_of_their_own():
    names = [rule.name for rule in ALL]
    assert len(set(names)) == len(names)
    assert all(len(name.split("_")) >= 3 for name in names)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_a_rule_says_what_why_and_where_from(rule):
    assert rule.requirement.endswith(".")
    assert 20 < len(rule.why) <= 120
    assert "\n" not in rule.why
    assert 10 < len(rule.mend) <= 120
    assert rule.levels
    assert rule.scopes
    assert rule.sections
    for section in rule.sections:
        match = SECTIONS.fullmatch(section)
        assert match, section
        assert int(match[1] or 0) <= 15
        assert int(match[3] or 0) <= 39


def test_a_rule_that_departs_from_the_specification_cites_a_reading():
    assert [rule.id for rule in ALL if rule.details and not any(s.startswith("R") for s in rule.sections)] == []
