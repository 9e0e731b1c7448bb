"""What a person checked by hand, held against what came out."""

import pytest

from harness.protocol.compaction import Compactor
from harness.protocol.script import Exchange
from harness.protocol.transcript import Transcript
from harness.suite.comparison import mismatches
from harness.suite.expect import Expect


def content(delta, text, **more):
    return {"type": "content", "id": "r", "model": "m", "delta": delta, "content": text, **more}


def call(arguments, id_="c", name="f", index=0):
    function = {"name": name, "arguments": arguments}
    return {"type": "tool_call", "id": "r", "model": "m", "index": index, "toolCall": {"id": id_, "function": function}}


def result(text, id_="c"):
    return {"type": "tool_result", "id": "r", "model": "m", "toolCallId": id_, "content": text}


def done(reason="stop", **more):
    return {"type": "done", "id": "r", "model": "m", "finishReason": reason, **more}


def error(message="boom", **more):
    return {"type": "error", "id": "r", "model": "m", "error": {"message": message, **more}}


USAGE = {"promptTokens": 1, "completionTokens": 2, "totalTokens": 3}
CALL = {"id": "c", "name": "f", "arguments": "{}"}


def compared(expect, *chunks, exchanges=None):
    compactor = Compactor()
    transcript = Transcript(tuple(compactor.feed(chunk) for chunk in chunks), exchanges=exchanges)
    return mismatches(Expect.model_validate(expect), transcript)


@pytest.mark.parametrize(
    ("expect", "chunks"),
    [
        ({}, []),
        ({"text": "ab"}, [content("a", "a"), content("b", "ab"), done()]),
        ({"text": "😀"}, [content("\ud83d", "\ud83d"), content("\ude00", "😀"), done()]),
        ({"reasoning": "hm"}, [content("hm", "hm") | {"type": "thinking"}, done()]),
        ({"toolCalls": []}, [done()]),
        ({"toolCalls": [CALL | {"arguments": '{"a":1,"b":2.0}'}]}, [call('{"b": 2, "a": 1}')]),
        ({"toolCalls": [CALL | {"index": 4}]}, [call("{}", index=4)]),
        ({"toolCalls": [CALL]}, [call("{}", index=7)]),
        ({"toolCalls": [{"name": "f", "arguments": "{}"}]}, [call("{}", "made-by-the-adapter")]),
        ({"toolResults": [{"toolCallId": "c", "content": '{"a": 1}'}]}, [result('{"a":1}')]),
        ({"toolResults": [{"toolCallId": "c", "content": '"sunny"'}]}, [result("sunny")]),
        ({"toolResults": [{"toolCallId": "c", "content": "sunny"}]}, [result('"sunny"')]),
        ({"finishReason": "stop"}, [done()]),
        ({"finishReason": ["length", "stop"]}, [done()]),
        ({"finishReason": None}, [done(None)]),
        ({"finishReason": [None, "stop"]}, [done(None)]),
        ({"finishReason": "error"}, [error()]),
        ({"usage": USAGE}, [done(usage=USAGE)]),
        ({"usage": None}, [done()]),
        ({"error": True}, [error()]),
        ({"error": None}, [done()]),
        ({"error": {}}, [error()]),
        ({"error": {"code": "X"}}, [error(code="X")]),
        ({"error": {"code": ["X", None]}}, [error()]),
        ({"error": {"code": None}}, [error()]),
        ({"error": {"message": "oo"}}, [error()]),
        ({"ended": "finished"}, [done()]),
        ({"ended": ["error", "truncated"]}, [content("a", "a")]),
        ({"types": ["content", "tool_call", "tool_call", "content", "done"]},
         [content("a", "a"), content("b", "ab"), call("{}"), call("{}", "d", index=1), content("c", "abc"), done()]),
        ({"id": "r", "model": "m"}, [content("a", "a"), done()]),
        ({"id": "r"}, []),
    ],
)  # fmt: skip
def test_what_came_as_it_was_expected_is_no_mismatch(expect, chunks):
    assert compared(expect, *chunks) == ()


@pytest.mark.parametrize(
    ("expect", "chunks", "field", "expected", "seen"),
    [
        ({"text": "ab"}, [content("a", "a"), done()], "text", '"ab"', '"a"'),
        ({"text": ""}, [content("a", "a")], "text", '""', '"a"'),
        ({"reasoning": "hm"}, [done()], "reasoning", '"hm"', '""'),
        ({"toolCalls": []}, [call("{}")], "toolCalls", "[]",
         '[{"id":"c","name":"f","arguments":"{}","index":0}]'),
        ({"toolCalls": [CALL]}, [call('{"a":1}')], "toolCalls[0]", '{"id":"c","name":"f","arguments":"{}"}',
         '{"id":"c","name":"f","arguments":"{\\"a\\":1}","index":0}'),
        ({"toolCalls": [CALL | {"arguments": '{"n":12345678901234567890}'}]}, [call('{"n":12345678901234567000}')],
         "toolCalls[0]", '{"id":"c","name":"f","arguments":"{\\"n\\":12345678901234567890}"}',
         '{"id":"c","name":"f","arguments":"{\\"n\\":12345678901234567000}","index":0}'),
        ({"toolCalls": [CALL | {"index": 1}]}, [call("{}")], "toolCalls[0]",
         '{"id":"c","name":"f","arguments":"{}","index":1}', '{"id":"c","name":"f","arguments":"{}","index":0}'),
        ({"toolCalls": [{"name": "g", "arguments": "{}"}]}, [call("{}", "made")], "toolCalls[0]",
         '{"name":"g","arguments":"{}"}', '{"id":"made","name":"f","arguments":"{}","index":0}'),
        ({"toolResults": [{"toolCallId": "c", "content": '{"a":1}'}]}, [result('"{\\"a\\":1}"')], "toolResults",
         '[{"toolCallId":"c","content":"{\\"a\\":1}"}]', '[{"toolCallId":"c","content":"\\"{\\\\\\"a\\\\\\":1}\\""}]'),
        ({"finishReason": "length"}, [done()], "finishReason", '"length"', '"stop"'),
        ({"finishReason": ["length", None]}, [done()], "finishReason", '"length" or null', '"stop"'),
        ({"finishReason": "stop"}, [content("a", "a")], "finishReason", '"stop"', "null"),
        ({"usage": USAGE}, [done()], "usage", '{"promptTokens":1,"completionTokens":2,"totalTokens":3}', "null"),
        ({"usage": None}, [done(usage=USAGE)], "usage", "null",
         '{"promptTokens":1,"completionTokens":2,"totalTokens":3}'),
        ({"error": True}, [done()], "error", "an error chunk", "no error chunk"),
        ({"error": {"code": "X"}}, [done()], "error", "an error chunk", "no error chunk"),
        ({"error": None}, [error(code="X")], "error", "no error chunk", '{"message":"boom","code":"X"}'),
        ({"error": {"code": ["X", None]}}, [error(code="Y")], "error.code", '"X" or null', '"Y"'),
        ({"error": {"code": None}}, [error(code="Y")], "error.code", "null", '"Y"'),
        ({"error": {"message": "bang"}}, [error()], "error.message", 'a text with "bang"', '"boom"'),
        ({"ended": "finished"}, [content("a", "a")], "ended", '"finished"', '"truncated"'),
        ({"types": ["done"]}, [7, done()], "types", '["done"]', '["not an object","done"]'),
        ({"id": "r"}, [content("a", "a"), done() | {"id": "s"}], "id", '"r" in every chunk', '"s" in chunk 1'),
        ({"model": "m"}, ["text"], "model", '"m" in every chunk', "null in chunk 0"),
    ],
)  # fmt: skip
def test_what_came_otherwise_is_a_mismatch_with_both_sides(expect, chunks, field, expected, seen):
    [mismatch] = compared(expect, *chunks)
    assert (mismatch.field, mismatch.expected, mismatch.seen) == (field, expected, seen)


def test_our_own_words_in_an_error_chunk_are_not_compared():
    asked = Exchange("POST", "/chat/completions", (), b"{}", 0.0, status=599)
    expect = {"error": {"code": "503", "message": "busy"}}
    assert [one.field for one in compared(expect, error(code="599"))] == ["error.code", "error.message"]
    assert compared(expect, error(code="599"), exchanges=(asked,)) == ()
    assert [one.field for one in compared(expect, done(), exchanges=(asked,))] == ["error"]


def test_every_key_of_the_format_is_compared():
    """A key without a comparison would be an expectation that nothing holds."""
    everything = {
        "text": "x", "reasoning": "x", "toolCalls": [CALL], "toolResults": [{"toolCallId": "c", "content": "x"}],
        "finishReason": "length", "usage": USAGE, "error": True, "ended": "error", "types": [], "id": "x", "model": "x",
        "result": 1, "data": 1, "rawText": "x", "raised": True, "requests": [{}], "turns": [], "tools": [],
    }  # fmt: skip
    assert set(everything) == {field.alias for field in Expect.model_fields.values()}
    fields = [mismatch.field.partition(" ")[0] for mismatch in compared(everything, done(), exchanges=())]
    assert fields == list(everything)
