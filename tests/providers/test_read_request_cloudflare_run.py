import json

import pytest

from harness.errors import InputError
from harness.protocol.messages import Answered, Call, File, ModelRequest, Text, ToolOffer, Turn
from harness.providers import read_request

TARGET = "/client/v4/accounts/0/ai/run/@cf/meta/llama-3.3-70b-instruct-fp8-fast"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def read(target=TARGET, **body):
    return read_request("cloudflare-run", target, [], json.dumps(body).encode())


def turns(*messages):
    return read(messages=messages).turns


def test_a_request_in_full():
    asked = read(
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        tools=[{"type": "function", "function": {"name": "weather", "description": "d", "parameters": SCHEMA}}],
        tool_choice="required", temperature=0.2, top_p=0.9, max_tokens=256, stream=True, seed=7, raw=False,
        response_format={"type": "json_schema", "json_schema": SCHEMA}, lora="l",
    )  # fmt: skip
    assert asked == ModelRequest(
        model="@cf/meta/llama-3.3-70b-instruct-fp8-fast", temperature=0.2, top_p=0.9, max_tokens=256, stream=True,
        schema=SCHEMA, json=True, tool_choice="required",
        turns=(Turn("system", (Text("Be brief."),)), Turn("user", (Text("Hi"),))),
        tools=(ToolOffer("weather", "d", SCHEMA),),
        extra={"seed": 7, "raw": False, "lora": "l"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("target", "model"),
    [
        ("/ai/run/@hf/nousresearch/hermes-2-pro-mistral-7b?a=b", "@hf/nousresearch/hermes-2-pro-mistral-7b"),
        ("/v1/acc/gate/workers-ai/run/%40cf/meta/llama", "@cf/meta/llama"),
        ("/ai/run/bad%20model", "bad model"),
        ("", None),
    ],
)
def test_the_path_names_the_model(target, model):
    assert read(target, messages=[]).model == model


def test_a_prompt_is_what_a_user_says():
    asked = read(prompt="Once", image=[137, 80], max_tokens=9)
    assert asked.turns == (Turn("user", (Text("Once"),)),)
    assert asked.extra == {"image": [137, 80]}
    assert not asked.stream


def test_a_conversation_with_tools_in_each_of_the_forms_that_are_documented():
    arguments = '{"city": "Paris"}'
    wrapped = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": arguments}}
    assert turns(
        {"role": "assistant", "content": "", "tool_calls": [wrapped]},
        {"role": "tool", "tool_call_id": "call_1", "name": "weather", "content": "18C"},
        {"role": "assistant", "content": "See:", "tool_calls": [{"name": "weather", "arguments": {"city": "Paris"}}]},
        {"role": "tool", "name": "weather", "content": "19C"},
        {"role": "tool", "content": "20C"},
        {"role": "assistant", "tool_calls": [{"name": "clock"}]},
    ) == (
        Turn("assistant", (Call("call_1", "weather", arguments),)),
        Turn("tool", (Answered("call_1", "18C", "weather"),)),
        Turn("assistant", (Text("See:"), Call(None, "weather", '{"city":"Paris"}'))),
        Turn("tool", (Answered(None, "19C", "weather"),)),
        Turn("tool", (Answered(None, "20C"),)),
        Turn("assistant", (Call(None, "clock", ""),)),
    )


def test_content_is_text_or_parts_or_one_part():
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO", "detail": "low"}}
    text = {"type": "text", "text": "What?"}
    asked = read(messages=[{"role": "user", "content": [text, image]}, {"role": "user", "content": text}])
    assert asked.turns == (
        Turn("user", (Text("What?"), File("image/png", data="iVBO"))),
        Turn("user", (Text("What?"),)),
    )
    assert asked.extra == {"$unread": {"messages[0].content[1].image_url.detail": "low"}}


def test_a_flat_tool_is_an_offer():
    asked = read(messages=[], tools=[{"name": "weather", "description": "d", "parameters": SCHEMA}])
    assert asked.tools == (ToolOffer("weather", "d", SCHEMA),)


def test_functions_with_code_are_cloudflares_own():
    functions = [{"name": "f", "code": "1"}]
    assert read(messages=[], functions=functions).extra == {"functions": functions}


@pytest.mark.parametrize(
    ("given", "schema", "is_json"),
    [
        ({"response_format": {"type": "json_object"}}, None, True),
        ({"response_format": {"type": "text"}}, None, False),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}}, SCHEMA, True),
        ({"guided_json": SCHEMA}, SCHEMA, True),
        ({}, None, False),
    ],
)
def test_the_answers_schema_is_found_where_it_may_stand(given, schema, is_json):
    asked = read(messages=[], **given)
    assert (asked.schema, asked.json) == (schema, is_json)


@pytest.mark.parametrize(
    ("choice", "read_as"),
    [
        (None, None), ("auto", "auto"), ("none", "none"), ("any", "required"),
        ({"type": "function", "function": {"name": "weather"}}, "tool:weather"),
    ],
)  # fmt: skip
def test_tool_choices(choice, read_as):
    assert read(messages=[], tool_choice=choice).tool_choice == read_as


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "messages is missing or null"),
        ({"prompt": []}, "prompt is a list, where the API has text"),
        ({"messages": [{"role": "robot", "content": ""}]}, r"messages\[0\].role is 'robot'"),
        ({"messages": [{"role": "user"}]}, r"messages\[0\].content is missing or null"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "is of the type 'video'"),
        ({"messages": [{"role": "assistant", "tool_calls": [{}]}]}, r"tool_calls\[0\].name is missing or null"),
        ({"messages": [], "tools": [{}]}, r"tools\[0\].name is missing or null"),
        ({"messages": [], "tool_choice": "maybe"}, "tool_choice is 'maybe'"),
        ({"messages": [], "tool_choice": {"type": "mcp"}}, "tool_choice is of the type 'mcp'"),
    ],
)
def test_a_body_whose_meaning_cannot_be_told_is_an_input_error(body, sentence):
    with pytest.raises(InputError, match=sentence):
        read(**body)
