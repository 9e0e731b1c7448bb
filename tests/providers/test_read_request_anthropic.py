import json

import pytest

from harness.errors import InputError
from harness.protocol.messages import Answered, Call, File, ModelRequest, Text, ToolOffer, Turn
from harness.providers import read_request

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
CALLED = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Paris"}}
IMAGE = {"type": "image", "source": {"type": "url", "url": "https://a.test/i.png"}}


def read(**body):
    return raw(json.dumps(body).encode())


def raw(body):
    return read_request("anthropic-messages", "/messages", [], body)


def says(text):
    return {"type": "text", "text": text}


def result(content, **more):
    return {"type": "tool_result", "tool_use_id": "toolu_1", "content": content} | more


def user(*content):
    return read(messages=[{"role": "user", "content": list(content)}])


def test_a_request_in_full():
    asked = read(
        model="claude-sonnet-4-5", max_tokens=1024, system="Be brief.", messages=[{"role": "user", "content": "Hi"}],
        stream=True, temperature=1.0, top_p=0.9, top_k=5, stop_sequences=["x"],
        tools=[{"name": "weather", "description": "d", "input_schema": SCHEMA}],
        tool_choice={"type": "tool", "name": "weather", "disable_parallel_tool_use": True},
        output_config={"format": {"type": "json_schema", "schema": SCHEMA}, "effort": "low"},
    )  # fmt: skip
    assert asked == ModelRequest(
        model="claude-sonnet-4-5", max_tokens=1024, stream=True, temperature=1.0, top_p=0.9,
        turns=(Turn("system", (Text("Be brief."),)), Turn("user", (Text("Hi"),))),
        tools=(ToolOffer("weather", "d", SCHEMA),), tool_choice="tool:weather", schema=SCHEMA, json=True,
        extra={
            "top_k": 5, "stop_sequences": ["x"], "tool_choice": {"disable_parallel_tool_use": True},
            "output_config": {"effort": "low"},
        },
    )  # fmt: skip


def test_the_system_prompt_may_come_in_blocks():
    asked = read(system=[says("a") | {"cache_control": {"type": "ephemeral"}}, says("b")], messages=[])
    assert asked.turns == (Turn("system", (Text("a"), Text("b"))),)


def test_results_and_words_of_one_message_are_turns_in_their_order():
    asked = read(
        messages=[
            {"role": "assistant", "content": [says("Let me see."), CALLED, CALLED | {"id": "toolu_2", "input": {}}]},
            {"role": "user", "content": [
                result("18 °C"), result([says("1"), says("8")], tool_use_id="toolu_2", is_error=True),
                says("And?"), IMAGE, result("late")]},
        ]
    )  # fmt: skip
    assert asked.turns == (
        Turn(
            "assistant",
            (Text("Let me see."), Call("toolu_1", "weather", '{"city":"Paris"}'), Call("toolu_2", "weather", "{}")),
        ),
        Turn("tool", (Answered("toolu_1", "18 °C"), Answered("toolu_2", "18", is_error=True))),
        Turn("user", (Text("And?"), File("image/*", url="https://a.test/i.png"))),
        Turn("tool", (Answered("toolu_1", "late"),)),
    )


def test_arguments_keep_the_letters_of_their_numbers():
    body = (
        b'{"messages": [{"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", '
        b'"input": {"a": 1.0, "b": 12345678901234567890, "c": 1e400}}]}]}'
    )
    assert raw(body).turns[0].parts == (Call("t", "f", '{"a":1.0,"b":12345678901234567890,"c":1e400}'),)


def test_an_input_that_is_text_shows_as_a_json_string_and_none_as_nothing():
    doubled, lost = CALLED | {"input": '{"city":"Paris"}'}, {key: CALLED[key] for key in ("type", "id", "name")}
    (turn,) = read(messages=[{"role": "assistant", "content": [doubled, lost]}]).turns
    assert [call.arguments for call in turn.parts] == ['"{\\"city\\":\\"Paris\\"}"', ""]


@pytest.mark.parametrize(
    ("block", "files"),
    [
        (IMAGE, [File("image/*", url="https://a.test/i.png")]),
        ({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}},
         [File("image/png", data="iVBO")]),
        ({"type": "image", "source": {"type": "file", "file_id": "file_1"}}, [File("image/*", url="file_1")]),
        ({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBE"}},
         [File("application/pdf", data="JVBE")]),
        ({"type": "document", "source": {"type": "url", "url": "https://a.test/d"}},
         [File("application/pdf", url="https://a.test/d")]),
        ({"type": "document", "source": {"type": "file", "file_id": "file_1"}}, [File(None, url="file_1")]),
        ({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "hi"}},
         [File("text/plain", data="aGk=")]),
        ({"type": "document", "source": {"type": "content", "content": "hi"}}, [File("text/plain", data="aGk=")]),
        ({"type": "document", "source": {"type": "content", "content": [says("hi"), IMAGE]}},
         [File("text/plain", data="aGk="), File("image/*", url="https://a.test/i.png")]),
        ({"type": "container_upload", "file_id": "file_1"}, [File(None, url="file_1")]),
        ({"type": "search_result", "source": "s", "title": "t", "content": [says("hi")]}, [Text("hi")]),
    ],
)  # fmt: skip
def test_a_block_that_is_a_file(block, files):
    assert user(block).turns == (Turn("user", tuple(files)),)


@pytest.mark.parametrize("content", [[says("a"), IMAGE], [{"type": "tool_reference", "tool_name": "f"}]])
def test_a_result_with_more_than_text_is_the_json_text_of_its_blocks(content):
    (turn,) = user(result(content)).turns
    assert json.loads(turn.parts[0].content) == content


def test_a_result_may_be_empty():
    assert user({"type": "tool_result", "tool_use_id": "toolu_1"}).turns[0].parts == (Answered("toolu_1", ""),)
    assert user(result([])).turns[0].parts == (Answered("toolu_1", ""),)


def test_thoughts_and_tools_of_the_provider_stand_in_extra():
    thought = {"type": "thinking", "thinking": "hm", "signature": "s"}
    search = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
    found = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}
    asked = read(messages=[{"role": "assistant", "content": [thought, search, found, says("A")]}])
    assert asked.turns == (Turn("assistant", (Text("A"),)),)
    assert asked.extra == {
        "$unread": {
            "messages[0].content[0]": thought, "messages[0].content[1]": search, "messages[0].content[2]": found,
        }
    }  # fmt: skip


def test_a_message_that_says_nothing_we_know_is_a_turn_without_parts():
    asked = read(messages=[{"role": "assistant", "content": [{"type": "redacted_thinking", "data": "x"}]}])
    assert asked.turns == (Turn("assistant", ()),)


@pytest.mark.parametrize(
    ("choice", "neutral"),
    [
        ({"type": "auto"}, "auto"),
        ({"type": "any"}, "required"),
        ({"type": "none"}, "none"),
        ({"type": "tool", "name": "weather"}, "tool:weather"),
    ],
)
def test_a_tool_choice(choice, neutral):
    asked = read(messages=[], tool_choice=choice)
    assert (asked.tool_choice, asked.extra) == (neutral, {})


def test_a_built_in_tool_is_an_offer_without_a_schema():
    tools = [{"type": "web_search_20250305", "name": "web_search", "max_uses": 3}, {"type": "custom", "name": "f"}]
    assert read(messages=[], tools=tools).tools == (ToolOffer("web_search"), ToolOffer("f"))


def test_the_format_of_the_answer_as_the_beta_wrote_it():
    asked = read(messages=[], output_format={"type": "json_schema", "schema": SCHEMA})
    assert (asked.schema, asked.json, asked.extra) == (SCHEMA, True, {})


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "messages is missing or null, where the API has a list"),
        ({"messages": [{"role": "system", "content": "a"}]}, r"messages\[0\].role is 'system'"),
        ({"messages": [{"role": "tool", "content": "a"}]}, r"messages\[0\].role is 'tool'"),
        ({"messages": [{"role": "user", "content": None}]}, r"messages\[0\].content is missing or null"),
        ({"messages": [{"role": "user", "content": [None]}]}, r"messages\[0\].content\[0\] is missing or null"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
         r"content\[0\] is of the type 'image_url'"),
        ({"messages": [{"role": "user", "content": [{"type": "image", "source": None}]}]}, r"\[0\].source is missing"),
        ({"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "base64", "data": "iVBO"}}]}]},
         "source.media_type is missing"),
        ({"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "path"}}]}]},
         r"source is of the type 'path'"),
        ({"messages": [{"role": "assistant", "content": [CALLED | {"name": ""}]}]}, "name is an empty text"),
        ({"messages": [{"role": "user", "content": [{"type": "tool_result", "content": "a"}]}]},
         "tool_use_id is missing"),
        ({"messages": [{"role": "user", "content": [result([None])]}]}, r"content\[0\].content\[0\] is missing"),
        ({"messages": [{"role": "user", "content": [result([{"type": "video"}])]}]}, "is of the type 'video'"),
        ({"messages": [], "system": [IMAGE]}, r"system\[0\] is of the type 'image'"),
        ({"messages": [], "tools": [{"input_schema": {}}]}, r"tools\[0\].name is missing"),
        ({"messages": [], "tool_choice": "auto"}, "tool_choice is text, where the API has an object"),
        ({"messages": [], "tool_choice": {"type": "required"}}, "tool_choice is of the type 'required'"),
        ({"messages": [], "max_tokens": "many"}, "max_tokens is text, where the API has a number"),
    ],
)  # fmt: skip
def test_a_body_whose_meaning_cannot_be_told_is_an_error_that_says_where(body, sentence):
    with pytest.raises(InputError, match=sentence):
        read(**body)
