import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bodies import at, changed, places
from harness import resources
from harness.errors import InputError
from harness.model.requests import request_of
from harness.model.router import resolve
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

WIRE = "google-interactions"
ID = "google-interactions/gemini-2.5-flash"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def steps(*prompt):
    return written(WIRE, *prompt)["input"]


def test_a_question_with_system_prompts():
    assert written(WIRE, system("Be brief."), system("Be kind."), user(text("Hi"))) == {
        "model": "gemini-2.5-flash",
        "system_instruction": "Be brief.\nBe kind.",
        "input": [{"type": "user_input", "content": [{"type": "text", "text": "Hi"}]}],
    }


def test_calls_and_their_results_are_steps_of_their_own():
    assert steps(
        user(text("Weather?")),
        assistant(text("Let me see."), text(""), call(city="Paris")),
        assistant(call(id_="call_2"), text("Done.")),
        tool(returned({"degrees": 18}, type_="json"), returned([1], "call_3", type_="json", name="")),
        tool(returned("no such city", "call_2", type_="error-text")),
    ) == [
        {"type": "user_input", "content": [{"type": "text", "text": "Weather?"}]},
        {"type": "model_output", "content": [{"type": "text", "text": "Let me see."}]},
        {"type": "function_call", "id": "call_1", "name": "get_weather", "arguments": {"city": "Paris"}},
        {"type": "function_call", "id": "call_2", "name": "get_weather", "arguments": {}},
        {"type": "model_output", "content": [{"type": "text", "text": "Done."}]},
        {"type": "function_result", "call_id": "call_1", "name": "get_weather", "result": {"degrees": 18}},
        {"type": "function_result", "call_id": "call_3", "result": "[1]"},
        {"type": "function_result", "call_id": "call_2", "name": "get_weather", "result": "no such city",
         "is_error": True},
    ]  # fmt: skip


def test_an_empty_message_is_an_empty_text():
    assert steps(user()) == [{"type": "user_input", "content": [{"type": "text", "text": ""}]}]


def test_files_of_every_kind_in_both_forms():
    url = "https://h.test/a"
    (step,) = steps(user(
        file(PNG, "image/png"), file("AAAA", "audio/wav"), file(url, "video/mp4"), file("JVBERi0=", "application/pdf"),
        file(url, "image/*"),
    ))  # fmt: skip
    assert step["content"] == [
        {"type": "image", "data": PNG, "mime_type": "image/png"},
        {"type": "audio", "data": "AAAA", "mime_type": "audio/wav"},
        {"type": "video", "uri": url, "mime_type": "video/mp4"},
        {"type": "document", "data": "JVBERi0=", "mime_type": "application/pdf"},
        {"type": "image", "uri": url},
    ]


def test_tools_limits_and_a_forced_choice():
    body = written(
        WIRE, tools=[offer(schema=SCHEMA, description="d"), offer("now")],
        toolChoice={"type": "tool", "toolName": "now"}, maxOutputTokens=9, temperature=0.5, topP=1,
    )  # fmt: skip
    assert body["tools"] == [
        {"type": "function", "name": "get_weather", "description": "d", "parameters": SCHEMA},
        {"type": "function", "name": "now"},
    ]
    assert body["generation_config"] == {
        "temperature": 0.5,
        "top_p": 1,
        "max_output_tokens": 9,
        "tool_choice": {"allowed_tools": {"mode": "any", "tools": ["now"]}},
    }


@pytest.mark.parametrize(("choice", "word"), [("auto", "auto"), ("none", "none"), ("required", "any")])
def test_the_other_choices(choice, word):
    body = written(WIRE, tools=[offer()], toolChoice={"type": choice})
    assert body["generation_config"] == {"tool_choice": word}


def test_an_answer_s_schema_and_an_answer_without_one():
    assert written(WIRE, responseFormat={"type": "json", "schema": SCHEMA})["response_format"] == {
        "type": "text",
        "mime_type": "application/json",
        "schema": SCHEMA,
    }
    assert "schema" not in written(WIRE, responseFormat={"type": "json"})["response_format"]


def test_nothing_but_system_messages_is_no_question():
    with pytest.raises(InputError, match="google-interactions needs something to answer"):
        asked(WIRE, system("x"))


def test_the_request_goes_to_google_and_says_in_its_body_whether_to_stream():
    route = resolve(ID, {}, environment={"GOOGLE_API_KEY": "google-key-of-this-test"})
    request = request_of(route, {"prompt": [user(text("Hi"))]}, stream=True)
    assert route.base_url + request.path == "https://generativelanguage.googleapis.com/v1beta/interactions"
    assert request.headers["x-goog-api-key"] == "google-key-of-this-test"
    assert (request.headers["accept"], request.body["stream"]) == ("text/event-stream", True)
    assert "stream" not in request_of(route, {"prompt": [user(text("Hi"))]}, stream=False).body


def test_provider_options_are_joined_with_what_stands_one_level_down():
    more = {"google-interactions": {"generation_config": {"thinking_level": "low"}, "previous_interaction_id": "v1"}}
    body = asked(WIRE, maxOutputTokens=5, providerOptions=more).body
    assert body["generation_config"] == {"max_output_tokens": 5, "thinking_level": "low"}
    assert body["previous_interaction_id"] == "v1"


# The schema

FREE = {"arguments", "parameters", "result", "schema"}


def talk():
    return written(
        WIRE,
        system("Be brief."),
        user(text("Weather?"), file(PNG, "image/png"), file("https://h/a", "video/mp4")),
        assistant(text("Let me see."), call(city="Paris")),
        tool(returned("18"), returned("no such city", type_="error-text")),
        tools=[offer(schema=SCHEMA, description="d")],
        toolChoice={"type": "tool", "toolName": "get_weather"}, maxOutputTokens=100, temperature=0.5, topP=1,
        responseFormat={"type": "json", "schema": SCHEMA},
    )  # fmt: skip


def test_the_schema_is_one_and_minds_every_member():
    schema = resources.schema(f"requests/{WIRE}")
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f"/requests/{WIRE}.json")
    law, body = validator_of(WIRE), talk()
    unminded = [path for path in places(body, FREE) if law.is_valid(changed(body, path, {"no": "such"}))]
    assert {path[-1] for path in unminded} == FREE
    for path in places(body, FREE):
        if isinstance(at(body, path), dict) and path[-1] not in FREE:
            assert not law.is_valid(changed(body, (*path, "noSuchMember"), 1)), path


@pytest.mark.parametrize(
    "path",
    [
        ("model",), ("input",), ("input", 0, "type"), ("input", 0, "content"), ("input", 0, "content", 0, "text"),
        ("input", 0, "content", 1, "mime_type"), ("input", 0, "content", 2, "uri"), ("input", 2, "id"),
        ("input", 2, "name"), ("input", 2, "arguments"), ("input", 3, "call_id"), ("input", 3, "result"), ("tools",),
        ("tools", 0, "type"), ("tools", 0, "name"), ("generation_config", "tool_choice", "allowed_tools", "tools"),
        ("response_format", "mime_type"),
    ],
)  # fmt: skip
def test_what_the_api_demands_cannot_be_left_out(path):
    body = talk()
    del at(body, path[:-1])[path[-1]]
    assert not validator_of(WIRE).is_valid(body)


def said(*given):
    return {"input": list(given)}


HI = said({"type": "user_input", "content": [{"type": "text", "text": "x"}]})


@pytest.mark.parametrize(
    "body",
    [
        said(),
        said({"role": "user", "content": "x"}),
        said({"type": "assistant", "content": [{"type": "text", "text": "x"}]}),
        said({"type": "user_input", "content": [{"text": "x"}]}),
        said({"type": "user_input", "content": []}),
        said({"type": "user_input", "content": [{"type": "image", "data": PNG, "mime_type": "image/*"}]}),
        said({"type": "user_input", "content": [{"type": "image", "data": PNG, "mimeType": "image/png"}]}),
        said({"type": "user_input", "content": [{"type": "image", "data": PNG, "uri": "https://h/a"}]}),
        said({"type": "function_call", "id": "c", "name": "f", "arguments": "{}"}),
        said({"type": "function_result", "call_id": "c", "result": [1]}),
        HI | {"temperature": 1},
        HI | {"generationConfig": {"temperature": 1}},
        HI | {"generation_config": {"tool_choice": "auto"}},
        HI | {"tools": [{"functionDeclarations": [{"name": "f"}]}]},
        HI | {"tools": [{"type": "function", "function": {"name": "f"}}]},
        HI | {"response_format": SCHEMA},
        HI | {"stream": False},
        HI | {"system_instruction": {"parts": [{"text": "x"}]}},
    ],
    ids=range(18),
)
def test_a_body_that_the_api_would_refuse_is_refused(body):
    assert not validator_of(WIRE).is_valid({"model": "m", **body})


names = st.sampled_from(["get_weather", "now", "book_flight"])
ids = st.sampled_from([f"call_{number}" for number in range(6)])
texts = st.builds(text, st.text(max_size=20))
objects = st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=8), max_size=3)
files = st.sampled_from([file(PNG, "image/png"), file("https://h.test/a", "image/*"), file("JVBE", "application/pdf")])
calls = st.builds(
    lambda name, id_, given: {"type": "tool-call", "toolCallId": id_, "toolName": name, "input": given},
    names,
    ids,
    objects,
)
results = st.one_of(
    st.builds(returned, st.text(max_size=20), ids, names, st.sampled_from(["text", "error-text"])),
    st.builds(returned, objects | st.integers(), ids, names, st.sampled_from(["json", "error-json"])),
)
turns = st.one_of(
    st.builds(lambda parts: user(*parts), st.lists(texts | files, max_size=4)),
    st.builds(lambda parts: assistant(*parts), st.lists(texts | files | calls, max_size=4)),
    st.builds(lambda parts: tool(*parts), st.lists(results, min_size=1, max_size=3)),
)


@given(st.lists(turns, min_size=1, max_size=6), st.booleans())
def test_every_conversation_becomes_a_body_that_the_api_takes_and_nothing_is_lost(prompt, stream):
    body = body_of(request_of(route_to(WIRE), {"prompt": prompt}, stream=stream), WIRE)
    contents = [part for step in body["input"] for part in step.get("content", [step])]
    parts = [part for message in prompt for part in message["content"] if part != text("")]
    assert len([part for part in contents if part != {"type": "text", "text": ""}]) == len(parts)
    spoken = json.dumps(body, ensure_ascii=False)
    assert all(json.dumps(part["text"], ensure_ascii=False) in spoken for part in parts if part["type"] == "text")
