"""A user's own cassettes are asked again: the recorded question, the recorded bytes, in the recorded pieces."""

import json

import pytest
import yaml

from harness.errors import InputError
from harness.protocol.messages import Answered, Call, File, ModelRequest, Text, ToolOffer, Turn, turns_of
from harness.suite import recorded
from harness.suite.asked_again import text_options
from harness.suite.playing import scripts

ASKED = {"model": "gpt-x", "stream": True, "messages": [{"role": "user", "content": "What time is it?"}]}
BODY = b'data: {"id":"r","choices":[{"index":0,"delta":{"content":"Late"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def interaction(uri="https://api.example/v1/chat/completions", asked=ASKED, body=BODY, **streamchunk):
    found = {
        "request": {"method": "POST", "uri": uri, "headers": {}, "body": json.dumps(asked) if asked else None},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": body}},
    }
    return found | ({"streamchunk": streamchunk} if streamchunk else {})


def written(path, *interactions, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    tape = {"version": 1, "provenance": "recorded", **more, "interactions": list(interactions)}
    path.write_text(yaml.safe_dump(tape))
    return path


def test_what_was_asked_is_asked_again(tmp_path):
    (case,) = recorded.load([str(written(tmp_path / "One Answer.yaml", interaction(), wire="openai-chat"))])
    assert case.id == "recorded/one-answer"
    assert case.request["model"] == "openai/gpt-x"
    assert case.request["messages"] == [{"role": "user", "content": "What time is it?"}]
    assert case.given.wire == "openai-chat"
    assert case.expect is None


def test_the_wire_is_known_by_the_path_where_the_file_does_not_say(tmp_path):
    (case,) = recorded.load(
        [str(written(tmp_path / "one.yaml", interaction("https://x/v1/messages?beta=true", asked=None)))]
    )
    assert case.given.wire == "anthropic-messages"
    assert case.request["messages"] == [{"role": "user", "content": "Hello."}]


def test_the_bytes_are_played_in_the_recorded_pieces(tmp_path):
    cut = interaction(pieces=[[10, 0], [len(BODY) - 10, 5000]], ending="reset")
    (case,) = recorded.load([str(written(tmp_path / "one.yaml", cut, wire="openai-chat"))])
    (script,) = scripts(case)
    assert [piece.data for piece in script.pieces] == [BODY[:10], BODY[10:]]
    assert [piece.pause for piece in script.pieces] == [0, 0]
    assert script.ending == "reset"


def test_each_interaction_is_a_case(tmp_path):
    second = interaction(asked=ASKED | {"model": "gpt-y"})
    cases = recorded.load([str(written(tmp_path / "two.yaml", interaction(), second, wire="openai-chat"))])
    assert [(case.id, case.request["model"]) for case in cases] == [
        ("recorded/two-1", "openai/gpt-x"),
        ("recorded/two-2", "openai/gpt-y"),
    ]
    assert [case.given.answers[0].interaction for case in cases] == [0, 1]


def test_a_folder_is_read_by_name_with_all_below_it(tmp_path):
    for name in ("b/two.yaml", "a.yml", "b/one.yaml"):
        written(tmp_path / name, interaction(), wire="openai-chat")
    assert [case.id for case in recorded.load([str(tmp_path)])] == ["recorded/a", "recorded/b/one", "recorded/b/two"]


@pytest.mark.parametrize(
    ("more", "uri", "words"),
    [
        ({}, "https://x/v1/speech", "nobody says which wire"),
        ({"wire": "telegraph"}, "https://x", "there is no wire 'telegraph'"),
        ({"wire": "bedrock-invoke"}, "https://x", "out of scope"),
    ],
)
def test_an_answer_that_nobody_can_read_is_refused_by_name(tmp_path, more, uri, words):
    path = written(tmp_path / "one.yaml", interaction(uri, asked=None), **more)
    with pytest.raises(InputError, match=rf"one\.yaml: .*{words}"):
        recorded.load([str(path)])


def test_a_folder_without_cassettes_is_refused(tmp_path):
    with pytest.raises(InputError, match="no cassette in this folder"):
        recorded.load([str(tmp_path)])


TURNS = (
    Turn("system", (Text("Be brief."),)),
    Turn("user", (Text("Look."), File("image/png", data="aGk="), File("image/*", url="https://x/a"))),
    Turn("assistant", (Text("I look."), Call("c1", "see", '{"a":1}'), Call("c2", "see", "{}"))),
    Turn("tool", (Answered("c1", "sunny", "see"), Answered("c2", "[1]", "see"))),
    Turn("assistant", (Text("Nice."),)),
)


def test_every_turn_is_said_again():
    options = text_options(ModelRequest(turns=TURNS))
    assert turns_of(options["messages"], options["systemPrompts"]) == TURNS


def test_tools_and_limits_are_given_again():
    options = text_options(ModelRequest(tools=(ToolOffer("f", None, None),), temperature=0, max_tokens=5))
    assert options["tools"] == [{"name": "f", "description": "", "inputSchema": {"type": "object"}}]
    assert (options["temperature"], options["maxTokens"]) == (0, 5)
    assert "topP" not in options
