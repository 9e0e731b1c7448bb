"""A file that is no cassette is told as one, in one line that names the file and the place; nothing in it ever runs."""

import json

import pytest
import yaml

from harness.cassettes import cassette, loading
from harness.errors import InputError
from taped import GOOD, changed, written

ANSWER = "interactions.0.response"
HALF_A_PAIR = json.dumps(changed("interactions.0.request.body", "\ud83d"))  # vcrpy's other serializer


def message(tmp_path, content):
    path = written(tmp_path, content)
    with pytest.raises(InputError) as caught:
        cassette.read(path)
    told = str(caught.value)
    assert told.startswith(f"{path}: ")
    assert "\n" not in told
    assert len(told) < 1000
    return told.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("interactions: [", "is not YAML"),
        ("[" * 5000, "is nested too deep"),
        ("[" * 200_000 + "]" * 200_000, "is nested too deep"),
        ("{" * 200_000, "is nested too deep"),
        ("- " * 200_000, "is nested too deep"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "is nested too deep"),
        ("when: 2024-99-99", "is not YAML: a value is none of its kind"),
        ("a: !!int ''", "is not YAML: a value is none of its kind"),
        ("a: !!bool perhaps", "is not YAML: a value is none of its kind"),
        ("a: !!timestamp soon", "is not YAML: a value is none of its kind"),
        ("a: !!float x", "is not YAML: a value is none of its kind"),
        ("a: !!python/object/new:_io.BytesIO text", "is not YAML"),
        ("a: 1\nb: [2\nc: 3", "(line "),
        ("a: *nobody", "is not YAML"),
        ("a: 1\n--- \nb: 2", "is not YAML"),
        ("{[1]: 2}", "is not YAML"),
        ("\ttab: 1", "is not YAML"),
        ("", "version: is missing"),
        ("null", "version: is missing"),
        ("- 1", "version: is missing"),
        ("text", "version: is missing"),
        (changed("version", 2), "version: expected 1, seen another number"),
        (changed("version", "1"), "version: expected a whole number, seen the text '1'"),
        (changed("version", True), "version: expected a whole number, seen true or false"),
        (changed("wire", 5), "wire: expected text or nothing, seen a whole number"),
        (
            changed("provenance", "invented"),
            "provenance: expected one of synthetic, recorded, recorded-parsed, seen 'invented'",
        ),
        (changed("provenance", ["synthetic"]), "provenance: expected text or nothing, seen a list"),
        (changed("interactions", []), "interactions: is empty"),
        (changed("interactions", {}), "interactions: expected a list, seen a mapping"),
        (changed("interactions", ["text"]), "interactions.0.request: is missing"),
        (changed("interactions.0.request", ...), "interactions.0.request: is missing"),
        (changed(ANSWER, ...), f"{ANSWER}: is missing"),
        (changed(ANSWER, None), f"{ANSWER}: expected a mapping, seen nothing"),
        (changed("interactions.0.request.uri", ...), "interactions.0.request.uri: is missing"),
        (changed(f"{ANSWER}.status", ...), f"{ANSWER}.status: is missing"),
        (changed(f"{ANSWER}.status.code", "200"), "status.code: expected a whole number, seen the text '200'"),
        (changed(f"{ANSWER}.status.code", 99), "status.code: expected an HTTP status of three digits"),
        (changed(f"{ANSWER}.headers", []), "response.headers: expected a mapping or nothing, seen a list"),
        (changed(f"{ANSWER}.headers", {"a": [1]}), "response.headers.a: expected text"),
        (changed(f"{ANSWER}.headers", {7: ["a"]}), "response.headers.7: expected text"),
        (changed(f"{ANSWER}.body.string", 5), "body.string: expected text, bytes or nothing, seen a whole number"),
        (changed(f"{ANSWER}.body", {"base64_string": "%%%"}), "body.base64_string: is not base64"),
        (changed(f"{ANSWER}.body", {"base64_string": "é"}), "body.base64_string: is not base64"),
        (changed(f"{ANSWER}.body.string", "\ud83d"), "is not YAML"),
        (HALF_A_PAIR, "request.body: holds half of a surrogate pair"),
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_a_broken_cassette_says_what_and_where(tmp_path, content, words):
    assert words in message(tmp_path, content)


@pytest.mark.parametrize(
    ("name", "words"),
    [("none.yaml", "No such file"), (".", "Is a directory"), ("a\0b", "null byte"), ("x" * 300, "too long")],
)
def test_a_path_that_cannot_be_read_says_why(tmp_path, name, words):
    with pytest.raises(InputError, match=words):
        cassette.read(tmp_path / name)


def test_bytes_that_are_no_text_are_no_yaml(tmp_path):
    path = tmp_path / "one.yaml"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(InputError, match="is not YAML"):
        cassette.read(path)


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system",
        "!!python/object/new:subprocess.Popen",
        "!!python/object:harness.errors.InputError",
        "!!python/name:os.system",
        "!!python/module:os",
        "!!python/object/apply:builtins.eval",
        "!application/own",
    ],
)
def test_a_tag_that_could_run_something_is_refused_by_name_and_line(tmp_path, tag):
    told = message(tmp_path, f"version: 1\ninteractions:\n- {tag} ['touch {tmp_path}/ran']\n")
    assert f"the YAML tag '{tag}' is refused (line 3)" in told
    assert not (tmp_path / "ran").exists()


def test_aliases_that_would_swell_are_refused(tmp_path):
    laughs = "a0: &a0 [ha, ha]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 10}]\n" for n in range(1, 12))
    assert "stand for more values than a cassette can have" in message(tmp_path, laughs)


def test_merged_mappings_that_would_swell_are_refused(tmp_path):
    laughs = "- &m0 {k: v}\n" + "".join(
        f"- &m{n}\n  <<: [{', '.join([f'*m{n - 1}'] * 10)}]\n" for n in range(1, 12)
    )  # fmt: skip
    assert "stand for more values than a cassette can have" in message(tmp_path, laughs)


def test_tuples_within_tuples_that_would_swell_as_a_key_are_refused(tmp_path):
    laughs = "- &t0 !!python/tuple [1]\n" + "".join(
        f"- &t{n} !!python/tuple [{', '.join([f'*t{n - 1}'] * 10)}]\n" for n in range(1, 12)
    )  # fmt: skip
    assert "stand for more values" in message(tmp_path, f"{laughs}- {{? *t11 : x}}\n")


@pytest.mark.parametrize("text", ["a: &a [*a]", "&a {b: {c: *a}}"])
def test_an_alias_within_itself_is_refused(tmp_path, text):
    assert "an alias (*name) stands within what it is a name for (line 1)" in message(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "version: 1\ninteractions: [1]\nwire: a\ninteractions: [2]\n",
            "'interactions' stands twice in one mapping (lines 2 and 4)",
        ),
        ("a:\n  b: 1\n  'b': 2\n", "'b' stands twice in one mapping (lines 2 and 3)"),
        ("a: {b: 1, b: 1}", "'b' stands twice in one mapping (lines 1 and 1)"),
        ("- {a: 1}\n- {a: 1, c: {d: [{e: 1,\n e: 2}]}}\n", "'e' stands twice in one mapping (lines 2 and 3)"),
        ('{"version": 1, "interactions": [], "interactions": []}', "'interactions' stands twice in one object"),
    ],
)
def test_a_key_that_stands_twice_is_refused_since_half_of_the_file_would_be_lost(tmp_path, text, words):
    assert f"the key {words}" in message(tmp_path, text)


def test_keys_that_are_equal_only_as_text_stand_once():
    assert loading.loaded(b"{1: a, '1': b}") == {1: "a", "1": "b"}
    assert loading.loaded(b"a: {x: 1}\nb: {x: 1}\n") == {"a": {"x": 1}, "b": {"x": 1}}


@pytest.mark.parametrize("text", [b"a: \xff", b"a: \x00", b"\xff\xfea", b"\x80"])
def test_a_byte_that_yaml_does_not_have_is_told_by_its_place_and_in_no_words_of_python(text):
    with pytest.raises(
        InputError, match=r"^is not YAML: the byte or character at place \d+ is none that YAML may have$"
    ):
        loading.loaded(text)


@pytest.mark.parametrize("text", [b"version: " + b"1" * 5000, b'{"version": ' + b"1" * 5000 + b"}", b"a: 2001-99-99"])
def test_a_value_that_python_refuses_is_told_without_its_words(text):
    with pytest.raises(InputError) as caught:
        loading.loaded(text)
    assert str(caught.value) == "is not YAML: a value is none of its kind, such as a date that no calendar has"


def test_an_alias_for_what_stands_twice_is_read_as_vcrpy_writes_it(tmp_path):
    text = yaml.safe_dump(GOOD)
    content = yaml.safe_load(text)
    content["interactions"] *= 2  # the same object: the dumper writes it once, and an alias
    path = written(tmp_path, content)
    assert "*id001" in path.read_text()
    assert len(cassette.read(path).interactions) == 2


def test_a_number_of_a_million_digits_is_told_without_its_digits(tmp_path):
    text = yaml.safe_dump(GOOD).replace("code: 200", f"code: 0x{'f' * 1_000_000}")
    assert "expected an HTTP status" in message(tmp_path, text)
    text = yaml.safe_dump(GOOD).replace("code: 200", f"code: {'9' * 1_000_000}")
    assert "is not YAML" in message(tmp_path, text)


@pytest.mark.parametrize("parser", ["C", "Python"])
def test_no_line_of_a_damaged_file_is_shown_since_a_key_may_stand_in_it(tmp_path, monkeypatch, parser):
    if parser == "Python":
        monkeypatch.setattr(loading, "_Loader", PlainLoader)
    for text in (
        "headers:\n  authorization: 'Bearer sk-live-0123456789\n  next: 1",
        "headers: {authorization: !!int Bearer sk-live-0123456789}",
        "headers: [authorization: 'Bearer sk-live-0123456789'",
        "a: @sk-live-0123456789",
    ):
        assert "0123456789" not in message(tmp_path, text)


class PlainLoader(yaml.SafeLoader):
    """What is used where libyaml is not built in."""
