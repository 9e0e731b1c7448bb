import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.protocol.messages import Answered, Call, File, ModelRequest, Text, ToolOffer, Turn, joined
from harness.providers import read_request, wire_of_target

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def read(**body):
    return read_request("google-interactions", "/v1beta/interactions", [], json.dumps(body).encode())


def turns(given):
    return read(input=given).turns


def parts(*contents):
    (turn,) = turns(list(contents))
    return turn.parts


def test_a_request_in_full():
    asked = read(
        model="gemini-2.5-flash",
        system_instruction="Be brief.",
        input="Hi",
        tools=[{"type": "function", "name": "weather", "description": "d", "parameters": SCHEMA},
               {"type": "google_search"}],
        response_format={"type": "text", "mime_type": "application/json", "schema": SCHEMA},
        generation_config={
            "temperature": 0.2, "top_p": 0.9, "max_output_tokens": 256, "thinking_level": "low",
            "tool_choice": {"allowed_tools": {"mode": "any", "tools": ["weather"]}},
        },
        store=False,
        stream=True,
    )  # fmt: skip
    assert asked == ModelRequest(
        model="gemini-2.5-flash", stream=True, temperature=0.2, top_p=0.9, max_tokens=256, schema=SCHEMA, json=True,
        turns=(Turn("system", (Text("Be brief."),)), Turn("user", (Text("Hi"),))),
        tools=(ToolOffer("weather", "d", SCHEMA), ToolOffer("google_search")), tool_choice="tool:weather",
        extra={"generation_config": {"thinking_level": "low"}, "store": False},
    )  # fmt: skip


@pytest.mark.parametrize(
    "target", ["/v1beta/interactions", "/interactions", "https://a.test/v1beta2/interactions?alt=sse"]
)
def test_the_wire_is_told_by_the_path(target):
    assert wire_of_target(target) == "google-interactions"


def test_an_interaction_that_is_read_again_is_no_request_of_this_wire():
    assert wire_of_target("/v1beta/interactions/v1_abc") is None


@pytest.mark.parametrize(
    "given",
    ["Hi", {"type": "text", "text": "Hi"}, [{"type": "text", "text": "Hi"}],
     [{"type": "user_input", "content": [{"type": "text", "text": "Hi"}]}],
     [{"type": "user_input", "content": "Hi"}],
     [{"role": "user", "content": "Hi"}], [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]],
)  # fmt: skip
def test_a_text_of_the_user_in_all_its_forms(given):
    assert turns(given) == (Turn("user", (Text("Hi"),)),)


def test_contents_in_a_row_are_one_turn():
    image = {"type": "image", "data": "iVBO", "mime_type": "image/png"}
    assert turns([{"type": "text", "text": "What?"}, image]) == (
        Turn("user", (Text("What?"), File("image/png", data="iVBO"))),
    )


def test_a_conversation_in_steps():
    thought = {"type": "thought", "signature": "s"}
    asked = read(
        input=[
            {"type": "user_input", "content": [{"type": "text", "text": "Weather?"}]},
            thought,
            {"type": "model_output", "content": [{"type": "text", "text": "I look."}]},
            {"type": "function_call", "id": "c1", "name": "weather", "arguments": {"n": 1.0}},
            {"type": "function_call", "id": "c2", "name": "clock", "arguments": {}},
            {"type": "function_result", "call_id": "c1", "name": "weather", "result": {"degrees": 12}},
            {"type": "function_result", "call_id": "c2", "result": "no", "is_error": True},
            {"type": "user_input", "content": [{"type": "text", "text": "And?"}]},
        ]
    )
    assert joined(asked.turns) == (
        Turn("user", (Text("Weather?"),)),
        Turn("assistant", (Text("I look."), Call("c1", "weather", '{"n":1.0}'), Call("c2", "clock", "{}"))),
        Turn("tool", (Answered("c1", '{"degrees":12}', "weather"), Answered("c2", "no", is_error=True))),
        Turn("user", (Text("And?"),)),
    )
    assert asked.extra["$unread"] == {"input[1]": thought}


def test_a_conversation_in_the_turns_of_the_first_months():
    call = {"type": "function_call", "id": "c1", "name": "clock", "arguments": {}}
    answer = {
        "type": "function_result",
        "call_id": "c1",
        "name": "clock",
        "result": [{"type": "text", "text": "12:00"}],
    }
    assert turns(
        [
            {"role": "user", "content": "Time?"},
            {"role": "model", "content": [call]},
            {"role": "user", "content": [answer]},
        ]
    ) == (
        Turn("user", (Text("Time?"),)),
        Turn("assistant", (Call("c1", "clock", "{}"),)),
        Turn("tool", (Answered("c1", "12:00", "clock"),)),
    )


def test_only_the_answer_to_a_call_is_sent_where_an_interaction_goes_on():
    asked = read(
        input=[{"type": "function_result", "call_id": "c1", "name": "f", "result": "a"}], previous_interaction_id="v1"
    )
    assert asked.turns == (Turn("tool", (Answered("c1", "a", "f"),)),)
    assert asked.extra == {"previous_interaction_id": "v1"}


@pytest.mark.parametrize(
    ("content", "file"),
    [
        (
            {"type": "image", "uri": "https://a.test/i", "mime_type": "image/webp"},
            File("image/webp", url="https://a.test/i"),
        ),
        ({"type": "image", "uri": "https://a.test/i"}, File("image/*", url="https://a.test/i")),
        ({"type": "audio", "data": "AAAA", "mime_type": "audio/mp3"}, File("audio/mp3", data="AAAA")),
        ({"type": "video", "uri": "https://a.test/v"}, File("video/*", url="https://a.test/v")),
        ({"type": "document", "data": "JVBE", "mime_type": "application/pdf"}, File("application/pdf", data="JVBE")),
    ],
)
def test_files_of_every_kind(content, file):
    assert parts(content) == (file,)


@pytest.mark.parametrize(
    ("choice", "word", "is_told"),
    [
        ("auto", "auto", True),
        ("validated", "auto", True),
        ("any", "required", True),
        ("none", "none", True),
        ({"allowed_tools": {"mode": "any", "tools": ["a"]}}, "tool:a", True),
        ({"allowed_tools": {"mode": "any", "tools": ["a", "b"]}}, "required", False),
        ({"allowed_tools": {"mode": "auto", "tools": ["a"]}}, "auto", False),
        (None, None, True),
    ],
)
def test_every_tool_choice(choice, word, is_told):
    asked = read(input="Hi", generation_config={"tool_choice": choice} if choice else {})
    assert asked.tool_choice == word
    assert asked.extra == ({} if is_told else {"generation_config": {"tool_choice": choice}})


@pytest.mark.parametrize(
    ("body", "schema", "is_json", "extra"),
    [
        ({"response_format": {"type": "text", "mime_type": "application/json", "schema": SCHEMA}}, SCHEMA, True, {}),
        ({"response_format": SCHEMA, "response_mime_type": "application/json"}, SCHEMA, True, {}),
        ({"response_mime_type": "application/json"}, None, True, {}),
        ({"response_format": {"type": "text"}}, None, False, {}),
        ({"response_format": {"type": "image", "aspect_ratio": "1:1"}}, None, False,
         {"response_format": {"type": "image", "aspect_ratio": "1:1"}}),
        ({"response_format": [{"type": "text", "mime_type": "application/json"}]}, None, True,
         {"response_format": [{"type": "text", "mime_type": "application/json"}]}),
        ({}, None, False, {}),
    ],
)  # fmt: skip
def test_every_format_of_the_answer(body, schema, is_json, extra):
    asked = read(input="Hi", **body)
    assert (asked.schema, asked.json, asked.extra) == (schema, is_json, extra)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"input": 7}, "input is a number"),
        ({"input": [{"type": "sculpture"}]}, r"input\[0\] is of the type 'sculpture'"),
        ({"input": [{"role": "system", "content": "a"}]}, r"input\[0\].role is 'system'"),
        ({"input": [{"type": "function_result", "result": "a"}]}, r"input\[0\].call_id is missing"),
        ({"input": [{"type": "image"}]}, r"input\[0\].uri is missing"),
        ({"input": "a", "tools": [{}]}, r"tools\[0\].type is missing"),
        ({"input": "a", "generation_config": {"tool_choice": "perhaps"}}, "generation_config.tool_choice is 'perhaps'"),
        ({"input": "a", "generation_config": []}, "generation_config is a list"),
    ],
)
def test_what_breaks_the_shape_is_told_in_one_sentence(body, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        read(**body)
    assert "\n" not in str(caught.value)


words = st.text(max_size=8)
names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
objects = st.dictionaries(words, st.none() | st.booleans() | st.integers() | words, max_size=3)


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


said = st.one_of(
    st.lists(words.map(Text), min_size=1, max_size=3).map(lambda made: Turn("user", tuple(made))),
    st.lists(words.map(Text), min_size=1, max_size=3).map(lambda made: Turn("assistant", tuple(made))),
    st.builds(Call, names, names, objects.map(compact)).map(lambda made: Turn("assistant", (made,))),
    st.builds(Answered, names, words, names, st.booleans()).map(lambda made: Turn("tool", (made,))),
)


def step(turn):
    match turn.parts[0]:
        case Call() as call:
            return {"type": "function_call", "id": call.id, "name": call.name, "arguments": json.loads(call.arguments)}
        case Answered() as answer:
            failed = {"is_error": True} if answer.is_error else {}
            return {
                "type": "function_result",
                "call_id": answer.id,
                "name": answer.name,
                "result": answer.content,
                **failed,
            }
    kind = "user_input" if turn.role == "user" else "model_output"
    return {"type": kind, "content": [{"type": "text", "text": part.text} for part in turn.parts]}


@given(st.lists(said, max_size=5))
def test_steps_that_are_written_are_read_back(conversation):
    assert joined(turns([step(turn) for turn in conversation])) == joined(conversation)
