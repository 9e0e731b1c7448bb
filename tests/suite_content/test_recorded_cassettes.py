"""What we recorded ourselves, from real servers with a model of random weights: ``cassettes/recorded``."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from harness.cassettes import cassette
from harness.cassettes.scanning import Scan
from harness.model.registry import PROVIDERS
from harness.providers import WIRES

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "cassettes" / "recorded"
SERVERS = {"llamacpp", "llama-cpp-python", "transformers"}
KINDS = {
    "text", "reasoning", "tool", "parallel-tools", "structured", "length", "no-usage", "error-in-the-stream",
    "cut-mid-event",
}  # fmt: skip
REFUSED = {"llamacpp/recorded-context-overflow", "llamacpp/recorded-no-key", "transformers/recorded-other-model"}
SILENT = "llama-cpp-python/recorded-context-overflow"  # a head, and no byte of an answer
NO_JSON = "transformers/recorded-error-that-is-no-json"
WIDEST = 20_000


@pytest.fixture(scope="module")
def questions():
    """Every question by the name of its cassette, with its server."""
    sys.path.insert(0, str(SCRIPTS))
    try:
        import questions
    finally:
        sys.path.remove(str(SCRIPTS))
    return {
        f"{server.folder}/recorded-{question.name}": (server, question)
        for server in questions.SERVERS
        for question in server.questions
    }


@pytest.fixture(scope="module")
def tapes():
    found = {name: cassette.load(name) for name in cassette.names() if "/recorded-" in name}
    assert found
    return found


@pytest.fixture(scope="module")
def answers(tapes):
    """The recorded answers that are streams."""
    return {name: tape.only for name, tape in tapes.items() if name not in {*REFUSED, SILENT}}


def chunks(body):
    """The objects of a Chat Completions stream that are JSON, read without a decoder of ours."""
    for line in body.decode().split("\n"):
        if line.startswith("data: {") and line.endswith("}"):
            yield json.loads(line.removeprefix("data: "))


def test_what_is_called_recorded_is_recorded_and_nothing_else(cassettes):
    assert {name for name, tape in cassettes.items() if tape["provenance"] == "recorded"} == {
        name for name in cassettes if "/recorded-" in name
    }


def test_every_question_has_its_answer_and_every_answer_its_question(questions, tapes):
    assert set(tapes) == set(questions)


def test_each_was_asked_what_the_table_says(questions, tapes):
    for name, (server, question) in questions.items():
        asked = tapes[name].only.request
        assert asked.uri.endswith(question.path), name
        assert json.loads(asked.body) == json.loads(json.dumps(question.body)), name
        assert tapes[name].name.startswith(f"{server.folder}/")


def test_three_servers_were_recorded_and_can_be_asked_by_a_router(tapes):
    assert {name.partition("/")[0] for name in tapes} == SERVERS
    assert set(PROVIDERS) >= SERVERS


def test_four_wires_were_recorded(tapes):
    wires = {tape.wire for tape in tapes.values()}
    assert wires == {"openai-chat", "openai-responses", "openai-completions", "anthropic-messages"}
    assert wires <= set(WIRES)


def test_every_kind_of_answer_was_recorded_of_some_server(tapes):
    assert {name.partition("/recorded-")[2] for name in tapes} >= KINDS


def test_every_stream_came_in_several_pieces_with_time_between_them(answers):
    for name, answer in answers.items():
        assert len(answer.cuts) > 1, name
        assert sum(cut.length for cut in answer.cuts) == answer.body.length, name
        assert len({cut.pause for cut in answer.cuts}) > 1, name
        assert sum(cut.pause for cut in answer.cuts) > 0, name
        assert answer.head_pause > 0, name


def test_a_piece_is_not_always_an_event(answers):
    several = [
        name for name, answer in answers.items() if any(piece.data.count(b"\n\n") > 1 for piece in answer.pieces())
    ]
    assert {name.partition("/")[0] for name in several} >= {"llamacpp"}


def test_refusals_have_the_status_of_a_refusal(tapes):
    assert {name for name, tape in tapes.items() if tape.status != 200} == REFUSED
    assert {tapes[name].status for name in REFUSED} == {400, 401}


def test_a_server_may_answer_200_and_say_nothing(tapes):
    silent = tapes[SILENT]
    assert (silent.status, silent.body, silent.only.ending) == (200, b"", "end")
    assert "text/event-stream" in silent.only.header("content-type")


def test_a_line_that_broke_left_half_an_event_and_an_open_body(tapes):
    cut = tapes["llamacpp/recorded-cut-mid-event"]
    last = cut.body.decode().split("\n")[-1]
    assert cut.only.ending != "end"
    assert last.startswith("data: {")
    with pytest.raises(json.JSONDecodeError):
        json.loads(last.removeprefix("data: "))


def test_a_server_that_was_killed_left_whole_events_and_an_open_body(tapes):
    killed = tapes["transformers/recorded-killed"]
    assert killed.only.ending != "end"
    assert killed.body.endswith(b"}\n\n")
    assert b"finish_reason" not in killed.body


def test_only_those_two_did_not_end_properly(tapes):
    broken = {name for name, tape in tapes.items() if tape.only.ending != "end"}
    assert broken == {"llamacpp/recorded-cut-mid-event", "transformers/recorded-killed"}


def test_bytes_that_are_no_characters_were_replaced_by_the_servers(tapes):
    for name in ("llamacpp/recorded-length", "llamacpp/recorded-messages", "transformers/recorded-length"):
        assert "\ufffd" in tapes[name].body.decode(), name


def test_an_error_may_be_told_in_what_is_no_json(tapes):
    lines = tapes[NO_JSON].body.decode().split("\n")
    [begun] = [line for line in lines if line.startswith('data: {"error"')]
    with pytest.raises(json.JSONDecodeError):
        json.loads(begun.removeprefix("data: "))
    assert any(line and not line.startswith("data: ") for line in lines)


def test_a_case_expects_what_its_body_says_word_for_word(tapes, cases):
    seen = 0
    for id_, case in cases.items():
        name = case["given"].get("cassette", "")
        if not id_.startswith("recorded-by-us/") or name in REFUSED or tapes[name].wire != "openai-chat":
            continue
        told = {"content": "", "reasoning_content": ""}
        for chunk in chunks(tapes[name].body):
            for choice in chunk.get("choices", ()):
                for key in told:
                    told[key] += choice["delta"].get(key) or ""
        assert case["expect"].get("text", "") == told["content"], id_
        if id_.endswith("-in-full"):
            assert case["expect"].get("reasoning", "") == told["reasoning_content"], id_
        seen += 1
    assert seen >= 24


def test_the_cases_of_two_tools_expect_two(cases):
    for server in ("llamacpp", "transformers"):
        calls = cases[f"recorded-by-us/{server}-parallel-tools"]["expect"]["toolCalls"]
        assert [call["name"] for call in calls] in (["get_time", "get_weather"], ["get_weather", "get_time"])
        assert all(list(json.loads(call["arguments"])) in (["city"], ["zone"]) for call in calls)


def test_what_was_asked_for_by_a_schema_follows_it(cases):
    for server in ("llamacpp", "llama-cpp-python"):
        said = json.loads(cases[f"recorded-by-us/{server}-structured"]["expect"]["text"])
        assert set(said) == {"city", "degrees"}
        assert said["degrees"] in {8, 15, 21}


def test_no_recording_tells_where_it_was_made(cassette_files):
    places = re.compile(r"/(?:tmp|home|root|usr|var|opt|Users)/|[A-Za-z]:\\\\|site-packages")
    for name, text in cassette_files.items():
        if "/recorded-" in name:
            assert not places.search(text), name
            assert set(re.findall(r"https?://([^/:]+)", text)) == {"127.0.0.1"}, name


def test_the_scanner_finds_nothing_in_them(tapes):
    scan = Scan()
    assert [leak for name in tapes for leak in scan.of(cassette.path_of(name))] == []


def test_they_are_small(cassette_files):
    sizes = {name: len(text.encode()) for name, text in cassette_files.items() if "/recorded-" in name}
    assert {name: size for name, size in sizes.items() if size > WIDEST} == {}
