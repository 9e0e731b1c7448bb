import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bodies import at, changed, places
from harness import resources
from harness.errors import InputError
from harness.model.requests import body_bytes, request_of
from harness.model.router import resolve
from harness.protocol.messages import Answered, Call, File, Text, Turn
from harness.providers import read_request, wire_of_target
from prompts import (
    PNG,
    asked,
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

WIRE = "cloudflare-run"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
IMAGE = file(PNG, "image/png")
TALK = (
    system("Be brief."),
    user(text("Weather?"), IMAGE),
    assistant(text("Let me see."), call(city="Paris"), call(id_="call_2")),
    tool(returned({"degrees": 18}, type_="json"), returned("no such city", "call_2", type_="error-text")),
)
OPTIONS = {
    "tools": [offer(schema=SCHEMA, description="d")],
    "toolChoice": {"type": "tool", "toolName": "get_weather"},
    "maxOutputTokens": 100,
    "temperature": 0.5,
    "topP": 1,
    "responseFormat": {"type": "json", "schema": SCHEMA, "name": "n"},
}
FREE = {"parameters", "json_schema"}


def test_a_conversation_with_tools():
    body = written(WIRE, *TALK, **OPTIONS)
    call_of = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'}}
    assert body.pop("messages") == [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Weather?"},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
            ],
        },
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [call_of, call_of | {"id": "call_2", "function": {"name": "get_weather", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "call_1", "name": "get_weather", "content": '{"degrees":18}'},
        {"role": "tool", "tool_call_id": "call_2", "name": "get_weather", "content": "no such city"},
    ]
    assert body == {
        "tools": [{"type": "function", "function": {"name": "get_weather", "description": "d", "parameters": SCHEMA}}],
        "tool_choice": "required",
        "max_tokens": 100,
        "temperature": 0.5,
        "top_p": 1,
        "response_format": {"type": "json_schema", "json_schema": SCHEMA},
    }


def test_content_is_never_null_and_a_tool_always_says_what_it_is():
    body = written(WIRE, user(text("?")), assistant(call()), tools=[offer()], responseFormat={"type": "json"})
    assert body["messages"][1]["content"] == ""
    assert body["tools"][0]["function"] == {
        "name": "get_weather",
        "description": "",
        "parameters": {"type": "object", "properties": {}},
    }
    assert body["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize("choice", ["auto", "none", "required"])
def test_a_choice_is_sent_as_it_is(choice):
    assert written(WIRE, tools=[offer(), offer("now")], toolChoice={"type": choice})["tool_choice"] == choice


@pytest.mark.parametrize(
    ("prompt", "options", "named"),
    [
        ([user(file("https://a.test/cat.png", "image/png"))], {}, "takes images as base64, and no image/png by URL"),
        ([user(file("JVBERi0=", "application/pdf"))], {}, "takes images as base64"),
        ([user(text("?")), assistant(IMAGE)], {}, "takes no files in what the assistant said"),
        (
            [user(text("?"))],
            {"tools": [offer(), offer("now")], "toolChoice": {"type": "tool", "toolName": "now"}},
            "cloudflare-run has no words to force 'now' among several tools",
        ),
    ],
)
def test_what_the_wire_cannot_say_is_refused(prompt, options, named):
    with pytest.raises(InputError, match=named):
        asked(WIRE, *prompt, **options)


@pytest.mark.parametrize(
    ("model_id", "path"),
    [
        ("@cf/meta/llama-3.3-70b-instruct-fp8-fast", "/run/@cf/meta/llama-3.3-70b-instruct-fp8-fast"),
        ("@hf/a?b#c/d e", "/run/@hf/a%3Fb%23c/d%20e"),
    ],
)
def test_the_path_names_the_model_and_the_body_does_not(model_id, path):
    route = resolve(f"{WIRE}/{model_id}", base_url="http://127.0.0.1:1", environment={})
    request = request_of(route, {"prompt": [user(text("Hi"))]}, stream=True)
    assert request.path == path
    assert wire_of_target(path) == WIRE
    assert body_of(request, WIRE) == {"messages": [{"role": "user", "content": "Hi"}], "stream": True}
    assert read_request(WIRE, path, (), body_bytes(request.body)).model == model_id


def test_the_account_stands_in_the_url():
    environment = {"CLOUDFLARE_ACCOUNT_ID": "0123", "CLOUDFLARE_API_KEY": "key-of-this-test"}
    route = resolve(f"{WIRE}/@cf/meta/llama", environment=environment)
    assert route.base_url == "https://api.cloudflare.com/client/v4/accounts/0123/ai"
    assert route.headers == {"authorization": "Bearer key-of-this-test"}


def test_the_schema_minds_every_member_of_a_body():
    Draft202012Validator.check_schema(resources.schema(f"requests/{WIRE}"))
    law, body = validator_of(WIRE), written(WIRE, *TALK, **OPTIONS)
    unminded = [path for path in places(body, FREE) if law.is_valid(changed(body, path, {"no": "such"}))]
    assert {path[-1] for path in unminded} == FREE
    for path in places(body, FREE):
        if isinstance(at(body, path), dict) and path[-1] not in FREE:
            assert not law.is_valid(changed(body, (*path, "noSuchMember"), 1)), path


@pytest.mark.parametrize(
    "path",
    [
        ("messages",), ("messages", 0, "content"), ("messages", 1, "content", 1, "image_url", "url"),
        ("messages", 2, "content"), ("messages", 2, "tool_calls", 0, "id"), ("messages", 3, "tool_call_id"), ("tools",),
        ("tools", 0, "function", "description"), ("tools", 0, "function", "parameters"),
        ("response_format", "json_schema"),
    ],
)  # fmt: skip
def test_what_the_api_demands_cannot_be_left_out(path):
    body = written(WIRE, *TALK, **OPTIONS)
    del at(body, path[:-1])[path[-1]]
    assert not validator_of(WIRE).is_valid(body)


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "assistant", "content": None}]},
        {"messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "https://a.test/cat.png"}}]}]},
        {"model": "@cf/meta/llama"},
        {"max_completion_tokens": 5},
        {"tool_choice": {"type": "function", "function": {"name": "f"}}},
        {"tool_choice": "auto"},
        {"stream_options": {"include_usage": True}},
        {"response_format": {"type": "json_schema", "json_schema": SCHEMA, "strict": True}},
    ],
)  # fmt: skip
def test_a_body_that_the_api_would_refuse_is_refused(body):
    assert not validator_of(WIRE).is_valid({"messages": [{"role": "user", "content": "Hi"}], **body})


texts = st.builds(text, st.text(min_size=1, max_size=12))
users = st.builds(lambda parts: user(*parts), st.lists(texts | st.just(IMAGE), min_size=1, max_size=4))
calls = st.builds(lambda id_, n: call(id_=id_, x=n), st.sampled_from(["c1", "c2"]), st.integers())
models = st.builds(lambda said, made: assistant(*said, *made), st.lists(texts, max_size=2), st.lists(calls, min_size=1))
results = st.builds(lambda said: tool(returned(said, "c1")), st.text(max_size=9))


@given(st.lists(users | models | results, min_size=1, max_size=5))
def test_every_conversation_is_one_that_the_other_witness_reads_unchanged(prompt):
    request = request_of(route_to(WIRE), {"prompt": prompt}, stream=True)
    body_of(request, WIRE)
    read = read_request(WIRE, request.path, (), body_bytes(request.body))
    assert read.turns == tuple(Turn(one["role"], tuple(map(meant, one["content"]))) for one in prompt)


def meant(part):
    match part["type"]:
        case "text":
            return Text(part["text"])
        case "file":
            return File("image/png", data=part["data"])
        case "tool-call":
            return Call(part["toolCallId"], part["toolName"], f'{{"x":{part["input"]["x"]}}}')
    return Answered(part["toolCallId"], part["output"]["value"], part["toolName"])
