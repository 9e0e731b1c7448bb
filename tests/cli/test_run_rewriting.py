"""`--write-expectations` and `--prune`: no run is lost by a list that cannot be written, and how it is read is said."""

import json
import sys

import pytest

ADAPTERS = """
from harness.bundled import adapter as right
from pathlib import Path

class Mine:
    name = "mine"
    async def transform(self, events, request):
        async for chunk in right.transform(events, request):
            yield chunk

class Doubles(Mine):
    async def transform(self, events, request):
        async for chunk in right.transform(events, request):
            yield chunk
            if chunk["type"] == "done":
                yield chunk

class Asked(Doubles):
    async def transform(self, events, request):
        Path("asked").touch()
        async for chunk in super().transform(events, request):
            yield chunk

class Meddles(Doubles):
    async def transform(self, events, request):
        Path("known.toml").write_text("# somebody was here")
        async for chunk in super().transform(events, request):
            yield chunk
"""
EVENTS = [
    {"type": "response-metadata", "id": "r", "modelId": "m"},
    {"type": "text-delta", "id": "t", "delta": "Hi"},
    {"type": "finish", "finishReason": "stop", "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}},
]
MINE, DOUBLES, ASKED, MEDDLES = (f"python:mine_of_writing:{name}" for name in ("Mine", "Doubles", "Asked", "Meddles"))
INLINE = 'known = [{cases = "a/*", rule = "END-3", reason = "r"}]'


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A user's folder: adapters, cases a/one and a/two, and a/other, which is of another profile."""
    (tmp_path / "mine_of_writing.py").write_text(ADAPTERS)
    (tmp_path / "cases" / "a").mkdir(parents=True)
    for name, profile in (("one", "spec"), ("two", "spec"), ("other", "tanstack")):
        case = {"id": f"a/{name}", "title": "It greets", "sections": ["§5"], "profiles": [profile]}
        case |= {"given": {"events": EVENTS}, "request": {"model": "m", "messages": []}, "expect": {"text": "Hi"}}
        (tmp_path / "cases" / "a" / f"{name}.json").write_text(json.dumps(case))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("mine_of_writing", None)


@pytest.fixture
def run(project, streamchunk):
    def run(target, *arguments, known=None):
        if known is not None:
            (project / "known.toml").write_text(known)
        return streamchunk("run", target, "--cases", "cases", *arguments)

    return run


LISTED = ("--expectations", "known.toml")


def test_a_list_that_was_emptied_can_be_written_again(run, project):
    assert run(DOUBLES, *LISTED, "--write-expectations").status == 0
    first = (project / "known.toml").read_text()
    assert run(MINE, *LISTED, "--prune").status == 0
    assert "known" not in [line.split(" ")[0] for line in (project / "known.toml").read_text().splitlines()]
    assert run(DOUBLES, *LISTED, "--write-expectations").status == 0
    assert (project / "known.toml").read_text().count("[[known]]") == first.count("[[known]]") == 1
    assert run(DOUBLES, *LISTED).status == 0


def test_an_empty_array_is_an_empty_list(run):
    assert run(MINE, *LISTED, known="known = []").status == 0
    assert run(DOUBLES, *LISTED, "--write-expectations", known="known = []").status == 0
    assert run(DOUBLES, *LISTED).status == 0


def test_a_list_with_a_byte_order_mark_is_read(run, project):
    (project / "known.toml").write_bytes(b"\xef\xbb\xbf" + INLINE.encode())
    assert run(DOUBLES, *LISTED).status == 0


@pytest.mark.parametrize("flag", ["--write-expectations", "--prune"])
def test_a_list_that_cannot_be_rewritten_is_told_before_anything_is_asked(run, project, flag):
    ran = run(ASKED, *LISTED, flag, known=INLINE)
    assert ran.status == 2
    assert "known.toml: cannot be rewritten: write each known failure as a table [[known]] of its own" in ran.last
    assert not (project / "asked").exists()
    assert run(ASKED, *LISTED).status == 0


def test_a_folder_that_is_not_there_is_told_before_anything_is_asked(run, project):
    assert run(ASKED, "--expectations", "no/such.toml", "--write-expectations").status == 2
    assert not (project / "asked").exists()


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_list_that_cannot_be_written_costs_nobody_the_results(run, project, form):
    reports = ("--report", "json=report.json", "--format", form)
    ran = run(MEDDLES, *LISTED, "--write-expectations", *reports, known="")
    assert ran.status == 2
    assert "known.toml: has changed since the run began" in ran.last
    report = ran.json if form == "json" else json.loads((project / "report.json").read_text())
    assert report["summary"]["failed"] == 2
    if form == "text":
        assert "FAILED a/one: It greets (§5)" in ran.lines
        assert ran.lines[-1].startswith("0 passed, 2 failed, 0 errored, 1 not applicable, ")


def test_a_report_that_cannot_be_written_costs_nobody_the_results(run, project):
    (project / "gone").mkdir()
    (project / "mine_of_writing.py").write_text(ADAPTERS.replace('Path("asked").touch()', 'Path("gone").rmdir()', 1))
    ran = run(ASKED, "a/one", "--report", "html=gone/report.html", "--report", "json=report.json")
    assert ran.status == 2
    assert "the report gone/report.html cannot be written" in ran.last
    assert "FAILED a/one: It greets (§5)" in ran.lines


def test_how_the_next_run_reads_the_list_is_said(run, project):
    ran = run(DOUBLES, "--write-expectations")
    name = "streamchunk-expectations.toml"
    assert (
        f'the next run reads it by --expectations {name}, or by expectations = "{name}" in streamchunk.toml' in ran.err
    )
    assert run(DOUBLES).status == 1
    assert run(DOUBLES, "--expectations", name).status == 0
    (project / "streamchunk.toml").write_text(f'expectations = "{name}"')
    assert run(DOUBLES).status == 0
    assert "the next run" not in run(MINE, "--prune").err


def test_a_wildcard_of_which_all_is_stale_goes_though_a_case_of_it_does_not_apply(run, project):
    known = '[[known]]\ncases = "a/*"\nrule = "END-3"\nreason = "r"\n'
    ran = run(MINE, *LISTED, "--prune", known=known)
    assert ran.status == 0
    assert "entries: 0, before: 1" in ran.err
    assert "a/other" not in (project / "known.toml").read_text()
