"""Calls that are broken, cut, unnamed or asked about: what the answer owes all the same, and how it may end."""

import pytest

from answers import BASE, COUNTED, META, USAGE, gives, result, says, text
from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Stimulus, Transcript
from harness.rules.rule import Level

PARIS = '{"city":"Paris"}'
CUT = '{"city": "Par'


def calls(id_="call_1", given=PARIS, name="get_weather"):
    return {"type": "tool-call", "toolCallId": id_, "toolName": name, "input": given}


def begins(*deltas, id_="call_1", name="get_weather"):
    start = {"type": "tool-input-start", "id": id_, "toolName": name}
    return [start, *({"type": "tool-input-delta", "id": id_, "delta": delta} for delta in deltas)]


def finish(reason="tool-calls"):
    return {"type": "finish", "finishReason": reason, "usage": USAGE}


def call(id_="call_1", arguments=PARIS, index=0, name="get_weather"):
    function = {"name": name, "arguments": arguments}
    return {
        "type": "tool_call",
        **BASE,
        "index": index,
        "toolCall": {"id": id_, "type": "function", "function": function},
    }


def asks(id_="call_1"):
    approval = {"id": f"approval_{id_}", "needsApproval": True}
    question = {"toolCallId": id_, "toolName": "get_weather", "input": {"city": "Paris"}, "approval": approval}
    return {"type": "approval-requested", **BASE, **question}


def done(reason="tool_calls"):
    return {"type": "done", **BASE, "finishReason": reason, "usage": COUNTED}


def error(code):
    return {"type": "error", **BASE, "error": {"message": "failed", "code": code}}


def verdict(events, chunks, profile="spec", **stimulus):
    compactor = Compactor()
    records = tuple(compactor.feed(chunk) for chunk in chunks)
    known = None if events is None else (META, *events)
    return judge(Transcript(records, stimulus=Stimulus(events=known, **stimulus)), profile=profile)


def found(events, chunks, profile="spec", **stimulus):
    return [one.rule.id for one in verdict(events, chunks, profile, **stimulus).violations]


def musts_for_tanstack(events, chunks):
    return [one.rule.id for one in verdict(events, chunks, "tanstack").of(Level.MUST)]


def test_a_call_that_is_held_back_excuses_no_text_and_no_other_call():
    events = [says("Hel"), says("lo"), calls("call_0"), calls(given=CUT), finish("length")]
    assert found(events, [text("Hello"), call("call_0"), done("length")]) == []
    assert found(events, [text("Hel"), call("call_0"), done("length")]) == ["TEXT-4"]
    assert found(events, [text("Hello"), done("length")]) == ["TOOL-12"]


def test_an_error_for_a_broken_call_owes_what_came_before_the_call():
    events = [says("Hello"), calls("call_0"), gives(1, "call_0"), calls(given=CUT), says(" more"), finish()]
    before = [text("Hello"), call("call_0"), result("1", "call_0")]
    failed = error("TOOL_ARGS_PARSE_ERROR")
    assert found(events, [*before, failed]) == []
    assert found(events, [before[0] | {"delta": "Hello mo", "content": "Hello mo"}, *before[1:], failed]) == []
    assert found(events, [*before[1:], failed]) == ["TEXT-4"]
    assert found(events, [*before[:2], failed]) == ["RESULT-3"]
    assert found(events, [text("Hallo"), *before[1:], failed]) == ["TEXT-4"]


def test_an_error_for_a_conflict_owes_what_came_before_it():
    events = [says("Hello"), calls(), calls(given="{}"), says(" more"), finish()]
    assert found(events, [text("Hello"), call(), error("TOOL_CALL_CONFLICT")]) == []
    assert found(events, [call(), error("TOOL_CALL_CONFLICT")]) == ["TEXT-4"]


def test_another_failure_in_its_place_is_one_finding():
    assert found([says("Hello"), calls(given=CUT), finish()], [error("OTHER")]) == ["TOOL-20"]
    assert found([says("Hello"), calls(given=CUT), finish()], [text("Hello"), error("undefined")]) == ["END-7"]


@pytest.mark.parametrize("profile", ["spec", "tanstack"])
def test_a_call_whose_id_our_decoder_made_may_have_any_id(profile):
    events = [calls("made_1"), calls("made_2", "{}"), gives("sunny", "made_1"), finish()]
    answer = [call("a"), result("sunny", "a"), call("b", "{}", 1), done()]
    assert found(events, answer, profile, made_ids={"made_1", "made_2"}) == []
    assert "TOOL-17" in found(events, answer, profile)


TIME = call("b", "{}", 1, "get_time")


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ([call("a"), result("sunny", "a"), TIME], []),
        ([call("a", '{"city":"Rome"}'), result("sunny", "a"), TIME], ["TOOL-18"]),
        ([call("a"), result("sunny", "a"), call("b", "{}", 1, "getTime")], ["TOOL-16"]),
        ([call("a"), result("sunny", "a")], ["TOOL-12"]),
        ([call("a"), result("sunny", "a"), TIME, call("c", "[]", 2)], ["TOOL-2", "TOOL-13"]),
        ([call("a"), result("rainy", "a"), TIME], ["RESULT-4"]),
        ([call("a"), TIME], ["RESULT-3"]),
        ([call("a"), result("sunny", "a"), call("c", "{}", 1, "get_time"), result("9:00", "c")], ["RESULT-5"]),
    ],
)
def test_a_call_without_an_id_of_its_own_is_found_by_name_arguments_and_order(answer, wanted):
    events = [calls("made_1"), gives("sunny", "made_1"), calls("made_2", "{}", "get_time"), finish()]
    reason = "stop" if wanted in (["TOOL-12"], ["RESULT-5"]) else "tool_calls"
    assert found(events, [*answer, done(reason)], made_ids={"made_1", "made_2"}) == wanted


def test_half_a_call_without_an_id_is_half_a_call():
    events = [*begins(CUT, id_="made_1"), finish()]
    assert found(events, [call("a", CUT), done()], made_ids={"made_1"}) == ["TOOL-14"]
    assert found(events, [call("a", "{}"), done()], made_ids={"made_1"}) == ["TOOL-22"]


@pytest.mark.parametrize(
    ("arguments", "spec", "tanstack_musts"),
    [
        (CUT, ["TOOL-14"], ["TOOL-4"]),
        ('{"ci', ["TOOL-14"], ["TOOL-4"]),
        ("{}", ["TOOL-22"], ["TOOL-22"]),
        ('{"city": "Par"}', ["TOOL-22"], ["TOOL-22"]),
    ],
)
def test_half_a_call_is_not_emitted_and_never_completed(arguments, spec, tanstack_musts):
    events = [*begins('{"city"', ': "Par'), finish()]
    assert found(events, [call(arguments=arguments), done()]) == spec
    assert musts_for_tanstack(events, [call(arguments=arguments), done()]) == tanstack_musts


def test_a_whole_call_without_its_event_only_warns_for_tanstack():
    events = [*begins('{"city":', '"Paris"}'), finish()]
    assert musts_for_tanstack(events, [call(arguments='{ "city": "Paris" }'), done()]) == []
    assert found(events, [call(arguments='{ "city": "Paris" }'), done()]) == ["TOOL-14"]


@pytest.mark.parametrize(
    ("chunks", "wanted", "level"),
    [
        ([done()], "TOOL-4", Level.MUST),
        ([done(), done("stop")], "TOOL-4", Level.MUST),
        ([done("length"), done()], "TOOL-4", Level.MUST),
        ([done("length")], "TOOL-23", Level.SHOULD),
        ([done("stop")], "TOOL-23", Level.SHOULD),
        ([done(), done("length")], "TOOL-23", Level.SHOULD),
        ([error("529")], None, None),
    ],
)
def test_broken_arguments_count_most_where_the_engine_runs_the_call(chunks, wanted, level):
    levels = {one.rule.id: one.level for one in verdict(None, [call(arguments=CUT), *chunks], "tanstack").violations}
    assert {id_: levels[id_] for id_ in levels.keys() & {"TOOL-4", "TOOL-23"}} == ({wanted: level} if wanted else {})


def test_a_tool_that_needs_approval_is_not_called_unasked():
    request = {"tools": [{"name": "get_weather", "needsApproval": True}, {"name": "get_time"}, "odd", {"name": 1}]}
    assert found(None, [call(), done()], request=request) == ["APPROVAL-8"]
    assert found(None, [call(), done()], "tanstack", request=request) == []
    assert found(None, [call(), asks(), done()], request=request) == []
    assert found(None, [call(), result("1"), done("stop")], request=request) == []
    assert found(None, [call(name="get_time"), done()], request=request) == []
    assert found(None, [call(), error("529")], request=request) == []
    assert found(None, [call(), done()], request={"tools": {"get_weather": 1}}) == []


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ('{"error":"denied"}', []),
        ('"sunny"', []),
        ("sunny", []),
        ('"rainy"', ["RESULT-6"]),
        ("denied", ["RESULT-6"]),
        ('["error"]', ["RESULT-6"]),
    ],
)
def test_an_answered_question_gives_the_sources_result_or_a_denial(content, wanted):
    events = [calls(), gives("sunny"), finish()]
    assert found(events, [call(), asks(), result(content), done("stop")]) == wanted


def test_an_approved_call_without_a_result_is_left_to_the_client():
    assert found([calls(), finish()], [call(), asks(), done()]) == []


@pytest.mark.parametrize(
    ("chunks", "wanted"),
    [
        ([call(), result("1"), done("stop")], []),
        ([call(), result("1"), done()], ["RESULT-7"]),
        ([call(), result("1"), call("call_2", index=1), done()], []),
        ([call(), result("1"), call("call_2", index=1), done("stop")], ["TOOL-10"]),
        ([call(), result("1"), done("length")], []),
    ],
)
def test_a_response_whose_calls_are_all_answered_ends_in_stop(chunks, wanted):
    assert found(None, chunks) == wanted
