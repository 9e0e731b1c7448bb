"""Results held against a list of known failures: what is known, what is red, and of what nothing can be told."""

from datetime import date

import pytest

from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Transcript
from harness.results import Errored, Failed, Known, NotApplicable, Passed, facts, held, result_of, reviewed, summary_of
from harness.results.proposals import additions, covering, kept
from harness.rules import BY_ID
from harness.suite.case import Case
from harness.suite.expectations import parsed

CONTENT = {"type": "content", "id": "r", "model": "m", "timestamp": 1, "delta": "a", "content": "a"}
DONE = {
    "type": "done", "id": "r", "model": "m", "timestamp": 1, "finishReason": "stop",
    "usage": {"promptTokens": 1, "completionTokens": 2, "totalTokens": 3},
}  # fmt: skip
CLEAN = [CONTENT, DONE]
TWICE = [CONTENT, DONE, DONE]  # END-3, a MUST
EMPTY = [CONTENT, CONTENT | {"delta": ""}, DONE]  # TEXT-3, a SHOULD


def case(id_, expect=None):
    return Case.model_validate(
        {"id": id_, "title": "A sentence", "sections": ["§5"], "profiles": ["spec"], "given": {"events": []}}
        | {"request": {}, "expect": expect}
    )


def judged(id_, chunks, expect=None, **keywords):
    compactor = Compactor()
    transcript = Transcript(tuple(compactor.feed(chunk) for chunk in chunks))
    return result_of(case(id_, expect), transcript, judge(transcript, **keywords))


def errored(id_):
    return Errored(case(id_), "TargetGone", "it left")


def idle(id_):
    return NotApplicable(case(id_), "not offered")


def listed(*entries):
    """Make the entries of a file from (cases, rule) and what else stands in each."""
    text = "".join(
        f"[[known]]\ncases = {cases}\nrule = {rule!r}\nreason = 'r'\n{more}\n" for cases, rule, more in entries
    )
    return parsed(text, "known.toml", rules=BY_ID, today=date(2026, 6, 15))


def entry(*cases, rule="END-3", more=""):
    return (list(cases), rule, more)


def summed(found, entries, *, loaded=None, rules=BY_ID, strict=False):
    results = [held(result, entries) for result in found]
    ids = [result.case.id for result in found] if loaded is None else loaded
    review = reviewed(results, entries, file="known.toml", loaded=ids, rules=rules)
    return summary_of(results, target="x", profile="spec", strict=strict, review=review)


def objections(summary):
    return [(one.fault, one.entry.number, one.names) for one in summary.objections]


def test_a_case_is_known_where_all_that_counts_against_it_is_listed():
    entries = listed(entry("text/*"))
    result = held(judged("text/one", TWICE), entries)
    assert isinstance(result, Known)
    assert result.listed == entries
    assert isinstance(result.found, Failed)


def test_what_is_listed_for_another_case_or_another_rule_changes_nothing():
    failed = judged("text/one", TWICE)
    assert held(failed, listed(entry("text/two"), entry("text/one", rule="END-2"))) == failed


def test_a_case_of_which_a_part_is_not_listed_failed_and_says_which_part_is():
    entries = listed(entry("text/one"))
    result = held(judged("text/one", TWICE, {"text": "b"}), entries)
    assert isinstance(result, Failed)
    assert result.counting == {"END-3", "expect"}
    assert result.listed == entries


def test_what_was_checked_by_hand_and_what_gave_no_transcript_have_words_of_their_own():
    entries = listed(entry("text/one", rule="expect"), entry("text/two", rule="errored"))
    assert isinstance(held(judged("text/one", CLEAN, {"text": "b"}), entries), Known)
    assert isinstance(held(errored("text/two"), entries), Known)
    assert isinstance(held(errored("text/one"), entries), Errored)


def test_a_warning_needs_no_entry_but_under_strict():
    entries = listed(entry("text/one", rule="TEXT-3"))
    assert isinstance(held(judged("text/one", EMPTY), entries), Passed)
    assert isinstance(held(judged("text/one", EMPTY, strict=True), ()), Failed)
    assert isinstance(held(judged("text/one", EMPTY, strict=True), entries), Known)


def test_an_entry_that_has_expired_lists_nothing_and_is_red():
    old = listed(entry("text/one", more="expires = 2026-06-14"))
    result = held(judged("text/one", TWICE), old)
    assert isinstance(result, Failed)
    assert result.listed == old
    summary = summed([judged("text/one", TWICE)], old)
    assert objections(summary) == [("expired", 1, ("text/one",))]
    assert isinstance(
        held(errored("text/one"), listed(entry("text/one", rule="errored", more="expires = 2026-06-14"))), Errored
    )


def test_an_entry_that_has_expired_is_red_even_where_it_is_flaky_and_nothing_failed():
    summary = summed([judged("text/one", CLEAN)], listed(entry("text/one", more="flaky = true\nexpires = 2026-06-14")))
    assert objections(summary) == [("expired", 1, ("text/one",))]
    assert (summary.passed, summary.status) == (1, 1)


def test_of_two_entries_the_one_that_counts_still_wins():
    entries = listed(entry("text/*", more="expires = 2026-06-14"), entry("text/one"))
    result = held(judged("text/one", TWICE), entries)
    assert isinstance(result, Known)
    assert result.listed == entries[1:]


def test_known_cases_are_counted_apart_and_are_no_failure():
    summary = summed([judged("text/one", TWICE), judged("text/two", CLEAN)], listed(entry("text/one")))
    assert (summary.passed, summary.failed, summary.known, summary.status) == (1, 0, 1, 0)
    assert facts(summary) == "1 passed, 0 failed, 0 errored, 0 not applicable, 0 warnings, 1 known; x, profile spec"
    assert [(area.passed, area.known) for area in summary.areas] == [(1, 1)]
    assert [(one.entry.rule, one.cases) for one in summary.known_failures] == [("END-3", 1)]
    assert [(rule.id, rule.cases, rule.known) for rule in summary.broken] == [("END-3", 1, 1)]


def test_a_run_in_which_all_is_known_conforms_and_says_how_many_that_are():
    summary = summed([judged("text/one", TWICE), idle("text/two")], listed(entry("text/one")))
    assert (summary.passed, summary.known, summary.status) == (0, 1, 0)
    assert "1 known" in facts(summary)


def test_a_listed_case_that_holds_is_stale_and_red():
    summary = summed([judged("text/one", TWICE), judged("text/two", CLEAN)], listed(entry("text/*")))
    assert objections(summary) == [("stale", 1, ("text/two",))]
    assert summary.status == 1
    assert facts(summary).startswith("1 passed, 0 failed, 0 errored, 0 not applicable, 0 warnings, 1 known, 1 stale; ")


@pytest.mark.parametrize("rule", ["expect", "errored", "END-3"])
def test_every_word_of_a_list_can_be_stale(rule):
    assert objections(summed([judged("text/one", CLEAN)], listed(entry("text/one", rule=rule)))) == [
        ("stale", 1, ("text/one",))
    ]


def test_a_flaky_one_may_fail_or_pass():
    entries = listed(entry("text/*", more="flaky = true"))
    summary = summed([judged("text/one", TWICE), judged("text/two", CLEAN)], entries)
    assert (summary.passed, summary.known, summary.objections, summary.status) == (1, 1, (), 0)


def test_a_warning_is_enough_for_an_entry_not_to_be_stale():
    summary = summed([judged("text/one", EMPTY)], listed(entry("text/one", rule="TEXT-3")))
    assert (summary.passed, summary.objections) == (1, ())


def test_a_pattern_that_matches_no_case_of_the_suite_is_red():
    summary = summed([judged("text/one", TWICE)], listed(entry("text/one", "text/gone", "gone/*")))
    assert objections(summary) == [("unmatched", 1, ("text/gone", "gone/*"))]
    assert summary.status == 1


def test_a_pattern_that_matches_nothing_is_red_though_nothing_was_exercised():
    assert summed([idle("text/one")], listed(entry("gone/*"))).status == 1


@pytest.mark.parametrize(
    ("found", "rules"),
    [
        ([idle("text/two")], BY_ID),  # not applicable
        ([], BY_ID),  # not selected
        ([errored("text/two")], BY_ID),  # no transcript
        ([judged("text/two", CLEAN)], set(BY_ID) - {"END-3"}),  # the profile, or the configuration, does not ask
    ],
)
def test_what_was_not_judged_by_the_rule_is_neither_red_nor_green_and_is_told(found, rules):
    entries = listed(entry("text/two", "text/one"))
    others = [judged("text/one", TWICE)] if rules is BY_ID else []
    summary = summed([*others, *found], entries, loaded=["text/one", "text/two"], rules=rules)
    assert summary.objections == ()
    [unasked] = summary.review.unasked
    assert unasked.patterns == (("text/two",) if others else ("text/two", "text/one"))


def test_without_a_list_nothing_is_said_of_known_failures():
    summary = summary_of([judged("text/one", TWICE)], target="x", profile="spec", strict=False)
    assert summary.review is None
    assert "known" not in facts(summary)


# What is written


def test_what_counts_and_is_not_listed_is_added_by_rule():
    found = [held(judged("text/one", TWICE, {"text": "b"}), listed(entry("text/*"))), judged("tools/one", TWICE)]
    loaded = ["text/one", "text/two", "tools/one", "tools/two"]
    assert additions(found, loaded) == [("END-3", ("tools/one",)), ("expect", ("text/one",))]


def test_no_entry_is_made_of_what_expired_nor_of_a_case_without_a_transcript():
    old = listed(entry("text/one", more="expires = 2026-06-14"))
    assert additions([held(judged("text/one", TWICE), old), errored("text/two")], ["text/one", "text/two"]) == []


@pytest.mark.parametrize(
    ("wanted", "others", "neutral", "patterns"),
    [
        (["a/1", "a/2", "b/1"], [], [], ("*",)),
        (["a/1", "a/2", "b/1"], ["b/2"], [], ("a/*", "b/1")),
        (["a/1", "a/2"], [], [], ("a/*",)),
        (["a/1"], [], [], ("a/1",)),
        (["a/1", "a/2"], ["a/3"], [], ("a/1", "a/2")),
        (["a/1", "a/2"], ["a/3"], ["a/3"], ("a/*",)),
        (["a/1", "a/2", "b/1"], ["ab/1"], [], ("a/*", "b/1")),
        (["a/1", "b/1"], ["c/1"], ["c/1"], ("*",)),
        ([], ["a/1"], [], ()),
    ],
)
def test_a_glob_stands_only_where_it_is_honest(wanted, others, neutral, patterns):
    assert covering(wanted, [*wanted, *others], neutral) == patterns


def left(entries, found, loaded=None):
    results = [held(result, entries) for result in found]
    ids = loaded or [result.case.id for result in found]
    neutral = [result.case.id for result in found if isinstance(result, NotApplicable)]
    return kept(entries, reviewed(results, entries, file="", loaded=ids, rules=BY_ID), ids, neutral)


def test_what_is_stale_is_taken_out_of_a_pattern_and_what_is_unmatched_goes():
    entries = listed(entry("text/*", "gone/*"), entry("tools/*"))
    found = [judged("text/1", TWICE), judged("text/2", CLEAN), judged("text/3", TWICE), judged("tools/1", CLEAN)]
    assert left(entries, found) == [[["text/1", "text/3"], []], [[]]]


def test_what_this_run_tells_nothing_of_stays_listed():
    entries = listed(entry("text/*", "tools/*"))
    found = [judged("text/1", CLEAN)]
    assert left(entries, found, ["text/1", "text/2", "text/3", "tools/1"]) == [[["text/2", "text/3"], ["tools/*"]]]


def test_what_is_not_applicable_keeps_no_pattern_alive():
    entries = listed(entry("text/*"), entry("*"))
    found = [judged("text/1", CLEAN), idle("text/2"), judged("tools/1", TWICE), idle("tools/2")]
    assert left(entries, found) == [[[]], [["tools/1"]]]
    assert left(entries, [*found, judged("tools/3", TWICE)]) == [[[]], [["tools/*"]]]


def test_a_pattern_of_which_nothing_applies_and_nothing_is_stale_stays():
    assert left(listed(entry("text/*")), [idle("text/1"), judged("tools/1", CLEAN)]) == [[["text/*"]]]


def test_a_run_in_which_every_case_is_known_to_error_exercised_nothing():
    assert summed([errored("text/1")], listed(entry("*", rule="errored"))).status == 4
    found = [errored("text/1"), judged("text/2", TWICE)]
    assert summed(found, listed(entry("text/1", rule="errored"), entry("text/2"))).status == 0


def test_a_narrowed_pattern_names_nothing_twice():
    entries = listed(entry("text/*", "text/1"), entry("*"))
    found = [judged("text/1", TWICE), judged("text/2", TWICE), judged("text/3", CLEAN)]
    assert left(entries, found) == [[["text/2"], ["text/1"]], [[]]]
