"""§13.7's tests, ported, and the states of §13.2."""

import pytest

from harness.reference.arguments import ParsedArguments
from harness.reference.tool_calls import ToolCallAccumulator, ToolCallState


class Clock:
    def __init__(self):
        self.ms = 1_000

    def __call__(self):
        return self.ms


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def calls(clock):
    return ToolCallAccumulator(clock)


def test_string_deltas_are_joined(calls):
    calls.initialize("tc1", "testTool")
    calls.accumulate("tc1", '{"arg')
    calls.accumulate("tc1", '1": "value1"}')
    calls.mark_ready("tc1")
    assert calls.get("tc1").args == '{"arg1": "value1"}'
    assert calls.get("tc1").delta_count == 2


def test_object_deltas_are_merged(calls):
    calls.initialize("tc1", "testTool")
    calls.accumulate("tc1", {"arg1": "value1"})
    calls.accumulate("tc1", {"arg2": "value2"})
    calls.mark_ready("tc1")
    assert calls.get("tc1").args == {"arg1": "value1", "arg2": "value2"}


def test_concurrent_calls_have_indices_of_their_own(calls):
    calls.initialize("tc1", "tool1")
    calls.initialize("tc2", "tool2")
    assert (calls.get("tc1").index, calls.get("tc2").index) == (0, 1)


def test_stale_calls_are_cleaned_up(calls, clock):
    calls.initialize("tc1", "testTool")
    clock.ms += 35_000
    assert calls.cleanup_stale(30_000) == ["tc1"]
    assert not calls.has("tc1")


def test_a_call_of_exactly_the_greatest_age_is_not_stale(calls, clock):
    calls.initialize("old", "t")
    clock.ms += 1
    calls.initialize("young", "t")
    clock.ms += 30_000
    assert calls.cleanup_stale() == ["old"]
    assert calls.has("young")


def test_an_emitted_call_never_grows_stale(calls, clock):
    calls.initialize("tc1", "t")
    calls.mark_emitted("tc1", "t", ParsedArguments("{}"))
    clock.ms += 99_000
    assert calls.cleanup_stale() == []
    assert calls.has("tc1")


def test_a_call_goes_through_the_states_in_order(calls):
    calls.initialize("tc1", "t")
    assert calls.get("tc1").state is ToolCallState.PENDING
    calls.accumulate("tc1", "{")
    assert calls.get("tc1").state is ToolCallState.ACCUMULATING
    calls.mark_ready("tc1")
    assert calls.get("tc1").state is ToolCallState.READY
    calls.mark_emitted("tc1", "t", ParsedArguments("{}"))
    assert calls.get("tc1").state is ToolCallState.EMITTED


def test_no_state_is_left_backwards(calls):
    calls.initialize("tc1", "t")
    calls.mark_ready("tc1")
    calls.accumulate("tc1", "{}")
    assert calls.get("tc1").state is ToolCallState.READY
    assert calls.get("tc1").args == "{}"
    calls.mark_emitted("tc1", "t", ParsedArguments("{}"))
    calls.mark_ready("tc1")
    calls.initialize("tc1", "t")
    assert calls.get("tc1").state is ToolCallState.EMITTED


def test_a_call_that_is_initialised_again_keeps_its_index_and_loses_its_deltas(calls):
    calls.initialize("tc1", "t")
    calls.accumulate("tc1", '{"a":')
    calls.initialize("tc1", "t")
    calls.initialize("tc2", "t")
    assert (calls.get("tc1").index, calls.get("tc1").args) == (0, "")
    assert calls.get("tc2").index == 1


@pytest.mark.parametrize(
    ("deltas", "args"),
    [
        ([], ""),
        ([None], ""),
        ([1], "1"),
        ([True], "true"),
        (['{"n":', 1.5, "}"], '{"n":1.5}'),
        (['{"n":', {"deep": 1}, "}"], '{"n":{"deep":1}}'),
        (['{"n":', [1, "é"], "}"], '{"n":[1,"é"]}'),
        ([{"a": 1}, {"a": 2}], {"a": 2}),
        (['{"a":1}', {"b": 2}], {"a": 1, "b": 2}),
        ([{"a": 1}, " "], '{"a":1} '),
        (["[1]", {"b": 2}], '[1]{"b":2}'),
        (['{"a":', {"b": 1}, {"c": 2}], '{"a":{"b":1}{"c":2}'),
        (['{"a":', {"b": 1}, "}", {"c": 2}], '{"a":{"b":1}}{"c":2}'),
    ],
)
def test_deltas_of_every_type_come_to_text_or_to_an_object(calls, deltas, args):
    calls.initialize("tc1", "t")
    for delta in deltas:
        assert calls.accumulate("tc1", delta)
    assert calls.get("tc1").args == args


def test_a_merged_object_does_not_change_the_event_that_brought_it(calls):
    first = {"a": 1}
    calls.initialize("tc1", "t")
    calls.accumulate("tc1", first)
    calls.accumulate("tc1", {"b": 2})
    assert first == {"a": 1}


def test_an_unknown_call_takes_no_delta(calls):
    assert calls.accumulate("nobody", "{}") is False
    calls.mark_ready("nobody")
    calls.remove("nobody")
    assert calls.get("nobody") is None


def test_pending_calls_are_all_but_the_emitted_ones(calls):
    for id_ in ("a", "b", "c"):
        calls.initialize(id_, "t")
    calls.mark_ready("b")
    calls.mark_emitted("c", "t", ParsedArguments("{}"))
    assert list(calls.get_all_pending()) == ["a", "b"]


def test_a_removed_call_does_not_give_its_index_away_and_a_cleared_accumulator_counts_anew(calls):
    calls.initialize("a", "t")
    calls.remove("a")
    calls.initialize("b", "t")
    assert not calls.has("a")
    assert calls.get("b").index == 1
    calls.clear()
    calls.initialize("c", "t")
    assert (calls.has("b"), calls.get("c").index) == (False, 0)
