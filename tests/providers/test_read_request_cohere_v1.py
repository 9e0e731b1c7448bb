import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.protocol.messages import Answered, Call, ModelRequest, Text, ToolOffer, Turn
from harness.providers import read_request

PARIS = {"name": "weather", "parameters": {"city": "Paris", "n": 1.0}}
CALLED = Call(None, "weather", '{"city":"Paris","n":1.0}')
HI = Turn("user", (Text("Hi"),))


def read(**body):
    return raw(json.dumps(body).encode())


def raw(body):
    return read_request("cohere-v1", "/v1/chat", [], body)


def schema_of(kind, **more):
    (tool,) = read(message="", tools=[{"name": "f", "parameter_definitions": {"x": {"type": kind} | more}}]).tools
    return tool.schema


def test_a_request_in_full():
    asked = read(
        model="command-r", message="Hi", preamble="Be brief.", stream=True, temperature=0.3, p=0.75, k=5, max_tokens=16,
        chat_history=[{"role": "USER", "message": "Hello"}, {"role": "CHATBOT", "message": "Yes?"}],
        tools=[{"name": "weather", "description": "d", "parameter_definitions": {
            "city": {"description": "Where", "type": "str", "required": True}, "days": {"type": "int"}}}],
        response_format={"type": "json_object", "schema": {"type": "object"}}, connectors=[{"id": "web-search"}],
        stop_sequences=["x"],
    )  # fmt: skip
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "Where"}, "days": {"type": "integer"}},
        "required": ["city"],
    }
    assert asked == ModelRequest(
        model="command-r", stream=True, temperature=0.3, top_p=0.75, max_tokens=16,
        turns=(Turn("system", (Text("Be brief."),)), Turn("user", (Text("Hello"),)),
               Turn("assistant", (Text("Yes?"),)), HI),
        tools=(ToolOffer("weather", "d", schema),), schema={"type": "object"}, json=True,
        extra={"k": 5, "connectors": [{"id": "web-search"}], "stop_sequences": ["x"]},
    )  # fmt: skip


def test_results_of_one_step_stand_behind_the_message_and_their_calls():
    clock = {"name": "clock", "parameters": {}}
    asked = read(
        message="Hi",
        tool_results=[
            {"call": PARIS, "outputs": [{"output": "18 °C"}]},
            {"call": clock, "outputs": [{"hour": 12}, {"minute": 0}]},
        ],
    )
    assert asked.turns == (
        HI,
        Turn("assistant", (CALLED, Call(None, "clock", "{}"))),
        Turn("tool", (Answered(None, "18 °C", "weather"), Answered(None, '[{"hour":12},{"minute":0}]', "clock"))),
    )


def test_results_of_several_steps_answer_the_calls_of_the_history():
    asked = read(
        message="",
        chat_history=[
            {"role": "USER", "message": "Hi"},
            {"role": "CHATBOT", "message": "I will look.", "tool_calls": [PARIS, PARIS]},
            {"role": "TOOL", "tool_results": [{"call": PARIS, "outputs": [{"t": 18}]}]},
            {"role": "TOOL", "tool_results": [{"call": PARIS, "outputs": [{"error": "late"}]}]},
            {"role": "CHATBOT", "message": "", "tool_calls": [PARIS]},
        ],
        tool_results=[{"call": PARIS, "outputs": []}],
    )
    assert asked.turns == (
        HI,
        Turn("assistant", (Text("I will look."), CALLED, CALLED)),
        Turn("tool", (Answered(None, '{"t":18}', "weather"),)),
        Turn("tool", (Answered(None, '{"error":"late"}', "weather", is_error=True),)),
        Turn("assistant", (CALLED,)),
        Turn("tool", (Answered(None, "[]", "weather"),)),
    )


def test_arguments_keep_the_letters_of_their_numbers():
    call = b'{"name": "f", "parameters": {"n": 1e400, "m": 10}}'
    body = b'{"message": "", "tool_results": [{"call": ' + call + b', "outputs": []}]}'
    assert raw(body).turns[0].parts == (Call(None, "f", '{"n":1e400,"m":10}'),)


def test_an_empty_message_alone_is_what_the_user_said():
    assert read(message="").turns == (Turn("user", (Text(""),)),)


def test_the_roles_of_the_first_days_are_read_too():
    asked = read(message="Hi", chat_history=[{"role": "User", "message": "a"}, {"role": "Chatbot", "message": "b"},
                                             {"role": "SYSTEM", "message": "c"}])  # fmt: skip
    assert [turn.role for turn in asked.turns] == ["user", "assistant", "system", "user"]


def test_a_prompt_of_generate_is_a_message():
    asked = read_request("cohere-v1", "/v1/generate", [], b'{"model": "command-light", "prompt": "Hi", "k": 1}')
    assert (asked.turns, asked.model, asked.extra) == ((HI,), "command-light", {"k": 1})


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        ("str", {"type": "string"}), ("int", {"type": "integer"}), ("float", {"type": "number"}),
        ("bool", {"type": "boolean"}), ("list", {"type": "array"}), ("dict", {"type": "object"}),
        ("List[str]", {"type": "array", "items": {"type": "string"}}),
        ("List[List[int]]", {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}),
        ("Dict[str, int]", {"type": "object"}), ("list[dict]", {"type": "array", "items": {"type": "object"}}),
        ("string", {"type": "string"}), ("number", {"type": "number"}), ("Decimal", {}),
        ("List[Decimal]", {"type": "array", "items": {}}),
    ],
)  # fmt: skip
def test_a_parameters_type_of_python_is_a_schema(kind, schema):
    assert schema_of(kind) == {"type": "object", "properties": {"x": schema}}


def test_what_a_parameter_says_of_itself():
    assert schema_of("str", description="d", required=True) == {
        "type": "object", "properties": {"x": {"type": "string", "description": "d"}}, "required": ["x"],
    }  # fmt: skip
    assert schema_of("str", required=False) == {"type": "object", "properties": {"x": {"type": "string"}}}


@given(
    st.text(alphabet="lList[] strin", max_size=60) | st.integers(1, 500).map(lambda n: "List[" * n + "str" + "]" * n)
)
def test_a_type_of_any_letters_is_read(kind):
    assert kind == "" or schema_of(kind)["properties"].keys() == {"x"}


def test_a_tool_without_parameters_has_no_schema():
    assert read(message="", tools=[{"name": "f"}]).tools == (ToolOffer("f"),)
    (tool,) = read(message="", tools=[{"name": "f", "parameter_definitions": {}}]).tools
    assert tool.schema == {"type": "object", "properties": {}}


def test_calls_of_anybody_else_are_told_apart():
    asked = read(message="Hi", chat_history=[{"role": "USER", "message": "a", "tool_calls": [PARIS]}])
    assert asked.extra == {"$unread": {"chat_history[0].tool_calls": [PARIS]}}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "message is missing or null, where the API has text"),
        ({"message": 1}, "message is a number, where the API has text"),
        ({"message": "", "chat_history": [{"role": "HUMAN", "message": "x"}]}, "chat_history[0].role is 'HUMAN'"),
        ({"message": "", "chat_history": [{"role": "USER"}]}, "chat_history[0].message is missing or null"),
        ({"message": "", "tool_results": [{"outputs": []}]}, "tool_results[0].call is missing or null"),
        ({"message": "", "tool_results": [{"call": PARIS, "outputs": ["x"]}]}, "tool_results[0].outputs[0] is text"),
        ({"message": "", "tool_results": [{"call": {"parameters": {}}, "outputs": []}]}, ".name is missing or null"),
        ({"message": "", "tools": [{"name": "f", "parameter_definitions": {"x": {}}}]}, "x.type is missing or null"),
        ({"message": "", "response_format": {"type": "json_schema"}}, "response_format is of the type 'json_schema'"),
    ],
)
def test_what_nobody_can_tell_is_refused_and_says_where(body, sentence):
    with pytest.raises(InputError) as refused:
        read(**body)
    assert sentence in str(refused.value)


words = st.text(max_size=6)
calls = st.fixed_dictionaries(
    {"name": st.sampled_from(["f", "g"]), "parameters": st.dictionaries(words, st.integers())}
)
histories = st.lists(
    st.one_of(
        st.fixed_dictionaries({"role": st.just("USER"), "message": words}),
        st.fixed_dictionaries(
            {"role": st.just("CHATBOT"), "message": words, "tool_calls": st.lists(calls, min_size=1, max_size=2)}
        ),
    ),
    max_size=4,
)


@given(words, histories)
def test_every_text_and_every_call_of_a_history_is_read_in_order(message, history):
    turns = read(message=message, chat_history=history).turns
    spoken = [part for turn in turns for part in turn.parts]
    assert [part.text for part in spoken if isinstance(part, Text) and part.text] == [
        text for text in [*(said["message"] for said in history), message] if text
    ]
    assert [(part.name, json.loads(part.arguments)) for part in spoken if isinstance(part, Call)] == [
        (call["name"], call["parameters"]) for said in history for call in said.get("tool_calls", [])
    ]
