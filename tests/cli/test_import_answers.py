"""An answer that lies alone becomes a cassette: its frame is made again, its pieces kept, its request found or made."""

import json

import pytest

from foreign import ANSWER, CHUNKS, SSE, lines, recording
from harness.cassettes import cassette
from harness.protocol.event_reading import reading_of_events
from harness.providers import WIRES, counted_ids, decoded, encoded, read_request

MADE = "the request is made up"
NAMELESS = [
    {"type": "text-start", "id": "t"},
    {"type": "text-delta", "id": "t", "delta": "Grüße"},
    {"type": "text-end", "id": "t"},
    {"type": "finish", "finishReason": "stop", "usage": {}},
]


@pytest.fixture
def imported(streamchunk, tmp_path):
    """The summary and the only cassette of a file; what lies beside it is given by its ending."""

    def run(data, *arguments, name="answer.txt", right=True, **beside):
        path, folder = tmp_path / "in" / name, tmp_path / "out"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        for ending, content in beside.items():
            path.with_name(f"answer.{ending}.json").write_text(json.dumps(content))
        ran = streamchunk("cassette", "import", path, "-o", folder, "--force", *arguments)
        assert ran.status == 0, ran.err
        [file] = folder.glob("*.yaml")
        assert (streamchunk("cassette", "verify", file).status == 0) is right
        return ran.lines[0].removeprefix(f"{path}: "), cassette.read(file)

    return run


def reading_of(wire, body):
    return reading_of_events(decoded(wire, body, counted_ids("call")))


def body_of(wire):
    return b"".join(encoded(wire, NAMELESS))


@pytest.mark.parametrize("wire", WIRES)
def test_a_body_of_every_wire_is_known_and_asked_for_by_a_request_of_that_wire(imported, wire):
    summary, tape = imported(body_of(wire), name="answer.bin")
    assert summary.startswith("body, 1 of 1 interaction imported; ")
    assert MADE in summary
    assert (tape.wire, tape.provenance, tape.status) == (wire, "recorded", 200)
    assert tape.body == body_of(wire)
    assert tape.only.header("content-type") == WIRES[wire].media_type
    assert tape.only.cuts == ()
    headers = [(name, value) for name, values in tape.request.headers.items() for value in values]
    asked = read_request(wire, tape.request.uri, headers, tape.request.body)
    assert "nobody recorded what was asked: answer" in str(asked)
    assert "authorization" not in tape.request.headers
    assert "key" not in str(tape.request.headers)


def test_a_body_may_come_from_standard_input(streamchunk, tmp_path):
    ran = streamchunk("cassette", "import", "-", "-o", tmp_path / "one.yaml", stdin=ANSWER.encode())
    assert ran.status == 0
    assert ran.lines[0].startswith("(standard input): body, 1 of 1 interaction imported; the request is made up; in ")
    assert cassette.read(tmp_path / "one.yaml").body.decode() == ANSWER


def test_what_lies_beside_a_body_tells_of_it(imported):
    length = len(ANSWER.encode())
    meta = {
        "api": "openai-chat", "model": "m", "host": "api.mistral.ai", "endpoint": "/v1/chat/completions",
        "http_status": 201, "content_type": f"{SSE}; charset=utf-8", "provenance": "fixture-handmade",
        "chunk_lengths": [10, length - 10], "features": [],
    }  # fmt: skip
    summary, tape = imported(ANSWER.encode(), name="answer.sse", request={"model": "m", "n": 1}, meta=meta)
    assert MADE not in summary
    assert json.loads(tape.request.body) == {"model": "m", "n": 1}
    assert tape.request.uri == "https://api.mistral.ai/v1/chat/completions"
    assert (tape.status, tape.provenance) == (201, "synthetic")
    assert tape.only.header("content-type") == f"{SSE}; charset=utf-8"
    assert [tuple(cut) for cut in tape.only.cuts] == [(10, 0.0), (length - 10, 0.0)]


@pytest.mark.parametrize(
    ("provenance", "expected"),
    [("recorded", "recorded"), ("recorded-normalised", "recorded-parsed"), ("no such word", "recorded")],
)
def test_a_provenance_is_never_more_than_what_lies_beside_says(imported, provenance, expected):
    assert imported(ANSWER.encode(), name="answer.sse", meta={"provenance": provenance})[1].provenance == expected


@pytest.mark.parametrize(
    "wire", [name for name in WIRES if name not in {"ollama-chat", "ollama-generate", "cohere-v1"}]
)
def test_messages_without_a_frame_get_that_of_their_wire(imported, wire):
    texts = json_messages(wire)
    summary, tape = imported(lines(*texts), "--wire", wire, name="answer.chunks.txt")
    assert summary.startswith("aisdk, 1 of 1 interaction imported; the frame is made again; the request is made up")
    assert (tape.wire, tape.provenance) == (wire, "recorded-parsed")
    assert reading_of(wire, tape.body) == reading_of(wire, body_of(wire))
    _, as_list = imported(json.dumps(texts, indent=1).encode(), "--wire", wire, name="answer.chunks.txt")
    assert reading_of(wire, as_list.body) == reading_of(wire, body_of(wire))


def json_messages(wire):
    """The messages that a client library would keep of a body: Bedrock's with the name of the event around each."""
    if wire == "bedrock-converse":
        return [
            {"messageStart": {"role": "assistant"}},
            {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "Grüße"}}},
            {"contentBlockStop": {"contentBlockIndex": 0}},
            {"messageStop": {"stopReason": "end_turn"}},
        ]
    rows = [line.removeprefix("data: ") for line in body_of(wire).decode().splitlines() if line.startswith("data: ")]
    return [json.loads(row) for row in rows if row != "[DONE]"]


@pytest.mark.parametrize("wire", ["ollama-chat", "ollama-generate", "cohere-v1"])
def test_json_lines_of_a_wire_of_json_lines_have_lost_nothing(imported, wire):
    summary, tape = imported(body_of(wire), name="answer.chunks.txt")
    assert summary.startswith("body, 1 of 1")
    assert (tape.body, tape.provenance) == (body_of(wire), "recorded")


def test_a_json_list_of_gemini_is_a_body(imported):
    said = [{"candidates": [{"content": {"parts": [{"text": "Hi"}], "role": "model"}, "finishReason": "STOP"}]}]
    summary, tape = imported(json.dumps(said).encode())
    assert summary.startswith("body, 1 of 1")
    assert (tape.provenance, tape.only.header("content-type")) == ("recorded", "application/json")


def test_an_answer_without_an_end_gets_no_mark_of_one(imported):
    _, tape = imported(lines(CHUNKS[0]) * 2, name="answer.chunks.txt")
    assert tape.body.count(b"data: ") == 2
    assert reading_of(tape.wire, tape.body).ended == "truncated"


def test_a_broken_message_stays_one(imported):
    data = lines(CHUNKS[0]) + b'{"broken": }\n'
    _, tape = imported(data, name="answer.chunks.txt")
    assert tape.body.endswith(b'data: {"broken": }\n\n')


def test_a_whole_answer_is_asked_for_without_a_stream(imported):
    whole = {
        "id": "r",
        "object": "chat.completion",
        "choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}],
    }
    _, tape = imported(json.dumps(whole, indent=1).encode())
    assert tape.only.header("content-type") == "application/json"
    assert "stream" not in json.loads(tape.request.body)


@pytest.mark.parametrize(("code", "status"), [(429, 429), ("503", 503), ("rate_limited", 400), (7, 400), (None, 400)])
def test_the_status_of_a_refusal_that_lies_alone_is_the_one_in_it(imported, code, status):
    refusal = {"error": {"message": "no", "code": code}}
    summary, tape = imported(json.dumps(refusal).encode(), "--wire", "openai-chat")
    assert tape.status == status
    assert "the status is made up" in summary


def test_a_body_that_the_user_names_may_be_one_that_nobody_can_read(imported):
    summary, _ = imported(b"data: {oh no\n\n", "--wire", "openai-chat", right=False)
    assert "nothing of it can be read" in summary


CONTENT = {"type": "content", "id": "r", "model": "m", "timestamp": 5, "delta": "Grüße", "content": "Grüße"}
THINKING = {"type": "thinking", "id": "r", "model": "m", "timestamp": 5, "delta": "Hm", "content": "Hm"}
USAGE = {"promptTokens": 3, "completionTokens": 2, "totalTokens": 5}
DONE = {"type": "done", "id": "r", "model": "m", "timestamp": 9, "finishReason": "stop", "usage": USAGE}


@pytest.mark.parametrize(
    "wire", [None, "anthropic-messages", "google-generatecontent", "ollama-chat", "bedrock-converse"]
)
def test_a_chunk_recording_becomes_an_answer_in_the_wire_that_is_asked_for(imported, wire):
    data = recording((1100, THINKING), (1350.5, CONTENT), (1400, DONE), result={"content": "Grüße"})
    summary, tape = imported(data, *(["--wire", wire] if wire else []), name="answer.json")
    assert summary.startswith(
        "tanstack, 1 of 1 interaction imported; synthetic: the bytes are made of an adapter's chunks; " + MADE
    )
    assert (tape.wire, tape.provenance) == (wire or "openai-chat", "synthetic")
    said = reading_of(tape.wire, tape.body)
    assert (said.text, said.reasoning, said.finish_reason) == ("Grüße", "Hm", "stop")
    assert (said.usage.prompt_tokens, said.usage.total_tokens) == (3, 5)
    assert tape.only.head_pause == 0.1
    assert [cut.pause for cut in tape.only.cuts if cut.pause] == [0.2505, 0.0495]


def test_a_recording_of_a_whole_conversation_is_several_answers(streamchunk, tmp_path):
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    chunks = [
        (1, {"type": "tool_call", "id": "a", "model": "m", "timestamp": 1, "index": 0, "toolCall": call}),
        (2, {**DONE, "finishReason": "tool_calls"}),
        (3, {"type": "tool_result", "id": "a", "model": "m", "timestamp": 3, "toolCallId": "c", "content": "7"}),
        (903, CONTENT),
        (904, DONE),
    ]
    path = tmp_path / "chat.json"
    path.write_bytes(recording(*chunks, start=0))
    ran = streamchunk("cassette", "import", path, "-o", tmp_path / "out")
    assert ran.lines[0].startswith(f"{path}: tanstack, 2 of 2 interactions imported; ")
    assert "1 chunks that no provider causes are passed over" in ran.lines[0]
    first, second = (cassette.read(tmp_path / "out" / f"chat-{number}.yaml") for number in (1, 2))
    assert [call.arguments for call in reading_of(first.wire, first.body).tool_calls] == ["{}"]
    assert reading_of(second.wire, second.body).text == "Grüße"
    assert second.only.head_pause == 0.9
    assert first.request.body != second.request.body


def test_what_a_wire_has_no_words_for_is_told(streamchunk, tmp_path):
    path = tmp_path / "chat.json"
    path.write_bytes(recording((1, THINKING), (2, DONE)))
    ran = streamchunk("cassette", "import", path, "-o", tmp_path / "out", "--wire", "cloudflare-run")
    assert ran.status == 2
    assert "cloudflare-run has no words for" in ran.err
    assert "name another wire with --wire" in ran.err
    assert not (tmp_path / "out").exists()
