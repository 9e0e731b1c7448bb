"""How a stream ends where nobody said so by a chunk: what was raised though all was well, and what never ends."""

import pytest

from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.script import Exchange
from harness.protocol.transcript import Ending, Stimulus, Transcript

BASE = {"id": "resp_1", "model": "m", "timestamp": 1_700_000_000_000}
HELLO = {"type": "content", **BASE, "delta": "Hello", "content": "Hello"}
DONE = {"type": "done", **BASE, "finishReason": "stop", "usage": None}
FAILED = {"type": "error", **BASE, "error": {"message": "Overloaded"}}
META = {"type": "response-metadata", "id": "resp_1", "modelId": "m"}
SAYS = {"type": "text-delta", "id": "t", "delta": "Hello"}
BROKEN_CALL = {"type": "tool-call", "toolCallId": "c", "toolName": "f", "input": '{"a":'}
RAISED = Ending("raised", {"name": "TypeError", "message": "x is not a function"})
FLOODS = {"TooManyChunks": "no end within 100000 chunks", "TooManyBytes": "no end within 128 MB"}


def finish(reason="stop"):
    return {"type": "finish", "finishReason": reason}


def found(chunks, events, ending=RAISED, profile="tanstack", **more):
    records = tuple(map(Compactor().feed, chunks))
    transcript = Transcript(records, ending, Stimulus({}, None if events is None else tuple(events)), **more)
    return [one for one in judge(transcript, profile=profile).violations if one.rule.id.startswith("END")]


def told(*arguments, **more):
    return [(one.rule.id, one.level.value) for one in found(*arguments, **more)]


@pytest.mark.parametrize("profile", ["spec", "tanstack"])
@pytest.mark.parametrize("chunks", [[], [HELLO]])
@pytest.mark.parametrize("reason", ["stop", "length", "content-filter", "tool-calls"])
def test_whoever_raises_though_the_source_finished_throws_a_good_answer_away(profile, chunks, reason):
    [one] = found(chunks, [META, SAYS, finish(reason)], profile=profile)
    assert (one.rule.id, one.level.value, one.finding.chunk) == ("END-12", "MUST", None)
    assert one.finding.seen == 'raised TypeError: "x is not a function"'


def test_whoever_raises_where_something_failed_lacks_an_error_chunk():
    cut, failed, unknown = [META, SAYS], [META, {"type": "error", "error": "busy"}], None
    for events in (cut, failed, unknown, [META, BROKEN_CALL, finish("tool-calls")]):
        assert told([], events) == [("END-5", "SHOULD")]
        assert told([], events, profile="spec") == [("END-5", "MUST")]


def test_whoever_raises_behind_an_end_is_not_told_of_a_lost_answer():
    assert told([HELLO, DONE], [META, SAYS, finish()]) == [("END-5", "SHOULD")]
    assert told([HELLO, FAILED], [META, SAYS, finish()]) == [("END-12", "MUST")]  # for the error chunk
    assert told([HELLO, {"type": "done"}], [META, SAYS, finish()]) == [("END-5", "SHOULD")]


def test_whoever_raises_what_the_harness_answered_invents_nothing():
    ours = (Exchange("POST", "/x", (), b"{}", 9, status=599, whole=True),)
    assert told([], [META, SAYS, finish()], exchanges=ours) == [("END-5", "SHOULD")]


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_told_as_one(name):
    [one] = found([HELLO], None, Ending("timed out", {"name": name, "message": FLOODS[name]}))
    assert one.rule.id == "END-8"
    assert one.finding.seen == FLOODS[name]


@pytest.mark.parametrize("error", [None, {"name": "Timeout", "message": "no end within 4 s"}])
def test_silence_is_told_as_silence(error):
    [one] = found([HELLO], None, Ending("timed out", error))
    assert (one.rule.id, one.finding.seen) == ("END-8", "silence after chunk 0")
    [one] = found([], None, Ending("timed out", error))
    assert one.finding.seen == "nothing at all"
