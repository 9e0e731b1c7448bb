"""What a person expects of a case is what the oracle folds from the same source: two witnesses, one story."""

from __future__ import annotations

import pytest

from harness.protocol.event_reading import reading_of_events
from harness.protocol.exact_json import same_text
from harness.protocol.script import Exchange
from harness.suite import store
from harness.suite.given import Http
from harness.suite.over_loopback import AREA
from harness.suite.playing import played_events
from harness.suite.stimulus import stimulus


def is_told_by_its_source(case):
    """Over HTTP a failure is told by the transport, and a tool's own name by the request: the source knows neither."""
    if case.abort is not None or case.approvals or case.area == AREA:  # the last: told by the case it was made of
        return False
    if not isinstance(case.given, Http):  # a running application's source is known to nobody
        return case.operation == "transform"
    if case.operation != "chat":
        return False
    fails = case.expect.error is not None
    is_one_answer = len(case.given.answers) == 1 or case.expect.requests
    return bool(is_one_answer) and not fails and not case.id.startswith("requests/renamed-")


BY_ID = {case.id: case for case in store.bundled() if is_told_by_its_source(case)}
ZEROS = {"promptTokens": 0, "completionTokens": 0, "totalTokens": 0}


@pytest.fixture(params=sorted(BY_ID))
def told(request, cases):
    """What a person wrote, and the reading of the same source; a call that breaks the stream is told by itself."""
    case = BY_ID[request.param]
    events = source_of(case)
    if events is None:
        pytest.skip("what is read of an answer without end is known to nobody")
    reading = reading_of_events(events)
    return (
        cases[case.id]["expect"],
        reading,
        bool(reading.conflicts) or not all(call.intact for call in reading.tool_calls),
    )


TARGETS = {
    "openai-chat": "/chat/completions",
    "openai-responses": "/responses",
    "anthropic-messages": "/messages",
    "google-generatecontent": "/models/m:streamGenerateContent",
    "ollama-chat": "/api/chat",
}


def source_of(case):
    """The source of a case; over HTTP that of the last answer, which a person's expectation is about."""
    if not isinstance(case.given, Http):
        return stimulus(case).events
    last = len(case.expect.requests or case.given.answers) - 1
    return played_events(case, [Exchange("POST", TARGETS[case.given.wire], (), b"", 0.0, script=last)])


def test_a_person_and_the_oracle_tell_the_same(told):
    expect, reading, breaks = told
    if breaks:
        assert "finishReason" not in expect
        return
    assert expect.get("text", reading.text) == reading.text
    assert expect.get("reasoning", reading.reasoning) == reading.reasoning
    assert expect.get("usage", reading.as_json()["usage"] or ZEROS) == (reading.as_json()["usage"] or ZEROS)
    assert reading.finish_reason in allowed(expect.get("finishReason", reading.finish_reason))
    if "toolCalls" in expect:
        calls = sorted(reading.tool_calls, key=lambda call: call.index)
        wanted = [(call.get("id", its.id), call["name"]) for call, its in zip(expect["toolCalls"], calls, strict=True)]
        assert wanted == [(call.id, call.name) for call in calls]
        assert all(
            same_text(mine["arguments"], its.arguments) for mine, its in zip(expect["toolCalls"], calls, strict=True)
        )
    if "toolResults" in expect:
        results = [(result.tool_call_id, result.content) for result in reading.tool_results]
        assert [(result["toolCallId"], result["content"]) for result in expect["toolResults"]] == results


def test_a_person_and_the_oracle_see_the_same_failures(told):
    expect, reading, breaks = told
    if "error" not in expect:
        return
    if expect["error"] is None:
        assert reading.error is None
        return
    assert breaks or reading.error is not None
    if expect["error"] is not True and not breaks:
        assert reading.error.code in allowed(expect["error"].get("code", reading.error.code))
        assert expect["error"].get("message", "") in reading.error.message


def allowed(words):
    return words if isinstance(words, list) else [words]
