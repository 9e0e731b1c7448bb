"""Whatever a request says and the neutral form has no word for is kept in ``extra``, on every wire."""

import json

import pytest

from harness.providers import WIRES, read_request

MARK = "nobody reads this"
CALLED = {"name": "f", "arguments": "{}"}
FUNCTION = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
USER = {"role": "user", "content": "Hi"}

LOST = {
    "reasoning that is sent back": (
        "openai-chat",
        {"messages": [{"role": "assistant", "content": "x", "reasoning_content": "W", "reasoning": [{"a": 1}]}]},
        {"messages[0].reasoning_content": "W", "messages[0].reasoning": [{"a": 1}]},
    ),
    "a name, a sound, a prefix": (
        "openai-chat",
        {"messages": [USER | {"name": "bob"}, {"role": "assistant", "audio": {"id": "a"}, "prefix": True}]},
        {"messages[0].name": "bob", "messages[1].audio": {"id": "a"}, "messages[1].prefix": True},
    ),
    "a strict function, and the index of a call": (
        "openai-chat",
        {
            "messages": [{"role": "assistant", "tool_calls": [{"index": 0, "id": "c", "function": CALLED}]}],
            "tools": [{"type": "function", "function": {"name": "f", "strict": True}}],
        },
        {"messages[0].tool_calls[0].index": 0, "tools[0].function.strict": True},
    ),
    "where Anthropic caches": (
        "anthropic-messages",
        {
            "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": [{"type": "text", "text": "t", "cache_control": {"ttl": "1h"}}]}],
            "tools": [{"name": "f", "input_schema": {}, "cache_control": {"type": "ephemeral"}}],
        },
        {
            "system[0].cache_control": {"type": "ephemeral"},
            "messages[0].content[0].cache_control": {"ttl": "1h"},
            "tools[0].cache_control": {"type": "ephemeral"},
        },
    ),
    "what a document and a finding are called": (
        "anthropic-messages",
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "document", "citations": {"enabled": True},
                            "source": {"type": "url", "url": "http://a/x.pdf"},
                        },
                        {
                            "type": "search_result", "source": "http://a", "title": "T",
                            "content": [{"type": "text", "text": "t"}],
                        },
                    ],
                }
            ],
        },
        {
            "messages[0].content[0].citations": {"enabled": True},
            "messages[0].content[1].source": "http://a",
            "messages[0].content[1].title": "T",
        },
    ),
    "how a built-in tool is set": (
        "anthropic-messages",
        {"messages": [USER], "tools": [{"type": "web_search_1", "name": "web_search", "max_uses": 1}]},
        {"tools[0].type": "web_search_1", "tools[0].max_uses": 1},
    ),
    "signatures, the range of a film, the stores of a search": (
        "google-generatecontent",
        {
            "contents": [
                {"role": "model", "parts": [{"function_call": {"name": "f"}, "thought_signature": "QQ=="}]},
                {
                    "role": "user",
                    "parts": [
                        {"text": "t", "thoughtSignature": "ZZ"},
                        {"fileData": {"fileUri": "gs://x"}, "videoMetadata": {"startOffset": "1s"}},
                    ],
                },
            ],
            "tools": [{"fileSearch": {"fileSearchStoreNames": ["s"]}, "googleSearch": {}}],
        },
        {
            "contents[0].parts[0].thoughtSignature": "QQ==",
            "contents[1].parts[0].thoughtSignature": "ZZ",
            "contents[1].parts[1].videoMetadata": {"startOffset": "1s"},
            "tools[0].fileSearch": {"fileSearchStoreNames": ["s"]},
        },
    ),
    "the owner of a bucket, a cache point among the tools": (
        "bedrock-converse",
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"image": {"format": "png", "source": {"s3Location": {"uri": "s3://b", "bucketOwner": "1"}}}}
                    ],
                }
            ],
            "toolConfig": {"tools": [{"cachePoint": {"type": "default"}}]},
        },
        {
            "messages[0].content[0].image.source.s3Location.bucketOwner": "1",
            "toolConfig.tools[0]": {"cachePoint": {"type": "default"}},
        },
    ),
    "the default of a parameter": (
        "cohere-v1",
        {"message": "Hi", "tools": [{"name": "f", "parameter_definitions": {"a.b": {"type": "str", "default": "x"}}}]},
        {"tools[0].parameter_definitions.a.b.default": "x"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("wire", "body", "unread"), LOST.values(), ids=LOST)
def test_what_has_no_word_stands_under_its_path(wire, body, unread):
    assert read(wire, body).extra == {"$unread": unread}


def test_the_limit_that_does_not_count_stands_beside():
    asked = read("openai-chat", {"messages": [USER], "max_tokens": 7, "max_completion_tokens": 3})
    assert (asked.max_tokens, asked.extra) == (3, {"max_tokens": 7})


def test_what_is_told_as_json_text_is_told():
    answer = [{"type": "document", "document": {"data": "x"}, "more": 1}]
    asked = read("cohere-v2", {"messages": [{"role": "tool", "tool_call_id": "c", "content": answer}]})
    (told,) = asked.turns[0].parts
    assert (json.loads(told.content), asked.extra) == (answer, {})


OPENAI = {
    "messages": [
        USER,
        {"role": "assistant", "content": [{"type": "text", "text": "x"}]},
        {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": CALLED}]},
        {"role": "tool", "tool_call_id": "c", "content": "a"},
    ],
    "tools": [FUNCTION],
}
PARTS = [{"text": "t"}, {"functionCall": {"name": "f", "args": {}}}, {"inlineData": {"mimeType": "a/b", "data": "QQ"}}]
CONTENT = [{"type": "text", "text": "t"}, {"type": "tool_use", "id": "c", "name": "f", "input": {}}]
CONVERSE = [{"text": "t"}, {"image": {"format": "png", "source": {"bytes": "QQ"}}}]
BODIES = {
    "openai-chat": OPENAI,
    "openai-completions": {"prompt": "Hi"},
    "openai-responses": {
        "input": [USER, {"type": "function_call", "call_id": "c", **CALLED}],
        "tools": [{"type": "function", "name": "f"}],
    },
    "anthropic-messages": {"messages": [{"role": "user", "content": CONTENT}], "tools": [{"name": "f"}]},
    "google-generatecontent": {
        "contents": [{"role": "user", "parts": PARTS}],
        "tools": [{"functionDeclarations": [{"name": "f"}]}],
    },
    "google-interactions": {"input": [{"type": "text", "text": "t"}], "tools": [{"type": "function", "name": "f"}]},
    "bedrock-converse": {
        "messages": [{"role": "user", "content": CONVERSE}],
        "toolConfig": {"tools": [{"toolSpec": {"name": "f"}}]},
    },
    "cohere-v2": OPENAI,
    "cohere-v1": {"message": "Hi", "chat_history": [{"role": "USER", "message": "a"}], "tools": [{"name": "f"}]},
    "ollama-chat": {"messages": [USER], "tools": [FUNCTION]},
    "ollama-generate": {"prompt": "Hi"},
    "cloudflare-run": OPENAI,
}


def objects_in(value):
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects_in(inner)


@pytest.mark.parametrize("wire", WIRES)
def test_a_member_that_nobody_knows_is_never_lost(wire):
    places = len(list(objects_in(BODIES[wire])))
    for place in range(places):
        body = json.loads(json.dumps(BODIES[wire]))
        list(objects_in(body))[place]["x_new"] = MARK
        assert MARK in repr(read(wire, body)), place


def read(wire, body):
    return read_request(wire, "/x", [], json.dumps(body).encode())
