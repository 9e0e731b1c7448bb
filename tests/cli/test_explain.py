"""``streamchunk explain``: one rule, why it is there, what breaks it, how to mend that."""

import pytest

from harness.rules import ALL


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_every_rule_is_explained_with_an_example_that_breaks_it(streamchunk, rule):
    ran = streamchunk("explain", rule.id)
    assert (ran.status, ran.err) == (0, "")
    words = " ".join(ran.out.split())
    for fact in (rule.requirement, rule.why, rule.mend, rule.source.value, *rule.sections):
        assert " ".join(fact.split()) in words
    head, _, example = ran.out.partition(f"This breaks {rule.id} (scope ")
    assert head.startswith(f"{rule.id}: ")
    assert "expected" in example
    assert "seen" in example


def test_an_explanation_reads_well(streamchunk, snapshot):
    assert streamchunk("explain", "TOOL-3").out == snapshot


@pytest.mark.parametrize("name", ["tool-3", " Tool-3 ", "index_follows_start_order"])
def test_a_rule_is_found_in_any_case_and_by_its_name(streamchunk, name):
    assert streamchunk("explain", name).out.startswith("TOOL-3: ")


@pytest.mark.parametrize(("name", "hint"), [("TOOL-", "TOOL-"), ("tol-3", "TOOL-3"), ("xyz", "streamchunk rules")])
def test_a_rule_that_is_not_there_gets_a_hint(streamchunk, name, hint):
    ran = streamchunk("explain", name)
    assert (ran.status, ran.out) == (2, "")
    last = ran.err.splitlines()[-1]
    assert last.startswith(f"streamchunk: usage (exit 2): Invalid value for RULE: there is no rule {name!r}; ")
    assert hint in last
