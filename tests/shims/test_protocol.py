"""The shim from outside: lines in, lines out, on every Node that it is for."""

import base64

import pytest

from speaking import Shim, events


@pytest.fixture(scope="module")
def lines(shim):
    return shim.lines


def test_it_says_who_it_is_and_what_it_declared(lines):
    assert lines.ask("initialize", {"protocolVersion": 1, "harness": {"name": "h", "version": "0"}})["result"] == {
        "protocolVersion": 1,
        "implementation": {
            "name": "test adapter",
            "version": "1.2.3",
            "language": "TypeScript",
            "homepage": "https://example.org",
        },
        "dialect": "streamchunk",
        "profile": "tanstack",
        "capabilities": {
            "operations": [
                "transform",
                "chat",
                "structuredOutput",
                "convertMessages",
                "convertTools",
                "parseJson",
                "transformSchema",
            ],
            "wires": ["openai-chat", "anthropic-messages"],
            "abort": True,
            "approvals": True,
            "fetchShim": True,
            "maxConcurrentRuns": 4,
        },
    }


def test_what_was_not_declared_is_not_offered_and_is_refused(node):
    with Shim(node, "bare.mjs") as bare:
        told = bare.lines.ask("initialize", {"protocolVersion": 1})["result"]
        assert told["profile"] == "spec"
        assert told["capabilities"] == {
            "operations": ["transform"],
            "wires": [],
            "abort": True,
            "approvals": False,
            "fetchShim": False,
            "maxConcurrentRuns": 8,
        }
        refused = bare.lines.ask("run", {"runId": "1", "operation": "chat", "request": {}, "source": {"kind": "http"}})
        assert refused["error"]["code"] == -32602
        assert "chat" in refused["error"]["message"]
        chunks, result = bare.lines.run(source=events({"type": "text-delta", "delta": "a"}))
        assert chunks == [
            {"part": {"type": "text-delta", "delta": "a"}, "model": "maker/model-1", "can": ["function", False]}
        ]
        assert result == {"ending": "completed"}


def test_a_model_plays_the_events_and_tells_how_it_was_called(lines):
    parts = [{"type": "text-delta", "id": "1", "delta": "Hi"}, {"type": "finish", "finishReason": "stop"}]
    number = lines.start("parts", source=events(*parts))
    notified, result = lines.until_answered(number)
    assert [one["method"] for one in notified] == ["modelCall", "chunk", "chunk"]
    assert notified[0]["params"] == {
        "runId": "r",
        "options": {"prompt": [], "headers": {"when": "1970-01-01T00:00:00.000Z", "raw": {"$bytes": "AQL/"}}},
    }
    assert [one["params"]["chunk"] for one in notified[1:]] == parts
    assert result == {"ending": "completed"}


def test_a_reader_of_the_stream_reads_the_same_parts(lines):
    parts = [{"type": "text-delta", "id": "1", "delta": "Hi"}, {"type": "finish", "finishReason": "stop"}]
    assert lines.run("reader", source=events(*parts)) == (parts, {"ending": "completed"})


def test_each_call_of_the_model_plays_the_events_afresh(lines):
    part = {"type": "text-delta", "id": "1", "delta": "Hi"}
    notified, _ = lines.until_answered(lines.start("twice", source=events(part)))
    chunks = [one["params"]["chunk"] for one in notified if one["method"] == "chunk"]
    calls = [one["params"]["options"] for one in notified if one["method"] == "modelCall"]
    assert chunks == [part, part]
    assert calls == [{"prompt": [], "call": 1}, {"prompt": [], "call": 2}]


def test_words_for_what_json_cannot_say_are_values_when_they_arrive(lines):
    event = {
        "nan": {"$number": "NaN"},
        "most": {"$number": "Infinity"},
        "least": {"$number": "-Infinity"},
        "nothing": {"$undefined": True},
        "bytes": {"$bytes": base64.b64encode(b"\x00\xff").decode()},
        "timestamp": "2026-01-01T00:00:00.000Z",
        "__proto__": 1,
    }
    [chunk], _ = lines.run("kinds", source=events(event))
    assert chunk == {
        "nan": "number NaN",
        "most": "number Infinity",
        "least": "number -Infinity",
        "nothing": "undefined undefined",
        "bytes": "bytes 0,255",
        "timestamp": "string 2026-01-01T00:00:00.000Z",
        "__proto__": "number 1",
    }


def test_a_source_raises_where_its_events_say_so(lines):
    thrown = {"$throw": {"name": "AI_APICallError", "message": "overloaded", "code": 529}}
    chunks, result = lines.run(source=events({"type": "text-delta", "delta": "a"}, thrown))
    assert chunks == [{"type": "text-delta", "delta": "a"}]
    assert result == {
        "ending": "raised",
        "error": {"name": "AI_APICallError", "message": "overloaded", "code": "529"},
    }


def test_an_answer_in_one_piece_is_folded_from_the_same_events(lines):
    warning = {"type": "other", "message": "w"}
    call = {"type": "tool-call", "toolCallId": "c", "toolName": "t", "input": "{}"}
    usage = {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}
    [chunk], result = lines.run(
        "generate",
        source=events(
            {"type": "stream-start", "warnings": [warning]},
            {"type": "response-metadata", "id": "resp", "modelId": "m"},
            {"type": "reasoning-start", "id": "0"},
            {"type": "reasoning-delta", "id": "0", "delta": "Hm"},
            {"type": "text-start", "id": "0"},
            {"type": "reasoning-delta", "id": "0", "delta": "m"},
            {"type": "text-delta", "id": "0", "delta": "Hello"},
            {"type": "reasoning-end", "id": "0", "providerMetadata": {"p": {"signature": "s"}}},
            {"type": "tool-input-start", "id": "c", "toolName": "t"},
            {"type": "tool-input-delta", "id": "c", "delta": "{}"},
            {"type": "tool-input-end", "id": "c"},
            call,
            {"type": "text-end", "id": "0"},
            {"type": "raw", "rawValue": 1},
            {"type": "finish", "finishReason": "tool-calls", "usage": usage},
        ),
    )
    assert result == {"ending": "completed"}
    assert chunk == {
        "content": [
            {"type": "reasoning", "text": "Hmm", "providerMetadata": {"p": {"signature": "s"}}},
            {"type": "text", "text": "Hello"},
            call,
        ],
        "finishReason": "tool-calls",
        "usage": usage,
        "warnings": [warning],
        "response": {"id": "resp", "modelId": "m"},
    }


def test_an_answer_in_one_piece_fails_with_the_error_of_its_events(lines):
    chunks, result = lines.run("generate", source=events({"type": "error", "error": "overloaded"}))
    assert chunks == []
    assert result == {"ending": "raised", "error": {"name": "string", "message": "overloaded"}}


def test_an_adapter_is_told_what_it_needs_to_be_made(lines):
    http = {"kind": "http", "baseUrl": "http://127.0.0.1:1/p", "headers": {"x-a": "b"}}
    [told, _], _ = lines.run("context", operation="chat", source=http, apiKey="key-1")
    assert told == {
        "operation": "chat",
        "source": "http",
        "modelId": "maker/model-1",
        "model": "model-1",
        "baseUrl": "http://127.0.0.1:1/p",
        "apiKey": "key-1",
        "headers": {"x-a": "b"},
        "hasModel": False,
    }
    [told, _], _ = lines.run("context")
    assert (told["source"], told["hasModel"], bool(told["apiKey"])) == ("events", True, True)


def test_an_adapter_is_asked_as_tanstacks_engine_asks_it(lines):
    router = {"apiKey": "key-1", "url": "http://a", "headers": {}, "timeout": 1, "maxRetries": 0}
    [_, asked], _ = lines.run("context", seed=7, **router)
    assert {"messages", "model", "request", "abortController", "logger", "threadId"} <= set(asked["keys"])
    assert asked["modelOptions"] == {"does": "context", "seed": 7}


def test_an_adapter_is_asked_for_the_model_that_it_was_made_for(lines):
    [told, asked], _ = lines.run("context")
    assert asked["model"] == told["model"]
    [_, asked], _ = lines.run("context", madeFor="its-own")
    assert asked["model"] == "its-own"


@pytest.mark.parametrize(
    ("operation", "given", "result"),
    [
        ("convertMessages", {"messages": [{"role": "user"}, {"role": "tool"}]}, ["user", "tool"]),
        ("convertTools", {"tools": [{}, {}]}, {"count": 2}),
        ("parseJson", {"text": "1", "schema": True}, {"data": 1, "rawText": "1", "schema": True}),
        ("parseJson", {"text": "[1]"}, {"data": [1], "rawText": "[1]"}),
        ("transformSchema", {"schema": {"type": "array"}, "provider": "x"}, {"type": "array", "provider": "x"}),
    ],
)
def test_a_pure_operation_answers_with_a_result(lines, operation, given, result):
    answer = lines.ask("run", {"runId": "1", "operation": operation, "input": given, "request": {}})
    assert answer["result"] == {"ending": "completed", "result": result}


def test_a_pure_operation_that_throws_has_raised(lines):
    answer = lines.ask("run", {"runId": "1", "operation": "parseJson", "input": {"text": "{"}, "request": {}})
    assert answer["result"]["ending"] == "raised"
    assert answer["result"]["error"]["name"] == "SyntaxError"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"no json", -32700),
        (b"\xff\xfe", -32700),
        (b"[1]", -32600),
        (b"null", -32600),
        (b'{"jsonrpc": "1.0", "id": 7, "method": "initialize"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 7}', -32600),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "nothing"}', -32601),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "run", "params": [1]}', -32602),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "run", "params": {"operation": "chat"}}', -32602),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "initialize", "params": {"protocolVersion": 2}}', -32602),
    ],
)
def test_a_line_that_asks_for_nothing_is_refused_and_the_next_is_answered(lines, line, code):
    lines.write(line + b"\n")
    refused = lines.message()
    assert refused["error"]["code"] == code
    assert refused["id"] == (7 if b'"id": 7' in line else None)
    assert lines.run(source=events()) == ([], {"ending": "completed"})


def test_a_notification_that_means_nothing_is_passed_over(lines):
    lines.notify("nothing")
    lines.notify("abort", runId="of nobody")
    lines.notify("approve", runId="of nobody", approvalId="x", approved=True)
    assert lines.run(source=events()) == ([], {"ending": "completed"})


def test_two_runs_cannot_have_one_id_at_a_time(lines):
    first = lines.start("hang")
    assert lines.next_chunk() == {"type": "content", "delta": "0 "}
    second = lines.start("parts")
    refused = lines.message()
    assert (refused["id"], refused["error"]["code"]) == (second, -32602)
    assert first != second


def test_blank_lines_and_carriage_returns_are_no_messages(lines):
    lines.write(b'\r\n\n{"jsonrpc":"2.0","id":99,"method":"nothing"}\r\n')
    assert lines.message()["id"] == 99
