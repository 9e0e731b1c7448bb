import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bodies import at, changed, places
from harness import resources
from harness.errors import InputError, NoSuchModel
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

WIRE = "bedrock-converse"
ID = "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
KEY = "bedrock-api-key-of-this-test"


def said(*prompt):
    return written(WIRE, *prompt)["messages"]


def test_a_question_with_system_prompts():
    assert written(WIRE, system("Be brief."), system("Be kind."), user(text("Hi"))) == {
        "system": [{"text": "Be brief."}, {"text": "Be kind."}],
        "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
    }


def test_calls_and_their_results():
    assert said(
        user(text("Weather?")),
        assistant(text("Let me see."), call(city="Paris")),
        assistant(call(id_="call_2")),
        tool(returned({"degrees": 18}, type_="json")),
        tool(returned("no such city", "call_2", type_="error-text")),
        user(text("Well?")),
    )[1:] == [
        {
            "role": "assistant",
            "content": [
                {"text": "Let me see."},
                {"toolUse": {"toolUseId": "call_1", "name": "get_weather", "input": {"city": "Paris"}}},
                {"toolUse": {"toolUseId": "call_2", "name": "get_weather", "input": {}}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"toolResult": {"toolUseId": "call_1", "content": [{"json": {"degrees": 18}}]}},
                {"toolResult": {"toolUseId": "call_2", "content": [{"text": "no such city"}], "status": "error"}},
                {"text": "Well?"},
            ],
        },
    ]


def test_a_result_that_is_no_object_travels_as_text_and_results_stand_first():
    (turn,) = said(user(text("Well?")), tool(returned([1, 2], type_="json")))
    assert turn["content"] == [
        {"toolResult": {"toolUseId": "call_1", "content": [{"text": "[1,2]"}]}},
        {"text": "Well?"},
    ]


def test_files_of_every_kind():
    assert said(user(
        file(PNG, "image/png"), file("s3://bucket/a.jpg", "image/jpeg"), file("JVBERi0=", "application/pdf"),
        file("aGk=", "text/plain", filename="Notes_of 3. May!.txt"), file("AAAA", "video/3gpp"),
        file("AAAA", "audio/mpeg"),
    ))[0]["content"] == [
        {"image": {"format": "png", "source": {"bytes": PNG}}},
        {"image": {"format": "jpeg", "source": {"s3Location": {"uri": "s3://bucket/a.jpg"}}}},
        {"document": {"format": "pdf", "name": "document 0-2", "source": {"bytes": "JVBERi0="}}},
        {"document": {"format": "txt", "name": "Notes of 3 May", "source": {"bytes": "aGk="}}},
        {"video": {"format": "three_gp", "source": {"bytes": "AAAA"}}},
        {"audio": {"format": "mp3", "source": {"bytes": "AAAA"}}},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "part",
    [file("https://h.test/a.png", "image/png"), file("AAAA", "image/tiff"), file("AAAA", "application/zip"),
     file("s3://b/a", "image/*")],
)  # fmt: skip
def test_a_file_that_the_wire_has_no_form_for_is_refused(part):
    with pytest.raises(InputError, match=r"prompt\[0\]\.content\[0\]: bedrock-converse takes images"):
        asked(WIRE, user(part))


def test_a_file_of_the_assistant_is_refused():
    with pytest.raises(InputError, match="no files in what the assistant said"):
        asked(WIRE, user(text("?")), assistant(file(PNG, "image/png")))


def test_tools_limits_and_a_forced_choice():
    body = written(
        WIRE, tools=[offer(schema=SCHEMA, description="d"), offer("now")],
        toolChoice={"type": "tool", "toolName": "now"}, maxOutputTokens=9.0, temperature=0.5, topP=1,
    )  # fmt: skip
    assert body["toolConfig"] == {
        "tools": [
            {"toolSpec": {"name": "get_weather", "description": "d", "inputSchema": {"json": SCHEMA}}},
            {"toolSpec": {"name": "now", "inputSchema": {"json": {"type": "object", "properties": {}}}}},
        ],
        "toolChoice": {"tool": {"name": "now"}},
    }
    assert body["inferenceConfig"] == {"maxTokens": 9, "temperature": 0.5, "topP": 1}


@pytest.mark.parametrize(("choice", "word"), [("auto", {"auto": {}}), ("required", {"any": {}})])
def test_the_other_choices(choice, word):
    assert written(WIRE, tools=[offer()], toolChoice={"type": choice})["toolConfig"]["toolChoice"] == word


def test_the_choice_none_has_no_word_and_is_not_left_out_in_silence():
    with pytest.raises(InputError, match="bedrock-converse has no none"):
        asked(WIRE, tools=[offer()], toolChoice={"type": "none"})


def test_an_answer_s_schema_travels_as_text():
    answer = {"type": "json", "schema": SCHEMA, "name": "City", "description": "d"}
    assert written(WIRE, responseFormat=answer)["outputConfig"] == {
        "textFormat": {
            "type": "json_schema",
            "structure": {
                "jsonSchema": {
                    "name": "City",
                    "description": "d",
                    "schema": '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}',
                }
            },
        }
    }
    with pytest.raises(InputError, match="has none without a schema"):
        asked(WIRE, responseFormat={"type": "json"})


def test_provider_options_are_joined_with_what_stands_one_level_down():
    more = {"inferenceConfig": {"stopSequences": ["x"]}, "guardrailConfig": {"guardrailIdentifier": "g"}}
    body = asked(WIRE, maxOutputTokens=5, providerOptions={"bedrock": more}).body
    assert body["inferenceConfig"] == {"maxTokens": 5, "stopSequences": ["x"]}
    assert body["guardrailConfig"] == {"guardrailIdentifier": "g"}


def test_the_request_goes_to_the_region_with_a_bearer_token_and_asks_for_an_event_stream():
    route = resolve(ID, {}, environment={"AWS_REGION": "eu-central-1", "AWS_BEARER_TOKEN_BEDROCK": KEY})
    assert route.base_url == "https://bedrock-runtime.eu-central-1.amazonaws.com"
    request = request_of(route, {"prompt": [user(text("Hi"))]}, stream=True)
    assert request.path == "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["accept"] == "application/vnd.amazon.eventstream"
    assert request_of(route, {"prompt": [user(text("Hi"))]}, stream=False).path.endswith("%3A0/converse")
    assert KEY not in repr(request) + repr(route)


def test_the_id_of_a_model_may_be_an_arn():
    route = resolve(
        "bedrock/arn:aws:bedrock:us-east-1:1:inference-profile/x", {}, base_url="http://127.0.0.1:1", environment={}
    )
    assert request_of(route, {"prompt": [user(text("Hi"))]}, stream=False).path == (
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx/converse"
    )


@pytest.mark.parametrize(
    ("environment", "named"),
    [({"AWS_REGION": "us-east-1"}, "AWS_BEARER_TOKEN_BEDROCK"), ({"AWS_BEARER_TOKEN_BEDROCK": KEY}, "AWS_REGION")],
)
def test_what_the_environment_lacks_is_named(environment, named):
    with pytest.raises(NoSuchModel, match=named):
        resolve(ID, {}, environment=environment)


# The schema

FREE = {"input", "json"}
TALK = (
    system("Be brief."),
    user(text("Weather?"), file(PNG, "image/png"), file("s3://b/a.pdf", "application/pdf"), file("AAAA", "video/mp4"),
         file("AAAA", "audio/wav")),
    assistant(text("Let me see."), call(city="Paris"), call(id_="call_2", city="Rome")),
    tool(returned({"a": 1}, type_="json"), returned("no such city", "call_2", type_="error-text")),
)  # fmt: skip


def talk():
    return written(
        WIRE, *TALK, tools=[offer(schema=SCHEMA, description="d")],
        toolChoice={"type": "tool", "toolName": "get_weather"}, maxOutputTokens=100, temperature=0.5, topP=1,
        responseFormat={"type": "json", "schema": SCHEMA, "name": "n", "description": "d"},
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
        ("messages",), ("messages", 0, "role"), ("messages", 0, "content"),
        ("messages", 0, "content", 1, "image", "format"), ("messages", 0, "content", 2, "document", "name"),
        ("messages", 0, "content", 2, "document", "source", "s3Location", "uri"),
        ("messages", 1, "content", 1, "toolUse", "toolUseId"), ("messages", 1, "content", 1, "toolUse", "input"),
        ("messages", 2, "content", 0, "toolResult", "toolUseId"),
        ("messages", 2, "content", 0, "toolResult", "content"),
        ("toolConfig", "tools"), ("toolConfig", "tools", 0, "toolSpec", "inputSchema"),
        ("toolConfig", "toolChoice", "tool", "name"), ("outputConfig", "textFormat", "type"),
        ("outputConfig", "textFormat", "structure", "jsonSchema", "schema"),
    ],
)  # fmt: skip
def test_what_the_api_demands_cannot_be_left_out(path):
    body = talk()
    del at(body, path[:-1])[path[-1]]
    assert not validator_of(WIRE).is_valid(body)


HI = [{"role": "user", "content": [{"text": "x"}]}]


def by(role, block):
    return {"messages": [{"role": role, "content": [block]}]}


@pytest.mark.parametrize(
    "body",
    [
        {"messages": []},
        {"messages": [{"role": "system", "content": [{"text": "x"}]}]},
        {"messages": [{"role": "user", "content": "x"}]},
        by("user", {"type": "text", "text": "x"}),
        by("user", {"text": "x", "cachePoint": {"type": "default"}}),
        by("user", {"toolUse": {"toolUseId": "c", "name": "f", "input": {}}}),
        by("assistant", {"toolUse": {"toolUseId": "c", "name": "f", "input": "{}"}}),
        by("assistant", {"toolResult": {"toolUseId": "c", "content": [{"text": "x"}]}}),
        by("user", {"toolResult": {"toolUseId": "c", "content": [{"json": [1]}]}}),
        by("user", {"image": {"format": "jpg", "source": {"bytes": "AA"}}}),
        by("user", {"image": {"format": "png", "source": {"url": "https://h/a"}}}),
        by("user", {"document": {"format": "pdf", "name": "a.pdf", "source": {"bytes": "AA"}}}),
        {"messages": HI, "system": "x"},
        {"messages": HI, "modelId": "m"},
        {"messages": HI, "maxTokens": 5},
        {"messages": HI, "inferenceConfig": {"max_tokens": 5}},
        {"messages": HI, "inferenceConfig": {"temperature": 1.5}},
        {"messages": HI, "toolConfig": {"tools": [{"name": "f", "input_schema": {}}]}},
        {"messages": HI, "toolConfig": {"tools": [{"toolSpec": {"name": "f", "inputSchema": {"type": "object"}}}]}},
        {"messages": HI, "toolConfig": {"tools": [{"toolSpec": {"name": "a.b", "inputSchema": {"json": {}}}}]}},
        {"messages": HI, "toolConfig": {"toolChoice": {"auto": {}}}},
        {"messages": HI,
         "outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": {}}}}}},
    ],
    ids=range(22),
)  # fmt: skip
def test_a_body_that_the_api_would_refuse_is_refused(body):
    assert not validator_of(WIRE).is_valid(body)


names = st.sampled_from(["get_weather", "now", "book_flight"])
ids = st.sampled_from([f"call_{number}" for number in range(6)])
texts = st.builds(text, st.text(max_size=20))
objects = st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=8), max_size=3)
files = st.builds(lambda name: file("JVBERi0=", "application/pdf", filename=name), st.none() | st.text(max_size=9))
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
    st.builds(lambda parts: assistant(*parts), st.lists(texts | calls, max_size=4)),
    st.builds(lambda parts: tool(*parts), st.lists(results, min_size=1, max_size=3)),
)


@given(st.lists(turns, min_size=1, max_size=6), st.booleans())
def test_every_conversation_becomes_a_body_that_the_api_takes_with_its_turns_by_turns(prompt, stream):
    body = body_of(request_of(route_to(WIRE), {"prompt": prompt}, stream=stream), WIRE)
    roles = [turn["role"] for turn in body["messages"]]
    assert all(one != other for one, other in pairwise(roles))
    blocks = [block for turn in body["messages"] for block in turn["content"]]
    parts = [part for message in prompt for part in message["content"] if part != text("")]
    assert len(blocks) - len([block for block in blocks if block == {"text": ""}]) == len(parts)
    spoken = json.dumps(body, ensure_ascii=False)
    assert all(json.dumps(part["text"], ensure_ascii=False) in spoken for part in parts if part["type"] == "text")
