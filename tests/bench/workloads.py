"""What is measured: streams of known shape and size, made by hand."""

from __future__ import annotations

import json

WORDS = ("The ", "kitten ", "sat ", "upon ", "a ", "carpet", ". ", "It ", "really ", "was warm, ")


def deltas(count):
    return [WORDS[number % len(WORDS)] for number in range(count)]


def sse_body(events, size=290):
    """SSE with ``size``-byte events, such as a chat completion's."""
    out = []
    for number in range(events):
        head = json.dumps({"id": "chatcmpl-1", "index": number, "content": "x"})
        pad = size - len(head) - len("data: \n\n")
        out.append(f"data: {head[:-2]}{'x' * pad}{head[-2:]}\n\n")
    return "".join(out).encode()


def pieces(body, size):
    return [body[start : start + size] for start in range(0, len(body), size)]


def source_events(count):
    """One text answer of ``count`` deltas as stream parts."""
    return [
        {"type": "stream-start", "warnings": []},
        {"type": "response-metadata", "id": "resp_1", "modelId": "test-model"},
        {"type": "text-start", "id": "t"},
        *({"type": "text-delta", "id": "t", "delta": delta} for delta in deltas(count)),
        {"type": "text-end", "id": "t"},
        {"type": "finish", "finishReason": "stop", "usage": {"inputTokens": 3, "outputTokens": 9, "totalTokens": 12}},
    ]


def chunks(count):
    """The legal chunks of such an answer, made here by hand and not by the reference."""
    base = {"id": "resp_1", "model": "test-model", "timestamp": 1_700_000_000_000}
    content = ""
    for delta in deltas(count):
        content += delta
        yield {"type": "content", **base, "delta": delta, "content": content, "role": "assistant"}
    usage = {"promptTokens": 3, "completionTokens": 9, "totalTokens": 12}
    yield {"type": "done", **base, "finishReason": "stop", "usage": usage}


def mixed_chunks():
    """50 chunks: reasoning, text, two tool calls, an ending."""
    base = {"id": "resp_1", "model": "test-model", "timestamp": 1_700_000_000_000}
    thought = ""
    for delta in deltas(10):
        thought += delta
        yield {"type": "thinking", **base, "delta": delta, "content": thought}
    content = ""
    for delta in deltas(37):
        content += delta
        yield {"type": "content", **base, "delta": delta, "content": content, "role": "assistant"}
    for index in range(2):
        function = {"name": "get_weather", "arguments": '{"city":"Paris"}'}
        call = {"id": f"call_{index}", "type": "function", "function": function}
        yield {"type": "tool_call", **base, "index": index, "toolCall": call}
    usage = {"promptTokens": 3, "completionTokens": 9, "totalTokens": 12}
    yield {"type": "done", **base, "finishReason": "tool_calls", "usage": usage}


def ndjson(values):
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)
