"""Scope wire: the frame, told once for each kind of fault, and the engine's loop inside it."""

import pytest

from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Framing, FramingFault, Transcript
from harness.rules.rule import Level

BASE = {"id": "resp_1", "model": "m", "timestamp": 1_700_000_000_000}
DONE = {
    "type": "done",
    **BASE,
    "finishReason": "stop",
    "usage": dict.fromkeys(("promptTokens", "completionTokens", "totalTokens"), 0),
}
BARE = {"type": "error", "error": {"message": "Overloaded"}}


def violations(chunks, *faults, profile="spec"):
    compactor = Compactor()
    framing = Framing("sse", tuple(FramingFault(*fault) for fault in faults))
    records = tuple(compactor.feed(chunk) for chunk in chunks)
    return judge(Transcript(records, scope="wire", framing=framing), profile=profile).violations


def found(chunks, *faults, profile="spec"):
    return [(one.rule.id, one.finding.chunk) for one in violations(chunks, *faults, profile=profile)]


def test_a_fault_of_the_frame_is_told_once_with_the_number_of_its_places():
    blank, last = "a blank line behind line 1", "data: [DONE] last"
    (first, second) = violations([DONE], (2, blank, "data: {}"), (3, blank, "data: {}"), (9, last, "the end"))
    assert (first.rule.id, first.finding.path) == ("WIRE-1", "line 2")
    assert "1 more place" in first.finding.seen
    assert (second.finding.path, second.finding.seen) == ("line 9", "the end")


def test_a_named_event_is_a_rule_of_its_own_that_only_warns_for_tanstack():
    named = [(line, "data: and a chunk's JSON on one line", "event: chunk") for line in (1, 4)]
    (one,) = violations([DONE], *named)
    assert (one.rule.id, one.level, one.finding.path) == ("WIRE-3", Level.MUST, "line 1")
    (one,) = violations([DONE], *named, profile="tanstack")
    assert (one.rule.id, one.level) == ("WIRE-3", Level.SHOULD)


def test_what_comes_behind_the_end_mark_is_no_named_event():
    (one,) = violations([DONE], (9, "nothing behind data: [DONE]", "event: chunk"))
    assert one.rule.id == "WIRE-1"


@pytest.mark.parametrize(
    ("chunks", "wanted"),
    [
        ([DONE, DONE], [("END-3", 1)]),
        ([DONE | {"finishReason": "tool_calls"}, BARE], [("TOOL-11", 0), ("WIRE-2", 1)]),
        ([DONE, BARE], [("END-3", 1), ("WIRE-2", 1)]),
        ([BARE, BARE], [("WIRE-2", 0), ("END-3", 1), ("WIRE-2", 1)]),
    ],
)
def test_a_second_end_is_found_on_the_wire_too(chunks, wanted):
    assert found(chunks) == wanted
