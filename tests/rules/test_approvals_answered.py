"""Approvals whose answers are known: what follows a denial, an approval, and a question that nobody answers (R27)."""

import pytest

from answers import BASE, META, call, calls, done, finish, gives, result, text
from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Ending, Stimulus, Transcript

NEEDS = {"tools": [{"name": "get_weather", "description": "", "needsApproval": True}]}
DENIED = result('{"error":"User declined tool execution"}')
SOURCE = [META, calls(), finish("tool-calls")]
ANSWERED = [META, calls(), gives({"deg": 21}), finish("tool-calls")]
TWO = [META, calls(), calls("call_2"), finish("tool-calls")]


def asks(id_="call_1", name="get_weather"):
    return {
        "type": "approval-requested",
        **BASE,
        "toolCallId": id_,
        "toolName": name,
        "input": {"city": "Paris"},
        "approval": {"id": f"approval_{id_}", "needsApproval": True},
    }


def found(chunks, events=SOURCE, profile="spec", request=NEEDS, ending=None, **answers):
    compactor = Compactor()
    records = tuple(compactor.feed(chunk) for chunk in chunks)
    stimulus = Stimulus(request, None if events is None else tuple(events), approvals=answers)
    transcript = Transcript(records, ending or Ending(), stimulus)
    return [violation.rule.id for violation in judge(transcript, profile=profile).violations]


@pytest.mark.parametrize("events", [SOURCE, ANSWERED, None])
@pytest.mark.parametrize(
    ("behind", "wanted"),
    [
        ([DENIED, done()], []),
        ([done()], ["APPROVAL-9"]),
        ([done("tool_calls")], ["APPROVAL-9"]),
        ([result('{"deg":21}'), done()], ["APPROVAL-9"]),
        ([result("denied"), done()], ["APPROVAL-9"]),
        ([DENIED, done("tool_calls")], ["RESULT-7"]),
        ([DENIED, DENIED, done()], ["RESULT-2"]),
    ],
)
def test_a_denied_call_is_answered_with_an_error_and_nothing_else(events, behind, wanted):
    assert found([call(), asks(), *behind], events, call_1=False) == wanted


def test_the_stream_goes_on_after_a_denial():
    events = [META, calls(), {"type": "text-delta", "id": "t", "delta": "Well."}, finish("tool-calls")]
    assert found([call(), asks(), DENIED, text("Well."), done()], events, call_1=False) == []
    assert found([call(), asks(), DENIED, done()], events, call_1=False) == ["TEXT-4"]


@pytest.mark.parametrize(
    ("behind", "wanted"),
    [
        ([result('{"deg":21}'), done()], []),
        ([done()], ["APPROVAL-10"]),
        ([done("tool_calls")], ["APPROVAL-10"]),
        ([result('{"deg":22}'), done()], ["RESULT-6"]),
        ([DENIED, done()], ["RESULT-6"]),
    ],
)
def test_an_approved_call_gives_the_result_that_the_source_has(behind, wanted):
    assert found([call(), asks(), *behind], ANSWERED, call_1=True) == wanted


@pytest.mark.parametrize(
    ("behind", "wanted"),
    [
        ([done("tool_calls")], []),
        ([done("stop")], ["APPROVAL-11"]),
        ([done("length")], ["END-13"]),
        ([result('{"deg":21}'), done()], ["RESULT-6"]),
    ],
)
def test_an_approved_call_without_a_result_is_left_to_the_consumer(behind, wanted):
    assert found([call(), asks(), *behind], SOURCE, call_1=True) == wanted


def test_a_reason_that_the_source_names_is_kept_beside_an_approved_call():
    assert found([call(), asks(), done("length")], [META, calls(), finish("length")], call_1=True) == []


def test_one_call_that_is_left_makes_the_whole_response_one_that_calls_tools():
    two = [call(), asks(), DENIED, call("call_2", index=1), asks("call_2")]
    assert found([*two, done("tool_calls")], TWO, call_1=False, call_2=True) == []
    assert found([*two, done("stop")], TWO, call_1=False, call_2=True) == ["APPROVAL-11"]
    assert found([*two, result('{"error":"no"}', "call_2"), done()], TWO, call_1=False, call_2=False) == []


def test_where_no_answers_are_known_both_ends_are_right():
    assert found([call(), asks(), DENIED, done()], SOURCE) == []
    assert found([call(), asks(), done("tool_calls")], SOURCE) == []


@pytest.mark.parametrize(
    ("behind", "ending", "wanted"),
    [
        ([], Ending("aborted", place=2), []),
        ([text("Well.")], Ending("aborted", place=3), []),
        ([DENIED, done()], None, ["APPROVAL-12"]),
        ([done("tool_calls")], None, ["APPROVAL-12"]),
        ([DENIED], Ending("aborted", place=3), ["APPROVAL-12"]),
        ([DENIED], Ending("aborted", place=2), ["ABORT-2"]),
    ],
)
def test_a_question_that_nobody_answers_holds_what_depends_on_it(behind, ending, wanted):
    assert found([call(), asks(), *behind], None, ending=ending, other=True) == wanted


def test_a_question_comes_before_the_result():
    assert found([call(), DENIED, asks(), done()], call_1=False) == ["APPROVAL-13"]
    assert found([call(), DENIED, asks(), done()]) == ["APPROVAL-13"]


def test_questions_are_asked_one_by_one():
    late = [call(), asks(), call("call_2", index=1), asks("call_2"), DENIED, done("tool_calls")]
    assert found(late, TWO, call_1=False, call_2=True) == ["APPROVAL-14"]
    approved = [call(), asks(), call("call_2", index=1), asks("call_2"), done("tool_calls")]
    assert found(approved, TWO, call_1=True, call_2=True) == []


def test_a_tool_that_needs_no_approval_is_not_asked_about():
    free = {"tools": [{"name": "get_weather", "description": ""}]}
    assert found([call(), asks(), DENIED, done()], request=free, call_1=False) == ["APPROVAL-15"]
    assert found([call(), asks(), DENIED, done()], request={}, call_1=False) == []
    assert found([call(), done("tool_calls")], request=free) == []


def test_a_call_whose_answer_is_ready_is_asked_about_though_it_has_a_result():
    assert found([call(), result('{"deg":21}'), done()], ANSWERED, call_1=True) == ["APPROVAL-8"]
    assert found([call(), result('{"deg":21}'), done()], ANSWERED) == []


def test_tanstacks_engine_asks_and_denies_by_itself():
    assert found([call(), done("tool_calls")], profile="tanstack", call_1=False) == []
    assert found([call(), done()], profile="tanstack", call_1=False) == ["TOOL-10"]


def test_a_source_that_fails_after_a_denial_is_no_reason_to_find_more():
    events = [META, calls(), {"type": "error", "error": {"message": "Overloaded"}}]
    failed = {"type": "error", **BASE, "error": {"message": "Overloaded"}}
    assert found([call(), asks(), DENIED, failed], events, call_1=False) == []
    assert found([call(), asks(), failed], events, call_1=False) == []
