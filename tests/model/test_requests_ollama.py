import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bodies import at, changed, places
from harness import resources
from harness.errors import InputError
from harness.model.requests import body_bytes, request_of
from harness.protocol.messages import Answered, Call, File, Text, joined
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

CHAT, GENERATE = "ollama-chat", "ollama-generate"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
ANSWER = {"responseFormat": {"type": "json", "schema": SCHEMA, "name": "n"}}
LIMITS = {"maxOutputTokens": 100, "temperature": 0.5, "topP": 1}
IMAGE = file(PNG, "image/png")
TALK = (
    system("Be brief."),
    user(text("Weather?"), IMAGE),
    assistant(text("Let me see."), call(city="Paris"), call(id_="call_2")),
    tool(returned({"degrees": 18}, type_="json"), returned("no such city", "call_2", type_="error-text")),
)


def messages(*prompt):
    return written(CHAT, *prompt)["messages"]


def talk(wire):
    if wire == GENERATE:
        return written(wire, system("Be brief."), user(text("Weather?"), IMAGE), **LIMITS, **ANSWER)
    return written(wire, *TALK, tools=[offer(schema=SCHEMA, description="d")], **LIMITS, **ANSWER)


def test_a_conversation_with_tools():
    assert messages(*TALK) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Weather?", "images": [PNG]},
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [
                {"id": "call_1", "function": {"name": "get_weather", "arguments": {"city": "Paris"}}},
                {"id": "call_2", "function": {"name": "get_weather", "arguments": {}}},
            ],
        },
        {"role": "tool", "content": '{"degrees":18}', "tool_name": "get_weather", "tool_call_id": "call_1"},
        {"role": "tool", "content": "no such city", "tool_name": "get_weather", "tool_call_id": "call_2"},
    ]


def test_what_a_person_says_in_parts_is_sent_in_messages_of_the_same_order():
    assert messages(user(IMAGE, text("a"), text("b"), IMAGE, IMAGE, text(""), text("c"))) == [
        {"role": "user", "content": "", "images": [PNG]},
        {"role": "user", "content": "a"},
        {"role": "user", "content": "b", "images": [PNG, PNG]},
        {"role": "user", "content": "c"},
    ]


def test_calls_stand_in_the_last_message_so_that_their_results_follow_them():
    said = messages(user(text("?")), assistant(call(), text("a"), text("b")), tool(returned("1", name="")))
    assert [one.get("content") for one in said] == ["?", "a", "b", "1"]
    assert ["tool_calls" in one for one in said] == [False, False, True, False]
    assert said[-1] == {"role": "tool", "content": "1", "tool_call_id": "call_1"}


def test_a_message_that_says_nothing_is_sent_empty():
    assert messages(user(text("Hi")), assistant(), user(text("")))[1:] == [
        {"role": "assistant", "content": ""},
        {"role": "user", "content": ""},
    ]


def test_a_prompt_with_images_and_system_prompts():
    assert written(GENERATE, system("Be brief."), system("Be kind."), user(text("a"), IMAGE, text("b"))) == {
        "model": "qwen3:8b",
        "prompt": "ab",
        "images": [PNG],
        "system": "Be brief.\nBe kind.",
        "stream": False,
    }


@pytest.mark.parametrize("wire", [CHAT, GENERATE])
def test_limits_stand_in_the_options_and_the_answers_schema_in_the_format(wire):
    body = written(wire, **LIMITS, **ANSWER)
    assert body["options"] == {"temperature": 0.5, "top_p": 1, "num_predict": 100}
    assert body["format"] == SCHEMA
    assert written(wire, responseFormat={"type": "json"})["format"] == "json"
    assert not {"options", "format"} & written(wire).keys()


@pytest.mark.parametrize(("wire", "path"), [(CHAT, "/api/chat"), (GENERATE, "/api/generate")])
@pytest.mark.parametrize("stream", [True, False])
def test_whether_to_stream_is_always_said(wire, path, stream):
    request = request_of(route_to(wire), {"prompt": [user(text("Hi"))]}, stream=stream)
    assert (request.path, request.body["stream"]) == (path, stream)
    assert request.headers["accept"] == ("application/x-ndjson" if stream else "application/json")


def test_provider_options_join_the_options_of_ours():
    extra = {"ollama": {"options": {"num_ctx": 8192, "temperature": 1}, "think": True, "keep_alive": "5m"}}
    body = asked(CHAT, **LIMITS, providerOptions=extra).body
    assert body["options"] == {"temperature": 1, "top_p": 1, "num_predict": 100, "num_ctx": 8192}
    assert (body["think"], body["keep_alive"]) == (True, "5m")


def test_a_tool_without_a_schema_takes_nothing():
    assert written(CHAT, tools=[offer(), offer("now", schema=SCHEMA, description="d")])["tools"] == [
        {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}},
        {"type": "function", "function": {"name": "now", "description": "d", "parameters": SCHEMA}},
    ]


def test_the_model_always_chooses():
    assert "tool_choice" not in written(CHAT, tools=[offer()], toolChoice={"type": "auto"})
    for choice in ({"type": "none"}, {"type": "required"}, {"type": "tool", "toolName": "get_weather"}):
        with pytest.raises(InputError, match=f"ollama-chat has no words for the tool choice '{choice['type']}'"):
            asked(CHAT, tools=[offer()], toolChoice=choice)


@pytest.mark.parametrize("wire", [CHAT, GENERATE])
@pytest.mark.parametrize(
    "part", [file("https://a.test/cat.png", "image/png"), file("JVBERi0=", "application/pdf"), file("AA", "audio/wav")]
)
def test_only_images_as_base64_are_files(wire, part):
    with pytest.raises(InputError, match=rf"prompt\[0\]\.content\[1\]: {wire} takes images as base64"):
        asked(wire, user(text("?"), part))


def test_the_assistant_says_no_files():
    with pytest.raises(InputError, match="ollama-chat takes no files in what the assistant said"):
        asked(CHAT, user(text("?")), assistant(IMAGE))


@pytest.mark.parametrize(
    ("prompt", "options", "named"),
    [
        ([user(text("a")), assistant(text("b")), user(text("c"))], {}, r"prompt\[2\]: .* takes one prompt and no conv"),
        ([user(text("a")), user(text("b"))], {}, "takes one prompt"),
        ([assistant(text("a"))], {}, "takes one prompt"),
        ([system("a")], {}, "nothing but system messages"),
        ([user(text("a")), system("b")], {}, r"prompt\[1\]: ollama-generate takes system messages only before"),
        ([user(text(""))], {}, "takes an empty prompt for the wish to load the model"),
        ([user(text("a"))], {"tools": [offer()]}, "ollama-generate has no words for tools, such as 'get_weather'"),
        ([user(text("a")), assistant(call())], {}, r"prompt\[1\]: .* has no words for the calls and the results"),
        ([user(text("a")), tool(returned("1"))], {}, r"prompt\[1\]: .* has no words for the calls and the results"),
    ],
)
def test_a_conversation_is_no_prompt(prompt, options, named):
    with pytest.raises(InputError, match=named):
        asked(GENERATE, *prompt, **options)


FREE = {CHAT: {"parameters", "format", "arguments"}, GENERATE: {"format"}}


@pytest.mark.parametrize("wire", [CHAT, GENERATE])
def test_the_schema_minds_every_member_of_a_body(wire):
    Draft202012Validator.check_schema(resources.schema(f"requests/{wire}"))
    law, body = validator_of(wire), talk(wire)
    unminded = [path for path in places(body, FREE[wire]) if law.is_valid(changed(body, path, {"no": "such"}))]
    assert {path[-1] for path in unminded} == FREE[wire]
    for path in places(body, FREE[wire]):
        if isinstance(at(body, path), dict) and path[-1] not in FREE[wire]:
            assert not law.is_valid(changed(body, (*path, "noSuchMember"), 1)), path
    assert not law.is_valid({**body, "noSuchMember": 1})


REQUIRED = {
    CHAT: [
        ("model",), ("messages",), ("stream",), ("messages", 0, "content"), ("messages", 2, "tool_calls", 0, "id"),
        ("messages", 2, "tool_calls", 0, "function", "arguments"), ("messages", 3, "tool_call_id"),
        ("tools", 0, "type"), ("tools", 0, "function", "name"), ("tools", 0, "function", "parameters"),
    ],
    GENERATE: [("model",), ("prompt",), ("stream",)],
}  # fmt: skip


@pytest.mark.parametrize(("wire", "path"), [(wire, path) for wire in REQUIRED for path in REQUIRED[wire]])
def test_what_the_api_demands_cannot_be_left_out(wire, path):
    body = talk(wire)
    del at(body, path[:-1])[path[-1]]
    assert not validator_of(wire).is_valid(body)


SAID = {"role": "user", "content": "Hi"}


@pytest.mark.parametrize(
    ("wire", "body"),
    [
        (CHAT, {"messages": []}),
        (CHAT, {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]}),
        (CHAT, {"messages": [{"role": "user", "content": "Hi", "images": [f"data:image/png;base64,{PNG}"]}]}),
        (CHAT, {"messages": [{"role": "assistant", "content": None}]}),
        (CHAT, {"messages": [{"role": "assistant", "content": "", "tool_calls": [
            {"id": "c", "function": {"name": "f", "arguments": "{}"}}]}]}),
        (CHAT, {"messages": [SAID], "max_tokens": 5}),
        (CHAT, {"messages": [SAID], "options": {}}),
        (CHAT, {"messages": [SAID], "options": {"max_tokens": 5}}),
        (CHAT, {"messages": [SAID], "tool_choice": "auto"}),
        (CHAT, {"messages": [SAID], "format": "xml"}),
        (CHAT, {"messages": [SAID], "tools": [{"type": "function", "name": "f", "parameters": {}}]}),
        (GENERATE, {"prompt": ""}),
        (GENERATE, {"prompt": ["Hi"]}),
        (GENERATE, {"prompt": "Hi", "system": ""}),
        (GENERATE, {"prompt": "Hi", "messages": [SAID]}),
    ],
)  # fmt: skip
def test_a_body_that_the_api_would_refuse_or_misread_is_refused(wire, body):
    good = {"model": "m", "stream": True, "messages": [SAID]} if wire == CHAT else {"model": "m", "stream": True}
    assert not validator_of(wire).is_valid({**good, **body})


texts = st.builds(text, st.text(max_size=12))
arguments = st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=4) | st.none(), max_size=3)
calls = st.builds(lambda id_, given_: call(id_=id_, x=given_), st.sampled_from(["c1", "c2"]), arguments)
prompts = st.lists(
    st.builds(lambda parts: user(*parts), st.lists(texts | st.just(IMAGE), max_size=4))
    | st.builds(lambda parts: assistant(*parts), st.lists(texts | calls, max_size=4))
    | st.builds(lambda given_: tool(returned(given_, "c1")), st.text(max_size=9))
    | st.text(max_size=9).map(system),
    min_size=1,
    max_size=5,
)


@given(prompts, st.booleans())
def test_every_conversation_is_one_that_the_other_witness_reads_unchanged(prompt, stream):
    request = request_of(route_to(CHAT), {"prompt": prompt}, stream=stream)
    body_of(request, CHAT)
    read = read_request(CHAT, request.path, (), body_bytes(request.body))
    meant = [(role, part) for message in prompt for role, part in said_in(message)]
    got = [(turn.role, part) for turn in joined(read.turns) for part in turn.parts if part != Text("")]
    assert got == meant
    assert read.stream is stream


def said_in(message):
    """The parts of a message in the neutral form, an assistant's words before its calls; empty texts say nothing."""
    if message["role"] == "system":
        return [("system", Text(message["content"]))] if message["content"] else []
    made = []
    for part in message["content"]:
        match part["type"]:
            case "text" if part["text"]:
                made.append(Text(part["text"]))
            case "file":
                made.append(File("image/*", data=part["data"]))
            case "tool-call":
                given_ = json.dumps(part["input"], ensure_ascii=False, separators=(",", ":"))
                made.append(Call(part["toolCallId"], part["toolName"], given_))
            case "tool-result":
                made.append(Answered(part["toolCallId"], part["output"]["value"], part["toolName"]))
    return [(message["role"], part) for part in sorted(made, key=lambda part: isinstance(part, Call))]
