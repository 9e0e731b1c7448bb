"""A case holds TanStack's own adapters to what their profile makes a MUST, and to no more."""

import pytest

from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Ending, Stimulus, Transcript
from harness.results import Failed, result_of
from harness.suite.case import Case
from harness.suite.comparison import mismatches
from harness.suite.expect import Expect

RAISED = Ending("raised", {"name": "APIError", "message": "429 Too many requests"})
BASE = {"id": "anthropic-1", "model": "claude", "timestamp": 1}
ERROR = {"type": "error", **BASE, "error": {"message": "Too many requests"}}
DONE = {"type": "done", **BASE, "finishReason": "tool_calls"}


def call(id_="fc_1", name="get_weather", arguments='{"city":"Paris"}'):
    function = {"name": name, "arguments": arguments}
    return {"type": "tool_call", **BASE, "index": 0, "toolCall": {"id": id_, "type": "function", "function": function}}


def differences(expect, *chunks, ending=None, profile="tanstack"):
    compactor = Compactor()
    transcript = Transcript(tuple(compactor.feed(chunk) for chunk in chunks), ending or Ending())
    return [one.field for one in mismatches(Expect.model_validate(expect), transcript, profile)]


CALL = {"id": "call_1", "name": "get_weather", "arguments": '{"city":"Paris"}'}


@pytest.mark.parametrize(
    ("expect", "chunks", "ending", "in_spec"),
    [
        ({"id": "msg_1"}, [DONE], None, ["id"]),
        ({"model": "claude-1"}, [DONE], None, ["model"]),
        ({"toolCalls": [CALL]}, [call(), DONE], None, ["toolCalls[0]"]),
        ({"error": {"code": "429", "message": "Too many"}}, [ERROR], None, ["error.code"]),
        ({"error": True, "ended": "error"}, [], RAISED, ["error", "ended"]),
        ({"finishReason": "error"}, [], RAISED, ["finish_reason"]),
        ({"finishReason": ["error", None], "error": True}, [], RAISED, ["error"]),
    ],
)
def test_what_the_readings_leave_to_tanstack_is_no_failure_there(expect, chunks, ending, in_spec):
    spelled = [field.replace("finish_reason", "finishReason") for field in in_spec]
    assert differences(expect, *chunks, ending=ending, profile="spec") == spelled
    assert differences(expect, *chunks, ending=ending) == []


@pytest.mark.parametrize(
    ("expect", "chunks", "ending", "wanted"),
    [
        ({"toolCalls": [CALL]}, [call(name="other"), DONE], None, ["toolCalls[0]"]),
        ({"toolCalls": [CALL]}, [call(arguments="{}"), DONE], None, ["toolCalls[0]"]),
        ({"toolCalls": [CALL]}, [DONE], None, ["toolCalls"]),
        ({"error": {"code": "429", "message": "Quota"}}, [ERROR], None, ["error.message"]),
        ({"error": {"code": "429"}}, [DONE], None, ["error"]),
        ({"error": None}, [ERROR], None, ["error"]),
        ({"error": None, "finishReason": "stop"}, [], RAISED, ["finishReason"]),
        ({"text": "Hello", "error": True}, [], RAISED, ["text"]),
        ({"finishReason": "length"}, [DONE], None, ["finishReason"]),
        ({"error": True, "ended": "error"}, [], None, ["error", "ended"]),
    ],
)
def test_all_else_is_held_against_tanstack_too(expect, chunks, ending, wanted):
    assert differences(expect, *chunks, ending=ending) == wanted


@pytest.mark.parametrize(("profile", "failed"), [("spec", True), ("tanstack", False)])
def test_a_result_is_of_the_profile_that_judged_it(profile, failed):
    case = Case.model_validate(
        {
            "id": "refusals/raised",
            "title": "A refusal is an error",
            "sections": ["R22"],
            "profiles": ["spec", "tanstack"],
            "given": {"events": []},
            "expect": {"error": True},
        }
    )
    transcript = Transcript((), RAISED, Stimulus())
    assert isinstance(result_of(case, transcript, judge(transcript, profile=profile)), Failed) is failed
