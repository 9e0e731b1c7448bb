"""`streamchunk compare`: the same cases, several implementations, and where they part."""

import json
import re
import sys
from pathlib import Path

import pytest

CASES = Path(__file__).parent.parent.parent / "fixtures" / "cases"
WRONG = "python:implementations"
ADAPTERS = """
from harness.bundled import adapter as right

class Splits:
    "Says every text letter by letter."
    name = "splits"
    async def transform(self, events, request):
        said = ""
        async for chunk in right.transform(events, request):
            if chunk["type"] != "content":
                yield chunk
                continue
            for letter in chunk["delta"]:
                said += letter
                yield chunk | {"delta": letter, "content": said}

class Errs:
    def transform(self, events, request):
        return []

class Parses:
    def parse_json(self, text, schema):
        return {"data": None, "rawText": text}

class TanStack(Splits):
    profile = "tanstack"
"""


@pytest.fixture
def compare(tmp_path, monkeypatch, streamchunk):
    """Run `streamchunk compare` where the adapters of these tests and the wrong ones can be imported.

    A case that is named is loaded by itself: the whole suite takes a second to read.
    """
    (tmp_path / "compared_adapters.py").write_text(ADAPTERS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parent.parent), *sys.path])

    def run(*arguments):
        files = [CASES / f"{one}.json" for one in arguments]
        given = [("--cases", file) if file.is_file() else (one,) for one, file in zip(arguments, files, strict=True)]
        return streamchunk("compare", *(part for parts in given for part in parts))

    yield run
    sys.modules.pop("compared_adapters", None)


def test_an_implementation_agrees_with_itself(compare):
    ran = compare("reference", "reference", "text", "parsing")
    assert ran.status == 0
    cases = re.search(r"(\d+) cases: (\d+) equal, 0 alike, 0 parted, 0 not compared", ran.last)
    assert cases
    assert cases[1] == cases[2] != "0"
    assert ran.last.startswith("streamchunk: they agree (exit 0): ")
    assert "PARTED" not in ran.out


def test_who_drops_text_parts_and_both_chunks_are_shown(compare):
    ran = compare("reference", f"mine={WRONG}:drops_the_last_delta", "text/white-space-is-kept")
    assert ran.status == 1
    assert ran.lines[:3] == [
        "PARTED text/white-space-is-kept: White space at both ends and between is kept (R4)",
        "    reference  A  passed",
        "    mine       B  failed: TEXT-4, expect",
    ]
    assert ran.lines[3].startswith("  different text, behind 7 characters: ")
    assert ran.lines[4].startswith('    reference  chunk 5: {"type":"content"')
    assert ran.lines[5].startswith('    mine       chunk 4: {"type":"content"')
    assert ran.last == (
        "streamchunk: they part, or are wrong (exit 1): 1 case: 0 equal, 0 alike, 1 parted, 0 not compared; "
        "reference, mine, profile spec"
    )


@pytest.mark.parametrize(
    ("wrong", "case", "difference"),
    [
        ("doubles_done", "text/two-blocks", "one ends earlier"),
        ("forgets_the_end", "text/two-blocks", "one ends earlier"),
        ("sends_the_delta_as_content", "text/two-blocks", "another chunk"),
        ("encodes_arguments_twice", "arguments/escapes", "different arguments"),
        ("raises_where_an_error_chunk_is_due", "errors/a-list", "one ends earlier"),
    ],
)
def test_each_wrong_implementation_parts_in_its_own_way(compare, wrong, case, difference):
    ran = compare("reference", f"{WRONG}:{wrong}", case)
    assert ran.status == 1
    assert f"\n  {difference}" in ran.out


def test_a_text_in_other_pieces_is_alike_and_shown_with_all(compare):
    quiet = compare("reference", "python:compared_adapters:Splits", "text/two-blocks")
    assert (quiet.status, "ALIKE" in quiet.out) == (0, False)
    assert "0 equal, 1 alike, 0 parted" in quiet.last
    ran = compare("reference", "python:compared_adapters:Splits", "text/two-blocks", "--all")
    assert ran.lines[0].startswith("ALIKE text/two-blocks: ")
    assert "  split differently" in ran.lines


def test_two_that_are_wrong_alike_agree_and_are_wrong(compare):
    wrong = f"{WRONG}:drops_the_last_delta"
    ran = compare(wrong, wrong, "text/two-blocks")
    assert (ran.status, "1 equal" in ran.last) == (1, True)
    assert f"{wrong}, {wrong} (2), profile spec" in ran.last


def test_what_one_does_not_offer_is_not_compared(compare):
    ran = compare("reference", "python:compared_adapters:Parses", "text/two-blocks", "--all")
    assert ran.status == 4
    assert ran.lines[0].startswith("NOT COMPARED text/two-blocks")
    assert "not applicable: python:compared_adapters:Parses does not offer transform" in ran.out


def test_who_errs_is_shown_and_the_others_are_compared(compare):
    ran = compare("reference", "python:compared_adapters:Errs", f"{WRONG}:doubles_done", "text/two-blocks")
    assert ran.status == 3
    assert "errored: ShimError: transform gave a list" in ran.out
    assert "1 parted" in ran.last


def test_the_groups_tell_who_agrees_with_whom(compare):
    ran = compare("a=reference", f"b={WRONG}:doubles_done", "c=python:compared_adapters:Splits", "text/two-blocks")
    assert [line.split()[:2] for line in ran.lines[1:4]] == [["a", "A"], ["b", "B"], ["c", "A"]]
    assert "a and c: 1 of 1 answers do not part" in ran.lines
    assert "a and b: 0 of 1 answers do not part" in ran.lines


@pytest.mark.parametrize(
    ("targets", "profile"),
    [
        (["reference", "python:compared_adapters:Splits"], "spec"),
        (["reference", "python:compared_adapters:TanStack"], "tanstack"),
        (["reference", "python:compared_adapters:TanStack", "--profile", "spec"], "spec"),
    ],
)
def test_the_law_is_one_that_holds_for_all(compare, targets, profile):
    assert compare(*targets, "text/two-blocks").last.endswith(f"profile {profile}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["reference", "text/*"], "1 TARGET given, and two are wanted"),
        ([], "0 TARGETs given"),
        (["text/*", "reference", "a=reference"], "the TARGET reference stands behind 'text/*', which is taken for a"),
        (["reference", "text/*", "a=reference"], "the TARGET a=reference stands behind 'text/*'"),
        (["reference", "=reference"], "=reference has no name before the '='"),
        (["reference", " =python:x:y"], "has no name before the '='"),
        (["reference", "a=b=reference"], "a=b=reference: a name holds no '='"),
        (["reference", "a=b=python:x:y"], "a=b=python:x:y: a name holds no '='"),
        (["reference", "a=b"], "a=b: 'b' is no target; write NAME=TARGET"),
        (["reference", "a="], "a=: '' is no target"),
        (["reference", "python:no_such_module:x"], "no_such_module"),
        (["reference", "mine=fax:1"], "is not a target"),
        (["reference", "a=reference", "python:no_such_module:x"], "TARGET 3, python:no_such_module:x: "),
        (["mine=python:no_such_module:x", "reference"], "TARGET 1, mine: "),
        (["reference", "reference", "text/two-blocks", "no/such"], "matches none"),
        (["reference", "reference", "--report", "pdf=x"], "--report"),
    ],
)
def test_what_cannot_be_followed_exits_2(compare, arguments, said):
    ran = compare(*arguments)
    assert ran.status == 2
    assert said in ran.err


def test_a_target_may_have_an_equals_sign_of_its_own(compare):
    ran = compare("reference", "http://127.0.0.1:1/chat?a=b", "--start-timeout", "0.2")
    assert ran.status == 2
    assert "nothing answers at http://127.0.0.1:1/chat" in ran.err


def test_reports_are_written_in_every_form(compare):
    forms = ["json=c.json", "md=c.md", "html=c.html"]
    ran = compare(
        "reference", f"<b>={WRONG}:drops_the_last_delta", "text/two-blocks", "text/one-delta", "--format", "json",
        *(part for form in forms for part in ("--report", form)),
    )  # fmt: skip
    assert ran.status == 1
    assert ran.json == json.loads(Path("c.json").read_text())
    assert ran.json["footer"] == {"status": 1, "line": ran.err.splitlines()[-1]}
    assert [one["label"] for one in ran.json["header"]["implementations"]] == ["reference", "<b>"]
    parted = [case for case in ran.json["cases"] if case["state"] == "parted"]
    assert len(parted) == ran.json["summary"]["states"]["parted"] > 0
    assert all(case["apart"][0]["implementations"] == [0, 1] and len(case["cells"]) == 2 for case in parted)
    page, text = Path("c.html").read_text(), Path("c.md").read_text()
    for case in parted:
        assert case["id"] in page
        assert case["id"] in text
    assert "<b>=" not in page
    assert "&lt;b&gt;" in page
    assert "\\<b\\>" in text
