"""Abort: what may still come, and what may not, after the consumer has stopped listening (R28)."""

import pytest

from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Ending, Stimulus, Transcript

BASE = {"id": "resp_1", "model": "m", "timestamp": 1_700_000_000_000}
USAGE = dict.fromkeys(("promptTokens", "completionTokens", "totalTokens"), 0)
DONE = {"type": "done", **BASE, "finishReason": "stop", "usage": USAGE}
ABORTED = {"type": "error", **BASE, "error": {"message": "aborted", "code": "ABORTED"}}
CALL = {
    "type": "tool_call",
    **BASE,
    "index": 0,
    "toolCall": {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
}
SAYS_A = {"type": "text-delta", "id": "t", "delta": "a"}
FINISH = {"type": "finish", "finishReason": "stop"}


def text(*deltas):
    return [
        {"type": "content", **BASE, "delta": delta, "content": "".join(deltas[: number + 1])}
        for number, delta in enumerate(deltas)
    ]


def found(chunks, events=None, times=None, profile="spec", scope="adapter", **ending):
    compactor = Compactor()
    records = tuple(compactor.feed(chunk, (), times[number] if times else None) for number, chunk in enumerate(chunks))
    transcript = Transcript(records, Ending("aborted", **ending), Stimulus({}, events), scope)
    return [(violation.rule.id, violation.finding.chunk) for violation in judge(transcript, profile=profile).violations]


@pytest.mark.parametrize("profile", ["spec", "tanstack"])
@pytest.mark.parametrize(
    ("chunks", "place", "wanted"),
    [
        (text("a"), 1, []),
        ([*text("a"), ABORTED], 1, []),
        (text("a", "b", "c"), 1, [("ABORT-2", 1)]),
        ([*text("a"), CALL], 1, [("ABORT-2", 1)]),
        ([*text("a"), DONE], 1, [("ABORT-3", 1)]),
        ([*text("a"), DONE], 2, []),
        ([*text("a"), DONE | {"finishReason": "length"}], 0, [("ABORT-2", 0), ("ABORT-3", 1)]),
        ([*text("a", "b"), DONE], None, []),
        ([CALL, DONE], 1, [("ABORT-3", 1)]),
    ],
)
def test_nothing_is_said_after_an_abort_but_that_it_was_one(chunks, place, wanted, profile):
    assert found(chunks, place=place, profile=profile) == wanted


def test_without_a_place_only_a_source_that_never_finished_shows_a_false_end():
    chunks = [*text("a"), DONE]
    assert found(chunks, (SAYS_A,)) == [("ABORT-3", 1)]
    assert found(chunks, (SAYS_A, FINISH)) == []
    assert found(chunks) == []


def test_what_a_false_end_leaves_out_is_no_further_finding():
    events = (SAYS_A, {"type": "text-delta", "id": "t", "delta": "b"}, FINISH | {"usage": {"inputTokens": 3}})
    assert found([*text("a"), DONE], events, place=1) == [("ABORT-3", 1)]


@pytest.mark.parametrize(
    ("times", "place", "duration", "wanted"),
    [
        ([10, 500], 2, 1400, []),
        ([10, 500], 2, 1501, [("ABORT-4", None)]),
        ([10, 500], 1, 1400, [("ABORT-2", 1), ("ABORT-4", None)]),
        ([10, 500], 2, None, []),
        ([10, 500], None, 9000, []),
        (None, 2, 900, []),
        (None, 2, 1100, [("ABORT-4", None)]),
    ],
)
def test_an_aborted_stream_ends_within_a_second(times, place, duration, wanted):
    assert found(text("a", "b"), times=times, place=place, duration=duration) == wanted


def test_an_abort_behind_the_end_changes_nothing():
    assert found([*text("a"), DONE], (SAYS_A, FINISH), place=2, duration=60_000) == []
    failed = ABORTED | {"error": {"message": "Overloaded", "code": "529"}}
    assert found([*text("a"), failed], place=2, duration=60_000) == []


def test_a_turn_that_follows_an_abort_is_found():
    turn = [
        CALL,
        DONE | {"finishReason": "tool_calls"},
        {"type": "tool_result", **BASE, "toolCallId": "call_1", "content": "1"},
    ]
    later = [chunk | {"id": "resp_2"} for chunk in text("a")]
    assert found([*turn, *later], scope="chat", place=3) == [("ABORT-2", 3)]
    assert found([*turn, *later], scope="chat", place=4) == []
