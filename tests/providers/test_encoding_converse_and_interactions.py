"""What the two encoders write, message by message, as the providers write it."""

import json

import pytest

from harness.errors import InputError
from harness.providers import Labels, counted_ids, decoded, encoded
from harness.providers.framing import Framing
from harness.stage import drained
from parts import USAGE, call, end, error, finish, metadata, part, reasoning, start, text

CONVERSE, INTERACTIONS = "bedrock-converse", "google-interactions"
SIGNED = {"providerMetadata": {"bedrock": {"signature": "s"}, "google": {"thoughtSignature": "s"}}}
TOLD = [
    metadata("v1_a", "gemini"), reasoning("hm"), reasoning("") | SIGNED, {"type": "reasoning-end", "id": "r"},
    text("Hi"), {"type": "source", "sourceType": "url", "id": "1", "url": "https://a.test/b", "title": "A"},
    {"type": "text-end", "id": "t"}, start(), part('{"n":'), part("1.0}"), end(), call('{"n":1.0}'),
    finish("tool-calls"),
]  # fmt: skip


def messages(wire, *events):
    return [(one.name, one.data) for one in drained(Framing(), b"".join(encoded(wire, events, Labels(created=0))))]


def without_padding(found):
    assert all(isinstance(data.pop("p"), str) for _, data in found)
    return found


def test_an_answer_of_converse():
    assert without_padding(messages(CONVERSE, *TOLD)) == [
        ("messageStart", {"role": "assistant"}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "hm"}}}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"signature": "s"}}}),
        ("contentBlockStop", {"contentBlockIndex": 0}),
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": "Hi"}}),
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"citation": {
            "location": {"web": {"domain": "a.test", "url": "https://a.test/b"}}, "title": "A"}}}),
        ("contentBlockStop", {"contentBlockIndex": 1}),
        ("contentBlockStart",
         {"contentBlockIndex": 2, "start": {"toolUse": {"name": "get_weather", "toolUseId": "call_1"}}}),
        ("contentBlockDelta", {"contentBlockIndex": 2, "delta": {"toolUse": {"input": '{"n":'}}}),
        ("contentBlockDelta", {"contentBlockIndex": 2, "delta": {"toolUse": {"input": "1.0}"}}}),
        ("contentBlockStop", {"contentBlockIndex": 2}),
        ("messageStop", {"stopReason": "tool_use"}),
        ("metadata", {"metrics": {"latencyMs": 800}, "usage": USAGE}),
    ]  # fmt: skip


def test_the_members_of_converse_stand_in_the_order_of_their_names():
    for piece in encoded(CONVERSE, TOLD):
        payload = piece[piece.index(b"{") : -4]
        given = json.loads(payload)
        assert json.dumps(given, sort_keys=True, separators=(",", ":")).encode() == payload


def test_an_answer_of_interactions():
    head = {"id": "v1_a", "object": "interaction", "model": "gemini"}
    said = messages(INTERACTIONS, *TOLD)
    assert [name for name, _ in said] == [data["event_type"] for _, data in said[:-1]] + ["done"]
    assert [{key: value for key, value in data.items() if key != "event_type"} for _, data in said[:-1]] == [
        {"interaction": head | {"status": "in_progress"}},
        {"interaction_id": "v1_a", "status": "in_progress"},
        {"index": 0, "step": {"type": "thought"}},
        {"index": 0, "delta": {"content": {"text": "hm", "type": "text"}, "type": "thought_summary"}},
        {"index": 0, "delta": {"signature": "s", "type": "thought_signature"}},
        {"index": 0},
        {"index": 1, "step": {"type": "model_output"}},
        {"index": 1, "delta": {"text": "Hi", "type": "text"}},
        {"index": 1, "delta": {"type": "text_annotation_delta", "annotations": [
            {"type": "url_citation", "url": "https://a.test/b", "title": "A"}]}},
        {"index": 1},
        {"index": 2, "step": {"id": "call_1", "signature": "", "type": "function_call", "name": "get_weather",
                              "arguments": {}}},
        {"index": 2, "delta": {"arguments": '{"n":', "type": "arguments_delta"}},
        {"index": 2, "delta": {"arguments": "1.0}", "type": "arguments_delta"}},
        {"index": 2},
        {"interaction": head | {
            "status": "requires_action", "created": "1970-01-01T00:00:00Z", "updated": "1970-01-01T00:00:00Z",
            "service_tier": "standard",
            "usage": {"total_tokens": 7, "total_input_tokens": 3,
                      "input_tokens_by_modality": [{"modality": "text", "tokens": 3}], "total_cached_tokens": 0,
                      "total_output_tokens": 4, "total_tool_use_tokens": 0, "total_thought_tokens": 0}}},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "word"),
    [("stop", "end_turn"), ("length", "max_tokens"), ("content-filter", "content_filtered"), ("tool-calls", "tool_use"),
     ("stop_sequence", "stop_sequence"), ("other", "other")],
)  # fmt: skip
def test_every_stop_reason_of_converse(reason, word):
    assert ("messageStop", {"stopReason": word}) in without_padding(messages(CONVERSE, finish(reason)))


def test_without_usage_no_metadata_is_sent():
    assert [name for name, _ in messages(CONVERSE, text("a"), finish(usage=None))][-1] == "messageStop"


def test_a_failure_is_an_exception_of_converse_and_an_error_of_interactions():
    failure = error({"message": "slow down", "code": "throttlingException"})
    assert messages(CONVERSE, text("a"), failure)[-1] == (
        "error",
        {"message": "slow down", "code": "throttlingException"},
    )
    (body,) = encoded(CONVERSE, [failure])
    assert b":exception-type" in body
    assert b":event-type" not in body
    assert messages(INTERACTIONS, failure)[-1] == (
        "error",
        {"error": {"message": "slow down", "code": "throttlingException"}, "event_type": "error"},
    )


def test_an_image_and_tools_that_the_provider_ran_come_back():
    own = {"providerExecuted": True}
    answer = {"type": "tool-result", "toolCallId": "call_1", "toolName": "code_execution", "result": {"a": [1]}, **own}
    told = [
        start(name="code_execution", **own), part("{}"), end(), call(name="code_execution", **own), answer,
        {"type": "file", "mediaType": "image/png", "data": "iVBO"}, finish(),
    ]  # fmt: skip
    for wire in (CONVERSE, INTERACTIONS):
        found = decoded(wire, b"".join(encoded(wire, told)), counted_ids("made"))
        assert {event["type"] for event in found} >= {"tool-call", "tool-result", "file", "finish"}
        assert answer in found
        assert told[-2] in found


@pytest.mark.parametrize(
    ("wire", "event"),
    [
        (CONVERSE, error("no code")),
        (CONVERSE, error({"message": "m", "code": "c" * 40_000})),
        (CONVERSE, error({"message": "m", "code": "\ud83d"})),
        (CONVERSE, error({"message": "m", "code": "c"}) | {"usage": USAGE}),
        (CONVERSE, finish("error")),
        (CONVERSE, {"type": "file", "mediaType": "audio/wav", "data": "AAAA"}),
        (CONVERSE, {"type": "source", "sourceType": "url", "id": "1"}),
        (CONVERSE, {"type": "tool-approval-request", "approvalId": "a", "toolCallId": "c"}),
        (INTERACTIONS, finish("content-filter")),
        (INTERACTIONS, finish("error")),
        (INTERACTIONS, {"type": "file", "mediaType": "text/plain", "data": "AAAA"}),
        (INTERACTIONS, {"type": "source", "sourceType": "url", "id": "1"}),
        (INTERACTIONS, error({"message": "m", "code": "c"}) | {"usage": USAGE}),
    ],
)
def test_what_a_wire_has_no_words_for_is_refused_and_names_it(wire, event):
    with pytest.raises(InputError, match=f"{wire} has no words for"):
        encoded(wire, [event])
