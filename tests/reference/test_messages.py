"""TanStack messages become the prompt of AI SDK V2 (§4, §11.1, R30, R31); written by hand."""

import itertools
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.reference.messages import convert_to_ai_sdk_messages as converted
from harness.reference.tools import ToolNames


def user(content):
    return {"role": "user", "content": content}


def assistant(content=None, *calls):
    return {"role": "assistant", "content": content} | ({"toolCalls": list(calls)} if calls else {})


def called(arguments="{}", id_="call_1", name="get_weather"):
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def told(content, id_="call_1", **more):
    return {"role": "tool", "toolCallId": id_, "content": content, **more}


def said(text):
    return {"type": "text", "text": text}


def call_part(input_, id_="call_1", name="get_weather"):
    return {"type": "tool-call", "toolCallId": id_, "toolName": name, "input": input_}


def result_part(value, id_="call_1", name="get_weather", kind="text"):
    return {"type": "tool-result", "toolCallId": id_, "toolName": name, "output": {"type": kind, "value": value}}


# -- Texts


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("hi", [said("hi")]),
        (None, [said("")]),
        ("", [said("")]),
        ([], [said("")]),
        ([{"type": "text", "content": "a"}, {"type": "text", "content": "b"}], [said("a"), said("b")]),
        ([{"type": "text", "content": ""}], [said("")]),
        (" \n", [said(" \n")]),
    ],
)
@pytest.mark.parametrize("role", ["user", "assistant"])
def test_content_becomes_parts_and_nothing_becomes_one_empty_text(role, content, parts):
    assert converted([{"role": role, "content": content}]) == [{"role": role, "content": parts}]


def test_a_message_without_the_key_content_has_null_content():
    assert converted([{"role": "user"}]) == [{"role": "user", "content": [said("")]}]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("be kind", "be kind"),
        (None, ""),
        ([{"type": "text", "content": "be "}, {"type": "text", "content": "kind"}], "be kind"),
    ],
)
def test_a_system_message_is_text_where_it_stands(content, text):
    assert converted([user("a"), {"role": "system", "content": content}]) == [
        {"role": "user", "content": [said("a")]},
        {"role": "system", "content": text},
    ]


def test_what_a_user_said_at_two_times_stays_two_messages():
    assert converted([user("a"), user("b")]) == [
        {"role": "user", "content": [said("a")]},
        {"role": "user", "content": [said("b")]},
    ]


# -- Calls


def test_a_turn_is_its_text_and_then_all_its_calls():
    message = assistant("I look.", called('{"city":"Paris"}'), called('{"city":"Rome"}', "call_2"))
    assert converted([message]) == [
        {
            "role": "assistant",
            "content": [said("I look."), call_part({"city": "Paris"}), call_part({"city": "Rome"}, "call_2")],
        }
    ]


@pytest.mark.parametrize("content", [None, "", []])
def test_beside_calls_there_is_no_empty_text(content):
    assert converted([assistant(content, called())]) == [{"role": "assistant", "content": [call_part({})]}]


def test_consecutive_assistant_messages_are_one_turn_with_its_calls_last():
    messages = [assistant("a"), assistant(None, called()), assistant("b", called("{}", "call_2"))]
    assert converted(messages) == [
        {"role": "assistant", "content": [said("a"), said("b"), call_part({}), call_part({}, "call_2")]}
    ]


@pytest.mark.parametrize(
    ("arguments", "input_"),
    [
        ('{"n":12345678901234567890}', '{"n":12345678901234567890}'),
        ('{"b":1,"a":2}', '{"b":1,"a":2}'),
        ('{ "x" : 1.0 }', '{"x":1.0}'),
        ("", "{}"),
        (" ", "{}"),
        (None, "{}"),
        ({"city": "Paris"}, '{"city":"Paris"}'),
        ('{"d":{"e":["é",null,true]}}', '{"d":{"e":["é",null,true]}}'),
    ],
)
def test_arguments_are_the_parsed_object_with_its_numbers_and_its_order(arguments, input_):
    ((part,),) = (message["content"] for message in converted([assistant(None, called(arguments))]))
    assert json.dumps(part["input"], ensure_ascii=False, separators=(",", ":")) == input_


@pytest.mark.parametrize("digits", ["0.12345678901234567890123", "1e400"])
def test_a_number_that_no_double_can_hold_keeps_its_value(digits):
    ((part,),) = (message["content"] for message in converted([assistant(None, called(f'{{"x":{digits}}}'))]))
    assert part["input"] == {"x": Decimal(digits)}


@pytest.mark.parametrize("arguments", ['{"city":', "[1]", "null", "oops", 3, ["a"]])
def test_malformed_arguments_are_refused_by_the_name_of_their_call(arguments):
    with pytest.raises(InputError, match=r"messages\[1\]\.toolCalls\[0\] \(get_weather, call_1\).*no JSON object"):
        converted([user("a"), assistant("b", called(arguments))])


# -- Results


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("sunny", "sunny"),
        ('{"degrees": 21}', '{"degrees": 21}'),
        (None, ""),
        ({"degrees": 21}, '{"degrees":21}'),
        ([{"type": "text", "content": "é"}], '[{"type":"text","content":"é"}]'),
        (21, "21"),
        (False, "false"),
        ('{"error": null}', '{"error": null}'),
        ('{"error": "x", "data": 1}', '{"error": "x", "data": 1}'),
        ('{"error":', '{"error":'),
        ('"error"', '"error"'),
    ],
)
def test_a_result_is_text_and_knows_its_tool(content, text):
    assert converted([assistant(None, called()), told(content)])[1] == {"role": "tool", "content": [result_part(text)]}


@pytest.mark.parametrize("content", ['{"error":"User declined tool execution"}', {"error": {"code": 7}}])
def test_a_failed_tool_is_marked_as_such(content):
    text = content if isinstance(content, str) else '{"error":{"code":7}}'
    (message,) = converted([told(content)])
    assert message["content"] == [result_part(text, name="unknown", kind="error-text")]


def test_consecutive_results_are_one_message_and_each_has_the_name_of_its_call():
    messages = [
        assistant(None, called("{}", "a", "one"), called("{}", "b", "two")),
        told("2", "b"),
        told("1", "a"),
        user("x"),
    ]
    assert converted(messages)[1:] == [
        {"role": "tool", "content": [result_part("2", "b", "two"), result_part("1", "a", "one")]},
        {"role": "user", "content": [said("x")]},
    ]


def test_an_id_that_is_used_again_names_the_latest_call():
    messages = [assistant(None, called(name="one")), told("1"), assistant(None, called(name="two")), told("2")]
    assert [message["content"][0]["toolName"] for message in converted(messages)] == ["one", "one", "two", "two"]


@pytest.mark.parametrize(
    ("more", "name"), [({}, "unknown"), ({"name": "get_weather"}, "get_weather"), ({"name": 3}, "unknown")]
)
def test_a_result_whose_call_was_cut_off_is_kept_under_an_honest_name(more, name):
    assert converted([told("sunny", "gone", **more)]) == [
        {"role": "tool", "content": [result_part("sunny", "gone", name)]}
    ]


def test_tools_are_called_what_the_provider_accepts():
    names = ToolNames(["get weather"])
    prompt = converted([assistant(None, called(name="get weather")), told("x")], names)
    assert [message["content"][0]["toolName"] for message in prompt] == ["get_weather", "get_weather"]


# -- What cannot be converted


@pytest.mark.parametrize(
    ("message", "said_of_it"),
    [
        ("hello", r"messages\[0\] is no object"),
        ({"role": "narrator", "content": "a"}, r"messages\[0\] has the unknown role 'narrator'"),
        ({"content": "a"}, r"unknown role None"),
        (user(3), r"messages\[0\]: its content is a int"),
        (user(["a"]), r"messages\[0\]\.content\[0\] is no part"),
        (user([{"content": "a"}]), r"messages\[0\]\.content\[0\] is no part"),
        (
            user([{"type": "text", "content": "a"}, {"type": "hologram"}]),
            r"content\[1\] has the unknown type 'hologram'",
        ),
        (user([{"type": "text"}]), r"content\[0\]: a text part has its text in content"),
        (user([{"type": "text", "text": "a"}]), r"content\[0\]: a text part has its text in content"),
        (assistant([{"type": "thinking", "content": "a"}]), "unknown type 'thinking'"),
        (
            {"role": "system", "content": [{"type": "image", "source": {"type": "url", "value": "https://a/b.png"}}]},
            "a system message holds text and no file",
        ),
        ({"role": "assistant", "toolCalls": {}}, "its toolCalls are no list"),
        (assistant(None, "call"), r"toolCalls\[0\] has no function"),
        (assistant(None, {"id": "a", "function": "f"}), r"toolCalls\[0\] has no function"),
        (assistant(None, called(id_="")), r"toolCalls\[0\] has no id"),
        (assistant(None, called(id_=7)), r"toolCalls\[0\] has no id"),
        (assistant(None, called(name="")), r"toolCalls\[0\] \(call_1\) does not name its tool"),
        ({"role": "tool", "content": "a"}, "names its call in toolCallId"),
        (told({1, 2}), "cannot be written as JSON"),
        (told(float("nan")), "cannot be written as JSON"),
    ],
)
def test_what_has_no_form_is_refused_and_named(message, said_of_it):
    with pytest.raises(InputError, match=said_of_it):
        converted([message])


@pytest.mark.parametrize("messages", ["hello", {"role": "user"}, 3, None])
def test_what_is_no_list_of_messages_is_refused(messages):
    with pytest.raises(InputError, match="messages are a list"):
        converted(messages)


def test_the_messages_are_left_as_they_are():
    messages = [user([{"type": "text", "content": "a"}]), assistant("b", called({"x": [1]})), told({"y": 1})]
    before = json.dumps(messages)
    converted(messages)[1]["content"][1]["input"]["x"].append(2)
    assert json.dumps(messages) == before


# -- Whatever the conversation

_TEXTS = st.text(max_size=5)
_ID = st.sampled_from(["c1", "c2", "c3", "c4"])
_OBJECTS = st.dictionaries(
    _TEXTS, st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXTS | st.none(), max_size=3
)
_PART = st.builds(lambda text: {"type": "text", "content": text}, _TEXTS) | st.builds(
    lambda data: {"type": "image", "source": {"type": "data", "value": data, "mimeType": "image/png"}},
    st.text("abcd", min_size=1, max_size=4),
)
_CONTENT = st.none() | _TEXTS | st.lists(_PART, max_size=3)
_CALL = st.builds(
    lambda object_, id_, name: called(json.dumps(object_), id_, name), _OBJECTS, _ID, st.sampled_from("fg")
)
_MESSAGE = st.one_of(
    st.builds(user, _CONTENT),
    st.builds(lambda content, calls: assistant(content, *calls), _CONTENT, st.lists(_CALL, max_size=3)),
    st.builds(told, _TEXTS, _ID),
)


@given(st.lists(_MESSAGE, max_size=8))
def test_whatever_was_said_called_and_told_arrives_in_order_and_once(messages):
    texts, files, calls, results = [], [], [], []
    for message in messages:
        content = message["content"]
        if message["role"] == "tool":
            results.append((message["toolCallId"], content))
            continue
        for part in [{"type": "text", "content": content}] if isinstance(content, str) else content or []:
            if part["type"] == "text":
                texts.append(part["content"])
            else:
                files.append(part["source"]["value"])
        for call in message.get("toolCalls", []):
            function = call["function"]
            calls.append((call["id"], function["name"], json.loads(function["arguments"])))

    prompt = converted(messages)
    parts = [part for message in prompt for part in message["content"]]
    assert [p["text"] for p in parts if p["type"] == "text" and p["text"]] == [text for text in texts if text]
    assert [p["data"] for p in parts if p["type"] == "file"] == files
    assert [(p["toolCallId"], p["toolName"], p["input"]) for p in parts if p["type"] == "tool-call"] == calls
    assert [(p["toolCallId"], p["output"]["value"]) for p in parts if p["type"] == "tool-result"] == results
    assert all(message["content"] for message in prompt)
    roles = [message["role"] for message in prompt]
    assert not any(one == other and one != "user" for one, other in itertools.pairwise(roles))
    for message in prompt:
        kinds = [part["type"] == "tool-call" for part in message["content"]]
        assert kinds == sorted(kinds)
