import json

import pytest

from harness.errors import InputError
from harness.protocol.messages import Answered, Call, File, ModelRequest, Text, ToolOffer, Turn
from harness.providers import read_request

HI = {"role": "user", "content": "Hi"}
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
PARIS = '{"city": "Paris", "n": 1.0}'


def read(target="/chat/completions", **body):
    return read_request("openai-chat", target, [], json.dumps(body).encode())


def turns(*messages):
    return read(messages=messages).turns


def parts(*content):
    (turn,) = turns({"role": "user", "content": list(content)})
    return turn.parts


def calling(*calls, **more):
    return {"role": "assistant", "tool_calls": list(calls)} | more


def call(id_="call_1", name="weather", arguments=PARIS):
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def test_a_request_in_full():
    asked = read(
        model="gpt-4o", messages=[HI], stream=True, stream_options={"include_usage": True}, temperature=0.5, top_p=1,
        max_tokens=100, tools=[{"type": "function", "function": {"name": "weather", "description": "Tells it.",
        "parameters": PARAMETERS, "strict": True}}], tool_choice="auto", seed=7,
    )  # fmt: skip
    assert asked == ModelRequest(
        model="gpt-4o", turns=(Turn("user", (Text("Hi"),)),), stream=True, temperature=0.5, top_p=1, max_tokens=100,
        tools=(ToolOffer("weather", "Tells it.", PARAMETERS),), tool_choice="auto",
        extra={
            "stream_options": {"include_usage": True}, "seed": 7, "$unread": {"tools[0].function.strict": True},
        },
    )  # fmt: skip


def test_a_conversation_with_parallel_tools():
    assert turns(
        {"role": "developer", "content": "Be brief."},
        {"role": "system", "content": [{"type": "text", "text": "Be kind."}]},
        HI,
        calling(call(), call("call_2", "clock", "{}"), content="Let me see."),
        {"role": "tool", "tool_call_id": "call_1", "content": "18 °C"},
        {"role": "tool", "tool_call_id": "call_2", "content": [
            {"type": "text", "text": "it is "}, {"type": "text", "text": "noon"}]},
        {"role": "assistant", "content": "18 °C at noon"},
    ) == (
        Turn("system", (Text("Be brief."),)),
        Turn("system", (Text("Be kind."),)),
        Turn("user", (Text("Hi"),)),
        Turn("assistant", (Text("Let me see."), Call("call_1", "weather", PARIS), Call("call_2", "clock", "{}"))),
        Turn("tool", (Answered("call_1", "18 °C"),)),
        Turn("tool", (Answered("call_2", "it is noon"),)),
        Turn("assistant", (Text("18 °C at noon"),)),
    )  # fmt: skip


@pytest.mark.parametrize("content", [{}, {"content": None}])
def test_an_assistant_without_content_says_nothing_beside_its_calls(content):
    assert turns(calling(call(), **content)) == (Turn("assistant", (Call("call_1", "weather", PARIS),)),)


def test_an_empty_text_is_a_text():
    assert turns(calling(call(), content=""))[0].parts[0] == Text("")


def test_a_call_without_arguments_has_none_and_broken_ones_stay_as_they_are():
    lost = {"id": "call_1", "type": "function", "function": {"name": "weather"}}
    assert turns(calling(lost, call(arguments='{"city"')))[0].parts == (
        Call("call_1", "weather", ""),
        Call("call_1", "weather", '{"city"'),
    )


def test_a_custom_tool_and_its_call():
    tool = {"type": "custom", "custom": {"name": "shell", "description": "Runs it."}}
    made = {"id": "c", "type": "custom", "custom": {"name": "shell", "input": 'ls "é"'}}
    asked = read(messages=[calling(made)], tools=[tool], tool_choice={"type": "custom", "custom": {"name": "shell"}})
    assert asked.turns == (Turn("assistant", (Call("c", "shell", '"ls \\"é\\""'),)),)
    assert asked.tools == (ToolOffer("shell", "Runs it."),)
    assert asked.tool_choice == "tool:shell"


def test_functions_are_the_older_tools():
    asked = read(
        messages=[
            {"role": "assistant", "content": None, "function_call": {"name": "weather", "arguments": PARIS}},
            {"role": "function", "name": "weather", "content": "18 °C"},
        ],
        functions=[{"name": "weather", "parameters": PARAMETERS}],
        function_call={"name": "weather"},
    )
    assert asked.turns == (
        Turn("assistant", (Call(None, "weather", PARIS),)),
        Turn("tool", (Answered(None, "18 °C", "weather"),)),
    )
    assert (asked.tools, asked.tool_choice) == ((ToolOffer("weather", None, PARAMETERS),), "tool:weather")
    assert asked.extra == {}
    assert read(messages=[], function_call="none").tool_choice == "none"


def test_a_refusal_is_what_the_assistant_said():
    refused = [{"type": "refusal", "refusal": "No."}]
    assert turns(
        {"role": "assistant", "content": refused}, {"role": "assistant", "content": None, "refusal": "No."}
    ) == (
        Turn("assistant", (Text("No."),)),
        Turn("assistant", (Text("No."),)),
    )


@pytest.mark.parametrize(
    ("part", "file"),
    [
        ({"type": "image_url", "image_url": {"url": "https://a.test/i.png"}}, File("image/*", url="https://a.test/i.png")),
        ({"type": "image_url", "image_url": "https://a.test/i.png"}, File("image/*", url="https://a.test/i.png")),
        ({"type": "image_url", "image_url": {"url": "data:image/PNG;base64,iVBO"}}, File("image/png", data="iVBO")),
        ({"type": "image_url", "image_url": {"url": "data:image/svg+xml,%3Csvg/%3E"}},
         File("image/svg+xml", data="PHN2Zy8+")),
        ({"type": "image_url", "image_url": {"url": "data:;base64,aGk="}}, File("text/plain", data="aGk=")),
        ({"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}}, File("audio/wav", data="UklG")),
        ({"type": "input_audio", "input_audio": {"data": "SUQz", "format": "mp3"}}, File("audio/mpeg", data="SUQz")),
        ({"type": "input_audio", "input_audio": {"data": "T2dn", "format": "ogg"}}, File("audio/ogg", data="T2dn")),
        ({"type": "input_audio", "input_audio": "SUQz"}, File("audio/*", data="SUQz")),
        ({"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBE"}},
         File("application/pdf", data="JVBE")),
        ({"type": "file", "file": {"file_data": "JVBE"}}, File(None, data="JVBE")),
        ({"type": "file", "file": {"file_id": "file-1"}}, File(None, url="file-1")),
        ({"type": "video_url", "video_url": {"url": "https://a.test/v"}}, File("video/*", url="https://a.test/v")),
        ({"type": "document_url", "document_url": "https://a.test/d"}, File(None, url="https://a.test/d")),
    ],
)  # fmt: skip
def test_a_part_that_is_a_file(part, file):
    assert parts({"type": "text", "text": "See:"}, part) == (Text("See:"), file)


def test_what_the_neutral_form_has_no_word_for_stands_in_extra_by_its_path():
    asked = read(
        messages=[
            {"role": "user", "content": [
                {"type": "image_url", "image_url": {"url": "https://a.test", "detail": "high"}},
                {"type": "file", "file": {"file_data": "JVBE", "filename": "a.pdf"}},
            ]},
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "A"}]},
        ]
    )  # fmt: skip
    assert asked.turns[1] == Turn("assistant", (Text("A"),))
    assert asked.extra == {
        "$unread": {
            "messages[0].content[0].image_url.detail": "high",
            "messages[0].content[1].file.filename": "a.pdf",
            "messages[1].content[0]": {"type": "thinking", "thinking": "hm"},
        }
    }


WEATHER = {"type": "function", "function": {"name": "weather"}}


@pytest.mark.parametrize(
    ("choice", "neutral", "extra"),
    [
        ("auto", "auto", {}),
        ("none", "none", {}),
        ("required", "required", {}),
        ("any", "required", {}),
        (None, None, {}),
        ({"type": "function", "function": {"name": "weather"}}, "tool:weather", {}),
        ({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": []}}, "required",
         {"tool_choice": {"allowed_tools": {"mode": "required", "tools": []}}}),
        ({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [WEATHER]}}, "tool:weather",
         {"tool_choice": {"allowed_tools": {"mode": "required", "tools": [WEATHER]}}}),
        ({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [WEATHER]}}, "auto",
         {"tool_choice": {"allowed_tools": {"mode": "auto", "tools": [WEATHER]}}}),
        ({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [WEATHER, WEATHER]}}, "required",
         {"tool_choice": {"allowed_tools": {"mode": "required", "tools": [WEATHER, WEATHER]}}}),
    ],
)  # fmt: skip
def test_a_tool_choice(choice, neutral, extra):
    asked = read(messages=[], tool_choice=choice)
    assert (asked.tool_choice, asked.extra) == (neutral, extra)


@pytest.mark.parametrize(
    ("given", "schema", "is_json", "extra"),
    [
        ({"type": "text"}, None, False, {}),
        ({"type": "json_object"}, None, True, {}),
        ({"type": "json_object", "schema": PARAMETERS}, PARAMETERS, True, {}),
        ({"type": "json_schema", "json_schema": {"schema": PARAMETERS}}, PARAMETERS, True, {}),
        ({"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": PARAMETERS}},
         PARAMETERS, True, {"response_format": {"json_schema": {"name": "city", "strict": True}}}),
    ],
)  # fmt: skip
def test_a_response_format(given, schema, is_json, extra):
    asked = read(messages=[], response_format=given)
    assert (asked.schema, asked.json, asked.extra) == (schema, is_json, extra)


def test_the_newer_token_limit_is_a_limit_too():
    assert read(messages=[], max_completion_tokens=9).max_tokens == 9


def test_a_tool_whose_schema_was_dropped_has_none_and_a_built_in_one_its_type_for_a_name():
    offered = [{"type": "function", "function": {"name": "weather"}}, {"type": "web_search", "force_search": True}]
    assert read(messages=[], tools=offered).tools == (ToolOffer("weather"), ToolOffer("web_search"))


def test_azure_names_the_model_in_the_path():
    assert read("/openai/deployments/my%20gpt/chat/completions?api-version=1", messages=[]).model == "my gpt"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "messages is missing or null, where the API has a list"),
        ({"messages": {}}, "messages is an object, where the API has a list"),
        ({"messages": [None]}, r"messages\[0\] is missing or null, where the API has an object"),
        ({"messages": [{"content": "a"}]}, r"messages\[0\].role is missing or null"),
        ({"messages": [{"role": "robot", "content": "a"}]},
         r"messages\[0\].role is 'robot', which the API does not have"),
        ({"messages": [{"role": "user", "content": None}]}, r"messages\[0\].content is missing or null"),
        ({"messages": [{"role": "user", "content": [None]}]}, r"messages\[0\].content\[0\] is missing or null"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, None]}]},
         r"content\[1\] is missing"),
        ({"messages": [{"role": "user", "content": ["a"]}]}, r"content\[0\] is text, where the API has an object"),
        ({"messages": [{"role": "user", "content": [{"type": "image", "image": "iVBO"}]}]},
         r"messages\[0\].content\[0\] is of the type 'image', which the API does not have"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, r"content\[0\].image_url is missing"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": ""}}]}]},
         r"image_url.url is an empty text"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png"}}]}]},
         "a data: URL has a comma"),
        ({"messages": [{"role": "user", "content": [{"type": "file", "file": {}}]}]}, r"file_id is missing"),
        ({"messages": [calling({"id": "c", "type": "function", "function": {"arguments": "{}"}})]},
         r"messages\[0\].tool_calls\[0\].function.name is missing"),
        ({"messages": [calling({"type": "function", "function": {"name": "f"}})]}, r"tool_calls\[0\].id is missing"),
        ({"messages": [calling(call(arguments={"city": "Paris"}))]}, "function.arguments is an object, where the API"),
        ({"messages": [{"role": "tool", "content": "a"}]}, "tool_call_id is missing"),
        ({"messages": [], "tools": [None]}, r"tools\[0\] is missing"),
        ({"messages": [], "tools": [{"type": "function", "name": "flat"}]}, r"tools\[0\].function is missing"),
        ({"messages": [], "tool_choice": "weather"}, "tool_choice is 'weather', which the API does not have"),
        ({"messages": [], "tool_choice": {"type": "tool"}}, "tool_choice is of the type 'tool'"),
        ({"messages": [], "temperature": "0.5"}, "temperature is text, where the API has a number"),
        ({"messages": [], "max_tokens": True}, "max_tokens is true, where the API has a number"),
        ({"messages": [], "response_format": {"type": "json_schema"}}, "response_format.json_schema is missing"),
        ({"messages": [], "model": 4}, "model is a number, where the API has text"),
    ],
)  # fmt: skip
def test_a_body_whose_meaning_cannot_be_told_is_an_error_that_says_where(body, sentence):
    with pytest.raises(InputError, match=sentence):
        read(**body)
