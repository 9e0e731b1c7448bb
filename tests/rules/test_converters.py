"""What converters make of messages and tools, in either shape (R30, R31)."""

import pytest

from harness.judge import judge
from harness.protocol.transcript import NOTHING, Ending, Stimulus, Transcript

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
RAISED = Ending("raised", {"name": "Error", "message": "it failed"})


def found(operation, given, result=NOTHING, ending=None, profile="spec"):
    stimulus = Stimulus(operation=operation, input=given)
    violations = judge(Transcript((), ending or Ending(), stimulus, result=result), profile=profile).violations
    return [(one.rule.id, one.finding.path) for one in violations]


def rules(messages, result=NOTHING, ending=None):
    return [id_ for id_, _ in found("convertMessages", {"messages": messages}, result, ending)]


def tool_rules(tools, result):
    return [id_ for id_, _ in found("convertTools", {"tools": tools}, result)]


def user(*parts):
    return {"role": "user", "content": list(parts)}


def assistant(*parts):
    return {"role": "assistant", "content": list(parts)}


def text(words):
    return {"type": "text", "text": words}


def asks(id_, arguments, name="get_weather"):
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def made(id_, name="get_weather", **more):
    return {"type": "tool-call", "toolCallId": id_, "toolName": name, **more}


def answered(id_, value, kind="text", name="get_weather"):
    return {"type": "tool-result", "toolCallId": id_, "toolName": name, "output": {"type": kind, "value": value}}


LOOP = [
    {"role": "user", "content": "Rain?"},
    {"role": "assistant", "content": "Wait.", "toolCalls": [asks("a", '{"n":1.0}'), asks("b", "")]},
    {"role": "tool", "toolCallId": "a", "content": '{"sky":"clear"}'},
    {"role": "tool", "toolCallId": "b", "content": None},
    {"role": "user", "content": "So?"},
]
ASKED, SO = user(text("Rain?")), user(text("So?"))
A, B = made("a", input={"n": 1}), made("b", input={})
AS_A, AS_B = answered("a", {"sky": "clear"}, "json"), answered("b", "")


def results(*parts):
    return {"role": "tool", "content": list(parts)}


@pytest.mark.parametrize(
    "middle",
    [
        [assistant(text("Wait."), A, B), results(AS_A, AS_B)],
        [assistant(text("Wait."), A, B), results(AS_A), results(AS_B)],
        [assistant(text("Wait.")), assistant(A), assistant(B), results(AS_A, AS_B)],
        [assistant(made("a", args='{"n":1}')), assistant(made("b", args="")), {"role": "assistant", "content": "Wait."},
         {"role": "tool", "toolCallId": "a", "content": '{"sky":"clear"}'},
         {"role": "tool", "toolCallId": "b", "content": ""}],
        [assistant(text("Wait."), A, B), results(AS_A, answered("b", [text("")], "content"))],
    ],
    ids=["one-message", "a-message-for-each-result", "a-message-for-each-call", "as-written", "content"],
)  # fmt: skip
def test_both_shapes_say_the_same(middle):
    assert rules(LOOP, [ASKED, *middle, SO]) == []


@pytest.mark.parametrize(
    ("middle", "wanted"),
    [
        ([assistant(A, B), results(AS_A, AS_B)], "CONV-2"),
        ([assistant(text("Wait"), A, B), results(AS_A, AS_B)], "CONV-2"),
        ([assistant(text("Wait."), text("Wait."), A, B), results(AS_A, AS_B)], "CONV-2"),
        ([assistant(text("Wait."), A), results(AS_A, AS_B)], "CONV-5"),
        ([assistant(text("Wait."), B, A), results(AS_A, AS_B)], "CONV-5"),
        ([assistant(text("Wait."), A, B, B), results(AS_A, AS_B)], "CONV-5"),
        ([assistant(text("Wait."), A, made("c", input={})), results(AS_A, AS_B)], "CONV-5"),
        ([assistant(text("Wait."), A, made("b", "get_news", input={})), results(AS_A, AS_B)], "CONV-5"),
        ([assistant(text("Wait."), made("a", input='{"n":1}'), B), results(AS_A, AS_B)], "CONV-6"),
        ([assistant(text("Wait."), made("a", args='"{\\"n\\":1}"'), B), results(AS_A, AS_B)], "CONV-6"),
        ([assistant(text("Wait."), made("a", input={}), B), results(AS_A, AS_B)], "CONV-6"),
        ([assistant(text("Wait."), A, B), results(AS_A)], "CONV-7"),
        ([assistant(text("Wait."), A, B), results(AS_A, answered("b", "null"))], "CONV-7"),
        ([assistant(text("Wait."), A, B), results(AS_A, answered("c", ""))], "CONV-7"),
        ([assistant(text("Wait."), A, B), results(AS_A, answered("b", "", name="get_news"))], "CONV-7"),
        ([assistant(text("Wait."), A, B), results(AS_B, AS_A)], "CONV-7"),
        ([results(AS_A, AS_B), assistant(text("Wait."), A, B)], "CONV-8"),
        ([assistant(text("Wait."), A), results(AS_A), assistant(B), results(AS_B)], "CONV-8"),
    ],
)
def test_each_fault_of_a_conversion_is_one_finding(middle, wanted):
    assert rules(LOOP, [ASKED, *middle, SO]) == [wanted]


@pytest.mark.parametrize(
    ("result", "path"),
    [
        (NOTHING, "result"),
        (None, "result"),
        ({}, "result"),
        (["Hi"], "result[0]"),
        ([{"role": "robot", "content": "Hi"}], "result[0].role"),
        ([{"role": "user"}], "result[0].content"),
        ([user("Hi")], "result[0].content[0]"),
        ([user({"type": "words", "words": "Hi"})], "result[0].content[0].type"),
        ([user({"type": "text", "content": "Hi"})], "result[0].content[0].text"),
        ([user({"type": "image"})], "result[0].content[0].image"),
        ([assistant(made("a"))], "result[0].content[0]"),
        ([assistant(made(None, input={}))], "result[0].content[0].toolCallId"),
        ([{"role": "tool", "content": "1"}], "result[0].toolCallId"),
        ([results(answered("a", "1") | {"output": "1"})], "result[0].content[0].output"),
        ([results(answered("a", 1))], "result[0].content[0].output"),
    ],
)
def test_what_has_neither_shape_is_one_finding_with_its_place(result, path):
    assert found("convertMessages", {"messages": [{"role": "user", "content": "Hi"}]}, result) == [("CONV-1", path)]


def test_an_error_where_nothing_is_wrong_is_a_finding():
    assert rules(LOOP, ending=RAISED) == ["CONV-1"]
    assert [id_ for id_, _ in found("convertTools", {"tools": []}, ending=RAISED)] == ["CONV-1"]


def file(kind, value, mime_type=None, where="data"):
    part = {"type": kind, "source": {"type": where, "value": value}}
    return part | ({"metadata": {"mimeType": mime_type}} if mime_type else {})


def test_content_of_unknown_type_may_be_refused():
    assert rules([user(file("image", "AAAA"))], ending=RAISED) == []
    assert rules([user(file("image", "https://x.test/i", None, "url"))], ending=RAISED) == ["CONV-1"]


@pytest.mark.parametrize(
    ("given", "part", "fine"),
    [
        (file("image", "AAAA", "image/png"), {"type": "file", "data": "AAAA", "mediaType": "image/png"}, True),
        (file("image", "AAAA", "image/png"), {"type": "image", "image": "AAAA"}, True),
        (file("image", "AAAA", "image/png"), {"type": "image", "image": "data:image/png;base64,AAAA"}, True),
        (file("image", "AAAA", "image/png"), {"type": "file", "data": "AAAA", "mediaType": "image/gif"}, False),
        (file("image", "AAAA", "image/png"), {"type": "audio", "audio": "AAAA"}, False),
        (file("image", "AAAA", "image/png"), {"type": "image", "image": "BBBB"}, False),
        (file("audio", "AAAA", "audio/wav"), {"type": "audio", "audio": "AAAA"}, True),
        (file("video", "https://x.test/v", None, "url"), {"type": "video", "video": "https://x.test/v"}, True),
        (file("pdf", "AAAA"), {"type": "file", "file": "AAAA", "mimeType": "application/pdf"}, True),
        (file("document", "AAAA", "text/csv"), {"type": "file", "file": "AAAA", "mimeType": "text/csv"}, True),
        (file("document", "AAAA", "text/csv"), {"type": "file", "file": "AAAA"}, False),
        (file("document", "https://x.test/d", "text/csv", "url"), {"type": "file", "data": "https://x.test/d"}, False),
        (file("document", "https://x.test/d", None, "url"), {"type": "file", "data": "https://x.test/d"}, True),
        (file("image", "https://x.test/i", None, "url"), {"type": "file", "data": "https://x.test/i"}, True),
        (file("image", "https://x.test/i", "image/png", "url"), {"type": "image", "image": "https://x.test/i"}, True),
    ],
)
def test_a_file_keeps_what_it_is(given, part, fine):
    assert rules([user(given)], [user(part)]) == ([] if fine else ["CONV-4"])


def test_pictures_stay_among_their_words():
    words = {"type": "text", "content": "this:"}, {"type": "text", "content": "and that"}
    given = [user(words[0], file("image", "AAAA", "image/png"), words[1])]
    picture = {"type": "image", "image": "AAAA"}
    assert rules(given, [user(text("this:"), picture, text("and that"))]) == []
    assert rules(given, [user(text("this:"), text("and that"), picture)]) == ["CONV-8"]


NULL = [{"role": "user", "content": "a"}, {"role": "assistant", "content": None}, {"role": "user", "content": None}]


@pytest.mark.parametrize(
    ("result", "wanted"),
    [
        ([user(text("a")), assistant(text("")), user(text(""))], []),
        ([user(text("a")), {"role": "assistant", "content": ""}, user(text(""))], []),
        ([user(text("a")), user(text(""))], ["CONV-3"]),
        ([user(text("a")), assistant(text(""))], ["CONV-3"]),
        ([user(text("a")), assistant(), user(text(""))], ["CONV-3"]),
        ([user(text("a")), assistant(text("")), user(text("b"))], ["CONV-2"]),
        ([user(text("b")), assistant(text("")), user(text(""))], ["CONV-2"]),
    ],
)
def test_a_message_without_content_has_one_empty_text(result, wanted):
    assert rules(NULL, result) == wanted


def test_beside_calls_there_is_no_empty_text_and_one_does_no_harm():
    given = [{"role": "assistant", "content": None, "toolCalls": [asks("a", "{}")]}]
    call = made("a", input={})
    assert rules(given, [assistant(call)]) == []
    assert rules(given, [assistant(text(""), call)]) == []


STRANGE = [user({"type": "text", "content": "Look:"}, {"type": "hologram", "source": {}})]


@pytest.mark.parametrize(
    ("ending", "result", "wanted"),
    [
        (Ending("raised", {"message": "Unsupported content part type: hologram"}), NOTHING, []),
        (RAISED, NOTHING, ["CONV-9"]),
        (Ending("raised"), NOTHING, ["CONV-9"]),
        (None, [user(text("Look:"))], ["CONV-9"]),
    ],
)
def test_an_unknown_part_is_refused_by_its_name(ending, result, wanted):
    assert rules(STRANGE, result, ending) == wanted


def test_a_part_without_a_type_is_refused_in_any_words():
    assert rules([user({"content": "Look:"})], ending=RAISED) == []
    assert rules([user({"content": "Look:"})], [user()]) == ["CONV-9"]


def test_a_known_part_without_its_source_is_no_unknown_type():
    assert rules([user({"type": "image"})], [user()]) == []


def test_a_system_message_of_the_request_is_converted_too():
    given = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    assert rules(given, [{"role": "system", "content": "Be brief."}, user(text("Hi"))]) == []
    assert rules(given, [user(text("Hi"))]) == ["CONV-2"]


def tool(name, description="Looks.", schema=SCHEMA):
    return {"name": name, "description": description, "inputSchema": schema}


def offered(name, description="Looks.", **schema):
    return {"type": "function", "name": name, "description": description, **(schema or {"inputSchema": SCHEMA})}


@pytest.mark.parametrize(
    ("tools", "result", "wanted"),
    [
        ([], [], []),
        ([tool("a"), tool("b")], [offered("a"), offered("b", parameters=SCHEMA)], []),
        ([tool("get.A")], [offered("get_a")], []),
        ([tool("a"), tool("b")], [offered("a")], ["CONV-10"]),
        ([tool("a"), tool("b")], [offered("b"), offered("a")], ["CONV-10"]),
        ([tool("a")], [offered("a"), offered("a")], ["CONV-10"]),
        ([tool("a")], [offered("b")], ["CONV-10"]),
        ([tool("A"), tool("a")], [offered("a"), offered("a")], ["CONV-10"]),
        ([tool("a")], [offered("a", None)], ["CONV-11"]),
        ([tool("a")], [offered("a", parameters=None)], ["CONV-11"]),
        ([tool("a")], [offered("a", parameters=SCHEMA | {"required": []})], ["CONV-11"]),
        ([tool("a")], [offered("a", inputSchema=SCHEMA | {"type": "OBJECT"})], ["CONV-11"]),
        ([{"name": "a"}], [{"type": "function", "name": "a"}], []),
        ([{"name": "a"}], [offered("a", None, inputSchema={"type": "object", "properties": {}})], []),
        ([tool("a")], {"a": {}}, ["CONV-1"]),
        ([tool("a")], [offered("a") | {"type": "tool"}], ["CONV-1"]),
        ([tool("a")], [offered(5)], ["CONV-1"]),
        ([tool("a")], [offered("a", 5)], ["CONV-1"]),
    ],
)
def test_every_tool_is_converted_whole(tools, result, wanted):
    assert tool_rules(tools, result) == wanted


def test_only_the_specification_has_converters():
    assert found("convertTools", {"tools": [tool("a")]}, [], profile="tanstack") == []
