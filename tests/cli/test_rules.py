"""``streamchunk rules``: the law as a list."""

import json

import pytest

from harness.rules import ALL


def test_the_catalogue_names_every_rule_once(streamchunk):
    ran = streamchunk("rules")
    assert (ran.status, ran.err) == (0, "")
    assert [line.split()[0] for line in ran.lines] == ["rule", *(rule.id for rule in ALL)]


def test_the_catalogue_reads_well(streamchunk, snapshot):
    assert streamchunk("rules").out == snapshot


@pytest.mark.parametrize("profile", ["spec", "tanstack"])
def test_a_profile_lists_its_own_rules_at_its_own_level(streamchunk, profile):
    rows = [line.split() for line in streamchunk("rules", "--profile", profile).lines[1:]]
    assert [(row[0], row[1]) for row in rows] == [
        (rule.id, rule.levels[profile].value) for rule in ALL if profile in rule.levels
    ]


def test_json_tells_all_that_is_known_of_a_rule(streamchunk):
    found = json.loads(streamchunk("rules", "--format", "json").out)
    assert [entry["rule"] for entry in found] == [rule.id for rule in ALL]
    for entry, rule in zip(found, ALL, strict=True):
        assert entry["levels"] == {profile: level.value for profile, level in rule.levels.items()}
        assert all(entry[key] for key in ("name", "sections", "requirement", "source", "scopes", "why", "mend"))
