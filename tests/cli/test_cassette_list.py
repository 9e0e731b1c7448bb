"""``streamchunk cassette list`` tells what cassettes hold, one line for each answer."""

import json

import pytest
import yaml

from harness.cassettes import cassette
from harness.cassettes.bodies import LONGEST_INLINE
from harness.cassettes.interaction import Cut, Request
from harness.cassettes.writing import write
from taped import SENT, answer

FINISHED = (
    b'data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n'
    b"data: [DONE]\n\n"
)


def rows_of(ran):
    return [line.split() for line in ran.lines if line]


def test_the_bundled_cassettes_are_listed_where_none_is_named(streamchunk):
    ran = streamchunk("cassette", "list")
    assert (ran.status, ran.err) == (0, "")
    rows = rows_of(ran)
    assert rows[0] == ["name", "provider", "wire", "provenance", "status", "bytes", "pieces", "ends"]
    assert {row[0] for row in rows[1:-1]} == set(cassette.names())
    told = {row[0]: row[1:] for row in rows}
    size = str(cassette.load("openai/chat-text").only.body.length)
    assert told["openai/chat-text"] == ["openai", "openai-chat", "synthetic", "200", size, "-", "finished"]
    assert told["google/http-503"][-5:] == ["synthetic", "503", told["google/http-503"][-3], "-", "error"]
    assert told["anthropic/cut-in-mid-event"][-1] == "truncated"
    assert ran.lines[-1] == f"{len(cassette.names())} cassettes, {len(rows) - 2} answers"


def test_the_columns_are_straight(streamchunk):
    lines = streamchunk("cassette", "list").lines[:-2]
    place = lines[0].index("provenance")
    assert {line[place - 1] for line in lines} == {" "}
    assert len({line[place : place + 4] for line in lines[1:]} - {"synt", "reco"}) == 0
    assert not any(line.endswith(" ") for line in lines)


def test_ones_own_are_listed_by_file_by_folder_and_by_name(streamchunk, tmp_path):
    path = tmp_path / "deep" / "mine.yaml"
    write(path, [answer(FINISHED, cuts=(Cut(1), Cut(len(FINISHED) - 1)))], "recorded")
    row = [str(path), "api.example.com", "openai-chat", "recorded", "200", str(len(FINISHED)), "2", "finished"]
    for place in (path, tmp_path, path.parent):
        assert rows_of(streamchunk("cassette", "list", place))[1] == row
    both = streamchunk("cassette", "list", tmp_path, "openai/chat-text")
    assert [line[0] for line in rows_of(both)[1:-1]] == [str(path), "openai/chat-text"]
    assert both.lines[-1] == "2 cassettes, 2 answers"


def test_the_json_form_has_every_column(streamchunk, tmp_path):
    path = tmp_path / "one.yaml"
    broken = answer(FINISHED[:-30], ending="reset", wire=None)
    elsewhere = Request("POST", "https://api.mistral.ai/v1/chat/completions", {}, b"{}")
    write(path, [answer(FINISHED), broken, type(broken)(elsewhere, 200, {}, answer().body, wire="x-zoo")], None)
    found = streamchunk("cassette", "list", path, "--format", "json").json["cassettes"]
    assert found[0] == {
        "name": str(path), "interaction": 0, "interactions": 3, "provider": "api.example.com", "wire": "openai-chat",
        "provenance": None, "status": 200, "bytes": len(FINISHED), "pieces": None, "ended": "finished", "ending": "end",
    }  # fmt: skip
    assert [(one["wire"], one["provider"], one["ended"], one["ending"]) for one in found[1:]] == [
        ("openai-chat", "api.example.com", "truncated", "reset"),
        ("x-zoo", "mistral", None, "end"),
    ]


def test_several_answers_of_a_file_are_told_apart_and_a_broken_connection_is_named(streamchunk, tmp_path):
    write(tmp_path / "one.yaml", [answer(FINISHED), answer(FINISHED[:-30], ending="fin")], "recorded")
    lines = streamchunk("cassette", "list", tmp_path).lines
    assert lines[1].startswith(f"{tmp_path / 'one.yaml'} (1 of 2)")
    assert lines[2].endswith("truncated, connection closed")
    assert lines[-1] == "1 cassette, 2 answers"


def test_a_long_body_is_listed_without_being_read(streamchunk, tmp_path):
    write(tmp_path / "one.yaml", [answer(b"x" * (LONGEST_INLINE + 1))], "recorded")
    [body] = tmp_path.glob("*.body")
    body.chmod(0)
    body.write_bytes(b"y" * (LONGEST_INLINE + 1))
    [row] = streamchunk("cassette", "list", tmp_path, "--format", "json").json["cassettes"]
    assert (row["bytes"], row["ended"]) == (LONGEST_INLINE + 1, None)


def test_a_bad_file_does_not_hide_the_others(streamchunk, tmp_path):
    (tmp_path / "bad.yaml").write_text("version: 2\n")
    write(tmp_path / "good.yaml", [answer(FINISHED)], "recorded")
    ran = streamchunk("cassette", "list", tmp_path)
    assert ran.status == 2
    assert ran.err == f"{tmp_path / 'bad.yaml'}: version: expected 1, seen another number\n"
    assert ran.lines[-1] == "1 cassette, 1 answer"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("openai/chat-txt", "neither a file nor one of the"),
        ("openai/chat-txt", "did you mean openai/chat-text?"),
        ("no/such/thing/at/all", "neither a file"),
        ("../pyproject", "neither a file"),
        ("x" * 400, "neither a file"),
        ("", "neither a file"),
    ],
)
def test_a_name_of_nothing_is_told(streamchunk, name, words):
    ran = streamchunk("cassette", "list", name)
    assert (ran.status, ran.out) == (2, "")
    assert words in ran.last


def test_a_folder_without_a_cassette_is_told(streamchunk, tmp_path):
    (tmp_path / "notes.txt").touch()
    write(tmp_path / ".hidden" / "one.yaml", [answer(FINISHED)], "recorded")
    ran = streamchunk("cassette", "list", tmp_path)
    assert ran.last == (
        f"streamchunk: unreadable input (exit 2): {tmp_path}: there is no cassette in this folder; "
        "one ends with .yaml or .yml"
    )


def test_nothing_in_a_file_moves_the_cursor(streamchunk, tmp_path):
    write(tmp_path / "one.yaml", [answer(SENT, wire="\x1b[31m\u202e")], "recorded")
    assert "\x1b" not in streamchunk("cassette", "list", tmp_path).out
    text = (tmp_path / "one.yaml").read_text()
    assert yaml.safe_load(text)["wire"] == "\x1b[31m\u202e"
    assert json.loads(streamchunk("cassette", "list", tmp_path, "--format", "json").out)
