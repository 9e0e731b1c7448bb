import json

import pytest

from harness.errors import InputError
from harness.protocol.messages import Answered, Call, File, ModelRequest, Text, ToolOffer, Turn
from harness.providers import read_request

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
PARIS = '{"city":"Paris"}'
CALLED = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "weather", "arguments": PARIS}


def read(**body):
    return read_request("openai-responses", "/responses", [], json.dumps(body).encode())


def parts(*content):
    (turn,) = read(input=[{"role": "user", "content": list(content)}]).turns
    return turn.parts


def test_a_request_in_full():
    asked = read(
        model="gpt-4o", instructions="Be brief.", input="Hi", stream=True, temperature=0, top_p=0.1,
        max_output_tokens=64, store=False, reasoning={"effort": "low"}, tool_choice="required",
        tools=[{"type": "function", "name": "weather", "description": "d", "parameters": PARAMETERS, "strict": False}],
        text={
            "format": {"type": "json_schema", "name": "city", "strict": True, "schema": PARAMETERS},
            "verbosity": "low",
        },
    )  # fmt: skip
    assert asked == ModelRequest(
        model="gpt-4o", turns=(Turn("system", (Text("Be brief."),)), Turn("user", (Text("Hi"),))), stream=True,
        temperature=0, top_p=0.1, max_tokens=64, tools=(ToolOffer("weather", "d", PARAMETERS),),
        tool_choice="required", schema=PARAMETERS, json=True,
        extra={
            "store": False, "reasoning": {"effort": "low"},
            "text": {"format": {"name": "city", "strict": True}, "verbosity": "low"},
            "$unread": {"tools[0].strict": False},
        },
    )  # fmt: skip


def test_items_are_turns_in_their_order():
    assert read(
        input=[
            {"role": "developer", "content": "Be kind."},
            {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"},
            {"type": "message", "role": "assistant", "id": "m", "status": "completed", "content": [
                {"type": "output_text", "text": "Let me see.", "annotations": []},
                {"type": "refusal", "refusal": "No."}]},
            CALLED,
            {"type": "custom_tool_call", "call_id": "call_2", "name": "shell", "input": 'ls "a"'},
            {"type": "function_call_output", "call_id": "call_1", "output": "18 °C"},
            {"type": "function_call_output", "call_id": "call_1", "output": [
                {"type": "input_text", "text": "18"}, {"type": "input_text", "text": " °C"}]},
            {"type": "custom_tool_call_output", "call_id": "call_2", "output": "b"},
        ]
    ).turns == (
        Turn("system", (Text("Be kind."),)),
        Turn("user", (Text("Hi"),)),
        Turn("assistant", (Text("Let me see."), Text("No."))),
        Turn("assistant", (Call("call_1", "weather", PARIS),)),
        Turn("assistant", (Call("call_2", "shell", '"ls \\"a\\""'),)),
        Turn("tool", (Answered("call_1", "18 °C"),)),
        Turn("tool", (Answered("call_1", "18 °C"),)),
        Turn("tool", (Answered("call_2", "b"),)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("part", "file"),
    [
        ({"type": "input_image", "image_url": "https://a.test/i"}, File("image/*", url="https://a.test/i")),
        ({"type": "input_image", "image_url": "data:image/png;base64,iVBO"}, File("image/png", data="iVBO")),
        ({"type": "input_image", "file_id": "file-1"}, File("image/*", url="file-1")),
        ({"type": "input_file", "file_data": "data:application/pdf;base64,JVBE"}, File("application/pdf", data="JVBE")),
        ({"type": "input_file", "file_data": "JVBE"}, File(None, data="JVBE")),
        ({"type": "input_file", "file_url": "https://a.test/d.pdf"}, File(None, url="https://a.test/d.pdf")),
        ({"type": "input_file", "file_id": "file-1"}, File(None, url="file-1")),
        ({"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}}, File("audio/wav", data="UklG")),
    ],
)
def test_a_part_that_is_a_file(part, file):
    assert parts({"type": "input_text", "text": "See:"}, part) == (Text("See:"), file)


def test_an_output_with_an_image_is_the_json_text_of_its_parts():
    output = [{"type": "input_text", "text": "a"}, {"type": "input_image", "image_url": "https://a.test"}]
    (turn,) = read(input=[{"type": "function_call_output", "call_id": "c", "output": output}]).turns
    (answer,) = turn.parts
    assert json.loads(answer.content) == output


def test_items_and_members_without_a_neutral_word_stand_in_extra():
    reference, search = {"type": "item_reference", "id": "msg_1"}, {"type": "web_search_call", "id": "ws", "action": {}}
    image = {"type": "input_image", "image_url": "https://a.test", "detail": "low"}
    asked = read(
        input=[reference, search, {"role": "user", "content": [image]}],
        previous_response_id="resp_1",
        truncation="auto",
    )
    assert asked.extra == {
        "previous_response_id": "resp_1",
        "truncation": "auto",
        "$unread": {"input[0]": reference, "input[1]": search, "input[2].content[0].detail": "low"},
    }


def test_messages_may_stand_at_the_provider():
    assert read(previous_response_id="resp_1").turns == ()
    assert read(prompt={"id": "pmpt_1"}).extra == {"prompt": {"id": "pmpt_1"}}


@pytest.mark.parametrize(
    ("choice", "neutral", "extra"),
    [
        ("auto", "auto", {}),
        ("none", "none", {}),
        ("required", "required", {}),
        ({"type": "function", "name": "weather"}, "tool:weather", {}),
        ({"type": "custom", "name": "shell"}, "tool:shell", {}),
        ({"type": "web_search"}, "tool:web_search", {}),
        (
            {"type": "allowed_tools", "mode": "auto", "tools": []},
            "auto",
            {"tool_choice": {"mode": "auto", "tools": []}},
        ),
        (
            {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "weather"}]},
            "tool:weather",
            {"tool_choice": {"mode": "required", "tools": [{"type": "function", "name": "weather"}]}},
        ),
    ],
)
def test_a_tool_choice(choice, neutral, extra):
    asked = read(input="", tool_choice=choice)
    assert (asked.tool_choice, asked.extra) == (neutral, extra)


@pytest.mark.parametrize(
    ("kind", "is_json"), [("text", False), ("json_object", True)]
)  # fmt: skip
def test_a_format_without_a_schema(kind, is_json):
    asked = read(input="", text={"format": {"type": kind}})
    assert (asked.schema, asked.json, asked.extra) == (None, is_json, {})


def test_tools_that_are_built_in_have_their_type_for_a_name():
    tools = [{"type": "web_search"}, {"type": "custom", "name": "shell", "description": "Runs it."}]
    assert read(input="", tools=tools).tools == (ToolOffer("web_search"), ToolOffer("shell", "Runs it."))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "input is missing or null, where the API has text or a list of items"),
        ({"input": 7}, "input is a number"),
        ({"input": 7, "previous_response_id": "r"}, "input is a number"),
        ({"input": [None]}, r"input\[0\] is missing or null, where the API has an object"),
        ({"input": [{"role": "tool", "content": "a"}]}, r"input\[0\].role is 'tool', which the API does not have"),
        ({"input": [{"role": "user", "content": None}]}, r"input\[0\].content is missing"),
        ({"input": [{"role": "user", "content": [None]}]}, r"input\[0\].content\[0\] is missing"),
        ({"input": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a.test"}}]}]},
         r"input\[0\].content\[0\] is of the type 'image_url'"),
        ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": {"url": "https://a.test"}}]}]},
         "image_url is an object, where the API has text"),
        ({"input": [CALLED | {"name": None}]}, r"input\[0\].name is missing"),
        ({"input": [CALLED | {"arguments": {}}]}, r"input\[0\].arguments is an object, where the API has text"),
        ({"input": [{"type": "function_call_output", "output": "a"}]}, r"input\[0\].call_id is missing"),
        ({"input": [{"type": "function_call_output", "call_id": "c"}]}, r"input\[0\].output is missing"),
        ({"input": [{"type": "tool_result"}]}, r"input\[0\] is of the type 'tool_result'"),
        ({"input": "", "instructions": ["a"]}, "instructions is a list, where the API has text"),
        ({"input": "", "tools": [{"type": "function", "function": {"name": "nested"}}]}, r"tools\[0\].name is missing"),
        ({"input": "", "tool_choice": "always"}, "tool_choice is 'always'"),
        ({"input": "", "text": {"format": "json"}}, "text.format is text, where the API has an object"),
    ],
)  # fmt: skip
def test_a_body_whose_meaning_cannot_be_told_is_an_error_that_says_where(body, sentence):
    with pytest.raises(InputError, match=sentence):
        read(**body)
