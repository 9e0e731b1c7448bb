"""What `streamchunk run` says of its target: no key in it, and which flags it can use."""

import sys

import pytest

from harness.cli.shown_target import shown_target

KEY = "sk-proj-" + "aB3dE5fG7hJ9kL1mN3pQ5rS7"
SHIM = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    if asked.get("method") == "initialize":
        own = {"name": "mine", "version": "1", "language": "Python"}
        result = {"protocolVersion": 1, "implementation": own, "dialect": "streamchunk", "profile": "spec"}
        result["capabilities"] = {"operations": ["parseJson"]}
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}), flush=True)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("target", "secrets", "said"),
    [
        ("reference", [], "reference"),
        ("python:my.module:Mine", [], "python:my.module:Mine"),
        ("http://me:pass@127.0.0.1:1/chat?key=s3cret#top", ["me:", "pass", "s3cret"], "http://127.0.0.1:1/chat"),
        ("http:https://me@host/chat", ["me@"], "http:https://host/chat"),
        ("https://me:pa/ss@host:port/chat?key=s3cret", ["me:", "ss@", "s3cret"], "https://host:port/chat"),
        (f"http://host/{KEY}/chat", [KEY], "http://host/sk-proj-***/chat"),
        (f"stdio:node shim.mjs --port 3 --api-key {KEY}", [KEY], "stdio:node shim.mjs --port 3 --api-key ***"),
        ("stdio:node 'my shim.mjs' --token='a b'  x", ["a b"], "stdio:node 'my shim.mjs' --token=***  x"),
        ("stdio:OPENAI_API_KEY=hunter2 node x.mjs", ["hunter2"], "stdio:OPENAI_API_KEY=*** node x.mjs"),
        ("stdio:x -H 'authorization: Bearer abc'", ["abc"], "stdio:x -H 'authorization: ***'"),
        ("stdio:x --to https://me:pw@host/?key=abc", ["pw", "abc"], "stdio:x --to https://host/?key=***"),
        ("stdio:x --tokens 5 --key --verbose", [], "stdio:x --tokens 5 --key --verbose"),
        (f"stdio:x '{KEY}", [KEY], "stdio:x 'sk-proj-***"),
    ],
)
def test_a_target_is_shown_without_keys(target, secrets, said):
    assert shown_target(target) == said
    assert not any(secret in said for secret in secrets)


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_report_and_no_line_holds_a_key_of_the_command(folder, streamchunk, form):
    (folder / "shim.py").write_text(SHIM)
    target = f"stdio:{sys.executable} shim.py --api-key {KEY} --password hunter2"
    reports = [part for one in ("json", "html", "md") for part in ("--report", f"{one}=report.{one}")]
    ran = streamchunk("run", target, "text", *reports, "--format", form)
    assert ran.status == 4, ran.err
    told = [ran.out, ran.err, *(path.read_text() for path in folder.glob("report.*"))]
    assert len(told) == 5
    for text in told:
        assert KEY not in text
        assert "hunter2" not in text
    assert "shim.py --api-key *** --password ***, profile" in ran.last


@pytest.mark.parametrize("target", [f"smtp:there --api-key {KEY}", f"stdio:'{KEY}"])
def test_a_target_that_is_none_is_told_without_its_keys(streamchunk, target):
    ran = streamchunk("run", target)
    assert ran.status == 2
    assert KEY not in ran.err


def test_a_comparison_names_its_targets_without_keys(folder, streamchunk):
    (folder / "shim.py").write_text(SHIM)
    target = f"stdio:{sys.executable} shim.py --api-key {KEY}"
    ran = streamchunk("compare", "reference", target, f"other={target}", "text", "--report", "json=report.json")
    assert ran.status == 4
    assert KEY not in ran.out + ran.err + (folder / "report.json").read_text()


@pytest.mark.parametrize(
    "flag",
    [["--fetch"], ["--verify-driver"], ["--provider", "127.0.0.1:8788"], ["--wire", "openai-chat"]],
    ids=lambda flag: flag[0],
)
@pytest.mark.parametrize("target", ["reference", "python:harness.bundled:adapter"])
def test_a_flag_that_the_target_cannot_use_is_refused(streamchunk, flag, target):
    ran = streamchunk("run", target, "text", *flag)
    assert ran.status == 2
    assert flag[0] in ran.last
    assert target in ran.last


@pytest.mark.parametrize(
    "flag", [["--provider", "127.0.0.1:8788"], ["--wire", "openai-chat"]], ids=lambda flag: flag[0]
)
def test_a_shim_is_no_application(folder, streamchunk, flag):
    (folder / "shim.py").write_text(SHIM)
    assert streamchunk("run", f"stdio:{sys.executable} shim.py", "text", *flag).status == 2
    ran = streamchunk("compare", "reference", "again=reference", "text", *flag)
    assert (ran.status, flag[0] in ran.last) == (2, True)


def test_a_shim_whose_fetch_plays_nothing_refuses_it(folder, streamchunk):
    (folder / "shim.py").write_text(SHIM)
    ran = streamchunk("run", f"stdio:{sys.executable} shim.py", "text", "--fetch")
    assert ran.status == 2
    assert "--fetch: mine does not say that its fetch can play a provider" in ran.last


def test_that_nothing_of_the_users_was_judged_is_said(folder, streamchunk):
    words = "reference is the adapter that comes with streamchunk, so nothing of yours was judged"
    assert any(line.startswith(words) for line in streamchunk("run", "text").lines[:-1])
    (folder / "streamchunk.toml").write_text("strict = false")
    assert words in streamchunk("run", "text").out
    (folder / "streamchunk.toml").write_text('target = "python:harness.bundled:adapter"')
    assert words not in streamchunk("run", "text").out


@pytest.mark.parametrize("command", [["run", "reference"], ["run"], ["compare", "reference", "again=reference"]])
def test_a_folder_that_is_gone_is_told(tmp_path, monkeypatch, streamchunk, command):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    ran = streamchunk(*command)
    monkeypatch.chdir(tmp_path)
    assert ran.status == 2
    assert "the current folder is gone" in ran.last
