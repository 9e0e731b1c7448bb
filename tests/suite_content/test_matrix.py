"""The specification's test matrix (§9), row by row: the cases that ask it over loopback HTTP, and that they can fail.

The tables are written by hand: a row that loses its case, or its wire, fails here by name.
"""

import json

import pytest

from harness.bundled import ReferenceAdapter
from harness.drivers import connect
from harness.drivers.driver import Implementation
from harness.drivers.python import PythonDriver
from harness.results import Failed, Passed
from harness.runner import run
from harness.suite import store

WIRES = ["anthropic", "google", "openai-chat", "openai-responses"]
WIRE_NAMES = {"anthropic": "anthropic-messages", "google": "google-generatecontent"}


def on_every_wire(*names):
    return [f"matrix/{name}-{wire}" for name in names for wire in WIRES]


ROWS = {  # §9
    "Streaming": on_every_wire("streaming", "streaming-in-detail"),
    "Tool call": on_every_wire("tool-call", "tool-result"),
    "Tool approval": [
        *on_every_wire("approval-denied", "approval-granted"),
        "matrix/approval-of-one-of-two",
    ],
    "Structured output": [
        "matrix/structured-openai",
        "matrix/structured-anthropic",
        "matrix/structured-google",
        "matrix/structured-mistral",
        "matrix/structured-mistral-by-tool",
        "matrix/structured-by-instruction",
    ],
    "Multimodal": on_every_wire("multimodal-base64", "multimodal-url"),
    "Abort": [*on_every_wire("abort"), "matrix/abort-while-it-goes-on"],
    "Provider fallback": [
        "matrix/fallback-togetherai",
        "matrix/fallback-groq",
        "matrix/fallback-custom-url",
        "matrix/fallback-custom-url-of-a-known-provider",
    ],
}
MATRIX = [id_ for ids in ROWS.values() for id_ in ids]
OVER_HTTP = ("matrix", "requests", "conversations")


def rows(*names):
    return [pytest.param(ROWS[name], id=name) for name in names or ROWS]


@pytest.mark.parametrize("ids", rows())
def test_every_row_is_asked_over_http_of_a_played_provider(cases, ids):
    for id_ in ids:
        case = cases[id_]
        assert "§9" in case["sections"], id_
        assert case["operation"] in {"chat", "structuredOutput"}, id_
        assert case["given"]["wire"] in {"openai-chat", "openai-responses", *WIRE_NAMES.values()}, id_
        assert case["given"]["answers"], id_


@pytest.mark.parametrize("id_", [id_ for id_ in MATRIX if id_.endswith(tuple(WIRES)) and "structured" not in id_])
def test_a_case_that_names_a_wire_is_played_on_it(cases, id_):
    wire = next(wire for wire in WIRES if id_.endswith(wire))
    assert cases[id_]["given"]["wire"] == WIRE_NAMES.get(wire, wire)


def test_no_case_of_the_matrix_is_of_no_row(cases):
    assert sorted(id_ for id_ in cases if id_.startswith("matrix/")) == sorted(MATRIX)


def test_streaming_asks_for_the_text_and_one_done(cases):
    for wire in WIRES:
        expect = cases[f"matrix/streaming-{wire}"]["expect"]
        assert expect["text"]
        assert expect["finishReason"] == "stop"
        assert cases[f"matrix/streaming-in-detail-{wire}"]["expect"]["types"] == ["content", "done"]


def test_a_tool_call_is_asked_for_at_the_call_and_with_its_result(cases):
    for wire in WIRES:
        call, result = cases[f"matrix/tool-call-{wire}"], cases[f"matrix/tool-result-{wire}"]
        assert [one["name"] for one in call["expect"]["toolCalls"]] == ["get_weather"]
        assert [message["role"] for message in result["request"]["messages"]] == ["user", "assistant", "tool"]
        assert result["expect"]["requests"][0]["body"]


def test_an_approval_is_asked_for_denied_and_granted(cases):
    for wire in WIRES:
        denied, granted = cases[f"matrix/approval-denied-{wire}"], cases[f"matrix/approval-granted-{wire}"]
        assert [case["request"]["tools"][0]["needsApproval"] for case in (denied, granted)] == [True, True]
        assert [case["approvals"] for case in (denied, granted)] == [{"call_1": False}, {"call_1": True}]
        assert "tool_result" in denied["expect"]["types"]
        assert "tool_result" not in granted["expect"]["types"]


def test_structured_output_is_asked_for_with_a_schema_that_nests(cases):
    for id_ in ROWS["Structured output"]:
        case = cases[id_]
        properties = case["request"]["outputSchema"]["properties"]
        assert any(inner.get("properties") for inner in properties.values()), id_
        assert any(isinstance(value, dict) for value in case["expect"]["data"].values()), id_
        assert len(case["expect"]["requests"]) == len(case["given"]["answers"]), id_


def test_an_image_and_a_document_are_sent_by_url_and_in_base64(cases):
    for id_ in ROWS["Multimodal"]:
        parts = cases[id_]["request"]["messages"][0]["content"]
        files = [part for part in parts if part["type"] != "text"]
        assert [part["type"] for part in files] == ["image", "document"], id_
        body = json.dumps(cases[id_]["expect"]["requests"][0]["body"])
        assert all(part["source"]["value"] in body for part in files), id_
        assert files[0]["source"]["type"] == ("url" if "multimodal-url" in id_ else "data"), id_


def test_an_abort_comes_before_the_provider_has_ended(cases):
    for id_ in ROWS["Abort"]:
        case = cases[id_]
        answer = case["given"]["answers"][0]
        assert case["abort"]["afterChunks"] > 0, id_
        assert answer.get("ending") == "stall" or answer["pauseMs"] * len(answer["sse"]) > case["abort"]["orAfterMs"]
        assert "finished" not in case["expect"]["ended"], id_


def test_a_provider_without_a_wire_of_its_own_is_asked_as_chat_completions(cases):
    for id_ in ROWS["Provider fallback"]:
        case = cases[id_]
        assert case["given"]["wire"] == "openai-chat", id_
        assert [request["path"] for request in case["expect"]["requests"]] == ["/chat/completions"], id_
    assert "url" not in cases["matrix/fallback-togetherai"]["request"]["modelOptions"]
    assert cases["matrix/fallback-custom-url"]["request"]["modelOptions"]["url"] == "$baseUrl"


def over_http(*areas):
    return [case for case in store.bundled() if case.area in areas]


def test_the_reference_passes_every_row_by_asking_the_played_provider():
    results = list(run(over_http("matrix"), connect("reference"), strict=True))
    assert [result.case.id for result in results if not isinstance(result, Passed)] == []
    asked = {result.case.id: [request.method for request in result.answer.requests] for result in results}
    assert {id_ for id_, methods in asked.items() if not methods or set(methods) != {"POST"}} == set()


class AsksNobody:
    """Ends well at once, whatever it is asked."""

    async def chat_stream(self, *_):
        yield {"type": "done", "id": "r", "model": "m", "timestamp": 1, "finishReason": "stop"}

    async def structured_output(self, *_):
        return {"data": {}, "rawText": "{}"}


class HearsTheLastWordsOnly(ReferenceAdapter):
    """Sends its provider a greeting in place of the conversation, its tools and its system prompts."""

    def chat_stream(self, request, source, signal):
        kept = {key: request[key] for key in ("model", "modelOptions") if key in request}
        return super().chat_stream({**kept, "messages": [{"role": "user", "content": "Hello?"}]}, source, signal)


def unmet(implementation, cases):
    """The ids of the cases in which something that a person wrote did not come out."""
    offered = frozenset({"chat", "structuredOutput"})
    driver = PythonDriver(implementation, Implementation("wrong", offered, abortable=offered, approvable=offered))
    results = run(cases, driver, timeout=10)
    return {result.case.id for result in results if isinstance(result, Failed) and result.mismatches}


def test_an_implementation_that_asks_nobody_meets_no_expectation():
    cases = over_http(*OVER_HTTP)
    assert {case.id for case in cases} - unmet(AsksNobody(), cases) == set()


def test_an_implementation_that_sends_other_words_is_seen_by_what_its_provider_received():
    named = [case for case in over_http("matrix", "conversations") if _names_the_conversation(case)]
    assert len(named) > len(over_http("conversations")) // 2
    assert {case.id for case in named} - unmet(HearsTheLastWordsOnly(), named) == set()


def _names_the_conversation(case):
    bodies = [request.body for request in case.expect.requests]
    return case.operation == "chat" and any(
        len(body.get(key, [])) > 1 for body in bodies if body for key in ("messages", "input", "contents")
    )
