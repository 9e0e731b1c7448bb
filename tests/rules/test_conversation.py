"""Scope chat: turns, what the engine puts between them, and what holds for each turn by itself (R39)."""

import pytest

from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Ending, Stimulus, Transcript

USAGE = {"promptTokens": 1, "completionTokens": 2, "totalTokens": 3}


def base(turn):
    return {"id": f"resp_{turn}", "model": "m", "timestamp": 1_700_000_000_000 + turn}


def text(turn, delta, content):
    return {"type": "content", **base(turn), "delta": delta, "content": content}


def call(turn, id_="call_1", index=0):
    function = {"name": "f", "arguments": "{}"}
    return {
        "type": "tool_call",
        **base(turn),
        "index": index,
        "toolCall": {"id": id_, "type": "function", "function": function},
    }


def result(turn, id_="call_1"):
    return {"type": "tool_result", **base(turn), "toolCallId": id_, "content": "null"}


def asks(turn, id_="call_1"):
    approval = {"id": f"approval_{id_}", "needsApproval": True}
    return {
        "type": "approval-requested",
        **base(turn),
        "toolCallId": id_,
        "toolName": "f",
        "input": {},
        "approval": approval,
    }


def done(turn, reason="stop"):
    return {"type": "done", **base(turn), "finishReason": reason, "usage": USAGE}


def error(turn):
    return {"type": "error", **base(turn), "error": {"message": "Overloaded"}}


def found(*chunks, profile="spec", ending="completed", events=None, request=None):
    compactor = Compactor()
    transcript = Transcript(
        tuple(compactor.feed(chunk) for chunk in chunks), Ending(ending), Stimulus(request or {}, events), "chat"
    )
    return [(violation.rule.id, violation.finding.chunk) for violation in judge(transcript, profile=profile).violations]


LOOP = [text(0, "Wait.", "Wait."), call(0), done(0, "tool_calls"), result(0)]


@pytest.mark.parametrize("profile", ["spec", "tanstack"])
def test_each_turn_has_its_own_id_timestamp_and_text(profile):
    assert found(*LOOP, text(1, "21", "21"), text(1, "°", "21°"), done(1), profile=profile) == []


def test_a_turn_that_goes_on_with_the_text_of_the_turn_before_is_found():
    assert found(*LOOP, text(1, "21", "Wait.21"), done(1)) == [("TEXT-1", 4)]


def test_a_second_turn_that_begins_again_in_its_middle_is_found():
    assert found(*LOOP, text(1, "21", "21"), text(1, "°", "°"), done(1)) == [("TEXT-2", 5)]


def test_a_turn_after_a_turn_without_text_accumulates_by_itself():
    assert found(call(0), done(0, "tool_calls"), result(0), text(1, "21", "21"), done(1)) == []


def test_an_id_that_changes_within_a_turn_is_found():
    assert found(*LOOP, text(1, "21", "21"), done(2)) == [("ID-3", 5), ("ID-8", 5)]


def test_the_last_turn_needs_an_end():
    assert found(*LOOP, text(1, "21", "21")) == [("END-1", None)]


def test_a_malformed_done_in_the_middle_still_ends_its_turn():
    chunks = [text(0, "Wait.", "Wait."), call(0), done(0, "tool-calls"), result(0), text(1, "21", "21"), done(1)]
    assert found(*chunks) == [("SHAPE-8", 2)]


def test_a_conversation_may_end_with_a_question():
    assert found(call(0), done(0, "tool_calls"), asks(0)) == []


def test_a_conversation_may_end_while_a_tool_runs_and_be_aborted():
    assert found(call(0), done(0, "tool_calls"), ending="aborted") == []


def test_tools_run_after_an_adapters_second_done_too():
    chunks = [call(0), done(0, "tool_calls"), done(0), result(0), text(1, "21", "21"), done(1)]
    assert found(*chunks, profile="tanstack") == []


def test_a_result_after_a_plain_stop_is_found():
    assert found(call(0), done(0, "length"), result(0)) == [("CHAT-1", 2)]


def test_a_further_turn_after_a_plain_stop_is_found():
    assert found(text(0, "a", "a"), done(0), text(1, "b", "b"), done(1)) == [("CHAT-2", 2)]


def test_nothing_follows_an_error():
    assert found(*LOOP, error(1), text(1, "b", "b")) == [("END-2", 5)]


def test_a_resumed_conversation_begins_with_the_engine():
    assert found(result(0), text(1, "21", "21"), done(1)) == []
    assert found(asks(0)) == []


def test_a_resumed_conversation_is_held_to_the_messages_that_are_known():
    known = {"messages": [{"role": "assistant", "toolCalls": [{"id": "call_1"}]}]}
    assert found(result(0), text(1, "21", "21"), done(1), request=known) == []
    other = {"messages": [{"role": "assistant", "toolCalls": [{"id": "call_9"}]}]}
    assert found(result(0), text(1, "21", "21"), done(1), request=other) == [("RESULT-1", 0)]


def test_results_may_name_calls_of_any_turn_before():
    chunks = [*LOOP, call(1, "call_2"), done(1, "tool_calls"), result(1, "call_2"), text(2, "21", "21"), done(2)]
    assert found(*chunks) == []
    chunks[6] = result(1, "call_3")
    assert found(*chunks) == [("RESULT-1", 6)]


def test_indices_count_within_a_turn():
    assert found(*LOOP, call(1, "call_2", 0), done(1, "tool_calls"), result(1, "call_2")) == []
    assert found(*LOOP, call(1, "call_2", 1), done(1, "tool_calls"), result(1, "call_2")) == [("TOOL-7", 4)]


def test_nothing_is_said_of_a_source_that_played_one_of_several_turns():
    events = ({"type": "text-delta", "id": "t", "delta": "other"}, {"type": "finish", "finishReason": "stop"})
    assert found(*LOOP, text(1, "21", "21"), done(1), events=events) == []


def test_the_source_of_a_single_turn_is_compared():
    events = ({"type": "text-delta", "id": "t", "delta": "other"}, {"type": "finish", "finishReason": "stop"})
    assert ("TEXT-4", 0) in found(text(0, "21", "21"), done(0), events=events)


def test_no_chunk_at_all_is_no_conversation():
    assert found() == [("END-1", None)]


def test_a_conversation_that_raises_needs_an_error_chunk():
    assert found(*LOOP, ending="raised") == [("END-5", None)]
    assert found(*LOOP, error(1), ending="raised") == []
