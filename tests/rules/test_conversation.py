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


def hands_on(turn, id_="call_1", name="f"):
    return {"type": "tool-input-available", **base(turn), "toolCallId": id_, "toolName": name, "input": {}}


def done(turn, reason="stop"):
    return {"type": "done", **base(turn), "finishReason": reason, "usage": USAGE}


def error(turn):
    return {"type": "error", **base(turn), "error": {"message": "Overloaded"}}


def found(*chunks, profile="spec", ending="completed", events=None, request=None, scope="chat"):
    compactor = Compactor()
    transcript = Transcript(
        tuple(compactor.feed(chunk) for chunk in chunks), Ending(ending), Stimulus(request or {}, events), scope
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
    assert found(*chunks, profile="tanstack") == [("END-4", 2)]


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


@pytest.mark.parametrize("scope", ["chat", "wire"])
@pytest.mark.parametrize(
    ("chunks", "wanted"),
    [
        ([*LOOP, text(1, "21", "21"), done(1)], []),
        ([text(0, "a", "a"), error(0), error(0)], [("END-3", 2)]),
        ([text(0, "a", "a"), error(0), done(0)], [("END-3", 2)]),
        ([text(0, "a", "a"), done(0), done(0)], [("END-3", 2)]),
        ([text(0, "a", "a"), done(0), error(0)], [("END-3", 2)]),
        ([call(0), done(0, "tool_calls"), done(0)], [("END-4", 2)]),
        ([call(0), done(0, "tool_calls"), done(0), done(0)], [("END-3", 2)]),
        ([call(0), done(0, "tool_calls"), error(0)], []),
        ([*LOOP, error(1)], []),
        ([*LOOP, done(1)], []),
        ([*LOOP, done(1), done(1)], [("END-3", 5)]),
        ([text(0, "a", "a"), error(0), text(1, "b", "b"), done(1)], [("END-2", 2)]),
    ],
)
def test_a_turn_has_one_end_and_the_engine_may_go_on_after_tool_calls(chunks, wanted, scope):
    assert found(*chunks, scope=scope) == wanted


def test_the_wire_is_held_to_the_rules_of_the_conversation():
    assert found(text(0, "a", "a"), done(0), text(1, "b", "b"), done(1), scope="wire") == [("CHAT-2", 2)]
    assert found(call(0), done(0, "length"), result(0), scope="wire") == [("CHAT-1", 2)]


TWO = [call(0), call(0, "call_2", 1), done(0, "tool_calls")]


def test_a_further_turn_needs_the_result_of_every_call():
    later = [text(1, "21", "21"), done(1)]
    assert found(*TWO, result(0), result(0, "call_2"), *later) == []
    assert found(*TWO, result(0), *later) == [("CHAT-4", 4)]
    assert found(*TWO, *later) == [("CHAT-4", 3)]
    assert found(*TWO, result(0), result(0, "call_7"), *later) == [("RESULT-1", 4)]


def test_a_result_of_an_older_turn_does_not_answer_for_a_newer_one():
    turns = [*LOOP, call(1, "call_2"), done(1, "tool_calls"), text(2, "21", "21"), done(2)]
    assert found(*turns) == [("CHAT-4", 6)]


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        ([hands_on(0)], []),
        ([hands_on(0), hands_on(0)], [("CHAT-5", 3)]),
        ([asks(0), hands_on(0)], [("CHAT-5", 3)]),
        ([hands_on(0), asks(0)], [("CHAT-5", 3)]),
        ([result(0), asks(0)], [("CHAT-5", 3)]),
        ([asks(0), asks(0)], [("APPROVAL-4", 3)]),
        ([asks(0), result(0)], []),
    ],
)
def test_a_call_is_handed_on_once(answers, wanted):
    assert found(call(0), done(0, "tool_calls"), *answers) == wanted


def test_two_turns_do_not_share_an_id():
    assert found(*LOOP, text(0, "21", "21"), done(0)) == [("CHAT-6", 4)]


def test_an_id_that_a_later_turn_uses_again_is_another_call():
    again = call(1)
    again["toolCall"] = again["toolCall"] | {"function": {"name": "f", "arguments": '{"a":1}'}}
    turns = [call(0), done(0, "tool_calls"), result(0), again, done(1, "tool_calls")]
    assert found(*turns, result(1), text(2, "21", "21"), done(2)) == []
    assert found(*turns, result(1), result(1), text(2, "21", "21"), done(2)) == [("RESULT-2", 6)]
    assert found(*turns, asks(1) | {"input": {"a": 1}}) == []
    assert found(*turns, asks(1)) == [("APPROVAL-3", 5)]
    assert found(call(0), done(0, "tool_calls"), asks(0), call(1), done(1, "tool_calls"), asks(1)) == [("CHAT-3", 3)]


@pytest.mark.parametrize("question", [asks(0), hands_on(0)])
def test_a_question_names_the_tool_of_its_call(question):
    assert found(call(0), done(0, "tool_calls"), question) == []
    assert found(call(0), done(0, "tool_calls"), question | {"toolName": "g"}) == [("APPROVAL-7", 2)]
    assert found(call(0), done(0, "tool_calls"), question | {"toolCallId": "call_9"})[0][0][:8] == "APPROVAL"
