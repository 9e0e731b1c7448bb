"""The form of a case file: what a person may write, and what is refused."""

import json
from pathlib import Path

import jsonschema
import pytest

from harness import resources
from harness.errors import FixtureError, InputError
from harness.suite import case as case_format
from harness.suite import store

GOOD = {
    "id": "area/name",
    "title": "A sentence",
    "sections": ["§5"],
    "operation": "transform",
    "profiles": ["spec", "tanstack"],
    "given": {"events": [{"type": "finish"}]},
    "request": {"model": "m", "messages": []},
    "expect": {"text": "", "usage": None, "finishReason": ["stop", None], "error": {"code": [None, "X"]}},
}


def changed(**members):
    """The good case with other members; ... removes one."""
    return {key: value for key, value in {**GOOD, **members}.items() if value is not ...}


def written(folder, content, name="area/name"):
    path = folder / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_the_printed_schema_is_the_one_that_ships():
    assert resources.schema("harness/case") == case_format.schema()


def test_the_schema_is_a_schema_and_accepts_every_bundled_case():
    schema = case_format.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    paths = list((resources.folder("fixtures") / "cases").rglob("*.json"))
    assert len(paths) >= 120
    for path in paths:
        validator.validate(json.loads(path.read_text()))


def test_a_case_is_read(tmp_path):
    [case] = store.load([written(tmp_path, GOOD)])
    assert (case.id, case.area, case.operation) == ("area/name", "area", "transform")
    assert case.expect.model_fields_set == {"text", "usage", "finish_reason", "error"}


WRONG = [
    (changed(extra=1), "extra: Extra inputs are not permitted"),
    (changed(title=...), "title: Field required"),
    (changed(title=""), "title: String should have at least 1 character"),
    (changed(sections=[]), "sections: List should have at least 1 item"),
    (changed(profiles=["mine"]), "profiles.0: Input should be 'spec' or 'tanstack'"),
    (changed(operation="fly"), "operation: Input should be 'transform'"),
    (changed(given={}), "given.events.events: Field required"),
    (changed(given={"events": [], "cassette": "a/b"}), "given.cassette.events: Extra inputs are not permitted"),
    (changed(given={"cassette": "../etc/passwd"}), "given.cassette.cassette: String should match pattern"),
    (changed(given={"events": [1]}), "given.events.events.0.dict[str,any]: Input should be a valid dictionary"),
    (changed(given={"events": [{"x": {"$number": "many"}}]}), "given.events.events: Value error"),
    (changed(given={"events": [{"$bytes": "a"}]}), "given.events.events: Value error"),
    (changed(given={"cassette": "openai/no-such-tape"}), "given.cassette: there is no cassette"),
    (changed(expect={"txt": ""}), "expect.txt: Extra inputs are not permitted"),
    (changed(expect={"text": None}), "expect.text: Input should be a valid string"),
    (changed(expect={"finishReason": "done"}), "expect.finishReason"),
    (changed(expect={"error": False}), "expect.error"),
    (changed(expect={"toolCalls": [{"id": "a"}]}), "expect.toolCalls.0.name: Field required"),
    (changed(expect={"toolCalls": [{"id": "a", "name": "n", "arguments": {}}]}), "expect.toolCalls.0.arguments"),
    (changed(expect={"usage": {"promptTokens": 1}}), "expect.usage.completionTokens: Field required"),
    (changed(id="area/other"), "id: expected 'area/name', which is the file's path, seen 'area/other'"),
    (changed(id="Area/Name"), "id: String should match pattern"),
    ([], "the file: Input should be a valid dictionary"),
    ("{", "is not JSON in UTF-8"),
    ("", "is not JSON in UTF-8"),
    ('{"id": "a", "id": "b"}', 'the key "id" stands twice'),
    ('{"id": NaN}', "NaN is not a JSON number"),
    ("[" * 100_000, "is not JSON in UTF-8: nested more than"),
]


@pytest.mark.parametrize(("content", "words"), WRONG)
def test_a_wrong_case_says_what_and_where(tmp_path, content, words):
    path = written(tmp_path, content)
    with pytest.raises(InputError) as caught:
        store.load([tmp_path])
    assert str(path) in str(caught.value)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_wrong_case_of_ours_is_our_fault(tmp_path, monkeypatch):
    written(tmp_path, changed(title=...), "cases/area/name")
    monkeypatch.setattr(store, "folder", lambda _: tmp_path)
    with pytest.raises(FixtureError, match="title: Field required"):
        store.bundled()


def test_what_cannot_be_read_is_the_users_fault(tmp_path):
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\x00")
    (tmp_path / "empty").mkdir()
    for place, words in [
        (tmp_path / "none.json", "cannot be read: No such file"),
        (binary, "is not JSON in UTF-8"),
        (tmp_path / "empty", "no case in this folder"),
    ]:
        with pytest.raises(InputError, match=words):
            store.load([place])


def test_an_id_is_the_path_below_the_folder_or_the_end_of_a_files_path(tmp_path):
    path = written(tmp_path, GOOD)
    assert [case.id for case in store.load([tmp_path])] == ["area/name"]
    assert [case.id for case in store.load([path])] == ["area/name"]
    with pytest.raises(InputError, match="id: expected 'name'"):
        store.load([path.parent])


def test_an_id_that_comes_twice_is_refused(tmp_path):
    path = written(tmp_path, GOOD)
    with pytest.raises(InputError, match="area/name comes twice"):
        store.load([tmp_path, path])


def test_a_relative_path_is_as_good_as_an_absolute_one(tmp_path, monkeypatch):
    written(tmp_path, GOOD)
    monkeypatch.chdir(tmp_path / "area")
    assert [case.id for case in store.load([Path("name.json")])] == ["area/name"]
