"""What a person expects of a case is what the oracle folds from the same source: two witnesses, one story."""

from __future__ import annotations

import pytest

from harness.protocol.event_reading import reading_of_events
from harness.protocol.exact_json import same_text
from harness.suite import store
from harness.suite.stimulus import stimulus

BY_ID = {case.id: case for case in store.bundled() if case.expect is not None}
ZEROS = {"promptTokens": 0, "completionTokens": 0, "totalTokens": 0}


@pytest.fixture(params=sorted(BY_ID))
def told(request, cases):
    """What a person wrote, and the reading of the same source; a call that breaks the stream is told by itself."""
    case = BY_ID[request.param]
    reading = reading_of_events(stimulus(case).events)
    return (
        cases[case.id]["expect"],
        reading,
        bool(reading.conflicts) or not all(call.intact for call in reading.tool_calls),
    )


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
        assert [(call["id"], call["name"]) for call in expect["toolCalls"]] == [(call.id, call.name) for call in calls]
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
    assert breaks or reading.error is not None
    if expect["error"] is not True and not breaks:
        assert reading.error.code in allowed(expect["error"]["code"])


def allowed(words):
    return words if isinstance(words, list) else [words]
