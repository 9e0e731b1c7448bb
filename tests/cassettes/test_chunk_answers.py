"""Chunks that an adapter yielded tell of a provider's answer: the same reading, with the pauses that it had."""

import pytest

from harness.cassettes.importing.chunk_answers import answers_of
from harness.protocol.chunk_reading import reading_of_chunks
from harness.protocol.event_reading import reading_of_events
from harness.protocol.transcript import Record

NAMES = {"id": "r", "model": "m"}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a"'}}
USAGE = {"promptTokens": 3, "completionTokens": 4, "totalTokens": 9}


def said(delta, **more):
    return {"type": "content", **NAMES, "delta": delta, **more}


def called(arguments, index=0, id_="c1", name="f"):
    call = {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"type": "tool_call", **NAMES, "index": index, "toolCall": call}


def done(reason="stop", **more):
    return {"type": "done", **NAMES, "finishReason": reason, **more}


def answers(*chunks, at=None):
    times = at or [None] * len(chunks)
    return answers_of(
        Record(number, chunk, (), time) for number, (chunk, time) in enumerate(zip(chunks, times, strict=True))
    )


def events_of(*chunks):
    [answer] = answers(*chunks).answers
    return [event for _, event in answer]


STORIES = {
    "text": [said("Hel"), said("lo"), done(usage=USAGE)],
    "reasoning between texts": [said("a"), {"type": "thinking", **NAMES, "delta": "hm"}, said("b"), done()],
    "one call in pieces": [called('{"a"'), called(": 1}"), done("tool_calls")],
    "two calls, their arguments in turn": [
        called("{"), called("{", 1, "c2", "g"), called("}"), called("}", 1, "c2", "g"), done("tool_calls"),
    ],
    "calls without an index": [
        {"type": "tool_call", **NAMES, "toolCall": CALL}, called("}", None), done("tool_calls"),
    ],
    "a call without arguments": [called(""), done("tool_calls")],
    "length": [said("a"), done("length")],
    "filtered": [done("content_filter")],
    "an error": [said("a"), {"type": "error", **NAMES, "error": {"message": "no", "code": "7"}}],
    "cut": [said("a"), said("b")],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_the_reading_of_the_events_is_that_of_the_chunks(story):
    got, expected = reading_of_chunks(STORIES[story]), reading_of_events(events_of(*STORIES[story]))
    for part in ("text", "reasoning", "finish_reason", "error", "ended", "response_id", "model"):
        assert getattr(got, part) == getattr(expected, part), part
    assert [(one.id, one.name, one.arguments or "{}") for one in got.tool_calls] == [
        (one.id, one.name, one.arguments) for one in expected.tool_calls
    ]
    if got.usage is not None:
        assert got.usage == expected.usage


def test_pauses_are_those_of_the_recording():
    [answer] = answers(said("a"), said("b"), done(), at=[100.0, 350.5, 350.5]).answers
    assert [round(pause, 6) for pause, _ in answer if pause] == [0.1, 0.2505]


def test_without_a_recordings_clock_the_chunks_own_counts_from_the_first():
    [answer] = answers(said("a", timestamp=5000), said("b", timestamp=5100), done(timestamp=5050)).answers
    assert [round(pause, 6) for pause, _ in answer if pause] == [0.1]


@pytest.mark.parametrize("timestamp", [None, "5", True, float("nan"), float("inf"), 10**400])
def test_a_time_that_is_none_is_no_pause(timestamp):
    [answer] = answers(said("a", timestamp=1), said("b", timestamp=timestamp), done(timestamp=timestamp)).answers
    assert all(pause == 0 for pause, _ in answer)


def test_what_the_engine_says_between_two_answers_is_passed_over_and_its_time_is_the_next_ones():
    result = {"type": "tool_result", **NAMES, "toolCallId": "c1", "content": "7"}
    asked = {"type": "tool-input-available", **NAMES, "toolCallId": "c1", "toolName": "f", "input": {}}
    found = answers(
        called("{}"), done("tool_calls"), asked, result, said("a"), done(), at=[0.0, 1.0, 2.0, 3.0, 903.0, 904.0]
    )
    assert (len(found.answers), found.passed_over) == (2, 2)
    assert found.answers[1][0].pause == 0.9


def test_a_second_end_right_behind_an_end_is_passed_over():
    found = answers(called("{}"), done("tool_calls"), done("stop"))
    assert (len(found.answers), found.passed_over) == (1, 1)


def test_what_is_no_chunk_is_passed_over():
    found = answers("text", None, [], {}, {"type": 7}, {"type": {}}, {"type": "banana"}, said("a"))
    assert (len(found.answers), found.passed_over) == (1, 7)


AG_UI = [
    {"type": "RUN_STARTED", "threadId": "t", "runId": "r", "model": "m"},
    {"type": "REASONING_MESSAGE_START", "messageId": "x", "role": "reasoning"},
    {"type": "REASONING_MESSAGE_CONTENT", "messageId": "x", "delta": "hm"},
    {"type": "STEP_FINISHED", "stepName": "s", "delta": "hm"},
    {"type": "TEXT_MESSAGE_START", "messageId": "y", "role": "assistant"},
    {"type": "TEXT_MESSAGE_CONTENT", "messageId": "y", "delta": "Hi", "model": "m"},
    {"type": "TEXT_MESSAGE_END", "messageId": "y"},
    {"type": "TOOL_CALL_START", "toolCallId": "c1", "toolCallName": "f", "toolName": "f", "index": 0},
    {"type": "TOOL_CALL_ARGS", "toolCallId": "c1", "delta": '{"a"'},
    {"type": "TOOL_CALL_ARGS", "toolCallId": "c1", "delta": ":1}"},
    {"type": "TOOL_CALL_END", "toolCallId": "c1", "input": {"a": 1}},
    {"type": "TOOL_CALL_START", "toolCallId": "c2", "toolName": "g"},
    {"type": "TOOL_CALL_END", "toolCallId": "c2", "toolName": "g", "input": {"b": "ü"}},
]
ENDS = [
    {"type": "RUN_FINISHED", "runId": "r", "finishReason": "tool_calls", "usage": USAGE},
    {
        "type": "RUN_FINISHED", "threadId": "t", "runId": "r",
        "usage": [{"inputTokens": 3, "outputTokens": 4, "totalTokens": 9}],
        "metadata": {"tanstack": {"finishReason": "tool_calls"}},
    },
]  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
def test_ag_ui_tells_the_same_in_its_own_words(end):
    found = answers(*AG_UI, end)
    assert found.passed_over == 0
    said = reading_of_events(event for _, event in found.answers[0])
    assert (said.text, said.reasoning, said.model) == ("Hi", "hm", "m")
    assert [(one.id, one.name, one.arguments) for one in said.tool_calls] == [
        ("c1", "f", '{"a":1}'), ("c2", "g", '{"b": "ü"}'),
    ]  # fmt: skip
    assert (said.finish_reason, said.ended) == ("tool_calls", "finished")
    assert (said.usage.prompt_tokens, said.usage.completion_tokens, said.usage.total_tokens) == (3, 4, 9)


@pytest.mark.parametrize("error", [{"message": "no", "code": "7"}, {"error": {"message": "no", "code": "7"}}])
def test_ag_ui_has_two_forms_of_an_error(error):
    [event] = [one for one in events_of({"type": "RUN_ERROR", **error}) if one["type"] == "error"]
    assert event["error"] == {"message": "no", "code": "7"}


def test_reasoning_that_only_steps_tell_is_theirs():
    steps = [{"type": "STEP_FINISHED", "stepId": "s", "delta": delta} for delta in ("h", "m", None)]
    assert reading_of_events(events_of(*steps, said("a"))).reasoning == "hm"
