import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bodies import at, changed, places
from harness import resources
from harness.errors import InputError
from harness.model.requests import body_bytes, request_of
from harness.protocol.messages import Answered, Call, File, Text
from harness.providers import read_request
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
)  # fmt: skip

WIRE = "cohere-v2"
URL = "https://example.test/cat.png"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FREE = {"parameters", "json_schema"}
TALK = (
    system("Be brief."),
    user(text("Weather?"), file(PNG, "image/png")),
    assistant(text("Let me see."), call(city="Paris"), call(id_="call_2", city="Rome")),
    tool(returned("18"), returned("no such city", "call_2", type_="error-text")),
    assistant(text("a"), text("b")),
)


def messages(*prompt):
    return written(WIRE, *prompt)["messages"]


def talk():
    return written(
        WIRE, *TALK, tools=[offer(schema=SCHEMA, description="d")], toolChoice={"type": "required"},
        maxOutputTokens=100, temperature=0.3, topP=0.75, responseFormat={"type": "json", "schema": SCHEMA},
    )  # fmt: skip


def test_a_conversation_with_a_call_and_its_result():
    assert messages(
        system("Be brief."),
        user(text("Weather?")),
        assistant(text("Let me see."), call(city="Paris")),
        assistant(call(id_="call_2")),
        tool(returned({"degrees": 18}, type_="json"), returned("no such city", "call_2", type_="error-text")),
        user(text("Well?"), text("")),
    ) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": "Let me see.", "tool_calls": [
            {"id": "call_1", "type": "function",
             "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'}}]},
        {"role": "assistant", "tool_calls": [
            {"id": "call_2", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": '{"degrees":18}'},
        {"role": "tool", "tool_call_id": "call_2", "content": "no such city"},
        {"role": "user", "content": [{"type": "text", "text": "Well?"}, {"type": "text", "text": ""}]},
    ]  # fmt: skip


def test_images_by_url_and_in_base64():
    assert messages(user(text("?"), file(URL, "image/*"), file(PNG, "image/png")))[0]["content"][1:] == [
        {"type": "image_url", "image_url": {"url": URL}},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
    ]


@pytest.mark.parametrize(
    "prompt",
    [
        [user(file("JVBERi0=", "application/pdf"))],
        [user(file("UklGRg==", "audio/wav"))],
        [user(text("?")), assistant(file(PNG, "image/png"))],
    ],
)
def test_other_files_are_refused(prompt):
    with pytest.raises(InputError, match=r"cohere-v2 takes images of the user's, and no"):
        asked(WIRE, *prompt)


def test_limits_tools_and_the_answers_schema_have_names_of_their_own():
    assert {key: value for key, value in talk().items() if key not in {"model", "messages"}} == {
        "max_tokens": 100, "temperature": 0.3, "p": 0.75, "tool_choice": "REQUIRED",
        "response_format": {"type": "json_object", "json_schema": SCHEMA},
        "tools": [{"type": "function", "function": {"name": "get_weather", "description": "d", "parameters": SCHEMA}}],
    }  # fmt: skip
    assert written(WIRE, responseFormat={"type": "json"})["response_format"] == {"type": "json_object"}
    assert written(WIRE, tools=[offer()])["tools"][0]["function"]["parameters"] == {"type": "object", "properties": {}}


@pytest.mark.parametrize(
    ("choice", "word"),
    [
        ({"type": "auto"}, None), ({"type": "none"}, "NONE"), ({"type": "required"}, "REQUIRED"),
        ({"type": "tool", "toolName": "get_weather"}, "REQUIRED"),
    ],
)  # fmt: skip
def test_the_tool_choice_in_coheres_words(choice, word):
    assert written(WIRE, tools=[offer()], toolChoice=choice).get("tool_choice") == word


def test_a_tool_that_is_forced_among_others_has_no_word():
    with pytest.raises(InputError, match="toolChoice forces 'get_weather' among other tools"):
        asked(WIRE, tools=[offer(), offer("now")], toolChoice={"type": "tool", "toolName": "get_weather"})


def test_it_is_asked_at_its_version_and_by_a_bearer_key():
    request = request_of(route_to(WIRE, apiKey="k"), {"prompt": [user(text("Hi"))]}, stream=True)
    assert (request.path, request.headers["authorization"], request.headers["accept"]) == (
        "/v2/chat", "Bearer k", "text/event-stream",
    )  # fmt: skip
    assert request.body["stream"] is True
    assert "stream" not in asked(WIRE).body


def test_the_schema_minds_every_member_of_a_body():
    schema, law, body = resources.schema(f"requests/{WIRE}"), validator_of(WIRE), talk()
    assert schema["$id"].endswith(f"/requests/{WIRE}.json")
    unminded = [path for path in places(body, FREE) if law.is_valid(changed(body, path, {"no": "such"}))]
    assert {path[-1] for path in unminded} == FREE
    for path in places(body, FREE):
        if isinstance(at(body, path), dict) and path[-1] not in FREE:
            assert not law.is_valid(changed(body, (*path, "noSuchMember"), 1)), path


@pytest.mark.parametrize(
    "path",
    [
        ("model",), ("messages",), ("messages", 0, "content"), ("messages", 1, "content", 1, "image_url", "url"),
        ("messages", 2, "tool_calls", 0, "id"), ("messages", 2, "tool_calls", 0, "function", "arguments"),
        ("messages", 3, "tool_call_id"), ("messages", 5, "content"), ("tools",), ("tools", 0, "function", "parameters"),
        ("response_format", "type"),
    ],
)  # fmt: skip
def test_what_the_api_demands_cannot_be_left_out(path):
    body = talk()
    del at(body, path[:-1])[path[-1]]
    assert not validator_of(WIRE).is_valid(body)


SAID = {"role": "user", "content": "Hi"}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize(
    "fault",
    [
        {"messages": [{"role": "assistant", "tool_calls": [CALL | {"function": {"name": "f", "arguments": {}}}]}]},
        {"messages": [{"role": "assistant", "content": None}]},
        {"messages": [{"role": "user", "content": []}]},
        {"messages": [{"role": "user", "content": [{"type": "thinking", "thinking": "hm"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": URL}]}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": PNG}}]}]},
        {"messages": [{"role": "developer", "content": "x"}]},
        {"messages": [SAID], "top_p": 0.5},
        {"messages": [SAID], "max_completion_tokens": 5},
        {"messages": [SAID], "max_tokens": 0},
        {"messages": [SAID], "tool_choice": "REQUIRED"},
        {"messages": [SAID], "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
         "tool_choice": "required"},
        {"messages": [SAID], "response_format": {"type": "json_schema", "json_schema": {}}},
        {"messages": [SAID], "stream_options": {"include_usage": True}},
    ],
)  # fmt: skip
def test_a_body_that_the_api_would_refuse_is_refused(fault):
    assert not validator_of(WIRE).is_valid({"model": "m", **fault})


texts = st.builds(text, st.text(max_size=20))
images = st.sampled_from([file(PNG, "image/png"), file(URL, "image/*")])
inputs = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3)
calls = st.builds(lambda id_, given: call(id_=id_) | {"input": given}, st.sampled_from(["a", "b"]), inputs)
turns = st.one_of(
    st.builds(system, st.text(max_size=9)),
    st.builds(lambda parts: user(*parts), st.lists(texts | images, max_size=3)),
    st.builds(lambda parts: assistant(*parts), st.lists(texts | calls, max_size=3)),
    st.builds(lambda value: tool(returned(value, "a")), st.text(max_size=9)),
)


@settings(max_examples=80)
@given(st.lists(turns, min_size=1, max_size=5), st.booleans())
def test_every_conversation_becomes_a_body_that_the_api_takes(prompt, stream):
    request = request_of(route_to(WIRE), {"prompt": prompt}, stream=stream)
    body_of(request, WIRE)
    turns = read_request(WIRE, request.path, (), body_bytes(request.body)).turns
    read = [part for turn in turns for part in turn.parts]
    given = [part for message in prompt for part in (
        [text(message["content"])] if message["role"] == "system" else message["content"])]  # fmt: skip
    words = [part["text"] for part in given if part.get("text")]
    assert [part.text for part in read if isinstance(part, Text) and part.text] == words
    made = [(part["toolCallId"], part["input"]) for part in given if part["type"] == "tool-call"]
    assert [(part.id, json.loads(part.arguments)) for part in read if isinstance(part, Call)] == made
    results = [part["output"]["value"] for part in given if part["type"] == "tool-result"]
    assert [part.content for part in read if isinstance(part, Answered)] == results
    assert len([part for part in read if isinstance(part, File)]) == sum(part["type"] == "file" for part in given)
