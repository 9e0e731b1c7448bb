"""One conversation in the bodies of Ollama, OpenAI's completions and Cloudflare's run, as they are documented."""

import json

import pytest

from harness.providers import read_request
from requested import answers, asking, calls, exchange, rules, says

PNG = "iVBORw0KGgo="
PARIS, ROME = {"city": "Paris"}, {"city": "Rome"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
IMAGE = {"type": "image", "source": {"type": "data", "value": PNG}, "metadata": {"mimeType": "image/png"}}
LIMITS = {"temperature": 0, "maxTokens": 100, "topP": 0.5}
SYSTEM = "You know cities.\nBe brief."
PROMPTS = {"systemPrompts": ["You know cities.", "Be brief."], **LIMITS}
WITH_TOOLS = asking(
    says([{"type": "text", "content": "Where is this?"}, IMAGE]),
    says("I will ask.", "assistant", toolCalls=[calls("call_1", json.dumps(PARIS)), calls("call_2", json.dumps(ROME))]),
    answers("call_1", '{"sky":"clear"}'),
    answers("call_2", "rain"),
    says("And so?"),
    tools=[{"name": "get_weather", "description": "The weather of a city.", "inputSchema": SCHEMA}],
    **PROMPTS,
)
DECLARED = {"name": "get_weather", "description": "The weather of a city.", "parameters": SCHEMA}
OPTIONS = {"temperature": 0, "num_predict": 100, "top_p": 0.5}
FLAT = {"temperature": 0, "max_tokens": 100, "top_p": 0.5, "stream": True}


def ollama(*, ids):
    """The body of Ollama's chat, with the ids that servers know since 0.12.10 or without."""

    def call(id_, given):
        return ({"id": id_} if ids else {}) | {"function": {"name": "get_weather", "arguments": given}}

    def result(id_, content):
        told = {"role": "tool", "tool_name": "get_weather", "content": content}
        return told | ({"tool_call_id": id_} if ids else {})

    return {
        "model": "gpt-4o",
        "options": OPTIONS,
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": "Where is this?", "images": [PNG]},
            {
                "role": "assistant",
                "content": "I will ask.",
                "tool_calls": [call("call_1", PARIS), call("call_2", ROME)],
            },
            result("call_1", '{"sky":"clear"}'),
            result("call_2", "rain"),
            {"role": "user", "content": "And so?"},
        ],
        "tools": [{"type": "function", "function": DECLARED}],
    }


def cloudflare_call(id_, given):
    return {"id": id_, "type": "function", "function": {"name": "get_weather", "arguments": json.dumps(given)}}


CLOUDFLARE = {
    **FLAT,
    "messages": [
        {"role": "system", "content": SYSTEM},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Where is this?"},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
            ],
        },
        {
            "role": "assistant",
            "content": "I will ask.",
            "tool_calls": [cloudflare_call("call_1", PARIS), cloudflare_call("call_2", ROME)],
        },
        {"role": "tool", "tool_call_id": "call_1", "name": "get_weather", "content": '{"sky":"clear"}'},
        {"role": "tool", "tool_call_id": "call_2", "name": "get_weather", "content": "rain"},
        {"role": "user", "content": "And so?"},
    ],
    "tools": [{"type": "function", "function": DECLARED}],
}
TALK = asking(says("Where?"), says("Here.", "assistant"), says("And so?"), **PROMPTS)
SENT = {
    "ollama-chat with ids": ("/api/chat", WITH_TOOLS, ollama(ids=True)),
    "ollama-chat": ("/api/chat", WITH_TOOLS, ollama(ids=False)),
    "ollama-generate": (
        "/api/generate",
        asking(says([{"type": "text", "content": "Where is this?"}, IMAGE]), **PROMPTS),
        {"model": "gpt-4o", "options": OPTIONS, "system": SYSTEM, "prompt": "Where is this?", "images": [PNG]},
    ),
    "openai-completions": (
        "/completions",
        TALK,
        {
            "model": "gpt-4o",
            "prompt": f"{SYSTEM}\n\nuser:\nWhere?\n\nassistant:\nHere.\n\nuser:\nAnd so?\n\nassistant:\n",
            "stop": ["\nuser:"],
            **FLAT,
        },
    ),
    "openai-completions of one text": (
        "/completions",
        asking(says("Where?"), **LIMITS),
        {"model": "gpt-4o", "prompt": "Where?", **FLAT},
    ),
    "cloudflare-run": ("/run/gpt-4o", WITH_TOOLS, CLOUDFLARE),
}


def sent(name, body):
    target = SENT[name][0]
    raw = json.dumps(body).encode()
    return exchange(read_request(name.partition(" ")[0], target, (), raw), target, body=raw)


@pytest.mark.parametrize("name", SENT)
@pytest.mark.parametrize("profile", ["spec", "tanstack"])
def test_a_whole_conversation_arrives_over_every_wire(name, profile):
    _, request, body = SENT[name]
    assert rules(request, sent(name, body), profile=profile) == []


@pytest.mark.parametrize(
    ("name", "was", "became", "broken"),
    [
        ("ollama-chat", "And so?", "", ["REQ-4"]),
        ("ollama-chat", "Be brief.", "", ["REQ-5"]),
        ("ollama-chat", PNG, "JVBERi0=", ["REQ-6"]),
        ("ollama-chat", "Rome", "Roma", ["REQ-8"]),
        ("ollama-chat", "rain", "sun", ["REQ-9"]),
        ("ollama-generate", "Where is this?", "Where?", ["REQ-4"]),
        ("ollama-generate", "Be brief.", "", ["REQ-5"]),
        ("openai-completions", "And so?", "So?", ["REQ-4"]),
        ("openai-completions", "Be brief.", "", ["REQ-5"]),
        ("cloudflare-run", "Rome", "Roma", ["REQ-8"]),
        ("cloudflare-run", "rain", "sun", ["REQ-9"]),
    ],
)
def test_what_is_lost_on_the_way_is_found(name, was, became, broken):
    _, request, body = SENT[name]
    changed = json.loads(json.dumps(body).replace(was, became))
    assert changed != body
    assert rules(request, sent(name, changed)) == broken
