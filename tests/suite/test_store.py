"""Case files that cannot be played are refused while they are loaded, with their file and the place in it."""

import json
import os
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.runner import check
from harness.suite import store

CHAT = {
    "id": "area/name",
    "title": "A sentence",
    "sections": ["§8"],
    "operation": "chat",
    "profiles": ["spec"],
    "given": {"wire": "openai-chat", "answers": [{"text": "x"}]},
    "request": {"model": "openai/gpt-4o", "messages": []},
}


def written(folder, content, name="area/name"):
    path = folder / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def answering(*answers):
    return CHAT | {"given": {"wire": "openai-chat", "answers": list(answers)}}


def refusal(folder):
    with pytest.raises(InputError) as caught:
        store.load([folder], check)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ({"text": "a\ud83d"}, "text"),
        ({"raw": "a\ud83d"}, "raw"),
        ({"sse": ["a", "\ud83d"]}, "sse"),
        ({"sse": [{"a": [{"b\ud83d": 1}]}]}, "sse"),
        ({"json": {"a": "\ud83d"}}, "json"),
        ({"json": "\ude00"}, "json"),
    ],
)
def test_a_lone_surrogate_has_no_bytes_and_is_refused_in_its_place(tmp_path, answer, place):
    path = written(tmp_path, answering({}, answer))
    told = refusal(tmp_path)
    assert told.startswith(f"{path}: given.answers.answers.1.{place}: ")
    assert "lone surrogate" in told


def test_both_halves_of_an_emoji_are_one_letter(tmp_path):
    written(tmp_path, answering({"text": "😀"}, {"json": {"a": "😀"}}, {"sse": ["😀"]}, {"text": '"\\ud83d"'}))
    assert len(store.load([tmp_path], check)) == 1


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"text": "x", "status": 204}, "an answer of status 204 has no body"),
        ({"text": "x", "headers": {"Content-Length": "5"}, "framing": "length"}, "the header Content-Length says 5"),
        ({"text": "x", "headers": {"X": "a\nb"}}, "HTTP has no such head"),
        ({"text": "x", "headers": {"X": "日本"}}, "HTTP has no such head"),
        ({"text": "x", "headers": {"": "a"}}, "HTTP has no such head"),
    ],
)
def test_an_answer_that_http_cannot_play_is_refused_with_file_case_and_place(tmp_path, answer, fault):
    path = written(tmp_path, answering({}, answer))
    told = refusal(tmp_path)
    assert told.startswith(f"{path}: case area/name: given.answers.1: ")
    assert fault in told


def test_all_wrong_files_of_a_folder_are_told_at_once(tmp_path):
    written(tmp_path, answering({"text": "x", "status": 204}))
    written(tmp_path, answering({"text": "\ud83d"}) | {"id": "area/other"}, "area/other")
    assert refusal(tmp_path).startswith("2 case files are wrong: ")


@pytest.mark.parametrize(("status", "is_one"), [(100, False), (199, False), (200, True), (999, True), (1000, False)])
def test_a_status_is_what_the_server_can_send(tmp_path, status, is_one):
    written(tmp_path, answering({"text": "x", "status": status}))
    if is_one:
        assert len(store.load([tmp_path], check)) == 1
    else:
        assert "given.answers.answers.0.status: Input should be " in refusal(tmp_path)


def test_every_bundled_answer_can_be_played():
    for case in store.bundled():
        check(case)


def given(operation, **members):
    return {key: value for key, value in CHAT.items() if key != "request"} | {
        "operation": operation,
        "given": {"input": members},
    }


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("parseJson", {"text": None}),
        ("parseJson", {"text": "x", "schema": 5}),
        ("transformSchema", {"schema": None, "provider": "openai"}),
        ("convertMessages", {"messages": "no list"}),
        ("convertTools", {"tools": {}}),
    ],
)
def test_an_input_may_hold_hostile_values(tmp_path, operation, members):
    written(tmp_path, given(operation, **members))
    [case] = store.load([tmp_path], check)
    assert case.given.input == members


@pytest.mark.parametrize(
    ("operation", "members", "fault"),
    [
        ("parseJson", {}, "text is missing"),
        ("parseJson", {"schema": {}}, "text is missing"),
        ("parseJson", {"text": "x", "json": 1}, "json is unknown"),
        ("transformSchema", {"schema": {}}, "provider is missing"),
        ("transformSchema", {"provider": "openai"}, "schema is missing"),
        ("convertMessages", {"message": []}, "messages is missing, message is unknown"),
        ("convertTools", {"tools": [], "messages": []}, "messages is unknown"),
    ],
)
def test_an_input_has_the_members_of_its_operation_and_no_others(tmp_path, operation, members, fault):
    path = written(tmp_path, given(operation, **members))
    assert refusal(tmp_path) == f"{path}: the file: Value error, given.input of {operation}: {fault}"


@pytest.mark.parametrize("place", ["area/pipe.json", "."])
def test_a_pipe_is_no_case_and_nobody_waits_for_it(tmp_path, place):
    (tmp_path / "area").mkdir()
    os.mkfifo(tmp_path / "area" / "pipe.json")
    with pytest.raises(InputError, match=r"pipe\.json: is no regular file"):
        store.load([tmp_path / place])


def test_a_device_is_no_case():
    with pytest.raises(InputError, match="/dev/null: is no regular file"):
        store.load([Path(os.devnull)])


def test_a_link_to_a_case_is_the_case(tmp_path):
    path = written(tmp_path, CHAT, "elsewhere")
    (tmp_path / "cases" / "area").mkdir(parents=True)
    (tmp_path / "cases" / "area" / "name.json").symlink_to(path)
    assert [case.id for case in store.load([tmp_path / "cases"], check)] == ["area/name"]
