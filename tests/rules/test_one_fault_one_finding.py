"""One fault is one finding, also where several rules could see it."""

import pytest

from harness.judge import judge

BASE = {"id": "resp_1", "model": "m", "timestamp": 1_700_000_000_000}
COUNTED = dict.fromkeys(("promptTokens", "completionTokens", "totalTokens"), 0)
HELLO = {"type": "content", **BASE, "delta": "Hello", "content": "Hello"}
WORLD = {"type": "content", **BASE, "delta": " world", "content": "Hello world"}
DONE = {"type": "done", **BASE, "finishReason": "stop", "usage": COUNTED}
CALLED = DONE | {"finishReason": "tool_calls"}
PARIS = '{"city":"Paris"}'


def call(id_="call_1", arguments=PARIS, index=0, name="f"):
    function = {"name": name, "arguments": arguments}
    return {
        "type": "tool_call",
        **BASE,
        "index": index,
        "toolCall": {"id": id_, "type": "function", "function": function},
    }


def calls(id_="call_1", given=PARIS):
    return {"type": "tool-call", "toolCallId": id_, "toolName": "f", "input": given}


def source(*events):
    return [{"type": "response-metadata", "id": "resp_1", "modelId": "m"}, *events, {"type": "finish"}]


def found(chunks, profile="spec", events=None):
    return [(one.rule.id, one.finding.chunk) for one in judge(chunks, profile=profile, source=events).violations]


def test_a_malformed_text_does_not_spoil_the_text_behind_it():
    assert found([HELLO | {"delta": 5}, WORLD, DONE]) == [("SHAPE-4", 0)]
    assert found([HELLO | {"content": None}, WORLD, DONE]) == [("SHAPE-4", 0)]


def test_a_malformed_call_leaves_no_gap_in_the_indices():
    assert found([call() | {"index": "0"}, call("call_2", index=1), CALLED]) == [("SHAPE-6", 0)]


def test_a_missing_member_is_told_once_with_the_number_of_its_places():
    bare = {key: value for key, value in HELLO.items() if key not in BASE}
    findings = [one.finding for one in judge([bare] * 5 + [DONE]).violations]
    assert [(one.path, one.chunk) for one in findings] == [("id", 0), ("model", 0), ("timestamp", 0)]
    assert all("4 more chunks" in one.seen for one in findings)


@pytest.mark.parametrize("place", [0, 1])
def test_an_empty_id_is_no_changed_id(place):
    chunks = [HELLO, WORLD, DONE]
    chunks[place] = chunks[place] | {"id": ""}
    text = [{"type": "text-delta", "id": "t", "delta": "Hello world"}]
    assert found(chunks) == [("ID-7", place)]
    assert found(chunks, events=source(*text)) == [("ID-7", place)]
    assert found([chunk | {"id": ""} for chunk in chunks], events=source(*text)) == [("ID-7", 0)]


def test_a_time_before_1970_is_no_changed_time():
    assert found([HELLO, WORLD | {"timestamp": -1}, DONE]) == [("ID-9", 1)]


@pytest.mark.parametrize(
    ("chunks", "spec", "tanstack"),
    [
        ([call(), call()], ["TOOL-1"], ["TOOL-4"]),
        ([call(), call(index=1)], ["TOOL-6"], ["TOOL-6"]),
        ([call(), call("call_2")], ["TOOL-6"], ["TOOL-6"]),
        ([call("", '{"city"'), call("call_1", ':"Paris"}')], ["TOOL-5"], ["TOOL-5"]),
        ([call(arguments='{"city"'), call("", ':"Paris"}', name="")], ["TOOL-1"], []),
        ([call(arguments='{"city"'), call("call_1", ':"Paris"}', 0, "")], ["TOOL-1"], []),
        ([call("")], ["TOOL-5"], ["TOOL-5"]),
    ],
)
def test_a_fault_in_the_order_of_fragments_is_one_finding(chunks, spec, tanstack):
    assert [id_ for id_, _ in found([*chunks, CALLED])] == spec
    assert [id_ for id_, _ in found([*chunks, CALLED], "tanstack")] == tanstack


@pytest.mark.parametrize("events", [[calls()], [calls(), calls("call_2")]])
def test_a_call_that_is_emitted_twice_under_one_id_is_one_finding_beside_its_source(events):
    assert found([call(), call(), CALLED], events=source(*events)) == [("TOOL-1", 1)]
    assert [id_ for id_, _ in found([call(), call(), CALLED], "tanstack", source(*events))] == ["TOOL-4"]


def test_two_calls_under_one_id_are_one_finding_beside_their_source():
    events = source(calls(), calls("call_2", '{"city":"Rome"}'))
    chunks = [call(), call(arguments='{"city":"Rome"}', index=1), CALLED]
    assert found(chunks, events=events) == [("TOOL-6", 1)]


def test_lost_arguments_are_one_finding():
    assert found([call(arguments=""), CALLED], events=source(calls())) == [("TOOL-18", 0)]
    assert found([call(arguments=""), CALLED], events=source(calls(given="{}"))) == [("TOOL-2", 0)]
    assert found([call(arguments=""), CALLED]) == [("TOOL-2", 0)]


def test_a_code_that_is_none_is_one_finding():
    failed = {"type": "error", **BASE, "error": {"message": "Overloaded", "code": "undefined"}}
    assert found([failed]) == [("END-7", 0)]
    cut = [{"type": "response-metadata", "id": "resp_1", "modelId": "m"}]
    assert found([failed], events=cut) == [("END-7", 0)]
    assert found([failed], events=[*cut, {"type": "error", "error": {"code": 529}}]) == [("END-7", 0)]


def test_a_second_answer_behind_the_end_is_one_finding():
    failed = {"type": "error", **BASE, "error": {"message": "Overloaded"}}
    assert found([failed, HELLO, DONE]) == [("END-2", 1)]


@pytest.mark.parametrize(
    ("message", "secret"),
    [
        ('model "skill-mountain-biking-advanced-long" missing', False),
        ("SK-LEARN-IS-NOT-INSTALLED-ON-THIS-MACHINE", False),
        ("Incorrect API key provided: sk-proj-abcdefghijklmnopqrstuv", True),
        ("invalid key gsk_abcdefghijklmnopqrstuvwx", True),
        ("bad key AIzaSyAbcdefghijklmnopqrstuvwx", True),
        ("sent BEARER abcdefghijklmnopqrstuvwx", True),
        ("sent X-API-Key: abc", True),
    ],
)
def test_a_key_is_known_by_its_letters_and_a_header_in_any_case(message, secret):
    failed = {"type": "error", **BASE, "error": {"message": message}}
    assert found([failed]) == ([("END-10", 0)] if secret else [])


def test_an_invented_result_does_not_make_a_call_an_answered_one():
    invented = {"type": "tool_result", **BASE, "toolCallId": "call_1", "content": "1"}
    assert found([call(), invented, CALLED], events=source(calls())) == [("RESULT-5", 1)]
    assert found([call(), invented, CALLED]) == [("RESULT-7", 2)]
