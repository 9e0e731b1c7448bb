"""The file of known failures: what it may say, and how each fault in it is told."""

from datetime import date

import pytest

from harness.errors import InputError
from harness.suite.expectations import parsed

RULES = {"TOOL-3", "END-3"}
TODAY = date(2026, 6, 15)
WHOLE = """
[[known]]
cases = ["tool-calls/*", "text/one", "usage"]
rule = "TOOL-3"
reason = "counts calls as they complete"
link = "https://example.com/issues/7"
owner = "kim"
expires = 2026-06-15
flaky = true

[[known]]
cases = "text/one"
rule = "expect"
reason = "r"

[[known]]
cases = ["http/*"]
rule = "errored"
reason = "r"
expires = 2026-06-14
"""
ENTRY = '[[known]]\ncases = "a/b"\nrule = "END-3"\nreason = "r"\n'


def read(text):
    return parsed(text, "known.toml", rules=RULES, today=TODAY)


def test_an_entry_says_which_rule_which_cases_why_and_until_when():
    first, second, third = read(WHOLE)
    assert (first.number, first.rule, first.patterns) == (1, "TOOL-3", ("tool-calls/*", "text/one", "usage"))
    assert (first.reason, first.link, first.owner, first.flaky) == (
        "counts calls as they complete", "https://example.com/issues/7", "kim", True,
    )  # fmt: skip
    assert (second.number, second.rule, second.patterns) == (2, "expect", ("text/one",))
    assert (second.link, second.owner, second.expires, second.flaky) == (None, None, None, False)
    assert third.rule == "errored"


def test_an_entry_counts_on_the_day_on_which_it_expires_and_not_after():
    assert [(entry.expires, entry.expired) for entry in read(WHOLE)] == [
        ("2026-06-15", False), (None, False), ("2026-06-14", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("id_", "is_listed"),
    [
        ("tool-calls/one", True), ("tool-calls/deep/er", True), ("text/one", True), ("usage/any", True),
        ("text/one-more", False), ("text/two", False), ("tool-calls", False), ("usages/any", False),
    ],
)  # fmt: skip
def test_a_pattern_is_an_id_an_area_or_a_glob(id_, is_listed):
    assert read(WHOLE)[0].lists(id_) is is_listed


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "known = []"])
def test_a_file_may_list_nothing(text):
    assert read(text) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[known]", "is not TOML: "),
        ("a = " + "[" * 5000, "is not TOML"),
        (f'target = "x"\n{ENTRY}', "'target' is no key; known failures are tables [[known]]"),
        (ENTRY.replace("[[", "[").replace("]]", "]"), "known failures are tables [[known]], with two brackets"),
        ("known = [1]", "known 1: a table is wanted; seen: 1"),
        (f'{ENTRY}case = "a/c"', "known 1: 'case' is no key; the keys are cases, rule, reason, link, owner, expires"),
        (ENTRY.replace('reason = "r"', ""), "known 1: reason is missing"),
        (ENTRY.replace('rule = "END-3"', ""), "known 1: rule is missing"),
        (ENTRY.replace('cases = "a/b"', ""), "known 1: cases is missing"),
        (ENTRY.replace('"r"', '" "'), "known 1: reason: a text is wanted; seen: ' '"),
        (ENTRY.replace('"r"', "7"), "known 1: reason: a text is wanted; seen: 7"),
        (
            ENTRY.replace("END-3", "END-99"),
            "known 1: rule: there is no rule 'END-99'; `streamchunk rules` lists them, ",
        ),
        (ENTRY.replace("END-3", "Expect"), "there is no rule 'Expect'; `streamchunk rules` lists them, and there are "),
        (ENTRY.replace('"END-3"', '["END-3"]'), "known 1: rule: a text is wanted; seen: ['END-3']"),
        (ENTRY.replace('"a/b"', "[]"), "known 1: cases: a pattern, or a list of patterns, is wanted; seen: []"),
        (ENTRY.replace('"a/b"', '["a/b", ""]'), "known 1: cases: a pattern, or a list of patterns, is wanted"),
        (ENTRY.replace('"a/b"', '["a/b", 1]'), "known 1: cases: a pattern, or a list of patterns, is wanted"),
        (f'{ENTRY}link = ""', "known 1: link: a text is wanted; seen: ''"),
        (f"{ENTRY}owner = 1", "known 1: owner: a text is wanted; seen: 1"),
        (f'{ENTRY}flaky = "yes"', "known 1: flaky: true or false is wanted; seen: 'yes'"),
        (f'{ENTRY}expires = "2027-01-31"', "known 1: expires: a date without quotes, such as 2027-01-31, is wanted"),
        (
            f"{ENTRY}expires = 2027-01-31T10:00:00",
            "known 1: expires: a date without a time is wanted; seen: 2027-01-31 ",
        ),
        (f"{ENTRY}expires = 2027-02-30", "is not TOML: "),
        (ENTRY.replace('"a/b"', '["a/b", "a/b"]'), "known 1 (END-3): 'a/b' is listed already in the same entry"),
        (f"{ENTRY}{ENTRY}", "known 2 (END-3): 'a/b' is listed already by known 1"),
    ],
)
def test_each_fault_is_told_with_its_file_and_its_entry(text, words):
    with pytest.raises(InputError) as told:
        read(text)
    assert str(told.value).startswith("known.toml: ")
    assert words in str(told.value)
    assert "\n" not in str(told.value)


def test_two_rules_of_one_case_are_two_entries():
    assert [entry.rule for entry in read(ENTRY + ENTRY.replace("END-3", "TOOL-3"))] == ["END-3", "TOOL-3"]
