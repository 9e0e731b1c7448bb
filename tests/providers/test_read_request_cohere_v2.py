import json

import pytest

from harness.errors import InputError
from harness.protocol.messages import Answered, Call, File, ModelRequest, Text, ToolOffer, Turn
from harness.providers import read_request, wire_of_target

HI = {"role": "user", "content": "Hi"}
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
PARIS = '{"city": "Paris", "n": 1.0}'


def read(**body):
    return read_request("cohere-v2", "/v2/chat", [], json.dumps(body).encode())


def turns(*messages):
    return read(messages=messages).turns


def call(id_="weather_1", name="weather", arguments=PARIS):
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def says(text):
    return {"type": "text", "text": text}


def test_a_request_in_full():
    asked = read(
        model="command-a-03-2025", messages=[HI], stream=True, temperature=0.3, p=0.75, k=5, max_tokens=16, seed=7,
        tools=[{"type": "function", "function": {"name": "weather", "description": "d", "parameters": PARAMETERS}}],
        strict_tools=True, tool_choice="REQUIRED", stop_sequences=["x"], documents=[{"data": {"text": "t"}}],
        response_format={"type": "json_object", "json_schema": PARAMETERS}, thinking={"type": "disabled"},
    )  # fmt: skip
    assert asked == ModelRequest(
        model="command-a-03-2025", turns=(Turn("user", (Text("Hi"),)),), stream=True, temperature=0.3, top_p=0.75,
        max_tokens=16, tools=(ToolOffer("weather", "d", PARAMETERS),), tool_choice="required", schema=PARAMETERS,
        json=True, extra={"k": 5, "seed": 7, "strict_tools": True, "stop_sequences": ["x"],
                          "documents": [{"data": {"text": "t"}}], "thinking": {"type": "disabled"}},
    )  # fmt: skip
    assert asked.chosen == "tool:weather"


def test_a_conversation_with_parallel_tools():
    assert turns(
        {"role": "system", "content": "Be brief."},
        {"role": "system", "content": [says("Be "), says("kind.")]},
        {"role": "user", "content": [says("And?"), {"type": "image_url", "image_url": {"url": "https://a.test/i.png"}}]},
        {"role": "assistant", "content": [says("Let me see.")], "tool_calls": [call(), call("clock_1", "clock", "{}")]},
        {"role": "tool", "tool_call_id": "weather_1", "content": "18 °C"},
        {"role": "tool", "tool_call_id": "clock_1", "content": [says("it is "), says("noon")]},
        {"role": "assistant", "content": "18 °C at noon"},
    ) == (
        Turn("system", (Text("Be brief."),)),
        Turn("system", (Text("Be "), Text("kind."))),
        Turn("user", (Text("And?"), File("image/*", url="https://a.test/i.png"))),
        Turn("assistant", (Text("Let me see."), Call("weather_1", "weather", PARIS), Call("clock_1", "clock", "{}"))),
        Turn("tool", (Answered("weather_1", "18 °C"),)),
        Turn("tool", (Answered("clock_1", "it is noon"),)),
        Turn("assistant", (Text("18 °C at noon"),)),
    )  # fmt: skip


@pytest.mark.parametrize("content", [{}, {"content": None}])
def test_an_assistant_without_content_says_nothing_beside_its_calls(content):
    made = {"role": "assistant", "tool_calls": [call(), call(arguments=None)]} | content
    assert turns(made) == (Turn("assistant", (Call("weather_1", "weather", PARIS), Call("weather_1", "weather", ""))),)


def test_an_image_in_base64_is_its_content_and_its_detail_is_told_apart():
    place = {"url": "data:image/PNG;base64,iVBO", "detail": "low"}
    asked = read(messages=[{"role": "user", "content": [{"type": "image_url", "image_url": place}]}])
    assert asked.turns[0].parts == (File("image/png", data="iVBO"),)
    assert asked.extra == {"$unread": {"messages[0].content[0].image_url.detail": "low"}}


def test_a_tools_documents_are_its_answer_as_json():
    document = {"type": "document", "document": {"data": '{"t":1.0}', "id": "0"}}
    (turn,) = turns({"role": "tool", "tool_call_id": "c", "content": [document, says("x")]})
    assert turn.parts == (
        Answered(
            "c",
            '[{"type":"document","document":{"data":"{\\"t\\":1.0}","id":"0"}},{"type":"text","text":"x"}]',
        ),
    )


def test_thoughts_plans_and_citations_that_are_sent_back_are_told_apart():
    thought = {"type": "thinking", "thinking": "hm"}
    cited = [{"start": 0, "end": 1, "text": "Y"}]
    message = {"role": "assistant", "content": [thought, says("Yes")], "tool_plan": "I will.", "citations": cited}
    asked = read(messages=[message])
    assert asked.turns == (Turn("assistant", (Text("Yes"),)),)
    assert asked.extra["$unread"] == {
        "messages[0].content[0]": thought, "messages[0].tool_plan": "I will.", "messages[0].citations": cited,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "schema", "is_json"),
    [
        ({"type": "text"}, None, False),
        ({"type": "json_object"}, None, True),
        ({"type": "json_object", "json_schema": PARAMETERS}, PARAMETERS, True),
        ({"type": "json_object", "schema": PARAMETERS}, PARAMETERS, True),
    ],
)
def test_answer_formats(given, schema, is_json):
    asked = read(messages=[], response_format=given)
    assert (asked.schema, asked.json, asked.extra) == (schema, is_json, {})


@pytest.mark.parametrize(
    ("choice", "chosen"), [("REQUIRED", "required"), ("NONE", "none"), ("none", "none"), (None, None)]
)
def test_tool_choices(choice, chosen):
    assert read(messages=[], tool_choice=choice).tool_choice == chosen


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "messages is missing or null, where the API has a list"),
        ({"messages": [{"role": "developer", "content": "x"}]}, "messages[0].role is 'developer'"),
        ({"messages": [{"role": "user"}]}, "messages[0].content is missing or null"),
        ({"messages": [{"role": "user", "content": [{"type": "document"}]}]}, "is of the type 'document'"),
        ({"messages": [{"role": "system", "content": [{"type": "image_url"}]}]}, "is of the type 'image_url'"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id is missing or null"),
        ({"messages": [{"role": "tool", "tool_call_id": "c", "content": [{"type": "image_url"}]}]}, "'image_url'"),
        ({"messages": [], "tool_choice": "auto"}, "tool_choice is 'auto'"),
        ({"messages": [], "tool_choice": {"type": "function"}}, "tool_choice is an object, where the API has text"),
        ({"messages": [], "response_format": {"type": "json_schema"}}, "response_format is of the type 'json_schema'"),
        ({"messages": [], "tools": [{"type": "custom"}]}, "tools[0] is of the type 'custom'"),
        ({"messages": [], "p": "0.5"}, "p is text, where the API has a number"),
    ],
)
def test_what_nobody_can_tell_is_refused_and_says_where(body, sentence):
    with pytest.raises(InputError) as refused:
        read(**body)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("target", "wire"),
    [
        ("/v2/chat", "cohere-v2"), ("/cohere/v2/chat", "cohere-v2"), ("/v1/chat", "cohere-v1"),
        ("/v1/generate", "cohere-v1"), ("/v1/chat/completions", "openai-chat"),
        ("/compatibility/v1/chat/completions", "openai-chat"), ("/chat", None), ("/v3/chat", None),
        ("/oldv2/chat", None), ("/v2/chat/x", None),
    ],
)  # fmt: skip
def test_the_chat_apis_are_told_apart_by_their_version(target, wire):
    assert wire_of_target(target) == wire
