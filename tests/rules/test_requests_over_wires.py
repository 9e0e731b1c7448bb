"""One conversation in the bodies of six wires, as their documentation writes them: nothing is missed in any."""

import json

import pytest

from harness.providers import read_request
from requested import answers, asking, calls, exchange, rules, says

PNG, PDF = "iVBORw0KGgo=", "JVBERi0xLjQK"
PARIS, ROME = {"city": "Paris"}, {"city": "Rome"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CONVERSATION = asking(
    says(
        [
            {"type": "text", "content": "Where is this?"},
            {"type": "image", "source": {"type": "data", "value": PNG}, "metadata": {"mimeType": "image/png"}},
            {"type": "pdf", "source": {"type": "data", "value": PDF}},
        ]
    ),
    says("I will ask.", "assistant", toolCalls=[calls("call_1", json.dumps(PARIS)), calls("call_2", json.dumps(ROME))]),
    answers("call_1", '{"sky":"clear"}'),
    answers("call_2", "rain"),
    says("And so?"),
    systemPrompts=["You know cities.", "Be brief."],
    tools=[{"name": "get_weather", "description": "The weather of a city.", "inputSchema": SCHEMA}],
    toolChoice={"type": "tool", "toolName": "get_weather"},
    temperature=0,
    maxTokens=100,
    topP=0.5,
)
SYSTEM = "You know cities.\nBe brief."
DECLARED = {"name": "get_weather", "description": "The weather of a city."}


def chat_call(id_, given):
    return {"id": id_, "type": "function", "function": {"name": "get_weather", "arguments": json.dumps(given)}}


def item(id_, given):
    return {"type": "function_call", "call_id": id_, "name": "get_weather", "arguments": json.dumps(given)}


def block(id_, given):
    return {"type": "tool_use", "id": id_, "name": "get_weather", "input": given}


def response(given):
    return {"functionResponse": {"name": "get_weather", "response": given}}


CHAT = {
    "model": "gpt-4o",
    "stream": True,
    "temperature": 0,
    "max_tokens": 100,
    "top_p": 0.5,
    "messages": [
        {"role": "system", "content": SYSTEM},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Where is this?"},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
                {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}},
            ],
        },
        {
            "role": "assistant",
            "content": "I will ask.",
            "tool_calls": [chat_call("call_1", PARIS), chat_call("call_2", ROME)],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": '{"sky":"clear"}'},
        {"role": "tool", "tool_call_id": "call_2", "content": "rain"},
        {"role": "user", "content": "And so?"},
    ],
    "tools": [{"type": "function", "function": DECLARED | {"parameters": SCHEMA}}],
    "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
}
RESPONSES = {
    "model": "gpt-4o",
    "stream": True,
    "temperature": 0,
    "max_output_tokens": 100,
    "top_p": 0.5,
    "instructions": SYSTEM,
    "input": [
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Where is this?"},
                {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"},
                {"type": "input_file", "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"},
            ],
        },
        {"role": "assistant", "content": [{"type": "output_text", "text": "I will ask."}]},
        item("call_1", PARIS),
        item("call_2", ROME),
        {"type": "function_call_output", "call_id": "call_1", "output": '{"sky":"clear"}'},
        {"type": "function_call_output", "call_id": "call_2", "output": "rain"},
        {"role": "user", "content": [{"type": "input_text", "text": "And so?"}]},
    ],
    "tools": [{"type": "function", **DECLARED, "parameters": SCHEMA}],
    "tool_choice": {"type": "function", "name": "get_weather"},
}
ANTHROPIC = {
    "model": "gpt-4o",
    "stream": True,
    "temperature": 0,
    "max_tokens": 100,
    "top_p": 0.5,
    "system": [{"type": "text", "text": SYSTEM}],
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Where is this?"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
                {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PDF}},
            ],
        },
        {
            "role": "assistant",
            "content": [{"type": "text", "text": "I will ask."}, block("call_1", PARIS), block("call_2", ROME)],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "call_1", "content": '{"sky":"clear"}'},
                {"type": "tool_result", "tool_use_id": "call_2", "content": [{"type": "text", "text": "rain"}]},
                {"type": "text", "text": "And so?"},
            ],
        },
    ],
    "tools": [DECLARED | {"input_schema": SCHEMA}],
    "tool_choice": {"type": "tool", "name": "get_weather"},
}
GEMINI = {
    "systemInstruction": {"parts": [{"text": SYSTEM}]},
    "generationConfig": {"temperature": 0, "maxOutputTokens": 100, "topP": 0.5},
    "contents": [
        {
            "role": "user",
            "parts": [
                {"text": "Where is this?"},
                {"inlineData": {"mimeType": "image/png", "data": PNG}},
                {"inlineData": {"mimeType": "application/pdf", "data": PDF}},
            ],
        },
        {
            "role": "model",
            "parts": [
                {"text": "I will ask."},
                {"functionCall": {"name": "get_weather", "args": PARIS}},
                {"functionCall": {"name": "get_weather", "args": ROME}},
            ],
        },
        {"role": "user", "parts": [response({"sky": "clear"}), response({"result": "rain"})]},
        {"role": "user", "parts": [{"text": "And so?"}]},
    ],
    "tools": [
        {
            "functionDeclarations": [
                DECLARED
                | {"parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]}}
            ]
        }
    ],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["get_weather"]}},
}
INTERACTION = {
    "model": "gpt-4o",
    "stream": True,
    "system_instruction": SYSTEM,
    "generation_config": {
        "temperature": 0, "max_output_tokens": 100, "top_p": 0.5,
        "tool_choice": {"allowed_tools": {"mode": "any", "tools": ["get_weather"]}},
    },
    "input": [
        {"type": "user_input", "content": [
            {"type": "text", "text": "Where is this?"},
            {"type": "image", "data": PNG, "mime_type": "image/png"},
            {"type": "document", "data": PDF, "mime_type": "application/pdf"}]},
        {"type": "model_output", "content": [{"type": "text", "text": "I will ask."}]},
        {"type": "function_call", "id": "call_1", "name": "get_weather", "arguments": PARIS},
        {"type": "function_call", "id": "call_2", "name": "get_weather", "arguments": ROME},
        {"type": "function_result", "call_id": "call_1", "name": "get_weather", "result": {"sky": "clear"}},
        {"type": "function_result", "call_id": "call_2", "result": [{"type": "text", "text": "rain"}]},
        {"type": "user_input", "content": [{"type": "text", "text": "And so?"}]},
    ],
    "tools": [{"type": "function", **DECLARED, "parameters": SCHEMA}],
}  # fmt: skip
CONVERSE = {
    "system": [{"text": SYSTEM}],
    "inferenceConfig": {"temperature": 0, "maxTokens": 100, "topP": 0.5},
    "messages": [
        {"role": "user", "content": [
            {"text": "Where is this?"},
            {"image": {"format": "png", "source": {"bytes": PNG}}},
            {"document": {"format": "pdf", "name": "a", "source": {"bytes": PDF}}}]},
        {"role": "assistant", "content": [
            {"text": "I will ask."},
            {"toolUse": {"toolUseId": "call_1", "name": "get_weather", "input": PARIS}},
            {"toolUse": {"toolUseId": "call_2", "name": "get_weather", "input": ROME}}]},
        {"role": "user", "content": [
            {"toolResult": {"toolUseId": "call_1", "content": [{"json": {"sky": "clear"}}]}},
            {"toolResult": {"toolUseId": "call_2", "content": [{"text": "rain"}]}},
            {"text": "And so?"}]},
    ],
    "toolConfig": {
        "tools": [{"toolSpec": {**DECLARED, "inputSchema": {"json": SCHEMA}}}],
        "toolChoice": {"tool": {"name": "get_weather"}},
    },
}  # fmt: skip
WIRES = {
    "openai-chat": ("/chat/completions", CHAT),
    "openai-responses": ("/responses", RESPONSES),
    "anthropic-messages": ("/messages", ANTHROPIC),
    "google-generatecontent": ("/models/gpt-4o:streamGenerateContent?alt=sse", GEMINI),
    "google-interactions": ("/interactions", INTERACTION),
    "bedrock-converse": ("/model/gpt-4o/converse-stream", CONVERSE),
}
OTHERWISE = {("bedrock-converse", "image/png"): ('"png"', '"gif"')}
"""What stands there instead where a wire has other words."""


def sent(wire, body):
    target = WIRES[wire][0]
    raw = json.dumps(body).encode()
    return exchange(read_request(wire, target, (), raw), target, body=raw)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("profile", ["spec", "tanstack"])
def test_a_whole_conversation_arrives_over_every_wire(wire, profile):
    assert rules(CONVERSATION, sent(wire, WIRES[wire][1]), profile=profile) == []


@pytest.mark.parametrize(
    ("was", "became", "broken"),
    [
        ("Where is this?", "Where?", ["REQ-4"]),
        ("And so?", "", ["REQ-4"]),
        ("Be brief.", "", ["REQ-5"]),
        (PNG, PDF, ["REQ-6"]),
        ("image/png", "image/gif", ["REQ-6"]),
        ("Rome", "Roma", ["REQ-8"]),
        ("rain", "sun", ["REQ-9"]),
        ("The weather of a city.", "", ["REQ-13"]),
        ("100", "10", ["REQ-15"]),
        ("0.5", "0.6", ["REQ-15"]),
    ],
)
@pytest.mark.parametrize("wire", WIRES)
def test_whatever_is_changed_on_the_way_is_found_over_every_wire(wire, was, became, broken):
    text = json.dumps(WIRES[wire][1])
    was, became = OTHERWISE.get((wire, was), (was, became))
    assert was in text
    assert rules(CONVERSATION, sent(wire, json.loads(text.replace(was, became)))) == broken
