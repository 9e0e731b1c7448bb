"""One conversation in the bodies of Cohere's two chat APIs, and as our own writers write it: nothing is missed."""

import json

import pytest

from harness.model.requests import body_bytes, request_of
from harness.providers import read_request
from prompts import assistant, call, file, offer, returned, route_to, system, text, tool, user
from requested import answers, asking, calls, exchange, rules, says

PNG = "iVBORw0KGgo="
PARIS, ROME = {"city": "Paris"}, {"city": "Rome"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
IMAGE = {"type": "image", "source": {"type": "data", "value": PNG}, "metadata": {"mimeType": "image/png"}}


def conversation(*more, **options):
    return asking(
        says([{"type": "text", "content": "Where is this?"}, *more]),
        says("I will ask.", "assistant", toolCalls=[
            calls("call_1", json.dumps(PARIS)), calls("call_2", json.dumps(ROME))]),
        answers("call_1", '{"sky":"clear"}'),
        answers("call_2", "rain"),
        says("And so?"),
        systemPrompts=["You know cities.", "Be brief."],
        tools=[{"name": "get_weather", "description": "The weather of a city.", "inputSchema": SCHEMA}],
        temperature=0, maxTokens=100, topP=0.5, **options,
    )  # fmt: skip


def made(id_, given):
    return {"id": id_, "type": "function", "function": {"name": "get_weather", "arguments": json.dumps(given)}}


V2 = {
    "model": "gpt-4o", "stream": True, "temperature": 0, "max_tokens": 100, "p": 0.5,
    "messages": [
        {"role": "system", "content": "You know cities.\nBe brief."},
        {"role": "user", "content": [
            {"type": "text", "text": "Where is this?"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}]},
        {"role": "assistant", "content": "I will ask.", "tool_calls": [made("call_1", PARIS), made("call_2", ROME)]},
        {"role": "tool", "tool_call_id": "call_1", "content": '{"sky":"clear"}'},
        {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "rain"}]},
        {"role": "user", "content": "And so?"},
    ],
    "tools": [{"type": "function", "function": {
        "name": "get_weather", "description": "The weather of a city.", "parameters": SCHEMA}}],
    "tool_choice": "REQUIRED",
}  # fmt: skip
V1 = {
    "model": "gpt-4o", "stream": True, "temperature": 0, "max_tokens": 100, "p": 0.5,
    "preamble": "You know cities.\nBe brief.", "message": "And so?",
    "chat_history": [
        {"role": "USER", "message": "Where is this?"},
        {"role": "CHATBOT", "message": "I will ask.", "tool_calls": [
            {"name": "get_weather", "parameters": PARIS}, {"name": "get_weather", "parameters": ROME}]},
        {"role": "TOOL", "tool_results": [
            {"call": {"name": "get_weather", "parameters": PARIS}, "outputs": [{"sky": "clear"}]},
            {"call": {"name": "get_weather", "parameters": ROME}, "outputs": [{"output": "rain"}]}]},
    ],
    "tools": [{"name": "get_weather", "description": "The weather of a city.", "parameter_definitions": {
        "city": {"type": "str", "required": True}}}],
}  # fmt: skip
ASKED = {
    "cohere-v2": ("/v2/chat", V2, conversation(IMAGE, toolChoice="required")),
    "cohere-v1": ("/v1/chat", V1, conversation()),
}


def sent(wire, raw):
    target = ASKED[wire][0]
    return exchange(read_request(wire, target, (), raw), target, body=raw)


@pytest.mark.parametrize("wire", ASKED)
@pytest.mark.parametrize("profile", ["spec", "tanstack"])
def test_a_whole_conversation_arrives(wire, profile):
    _, body, asked = ASKED[wire]
    assert rules(asked, sent(wire, json.dumps(body).encode()), profile=profile) == []


@pytest.mark.parametrize("wire", ASKED)
def test_what_our_writer_writes_is_what_was_asked(wire):
    parts = [text("Where is this?"), *([file(PNG, "image/png")] if wire == "cohere-v2" else [])]
    options = {
        "prompt": [
            system("You know cities."), system("Be brief."), user(*parts),
            assistant(text("I will ask."), call(**PARIS), call(id_="call_2", **ROME)),
            tool(returned({"sky": "clear"}, type_="json"), returned("rain", "call_2")), user(text("And so?")),
        ],
        "tools": [offer(schema=SCHEMA, description="The weather of a city.")],
        "temperature": 0, "maxOutputTokens": 100, "topP": 0.5,
        "toolChoice": {"type": "required" if wire == "cohere-v2" else "auto"},
        "providerOptions": {wire.removesuffix("-v2"): {"model": "gpt-4o"}},
    }  # fmt: skip
    written = body_bytes(request_of(route_to(wire), options, stream=True).body)
    assert rules(ASKED[wire][2], sent(wire, written)) == []


@pytest.mark.parametrize(
    ("wires", "was", "became", "broken"),
    [
        ("12", "Where is this?", "Where?", ["REQ-4"]),
        ("12", "And so?", "", ["REQ-4"]),
        ("12", "Be brief.", "", ["REQ-5"]),
        ("2", PNG, "JVBERi0xLjQK", ["REQ-6"]),
        ("2", "Rome", "Roma", ["REQ-8"]),
        ("12", "rain", "sun", ["REQ-9"]),
        ("12", "The weather of a city.", "", ["REQ-13"]),
        ("12", "100", "10", ["REQ-15"]),
        ("12", "0.5", "0.6", ["REQ-15"]),
        ("2", "REQUIRED", "NONE", ["REQ-14"]),
        ("1", '"required": true', '"required": false', ["REQ-13"]),
    ],
)
def test_whatever_is_changed_on_the_way_is_found(wires, was, became, broken):
    for wire in (f"cohere-v{version}" for version in wires):
        _, body, asked = ASKED[wire]
        raw = json.dumps(body)
        assert was in raw
        assert rules(asked, sent(wire, raw.replace(was, became).encode())) == broken, wire
