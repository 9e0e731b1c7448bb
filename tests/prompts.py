"""Call options as tests write them, and the request body that they become, held to the schema of its wire."""

import json

from jsonschema import Draft202012Validator

from harness import resources
from harness.model.requests import body_bytes, request_of
from harness.model.router import resolve

MODELS = {
    "openai-chat": "groq/llama-3.3-70b-versatile",
    "openai-responses": "openai/gpt-4o",
    "anthropic-messages": "anthropic/claude-sonnet-4-5",
    "google-generatecontent": "google/gemini-2.5-flash",
    "ollama-chat": "ollama/qwen3:8b",
    "ollama-generate": "ollama-generate/qwen3:8b",
    "openai-completions": "openai-completions/gpt-3.5-turbo-instruct",
    "cloudflare-run": "cloudflare-run/@cf/meta/llama-3.3-70b-instruct-fp8-fast",
    "cohere-v2": "cohere/command-a-03-2025",
    "cohere-v1": "cohere-v1/command-r-plus-08-2024",
    "google-interactions": "google-interactions/gemini-2.5-flash",
    "bedrock-converse": "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
}
WITHOUT_TOOLS = {"ollama-generate", "openai-completions"}
PNG = "iVBORw0KGgo="


def text(said):
    return {"type": "text", "text": said}


def file(data, media_type, **more):
    return {"type": "file", "data": data, "mediaType": media_type, **more}


def call(name="get_weather", id_="call_1", **given):
    return {"type": "tool-call", "toolCallId": id_, "toolName": name, "input": given}


def returned(value, id_="call_1", name="get_weather", type_="text"):
    return {"type": "tool-result", "toolCallId": id_, "toolName": name, "output": {"type": type_, "value": value}}


def system(said):
    return {"role": "system", "content": said}


def user(*parts):
    return {"role": "user", "content": list(parts)}


def assistant(*parts):
    return {"role": "assistant", "content": list(parts)}


def tool(*parts):
    return {"role": "tool", "content": list(parts)}


def offer(name="get_weather", schema=None, **more):
    given = {} if schema is None else {"inputSchema": schema}
    return {"type": "function", "name": name, **more, **given}


def asked(wire, *messages, **options):
    return request_of(route_to(wire), {"prompt": list(messages) or [user(text("Hi"))], **options}, stream=False)


def route_to(wire, **config):
    return resolve(MODELS[wire], config, base_url="http://127.0.0.1:1", environment={})


def validator_of(wire):
    return Draft202012Validator(resources.schema(f"requests/{wire}"))


def body_of(request, wire):
    """Return the body as a provider reads it; fails where the wire's schema refuses it."""
    body = json.loads(body_bytes(request.body))
    validator_of(wire).validate(body)
    return body


def written(wire, *messages, **options):
    return body_of(asked(wire, *messages, **options), wire)
