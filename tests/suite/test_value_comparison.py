"""What a person checked about values, exceptions and requests, held against what came out."""

import json

import pytest

from harness.protocol.script import Exchange
from harness.protocol.transcript import NOTHING, Ending, Transcript
from harness.suite.comparison import mismatches
from harness.suite.expect import Expect

BODY = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "temperature": 0}


def exchange(body=BODY, target="/chat/completions", **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("POST", target, tuple(headers.items()), raw, 0.0)


def compared(expect, result=NOTHING, ending=None, exchanges=None):
    transcript = Transcript((), ending or Ending(), result=result, exchanges=exchanges)
    return [mismatch.field for mismatch in mismatches(Expect.model_validate(expect), transcript)]


@pytest.mark.parametrize(
    ("expect", "result"),
    [
        ({"result": {"a": 1, "b": [None]}}, {"b": [None], "a": 1}),
        ({"result": None}, None),
        ({"data": {"a": 1}}, {"data": {"a": 1}, "rawText": "x"}),
        ({"data": None}, {"data": None}),
        ({"rawText": "x"}, {"data": 1, "rawText": "x"}),
        ({"rawText": ["x", "y"]}, {"data": 1, "rawText": "y"}),
        ({"rawText": "{}"}, {"data": {}, "rawText": "\t{}\r\n"}),
        ({"data": 12345678901234567890}, {"data": 12345678901234567890}),
    ],
)
def test_the_expected_value_matches(expect, result):
    assert compared(expect, result) == []


@pytest.mark.parametrize(
    ("expect", "result", "field"),
    [
        ({"result": {"a": 1}}, {"a": 2}, "result"),
        ({"result": {"a": 1}}, {"a": True}, "result"),
        ({"result": None}, NOTHING, "result"),
        ({"data": None}, {}, "data"),
        ({"data": None}, [], "data"),
        ({"data": {"a": 1}}, {"data": {"a": 1, "b": 2}}, "data"),
        ({"data": 12345678901234567890}, {"data": 12345678901234567000}, "data"),
        ({"rawText": "x"}, {"rawText": "x y"}, "rawText"),
        ({"rawText": "x"}, NOTHING, "rawText"),
    ],
)
def test_another_value_is_a_mismatch(expect, result, field):
    assert compared(expect, result) == [field]


RAISED = Ending("raised", {"name": "E", "message": "the schema has oneOf", "code": "7"})


@pytest.mark.parametrize(
    ("expect", "ending", "fields"),
    [
        ({"raised": True}, RAISED, []),
        ({"raised": None}, Ending(), []),
        ({"raised": {"message": "oneOf"}}, RAISED, []),
        ({"raised": {"code": ["6", "7"]}}, RAISED, []),
        ({"raised": True}, Ending(), ["raised"]),
        ({"raised": None}, RAISED, ["raised"]),
        ({"raised": {"message": "allOf"}}, RAISED, ["raised.message"]),
        ({"raised": {"code": None}}, RAISED, ["raised.code"]),
        ({"raised": True}, Ending("aborted", {"name": "E", "message": ""}), ["raised"]),
    ],
)
def test_an_exception_is_compared(expect, ending, fields):
    assert compared(expect, ending=ending) == fields


def unscripted():
    return Exchange("POST", "/chat/completions", (), b"{}", 0.0, status=599)


def test_our_own_words_are_not_held_against_an_implementation_that_asks_too_often():
    expect = {"raised": {"code": "7", "message": "allOf"}}
    assert compared(expect, ending=RAISED, exchanges=(exchange(), unscripted())) == []
    assert compared(expect, ending=RAISED, exchanges=(exchange(),)) == ["raised.message"]
    assert compared(expect, ending=Ending(), exchanges=(exchange(), unscripted())) == ["raised"]
    assert compared(expect | {"requests": [{}]}, ending=RAISED, exchanges=(exchange(), unscripted())) == ["requests"]


@pytest.mark.parametrize(
    ("expected", "exchanges", "fields"),
    [
        ([], (), []),
        ([], None, []),
        ([{}], (exchange(),), []),
        ([{"path": "/completions"}], (exchange(),), []),
        ([{"headers": {"Authorization": "Bearer k"}}], (exchange(authorization="Bearer k"),), []),
        ([{"headers": {"x-api-key": None}}], (exchange(),), []),
        ([{"body": {"temperature": 0, "messages": [{"content": "Hi"}], "top_p": None}}], (exchange(),), []),
        ([{}, {}], (exchange(),), ["requests"]),
        ([], (exchange(),), ["requests"]),
        ([{"path": "/responses"}], (exchange(),), ["requests[0].path"]),
        ([{"headers": {"authorization": "Bearer k"}}], (exchange(),), ["requests[0].headers.authorization"]),
        ([{"headers": {"x-a": None}}], (exchange(**{"x-a": ""}),), ["requests[0].headers.x-a"]),
        ([{"body": {"temperature": False}}], (exchange(),), ["requests[0].body.temperature"]),
        ([{"body": {"model": None}}], (exchange(),), ["requests[0].body.model"]),
        ([{"body": {"tools": []}}], (exchange(),), ["requests[0].body.tools"]),
        ([{"body": {"messages": []}}], (exchange(),), ["requests[0].body.messages"]),
        ([{"body": {"messages": [{"content": "Ho"}]}}], (exchange(),), ["requests[0].body.messages[0].content"]),
        ([{"body": {}}], (exchange(b"<html>"),), ["requests[0].body"]),
        ([{}, {"path": "/x"}], (exchange(), exchange()), ["requests[1].path"]),
    ],
)
def test_requests_are_compared_as_far_as_they_are_named(expected, exchanges, fields):
    assert compared({"requests": expected}, exchanges=exchanges) == fields


CALL = {"call": {"id": "c", "name": "f", "arguments": '{"a": 1}'}}
MADE_CALL = {"type": "tool-call", "toolCallId": "c", "toolName": "f", "input": {"a": 1}}
LITERAL_CALL = {"type": "tool-call", "toolCallId": "c", "toolName": "f", "args": '{"a":1}'}


@pytest.mark.parametrize(
    ("turns", "result"),
    [
        ([], []),
        (
            [{"role": "user", "parts": [{"text": "Hi"}]}],
            [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        ),
        (
            [{"role": "assistant", "parts": [CALL, {"text": "Hi"}]}],
            [{"role": "assistant", "content": [{"type": "text", "text": "Hi"}, MADE_CALL]}],
        ),
        (
            [{"role": "assistant", "parts": [CALL, {"text": "Hi"}]}],
            [{"role": "assistant", "content": [LITERAL_CALL]}, {"role": "assistant", "content": "Hi"}],
        ),
        (
            [{"role": "user", "parts": [{"file": {"url": "https://a/b.png"}}]}],
            [{"role": "user", "content": [{"type": "file", "data": "https://a/b.png", "mediaType": "image/png"}]}],
        ),
        (
            [{"role": "tool", "parts": [{"answered": {"id": "c", "content": "{}"}}]}],
            [{"role": "tool", "content": "{}", "toolCallId": "c"}],
        ),
    ],
)
def test_converted_messages_are_compared_in_the_neutral_form(turns, result):
    assert compared({"turns": turns}, result) == []


@pytest.mark.parametrize(
    ("turns", "result", "field"),
    [
        ([], [{"role": "user", "content": "Hi"}], "turns"),
        ([{"role": "user", "parts": [{"text": "Hi"}]}], [{"role": "assistant", "content": "Hi"}], "turns"),
        (
            [{"role": "assistant", "parts": [CALL]}],
            [{"role": "assistant", "content": [MADE_CALL | {"input": {"a": 1.5}}]}],
            "turns",
        ),
        (
            [{"role": "assistant", "parts": [CALL]}],
            [{"role": "assistant", "content": [MADE_CALL | {"toolCallId": "d"}]}],
            "turns",
        ),
        ([], [{"role": "user", "content": [{"type": "smell"}]}], "turns (result[0].content[0].type)"),
        ([], NOTHING, "turns (result)"),
    ],
)
def test_a_part_that_differs_is_a_mismatch(turns, result, field):
    assert compared({"turns": turns}, result) == [field]


def test_turns_that_cannot_be_read_are_the_cases_fault():
    with pytest.raises(ValueError, match='"role" of a turn'):
        Expect.model_validate({"turns": [{"role": "nobody", "parts": []}]})


SCHEMA = {"type": "object", "properties": {}}


@pytest.mark.parametrize(
    ("tools", "result", "fields"),
    [
        ([{"name": "f"}], [{"type": "function", "name": "f", "parameters": SCHEMA}], []),
        ([{"name": "f", "inputSchema": SCHEMA}], [{"type": "function", "name": "f", "inputSchema": SCHEMA}], []),
        ([{"name": "f", "inputSchema": SCHEMA}], [{"type": "function", "name": "f"}], ["tools[0].inputSchema"]),
        ([{"name": "f", "description": "D"}], [{"type": "function", "name": "f"}], ["tools[0].description"]),
        ([{"name": "f"}], [], ["tools"]),
        ([], [{"name": "f"}], ["tools (result[0].type)"]),
    ],
)
def test_converted_tools_are_compared_whatever_their_members_are_called(tools, result, fields):
    assert compared({"tools": tools}, result) == fields


@pytest.mark.parametrize(
    ("wanted", "made", "fields"),
    [
        ("image/png", "image/*", []),
        ("image/*", "image/png", []),
        ("image/*", "audio/mp3", ["turns"]),
        ("image/png", "image/jpeg", ["turns"]),
        ("image/png", None, ["turns"]),
    ],
)
def test_a_media_type_may_tell_only_its_first_half(wanted, made, fields):
    turns = [{"role": "user", "parts": [{"file": {"url": "https://a/b", "mediaType": wanted}}]}]
    part = {"type": "file", "data": "https://a/b"} | ({"mediaType": made} if made else {})
    assert compared({"turns": turns}, [{"role": "user", "content": [part]}]) == fields
