"""`streamchunk run`: what it asks, what it prints, and how it exits."""

import json
import re
import sys
from pathlib import Path

import pytest

ADAPTERS = """
import asyncio, os, sys

class Adapter:
    profile = "spec"
    def __init__(self):
        self.chunk = {"id": "r", "model": "m", "timestamp": 1}
    async def transform(self, events, request):
        print("noise on stdout")
        yield self.chunk | {"type": "content", "delta": "Hi", "content": "Hi", "role": "assistant"}
        yield self.chunk | {
            "type": "done", "finishReason": "stop",
            "usage": {"promptTokens": 1, "completionTokens": 2, "totalTokens": 3},
        }

class Lenient(Adapter):
    profile = "tanstack"

class Lists(Adapter):
    def transform(self, events, request):
        return []

class Chat:
    async def chat_stream(self, request, source, signal):
        yield {}

class Broken:
    def __init__(self):
        raise RuntimeError("no key")
"""
CASE = {
    "id": "mine/greets",
    "title": "It greets",
    "sections": ["§5"],
    "profiles": ["spec", "tanstack"],
    "given": {
        "events": [
            {"type": "response-metadata", "id": "r", "modelId": "m"},
            {"type": "text-delta", "id": "t", "delta": "Hi"},
            {
                "type": "finish",
                "finishReason": "stop",
                "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3},
            },
        ]
    },
    "request": {"model": "m", "messages": []},
    "expect": {"text": "Hi"},
}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A user's folder: an adapter beside two cases, one that it passes and one that it fails."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "my_adapters.py").write_text(ADAPTERS)
    cases = tmp_path / "cases" / "mine"
    cases.mkdir(parents=True)
    (cases / "greets.json").write_text(json.dumps(CASE))
    spec_only = CASE | {"id": "mine/parts", "title": "It parts", "profiles": ["spec"], "expect": {"text": "Bye"}}
    (cases / "parts.json").write_text(json.dumps(spec_only))
    yield tmp_path
    sys.modules.pop("my_adapters", None)


@pytest.fixture
def run(place, streamchunk):  # noqa: ARG001 - the folder to stand in
    """Run `streamchunk run` on the user's cases and return its exit status, stdout and stderr."""

    def run(*arguments, cases=("--cases", "cases")):
        ran = streamchunk("run", *cases, *arguments)
        return ran.status, ran.out, ran.err

    return run


def last_line(text):
    return text.splitlines()[-1]


def test_what_passes_exits_0(run):
    status, out, _ = run("python:my_adapters:Adapter", "mine/greets")
    assert status == 0
    assert last_line(out) == (
        "streamchunk: conforms (exit 0): 1 passed, 0 failed, 0 errored, 0 not applicable, 0 warnings; "
        "python:my_adapters:Adapter, profile spec"
    )


def test_what_fails_exits_1_and_is_shown(run):
    status, out, _ = run("python:my_adapters:Adapter")
    assert status == 1
    assert out.startswith("FAILED mine/parts: It parts (§5)\n")
    assert '    expected  "Bye"\n    seen      "Hi"\n' in out
    assert last_line(out).startswith("streamchunk: violations (exit 1): 1 passed, 1 failed")


def test_the_reference_is_the_target_if_none_is_named(run):
    status, out, _ = run("mine/greets")
    assert status == 0
    assert last_line(out).endswith("; reference, profile spec")
    assert run("reference", "mine/greets")[:2] == (status, out)


def test_what_an_implementation_prints_goes_to_stderr(run):
    _, out, err = run("python:my_adapters:Adapter")
    assert "noise" not in out
    assert err.count("noise on stdout") == 2


def test_json_on_stdout_is_the_report_alone(run):
    status, out, err = run("python:my_adapters:Adapter", "--format", "json")
    report = json.loads(out)
    assert status == 1
    assert (report["summary"]["passed"], report["summary"]["failed"]) == (1, 1)
    assert report["footer"]["status"] == 1
    assert last_line(err) == report["footer"]["line"]


def test_reports_are_written_beside_what_is_printed(run, place):
    status, out, _ = run(
        "python:my_adapters:Adapter", "--report", "html=r.html", "--report", "json=r.json", "--report", "md=r.md"
    )
    assert status == 1
    assert out
    assert (place / "r.html").read_text().startswith("<!doctype html>")
    assert json.loads((place / "r.json").read_text())["footer"]["line"] == last_line(out)
    assert (place / "r.md").read_text().startswith("## ❌ python:my")


def test_the_profile_is_the_flags_else_the_implementations_else_spec(run):
    assert last_line(run("python:my_adapters:Lenient")[1]).endswith("profile tanstack")
    assert last_line(run("python:my_adapters:Lenient", "--profile", "spec")[1]).endswith("profile spec")


def test_a_case_of_another_profile_is_not_applicable_and_never_passed(run):
    status, out, _ = run("python:my_adapters:Lenient")
    assert status == 0
    assert "1 passed, 0 failed, 0 errored, 1 not applicable" in last_line(out)
    assert "not applicable (1): the case does not belong to the profile tanstack" in out


def test_a_run_of_nothing_exits_4(run):
    status, out, _ = run("python:my_adapters:Chat")
    assert status == 4
    assert "does not offer transform" in out
    assert last_line(out).startswith("streamchunk: nothing exercised (exit 4): 0 passed")


def test_strict_makes_a_warning_count(run):
    assert run("reference", "ending/cut-in-the-text", "--strict", cases=())[0] == 0
    (Path("cases/mine/warns.json")).write_text(
        json.dumps(CASE | {"id": "mine/warns", "given": {"events": CASE["given"]["events"][:2]}})
    )
    assert run("python:my_adapters:Adapter", "mine/warns")[0] == 0
    assert run("python:my_adapters:Adapter", "mine/warns", "--strict")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["python:my_adapters:Missing"], "the module my_adapters has no 'Missing'"),
        (["python:my_adaptors:Adapter"], "there is no module 'my_adaptors'"),
        (["smtp:there"], "'smtp:there' is not a target; there is reference, python:…, stdio:…, stdio+tcp:…, http:…"),
        (["mine/greeets"], "the pattern 'mine/greeets' matches none of 2 cases; the areas are mine"),
        (["-k", "shouts"], "-k 'shouts' matches none of 2 cases"),
        (["-k", "a and"], "a word is missing at the end"),
        (["--report", "pdf=x.pdf"], "write json=PATH or html=PATH or md=PATH"),
        (["--report", "html"], "write json=PATH or html=PATH or md=PATH"),
        (["--report", "html=no/such/folder.html"], "there is no such folder"),
        (["--report", "html=cases"], "this is a folder"),
        (["--report", "json=a", "--report", "html=a"], "'html=a': another report is written there"),
        (["--report", "json=a", "--report", "html=cases/../a"], "'html=cases/../a': another report is written there"),
        (["--timeout", "0"], "--timeout"),
        (["--timeout", "nan"], "--timeout"),
        (["--profile", "mine"], "--profile"),
        (["--cases", "nowhere"], "nowhere: cannot be read: No such file"),
        (["--cases", "my_adapters.py"], "is not JSON in UTF-8"),
        (["--cases", "/dev/null"], "/dev/null: is no regular file"),
    ],
)
def test_a_command_that_cannot_be_followed_exits_2_and_says_why(run, arguments, words):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert words in last_line(err)
    assert re.match(r"streamchunk: (usage|unreadable input) \(exit 2\): ", last_line(err))


def test_an_answer_that_cannot_be_played_exits_2_before_anything_is_asked(run, place):
    answers = {"wire": "openai-chat", "answers": [{"text": "x", "status": 204}]}
    wrong = CASE | {"id": "mine/wrong", "operation": "chat", "given": answers, "expect": {}}
    (place / "cases" / "mine" / "wrong.json").write_text(json.dumps(wrong))
    status, out, err = run("python:my_adapters:Adapter")
    assert (status, out) == (2, "")
    assert "wrong.json: case mine/wrong: given.answers.0: an answer of status 204 has no body" in last_line(err)
    assert "noise" not in err


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("python:my_adapters:Broken", "python:my_adapters:Broken cannot be made: RuntimeError: no key"),
        ("python:my_adapters:sys", "has none of the methods"),
    ],
)
def test_a_target_that_is_there_and_broken_exits_3(run, target, words):
    status, out, err = run(target)
    assert (status, out) == (3, "")
    assert words in last_line(err)


def test_a_target_that_gives_no_transcript_exits_3_after_all_were_asked(run):
    status, out, _ = run("python:my_adapters:Lists")
    assert status == 3
    assert out.count("ShimError: transform gave a list; an async iterator of chunks is wanted") == 2
    assert "0 passed, 0 failed, 2 errored" in last_line(out)


def test_a_report_that_cannot_be_written_after_the_run_exits_2(run, place):
    (place / "locked").mkdir()
    (place / "locked" / "r.md").symlink_to(place / "locked" / "nowhere" / "r.md")
    status, _, err = run("--report", "md=locked/r.md")
    assert status == 2
    assert "cannot be written: No such file" in last_line(err)
