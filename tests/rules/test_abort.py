"""Abort: what may still come, and what may not, after the consumer has stopped listening (R28)."""

import pytest

from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.script import Exchange
from harness.protocol.transcript import NOTHING, AbortAt, Ending, Stimulus, Transcript

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


def test_a_false_end_of_a_source_that_failed_is_one_finding_too():
    failed = (SAYS_A, {"$throw": {"name": "TimeoutError", "message": "the provider fell silent"}})
    assert found([*text("a"), DONE], failed, place=1) == [("ABORT-3", 1)]
    assert found([*text("a"), DONE], failed, place=2) == [("END-11", 1)]


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


def test_a_known_time_of_the_abort_beats_the_last_chunk_before_it():
    assert found(text("a"), times=[10], place=1, at=900, duration=1800) == []
    assert found(text("a"), times=[10], place=1, at=900, duration=1901) == [("ABORT-4", None)]


def test_nobody_is_asked_and_nothing_is_answered_after_an_abort():
    question = {"type": "approval-requested", **BASE, "toolCallId": "call_1", "toolName": "f", "input": {}}
    question |= {"approval": {"id": "approval_call_1", "needsApproval": True}}
    denial = {"type": "tool_result", **BASE, "toolCallId": "call_1", "content": '{"error":"aborted"}'}
    assert found([CALL, question], place=2) == []
    assert found([CALL, question, denial], place=2) == [("ABORT-2", 2)]
    assert found([CALL, question], place=1) == [("ABORT-2", 1)]


def http(*exchanges, kind="aborted", operation="chat", chunks=None, result=NOTHING, **ending):
    compactor = Compactor()
    records = tuple(compactor.feed(chunk) for chunk in (text("a") if chunks is None else chunks))
    stimulus = Stimulus({}, operation=operation, abort=AbortAt(milliseconds=100))
    place = len(records) if operation == "chat" else 0
    transcript = Transcript(records, Ending(kind, place=place, **ending), stimulus, exchanges=exchanges, result=result)
    return [one.rule.id for one in judge(transcript).violations if not one.rule.id.startswith("REQ")]


def exchange(asked_at, closed_at=None, closed_by=None, *, whole=False):
    return Exchange(
        "POST", "/chat/completions", (), b"{}", asked_at, closed_at=closed_at, closed_by=closed_by, whole=whole
    )


@pytest.mark.parametrize("operation", ["chat", "structuredOutput"])
@pytest.mark.parametrize(
    ("closed_at", "closed_by", "whole", "wanted"),
    [
        (150, "client", False, []),
        (1100, "client", False, []),
        (1101, "client", False, ["ABORT-5"]),
        (None, None, False, ["ABORT-5"]),
        (90, "client", False, []),
        (90, None, True, []),
        (900, None, True, []),
        (5000, None, True, ["ABORT-5"]),
        (5000, "server", True, ["ABORT-5"]),
        (500, "server", False, []),
    ],
)
def test_the_connection_is_closed_within_a_second(operation, closed_at, closed_by, whole, wanted):
    chunks = [] if operation == "structuredOutput" else None
    open_ = exchange(5, closed_at, closed_by, whole=whole)
    assert http(open_, operation=operation, chunks=chunks, at=100, duration=200) == wanted


def test_without_the_time_of_the_abort_nobody_says_that_it_was_late():
    assert http(exchange(5), duration=200) == []


@pytest.mark.parametrize(
    ("requests", "wanted"),
    [
        ([(5, 150)], []),
        ([(5, 150), (160, 170)], ["ABORT-6"]),
        ([(5, 150), (101, 170)], ["ABORT-6"]),
        ([(5, 90), (160, 170)], ["ABORT-6"]),
        ([(5, 90), (120, 170)], []),
        ([(120, 170)], []),
        ([(160, 170)], ["ABORT-6"]),
    ],
)
def test_nothing_more_is_asked(requests, wanted):
    exchanges = [exchange(asked_at, closed_at, "client") for asked_at, closed_at in requests]
    assert http(*exchanges, at=100, duration=200) == wanted
    assert http(*exchanges, operation="structuredOutput", chunks=[], at=100, duration=200) == wanted


def test_whoever_never_ends_after_an_abort_is_told_once():
    assert http(exchange(5, 150, "client"), kind="timed out", at=100, duration=30_000) == ["ABORT-7"]
    assert http(exchange(5, 150, "client"), kind="timed out", duration=30_000, operation="structuredOutput") == [
        "ABORT-7"
    ]
    stuck = Transcript((), Ending("timed out", duration=30_000), Stimulus({}, abort=AbortAt(chunks=9)))
    assert [one.rule.id for one in judge(stuck).violations] == ["END-8"]


def test_an_abort_in_the_middle_of_an_answer_gives_no_result():
    half, whole = exchange(5, 150, "client"), exchange(5, 90, whole=True)
    given = {"operation": "structuredOutput", "chunks": [], "at": 100, "duration": 200}
    assert http(half, result={"data": {}, "rawText": "{}"}, **given) == ["ABORT-8"]
    assert http(half, **given) == []
    assert http(whole, result={"data": {}, "rawText": "{}"}, **given) == []


def test_a_structured_output_ends_within_a_second_too():
    late = {"operation": "structuredOutput", "chunks": [], "at": 100, "duration": 1200}
    assert http(exchange(5, 150, "client"), **late) == ["ABORT-4"]
