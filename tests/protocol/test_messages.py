"""TanStack's messages in neutral form: what was said, and what nobody can read (§4, §11.1, R31)."""

import pytest

from harness.protocol.messages import Answered, Call, File, Stranger, Text, Turn, strangers_in, turns_of


def user(content):
    return {"role": "user", "content": content}


def file(kind="image", where="data", value="AAAA", mime_type=None, **source):
    part = {"type": kind, "source": {"type": where, "value": value, **source}}
    return part | ({"metadata": {"mimeType": mime_type}} if mime_type else {})


def asks(arguments, id_="call_1", name="get_weather"):
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def parts_of(message):
    (turn,) = turns_of([message])
    return list(turn.parts)


def test_system_prompts_are_one_turn_at_the_head():
    assert turns_of([user("Hi")], ["You know cities.", "Be brief."]) == (
        Turn("system", (Text("You know cities.\nBe brief."),)),
        Turn("user", (Text("Hi"),)),
    )
    assert turns_of([user("Hi")], []) == (Turn("user", (Text("Hi"),)),)


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("Hi", [Text("Hi")]),
        ("", [Text("")]),
        (None, [Text("")]),
        ([], [Text("")]),
        ([{"type": "text", "content": "a"}, {"type": "text", "content": ""}], [Text("a"), Text("")]),
        ([file(mime_type="image/png")], [File("image/png", data="AAAA")]),
        ([file(mimeType="image/webp")], [File("image/webp", data="AAAA")]),
        ([file()], [File("image/*", data="AAAA")]),
        ([file("audio")], [File("audio/*", data="AAAA")]),
        ([file("video", "url", "https://x.test/v")], [File("video/*", url="https://x.test/v")]),
        ([file("document", "url", "https://x.test/d")], [File(None, url="https://x.test/d")]),
        ([file("pdf", "url", "https://x.test/d")], [File("application/pdf", url="https://x.test/d")]),
        ([file("pdf", mime_type="text/plain")], [File("text/plain", data="AAAA")]),
        ([file("image", "base64", "BBBB")], [File("image/*", data="BBBB")]),
        ([file("image", "url", "data:image/gif;base64,R0lG")], [File("image/gif", data="R0lG")]),
        ([file("image", "data", "data:;base64,R0lG", "image/gif")], [File("image/gif", data="R0lG")]),
        ([file("document", "url", "data:text/plain,a%20b")], [File("text/plain", data="YSBi")]),
    ],
)
def test_a_users_content_becomes_its_parts(content, parts):
    assert parts_of(user(content)) == parts


@pytest.mark.parametrize(
    ("content", "calls", "parts"),
    [
        ("Yes", [], [Text("Yes")]),
        (None, None, [Text("")]),
        (None, [asks('{"a": 1}')], [Call("call_1", "get_weather", '{"a": 1}')]),
        ("", [asks("")], [Call("call_1", "get_weather", "{}")]),
        ("So:", [asks(" "), asks({"a": 1}, "call_2")],
         [Text("So:"), Call("call_1", "get_weather", "{}"), Call("call_2", "get_weather", '{"a": 1}')]),
    ],
)  # fmt: skip
def test_an_assistant_says_its_text_and_then_calls(content, calls, parts):
    assert parts_of({"role": "assistant", "content": content, "toolCalls": calls}) == parts


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("rain", "rain"),
        (None, ""),
        ({"sky": "blåt"}, '{"sky": "blåt"}'),
        ([{"type": "text", "content": "rain"}], '[{"type": "text", "content": "rain"}]'),
    ],
)
def test_a_tool_message_answers_its_call(content, text):
    messages = [
        {"role": "assistant", "content": None, "toolCalls": [asks("{}")]},
        {"role": "tool", "toolCallId": "call_1", "content": content},
    ]
    assert turns_of(messages)[1] == Turn("tool", (Answered("call_1", text, "get_weather"),))


def test_messages_of_one_role_are_one_turn():
    messages = [user("a"), user("b"), {"role": "tool", "toolCallId": "x", "content": "1"}]
    assert turns_of([*messages, {"role": "tool", "toolCallId": "y", "content": "2"}]) == (
        Turn("user", (Text("a"), Text("b"))),
        Turn("tool", (Answered("x", "1"), Answered("y", "2"))),
    )


@pytest.mark.parametrize(
    ("message", "stranger"),
    [
        (user([{"type": "hologram"}]), Stranger("messages[0].content[0]", "hologram")),
        (user([{"type": "text", "content": "a"}, {"type": "text"}]), Stranger("messages[0].content[1]", "text")),
        (user([{"type": ["text"]}]), Stranger("messages[0].content[0]", None)),
        (user([{"type": "image"}]), Stranger("messages[0].content[0]", "image")),
        (user([file("image", "file")]), Stranger("messages[0].content[0]", "image")),
        (user([file(value="")]), Stranger("messages[0].content[0]", "image")),
        (user(["a"]), Stranger("messages[0].content[0]", None)),
        (user(5), Stranger("messages[0].content", None)),
        ({"role": "robot", "content": "a"}, Stranger("messages[0]", "robot")),
        ({"role": ["user"]}, Stranger("messages[0]", None)),
        ("Hi", Stranger("messages[0]", None)),
        ({"role": "assistant", "content": "", "toolCalls": [{}]}, Stranger("messages[0].toolCalls[0]", None)),
    ],
)
def test_what_cannot_be_read_is_told_apart_and_left_out(message, stranger):
    assert strangers_in([message]) == (stranger,)
    assert all(part in (Text("a"), Text("")) for turn in turns_of([message]) for part in turn.parts)


def test_a_message_of_strangers_alone_says_nothing_and_not_an_empty_text():
    assert turns_of([user([{"type": "hologram"}])]) == (Turn("user", ()),)
