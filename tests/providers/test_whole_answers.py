"""An answer that was not streamed gives what its stream would have given."""

import json
from itertools import groupby

import pytest

import cohere_wires
import converse_and_interactions
import small_wires
from harness.protocol.event_reading import reading_of_events
from harness.protocol.reading import Failure
from harness.providers import WIRES, counted_ids, decode, decoded
from harness.providers.guess import guessed_wire

PARIS = '{"city":"Paris","n":1.0}'


def events_of(wire, body):
    return decoded(wire, body, counted_ids("made"))


def whole(wire, answer, indent=None):
    return events_of(wire, json.dumps(answer, indent=indent).encode())


def shape(events):
    """The kinds of the events, with deltas that follow each other as one."""
    return [kind for kind, _ in groupby(event["type"] for event in events)]


MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "stop_reason": "tool_use",
    "stop_sequence": None, "usage": {"input_tokens": 12, "output_tokens": 4, "cache_read_input_tokens": 3},
    "content": [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "redacted_thinking", "data": "x"},
        {"type": "text", "text": "See.", "citations": [
            {"type": "web_search_result_location", "url": "https://a.test", "title": "A", "cited_text": "a"}]},
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "q"}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
        {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Paris", "n": 1.0}},
        {"type": "tool_use", "id": "toolu_2", "name": "clock", "input": {}},
    ],
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_message_of_anthropic(indent):
    search = {"providerExecuted": True}
    assert whole("anthropic-messages", MESSAGE, indent) == [
        {"type": "response-metadata", "id": "msg_1", "modelId": "claude"},
        {"type": "reasoning-start", "id": "0"},
        {"type": "reasoning-delta", "id": "0", "delta": "hm"},
        {"type": "reasoning-delta", "id": "0", "delta": "", "providerMetadata": {"anthropic": {"signature": "s"}}},
        {"type": "reasoning-end", "id": "0"},
        {"type": "reasoning-start", "id": "1", "providerMetadata": {"anthropic": {"redactedData": "x"}}},
        {"type": "reasoning-end", "id": "1"},
        {"type": "text-start", "id": "2"},
        {"type": "text-delta", "id": "2", "delta": "See."},
        {"type": "source", "sourceType": "url", "id": "made_0", "url": "https://a.test", "title": "A"},
        {"type": "text-end", "id": "2"},
        {"type": "tool-input-start", "id": "srvtoolu_1", "toolName": "web_search", **search},
        {"type": "tool-input-delta", "id": "srvtoolu_1", "delta": '{"query":"q"}'},
        {"type": "tool-input-end", "id": "srvtoolu_1"},
        {"type": "tool-call", "toolCallId": "srvtoolu_1", "toolName": "web_search", "input": '{"query":"q"}', **search},
        {"type": "tool-result", "toolCallId": "srvtoolu_1", "toolName": "web_search", "result": [], **search},
        {"type": "tool-input-start", "id": "toolu_1", "toolName": "weather"},
        {"type": "tool-input-delta", "id": "toolu_1", "delta": PARIS},
        {"type": "tool-input-end", "id": "toolu_1"},
        {"type": "tool-call", "toolCallId": "toolu_1", "toolName": "weather", "input": PARIS},
        {"type": "tool-input-start", "id": "toolu_2", "toolName": "clock"},
        {"type": "tool-input-end", "id": "toolu_2"},
        {"type": "tool-call", "toolCallId": "toolu_2", "toolName": "clock", "input": "{}"},
        {"type": "finish", "finishReason": "tool-calls",
         "usage": {"inputTokens": 12, "outputTokens": 4, "totalTokens": 16, "cachedInputTokens": 3}},
    ]  # fmt: skip


def test_an_input_that_a_gateway_sends_as_text_is_not_lost():
    call = {"type": "tool_use", "id": "t", "name": "f", "input": '{"a":1}'}
    message = {"type": "message", "content": [call], "stop_reason": "tool_use"}
    (made,) = reading_of_events(whole("anthropic-messages", message)).tool_calls
    assert made.arguments == '{"a":1}'


RESPONSE = {
    "id": "resp_1", "object": "response", "model": "gpt", "status": "completed", "error": None,
    "incomplete_details": None, "instructions": None,
    "output": [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [
            {"type": "output_text", "text": "See.", "annotations": [
                {"type": "url_citation", "url": "https://a.test", "title": "A", "start_index": 0, "end_index": 1}]}]},
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "weather", "arguments": PARIS,
         "status": "completed"},
    ],
    "usage": {"input_tokens": 12, "output_tokens": 4, "total_tokens": 16,
              "output_tokens_details": {"reasoning_tokens": 2}},
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_response_of_openai(indent):
    assert whole("openai-responses", RESPONSE, indent) == [
        {"type": "response-metadata", "id": "resp_1", "modelId": "gpt"},
        {"type": "reasoning-start", "id": "rs_1:0"},
        {"type": "reasoning-delta", "id": "rs_1:0", "delta": "hm"},
        {"type": "reasoning-end", "id": "rs_1:0"},
        {"type": "text-start", "id": "msg_1"},
        {"type": "text-delta", "id": "msg_1", "delta": "See."},
        {"type": "text-end", "id": "msg_1"},
        {"type": "source", "sourceType": "url", "id": "made_0", "url": "https://a.test", "title": "A"},
        {"type": "tool-input-start", "id": "call_1", "toolName": "weather"},
        {"type": "tool-input-delta", "id": "call_1", "delta": PARIS},
        {"type": "tool-input-end", "id": "call_1"},
        {"type": "tool-call", "toolCallId": "call_1", "toolName": "weather", "input": PARIS},
        {"type": "finish", "finishReason": "tool-calls",
         "usage": {"inputTokens": 12, "outputTokens": 4, "totalTokens": 16, "reasoningTokens": 2}},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "finish"), [("max_output_tokens", "length"), ("content_filter", "content_filter"), ("other", "stop")]
)
def test_an_incomplete_response_ends_for_its_reason_and_keeps_no_call_that_was_cut(reason, finish):
    cut = RESPONSE["output"][2] | {"status": "incomplete", "arguments": '{"ci'}
    ending = {
        "status": "incomplete",
        "incomplete_details": {"reason": reason},
        "output": [*RESPONSE["output"][:2], cut],
    }
    reading = reading_of_events(whole("openai-responses", RESPONSE | ending))
    assert (reading.finish_reason, reading.text, reading.tool_calls) == (finish, "See.", ())


def test_a_failed_response_tells_what_it_said_and_then_fails():
    failed = RESPONSE | {"status": "failed", "error": {"code": "server_error", "message": "boom"}}
    events = whole("openai-responses", failed | {"output": RESPONSE["output"][1:2]})
    assert shape(events) == ["response-metadata", "text-start", "text-delta", "text-end", "source", "error"]
    reading = reading_of_events(events)
    assert (reading.text, reading.error, reading.ended) == ("See.", Failure("boom", "server_error"), "error")
    assert reading_of_events(
        whole("openai-responses", RESPONSE | {"status": "cancelled", "output": []})
    ).error == Failure("the provider ended the response as cancelled", "cancelled")


@pytest.mark.parametrize("status", ["in_progress", "queued"])
def test_a_response_that_still_runs_is_no_answer(status):
    assert whole("openai-responses", RESPONSE | {"status": status}) == []


CHAT = {
    "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt",
    "choices": [
        {"index": 1, "message": {"role": "assistant", "content": "not read"}, "finish_reason": "stop"},
        {"index": 0, "finish_reason": "tool_calls", "message": {
            "role": "assistant", "content": "See.", "reasoning_content": "hm", "refusal": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": PARIS}},
                           {"id": "call_2", "type": "function", "function": {"name": "clock", "arguments": ""}}]}},
    ],
    "usage": {"prompt_tokens": 12, "completion_tokens": 4, "total_tokens": 16},
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_chat_completion(indent):
    assert whole("openai-chat", CHAT, indent) == [
        {"type": "response-metadata", "id": "chatcmpl-1", "modelId": "gpt"},
        {"type": "reasoning-start", "id": "reasoning-0"},
        {"type": "reasoning-delta", "id": "reasoning-0", "delta": "hm"},
        {"type": "reasoning-end", "id": "reasoning-0"},
        {"type": "text-start", "id": "text-0"},
        {"type": "text-delta", "id": "text-0", "delta": "See."},
        {"type": "text-end", "id": "text-0"},
        {"type": "tool-input-start", "id": "call_1", "toolName": "weather"},
        {"type": "tool-input-delta", "id": "call_1", "delta": PARIS},
        {"type": "tool-input-start", "id": "call_2", "toolName": "clock"},
        {"type": "tool-input-end", "id": "call_1"},
        {"type": "tool-call", "toolCallId": "call_1", "toolName": "weather", "input": PARIS},
        {"type": "tool-input-end", "id": "call_2"},
        {"type": "tool-call", "toolCallId": "call_2", "toolName": "clock", "input": ""},
        {"type": "finish", "finishReason": "tool-calls",
         "usage": {"inputTokens": 12, "outputTokens": 4, "totalTokens": 16}},
    ]  # fmt: skip


GEMINI = {
    "responseId": "r1", "modelVersion": "gemini",
    "candidates": [{"finishReason": "STOP", "content": {"role": "model", "parts": [
        {"text": "hm", "thought": True}, {"text": "See."},
        {"functionCall": {"name": "weather", "args": {"city": "Paris", "n": 1.0}}}]}}],
    "usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 4, "totalTokenCount": 18,
                      "thoughtsTokenCount": 2},
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_answer_of_gemini(indent):
    assert whole("google-generatecontent", GEMINI, indent) == [
        {"type": "response-metadata", "id": "r1", "modelId": "gemini"},
        {"type": "reasoning-start", "id": "0"},
        {"type": "reasoning-delta", "id": "0", "delta": "hm"},
        {"type": "reasoning-end", "id": "0"},
        {"type": "text-start", "id": "1"},
        {"type": "text-delta", "id": "1", "delta": "See."},
        {"type": "text-end", "id": "1"},
        {"type": "tool-input-start", "id": "made_0", "toolName": "weather"},
        {"type": "tool-input-delta", "id": "made_0", "delta": PARIS},
        {"type": "tool-input-end", "id": "made_0"},
        {"type": "tool-call", "toolCallId": "made_0", "toolName": "weather", "input": PARIS},
        {"type": "finish", "finishReason": "tool-calls",
         "usage": {"inputTokens": 12, "outputTokens": 4, "totalTokens": 18, "reasoningTokens": 2}},
    ]  # fmt: skip


WHOLE = {
    "openai-chat": CHAT,
    "openai-responses": RESPONSE,
    "anthropic-messages": MESSAGE,
    "google-generatecontent": GEMINI,
    "openai-completions": small_wires.WHOLE_COMPLETION,
    "ollama-chat": small_wires.WHOLE_CHAT,
    "ollama-generate": small_wires.WHOLE_GENERATE,
    "cloudflare-run": small_wires.WHOLE_RUN,
    "cohere-v2": cohere_wires.WHOLE_V2,
    "cohere-v1": cohere_wires.WHOLE_V1,
    "google-interactions": converse_and_interactions.WHOLE_INTERACTION,
    "bedrock-converse": converse_and_interactions.WHOLE_CONVERSE,
}


def test_every_wire_has_a_whole_answer_here():
    assert WHOLE.keys() == WIRES.keys()


every_wire = pytest.mark.parametrize("wire", WHOLE)


@every_wire
@pytest.mark.parametrize("indent", [None, 2])
def test_the_wire_of_a_whole_answer_is_guessed(wire, indent):
    assert guessed_wire(json.dumps(WHOLE[wire], indent=indent).encode()) == wire


@every_wire
@pytest.mark.parametrize("indent", [None, 1])
def test_a_whole_answer_cut_anywhere_gives_the_same_events(wire, indent):
    body = json.dumps(WHOLE[wire], indent=indent).encode()
    expected = events_of(wire, body)
    for size in (1, 7, 64):
        stage = decode(wire, counted_ids("made"))
        events = [event for start in range(0, len(body), size) for event in stage.feed(body[start : start + size])]
        assert events + stage.close() == expected


@every_wire
@pytest.mark.parametrize("indent", [None, 1])
def test_a_whole_answer_that_ends_too_early_is_no_answer(wire, indent):
    body = json.dumps(WHOLE[wire], indent=indent).encode()
    for length in range(0, len(body), 13):
        assert events_of(wire, body[:length]) == []
