import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bodies import at, changed, places
from harness import resources
from harness.model.requests import request_of
from prompts import (
    PNG,
    assistant,
    body_of,
    call,
    file,
    offer,
    returned,
    route_to,
    system,
    text,
    tool,
    user,
    validator_of,
    written,
)

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TALK = (
    system("Be brief."),
    user(text("Weather?"), file(PNG, "image/png")),
    assistant(text("Let me see."), call(city="Paris"), call(id_="call_2", city="Rome")),
    tool(returned("18"), returned("no such city", "call_2", type_="error-text")),
)


FREE = {
    "openai-chat": {"parameters", "schema"},
    "openai-responses": {"parameters", "schema"},
    "anthropic-messages": {"input", "input_schema"},
    "google-generatecontent": {"args", "output", "error", "parametersJsonSchema", "responseSchema"},
}
"""Members whose value is any JSON of the caller's."""

WIRES = sorted(FREE)


def talk(wire):
    answer = {"type": "json", "schema": SCHEMA, "name": "n", "description": "d"}
    more = {} if wire == "anthropic-messages" else {"responseFormat": answer}
    return written(
        wire,
        *TALK,
        tools=[offer(schema=SCHEMA, description="d")],
        toolChoice={"type": "tool", "toolName": "get_weather"},
        maxOutputTokens=100,
        temperature=0.5,
        topP=1,
        **more,
    )


@pytest.mark.parametrize("wire", WIRES)
def test_a_schema_is_one_and_names_itself(wire):
    schema = resources.schema(f"requests/{wire}")
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f"/requests/{wire}.json")


@pytest.mark.parametrize("wire", WIRES)
def test_every_member_of_a_body_is_known_and_every_one_can_be_wrong(wire):
    """Take each value of a good body away, and make it another: the schema must mind, wherever it is told to look."""
    law, body = validator_of(wire), talk(wire)
    law.validate(body)
    unminded = [path for path in places(body, FREE[wire]) if law.is_valid(changed(body, path, {"no": "such"}))]
    assert {path[-1] for path in unminded} == FREE[wire]
    for path in places(body, FREE[wire]):
        if isinstance(at(body, path), dict) and path[-1] not in FREE[wire]:
            assert not law.is_valid(changed(body, (*path, "noSuchMember"), 1)), path


REQUIRED = {
    "openai-chat": [
        ("model",), ("messages",), ("messages", 0, "content"), ("messages", 1, "content", 1, "image_url", "url"),
        ("messages", 2, "tool_calls", 0, "id"), ("messages", 2, "tool_calls", 0, "function", "arguments"),
        ("messages", 3, "tool_call_id"), ("tools",), ("tools", 0, "function", "name"),
        ("tool_choice", "function", "name"),
    ],
    "openai-responses": [
        ("model",), ("input",), ("input", 0, "content"), ("input", 1, "content", 1, "image_url"),
        ("input", 3, "call_id"), ("input", 3, "arguments"), ("input", 5, "output"), ("tools",), ("tools", 0, "name"),
        ("tools", 0, "strict"), ("tools", 0, "parameters"), ("tool_choice", "name"),
    ],
    "anthropic-messages": [
        ("model",), ("max_tokens",), ("messages",), ("messages", 0, "content", 1, "source", "media_type"),
        ("messages", 1, "content", 1, "id"), ("messages", 1, "content", 1, "input"),
        ("messages", 2, "content", 0, "tool_use_id"), ("tools",), ("tools", 0, "input_schema"), ("tool_choice", "name"),
    ],
    "google-generatecontent": [
        ("contents",), ("contents", 0, "role"), ("contents", 0, "parts", 1, "inlineData", "mimeType"),
        ("contents", 1, "parts", 1, "functionCall", "args"), ("contents", 2, "parts", 0, "functionResponse", "name"),
        ("contents", 2, "parts", 0, "functionResponse", "response", "output"), ("tools",),
        ("tools", 0, "functionDeclarations", 0, "name"), ("toolConfig", "functionCallingConfig", "mode"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("wire", "path"), [(wire, path) for wire in WIRES for path in REQUIRED[wire]])
def test_what_an_api_demands_cannot_be_left_out(wire, path):
    body = talk(wire)
    del at(body, path[:-1])[path[-1]]
    assert not validator_of(wire).is_valid(body)


SAID = {"role": "user", "content": "Hi"}
BAD = {
    "openai-chat": {
        "double encoding": {"messages": [{"role": "assistant", "content": None, "tool_calls": [
            {"id": "c", "type": "function", "function": {"name": "f", "arguments": '"{}"'}}]}]},
        "arguments as an object": {"messages": [{"role": "assistant", "content": None, "tool_calls": [
            {"id": "c", "type": "function", "function": {"name": "f", "arguments": {}}}]}]},
        "null content and no calls": {"messages": [{"role": "assistant", "content": None}]},
        "no parts": {"messages": [{"role": "user", "content": []}]},
        "null among the parts (A9)": {"messages": [{"role": "user", "content": [None]}]},
        "half a media type": {"messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "data:image/*;base64,AA"}}]}]},
        "bare base64": {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": PNG}}]}]},
        "ogg": {"messages": [{"role": "user", "content": [
            {"type": "input_audio", "input_audio": {"data": "AA", "format": "ogg"}}]}]},
        "AI SDK's names": {"messages": [SAID], "maxOutputTokens": 5},
        "both limits": {"messages": [SAID], "max_tokens": 5, "max_completion_tokens": 5},
        "no limit at all": {"messages": [SAID], "max_tokens": 0},
        "a choice without tools": {"messages": [SAID], "tool_choice": "auto"},
        "stream options without a stream": {"messages": [SAID], "stream_options": {"include_usage": True}},
        "strict beside the schema (H3)": {"messages": [SAID], "response_format": {
            "type": "json_schema", "strict": True, "json_schema": {"name": "n", "schema": {}, "strict": True}}},
        "a flat tool": {"messages": [SAID], "tools": [{"type": "function", "name": "f", "parameters": {}}]},
        "a tool's name with a dot": {"messages": [SAID], "tools": [{"type": "function", "function": {"name": "a.b"}}]},
        "an unknown role": {"messages": [{"role": "robot", "content": "Hi"}]},
        "a result without text": {"messages": [{"role": "tool", "tool_call_id": "c", "content": {"a": 1}}]},
    },
    "openai-responses": {
        "chat's messages": {"messages": [SAID]},
        "chat's text part": {"input": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]},
        "input text of the assistant": {"input": [
            {"role": "assistant", "content": [{"type": "input_text", "text": "Hi"}]}]},
        "chat's image": {"input": [{"role": "user", "content": [
            {"type": "input_image", "image_url": {"url": "https://h/a.png"}}]}]},
        "chat's tool": {"input": [], "tools": [{"type": "function", "function": {"name": "f"}}]},
        "an answer's schema below itself": {"input": [{"role": "user", "content": [
            {"type": "input_text", "text": "?"}]}], "text": {"format": {"type": "json_schema", "json_schema": {}}}},
        "a file by both": {"input": [{"role": "user", "content": [
            {"type": "input_file", "file_url": "https://h/a", "file_data": "data:a/b;base64,AA", "filename": "a"}]}]},
        "nothing to answer": {"input": []},
        "chat's limit": {"input": [{"role": "user", "content": [{"type": "input_text", "text": "?"}]}],
                         "max_tokens": 5},
    },
    "anthropic-messages": {
        "a system message": {"max_tokens": 1, "messages": [{"role": "system", "content": [text("x")]}]},
        "a tool message": {"max_tokens": 1, "messages": [{"role": "tool", "content": [text("x")]}]},
        "input as text": {"max_tokens": 1, "messages": [{"role": "assistant", "content": [
            {"type": "tool_use", "id": "c", "name": "f", "input": "{}"}]}]},
        "a call of the user": {"max_tokens": 1, "messages": [{"role": "user", "content": [
            {"type": "tool_use", "id": "c", "name": "f", "input": {}}]}]},
        "a result of the assistant": {"max_tokens": 1, "messages": [{"role": "assistant", "content": [
            {"type": "tool_result", "tool_use_id": "c", "content": "x"}]}]},
        "an empty system prompt": {"max_tokens": 1, "system": [text("")],
                                   "messages": [{"role": "user", "content": [text("x")]}]},
        "an image without a media type": {"max_tokens": 1, "messages": [{"role": "user", "content": [
            {"type": "image", "source": {"type": "base64", "data": PNG}}]}]},
        "OpenAI's choice": {"max_tokens": 1, "messages": [{"role": "user", "content": [text("x")]}],
                            "tools": [{"name": "f", "input_schema": {}}], "tool_choice": "required"},
        "a csv as a document": {"max_tokens": 1, "messages": [{"role": "user", "content": [
            {"type": "document", "source": {"type": "base64", "media_type": "text/csv", "data": "AA"}}]}]},
        "too warm": {"max_tokens": 1, "temperature": 1.5, "messages": [{"role": "user", "content": [text("x")]}]},
    },
    "google-generatecontent": {
        "the role assistant": {"contents": [{"role": "assistant", "parts": [{"text": "x"}]}]},
        "a part of two kinds": {"contents": [{"role": "user", "parts": [
            {"text": "x", "inlineData": {"mimeType": "image/png", "data": PNG}}]}]},
        "a part of none": {"contents": [{"role": "user", "parts": [{}]}]},
        "args as text": {"contents": [{"role": "model", "parts": [{"functionCall": {"name": "f", "args": "{}"}}]}]},
        "a call of the user": {"contents": [{"role": "user", "parts": [{"functionCall": {"name": "f", "args": {}}}]}]},
        "a result of the model": {"contents": [{"role": "model", "parts": [
            {"functionResponse": {"name": "f", "response": {"output": 1}}}]}]},
        "a bare response": {"contents": [{"role": "user", "parts": [
            {"functionResponse": {"name": "f", "response": "18"}}]}]},
        "half a media type": {"contents": [{"role": "user", "parts": [
            {"inlineData": {"mimeType": "image/*", "data": PNG}}]}]},
        "limits beside the config": {"contents": [{"role": "user", "parts": [{"text": "x"}]}], "temperature": 1},
        "the model in the body": {"contents": [{"role": "user", "parts": [{"text": "x"}]}], "model": "gemini"},
        "names without a call": {
            "contents": [{"role": "user", "parts": [{"text": "x"}]}],
            "tools": [{"functionDeclarations": [{"name": "f"}]}],
            "toolConfig": {"functionCallingConfig": {"mode": "AUTO", "allowedFunctionNames": ["f"]}}},
        "a schema without its media type": {"contents": [{"role": "user", "parts": [{"text": "x"}]}],
                                            "generationConfig": {"responseSchema": {}}},
    },
}  # fmt: skip


@pytest.mark.parametrize(("wire", "fault"), [(wire, fault) for wire in WIRES for fault in BAD[wire]])
def test_a_body_that_the_api_would_refuse_is_refused(wire, fault):
    model = {} if wire == "google-generatecontent" else {"model": "m"}
    assert not validator_of(wire).is_valid({**model, **BAD[wire][fault]})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["get_weather", "now", "book_flight"])
ids = st.sampled_from([f"call_{number}" for number in range(6)])
texts = st.builds(text, st.text(max_size=20))
images = st.sampled_from([file(PNG, "image/png"), file("https://h.test/a", "image/*"), file(PNG, "image/webp")])
documents = st.sampled_from(
    [file("JVBERi0=", "application/pdf"), file("JVBERi0=", "application/pdf", filename="ü.pdf")]
)
calls = st.builds(
    lambda name, id_, given: {"type": "tool-call", "toolCallId": id_, "toolName": name, "input": given},
    names, ids, st.dictionaries(st.text(max_size=5), json_values, max_size=3),
)  # fmt: skip
results = st.one_of(
    st.builds(returned, st.text(max_size=20), ids, names, st.sampled_from(["text", "error-text"])),
    st.builds(returned, json_values, ids, names, st.sampled_from(["json", "error-json"])),
)
turns = st.one_of(
    st.builds(lambda parts: user(*parts), st.lists(texts | images | documents, max_size=4)),
    st.builds(lambda parts: assistant(*parts), st.lists(texts | calls, max_size=4)),
    st.builds(lambda parts: tool(*parts), st.lists(results, min_size=1, max_size=3)),
)
talks = st.builds(
    lambda prompts, said: [*map(system, prompts), *said],
    st.lists(st.text(max_size=10), max_size=2),
    st.lists(turns, min_size=1, max_size=6),
)
offers = st.lists(st.builds(offer, names, st.sampled_from([None, SCHEMA])), max_size=2)
limits = st.fixed_dictionaries(
    {},
    optional={
        "maxOutputTokens": st.integers(1, 10**6) | st.integers(1, 10**6).map(float),
        "temperature": st.floats(0, 1),
        "topP": st.floats(0, 1),
    },
)
choices = st.sampled_from(["auto", "none", "required", "tool"])


@st.composite
def asked_options(draw):
    options = {"prompt": draw(talks), "tools": draw(offers), **draw(limits)}
    if options["tools"]:
        options["toolChoice"] = {"type": draw(choices), "toolName": options["tools"][0]["name"]}
    return options


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(WIRES), asked_options(), st.booleans())
def test_every_conversation_becomes_a_body_that_the_api_takes(wire, options, stream):
    body = body_of(request_of(route_to(wire), options, stream=stream), wire)
    said = json.dumps(body, ensure_ascii=False)
    for message in options["prompt"]:
        for part in message["content"] if message["role"] != "system" else [text(message["content"])]:
            if part["type"] == "text" and part["text"]:
                assert json.dumps(part["text"], ensure_ascii=False) in said
            elif part["type"] == "tool-call":
                assert json.dumps(part["toolName"]) in said


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["anthropic-messages", "google-generatecontent"]), talks)
def test_turns_alternate_and_nothing_is_counted_twice(wire, prompt):
    body = body_of(request_of(route_to(wire), {"prompt": prompt}, stream=True), wire)
    said = body["messages" if wire == "anthropic-messages" else "contents"]
    assert all(one["role"] != other["role"] for one, other in pairwise(said))
    parts = [part for turn in said for part in turn["content" if wire == "anthropic-messages" else "parts"]]
    given_parts = [part for message in prompt if message["role"] != "system" for part in message["content"]]
    spoken = [part for part in given_parts if part != text("")]
    empty = [part for part in parts if part.get("text") == ""]
    assert len(parts) - len(empty) == len(spoken)


@settings(max_examples=100, deadline=None)
@given(talks)
def test_anthropic_s_results_stand_first_in_their_turn(prompt):
    body = body_of(request_of(route_to("anthropic-messages"), {"prompt": prompt}, stream=True), "anthropic-messages")
    for turn in body["messages"]:
        are_results = [block["type"] == "tool_result" for block in turn["content"]]
        assert are_results == sorted(are_results, reverse=True)
