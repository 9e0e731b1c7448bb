"""`streamchunk run` and `judge` with a configuration: a flag beats the file, the file beats what a shim declares."""

import json
import sys

import pytest

CASE = {
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
}
ADAPTERS = """
import asyncio
from harness.bundled import adapter as right

class Mine:
    name = "mine"
    profile = "tanstack"
    dialect = "streamchunk"
    async def transform(self, events, request):
        async for chunk in right.transform(events, request):
            yield chunk

class Empties(Mine):
    async def transform(self, events, request):
        async for chunk in right.transform(events, request):
            yield chunk
            if chunk["type"] == "content":
                yield chunk | {"delta": ""}

class Modern(Mine):
    dialect = "ag-ui"

class Slow(Mine):
    async def transform(self, events, request):
        async for chunk in right.transform(events, request):
            await asyncio.sleep(30)
            yield chunk
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A user's project: an adapter, two cases, and a folder to stand in below them."""
    (tmp_path / "mine_of_config.py").write_text(ADAPTERS)
    for name in ("greets", "waves"):
        path = tmp_path / "conformance" / "mine" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(CASE | {"id": f"mine/{name}"}))
    below = tmp_path / "src" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("mine_of_config", None)


@pytest.fixture
def says(project):
    """Write the project's configuration."""

    def write(text, name="streamchunk.toml", target="Mine"):
        head = f'target = "python:mine_of_config:{target}"\ncases = ["conformance"]\n' if target else ""
        (project / name).write_text(f"{'[tool.streamchunk]' if name == 'pyproject.toml' else ''}\n{head}{text}")

    return write


def test_a_run_takes_its_target_and_its_cases_from_the_nearest_file(says, streamchunk):
    says("")
    ran = streamchunk("run")
    assert ran.status == 0
    assert ran.last == (
        "streamchunk: conforms (exit 0): 2 passed, 0 failed, 0 errored, 0 not applicable, 0 warnings; "
        "python:mine_of_config:Mine, profile tanstack"
    )
    assert streamchunk("run", "mine/greets").last.startswith("streamchunk: conforms (exit 0): 1 passed, 0 failed")


def test_a_table_of_pyproject_says_the_same(says, streamchunk):
    says('profile = "spec"', "pyproject.toml")
    assert streamchunk("run").last.endswith("; python:mine_of_config:Mine, profile spec")


def test_a_target_on_the_command_line_beats_the_file(says, streamchunk):
    says("")
    assert streamchunk("run", "reference").last.endswith("; reference, profile spec")


def test_the_profile_is_the_flags_else_the_files_else_the_implementations(says, streamchunk):
    says("")
    assert streamchunk("run").last.endswith("profile tanstack")
    says('profile = "spec"')
    assert streamchunk("run").last.endswith("profile spec")
    assert streamchunk("run", "--profile", "tanstack").last.endswith("profile tanstack")


def test_strict_is_the_flags_else_the_files(says, streamchunk):
    says("strict = true", target="Empties")
    assert streamchunk("run").status == 1
    assert streamchunk("run", "--no-strict").status == 0
    says("", target="Empties")
    assert streamchunk("run").status == 0
    assert streamchunk("run", "--strict").status == 1


def test_the_timeout_is_the_flags_else_the_files(says, streamchunk):
    says("timeout = 0.2", target="Slow")
    assert "no end within 0.2 s" in streamchunk("run", "mine/greets").out
    assert "no end within 0.3 s" in streamchunk("run", "mine/greets", "--timeout", "0.3").out


def test_either_flag_of_what_is_asked_takes_the_place_of_both_keys(says, project, streamchunk):
    says('cassettes = ["openai/chat-text"]')
    assert streamchunk("run").last.split(": ")[2].startswith("2 passed, 0 failed, 0 errored, 1 not applicable")
    other = project / "src" / "deep" / "mine" / "greets.json"
    other.parent.mkdir()
    other.write_text(json.dumps(CASE | {"id": "mine/greets"}))
    assert "1 passed, 0 failed, 0 errored, 0 not applicable" in streamchunk("run", "--cases", other).last
    assert (
        "0 passed, 0 failed, 0 errored, 1 not applicable" in streamchunk("run", "--cassettes", "openai/chat-text").last
    )


def test_a_rule_can_be_raised_lowered_and_switched_off_and_every_report_says_so(says, project, streamchunk):
    says('[levels]\nTEXT-3 = "MUST"', target="Empties")
    ran = streamchunk("run", "--report", f"md={project}/r.md", "--report", f"html={project}/r.html")
    assert ran.status == 1
    sentence = "TEXT-3 is raised to MUST; the profile says SHOULD"
    assert f"../../streamchunk.toml: {sentence}" in ran.lines
    assert sentence in (project / "r.html").read_text()
    assert sentence in (project / "r.md").read_text()

    says('[levels]\nTEXT-3 = "off"\nID-1 = "SHOULD"\nEND-3 = "MUST"', target="Empties")
    ran = streamchunk("run", "--format", "json", "--profile", "spec")
    assert (ran.status, ran.json["summary"]["warnings"]) == (0, 0)
    assert ran.json["header"]["configuration"] == "../../streamchunk.toml"
    assert [(one["rule"], one["before"], one["after"], one["change"]) for one in ran.json["header"]["levels"]] == [
        ("ID-1", "MUST", "SHOULD", "lowered"),
        ("TEXT-3", "SHOULD", None, "switched off"),
    ]
    assert "TEXT-3" not in ran.json["summary"]["rules"]["exercised"] + ran.json["summary"]["rules"]["notExercised"]


def test_of_another_dialect_no_case_is_applicable(says, streamchunk):
    says("", target="Modern")
    ran = streamchunk("run")
    assert ran.status == 4
    assert "not applicable (2): mine speaks the dialect ag-ui; this case is of streamchunk" in ran.lines
    says('dialect = "ag-ui"')
    assert streamchunk("run").status == 4


def test_the_dialect_of_the_file_beats_what_the_implementation_says(says, streamchunk):
    says('dialect = "streamchunk"', target="Modern")
    assert streamchunk("run").status == 0


def test_the_dialect_is_that_of_the_target_that_the_file_names(says, streamchunk):
    says('dialect = "ag-ui"')
    assert streamchunk("run").status == 4
    assert streamchunk("run", "python:mine_of_config:Empties").status == 0
    assert streamchunk("run", "python:mine_of_config:Mine").status == 4
    compared = ["python:mine_of_config:Empties", "again=python:mine_of_config:Empties"]
    assert streamchunk("compare", *compared).status == 0
    assert streamchunk("compare", "python:mine_of_config:Mine", "again=python:mine_of_config:Mine").status == 4


@pytest.mark.parametrize("name", ["streamchunk.toml", "pyproject.toml"])
def test_a_fault_in_the_cases_of_the_file_names_file_and_key(project, streamchunk, name):
    head, key = ("[tool.streamchunk]\n", "tool.streamchunk.cases") if name == "pyproject.toml" else ("", "cases")
    (project / name).write_text(f'{head}target = "reference"\ncases = ["nowhere"]\n')
    ran = streamchunk("run")
    assert ran.status == 2
    assert f"../../{name}: {key}: {project / 'nowhere'}: cannot be read: No such file" in ran.last
    assert "streamchunk.toml" not in streamchunk("run", "--cases", "nowhere").last.replace(str(project), "")


def test_a_named_file_is_read_instead_of_the_nearest(says, project, streamchunk):
    says("strict = true", target="Empties")
    says("", name="ci.toml", target="Empties")
    assert streamchunk("run").status == 1
    assert streamchunk("run", "--config", project / "ci.toml").status == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('profile = "mine"', "../../streamchunk.toml: profile: spec or tanstack is wanted; seen: 'mine'"),
        ('wires = ["openai"]', "../../streamchunk.toml: wires: a list of wires, of openai-chat, "),
        (
            '[levels]\nTEXT-99 = "off"',
            "../../streamchunk.toml: levels.TEXT-99: a rule's id (`streamchunk rules` lists them",
        ),
        ("tagret = 1", "../../streamchunk.toml: tagret: is no key; the keys are target, "),
        ('expectations = "nowhere.toml"', "../../nowhere.toml: there is no such file; --write-expectations writes one"),
        ("cases = 1", "is not TOML: Cannot overwrite a value"),
        ('dialect = "agui"', "../../streamchunk.toml: dialect: streamchunk or ag-ui is wanted; seen: 'agui'"),
        ('provider = "example.com:80"', "../../streamchunk.toml: provider: 127.0.0.1:PORT, since it is played on this"),
        ('provider = "127.0.0.1:http"', "../../streamchunk.toml: provider: 127.0.0.1:PORT, "),
        ('cassettes = ["openai/no-such"]', "../../streamchunk.toml: cassettes: "),
    ],
)
def test_a_wrong_configuration_exits_2_before_anything_is_asked(says, streamchunk, text, words):
    says(text)
    ran = streamchunk("run")
    assert (ran.status, ran.out) == (2, "")
    assert words in ran.last


def test_a_target_of_the_file_that_is_not_there_is_told_with_the_file(says, streamchunk):
    says("", target="Missing")
    ran = streamchunk("run")
    assert ran.status == 2
    assert "target of ../../streamchunk.toml" in ran.err
    assert "the module mine_of_config has no 'Missing'" in ran.last


def test_a_target_of_no_kind_is_answered_with_all_kinds(streamchunk):
    ran = streamchunk("run", "smtp:there")
    assert ran.status == 2
    for kind in ("reference", "python:…", "stdio:…", "stdio+tcp:…", "http:…"):
        assert kind in ran.last


# What the reports say of the implementation, and of what it was not asked


def test_the_report_says_what_the_implementation_says_of_itself(says, project, streamchunk):
    says("")
    ran = streamchunk("run", "--format", "json", "--report", f"md={project}/r.md", "--report", f"html={project}/r.html")
    assert ran.json["header"]["implementation"] == {
        "name": "mine", "version": None, "language": "Python", "homepage": None,
        "operations": ["transform"], "wires": None,
    }  # fmt: skip
    assert "mine (Python). Operations: transform." in (project / "r.md").read_text()
    assert "mine (Python) · operations: transform" in (project / "r.html").read_text()


def test_every_report_says_grouped_why_cases_were_not_asked(says, project, streamchunk):
    says('cassettes = ["openai/chat-text", "openai/chat-tool"]')
    reports = [f"--report={form}={project}/r.{form}" for form in ("json", "md", "html")]
    ran = streamchunk("run", *reports)
    assert "not applicable (2): mine does not offer chat" in ran.lines
    assert json.loads((project / "r.json").read_text())["summary"]["reasons"] == [
        {"reason": "mine does not offer chat", "cases": 2}
    ]
    assert "Not applicable (2): mine does not offer chat" in (project / "r.md").read_text()
    assert "<td>mine does not offer chat</td><td>2</td>" in (project / "r.html").read_text()


# streamchunk judge


def test_judge_reads_profile_strict_and_levels(says, bad, good, streamchunk):
    assert streamchunk("judge", bad).status == 1
    says('profile = "tanstack"\nstrict = true\n[levels]\nEND-1 = "off"', target=None)
    ran = streamchunk("judge", good, "--format", "json")
    assert (ran.json["profile"], ran.json["strict"]) == ("tanstack", True)
    assert [one["rule"] for one in ran.json["levels"]] == ["END-1"]
    assert "END-1" not in ran.json["files"][0]["exercised"]
    ran = streamchunk("judge", bad, "--profile", "spec", "--no-strict")
    assert "../../streamchunk.toml: END-1 is switched off; the profile says MUST" in ran.lines
    assert "END-1" not in ran.out.replace("END-1 is switched off", "")


def test_judge_takes_a_named_configuration_and_refuses_a_wrong_one(says, project, good, streamchunk):
    says("", name="other.toml", target=None)
    says("strict = 1", target=None)
    assert streamchunk("judge", good, "--config", project / "other.toml").status == 0
    ran = streamchunk("judge", good)
    assert (ran.status, ran.out) == (2, "")
    assert ran.last == (
        "streamchunk: unreadable input (exit 2): ../../streamchunk.toml: strict: true or false is wanted; seen: 1"
    )
