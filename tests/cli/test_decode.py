"""``streamchunk decode``: what a recorded body becomes, as JSON lines."""

import gzip
import json

import pytest

from harness.judge import judge

CHAT = (
    'data: {"id":"chatcmpl-9","model":"gpt-x","choices":[{"index":0,"delta":{"content":"H\u00e9"}}]}\n\n'
    'data: {"id":"chatcmpl-9","model":"gpt-x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a",'
    '"type":"function","function":{"name":"weather","arguments":"{\\"city\\": \\"Paris\\"}"}}]}}]}\n\n'
    'data: {"id":"chatcmpl-9","model":"gpt-x","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\n'
    'data: {"id":"chatcmpl-9","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n'
    "data: [DONE]\n\n"
).encode()
GEMINI = (
    b'[{"candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"index":0}],"modelVersion":"gemini-x"}\n,\n'
    b'{"candidates":[{"content":{"parts":[{"text":"!"}]},"finishReason":"STOP","index":0}],'
    b'"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3}}]'
)


def values(ran):
    assert (ran.status, ran.err) == (0, "")
    return [json.loads(line) for line in ran.lines]


@pytest.fixture
def body(tmp_path):
    path = tmp_path / "body.sse"
    path.write_bytes(CHAT)
    return path


def test_events_are_stream_parts_one_per_line(streamchunk, body):
    events = values(streamchunk("decode", body))
    assert [event["type"] for event in events if event["type"] in {"text-delta", "tool-call", "finish"}] == [
        "text-delta",
        "tool-call",
        "finish",
    ]
    assert events == values(streamchunk("decode", "--as", "events", "--wire", "openai-chat", body))


def test_letters_stay_letters(streamchunk, body):
    assert '"delta":"Hé"' in streamchunk("decode", body).out


def test_the_reading_is_one_object_with_the_members_that_the_issue_names(streamchunk, body):
    ran = streamchunk("decode", "--as", "reading", body)
    assert values(ran) == [
        {
            "text": "Hé",
            "reasoning": "",
            "toolCalls": [{"id": "call_a", "name": "weather", "arguments": '{"city": "Paris"}', "index": 0}],
            "finishReason": "tool_calls",
            "usage": {"promptTokens": 3, "completionTokens": 2, "totalTokens": 5},
            "error": None,
            "ended": "finished",
        }
    ]


def test_a_cut_body_reads_as_truncated(streamchunk):
    (reading,) = values(streamchunk("decode", "--as", "reading", "-", stdin=CHAT[:110]))
    assert (reading["text"], reading["finishReason"], reading["ended"]) == ("Hé", None, "truncated")


def test_an_error_body_reads_as_an_error(streamchunk):
    body = b'{"error":{"message":"slow down","type":"rate_limit","code":"rate_limit_exceeded"}}'
    (reading,) = values(streamchunk("decode", "--as", "reading", "-", stdin=body))
    assert (reading["error"], reading["ended"]) == ({"message": "slow down", "code": "rate_limit_exceeded"}, "error")


def test_the_chunks_are_the_reference_adapters_and_conform(streamchunk, body):
    chunks = values(streamchunk("decode", "--as", "chunks", body))
    assert [chunk["type"] for chunk in chunks] == ["content", "tool_call", "done"]
    events = values(streamchunk("decode", body))
    for profile in ("spec", "tanstack"):
        assert judge(chunks, profile=profile, strict=True, source=events).conforms


def test_the_chunks_are_the_same_on_every_day(streamchunk, body):
    assert streamchunk("decode", "--as", "chunks", body).out == streamchunk("decode", "--as", "chunks", body).out


def test_a_body_decoded_and_judged_conforms(streamchunk, body):
    chunks = streamchunk("decode", "--as", "chunks", body).out.encode()
    assert streamchunk("judge", "--source", body, "-", stdin=chunks).status == 0


def test_a_json_array_and_gzip_are_read_too(streamchunk):
    (reading,) = values(streamchunk("decode", "--as", "reading", "-", stdin=GEMINI))
    assert (reading["text"], reading["finishReason"]) == ("Hi!", "stop")
    assert values(streamchunk("decode", "--as", "reading", "-", stdin=gzip.compress(GEMINI))) == [reading]


def test_a_lone_surrogate_is_escaped(streamchunk):
    body = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"\\ud83d"}}]}\n\n'
    ran = streamchunk("decode", "-", stdin=body)
    assert "\\ud83d" in ran.out
    assert any(event.get("delta") == "\ud83d" for event in values(ran))


def test_a_wire_that_nobody_can_guess_is_asked_for(streamchunk):
    body = b": just a heartbeat\n\n"
    ran = streamchunk("decode", "-", stdin=body)
    assert (ran.status, ran.out) == (2, "")
    assert "--wire" in ran.err
    assert "openai-chat" in ran.err
    (reading,) = values(streamchunk("decode", "--wire", "openai-chat", "--as", "reading", "-", stdin=body))
    assert reading["ended"] == "truncated"


def test_a_wire_is_known_by_its_folder(streamchunk, tmp_path):
    body = tmp_path / "anthropic-messages" / "quiet.sse"
    body.parent.mkdir()
    body.write_bytes(b": just a heartbeat\n\n")
    assert values(streamchunk("decode", "--as", "reading", body))[0]["ended"] == "truncated"


def test_an_unknown_wire_is_a_usage_error(streamchunk, body):
    ran = streamchunk("decode", "--wire", "smtp", body)
    assert ran.status == 2
    assert ran.err.splitlines()[-1].startswith("streamchunk: usage (exit 2): ")


def test_lines_that_no_blank_line_ends_are_told(streamchunk):
    line = b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n'
    ran = streamchunk("decode", "-", stdin=line * 2 + b"data: [DONE]\n")
    assert (ran.status, ran.out) == (2, "")
    assert "data: lines in it that no event ends" in ran.err
