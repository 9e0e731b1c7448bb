"""`streamchunk run --cassettes`: a user's own recordings are the suite, and no secret of theirs stands in a report."""

import json

import pytest

from tapes_by_hand import HELLO, interaction, written

BODY = 'data: {"id":"r","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD"
URI = f"https://user:hunter2pass@api.example.com/bot/{KEY}/v1/chat/completions?key=AIzaSyA1234567890abcdefghijkl"


def tape(path, *interactions, **more):
    return written(path, *(interactions or [interaction(HELLO, BODY)]), **{"wire": "openai-chat"} | more)


def test_recordings_are_played_and_judged(streamchunk, tmp_path):
    tape(tmp_path / "one.yaml")
    tape(tmp_path / "bad-request.yaml", interaction(b"\xff\xfe", BODY))
    refused = interaction(HELLO, '{"error":{"message":"slow down"}}', status=429, headers={"retry-after": ["7"]})
    tape(tmp_path / "refused.yaml", refused)
    ran = streamchunk("run", "--cassettes", tmp_path, "--cassettes", "openai/chat-tool")
    assert (ran.status, ran.err) == (0, "")
    assert ran.last.startswith("streamchunk: conforms (exit 0): 4 passed")


def test_no_secret_of_a_recorded_address_stands_in_a_report(streamchunk, tmp_path):
    path = tape(tmp_path / "one.yaml", interaction(HELLO, BODY, uri=URI, sent={"authorization": [f"Bearer {KEY}"]}))
    reports = [tmp_path / f"report.{form}" for form in ("html", "json", "md")]
    wanted = [word for report in reports for word in ("--report", f"{report.suffix[1:]}={report}")]
    ran = streamchunk("run", "--cassettes", path, *wanted)
    assert ran.status == 0
    for said in (ran.out, ran.err, *(report.read_text() for report in reports)):
        for secret in (KEY, "hunter2pass", "AIzaSyA", "api.example.com"):
            assert secret not in said


def test_what_cannot_be_played_is_told_with_file_and_number_before_anything_is_asked(streamchunk, tmp_path):
    tape(tmp_path / "good.yaml")
    tape(tmp_path / "bad.yaml", interaction(HELLO, BODY), interaction(HELLO, BODY, status=204))
    (tmp_path / "damaged.yaml").write_text("a: [")
    ran = streamchunk("run", "--cassettes", tmp_path)
    assert (ran.status, ran.out) == (2, "")
    assert ran.last.startswith("streamchunk: unreadable input (exit 2): 2 faults in what is to be played: ")
    assert f"{tmp_path}/bad.yaml: interactions.1: an answer of status 204 has no body" in ran.last
    assert f"{tmp_path}/damaged.yaml: is not YAML" in ran.last


@pytest.mark.parametrize("name", ["nowhere.yaml", "openai/chat-txt", "", "x" * 400, "a\0b"])
def test_a_name_of_nothing_is_told(streamchunk, name):
    ran = streamchunk("run", "--cassettes", name)
    assert (ran.status, ran.out) == (2, "")
    assert "neither a file nor one of the" in ran.last


def test_vcrpys_json_is_played_too(streamchunk, tmp_path):
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"version": 1, "wire": "openai-chat", "interactions": [interaction(HELLO, BODY)]}))
    ran = streamchunk("run", "recorded/one", "--cassettes", path)
    assert ran.last.startswith("streamchunk: conforms (exit 0): 1 passed")
