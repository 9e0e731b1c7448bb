import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converse_and_interactions import frame
from harness.providers.guess import guessed_wire
from harness.providers.wires import OUT_OF_SCOPE


def sse(*messages):
    return "".join(f"data: {json.dumps(message)}\n\n" for message in messages).encode()


CHAT = {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "a"}}]}
GEMINI = {"candidates": [{"content": {"parts": [{"text": "a"}]}}]}


@pytest.mark.parametrize(
    ("body", "wire"),
    [
        (sse(CHAT), "openai-chat"),
        (sse({"id": "", "choices": [], "prompt_filter_results": []}), "openai-chat"),
        (b": OPENROUTER PROCESSING\n\n" + sse(CHAT), "openai-chat"),
        (b"data: [DONE]\n\n", "openai-chat"),
        (sse({"type": "response.created", "response": {"id": "r"}}), "openai-responses"),
        (sse({"type": "error", "code": "x", "message": "m", "sequence_number": 0}), "openai-responses"),
        (sse({"type": "error", "error": {"message": "m"}, "sequence_number": 0}), "openai-responses"),
        (sse({"type": "message_start", "message": {"id": "m"}}), "anthropic-messages"),
        (sse({"type": "ping"}), "anthropic-messages"),
        (sse({"type": "error", "error": {"type": "overloaded_error", "message": "m"}}), "anthropic-messages"),
        (sse(GEMINI), "google-generatecontent"),
        (sse(GEMINI).replace(b"\n", b"\r\n"), "google-generatecontent"),
        (json.dumps([GEMINI], indent=2).encode(), "google-generatecontent"),
        (sse({"promptFeedback": {"blockReason": "SAFETY"}}), "google-generatecontent"),
        (sse({"id": "c", "type": "message-start", "delta": {"message": {"role": "assistant"}}}), "cohere-v2"),
        (sse({"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "a"}}}}), "cohere-v2"),
        (b'{"is_finished":false,"event_type":"stream-start","generation_id":"g"}\n', "cohere-v1"),
        (b'{"text":" a","is_finished":false}\n', "cohere-v1"),
        (sse({"usageMetadata": {"trafficType": "ON_DEMAND"}}), "google-generatecontent"),
        (b'{"model":"m","message":{"role":"assistant","content":"a"},"done":false}\n', "ollama-chat"),
        (b'{"model":"m","response":"a","done":false}\n{"response":"","done":true}', "ollama-generate"),
        (sse({"id": "c", "object": "text_completion", "choices": [{"text": "a"}]}), "openai-completions"),
        (sse({"response": "a", "p": "abc"}), "cloudflare-run"),
        (sse({}, {"tool_calls": [], "p": "abc"}), "cloudflare-run"),
    ],
)
def test_a_stream_is_known_by_its_first_message(body, wire):
    assert guessed_wire(body) == wire


@pytest.mark.parametrize(
    ("body", "wire"),
    [
        ({"error": {"message": "m", "type": "invalid_request_error", "param": None, "code": None}}, "openai-chat"),
        ({"error": "no"}, "openai-chat"),
        ({"id": "286bb29f", "message": "invalid api token"}, "openai-chat"),
        ({"detail": "Unauthorized"}, "openai-chat"),
        ({"message": "m", "type": "not_found_error", "code": "model_not_found"}, "openai-chat"),
        ({"type": "error", "error": {"type": "authentication_error", "message": "m"}}, "anthropic-messages"),
        ({"error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT"}}, "google-generatecontent"),
        ([{"error": {"code": 503, "message": "m", "status": "UNAVAILABLE"}}], "google-generatecontent"),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_an_error_body_is_known_by_its_shape(body, wire, indent):
    assert guessed_wire(json.dumps(body, indent=indent).encode()) == wire


def test_a_stream_without_blank_lines_is_known_all_the_same():
    assert guessed_wire(sse(CHAT, CHAT).replace(b"\n\n", b"\n")) == "openai-chat"
    assert guessed_wire(sse(GEMINI).rstrip()) == "google-generatecontent"


def test_one_message_per_line_is_known():
    assert guessed_wire(b'{"type":"message_start","message":{}}\n{"type":"ping"}\n') == "anthropic-messages"


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"\x1f\x8b\x08", b"[1,2]", b'{"type":"content","delta":"a"}', b"data: 1\n\n"]
)
def test_a_body_of_no_known_wire_is_not_guessed(body):
    assert guessed_wire(body) is None


def test_a_long_body_is_not_read_to_its_end():
    class Counted(bytes):
        read = 0

        def __getitem__(self, place):
            part = super().__getitem__(place)
            Counted.read += len(part)
            return part

    assert guessed_wire(Counted(sse(*[CHAT] * 10_000))) == "openai-chat"
    assert Counted.read < 100_000


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise(body):
    guessed_wire(body)


INNER = base64.b64encode(b'{"type":"message_start"}').decode()
COMPLETION = {"type": "completion", "id": "compl_1", "completion": " a", "stop_reason": None, "model": "claude-2.1"}
RUN = {"id": "run_1", "object": "thread.run", "status": "queued", "model": "gpt-4o-mini"}
GENERATED = {"model_id": "google/flan-ul2", "results": [{"generated_text": "a", "stop_reason": "not_finished"}]}


@pytest.mark.parametrize(
    ("body", "wire"),
    [
        (frame("chunk", {"bytes": INNER, "p": "abc"}), "bedrock-invoke"),
        (sse({"generation": "a", "prompt_token_count": 1, "generation_token_count": 2}), "bedrock-invoke"),
        (json.dumps({"inputTextTokenCount": 5, "results": [{"outputText": "a"}]}).encode(), "bedrock-invoke"),
        (sse(COMPLETION), "anthropic-complete"),
        (sse({"type": "ping"}, COMPLETION), "anthropic-complete"),
        (json.dumps({"completion": " a", "stop_reason": "stop_sequence", "stop": None}).encode(), "anthropic-complete"),
        (b"event: thread.run.created\n" + sse(RUN), "openai-assistants"),
        (sse({"id": "msg_1", "object": "thread.message.delta", "delta": {"content": []}}), "openai-assistants"),
        (b"id: 1\nevent: message\n" + sse(GENERATED), "watsonx"),
        (json.dumps(GENERATED, indent=2).encode(), "watsonx"),
    ],
)  # fmt: skip
def test_a_wire_out_of_scope_is_guessed_so_that_it_can_be_refused_by_name(body, wire):
    assert guessed_wire(body) == wire
    assert wire in OUT_OF_SCOPE
