"""`streamchunk run --expectations`: each thing that makes a run red, and a list that is written and pruned."""

import json
import os
import sys

import pytest

from harness.resources import folder
from harness.suite.expectations import UNEXPLAINED

ADAPTERS = """
from harness.bundled import adapter as right

class Mine:
    name = "mine"
    async def transform(self, events, request):
        async for chunk in right.transform(events, request):
            yield chunk

class Doubles(Mine):
    async def transform(self, events, request):
        doubled = request.get("doubled", True)
        async for chunk in right.transform(events, request):
            yield chunk
            if doubled and chunk["type"] == "done":
                yield chunk

class Lists(Mine):
    def transform(self, events, request):
        return []

from pathlib import Path

class Meddles(Doubles):
    async def transform(self, events, request):
        Path("known.toml").write_text("# somebody was here\\n")
        async for chunk in super().transform(events, request):
            yield chunk
"""
EVENTS = [
    {"type": "response-metadata", "id": "r", "modelId": "m"},
    {"type": "text-delta", "id": "t", "delta": "Hi"},
    {"type": "finish", "finishReason": "stop", "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}},
]
MINE, DOUBLES, LISTS = (f"python:mine_of_known:{name}" for name in ("Mine", "Doubles", "Lists"))


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A user's folder: adapters, and cases a/one, a/two, b/one; what Doubles does wrong it does not do in b/two."""
    (tmp_path / "mine_of_known.py").write_text(ADAPTERS)
    for id_ in ("a/one", "a/two", "b/one", "b/two"):
        request = {"model": "m", "messages": [], "doubled": id_ != "b/two"}
        case = {"id": id_, "title": "It greets", "sections": ["§5"], "profiles": ["spec"], "given": {"events": EVENTS}}
        path = tmp_path / "cases" / f"{id_}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(case | {"request": request, "expect": {"text": "Hi"}}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("mine_of_known", None)


@pytest.fixture
def run(project, streamchunk):
    """Run the cases with a list of known failures, which is written before where one is given."""

    def run(target, *arguments, known=None, cases="cases"):
        if known is not None:
            (project / "known.toml").write_text(known)
        return streamchunk("run", target, "--cases", cases, "--expectations", "known.toml", *arguments)

    return run


def entry(cases, rule="END-3", reason="it says done twice", more=""):
    return f'[[known]]\ncases = {json.dumps(cases)}\nrule = "{rule}"\nreason = "{reason}"\n{more}\n'


ALL_LISTED = entry(["a/*", "b/one"])


def test_a_run_of_known_failures_conforms_and_says_how_many(run):
    ran = run(DOUBLES, known=ALL_LISTED)
    assert ran.status == 0
    assert ran.last == (
        "streamchunk: conforms (exit 0): 1 passed, 0 failed, 0 errored, 0 not applicable, 0 warnings, 3 known; "
        f"{DOUBLES}, profile spec"
    )
    assert "known 1 (END-3): found in 3 cases: it says done twice" in ran.lines
    assert "FAILED" not in ran.out
    assert ran.lines[0].split() == ["area", "passed", "failed", "known", "errored", "not", "applicable"]


def test_what_is_not_listed_is_red(run):
    ran = run(DOUBLES, known=entry("a/*"))
    assert ran.status == 1
    assert [line for line in ran.lines if line.startswith("FAILED")] == ["FAILED b/one: It greets (§5)"]
    assert "1 passed, 1 failed, 0 errored, 0 not applicable, 0 warnings, 2 known; " in ran.last


def test_a_case_that_is_listed_in_part_says_what_is_known_of_it_and_what_is_not(run, project):
    path = project / "cases" / "a" / "one.json"
    path.write_text(path.read_text().replace('"text": "Hi"', '"text": "Bye"'))
    ran = run(DOUBLES, "--report", "json=r.json", "--report", "md=r.md", "--report", "html=r.html", known=ALL_LISTED)
    assert ran.status == 1
    assert ran.lines[ran.lines.index("    known     END-3: it says done twice") + 1] == "    unlisted  expect"
    [failed] = [case for case in json.loads((project / "r.json").read_text())["cases"] if case["id"] == "a/one"]
    assert (failed["result"], [one["rule"] for one in failed["listed"]], failed["unlisted"]) == (
        "failed",
        ["END-3"],
        ["expect"],
    )
    assert "- known: END-3; unlisted: expect" in (project / "r.md").read_text()
    assert '<b class="failed">not listed</b> expect' in (project / "r.html").read_text()


def test_a_listed_failure_that_is_gone_is_red(run):
    ran = run(DOUBLES, known=entry(["a/*", "b/*"]))
    assert ran.status == 1
    assert "known.toml: stale: known 1 (END-3): listed, but not broken in b/two" in ran.lines
    assert "0 failed, 0 errored, 0 not applicable, 0 warnings, 3 known, 1 stale; " in ran.last


def test_a_flaky_one_is_not(run):
    assert run(DOUBLES, known=entry(["a/*", "b/*"], more="flaky = true")).status == 0


def test_a_pattern_that_matches_nothing_is_red(run):
    ran = run(DOUBLES, known=ALL_LISTED + entry("c/*", rule="TEXT-1"))
    assert ran.status == 1
    assert "known.toml: unmatched: known 2 (TEXT-1): no case of this suite matches c/*" in ran.lines
    assert ran.last.count("3 known, 1 unmatched; ") == 1


def test_an_entry_that_expired_is_red(run):
    ran = run(DOUBLES, known=entry(["a/*", "b/one"], more="expires = 2020-02-02"))
    assert ran.status == 1
    assert "    expired   END-3, on 2020-02-02: it says done twice (until 2020-02-02)" in ran.lines
    assert "known.toml: expired: known 1 (END-3): expired on 2020-02-02: it says done twice" in ran.lines
    assert "1 passed, 3 failed, 0 errored, 0 not applicable, 0 warnings, 0 known, 1 expired; " in ran.last
    assert run(DOUBLES, known=entry(["a/*", "b/one"], more="expires = 2999-02-02")).status == 0


def test_a_case_without_a_transcript_can_be_known_too(run):
    assert run(LISTS, known="").status == 3
    ran = run(LISTS, known=entry("*", rule="errored"))
    assert ran.status == 4  # as it should be, but nothing was exercised
    assert "0 passed, 0 failed, 0 errored, 0 not applicable, 0 warnings, 4 known; " in ran.last
    assert run(DOUBLES, known=ALL_LISTED + entry("*", rule="errored")).status == 1


def test_what_was_not_selected_is_neither_red_nor_green_and_is_told(run):
    ran = run(DOUBLES, "b/*", known=ALL_LISTED + entry("a/two", rule="expect"))
    assert ran.status == 0
    assert "known 2 (expect): no case of a/two was judged by it in this run, so nothing is known" in ran.lines
    assert run(DOUBLES, "b/*", known=ALL_LISTED + entry("c/two", rule="expect")).status == 1


def test_every_report_holds_what_is_known_and_what_is_wrong_with_the_list(run, project):
    known = (
        entry("a/*", more='link = "https://example.com/7"\nowner = "kim"')
        + entry(["b/*", "c/*"])
        + entry("a/one", "expect")
    )
    run(DOUBLES, *(f"--report={form}=r.{form}" for form in ("json", "md", "html")), known=known)
    report = json.loads((project / "r.json").read_text())
    assert [(case["id"], case["result"]) for case in report["cases"]] == [
        ("a/one", "known"), ("a/two", "known"), ("b/one", "known"), ("b/two", "passed"),
    ]  # fmt: skip
    assert report["cases"][0]["listed"][0]["link"] == "https://example.com/7"
    assert report["cases"][0]["unlisted"] == []
    assert report["cases"][0]["violations"][0]["rule"] == "END-3"
    assert (report["summary"]["passed"], report["summary"]["known"], report["footer"]["status"]) == (1, 3, 1)
    expectations = report["summary"]["expectations"]
    assert (expectations["file"], expectations["entries"]) == ("known.toml", 3)
    assert [(one["entry"], one["cases"]) for one in expectations["found"]] == [(1, 2), (2, 1)]
    assert [(one["fault"], one["entry"], one["names"]) for one in expectations["objections"]] == [
        ("stale", 2, ["b/two"]), ("unmatched", 2, ["c/*"]), ("stale", 3, ["a/one"]),
    ]  # fmt: skip
    text, page = (project / "r.md").read_text(), (project / "r.html").read_text()
    assert "- **END-3**, found in 2 cases: it says done twice (https://example.com/7, kim)" in text
    assert text.count("- ❌ stale: ") == 2
    assert page.count('<b class="failed">stale</b>') == 2
    assert '<a href="https://example.com/7"' in page
    assert '<details class="known"' in page


def test_a_list_that_is_wrong_exits_2_before_anything_is_asked(run):
    ran = run(DOUBLES, known=entry("a/*", rule="END-99"))
    assert (ran.status, ran.out) == (2, "")
    assert "known.toml: known 1: rule: there is no rule 'END-99'; `streamchunk rules` lists them" in ran.last


@pytest.mark.parametrize(
    ("name", "words"),
    [("nowhere.toml", "there is no such file"), ("cases", "Is a directory"), ("/dev/zero", "no regular file")],
)
@pytest.mark.usefixtures("project")
def test_a_list_that_cannot_be_read_exits_2(streamchunk, name, words):
    ran = streamchunk("run", MINE, "--cases", "cases", "--expectations", name)
    assert (ran.status, ran.out) == (2, "")
    assert words in ran.last


def test_the_list_of_the_configuration_is_that_of_its_target(project, streamchunk):
    (project / "known.toml").write_text(ALL_LISTED)
    (project / "streamchunk.toml").write_text(f'target = "{DOUBLES}"\nexpectations = "known.toml"\ncases = ["cases"]')
    assert streamchunk("run").last.count("3 known") == 1
    assert streamchunk("run", DOUBLES).last.count("3 known") == 1
    assert "known" not in streamchunk("run", MINE).last.replace("mine_of_known", "")
    assert streamchunk("run", MINE, "--expectations", "known.toml").status == 1


# --write-expectations and --prune


def test_the_run_that_a_list_was_written_from_is_green_with_it(run, project):
    ran = run(DOUBLES, "--write-expectations")
    assert ran.status == 0
    assert "known.toml: written; entries: 1, before: 0" in ran.err
    written = (project / "known.toml").read_text()
    assert 'cases = [\n    "a/*",\n    "b/one",\n]\nrule = "END-3"\n' in written
    assert f'reason = "{UNEXPLAINED}"' in written
    assert run(DOUBLES).status == 0
    assert run(DOUBLES, "--write-expectations").status == 0
    assert (project / "known.toml").read_text() == written


def test_a_list_is_extended_behind_what_is_there(run, project):
    before = f"# Ours.\n{entry('a/one')}# The end.\n"
    assert run(DOUBLES, "--write-expectations", known=before).status == 0
    text = (project / "known.toml").read_text()
    assert text.startswith(before)
    assert text.count("[[known]]") == 2
    assert '"a/two",\n    "b/one",\n' in text


def test_a_part_of_the_suite_adds_what_it_shows_and_no_glob_over_what_it_does_not(run, project):
    assert run(DOUBLES, "*/one", "--write-expectations").status == 0
    assert '"a/one",\n    "b/one",\n' in (project / "known.toml").read_text()
    assert run(DOUBLES, "--write-expectations").status == 0
    assert run(DOUBLES).status == 0


def test_pruning_takes_out_what_does_not_fail_and_what_matches_nothing(run, project):
    known = f"# Ours.\n{entry(['a/*', 'c/*'])}# Second.\n{entry('b/*')}# Third.\n{entry('*', 'expect')}# The end.\n"
    ran = run(DOUBLES, "--prune", known=known)
    assert ran.status == 0
    assert "known.toml: written; entries: 2, before: 3" in ran.err
    pruned = (project / "known.toml").read_text()
    assert pruned == f"# Ours.\n{entry(['a/*'])}# Second.\n{entry(['b/one'])}# Third.\n\n# The end.\n"
    ran = run(DOUBLES, "--prune")
    assert (ran.status, (project / "known.toml").read_text()) == (0, pruned)
    assert "known.toml: there is nothing to change" in ran.err


def test_pruning_and_writing_together_make_any_list_right(run, project):
    known = entry(["b/two", "c/*", "a/one"]) + entry("*", "errored")
    assert run(DOUBLES, "--prune", "--write-expectations", known=known).status == 0
    assert run(DOUBLES).status == 0
    assert run(MINE, "--prune").status == 0
    assert "[[known]]" not in (project / "known.toml").read_text()


def test_pruning_leaves_what_was_not_asked(run, project):
    assert run(MINE, "a/*", "--prune", known=entry("*")).status == 0
    assert 'cases = ["b/*"]' in (project / "known.toml").read_text()


def test_an_expired_entry_is_left_to_a_person(run, project):
    known = entry("*", more="expires = 2020-02-02")
    assert run(DOUBLES, "b/one", "--write-expectations", "--prune", known=known).status == 1
    assert (project / "known.toml").read_text() == known


@pytest.mark.parametrize("flag", ["--write-expectations", "--prune"])
def test_nothing_is_written_of_a_run_that_gave_no_transcript(run, project, flag):
    ran = run(LISTS, flag, known=ALL_LISTED)
    assert ran.status == 3
    assert "known.toml: nothing is written, since 4 cases gave no transcript" in ran.err
    assert (project / "known.toml").read_text() == ALL_LISTED


def test_the_list_of_another_suite_is_not_emptied(run, project):
    known = entry(["text/*", "usage/*"])
    ran = run(DOUBLES, "--prune", known=known)
    assert ran.status == 1
    assert "known.toml: nothing is written, since it matches not one case: is it of this suite?" in ran.err
    assert (project / "known.toml").read_text() == known


def test_where_no_file_is_named_one_is_written_beside_the_configuration(project, streamchunk):
    ran = streamchunk("run", DOUBLES, "--cases", "cases", "--write-expectations")
    assert ran.status == 0
    assert "streamchunk-expectations.toml: written; " in ran.err
    (project / "streamchunk-expectations.toml").unlink()
    (project / "streamchunk.toml").write_text("")
    (project / "below").mkdir()
    os.chdir("below")
    streamchunk("run", DOUBLES, "--cases", "../cases", "--write-expectations")
    assert (project / "streamchunk-expectations.toml").exists()


def test_a_file_that_is_not_there_cannot_be_pruned(run):
    assert run(DOUBLES, "--prune").status == 2


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(run, project):
    ran = run("python:mine_of_known:Meddles", "--write-expectations", known="")
    assert ran.status == 2
    assert "known.toml: has changed since the run began, so it is not written" in ran.last
    assert (project / "known.toml").read_text() == "# somebody was here\n"


def test_a_link_stays_a_link_and_the_mode_of_the_file_stays(run, project):
    real = project / "real.toml"
    real.write_text("")
    real.chmod(0o640)
    (project / "known.toml").symlink_to(real)
    assert run(DOUBLES, "--write-expectations").status == 0
    assert (project / "known.toml").is_symlink()
    assert "[[known]]" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640
    assert not [path for path in project.iterdir() if path.name.endswith(".unfinished")]


@pytest.mark.usefixtures("project")
def test_a_folder_that_cannot_be_written_to_is_told(streamchunk):
    ran = streamchunk(
        "run", DOUBLES, "--cases", "cases", "--expectations", "no/such/known.toml", "--write-expectations"
    )
    assert ran.status == 2
    assert "no/such/known.toml: cannot be written: No such file or directory" in ran.last


@pytest.mark.parametrize(
    ("name", "strict"),
    [
        ("doubles_done", "--no-strict"),
        ("forgets_the_end", "--no-strict"),
        ("takes_a_cut_stream_for_a_whole_one", "--strict"),
        ("reads_the_clock_for_each_chunk", "--strict"),
    ],
)
def test_a_list_of_a_wrong_implementation_is_right_for_it_and_empties_for_the_right_one(
    tmp_path, streamchunk, name, strict
):
    known = tmp_path / "known.toml"
    paths = [
        path for area in ("ending", "text") for path in sorted((folder("fixtures") / "cases" / area).glob("*.json"))
    ]
    options = [strict, "--expectations", known, *(f"--cases={path}" for path in paths)]

    def run(target, *arguments):
        return streamchunk("run", f"python:implementations:{target}", *options, *arguments).status

    assert run(name, "--write-expectations") == 0
    written = known.read_text()
    assert "[[known]]" in written
    assert run(name, "--prune") == 0
    assert known.read_text() == written
    assert run("right") == 1
    assert run("right", "--prune") == 0
    assert "[[known]]" not in known.read_text()
