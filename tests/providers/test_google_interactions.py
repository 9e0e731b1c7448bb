import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converse_and_interactions import WHOLE_INTERACTION, interaction
from harness.protocol.event_reading import reading_of_events
from harness.providers import counted_ids, decode, decoded
from harness.providers.guess import guessed_wire

WIRE = "google-interactions"
HEAD = {"id": "v1_a", "object": "interaction", "model": "gemini"}
CREATED = {"event_type": "interaction.created", "interaction": HEAD | {"status": "in_progress"}}
NAMED = {"type": "response-metadata", "id": "v1_a", "modelId": "gemini"}
COUNTS = {"total_tokens": 9, "total_input_tokens": 3, "total_output_tokens": 4, "total_thought_tokens": 2}
USAGE = {"inputTokens": 3, "outputTokens": 4, "totalTokens": 9, "reasoningTokens": 2}


def start(index, kind, **more):
    return {"event_type": "step.start", "index": index, "step": {"type": kind, **more}}


def delta(index, kind, **more):
    return {"event_type": "step.delta", "index": index, "delta": {"type": kind, **more}}


def stop(index):
    return {"event_type": "step.stop", "index": index}


def completed(status="completed", **more):
    return {"event_type": "interaction.completed", "interaction": HEAD | {"status": status, "usage": COUNTS, **more}}


def in_contents(event):
    """The same event in the vocabulary of the API's first months."""
    kind = event["event_type"].replace("step.", "content.").replace("created", "start").replace("completed", "complete")
    other = event | {"event_type": kind}
    if "step" in other:
        step = other.pop("step")
        other["content"] = step | {"type": step["type"].replace("model_output", "text")}
    return other


def events_of(*events):
    return decoded(WIRE, interaction(*events), counted_ids("made"))


THOUGHTS_AND_TEXT = (
    CREATED, {"event_type": "interaction.status_update", "interaction_id": "v1_a", "status": "in_progress"},
    start(0, "thought"), delta(0, "thought_summary", content={"type": "text", "text": "hm"}),
    delta(0, "thought_signature", signature=""), delta(0, "thought_signature", signature="s"), stop(0),
    start(1, "model_output"), delta(1, "text", text="Hel"), delta(1, "text", text="lo"), stop(1), completed(),
)  # fmt: skip


@pytest.mark.parametrize("spelled", [dict, in_contents], ids=["steps", "contents"])
def test_thoughts_and_text(spelled):
    assert events_of(*map(spelled, THOUGHTS_AND_TEXT)) == [
        NAMED,
        {"type": "reasoning-start", "id": "0"},
        {"type": "reasoning-delta", "id": "0", "delta": "hm"},
        {"type": "reasoning-delta", "id": "0", "delta": "", "providerMetadata": {"google": {"thoughtSignature": "s"}}},
        {"type": "reasoning-end", "id": "0"},
        {"type": "text-start", "id": "1"},
        {"type": "text-delta", "id": "1", "delta": "Hel"},
        {"type": "text-delta", "id": "1", "delta": "lo"},
        {"type": "text-end", "id": "1"},
        {"type": "finish", "finishReason": "stop", "usage": USAGE},
    ]


def test_parallel_calls_whose_arguments_interleave():
    assert events_of(
        CREATED, start(0, "function_call", id="a", name="weather", arguments={}),
        start(1, "function_call", id="b", name="clock", arguments={}), delta(0, "arguments_delta", arguments='{"n":'),
        delta(1, "arguments_delta", arguments=""), delta(0, "arguments_delta", arguments="1.0}"), stop(1), stop(0),
        completed("requires_action"),
    )[1:] == [
        {"type": "tool-input-start", "id": "a", "toolName": "weather"},
        {"type": "tool-input-start", "id": "b", "toolName": "clock"},
        {"type": "tool-input-delta", "id": "a", "delta": '{"n":'},
        {"type": "tool-input-delta", "id": "a", "delta": "1.0}"},
        {"type": "tool-input-delta", "id": "b", "delta": "{}"},
        {"type": "tool-input-end", "id": "b"},
        {"type": "tool-call", "toolCallId": "b", "toolName": "clock", "input": "{}"},
        {"type": "tool-input-end", "id": "a"},
        {"type": "tool-call", "toolCallId": "a", "toolName": "weather", "input": '{"n":1.0}'},
        {"type": "finish", "finishReason": "tool-calls", "usage": USAGE},
    ]  # fmt: skip


def test_a_call_of_the_first_months_comes_whole_in_a_delta():
    assert events_of(
        {"event_type": "content.start", "index": 0, "content": {"type": "function_call"}},
        {"event_type": "content.delta", "index": 0,
         "delta": {"type": "function_call", "id": "a", "name": "f", "arguments": {"n": 1.0}}},
        {"event_type": "content.stop", "index": 0},
    ) == [
        {"type": "tool-input-start", "id": "a", "toolName": "f"},
        {"type": "tool-input-delta", "id": "a", "delta": '{"n":1.0}'},
        {"type": "tool-input-end", "id": "a"},
        {"type": "tool-call", "toolCallId": "a", "toolName": "f", "input": '{"n":1.0}'},
    ]  # fmt: skip


def test_a_call_without_an_id_gets_one_and_one_that_never_stops_is_no_call():
    found = events_of(start(0, "function_call", name="f"), delta(0, "arguments_delta", arguments="{"), completed())
    assert [event["type"] for event in found] == ["tool-input-start", "tool-input-delta", "response-metadata", "finish"]
    assert found[0]["id"] == "made_0"


def test_tools_that_google_runs_itself():
    assert events_of(
        start(0, "google_search_call", id="g", arguments={}),
        delta(0, "google_search_call", arguments={"queries": ["q"]}), stop(0),
        start(1, "google_search_result", call_id="g"), delta(1, "google_search_result", result=[{"u": 1}]), stop(1),
        start(2, "mcp_server_tool_call", id="m", name="lookup", server_name="s", arguments={"x": 1}), stop(2),
        start(3, "mcp_server_tool_result", call_id="m", result="no", is_error=True), stop(3), completed(),
    ) == [
        {"type": "tool-call", "toolCallId": "g", "toolName": "google_search", "input": '{"queries":["q"]}',
         "providerExecuted": True},
        {"type": "tool-result", "toolCallId": "g", "toolName": "google_search", "result": [{"u": 1}],
         "providerExecuted": True},
        {"type": "tool-call", "toolCallId": "m", "toolName": "lookup", "input": '{"x":1}', "providerExecuted": True},
        {"type": "tool-result", "toolCallId": "m", "toolName": "lookup", "result": "no", "isError": True,
         "providerExecuted": True},
        NAMED,
        {"type": "finish", "finishReason": "stop", "usage": USAGE},
    ]  # fmt: skip


def test_annotations_are_sources_once_each():
    cited = [
        {"type": "url_citation", "url": "https://a.test", "title": "A"},
        {"type": "file_citation", "file_name": "f.pdf"},
        {"start_index": 0, "end_index": 2, "source": "https://b.test"},
        {"type": "place_citation"},
    ]
    found = events_of(start(0, "model_output"), delta(0, "text_annotation_delta", annotations=cited),
                      delta(0, "text", text="", annotations=cited))  # fmt: skip
    assert found == [
        {"type": "source", "sourceType": "url", "id": "made_0", "url": "https://a.test", "title": "A"},
        {"type": "source", "sourceType": "document", "id": "made_1", "mediaType": "text/plain", "title": "f.pdf"},
        {"type": "source", "sourceType": "url", "id": "made_2", "url": "https://b.test"},
    ]


def test_an_image_and_a_sound_are_files():
    found = events_of(start(0, "model_output"), delta(0, "image", data="iVBO", mime_type="image/png"),
                      delta(0, "audio", data="AAAA"), delta(0, "image", uri="https://a.test"))  # fmt: skip
    assert found == [
        {"type": "file", "mediaType": "image/png", "data": "iVBO"},
        {"type": "file", "mediaType": "audio/*", "data": "AAAA"},
    ]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("completed", "stop"),
        ("requires_action", "tool-calls"),
        ("incomplete", "length"),
        ("budget_exceeded", "length"),
        ("requires_continuation", "unknown"),
        ("something_new", "unknown"),
    ],
)
def test_every_status(status, reason):
    assert events_of(CREATED, completed(status)) == [NAMED, {"type": "finish", "finishReason": reason, "usage": USAGE}]


def test_completed_with_a_call_for_the_client_is_tool_calls():
    found = events_of(start(0, "function_call", id="a", name="f"), stop(0), completed())
    assert found[-1]["finishReason"] == "tool-calls"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"errors": [{"code": "quota", "message": "no more"}]}, {"code": "quota", "message": "no more"}),
        ({}, {"message": "the interaction is failed", "code": "failed"}),
        ({"errors": "x"}, {"message": "the interaction is failed", "code": "failed"}),
    ],
)
def test_a_failed_interaction_is_an_error_that_still_cost_something(more, error):
    assert events_of(CREATED, completed("failed", **more)) == [NAMED, {"type": "error", "error": error, "usage": USAGE}]


def test_a_cancelled_interaction_is_no_answer():
    assert reading_of_events(events_of(CREATED, completed("cancelled"))).error.code == "cancelled"


def test_an_error_in_the_stream_ends_it():
    body = interaction(
        CREATED, {"event_type": "error", "error": {"code": "unavailable", "message": "try again"}}, completed()
    )
    assert decoded(WIRE, body, counted_ids("made")) == [
        NAMED,
        {"type": "error", "error": {"code": "unavailable", "message": "try again"}},
    ]


def test_a_step_that_failed_is_an_error():
    (error,) = events_of(start(0, "model_output", error={"code": 13, "message": "m"}), completed())
    assert error == {"type": "error", "error": {"code": 13, "message": "m"}}


def test_a_stream_that_breaks_off_has_no_finish_but_what_was_counted_beside_a_delta():
    said = delta(0, "text", text="a") | {"metadata": {"usage": COUNTS}}
    events = events_of(CREATED, start(0, "model_output"), said)
    assert events[-1] == {"type": "custom", "kind": "streamchunk.usage", "usage": USAGE}
    assert reading_of_events(events).ended == "truncated"


def test_a_whole_interaction_gives_what_its_stream_would_have_given():
    assert decoded(WIRE, json.dumps(WHOLE_INTERACTION).encode(), counted_ids("made")) == [
        NAMED,
        {"type": "reasoning-start", "id": "0"},
        {"type": "reasoning-delta", "id": "0", "delta": "hm"},
        {"type": "reasoning-delta", "id": "0", "delta": "", "providerMetadata": {"google": {"thoughtSignature": "s"}}},
        {"type": "reasoning-end", "id": "0"},
        {"type": "text-start", "id": "1"},
        {"type": "text-delta", "id": "1", "delta": "See."},
        {"type": "source", "sourceType": "url", "id": "made_0", "url": "https://a.test", "title": "A"},
        {"type": "file", "mediaType": "image/png", "data": "iVBO"},
        {"type": "text-end", "id": "1"},
        {"type": "tool-call", "toolCallId": "g1", "toolName": "google_search", "input": '{"queries":["q"]}',
         "providerExecuted": True},
        {"type": "tool-result", "toolCallId": "g1", "toolName": "google_search", "result": [{"url": "https://b.test"}],
         "providerExecuted": True},
        {"type": "tool-input-start", "id": "c1", "toolName": "weather"},
        {"type": "tool-input-delta", "id": "c1", "delta": '{"city":"Paris","n":1.0}'},
        {"type": "tool-input-end", "id": "c1"},
        {"type": "tool-call", "toolCallId": "c1", "toolName": "weather", "input": '{"city":"Paris","n":1.0}'},
        {"type": "tool-input-start", "id": "c2", "toolName": "clock"},
        {"type": "tool-input-delta", "id": "c2", "delta": "{}"},
        {"type": "tool-input-end", "id": "c2"},
        {"type": "tool-call", "toolCallId": "c2", "toolName": "clock", "input": "{}"},
        {"type": "finish", "finishReason": "tool-calls", "usage": {
            "inputTokens": 12, "outputTokens": 4, "totalTokens": 18, "reasoningTokens": 2, "cachedInputTokens": 3}},
    ]  # fmt: skip


def test_the_outputs_of_the_first_months_are_read_too():
    outputs = [{"type": "thought", "signature": "s"}, {"type": "text", "text": "Hi"}]
    events = decoded(WIRE, json.dumps(HEAD | {"status": "completed", "outputs": outputs}).encode(), counted_ids("made"))
    assert reading_of_events(events).text == "Hi"
    assert [event["type"] for event in events][1:4] == ["reasoning-start", "reasoning-delta", "reasoning-end"]


@pytest.mark.parametrize("status", ["in_progress", "queued"])
def test_an_interaction_that_still_runs_is_no_answer(status):
    assert decoded(WIRE, json.dumps(HEAD | {"status": status, "steps": []}).encode(), counted_ids("made")) == []


@pytest.mark.parametrize("event", [CREATED, start(0, "thought"), in_contents(start(0, "thought")),
                                   {"event_type": "error", "error": {"message": "m"}}])  # fmt: skip
def test_the_wire_is_guessed(event):
    assert guessed_wire(interaction(event)) == WIRE


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(["text", "thought", "function_call", "x_result"]),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from(["type", "text", "content", "name", "arguments", "annotations", "url", "summary",
                                       "id", "status", "usage", "steps", "errors"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
EVENTS = st.fixed_dictionaries(
    {"event_type": st.sampled_from(["step.start", "step.delta", "content.stop", "interaction.completed", "x"])},
    optional={"index": VALUES | st.just(0), "step": VALUES, "delta": VALUES, "interaction": VALUES, "metadata": VALUES},
)


@given(st.lists(EVENTS, max_size=6), st.integers(1, 60))
def test_whatever_stands_in_the_events_nothing_fails_at_any_cut(events, size):
    body = interaction(*events)
    stage = decode(WIRE, counted_ids("made"))
    found = [event for begin in range(0, len(body), size) for event in stage.feed(body[begin : begin + size])]
    assert found + stage.close() == decoded(WIRE, body, counted_ids("made"))
