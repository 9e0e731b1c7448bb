"""An expectations file that is extended and narrowed keeps what a person wrote in it."""

import tomllib
from datetime import date

import pytest

from harness.errors import InputError
from harness.suite.expectations import UNEXPLAINED, parsed
from harness.suite.expectations_text import Addition, extended, narrowed

FILE = """\
# Ours, since March.

# The first one.
[[known]] # beside the header
cases = [
  "a/*", # all of a
  # and of b:
  "b/one",
]
rule = "END-3" # beside the rule
reason = "first"
# Behind the first.

# The second one.
[[known]]
reason = \"""
# no comment, but a reason
\"""
rule = "TOOL-3"
cases = "c/one" # only this

# The third one.
[[known]]
cases = ["d/one", "d/two"]
rule = "expect"
reason = "third"
# The end.
"""


def read(text):
    return parsed(text, "known.toml", rules={"END-3", "TOOL-3"}, today=date(2026, 1, 1))


def comments(text):
    return [line.strip() for line in text.splitlines() if line.lstrip().startswith("#")]


def test_new_entries_come_behind_all_that_is_there():
    text = extended(FILE, [Addition("END-3", ("x/*", "y/one")), Addition("TOOL-3", ("z/one",))], "known.toml")
    assert text.startswith(FILE)
    assert [(entry.rule, entry.patterns, entry.reason) for entry in read(text)[3:]] == [
        ("END-3", ("x/*", "y/one"), UNEXPLAINED),
        ("TOOL-3", ("z/one",), UNEXPLAINED),
    ]


ONE = '[[known]]\ncases = ["x/one"]\nrule = "END-3"\nreason = "not yet explained"\n'


@pytest.mark.parametrize(
    ("text", "written"), [("\n", ONE), ("# mine\n", f"# mine\n\n{ONE}"), ("# mine\n\n\n", f"# mine\n\n{ONE}")]
)
def test_a_file_without_an_entry_gets_its_first(text, written):
    assert extended(text, [Addition("END-3", ("x/one",))], "known.toml") == written


def test_a_new_file_says_what_it_is():
    written = extended("", [Addition("END-3", ("x/one",))], "known.toml")
    assert written.startswith("# Failures that are known")
    assert written.endswith(f"\n\n{ONE}")


def test_nothing_to_add_changes_nothing():
    assert extended(FILE, [], "known.toml") == FILE
    assert extended("", [], "known.toml") == ""


def test_lines_end_as_they_ended():
    written = extended(FILE.replace("\n", "\r\n"), [Addition("END-3", ("x/one",))], "known.toml")
    assert written.count("\r\n") == written.count("\n")
    assert len(read(written)) == 4


def test_what_is_kept_whole_keeps_every_letter():
    assert narrowed(FILE, [[["a/*"], ["b/one"]], [["c/one"]], [["d/one"], ["d/two"]]], "known.toml") == FILE
    assert narrowed("# nothing\n", [], "known.toml") == "# nothing\n"


def test_a_pattern_is_narrowed_where_it_stands():
    text = narrowed(FILE, [[["a/one", "a/two"], ["b/one"]], [["c/one"]], [[], ["d/two"]]], "known.toml")
    assert [entry.patterns for entry in read(text)] == [("a/one", "a/two", "b/one"), ("c/one",), ("d/two",)]
    assert comments(text) == comments(FILE)
    assert '"a/one", # all of a' in text


def test_a_single_pattern_becomes_a_list_where_it_needs_to():
    text = narrowed(FILE, [[["a/*"], ["b/one"]], [["c/one/x", "c/one/y"]], [["d/one"], ["d/two"]]], "known.toml")
    assert read(text)[1].patterns == ("c/one/x", "c/one/y")
    assert "# only this" in text


@pytest.mark.parametrize("text", [FILE, "known = []\n# The end.\n", "# Ours.\nknown = [\n] # none\n"])
def test_a_list_that_is_empty_can_be_extended(text):
    kept = [[[] for _ in entry.patterns] for entry in read(text)]
    emptied = narrowed(text, kept, "known.toml")
    assert read(emptied) == ()
    if kept:
        assert "known = " not in emptied
        assert emptied.startswith("# Ours, since March.\n")
    again = extended(emptied, [Addition("END-3", ("x/one",))], "known.toml")
    assert [entry.patterns for entry in read(again)] == [("x/one",)]
    assert comments(again)[-1] == comments(text)[-1] or text.endswith("# none\n")


@pytest.mark.parametrize("gone", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)])
def test_an_entry_that_is_taken_out_leaves_the_comments_and_the_other_entries(gone):
    whole = [[["a/*"], ["b/one"]], [["c/one"]], [["d/one"], ["d/two"]]]
    text = narrowed(
        FILE, [[[] for _ in one] if place in gone else one for place, one in enumerate(whole)], "known.toml"
    )
    left = [entry for place, entry in enumerate(read(FILE)) if place not in gone]
    assert [(entry.rule, entry.patterns, entry.reason) for entry in read(text)] == [
        (entry.rule, entry.patterns, entry.reason) for entry in left
    ]
    inside = {0: {"# and of b:"}, 1: {"# no comment, but a reason"}}
    lost = set().union(*(inside.get(place, set()) for place in gone))
    assert comments(text) == [line for line in comments(FILE) if line not in lost]


def test_tables_in_a_row_cannot_be_rewritten_and_that_is_told():
    text = 'known = [{cases = "a/b", rule = "END-3", reason = "r"}]'
    assert tomllib.loads(text)
    for rewritten in (
        lambda: extended(text, [Addition("END-3", ("x/one",))], "known.toml"),
        lambda: narrowed(text, [[[]]], "known.toml"),
    ):
        with pytest.raises(InputError, match=r"^known.toml: cannot be rewritten: write each known failure as a table"):
            rewritten()
