import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.protocol.messages import Answered, Call, File, ModelRequest, Text, ToolOffer, Turn, joined
from harness.providers import read_request, wire_of_target

TARGET = "/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse-stream"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def read(target=TARGET, **body):
    return read_request("bedrock-converse", target, [], json.dumps(body).encode())


def turns(*messages):
    return read(messages=list(messages)).turns


def parts(*blocks):
    (turn,) = turns({"role": "user", "content": list(blocks)})
    return turn.parts


def answered(*content, **more):
    (part,) = parts({"toolResult": {"toolUseId": "t1", "content": list(content), **more}})
    return part


def test_a_request_in_full():
    asked = read(
        system=[{"text": "Be brief."}],
        messages=[{"role": "user", "content": [{"text": "Hi"}]}],
        toolConfig={
            "tools": [{"toolSpec": {"name": "weather", "description": "d", "inputSchema": {"json": SCHEMA}}}],
            "toolChoice": {"tool": {"name": "weather"}},
        },
        inferenceConfig={"temperature": 0.2, "topP": 0.9, "maxTokens": 256, "stopSequences": ["x"]},
        additionalModelRequestFields={"thinking": {"type": "enabled"}},
        outputConfig={
            "textFormat": {
                "type": "json_schema",
                "structure": {"jsonSchema": {"name": "City", "schema": json.dumps(SCHEMA)}},
            }
        },
    )
    assert asked == ModelRequest(
        model="anthropic.claude-3-haiku-20240307-v1:0", stream=True, temperature=0.2, top_p=0.9, max_tokens=256,
        turns=(Turn("system", (Text("Be brief."),)), Turn("user", (Text("Hi"),))),
        tools=(ToolOffer("weather", "d", SCHEMA),), tool_choice="tool:weather", schema=SCHEMA, json=True,
        extra={
            "inferenceConfig": {"stopSequences": ["x"]},
            "additionalModelRequestFields": {"thinking": {"type": "enabled"}},
            "outputConfig": {"textFormat": {"structure": {"jsonSchema": {"name": "City"}}}},
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("target", "model", "stream"),
    [
        ("/model/amazon.nova-lite-v1:0/converse", "amazon.nova-lite-v1:0", False),
        ("/some/prefix/model/amazon.nova-lite-v1%3A0/converse-stream?a=b", "amazon.nova-lite-v1:0", True),
        (
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.amazon.nova/converse",
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova",
            False,
        ),
        (
            "/model/arn:aws:bedrock:us-east-1:1:custom-model/a/b/converse",
            "arn:aws:bedrock:us-east-1:1:custom-model/a/b",
            False,
        ),
        ("/converse-stream", None, True),
        ("", None, False),
    ],
)
def test_the_path_names_the_model_and_whether_to_stream(target, model, stream):
    asked = read(target, messages=[])
    assert (asked.model, asked.stream) == (model, stream)


@pytest.mark.parametrize("prefix", ["", "/bedrock", "https://bedrock-runtime.us-east-1.amazonaws.com"])
def test_the_wire_is_told_by_the_path(prefix):
    assert wire_of_target(prefix + TARGET) == "bedrock-converse"
    assert wire_of_target(prefix + "/model/a/converse") == "bedrock-converse"
    assert wire_of_target(prefix + "/model/a/converse/more") is None


def test_a_conversation_with_tools():
    assert turns(
        {"role": "user", "content": [{"text": "Weather?"}]},
        {"role": "assistant", "content": [
            {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}},
            {"text": "I look."},
            {"toolUse": {"toolUseId": "t1", "name": "weather", "input": {"n": 1.0}}},
            {"toolUse": {"toolUseId": "t2", "name": "clock", "input": {}}}]},
        {"role": "user", "content": [
            {"toolResult": {"toolUseId": "t1", "content": [{"json": {"degrees": 12.50}}]}},
            {"toolResult": {"toolUseId": "t2", "content": [{"text": "12:00"}], "status": "error"}},
            {"text": "And?"}, {"cachePoint": {"type": "default"}}]},
    ) == (
        Turn("user", (Text("Weather?"),)),
        Turn("assistant", (Text("I look."), Call("t1", "weather", '{"n":1.0}'), Call("t2", "clock", "{}"))),
        Turn("tool", (Answered("t1", '{"degrees":12.5}'), Answered("t2", "12:00", is_error=True))),
        Turn("user", (Text("And?"),)),
    )  # fmt: skip


def test_numbers_of_arguments_keep_their_letters():
    call = b'{"toolUse": {"toolUseId": "t", "name": "f", "input": {"n": 1e400}}}'
    body = b'{"messages": [{"role": "assistant", "content": [' + call + b"]}]}"
    (turn,) = read_request("bedrock-converse", TARGET, [], body).turns
    assert turn.parts == (Call("t", "f", '{"n":1e400}'),)


def test_what_the_neutral_form_has_no_word_for_stands_in_extra_by_its_path():
    thought = {"reasoningContent": {"redactedContent": "eA=="}}
    server_call = {"toolUse": {"toolUseId": "t", "name": "nova_grounding", "input": {}, "type": "server_tool_use"}}
    server_result = {"toolResult": {"toolUseId": "t", "content": [], "type": "nova_grounding_result"}}
    asked = read(messages=[{"role": "assistant", "content": [thought, server_call, server_result, {"text": "a"}]}])
    assert asked.turns == (Turn("assistant", (Text("a"),)),)
    assert asked.extra["$unread"] == {
        "messages[0].content[0]": thought,
        "messages[0].content[1]": server_call,
        "messages[0].content[2]": server_result,
    }


@pytest.mark.parametrize(
    ("block", "file"),
    [
        ({"image": {"format": "png", "source": {"bytes": "iVBO"}}}, File("image/png", data="iVBO")),
        ({"image": {"format": "gif", "source": {"s3Location": {"uri": "s3://b/k"}}}}, File("image/gif", url="s3://b/k")),
        ({"document": {"format": "pdf", "name": "a", "source": {"bytes": "JVBE"}}},
         File("application/pdf", data="JVBE")),
        ({"document": {"format": "txt", "name": "a", "source": {"text": "hé"}}}, File("text/plain", data="aMOp")),
        ({"document": {"name": "a", "source": {"content": [{"text": "h"}, {"text": "é"}]}}},
         File("text/plain", data="aArDqQ==")),
        ({"video": {"format": "mp4", "source": {"bytes": "AAAA"}}}, File("video/mp4", data="AAAA")),
        ({"video": {"format": "three_gp", "source": {"bytes": "AAAA"}}}, File("video/3gpp", data="AAAA")),
        ({"audio": {"format": "mp3", "source": {"bytes": "AAAA"}}}, File("audio/mpeg", data="AAAA")),
        ({"guardContent": {"image": {"format": "png", "source": {"bytes": "iVBO"}}}}, File("image/png", data="iVBO")),
    ],
)  # fmt: skip
def test_files_of_every_kind(block, file):
    assert parts(block) == (file,)


def test_texts_in_other_blocks_are_texts():
    assert parts(
        {"guardContent": {"text": {"text": "a", "qualifiers": ["query"]}}},
        {"citationsContent": {"content": [{"text": "b"}], "citations": [{"title": "t"}]}},
        {"searchResult": {"source": "s", "title": "t", "content": [{"text": "c"}, {"text": "d"}]}},
    ) == tuple(map(Text, "abcd"))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"text": "a"}, {"text": "b"}], "ab"),
        ([], ""),
        ([{"json": {"a": [1, None]}}], '{"a":[1,null]}'),
        ([{"json": None}], "null"),
        ([{"text": "a"}, {"json": 1}], '[{"text":"a"},{"json":1}]'),
        ([{"image": {"format": "png", "source": {"bytes": "iVBO"}}}],
         '[{"image":{"format":"png","source":{"bytes":"iVBO"}}}]'),
    ],
)  # fmt: skip
def test_a_tools_answer_is_its_text_or_the_json_of_what_is_more(content, text):
    assert answered(*content) == Answered("t1", text)


@pytest.mark.parametrize(("choice", "word"), [({"auto": {}}, "auto"), ({"any": {}}, "required"), (None, None)])
def test_every_tool_choice(choice, word):
    assert read(messages=[], toolConfig={"tools": [], "toolChoice": choice}).tool_choice == word


def test_a_built_in_tool_is_an_offer_and_a_cache_point_is_none():
    tools = [
        {"systemTool": {"name": "nova_grounding"}},
        {"cachePoint": {"type": "default"}},
        {"toolSpec": {"name": "f"}},
    ]
    assert read(messages=[], toolConfig={"tools": tools}).tools == (ToolOffer("nova_grounding"), ToolOffer("f"))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"messages": [{"role": "tool", "content": []}]}, r"messages\[0\].role is 'tool'"),
        ({"messages": [{"role": "user", "content": "hi"}]}, r"messages\[0\].content is text, where the API has a list"),
        ({"messages": [{"role": "user", "content": [{"txt": "a"}]}]}, r"messages\[0\].content\[0\] holds nothing"),
        ({"messages": [{"role": "user", "content": [{"image": {"source": {}}}]}]}, "image.source is an object"),
        ({"messages": [], "toolConfig": {"tools": [{"tool": {}}]}}, r"toolConfig.tools\[0\] holds nothing"),
        ({"messages": [], "toolConfig": {"toolChoice": {"none": {}}}}, "toolConfig.toolChoice holds nothing"),
        ({"messages": [], "inferenceConfig": {"maxTokens": "9"}}, "inferenceConfig.maxTokens is text"),
        ({"messages": [],
          "outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": "{"}}}}},
         "outputConfig.textFormat.structure.jsonSchema.schema is text, where the API has the JSON text of a schema"),
    ],
)  # fmt: skip
def test_what_breaks_the_shape_is_told_in_one_sentence(body, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        read(**body)
    assert "\n" not in str(caught.value)


words = st.text(max_size=8)
names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
objects = st.dictionaries(words, st.none() | st.booleans() | st.integers() | words, max_size=3)


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


texts = words.map(Text)
files = st.binary(min_size=3, max_size=9).map(lambda data: File("image/png", data=data.hex()))
user_turns = st.lists(texts | files, min_size=1, max_size=3).map(lambda made: Turn("user", tuple(made)))
calls = st.builds(Call, names, names, objects.map(compact))
assistant_turns = st.lists(texts | calls, min_size=1, max_size=3).map(lambda made: Turn("assistant", tuple(made)))
answers = st.builds(Answered, names, words, st.none(), st.booleans())
tool_turns = st.lists(answers, min_size=1, max_size=3).map(lambda made: Turn("tool", tuple(made)))


def block(part):
    match part:
        case Text():
            return {"text": part.text}
        case File():
            return {"image": {"format": "png", "source": {"bytes": part.data}}}
        case Call():
            return {"toolUse": {"toolUseId": part.id, "name": part.name, "input": json.loads(part.arguments)}}
    status = {"status": "error"} if part.is_error else {}
    return {"toolResult": {"toolUseId": part.id, "content": [{"text": part.content}], **status}}


@given(st.lists(user_turns | assistant_turns | tool_turns, max_size=5), st.lists(texts, max_size=2))
def test_what_is_written_is_read_back(said, system):
    messages = [
        {"role": "assistant" if turn.role == "assistant" else "user", "content": [block(part) for part in turn.parts]}
        for turn in said
    ]
    head = {"system": [{"text": one.text} for one in system]} if system else {}
    expected = ([Turn("system", tuple(system))] if system else []) + said
    assert joined(read(messages=messages, **head).turns) == joined(expected)
