"""Structured output that fails: what its error has to say, and what it must not."""

import pytest

from harness.protocol.transcript import Ending
from structured_runs import CITY, asking, exercised, finish, ids, input_of, parsing, received, says, transforming

PROSE = "I would rather talk about the weather. " * 20
TRIED = "Failed to parse the answer as JSON. Tried: direct parse, fenced blocks. Preview: "
HALF = '{"city": "Par'


@pytest.mark.parametrize("message", ["", " ", "undefined", "null", "[object Object]", "Error: [object Object]", None])
def test_the_message_says_something(message):
    assert ids(parsing(PROSE, CITY, error={"message": message})) == ["STRUCT-9"]
    assert ids(transforming({}, "openai", error={"message": message}))[0] == "STRUCT-9"


def test_an_exception_without_any_words_is_found():
    assert ids(parsing(PROSE, CITY, error={})) == ["STRUCT-9"]


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        (TRIED + PROSE[:200], []),
        (TRIED + PROSE[:200] + "...", []),
        ("'city' is a required property of the schema; the answer began: I would rather", []),
        ("Something went wrong: " + PROSE[:20], ["STRUCT-10"]),
        ("Failed to parse structured output", ["STRUCT-10"]),
        (TRIED + PROSE[:210], ["STRUCT-11"]),
        (TRIED + PROSE, ["STRUCT-11"]),
    ],
)
def test_it_says_what_was_tried_and_shows_a_little(message, wanted):
    assert ids(parsing(PROSE, CITY, error=message)) == wanted
    assert ids(asking(says(PROSE), finish(), error=message)) == wanted


def test_several_previews_may_stand_in_one_message():
    message = "Failed after 2 attempts to parse: " + PROSE[:200] + " | " + PROSE[:200]
    assert ids(parsing(PROSE, CITY, error=message)) == []


def test_a_preview_may_be_escaped():
    text = 'Well,\n"I" would rather not.'
    assert ids(parsing(text, CITY, error='not JSON: "Well,\\n\\"I\\" would rather not."')) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("> \ufeff", ">"),
        ("\ufeff\xa0No.", "No."),
        ("\n\n \u2003No.", "No."),
        ("\x85No.", "\x85No."),
        ("a\ufeff b", "a b"),
    ],
)
def test_a_preview_is_trimmed_as_javascript_trims(text, shown):
    assert ids(parsing(text, CITY, error=f"not JSON: {shown}")) == []
    assert ids(parsing(text, CITY, error="not JSON")) == ["STRUCT-10"]


def test_a_text_shorter_than_a_preview_is_shown_whole():
    assert ids(parsing("No.", CITY, error="not JSON: No.")) == []
    assert ids(parsing("", CITY, error="the text is empty, so nothing could be parsed")) == []


@pytest.mark.parametrize(
    ("events", "message", "wanted"),
    [
        ([says(HALF), finish("length")], "the answer was cut by max_tokens", []),
        ([says(HALF), finish("length")], "finish reason: length", []),
        ([says(HALF), finish("length")], "Unexpected end of JSON input", ["STRUCT-13"]),
        ([says(HALF), finish("length")], "Unexpected token } in JSON", ["STRUCT-13"]),
        ([says(HALF), finish("length")], TRIED + HALF, ["STRUCT-13"]),
        ([finish("content-filter")], "the provider's safety filter refused", []),
        ([finish("content-filter")], "Failed to parse structured output", ["STRUCT-13"]),
        ([{"type": "error", "error": {"message": "Overloaded", "code": 529}}], "Overloaded", []),
        ([{"type": "error", "error": {"message": "Overloaded", "code": 529}}], "the provider answered 529", []),
        ([{"type": "error", "error": {"message": "Overloaded"}}], "the provider is busy", []),
        ([{"type": "error", "error": {"message": "Overloaded"}}], "Failed to parse structured output", ["STRUCT-13"]),
        ([{"type": "error", "error": "the provider's answer is not JSON"}], "invalid JSON from the provider", []),
        ([says(HALF)], "the stream was cut", []),
        ([], "the provider answered with a web page", []),
        ([says(HALF)], "Unterminated string in JSON", ["STRUCT-13"]),
        ([says(HALF)], "Unexpected end of JSON input", ["STRUCT-13"]),
        ([says(HALF), finish("length")], "undefined", ["STRUCT-9"]),
    ],
)
def test_a_failure_is_told_as_what_it_is(events, message, wanted):
    started = {"type": "stream-start", "warnings": []}
    assert ids(asking(started, *events, error=message)) == wanted


def test_the_code_may_tell_the_reason_too():
    error = {"message": "no structured output", "code": "CONTENT_FILTER"}
    assert ids(asking(finish("content-filter"), error=error)) == []


@pytest.mark.parametrize(
    "events",
    [
        [finish("length")],
        [finish("content-filter")],
        [{"type": "error", "error": "Overloaded"}],
        [{"$throw": {"name": "APICallError", "message": "no", "code": "401"}}],
        [],
    ],
)
def test_an_answer_that_came_to_no_good_end_is_no_result(events):
    whole = '{"city":"Paris"}'
    assert ids(asking(says(whole), *events, data={"city": "Paris"}, raw=whole)) == ["STRUCT-12"]


def test_what_was_made_of_half_an_answer_is_one_fault():
    repaired = asking(says(HALF), finish("length"), data={"city": "Par"}, raw='{"city": "Par"}')
    assert ids(repaired) == ["STRUCT-12"]


@pytest.mark.parametrize("reason", ["stop", "tool-calls", "other", None])
def test_every_other_end_is_a_good_one(reason):
    assert ids(asking(says('{"city":"Paris"}'), finish(reason), data={"city": "Paris"})) == []


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("Incorrect API key provided: sk-abcdefghijklmnopqrstuvwxyz", ["STRUCT-14"]),
        ('requestBodyValues: {"model": "m"}', ["STRUCT-14"]),
        ("Incorrect API key provided", []),
        ("invalid x-api-key: [redacted]", []),
        ("invalid x-api-key: [REDACTED], try again", []),
        ("Authorization: ***", []),
        ('{"authorization": "Bearer ****"}', []),
        ("api-key=<redacted>", []),
        ("x-goog-api-key: …", []),
        ("x-api-key: sk-ant-****", []),
        ("x-api-key: [redacted], authorization: Basic YTpi", ["STRUCT-14"]),
        ("x-api-key: [redacted] Bearer abcdefghijklmnopqrstuvwxyz", ["STRUCT-14"]),
        ("x-api-key: my-secret", ["STRUCT-14"]),
        ("x-api-key: *my-secret*", ["STRUCT-14"]),
    ],
)
def test_the_error_keeps_secrets(message, wanted):
    failed = {"$throw": {"name": "APICallError", "message": message, "code": "401"}}
    assert ids(asking(failed, error=message)) == wanted


@pytest.mark.parametrize(("key", "wanted"), [("sk-abcdefghijklmnopqrstuvwxyz", "STRUCT-14"), ("my-own-key", "REQ-21")])
def test_the_key_of_the_request_is_told_once(key, wanted):
    failed = {"$throw": {"name": "APICallError", "message": "wrong key", "code": "401"}}
    run = asking(failed, error=f"wrong key {key}", modelOptions={"apiKey": key}, exchanges=(received(status=401),))
    assert [one for one in ids(run) if one in {"REQ-21", "STRUCT-14"}] == [wanted]


def test_what_the_model_said_is_no_secret():
    text = "my key is sk-abcdefghijklmnopqrstuvwxyz"
    assert ids(parsing(text, CITY, error=TRIED + text)) == []


def test_an_unusable_call_is_a_failure_of_the_answer():
    run = asking(input_of('{"city": 5}'), finish("tool-calls"), error="'city' does not fit the schema: 5 is no string")
    assert ids(run) == []


def test_an_abort_is_no_failure_of_the_answer():
    aborted = Ending("aborted", {"name": "AbortError", "message": "aborted", "code": "ABORTED"}, at=5, duration=6)
    assert ids(asking(says(HALF), ending=aborted)) == []
    assert not {one for one in exercised(asking(says(HALF), ending=aborted)) if one.startswith("STRUCT")}
