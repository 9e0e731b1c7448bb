"""What holds for every case file."""

from __future__ import annotations

import json
import re
from collections import Counter

from harness.suite import store

ONLY_SPEC_PROMISES = {"reasoning", "usage", "types", "id", "model"}
SHOWN_BY_A_CUT_STREAM = {"text", "reasoning", "toolCalls", "id", "model"}
KEYS = {"id", "title", "sections", "operation", "profiles", "given", "expect"}
ANSWERED_BY_A_MODEL = {"transform", "chat", "structuredOutput"}
MOST_BYTES = 20_480


def test_there_are_cases_enough(cases):
    assert len([id_ for id_ in cases if not id_.startswith("cassettes/")]) >= 120


def test_every_case_loads_and_none_is_passed_over(cases):
    assert {case.id for case in store.bundled()} >= set(cases)


def test_an_id_is_the_path_of_its_file(cases):
    assert {id_: case["id"] for id_, case in cases.items()} == {id_: id_ for id_ in cases}


def test_no_two_cases_say_the_same_sentence(cases):
    titles = Counter(case["title"].lower() for case in cases.values())
    assert [title for title, count in titles.items() if count > 1] == []


def test_a_title_is_a_sentence(cases):
    odd = [id_ for id_, case in cases.items() if len(case["title"].split()) < 3 or case["title"].endswith((".", " "))]
    assert odd == []


def test_a_case_has_these_parts_and_no_other(cases):
    for id_, case in cases.items():
        asked = {"request"} if case["operation"] in ANSWERED_BY_A_MODEL else set()
        assert set(case) - {"abort", "approvals"} == KEYS | asked, id_


def test_a_case_cites_sections_and_readings_that_can_exist(cases):
    cited = {section for case in cases.values() for section in case["sections"]}
    assert {
        section for section in cited if not re.fullmatch(r"§\d{1,2}(\.\d{1,2})?|R([1-9]|[12]\d|3\d)", section)
    } == set()


def test_every_case_expects_something(cases):
    assert [id_ for id_, case in cases.items() if not case["expect"]] == []


def test_nothing_is_expected_of_a_tanstack_adapter_that_only_the_specification_promises(cases):
    asked = {
        id_: ONLY_SPEC_PROMISES & set(case["expect"]) for id_, case in cases.items() if "tanstack" in case["profiles"]
    }
    assert {id_: keys for id_, keys in asked.items() if keys} == {}


def test_a_stream_without_an_end_is_expected_to_end_in_no_certain_way(cases):
    for id_, case in cases.items():
        events = read(case)
        if not events or any(_ends(event) for event in events):
            continue
        assert set(case["expect"]) <= SHOWN_BY_A_CUT_STREAM, id_


def read(case):
    """A case's events, those that stand as text read too."""
    return [json.loads(event) if isinstance(event, str) else event for event in case["given"].get("events", [])]


def _ends(event):
    return "$throw" in event or "$bytes" in event or event.get("type") in {"finish", "error"}


def test_every_case_over_events_asks_a_question_of_the_test_model(cases):
    for id_, case in cases.items():
        if case["operation"] == "transform":
            assert case["request"]["model"] == "test-model", id_
            assert case["request"]["messages"], id_


def test_every_key_of_a_case_is_made_up(cases):
    for id_, case in cases.items():
        key = case.get("request", {}).get("modelOptions", {}).get("apiKey", "")
        assert key == "" or key.startswith("test-key-"), id_


def test_a_client_tool_that_is_called_was_offered(cases):
    for id_, case in cases.items():
        if id_ == "nasty/call-of-a-tool-that-was-not-offered":
            continue
        events = read(case)
        run_by_provider = {
            event.get("toolCallId", event.get("id")) for event in events if event.get("providerExecuted")
        }
        called = {
            event["toolName"]
            for event in events
            if event.get("type") == "tool-call" and event.get("toolCallId") not in run_by_provider and event["toolName"]
        }
        offered = {tool["name"] for tool in case.get("request", {}).get("tools", [])}
        assert called - {"launch"} <= offered, id_


def test_an_expected_call_is_of_an_offered_tool(cases):
    for id_, case in cases.items():
        expected = {call["name"] for call in case["expect"].get("toolCalls", [])}
        offered = {tool["name"] for tool in case.get("request", {}).get("tools", [])}
        assert expected <= offered or id_ == "nasty/call-of-a-tool-that-was-not-offered", id_


def test_a_case_fits_on_a_few_screens(case_files):
    assert {id_: len(text.encode()) for id_, text in case_files.items() if len(text.encode()) > MOST_BYTES} == {}


def test_both_profiles_are_asked_in_every_area_of_streams(cases):
    areas = {id_.partition("/")[0] for id_, case in cases.items() if case["operation"] == "transform"}
    asked = {id_.partition("/")[0] for id_, case in cases.items() if "tanstack" in case["profiles"]}
    assert areas <= asked
