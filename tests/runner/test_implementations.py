"""The suite finds each known fault by the rule that forbids it, and none in the implementation that is right."""

import sys
from pathlib import Path

import pytest

from harness.drivers import connect
from harness.results import Failed, Passed
from harness.runner import run
from harness.suite import store
from harness.suite.over_loopback import AREA
from harness.suite.selection import selected

TESTS = Path(__file__).parents[1]

FAULTS = [
    ("drops_the_last_delta", "TEXT-4", "text"),
    ("doubles_a_delta", "TEXT-4", "text"),
    ("restarts_content_at_each_block", "TEXT-2", "text"),
    ("sends_the_delta_as_content", "TEXT-2", "text"),
    ("forgets_reasoning", "THINK-4", "reasoning"),
    ("makes_a_new_id_for_each_chunk", "ID-1", "identity"),
    ("reads_the_clock_for_each_chunk", "ID-8", "identity"),
    ("encodes_arguments_twice", "TOOL-2", "tool-calls"),
    ("reads_numbers_as_floats", "TOOL-18", "arguments"),
    ("takes_an_empty_object_for_malformed_arguments", "TOOL-19", "arguments"),
    ("counts_calls_as_they_complete", "TOOL-3", "tool-calls"),
    ("sends_arguments_in_fragments", "TOOL-1", "tool-calls"),
    ("forgets_calls", "TOOL-12", "tool-calls"),
    ("emits_calls_that_the_provider_ran", "TOOL-15", "provider-tools"),
    ("answers_calls_that_nobody_made", "RESULT-1", "text"),
    ("doubles_done", "END-3", "ending"),
    ("forgets_the_end", "END-1", "ending"),
    ("talks_after_the_end", "END-2", "text"),
    ("counts_no_tokens", "USAGE-4", "usage"),
    ("counts_what_is_no_number", "SHAPE-12", "usage"),
    ("says_stop_for_a_filtered_answer", "END-13", "finish-reasons"),
    ("says_stop_for_a_cut_answer", "END-13", "finish-reasons"),
    ("says_null_for_every_reason", "END-9", "finish-reasons"),
    ("swallows_errors", "END-11", "errors"),
    ("says_undefined", "END-6", "errors"),
    ("raises_where_an_error_chunk_is_due", "END-5", "errors"),
    ("exits_where_an_error_chunk_is_due", "END-5", "errors"),
    ("yields_text", "SHAPE-1", "text"),
    ("yields_sets", "SHAPE-12", "text"),
]


# The same answers as bytes are asked of the reference, as is all else, in tests/walks.
CASES = [case for case in store.bundled() if case.area != AREA]


@pytest.fixture
def results_of(monkeypatch):
    """Run cases against one of tests/implementations.py and return the results."""
    monkeypatch.chdir(TESTS)
    monkeypatch.setattr(sys, "path", list(sys.path))

    def results_of(name, *patterns, **keywords):
        driver = connect(f"python:implementations:{name}")
        try:
            return list(run(selected(CASES, patterns), driver, **keywords))
        finally:
            driver.close()

    return results_of


def broken(results):
    """The ids of the rules that made a case fail."""
    failed = [result for result in results if isinstance(result, Failed)]
    return {one.rule.id for result in failed for one in result.verdict.violations if one.level.name == "MUST"}


@pytest.mark.parametrize(("name", "rule", "area"), FAULTS)
def test_the_suite_finds_the_fault_by_the_rule_that_forbids_it(results_of, name, rule, area):
    assert rule in broken(results_of(name, area))


@pytest.mark.parametrize("name", ["never_ends", "blocks_its_thread"])
def test_the_suite_finds_silence(results_of, name):
    results = results_of(name, "text/one-delta", timeout=0.2)
    assert "END-8" in broken(results)


def test_a_cut_stream_taken_for_a_whole_one_warns_and_fails_only_strictly(results_of):
    cut = "ending/cut-in-the-text"
    [lenient] = results_of("takes_a_cut_stream_for_a_whole_one", cut)
    [strict] = results_of("takes_a_cut_stream_for_a_whole_one", cut, strict=True)
    assert "END-14" in {violation.rule.id for violation in lenient.verdict.violations}
    assert lenient.verdict.conforms
    assert isinstance(strict, Failed)


@pytest.mark.parametrize(
    ("name", "profile"),
    [  # the right one in profile spec is the reference, which passes the whole suite in tests/walks
        ("right", "tanstack"),
        ("prints_to_stdout", "spec"),
        ("prints_to_stdout", "tanstack"),
    ],
)
def test_nothing_is_found_in_the_implementation_that_is_right(results_of, name, profile):
    results = results_of(name, profile=profile)
    assert [result.case.id for result in results if isinstance(result, Failed)] == []
    assert sum(isinstance(result, Passed) for result in results) >= 120


def test_every_wrong_implementation_is_held_to_its_rule(monkeypatch):
    """An implementation that no test asks would rot."""
    monkeypatch.syspath_prepend(str(TESTS))
    import implementations

    made = {name for name, value in vars(implementations).items() if hasattr(value, "transform") and name.islower()}
    asked = {name for name, _, _ in FAULTS}
    others = {"right", "prints_to_stdout", "never_ends", "blocks_its_thread", "takes_a_cut_stream_for_a_whole_one"}
    assert made == asked | others
