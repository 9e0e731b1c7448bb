"""Requests that a person expects: the letters of a sample, or another spelling that says the same (R29)."""

import gzip
import json

import pytest

from harness.errors import InputError
from harness.protocol.script import Exchange
from harness.protocol.transcript import Stimulus, Transcript
from harness.providers import read_request, wire_of_target
from harness.suite.comparison import mismatches
from harness.suite.expect import Expect

CHAT, RESPONSES, ANTHROPIC = "/chat/completions", "/responses", "/messages"
COHERE, COHERE_1 = "/v2/chat", "/v1/chat"
GEMINI = "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"


def received(target, body, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    exchange = {"method": "POST", "target": target, "headers": pairs, "body": raw, "asked_at": 0.0}
    try:
        return Exchange(**exchange, asked=read_request(wire_of_target(target) or "", target, pairs, raw))
    except InputError as error:
        return Exchange(**exchange, fault=str(error))


def compared(wanted, exchange, operation="chat"):
    transcript = Transcript((), stimulus=Stimulus(operation=operation), exchanges=(exchange,))
    found = mismatches(Expect.model_validate({"requests": [wanted]}), transcript)
    return [mismatch.field.removeprefix("requests[0].") for mismatch in found]


def bodies(target, wanted, seen, operation="chat"):
    return compared({"body": wanted}, received(target, seen), operation)


def function(name, **more):
    return {"type": "function", "function": {"name": name, **more}}


def called(arguments, id_="call_1", name="run"):
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def text(words):
    return [{"type": "text", "text": words}]


def use(given, **more):
    return {"type": "tool_use", "id": "call_1", "name": "run", "input": given, **more}


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        ({"messages": [{"role": "user", "content": "Hi"}]}, {"messages": [{"role": "user", "content": text("Hi")}]}),
        ({"messages": [{"role": "user", "content": ""}]}, {"messages": [{"role": "user", "content": text("")}]}),
        ({"messages": [{"role": "system", "content": "A"}, {"role": "user"}]},
         {"messages": [{"role": "developer", "content": text("A")}, {"role": "user", "content": "Hi"}]}),
        ({"messages": [{"role": "system", "content": "A\nB"}, {"role": "user"}]},
         {"messages": [{"role": "system", "content": "A"}, {"role": "system", "content": "B"},
                       {"role": "user", "content": "Hi"}]}),
        ({"messages": [{"role": "system"}, {"role": "user"}]},
         {"messages": [{"role": "developer", "content": "A"}, {"role": "user", "content": "Hi"}]}),
        ({"messages": [{"role": "assistant", "tool_calls": [called('{"a":1}')]}, {"role": "tool"}]},
         {"messages": [{"role": "assistant", "content": "I run.", "tool_calls": [called('{ "a": 1 }')]},
                       {"role": "tool", "tool_call_id": "call_1", "content": text("done")}]}),
        ({"max_tokens": 64, "stream": True}, {"max_completion_tokens": 64, "stream": True, "messages": []}),
        ({"stream": False, "max_tokens": 1}, {"max_completion_tokens": 1, "messages": []}),
        ({"tool_choice": function("a")},
         {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [function("a")]}},
          "tools": [function("a"), function("b")], "messages": []}),
        ({"tool_choice": function("a")}, {"tool_choice": "required", "tools": [function("a")], "messages": []}),
        ({"tool_choice": {"type": "function"}}, {"tool_choice": "required", "tools": [function("a")], "messages": []}),
        ({"tool_choice": "required"}, {"tool_choice": function("a"), "tools": [function("a")], "messages": []}),
        ({"tools": [{}, function("b")]}, {"tools": [function("b"), function("a")], "messages": []}),
        ({"messages": [{"role": "user", "content": "A\n B"}]},
         {"messages": [{"role": "user", "content": "A"}, {"role": "user", "content": "B"}]}),
        ({"tools": [{}], "tool_choice": "auto"}, {"tools": [function("a")], "messages": []}),
        ({"tools": [function("a", parameters={"required": ["x", "y"]})], "max_tokens": 1},
         {"tools": [function("a", parameters={"type": "object", "required": ["y", "x"]})], "max_completion_tokens": 1,
          "messages": []}),
        ({"response_format": {"type": "json_schema"}, "max_tokens": 1},
         {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}, "messages": [],
          "max_completion_tokens": 1}),
        ({"response_format": {"type": "json_object"}, "max_tokens": 1},
         {"response_format": {"type": "json_object"}, "messages": [], "max_completion_tokens": 1}),
        ({"seed": 7, "max_tokens": 1}, {"seed": 7, "max_completion_tokens": 1, "messages": []}),
        ({"response_format": {"json_schema": None}}, {"messages": []}),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x/a"}}]}]},
         {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "https://x/a"}]}]}),
    ],
)  # fmt: skip
def test_another_spelling_of_a_chat_completion_is_no_mismatch(wanted, seen):
    assert bodies(CHAT, wanted, seen) == []


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        ({"messages": [{"role": "user", "content": "Hi"}]}, {"messages": [{"role": "user", "content": text("Ho")}]}),
        ({"messages": [{"role": "user", "content": "Hi"}]}, {"messages": [{"role": "system", "content": "A"},
                                                                          {"role": "user", "content": "Hi"}]}),
        ({"messages": [{"role": "user", "content": "Hi"}]}, {"messages": [{"role": "assistant", "content": "Hi"}]}),
        ({"messages": [{"role": "user", "content": "Hi"}]}, {"messages": [{"role": "user", "content": text("Hi")},
                                                                          {"role": "assistant", "content": "So"}]}),
        ({"messages": [{"role": "system", "content": "A"}, {"role": "user"}]},
         {"messages": [{"role": "developer", "content": "B"}, {"role": "user", "content": "Hi"}]}),
        ({"messages": [{"role": "assistant", "tool_calls": [called('{"a":1}')]}]},
         {"messages": [{"role": "assistant", "tool_calls": [called('{ "a": 1.5 }')]}]}),
        ({"messages": [{"role": "assistant", "tool_calls": [called('{"n":9007199254740993}')]}]},
         {"messages": [{"role": "assistant", "tool_calls": [called('{ "n": 9007199254740992 }')]}]}),
        ({"messages": [{"role": "assistant", "tool_calls": [called("{}")]}]},
         {"messages": [{"role": "assistant", "tool_calls": [called("{ }", name="Run")]}]}),
        ({"messages": [{"role": "assistant"}]}, {"messages": [{"role": "user", "content": "Hi"}]}),
        ({"messages": [{"role": "tool", "tool_call_id": "a", "content": "1"}]},
         {"messages": [{"role": "tool", "tool_call_id": "b", "content": text("1")}]}),
        ({"messages": [{"role": "user", "content": "Hi", "name": "bob"}]},
         {"messages": [{"role": "user", "content": text("Hi")}]}),
        ({"tools": [function("a", strict=True)], "max_tokens": 1},
         {"tools": [function("a")], "max_completion_tokens": 1, "messages": []}),
        ({"tools": [{}]}, {"tools": [function("a"), function("b")], "messages": []}),
        ({"tools": [function("a"), function("b")]}, {"tools": [function("b"), function("b")], "messages": []}),
        ({"messages": [{"role": "user", "content": " Hi\n"}]}, {"messages": [{"role": "user", "content": text("Hi")}]}),
        ({"tools": [function("a")]}, {"messages": []}),
        ({"max_tokens": 64}, {"max_completion_tokens": 65, "messages": []}),
        ({"temperature": 0}, {"messages": []}),
        ({"stream": True}, {"messages": []}),
        ({"tool_choice": function("a")}, {"tool_choice": "required", "tools": [function("a"), function("b")],
                                          "messages": []}),
        ({"tool_choice": {"type": "function"}}, {"tool_choice": "auto", "messages": []}),
        ({"response_format": {"type": "json_schema"}}, {"response_format": {"type": "json_object"}, "messages": []}),
        ({"response_format": {"type": "json_object"}}, {"messages": []}),
        ({"seed": 7, "max_tokens": 1}, {"seed": 8, "max_completion_tokens": 1, "messages": []}),
        ({"top_p": None, "max_tokens": 1}, {"top_p": 0.5, "max_completion_tokens": 1, "messages": []}),
        ({"response_format": {"json_schema": None}},
         {"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}, "messages": []}),
    ],
)  # fmt: skip
def test_a_chat_completion_that_says_something_else_is_a_mismatch(wanted, seen):
    assert bodies(CHAT, wanted, seen) != []


@pytest.mark.parametrize(
    ("target", "wanted", "seen", "same"),
    [
        (RESPONSES, {"input": [{"role": "system"}, {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}],
                     "metadata": {"a_b": "1"}},
         {"instructions": "A", "input": "Hi", "metadata": {"a_b": "1"}}, True),
        (RESPONSES, {"input": "Hi", "metadata": {"a_b": "1"}},
         {"input": [{"role": "user", "content": "Hi"}], "metadata": {"aB": "1"}}, False),
        (RESPONSES, {"input": [{"role": "user", "content": "Hi"}]},
         {"input": [{"type": "message", "role": "system", "content": "A"}, {"role": "user", "content": "Hi"}]}, False),
        (RESPONSES, {"input": [{"type": "function_call", "call_id": "c"}, {"type": "function_call_output"}]},
         {"input": [{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "id": "fc_1"},
                    {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "1"}]}]},
         True),
        (RESPONSES, {"input": [{"type": "function_call_output", "output": "1"}]},
         {"input": [{"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "2"}]}]},
         False),
        (RESPONSES, {"input": "Hi", "text": {"format": {"type": "json_schema"}}},
         {"input": [{"role": "user", "content": "Hi"}], "text": {"format": {"type": "json_object"}}}, False),
        (ANTHROPIC, {"system": [{"type": "text", "text": "A\n\nB"}], "messages": [{"role": "user"}]},
         {"system": "A\n\nB", "messages": [{"role": "user", "content": "Hi"}]}, True),
        (ANTHROPIC, {"system": [{"type": "text", "text": "A\n\nB"}]}, {"system": "A\nB", "messages": []}, False),
        (ANTHROPIC, {"messages": [{"role": "assistant", "content": [use({"a": 1})]}, {"role": "user"}]},
         {"messages": [{"role": "assistant", "content": [use({"a": 1}, cache_control={"type": "ephemeral"})]},
                       {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1"}]},
                       {"role": "user", "content": "So?"}]}, True),
        (ANTHROPIC, {"messages": [{"role": "assistant", "content": [use({"a": 1}, cache_control={})]}]},
         {"messages": [{"role": "assistant", "content": [use({"a": 1.0})]}]}, False),
        (ANTHROPIC, {"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c"}]}]},
         {"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "d"}]}]}, False),
        (ANTHROPIC, {"messages": [{"role": "user", "content": [{"type": "document", "source": {
            "type": "text", "media_type": "text/plain", "data": "Hi"}}]}]},
         {"messages": [{"role": "user", "content": [{"type": "document", "source": {
             "type": "base64", "media_type": "text/plain", "data": "SGk="}}]}]}, True),
        (GEMINI, {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}], "safetySettings": [{"threshold": "OFF"}]},
         {"contents": {"parts": {"text": "Hi"}}, "safety_settings": [{"threshold": "ON"}]}, False),
        (GEMINI, {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}], "safetySettings": [{"threshold": "OFF"}]},
         {"contents": {"parts": {"text": "Hi"}}, "safety_settings": [{"threshold": "OFF"}]}, True),
        (GEMINI, {"contents": [{"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"a_b": 1}}}]}]},
         {"contents": [{"role": "model", "parts": [{"function_call": {"name": "f", "args": {"a_b": 1}}}]}]}, True),
        (GEMINI, {"contents": [{"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"a_b": 1}}}]}]},
         {"contents": [{"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"aB": 1}}}]}]}, False),
        (GEMINI, {"contents": [{"role": "user", "parts": [{"functionResponse": {}}]}]},
         {"contents": [{"role": "function", "parts": [{"functionResponse": {
             "name": "f", "response": {"output": "1"}}}]}]}, True),
        (GEMINI, {"contents": [{"role": "user", "parts": [{"fileData": {"mimeType": "a/b", "fileUri": "https://x"}}]}]},
         {"contents": [{"role": "user", "parts": [{"fileData": {"fileUri": "https://x"}}]}]}, True),
        (GEMINI, {"contents": [{"role": "user", "parts": [{"fileData": {"mimeType": "a/b", "fileUri": "https://x"}}]}]},
         {"contents": [{"role": "user", "parts": [{"fileData": {"mimeType": "a/c", "fileUri": "https://x"}}]}]}, False),
        (GEMINI, {"generationConfig": {"responseMimeType": "application/json", "responseSchema": {
            "type": "object", "required": ["a", "b"]}}},
         {"contents": [], "generation_config": {"response_mime_type": "application/json", "responseJsonSchema": {
             "type": "OBJECT", "required": ["b", "a"]}}}, True),
        (GEMINI, {"generationConfig": {"topK": 3}}, {"contents": [], "generation_config": {"top_k": 4}}, False),
        (GEMINI, {"tools": [{"functionDeclarations": [{}, {"name": "b"}]}]},
         {"contents": [], "tools": [{"functionDeclarations": [{"name": name}]} for name in ("a", "b")]}, True),
        (COHERE, {"messages": [{"role": "user", "content": "Hi"}], "p": 0.5},
         {"messages": [{"role": "user", "content": text("Hi")}], "p": 0.5, "k": 5}, True),
        (COHERE, {"messages": [{"role": "user", "content": "Hi"}]},
         {"messages": [{"role": "system", "content": "A"}, {"role": "user", "content": "Hi"}]}, False),
        (COHERE, {"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": '{"a": 1}'}}]}]},
         {"messages": [{"role": "assistant", "content": "x", "tool_calls": [called('{"a":1}')]}]}, True),
        (COHERE, {"tools": [{"function": {"name": "f"}}], "tool_choice": "REQUIRED"},
         {"messages": [], "tools": [function("f", parameters={})], "tool_choice": "REQUIRED"}, True),
        (COHERE, {"tool_choice": "NONE"}, {"messages": [], "tools": [function("f", parameters={})]}, False),
        (COHERE_1, {"message": "Hi"}, {"message": "Hi", "preamble": "Be brief.", "p": 0.5}, True),
        (COHERE_1, {"preamble": "Be brief.", "message": "Hi"}, {"message": "Hi"}, False),
        (COHERE_1, {"chat_history": [{"role": "CHATBOT", "message": "A"}]},
         {"message": "Hi", "chat_history": [{"role": "CHATBOT", "message": "A"}]}, True),
        (COHERE_1, {"chat_history": [{"role": "CHATBOT", "message": "A"}]},
         {"message": "Hi", "chat_history": [{"role": "CHATBOT", "message": "B"}]}, False),
        (COHERE_1, {"message": "", "tool_results": [{"call": {"name": "f"}, "outputs": [{"t": 1.0}]}]},
         {"message": "", "tool_results": [{"call": {"name": "f", "parameters": {}}, "outputs": [{"t": 1}]}]}, True),
        (COHERE_1, {"message": "", "tool_results": [{"call": {"name": "f"}, "outputs": [{"t": 1}]}]},
         {"message": "", "tool_results": [{"call": {"name": "f", "parameters": {}}, "outputs": [{"t": 2}]}]}, False),
        (COHERE_1, {"tools": [{"name": "f", "parameter_definitions": {"x": {"type": "str"}}}]},
         {"message": "", "tools": [{"name": "f", "parameter_definitions": {"x": {"type": "string"}}}]}, True),
    ],
)  # fmt: skip
def test_other_wires_are_compared_by_what_they_say(target, wanted, seen, same):
    assert (bodies(target, wanted, seen) == []) is same


def test_a_structured_output_may_have_a_system_text_of_its_own():
    wanted = {"messages": [{"role": "user", "content": "Hi"}]}
    seen = {"messages": [{"role": "system", "content": "Answer in JSON."}, {"role": "user", "content": text("Hi")}]}
    assert bodies(CHAT, wanted, seen) != []
    assert bodies(CHAT, wanted, seen, "structuredOutput") == []


def test_only_what_differs_is_shown_in_the_letters_of_the_sample():
    wanted = {"max_tokens": 64, "stream": False, "messages": [{"role": "user", "content": "Hi"}]}
    seen = {"max_completion_tokens": 64, "messages": [{"role": "user", "content": "Ho"}]}
    assert bodies(CHAT, wanted, seen) == ["body.messages[0].content"]
    assert bodies(CHAT, wanted, seen | {"max_completion_tokens": 65}) == ["body.messages[0].content", "body.max_tokens"]


def test_a_system_text_beside_the_messages_is_read_with_them():
    wanted = {"instructions": "A", "input": [{"role": "user", "content": "Hi"}]}
    seen = {"input": [{"role": "developer", "content": "A"}, {"role": "user", "content": "Hi"}]}
    assert bodies(RESPONSES, wanted, seen) == []


def test_a_sample_that_is_no_body_of_the_api_is_compared_by_its_letters():
    seen = {"messages": [{"role": "user", "content": "Hi"}]}
    assert bodies(CHAT, {"messages": [{"role": "nobody"}]}, seen) == ["body.messages[0].role"]
    assert bodies("/v2/unheard-of", {"max_tokens": 1}, {"max_completion_tokens": 1}) == ["body.max_tokens"]


def test_a_packed_body_is_unpacked():
    packed = gzip.compress(json.dumps({"messages": [], "seed": 7}).encode())
    exchange = received(CHAT, packed, content_encoding="gzip")
    assert compared({"body": {"seed": 7}}, exchange) == []
    assert compared({"body": {"seed": 8}}, exchange) == ["body.seed"]
    assert compared({"body": {"seed": 7}}, received(CHAT, packed)) == ["body"]


@pytest.mark.parametrize(
    ("path", "target", "same"),
    [
        ("/messages", "/messages?beta=true", True),
        ("/v1/messages", "/messages", False),
        (GEMINI, GEMINI, True),
        (GEMINI, GEMINI + "&key=test-key-1", True),
        (GEMINI, "/models/gemini-2.5-flash%3AstreamGenerateContent?key=test-key-1&alt=sse", True),
        (GEMINI, "/models/gemini-2.5-flash:streamGenerateContent", False),
        (GEMINI, "/models/gemini-2.5-flash:streamGenerateContent?alt=json", False),
        (":generateContent", GEMINI, False),
    ],
)
def test_of_a_query_only_what_is_named_is_compared(path, target, same):
    assert (compared({"path": path}, received(target, {})) == []) is same


def test_googles_key_may_come_in_the_query():
    wanted = {"headers": {"X-Goog-Api-Key": "test-key-1"}}
    assert compared(wanted, received(GEMINI + "&key=test-key-1", {})) == []
    assert compared(wanted, received(GEMINI + "&key=test-key-2", {})) == ["headers.X-Goog-Api-Key"]
    assert compared(wanted, received(CHAT + "?key=test-key-1", {})) == ["headers.X-Goog-Api-Key"]
    assert compared({"headers": {"x-goog-api-key": None}}, received(GEMINI + "&key=k", {})) == [
        "headers.x-goog-api-key"
    ]
