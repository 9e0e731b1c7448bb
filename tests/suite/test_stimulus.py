"""What is played to an implementation, and what the oracle reads of it."""

import json
import math

import pytest
import yaml

from harness.errors import FixtureError
from harness.protocol.event_reading import reading_of_events
from harness.suite.case import Case
from harness.suite.stimulus import decoded, made_ids, stimulus


def case(given):
    return Case.model_validate(
        {
            "id": "a/b",
            "title": "A sentence",
            "sections": ["§5"],
            "profiles": ["spec"],
            "given": given,
            "request": {"model": "m"},
        }
    )


def played(tmp_path, wire="openai-chat", status=200, body=b""):
    """The stimulus of a case whose cassette answers so."""
    path = tmp_path / "one.yaml"
    asked = {"method": "POST", "uri": "https://x", "headers": {}, "body": ""}
    answered = {"status": {"code": status, "message": ""}, "headers": {}, "body": {"string": body}}
    interactions = [{"request": asked, "response": answered}]
    tape = {"version": 1, "provenance": "synthetic", "wire": wire, "interactions": interactions}
    path.write_text(yaml.safe_dump(tape))
    return stimulus(case({"cassette": str(path)}))


def test_events_are_played_with_what_json_cannot_say():
    asked = stimulus(
        case(
            {
                "events": [
                    {"type": "finish", "usage": {"inputTokens": {"$number": "NaN"}, "gone": {"$undefined": True}}},
                    {"$bytes": "eyJ0eXBlIjoicmF3In0="},
                    {"$throw": {"name": "E", "message": "m"}},
                ]
            }
        )
    )
    finish, raw, thrown = asked.events
    assert math.isnan(finish["usage"]["inputTokens"])
    assert "gone" not in finish["usage"]
    assert raw == b'{"type":"raw"}'
    assert thrown == {"$throw": {"name": "E", "message": "m"}}
    assert asked.request == {"model": "m"}


def test_a_cassette_is_decoded_by_its_wire(tmp_path):
    chunk = b'data: {"id":"r","model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n'
    reading = reading_of_events(played(tmp_path, body=chunk + b"data: [DONE]\n\n").events)
    assert (reading.text, reading.finish_reason, reading.response_id) == ("Hi", "stop", "r")


def test_ids_that_a_provider_left_out_are_the_same_in_every_run(tmp_path):
    call = b'{"index":0,"function":{"name":"f","arguments":"{}"}}'
    body = b'data: {"choices":[{"index":0,"delta":{"tool_calls":[' + call + b']},"finish_reason":"tool_calls"}]}\n\n'
    first, second = (played(tmp_path, body=body).events for _ in range(2))
    assert first == second
    assert len(reading_of_events(first).tool_calls) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error":{"message":"Rate limit reached","code":"rate_limit_exceeded"}}', "Rate limit reached"),
        (b"", "the provider answered with the status 429"),
    ],
)
def test_a_status_that_is_no_answer_is_raised_with_its_number(tmp_path, body, message):
    asked = played(tmp_path, status=429, body=body)
    assert asked.events == ({"$throw": {"name": "APICallError", "message": message, "code": "429"}},)


def test_a_wire_that_nobody_knows_is_our_fault(tmp_path):
    with pytest.raises(FixtureError, match=r"case a/b: the cassette .*one\.yaml: there is no wire 'telegraph'"):
        played(tmp_path, wire="telegraph")


def test_a_cassette_that_is_not_there_is_our_fault():
    with pytest.raises(FixtureError, match="there is no cassette 'made/up'"):
        stimulus(case({"cassette": "made/up"}))


def test_ids_that_were_made_for_calls_are_told_from_those_of_the_provider():
    parts = [{"functionCall": {"name": "f", "args": {}}}, {"functionCall": {"id": "own", "name": "f", "args": {}}}]
    answer = {"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}]}
    events = decoded("google-generatecontent", json.dumps([answer]).encode(), "here")
    ids = [event["toolCallId"] for event in events if event["type"] == "tool-call"]
    assert ids[1] == "own"
    assert made_ids(events) == {ids[0]}
