"""The configuration: which file counts, what it may say, and how each fault in it is told."""

import os
from pathlib import Path

import pytest

from harness import config
from harness.errors import InputError

EVERYTHING = """
target = "stdio:node shim.mjs"
profile = "tanstack"
dialect = "streamchunk"
strict = true
timeout = 5
start-timeout = 2.5
expectations = "known/failures.toml"
cases = ["cases", "more/one.json"]
cassettes = ["recorded", "openai/chat-text"]
provider = "127.0.0.1:8788"
wires = ["openai-chat"]

[levels]
TEXT-3 = "off"
END-5 = "MUST"
TOOL-1 = "SHOULD"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to stand in, far below others."""
    here = tmp_path / "project" / "packages" / "adapter"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    return here


def test_every_key_is_read_and_paths_are_those_beside_the_file(tmp_path):
    (tmp_path / "recorded").mkdir()
    (tmp_path / "streamchunk.toml").write_text(EVERYTHING)
    said = config.nearest(tmp_path)
    assert said == config.Config(
        file=tmp_path / "streamchunk.toml",
        target="stdio:node shim.mjs",
        profile="tanstack",
        dialect="streamchunk",
        strict=True,
        timeout=5.0,
        start_timeout=2.5,
        expectations=tmp_path / "known" / "failures.toml",
        cases=(tmp_path / "cases", tmp_path / "more" / "one.json"),
        cassettes=(str(tmp_path / "recorded"), "openai/chat-text"),
        provider="127.0.0.1:8788",
        wires=("openai-chat",),
        levels={"TEXT-3": "off", "END-5": "MUST", "TOOL-1": "SHOULD"},
    )
    assert said.folder == tmp_path


def test_an_empty_file_says_nothing(tmp_path):
    (tmp_path / "streamchunk.toml").write_text("")
    assert config.nearest(tmp_path) == config.Config(file=tmp_path / "streamchunk.toml")


def test_the_nearest_file_counts_and_no_other(folder):
    (folder.parent.parent / "streamchunk.toml").write_text('target = "far"\nstrict = true')
    assert config.nearest(folder).target == "far"
    (folder.parent / "pyproject.toml").write_text('[tool.streamchunk]\ntarget = "near"')
    assert (config.nearest(folder).target, config.nearest(folder).strict) == ("near", None)


def test_a_pyproject_without_our_table_is_passed_over(folder):
    (folder.parent / "streamchunk.toml").write_text('target = "found"')
    for text in [
        "[tool.ruff]\nline-length = 100",
        "tool = 3 # streamchunk",
        "[project]\nname = 'streamchunk-adapter'",
        "",
    ]:
        (folder / "pyproject.toml").write_text(text)
        assert config.nearest(folder).target == "found"


def test_a_broken_pyproject_that_does_not_speak_of_us_is_somebody_elses(folder):
    (folder.parent / "streamchunk.toml").write_text('target = "found"')
    (folder / "pyproject.toml").write_text("{{ cookiecutter.name }}")
    assert config.nearest(folder).target == "found"
    (folder / "pyproject.toml").write_text("[tool.streamchunk]\n{{ cookiecutter.name }}")
    with pytest.raises(InputError, match=r"^pyproject.toml: is not TOML: "):
        config.nearest(folder)


def test_streamchunk_toml_counts_where_both_are_in_one_folder(folder):
    (folder / "pyproject.toml").write_text('[tool.streamchunk]\ntarget = "table"\nprofile = "spec"')
    (folder / "streamchunk.toml").write_text('target = "file"')
    assert (config.nearest(folder).target, config.nearest(folder).profile) == ("file", None)


def test_a_named_file_is_read_wherever_it_lies_and_whatever_it_is_called(folder):
    (folder / "ci.toml").write_text('target = "ci"\ncases = ["x"]')
    (folder / "streamchunk.toml").write_text('target = "near"')
    said = config.read(Path("ci.toml"))
    assert (said.target, said.cases, said.folder) == ("ci", (Path("x"),), Path())
    (folder / "pyproject.toml").write_text('[tool.streamchunk]\ntarget = "table"')
    assert config.read(Path("pyproject.toml")).target == "table"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('tagret = "x"', "tagret: is no key; the keys are target, profile, dialect, strict, timeout, start-timeout, "),
        ("target = 3", "target: a text is wanted; seen: 3"),
        ('target = " "', "target: a text is wanted; seen: ' '"),
        (r'target = "a\u0000b"', r"target: a text is wanted; seen: 'a\x00b'"),
        ('strict = "yes"', "strict: true or false is wanted; seen: 'yes'"),
        ("strict = 1", "strict: true or false is wanted; seen: 1"),
        ("timeout = 0", "timeout: a number of seconds above 0, at most 86400, is wanted; seen: 0"),
        ("timeout = -1.5", "seen: -1.5"),
        ("timeout = nan", "seen: nan"),
        ("timeout = inf", "seen: inf"),
        ("timeout = true", "seen: true"),
        ("timeout = 86400.5", "seen: 86400.5"),
        ('start-timeout = "2s"', "start-timeout: a number of seconds above 0, at most 86400, is wanted; seen: '2s'"),
        ("expectations = []", "expectations: a text is wanted; seen: []"),
        ('cases = "one"', "cases: a list of paths is wanted; seen: 'one'"),
        ('cases = ["one", 2]', "cases[1]: a text is wanted; seen: 2"),
        ("cassettes = 1", "cassettes: a list of paths or names is wanted; seen: 1"),
        ('wires = ["openai-chat", ""]', "wires[1]: a text is wanted; seen: ''"),
        ("wires = {}", "wires: a list of texts is wanted; seen: {}"),
        ('levels = "off"', "levels: a table of rules, such as TEXT-3 = \"off\", is wanted; seen: 'off'"),
        ('[levels]\nTEXT-3 = "must"', "levels.TEXT-3: MUST, SHOULD or off is wanted; seen: 'must'"),
        ("[levels]\nTEXT-3 = false", "levels.TEXT-3: MUST, SHOULD or off is wanted; seen: false"),
        ("target = ", "is not TOML: "),
        ("a = " + "[" * 5000, "is not TOML: "),
        ("[levels]\n[levels]", "is not TOML: "),
    ],
)
def test_each_fault_is_told_with_its_file_its_key_what_is_wanted_and_what_was_seen(folder, text, words):
    (folder / "streamchunk.toml").write_text(text)
    with pytest.raises(InputError) as told:
        config.nearest(folder)
    assert str(told.value).startswith("streamchunk.toml: ")
    assert words in str(told.value)
    assert "\n" not in str(told.value)


def test_a_fault_in_a_pyproject_is_told_with_its_table(folder):
    (folder / "pyproject.toml").write_text("[tool.streamchunk]\nstrict = 0")
    with pytest.raises(
        InputError, match=r"^pyproject.toml: tool.streamchunk.strict: true or false is wanted; seen: 0$"
    ):
        config.nearest(folder)
    (folder / "pyproject.toml").write_text("[tool]\nstreamchunk = 3")
    with pytest.raises(InputError, match=r"^pyproject.toml: tool.streamchunk: a table is wanted; seen: 3$"):
        config.nearest(folder)


def test_a_fault_far_above_is_told_with_the_way_to_its_file(folder):
    (folder.parent.parent / "streamchunk.toml").write_text("strict = 0")
    with pytest.raises(InputError, match=r"^../../streamchunk.toml: strict: "):
        config.nearest(folder)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere.toml", "nowhere.toml: cannot be read: No such file or directory"),
        ("folder", "folder: cannot be read: Is a directory"),
        ("latin.toml", "latin.toml: cannot be read: 'utf-8' codec"),
        ("pyproject.toml", r"pyproject.toml: has no table \[tool.streamchunk\]"),
        ("/dev/zero", "is no regular file"),
        ("a\0b", "cannot be read: embedded null"),
    ],
)
def test_a_named_file_that_cannot_be_read_is_told(folder, name, words):
    (folder / "folder").mkdir()
    (folder / "latin.toml").write_bytes(b'target = "\xe9"')
    (folder / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(InputError, match=words):
        config.read(Path(name))


def test_a_value_that_only_others_can_check_is_refused_in_the_same_words(folder):
    (folder / "streamchunk.toml").write_text('profile = "mine"')
    said = config.nearest(folder)
    assert str(said.fault("profile", "spec or tanstack", said.profile)) == (
        "streamchunk.toml: profile: spec or tanstack is wanted; seen: 'mine'"
    )


def test_a_long_value_is_told_in_short(folder):
    (folder / "streamchunk.toml").write_text(f"strict = '{'x' * 10_000}'")
    with pytest.raises(InputError) as told:
        config.nearest(folder)
    assert len(str(told.value)) < 300


@pytest.mark.parametrize(
    "text", [b"# caf\xe9\n", b'[project]\nname = "caf\xe9"\ndependencies = ["streamchunk-harness"]\n']
)
def test_a_pyproject_of_somebody_else_that_is_no_utf_8_is_passed_over(tmp_path, folder, text):
    (folder.parent / "pyproject.toml").write_bytes(text)
    (tmp_path / "streamchunk.toml").write_text('target = "reference"')
    assert config.nearest(folder).target == "reference"
    assert not config.has_table(folder.parent / "pyproject.toml")


def test_a_table_of_ours_in_a_pyproject_that_is_no_utf_8_is_a_fault(folder):
    (folder / "pyproject.toml").write_bytes(b'[tool.streamchunk]\ntarget = "caf\xe9"\n')
    with pytest.raises(InputError, match=r"^pyproject.toml: cannot be read: "):
        config.nearest(folder)
    assert config.has_table(folder / "pyproject.toml")


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("nowhere")])
def test_a_file_of_ours_that_is_no_file_is_a_fault_and_not_absent(folder, make):
    make(folder.parent / "streamchunk.toml")
    with pytest.raises(InputError, match=r"^\.\./streamchunk.toml: (cannot be read|is no regular file)"):
        config.nearest(folder)


def test_a_byte_order_mark_is_no_fault(folder):
    (folder / "streamchunk.toml").write_bytes(b'\xef\xbb\xbftarget = "reference"')
    assert config.nearest(folder).target == "reference"


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("[tool.streamchunk]\n", True),
        ("[tool.streamchunk]\ntarge = 1\n", True),
        ("tool.streamchunk = 3\n", True),
        ("[tool.streamchunk]\n=\n", True),
        ('[project]\nname = "streamchunk-user"\n', False),
        ("[tool.other]\n=\n", False),
    ],
)
def test_a_pyproject_has_our_table_also_with_a_fault_in_it(folder, text, has):
    (folder / "pyproject.toml").write_text(text)
    assert config.has_table(folder / "pyproject.toml") == has
    assert not config.has_table(folder / "none.toml")
