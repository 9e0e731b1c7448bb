import json

import pytest

from harness.errors import InputError
from harness.protocol.messages import Answered, Call, File, ModelRequest, Text, ToolOffer, Turn
from harness.providers import read_request

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def chat(**body):
    return read_request("ollama-chat", "/api/chat", [], json.dumps(body).encode())


def generate(**body):
    return read_request("ollama-generate", "/api/generate", [], json.dumps(body).encode())


def turns(*messages):
    return chat(messages=messages).turns


def test_a_chat_in_full():
    asked = chat(
        model="qwen3:8b",
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        tools=[{"type": "function", "function": {"name": "weather", "description": "d", "parameters": SCHEMA}}],
        format=SCHEMA, stream=False, think="high", keep_alive="5m", logprobs=True,
        options={"temperature": 0.2, "top_p": 0.9, "num_predict": 256, "num_ctx": 4096, "stop": ["x"]},
    )  # fmt: skip
    assert asked == ModelRequest(
        model="qwen3:8b", temperature=0.2, top_p=0.9, max_tokens=256, schema=SCHEMA, json=True, stream=False,
        turns=(Turn("system", (Text("Be brief."),)), Turn("user", (Text("Hi"),))),
        tools=(ToolOffer("weather", "d", SCHEMA),),
        extra={"options": {"num_ctx": 4096, "stop": ["x"]}, "think": "high", "keep_alive": "5m", "logprobs": True},
    )  # fmt: skip


def test_a_prompt_in_full():
    asked = generate(
        model="llava", system="Be brief.", prompt="What is it?", images=["iVBO", "R0lG"], stream=True, format="json",
        suffix="end", raw=False, template="t", context=[1, 2], options={"temperature": 0, "seed": 7},
    )  # fmt: skip
    assert asked == ModelRequest(
        model="llava", temperature=0, json=True, stream=True,
        turns=(
            Turn("system", (Text("Be brief."),)),
            Turn("user", (Text("What is it?"), File("image/*", data="iVBO"), File("image/*", data="R0lG"))),
        ),
        extra={"options": {"seed": 7}, "suffix": "end", "raw": False, "template": "t", "context": [1, 2]},
    )  # fmt: skip


def test_a_conversation_with_tools_before_ids_and_after():
    call = {"function": {"index": 0, "name": "weather", "arguments": {"city": "Paris", "n": 1}}}
    assert turns(
        {"role": "user", "content": "Where?"},
        {"role": "assistant", "content": "", "thinking": "hm", "tool_calls": [call, {"id": "call_1", **call}]},
        {"role": "tool", "content": "18C", "tool_name": "weather"},
        {"role": "tool", "content": "19C", "name": "weather"},
        {"role": "tool", "content": "20C", "tool_name": "weather", "tool_call_id": "call_1"},
    ) == (
        Turn("user", (Text("Where?"),)),
        Turn("assistant", tuple(Call(id_, "weather", '{"city":"Paris","n":1}') for id_ in (None, "call_1"))),
        Turn("tool", (Answered(None, "18C", "weather"),)),
        Turn("tool", (Answered(None, "19C", "weather"),)),
        Turn("tool", (Answered("call_1", "20C", "weather"),)),
    )


def test_thoughts_that_are_sent_back_stand_in_extra():
    asked = chat(messages=[{"role": "assistant", "content": "A", "thinking": "hm"}])
    assert asked.turns == (Turn("assistant", (Text("A"),)),)
    assert asked.extra == {"$unread": {"messages[0].thinking": "hm"}}


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ({"content": "Hi"}, (Text("Hi"),)),
        ({"content": ""}, (Text(""),)),
        ({}, (Text(""),)),
        ({"content": None}, (Text(""),)),
        ({"content": "", "images": ["iVBO"]}, (File("image/*", data="iVBO"),)),
        ({"images": ["iVBO"]}, (File("image/*", data="iVBO"),)),
        ({"content": "Hi", "images": []}, (Text("Hi"),)),
    ],
)
def test_an_empty_content_counts_only_where_it_is_all_there_is(message, parts):
    assert turns({"role": "user", **message}) == (Turn("user", parts),)


def test_the_numbers_of_arguments_keep_their_letters():
    body = (
        b'{"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1.0}}}]}]}'
    )
    (turn,) = read_request("ollama-chat", "/api/chat", [], body).turns
    assert turn.parts == (Call(None, "f", '{"a":1.0}'),)


def test_a_call_without_arguments_has_none():
    (turn,) = turns({"role": "assistant", "tool_calls": [{"function": {"name": "f"}}]})
    assert turn.parts == (Call(None, "f", "{}"),)


def test_the_server_reads_roles_in_any_case():
    assert turns({"role": "User", "content": "Hi"}) == (Turn("user", (Text("Hi"),)),)


@pytest.mark.parametrize("read", [chat, generate])
@pytest.mark.parametrize(("more", "stream"), [({}, True), ({"stream": None}, True), ({"stream": False}, False)])
def test_an_answer_is_streamed_unless_that_is_refused(read, more, stream):
    assert read(messages=[], **more).stream is stream


@pytest.mark.parametrize(
    ("given", "schema", "is_json"),
    [("", None, False), (None, None, False), ("json", None, True), (SCHEMA, SCHEMA, True), ({}, {}, True)],
)
def test_the_format_is_a_schema_or_json_or_nothing(given, schema, is_json):
    asked = chat(messages=[], format=given)
    assert (asked.schema, asked.json) == (schema, is_json)


@pytest.mark.parametrize("given", [{}, {"prompt": ""}, {"prompt": None, "system": "", "images": []}])
def test_without_a_prompt_the_model_is_only_loaded(given):
    assert generate(model="m", **given).turns == ()


def test_images_alone_are_a_prompt():
    assert generate(images=["iVBO"]).turns == (Turn("user", (File("image/*", data="iVBO"),)),)


def test_what_an_old_client_sends_empty_says_nothing():
    asked = generate(model="llama3", prompt="Hi", system="", template="", context=[], options={}, format="", images=[])
    assert asked.turns == (Turn("user", (Text("Hi"),)),)
    assert asked.extra == {"template": "", "context": []}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "messages is missing or null, where the API has a list"),
        ({"messages": [{"content": "Hi"}]}, r"messages\[0\].role is missing or null"),
        ({"messages": [{"role": "robot"}]}, r"messages\[0\].role is 'robot'"),
        ({"messages": [{"role": "user", "content": []}]}, r"messages\[0\].content is a list, where the API has text"),
        ({"messages": [{"role": "user", "images": [7]}]}, r"messages\[0\].images\[0\] is a number"),
        ({"messages": [{"role": "assistant", "tool_calls": [{}]}]}, r"tool_calls\[0\].function is missing or null"),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}]},
            r"arguments is text, where the API has an object",
        ),
        ({"messages": [], "tools": [{"type": "web"}]}, r"tools\[0\] is of the type 'web'"),
        ({"messages": [], "format": "xml"}, "format is 'xml'"),
        ({"messages": [], "format": 7}, "format is a number, where the API has an object"),
        ({"messages": [], "options": []}, "options is a list, where the API has an object"),
        ({"messages": [], "options": {"num_predict": "9"}}, "options.num_predict is text, where the API has a number"),
        ({"messages": [], "model": 7}, "model is a number, where the API has text"),
    ],
)
def test_a_chat_whose_meaning_cannot_be_told_is_an_input_error(body, sentence):
    with pytest.raises(InputError, match=sentence):
        chat(**body)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"prompt": ["Hi"]}, "prompt is a list, where the API has text"),
        ({"system": {}}, "system is an object, where the API has text"),
        ({"images": "iVBO"}, "images is text, where the API has a list"),
    ],
)
def test_a_prompt_whose_meaning_cannot_be_told_is_an_input_error(body, sentence):
    with pytest.raises(InputError, match=sentence):
        generate(**body)
