"""A user's own cassettes: which files are meant, what their cases are called, and what is told where one is wrong."""

import json
import os
import shutil

import pytest
import yaml

from harness.cassettes import cassette
from harness.errors import InputError
from harness.runner import check
from harness.suite import recorded, store, tapes
from tapes_by_hand import HELLO, content, interaction, written

BODY = 'data: {"id":"r","choices":[{"index":0,"delta":{"content":"Late"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def answered(**more):
    return interaction(HELLO, BODY, **more)


def tape(path, *interactions, **more):
    return written(path, *(interactions or [answered()]), **{"wire": "openai-chat"} | more)


def load(*places, checked=None):
    return recorded.load([str(place) for place in places], checked)


def ids(*places):
    return [case.id for case in load(*places)]


def refusal(*places):
    with pytest.raises(InputError) as caught:
        load(*places, checked=check)
    return str(caught.value)


def test_folders_with_a_file_of_one_name_are_told_apart_by_their_own_names(tmp_path):
    for place in ("a", "b"):
        tape(tmp_path / place / "one.yaml")
    tape(tmp_path / "b" / "two.yaml")
    assert ids(tmp_path / "a", tmp_path / "b") == ["recorded/a/one", "recorded/b/one", "recorded/two"]
    assert ids(tmp_path / "a" / "one.yaml", tmp_path / "b" / "one.yaml") == ["recorded/a/one", "recorded/b/one"]


def test_a_file_of_two_answers_and_one_called_like_the_second_are_told_apart(tmp_path):
    tape(tmp_path / "a" / "two.yaml", answered(), answered())
    tape(tmp_path / "b" / "two-2.yaml")
    assert ids(tmp_path / "a", tmp_path / "b") == ["recorded/a/two-1", "recorded/a/two-2", "recorded/b/two-2"]


@pytest.mark.parametrize(
    ("one", "other", "id_"),
    [("x/a/one.yaml", "y/a/one.yaml", "recorded/a/one"), ("a/One 1.yaml", "a/one-1.yaml", "recorded/a/one-1")],
)
def test_files_that_are_still_called_the_same_are_both_named(tmp_path, one, other, id_):
    one, other = tape(tmp_path / one), tape(tmp_path / other)
    told = f"{one} and {other} give a case the same id, {id_}; rename one of them, or leave it out"
    assert refusal(one, other) == told


def test_names_beyond_ascii_stay_apart(tmp_path):
    for name in ("日本", "中国", "Año 1"):
        tape(tmp_path / f"{name}.yaml")
    assert set(ids(tmp_path)) == {"recorded/u65e5u672c", "recorded/u4e2du56fd", "recorded/auf1o-1"}


def test_what_is_hidden_is_passed_over_as_every_command_does(tmp_path):
    tape(tmp_path / "one.yaml")
    for hidden in (".git/two.yaml", ".three.yaml", "deep/.cache/four.yml"):
        tape(tmp_path / hidden)
    assert ids(tmp_path) == ["recorded/one"]
    assert ids(tmp_path / ".git" / "two.yaml") == ["recorded/two"]


def test_a_bundled_cassette_has_a_name():
    (case,) = load("openai/chat-text")
    assert (case.id, case.given.answers[0].cassette) == ("recorded/openai/chat-text", "openai/chat-text")
    assert check(case) is None


@pytest.mark.parametrize("name", ["one.json", "one", "one.tape", "a/b.json"])
def test_a_file_that_is_named_may_be_called_as_it_likes(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content(answered(), wire="openai-chat")))
    for named in (name, path):
        (case,) = load(named, checked=check)
        assert case.id == "recorded/" + path.name.removesuffix(".json")


def test_a_line_end_in_a_path_is_a_letter_like_others(tmp_path):
    (case,) = load(tape(tmp_path / "a\nb" / "one\n2.yaml"), checked=check)
    assert case.id == "recorded/one-2"


@pytest.mark.skipif(os.name != "posix", reason="file names are text here")
def test_a_name_that_is_no_text_is_refused(tmp_path):
    place = os.fsencode(tmp_path) + b"/\xff.yaml"
    shutil.copyfile(tape(tmp_path / "one.yaml"), place)
    assert "its name is no UTF-8; rename it" in refusal(os.fsdecode(place))


def test_the_title_shows_no_secret_of_the_url(tmp_path):
    key = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD"
    uri = f"https://user:hunter2pass@api.example.com/bot/{key}/v1/chat/completions?key=AIzaSyA1234567890abcdefghijkl"
    (case,) = load(tape(tmp_path / "one.yaml", answered(uri=uri)))
    assert case.title.startswith("The recorded answer to POST /bot/sk-")
    assert case.title.endswith("/v1/chat/completions is brought to its client")
    for secret in (key, key[10:], "hunter2pass", "user", "AIza", "example"):
        assert secret not in case.title


def test_a_key_of_a_header_is_hidden_in_the_path_too(tmp_path):
    sent = {"x-api-key": ["correct-horse-battery"]}
    (case,) = load(tape(tmp_path / "one.yaml", answered(uri="https://h/correct-horse-battery/chat", sent=sent)))
    assert "correct-horse" not in case.title


@pytest.mark.parametrize(
    ("uri", "path"),
    [("http://[::1/v1/chat/completions", "/v1/chat/completions"), ("v1/x", "v1/x"), ("", "/"), ("https://h", "/")],
)
def test_an_address_that_is_none_has_a_title_too(tmp_path, uri, path):
    (case,) = load(tape(tmp_path / "one.yaml", answered(uri=uri)))
    assert case.title == f"The recorded answer to POST {path} is brought to its client"


def test_what_cannot_be_seen_is_not_printed(tmp_path):
    path = tmp_path / "one.json"
    asked = answered(method="PO\x1b[31mST", uri="https://h/a\n\ud800")
    path.write_text(json.dumps(content(asked, wire="openai-chat")))
    (case,) = load(path)
    assert case.title == "The recorded answer to PO\ufffd[31mST /a\ufffd\ufffd is brought to its client"


@pytest.mark.parametrize("asked", [b"\xff\xfe", "{", "[" * 100_000, '{"messages": 5}'])
def test_where_the_request_cannot_be_read_a_greeting_is_asked(tmp_path, asked):
    (case,) = load(tape(tmp_path / "one.yaml", interaction(asked, BODY)), checked=check)
    assert case.request["messages"] == [{"role": "user", "content": "Hello."}]
    assert case.title.endswith("; asked by a greeting, since what was asked then cannot be read")


def test_everything_that_cannot_be_played_is_told_at_once_with_file_and_number(tmp_path):
    places = {
        "bad": (answered(), answered(status=204)),
        "gzip": (answered(headers={"content-encoding": ["gzip, morse"]}),),
        "head": (answered(headers={"content-type": ["a\r\nb"]}),),
        "wire": (answered(uri="https://h/unheard-of"),),
    }
    for name, interactions in places.items():
        tape(tmp_path / f"{name}.yaml", *interactions, wire=None if name == "wire" else "openai-chat")
    (tmp_path / "yaml.yaml").write_text("a: [")
    (tmp_path / "empty").mkdir()
    told = refusal(tmp_path, tmp_path / "nowhere.yaml", tmp_path / "empty")
    assert told.startswith("7 faults in what is to be played: ")
    for words in (
        f"{tmp_path}/bad.yaml: interactions.1: an answer of status 204 has no body",
        f"{tmp_path}/gzip.yaml: interactions.0: the body's content-encoding 'gzip, morse' cannot be undone",
        f"{tmp_path}/head.yaml: interactions.0: HTTP has no such head",
        f"{tmp_path}/wire.yaml: interactions.0: nobody says which wire",
        f"{tmp_path}/yaml.yaml: is not YAML",
        f"{tmp_path}/nowhere.yaml: neither a file nor",
        f"{tmp_path}/empty: there is no cassette in this folder",
    ):
        assert words in told


def test_a_file_that_was_written_anew_is_read_anew(tmp_path):
    path = tape(tmp_path / "one.yaml")
    assert tapes.tape(str(path)).status == 200
    tape(path, answered(status=429))
    assert tapes.tape(str(path)).status == 429
    before = path.stat()
    path.write_text(path.read_text().replace("429", "503"))  # as long as before
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert tapes.tape(str(path)).status == 503
    path.unlink()
    assert "cannot be read" in tapes.fault(str(path))


def case_of(folder, given):
    path = folder / "area" / "one.json"
    path.parent.mkdir(exist_ok=True)
    case = {"id": "area/one", "title": "t", "sections": ["§8"], "operation": "chat", "profiles": ["spec"]}
    path.write_text(json.dumps(case | {"given": given, "request": {"model": "openai/m", "messages": []}}))
    return path


@pytest.mark.parametrize("name", ["openai/chat-text", "../own.yaml", "../own\nline.yaml", "./../own.tape"])
def test_a_case_whose_wire_contradicts_its_cassettes_is_refused(tmp_path, name):
    if not cassette.exists(name):
        (tmp_path / "area").mkdir()
        (tmp_path / "area" / name).write_text(yaml.safe_dump(content(answered(), wire="openai-chat")))
    path = case_of(tmp_path, {"wire": "ollama-chat", "answers": [{"text": "x"}, {"cassette": name}]})
    with pytest.raises(InputError) as caught:
        store.load([tmp_path], check)
    told = str(caught.value)
    assert told.startswith(f"{path}: given.answers.1.cassette: the cassette ")
    assert told.endswith(" speaks openai-chat, and the case's wire is ollama-chat")
    case_of(tmp_path, {"wire": "openai-chat", "answers": [{"text": "x"}, {"cassette": name}]})
    assert len(store.load([tmp_path], check)) == 1
