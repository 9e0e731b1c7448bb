"""Errors that providers put where nobody looks: outside the frame, in lists, beside usage."""

import json

import pytest

from harness.protocol.event_reading import reading_of_events
from harness.protocol.reading import Failure
from harness.providers import counted_ids, decode, decoded
from harness.providers.framing import Framing
from harness.providers.guess import guessed_wire
from harness.providers.message import Message
from harness.stage import drained

GEMINI = {"candidates": [{"content": {"parts": [{"text": "First"}]}}]}
CANCELLED = {"error": {"code": 499, "message": "The operation was cancelled.", "status": "CANCELLED"}}


def sse(*messages):
    return "".join(f"data: {json.dumps(message)}\r\n\r\n" for message in messages).encode()


def reading(wire, body):
    return reading_of_events(decoded(wire, body, counted_ids("made")))


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("tail", ["", "\n", "\r\n\r\n"])
def test_googles_error_that_stands_in_the_stream_without_data_ends_it(indent, tail):
    got = reading("google-generatecontent", sse(GEMINI) + (json.dumps(CANCELLED, indent=indent) + tail).encode())
    assert (got.text, got.ended, got.error) == ("First", "error", Failure("The operation was cancelled.", "499"))


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_an_error_without_data_is_found_however_the_bytes_are_cut(size):
    body = sse(GEMINI) + json.dumps(CANCELLED, indent=2).encode()
    stage = decode("google-generatecontent", counted_ids("made"))
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    assert drained(stage, *pieces) == decoded("google-generatecontent", body, counted_ids("made"))


@pytest.mark.parametrize(
    "stray", ['{"note": "hello"}', '{"error": "cut', "{", '{"error": {}}', '{"error": "x"}\ndata: {}', "[1]"]
)
def test_other_lines_without_data_say_nothing(stray):
    body = b"data: 1\n\n" + stray.encode() + b"\n\ndata: 2\n\n"
    assert [message.data for message in drained(Framing(), body) if message.data != {}] == [1, 2]


def test_a_line_that_begins_with_a_brace_inside_data_is_no_stray():
    body = b'data: [\ndata: {"error": "x"}\ndata: ]\n\n'
    assert drained(Framing(), body) == [Message("", [{"error": "x"}])]


def test_watsonx_names_its_event_error_and_lists_the_reasons():
    body = b'id: 1\nevent: error\ndata: {"errors":[{"code":"no_model","message":"gone"}],"status_code":404}\n\n'
    assert reading("openai-chat", body).error == Failure("gone", "no_model")
    assert guessed_wire(body) == "openai-chat"


def test_groq_says_in_its_own_field_why_a_stream_stopped_early():
    chunk = {"id": "c", "choices": [{"index": 0, "delta": {"content": "a"}}]}
    last = {"id": "c", "choices": [{"index": 0, "delta": {}}], "x_groq": {"id": "r", "error": "over capacity"}}
    got = reading("openai-chat", sse(chunk, last))
    assert (got.text, got.error) == ("a", Failure("over capacity"))
