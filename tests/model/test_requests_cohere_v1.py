import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bodies import at, changed, places
from harness import resources
from harness.errors import InputError
from harness.model.requests import body_bytes, request_of
from harness.protocol.likeness import runs_through
from harness.protocol.messages import Answered, Call, Text
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
)

WIRE = "cohere-v1"
SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "Where"},
        "days": {"type": "array", "items": {"type": "integer"}},
    },
    "required": ["city"],
    "additionalProperties": False,
}  # fmt: skip
PARIS = {"name": "get_weather", "parameters": {"city": "Paris"}}
TALK = (
    system("Be brief."),
    system("Be kind."),
    user(text("Weather?"), text("Tell me.")),
    assistant(text("Let me see."), call(city="Paris"), call(id_="call_2")),
    tool(returned({"degrees": 18}, type_="json")),
    tool(returned("no such city", "call_2", type_="error-text")),
    assistant(call(id_="call_3", city="Paris")),
)


def talk(*more, **options):
    return written(
        WIRE, *TALK, *(more or [tool(returned("18", "call_3"))]), maxOutputTokens=100, temperature=0.3, topP=0.75,
        responseFormat={"type": "json", "schema": SCHEMA}, tools=[offer(schema=SCHEMA, description="d")], **options,
    )  # fmt: skip


def test_a_conversation_is_cut_into_preamble_history_and_results():
    body = talk()
    assert (body["preamble"], body["message"]) == ("Be brief.\nBe kind.", "")
    assert body["tool_results"] == [{"call": PARIS, "outputs": [{"output": "18"}]}]
    assert body["chat_history"] == [
        {"role": "USER", "message": "Weather?\nTell me."},
        {"role": "CHATBOT", "message": "Let me see.", "tool_calls": [PARIS, {"name": "get_weather", "parameters": {}}]},
        {"role": "TOOL", "tool_results": [{"call": PARIS, "outputs": [{"degrees": 18}]}]},
        {"role": "TOOL", "tool_results": [
            {"call": {"name": "get_weather", "parameters": {}}, "outputs": [{"error": "no such city"}]}]},
        {"role": "CHATBOT", "message": "", "tool_calls": [PARIS]},
    ]  # fmt: skip


def test_several_messages_of_results_at_the_end_are_answered_together():
    body = written(
        WIRE, user(text("?")), assistant(call(), call(id_="call_2")), tool(returned("a")), tool(returned("b", "call_2"))
    )
    assert [result["outputs"] for result in body["tool_results"]] == [[{"output": "a"}], [{"output": "b"}]]
    assert [past["role"] for past in body["chat_history"]] == ["USER", "CHATBOT"]


def test_the_last_words_of_the_user_are_the_message():
    body = talk(tool(returned("18", "call_3")), system("Hurry."), user(text("Well?")))
    assert (body["message"], "tool_results" in body) == ("Well?", False)
    assert [past["role"] for past in body["chat_history"][-2:]] == ["TOOL", "SYSTEM"]


def test_a_question_alone():
    assert written(WIRE, user(text("Hi"))) == {"model": "command-r-plus-08-2024", "message": "Hi"}


def test_a_tools_parameters_have_types_of_python():
    properties = {
        "a": {"type": "string", "title": "A"}, "b": {"type": "integer"}, "c": {"type": "number"},
        "d": {"type": "boolean"}, "e": {"type": "object"}, "f": {"type": "array"},
        "g": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
        "h": {"type": "array", "items": {}},
    }  # fmt: skip
    schema = {"type": "object", "properties": properties, "required": ["a"], "$schema": "x", "title": "T"}
    (one, other) = written(WIRE, tools=[offer(schema=schema, description="d"), offer("now")])["tools"]
    assert (one["name"], one["description"]) == ("get_weather", "d")
    assert one["parameter_definitions"] == {
        "a": {"type": "str", "required": True}, "b": {"type": "int", "required": False},
        "c": {"type": "float", "required": False}, "d": {"type": "bool", "required": False},
        "e": {"type": "dict", "required": False}, "f": {"type": "list", "required": False},
        "g": {"type": "List[List[str]]", "required": False}, "h": {"type": "list", "required": False},
    }  # fmt: skip
    assert other == {"name": "now", "description": "", "parameter_definitions": {}}


def nested(depth):
    return {"type": "array", "items": nested(depth - 1)} if depth else {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "array"}, "something else than an object"),
        ({"additionalProperties": {"type": "string"}}, "something else than an object"),
        ({"anyOf": []}, "the schema has 'anyOf'"),
        ({"properties": []}, "the schema is none"),
        ({"properties": {"x": {"type": "string", "enum": ["a"]}}}, "the parameter 'x' has 'enum'"),
        ({"properties": {"x": {"type": "object", "properties": {}}}}, "the parameter 'x' has 'properties'"),
        ({"properties": {"x": {"type": ["string", "null"]}}}, "the parameter 'x' has not one type"),
        ({"properties": {"x": {}}}, "the parameter 'x' has not one type"),
        ({"properties": {"x": True}}, "the parameter 'x' has no schema"),
        ({"properties": {"x": {"type": "array", "items": {"$ref": "#"}}}}, "the parameter 'x' has '\\$ref'"),
        ({"properties": {"x": nested(30)}}, "the parameter 'x' nests too deeply"),
    ],
)
def test_what_python_has_no_type_for_is_refused_by_name(schema, why):
    with pytest.raises(InputError, match=f"'get_weather' cannot be offered on cohere-v1.*{why}"):
        asked(WIRE, tools=[offer(schema=schema)])


@pytest.mark.parametrize(
    ("prompt", "options", "why"),
    [
        ([system("x")], {}, "nothing but system messages"),
        ([user(text("?")), assistant(text("!"))], {}, r"prompt\[1\] is the last"),
        ([user(file(PNG, "image/png"))], {}, "cohere-v1 takes text alone"),
        ([user(text("?")), tool(returned("1"))], {}, "repeats its call on cohere-v1, and there is none"),
        ([tool(returned("1"))], {}, "repeats its call on cohere-v1, and there is none"),
        ([user(text("?"))], {"tools": [offer()], "toolChoice": {"type": "required"}}, "toolChoice is required"),
        ([user(text("?"))], {"tools": [offer()], "toolChoice": {"type": "none"}}, "toolChoice is none"),
        (
            [user(text("?"))],
            {"tools": [offer()], "toolChoice": {"type": "tool", "toolName": "get_weather"}},
            "toolChoice is tool",
        ),
    ],
)
def test_what_the_version_has_no_form_for_is_refused(prompt, options, why):
    with pytest.raises(InputError, match=why):
        asked(WIRE, *prompt, **options)


def test_a_free_choice_is_what_it_always_is():
    assert "tool_choice" not in written(WIRE, tools=[offer()], toolChoice={"type": "auto"})


def test_it_is_asked_at_its_version_for_json_lines():
    request = request_of(route_to(WIRE, apiKey="k"), {"prompt": [user(text("Hi"))]}, stream=True)
    assert (request.path, request.headers["authorization"], request.headers["accept"]) == (
        "/v1/chat", "Bearer k", "application/stream+json",
    )  # fmt: skip
    assert request.body["stream"] is True


FREE = {"parameters", "schema", "outputs"}


def test_the_schema_minds_every_member_of_a_body():
    schema, law, body = resources.schema(f"requests/{WIRE}"), validator_of(WIRE), talk()
    assert schema["$id"].endswith(f"/requests/{WIRE}.json")
    unminded = [path for path in places(body, FREE) if law.is_valid(changed(body, path, {"no": "such"}))]
    assert {path[-1] for path in unminded} == {"parameters", "schema"}
    for path in places(body, FREE):
        if isinstance(at(body, path), dict) and path[-1] not in {"parameters", "schema", "parameter_definitions"}:
            assert not law.is_valid(changed(body, (*path, "noSuchMember"), 1)), path


@pytest.mark.parametrize(
    "path",
    [
        ("model",), ("message",), ("chat_history", 0, "message"), ("chat_history", 1, "tool_calls", 0, "parameters"),
        ("chat_history", 2, "tool_results"), ("tool_results", 0, "call"), ("tool_results", 0, "outputs"),
        ("tools", 0, "description"), ("tools", 0, "parameter_definitions", "city", "type"), ("response_format", "type"),
    ],
)  # fmt: skip
def test_what_the_api_demands_cannot_be_left_out(path):
    body = talk()
    del at(body, path[:-1])[path[-1]]
    assert not validator_of(WIRE).is_valid(body)


@pytest.mark.parametrize(
    "fault",
    [
        {"message": "", "messages": [{"role": "user", "content": "Hi"}]},
        {"message": "Hi", "chat_history": [{"role": "user", "message": "x"}]},
        {"message": "Hi", "chat_history": [{"role": "USER", "message": "x", "tool_calls": [PARIS]}]},
        {"message": "Hi", "tool_results": [{"call": PARIS, "outputs": [{"output": "1"}]}]},
        {"message": "", "tool_results": [{"call": PARIS, "outputs": ["1"]}]},
        {"message": "", "tool_results": [{"call": {"name": "f", "parameters": "{}"}, "outputs": [{}]}]},
        {"message": "Hi", "tools": [{"name": "f", "description": "", "parameters": {"type": "object"}}]},
        {"message": "Hi", "tools": [{"name": "f-g", "description": "", "parameter_definitions": {}}]},
        {"message": "Hi", "tool_choice": "REQUIRED"},
        {"message": "Hi", "response_format": {"type": "json_object", "json_schema": {}}},
    ],
)
def test_a_body_that_the_api_would_refuse_is_refused(fault):
    assert not validator_of(WIRE).is_valid({"model": "m", **fault})


words = st.text(alphabet="abcé 🎉", max_size=9).map(str.strip)
inputs = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3)


@st.composite
def talks(draw):
    """A conversation in which every result has its call, and the last word is not the model's."""
    prompt = [system(said) for said in draw(st.lists(words, max_size=2))] + [user(text(draw(words)))]
    for number, kind in enumerate(draw(st.lists(st.sampled_from(["user", "assistant", "call"]), max_size=4))):
        if kind == "user":
            prompt.append(user(text(draw(words)), text(draw(words))))
        elif kind == "assistant":
            prompt += [assistant(text(draw(words))), user(text(draw(words)))]
        else:
            made = call(id_=f"c{number}") | {"input": draw(inputs)}
            prompt += [assistant(text(draw(words)), made), tool(returned(draw(words), f"c{number}"))]
    return prompt


@settings(max_examples=80)
@given(talks(), st.booleans())
def test_every_conversation_becomes_a_body_that_the_api_takes(prompt, stream):
    request = request_of(route_to(WIRE), {"prompt": prompt}, stream=stream)
    body_of(request, WIRE)
    turns = read_request(WIRE, request.path, (), body_bytes(request.body)).turns
    read = [part for turn in turns for part in turn.parts]
    given_parts = [part for message in prompt if message["role"] != "system" for part in message["content"]]
    spoken = [message["content"] for message in prompt if message["role"] == "system"]
    spoken += [part["text"] for part in given_parts if part["type"] == "text"]
    assert runs_through(spoken, "\n".join(part.text for part in read if isinstance(part, Text)))
    made = [part["input"] for part in given_parts if part["type"] == "tool-call"]
    assert [json.loads(part.arguments) for part in read if isinstance(part, Call)] == made
    results = [part["output"]["value"] for part in given_parts if part["type"] == "tool-result"]
    assert [part.content for part in read if isinstance(part, Answered)] == results
