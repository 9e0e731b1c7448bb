"""`streamchunk init`: which files it writes, for what it finds in a folder, and that it writes over nothing."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from harness.config import read

NODE = Path(sys.executable).with_name("node")
TYPESCRIPT = {"streamchunk.toml", "streamchunk/adapter.mjs", ".github/workflows/streamchunk.yml"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    place = tmp_path / "my-app"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def depends(folder, dependencies, **more):
    (folder / "package.json").write_text(json.dumps({"name": "my-app", "dependencies": dependencies, **more}))


def installed(folder, name, version):
    place = folder / "node_modules" / name
    place.mkdir(parents=True)
    (place / "package.json").write_text(json.dumps({"name": name, "version": version}))


def tree(folder):
    """Every file of a folder with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "node_modules" not in path.parts
    }


def written(folder):
    return {name for name in tree(folder) if not name.startswith("streamchunk/shim/")}


def code(folder):
    """The lines of the stub that are no comment and not empty."""
    lines = (folder / "streamchunk/adapter.mjs").read_text().splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("//")]


def steps(folder):
    workflow = yaml.safe_load((folder / ".github/workflows/streamchunk.yml").read_text())
    [job] = workflow["jobs"].values()
    return job["steps"]


def test_for_typescript_a_stub_the_shim_a_configuration_and_a_workflow_are_written(folder, streamchunk):
    ran = streamchunk("init", "--typescript")
    assert ran.status == 0
    assert written(folder) == TYPESCRIPT | {"streamchunk/example.mjs"}
    assert (folder / "streamchunk/shim/package.json").is_file()
    assert ran.lines[-2] == "next: streamchunk run"
    assert ran.last.startswith("streamchunk: written (exit 0): ")
    assert read(folder / "streamchunk.toml").target == "stdio:node streamchunk/adapter.mjs"


def test_for_python_a_class_a_configuration_and_a_workflow_are_written(folder, streamchunk):
    ran = streamchunk("init", "--python")
    assert ran.status == 0
    assert written(folder) == {"streamchunk_target.py", "streamchunk.toml", ".github/workflows/streamchunk.yml"}
    assert read(folder / "streamchunk.toml").target == "python:streamchunk_target:Target"
    compile((folder / "streamchunk_target.py").read_text(), "streamchunk_target.py", "exec")


def test_for_an_application_its_address_and_its_providers_are_written(folder, streamchunk):
    ran = streamchunk("init", "--http")
    assert ran.status == 0
    assert written(folder) == {"streamchunk.toml", ".github/workflows/streamchunk.yml"}
    config = read(folder / "streamchunk.toml")
    assert (config.target, config.provider) == ("http://127.0.0.1:3000/api/chat", "127.0.0.1:8788")
    assert config.wires == ("openai-chat",)
    assert "OPENAI_BASE_URL=http://127.0.0.1:8788/v1" in (folder / "streamchunk.toml").read_text()


@pytest.mark.parametrize(
    ("file", "text", "target"),
    [
        ("package.json", "{}", "stdio:node streamchunk/adapter.mjs"),
        ("pyproject.toml", "", "python:streamchunk_target:Target"),
        ("setup.py", "", "python:streamchunk_target:Target"),
    ],
)
def test_the_folder_tells_the_flavour(folder, streamchunk, file, text, target):
    (folder / file).write_text(text)
    assert streamchunk("init").status == 0
    assert read(folder / "streamchunk.toml").target == target


def test_a_flag_beats_the_folder(folder, streamchunk):
    (folder / "package.json").write_text("{}")
    assert streamchunk("init", "--python").status == 0
    assert (folder / "streamchunk_target.py").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say --typescript, --python or --http"),
        (["--python", "--http"], "one of --python and --http is enough"),
        (["--python", "--renew"], "--renew is for --typescript"),
        (["--typescript", "--renew"], "there is no streamchunk/shim to renew"),
    ],
)
def test_what_cannot_be_followed_is_said_and_nothing_is_written(folder, streamchunk, arguments, said):
    ran = streamchunk("init", *arguments)
    assert (ran.status, tree(folder)) == (2, {})
    assert said in ran.last


def test_a_file_that_is_there_is_named_and_nothing_is_written(folder, streamchunk):
    (folder / ".github/workflows").mkdir(parents=True)
    (folder / ".github/workflows/streamchunk.yml").write_text("mine")
    (folder / "streamchunk.toml").write_text("")
    before = tree(folder)
    ran = streamchunk("init", "--typescript")
    assert (ran.status, tree(folder)) == (2, before)
    assert "there already: streamchunk.toml, .github/workflows/streamchunk.yml; nothing was written" in ran.last


def test_a_link_to_nothing_is_in_the_way_too(folder, streamchunk):
    (folder / "streamchunk.toml").symlink_to("elsewhere")
    assert streamchunk("init", "--typescript").status == 2
    assert [path.name for path in folder.iterdir()] == ["streamchunk.toml"]


def test_a_table_in_pyproject_that_the_file_would_hide_is_in_the_way(folder, streamchunk):
    (folder / "pyproject.toml").write_text('[tool.streamchunk]\ntarget = "reference"\n')
    ran = streamchunk("init", "--python")
    assert (ran.status, list(tree(folder))) == (2, ["pyproject.toml"])
    assert "[tool.streamchunk] of pyproject.toml" in ran.last


@pytest.mark.parametrize("text", ['[tool.streamchunk]\ntarge = "reference"\n', "[tool.streamchunk]\ntarget =\n"])
def test_a_table_with_a_fault_in_it_is_in_the_way_too(folder, streamchunk, text):
    (folder / "pyproject.toml").write_text(text)
    ran = streamchunk("init", "--python")
    assert (ran.status, list(tree(folder))) == (2, ["pyproject.toml"])
    assert "[tool.streamchunk] of pyproject.toml" in ran.last


def test_a_pyproject_that_only_names_us_is_not_in_the_way(folder, streamchunk):
    (folder / "pyproject.toml").write_text('[project]\nname = "x"\ndependencies = ["streamchunk-harness"]\n')
    assert streamchunk("init", "--python").status == 0


def test_a_folder_that_is_gone_is_told(folder, streamchunk):
    folder.rmdir()
    ran = streamchunk("init", "--python")
    assert ran.status == 2
    assert "the current folder is gone" in ran.last


def test_with_force_files_are_written_over(folder, streamchunk):
    streamchunk("init", "--typescript")
    fresh = tree(folder)
    (folder / "streamchunk.toml").write_text("mine")
    assert streamchunk("init", "--typescript").status == 2
    assert streamchunk("init", "--typescript", "--force").status == 0
    assert tree(folder) == fresh


@pytest.mark.parametrize("arguments", [[], ["--force"]])
def test_where_one_file_cannot_be_written_none_is(folder, streamchunk, arguments):
    (folder / ".github").write_text("a file where a folder should be")
    ran = streamchunk("init", "--typescript", *arguments)
    assert (ran.status, list(tree(folder))) == (2, [".github"])
    assert [path.name for path in folder.iterdir()] == [".github"]
    assert ".github/workflows/streamchunk.yml cannot be written" in ran.last


def test_a_folder_in_the_place_of_a_file_is_never_written_over(folder, streamchunk):
    (folder / "streamchunk.toml").mkdir()
    ran = streamchunk("init", "--typescript", "--force")
    assert (ran.status, tree(folder)) == (2, {})
    assert "streamchunk.toml cannot be written: it is a folder" in ran.last


def test_what_is_written_may_be_read_as_other_files_may(folder, streamchunk):
    (folder / "mine").write_text("")
    streamchunk("init", "--python")
    assert (folder / "streamchunk.toml").stat().st_mode == (folder / "mine").stat().st_mode


def test_the_copy_of_the_shim_says_what_wrote_it_and_how_to_renew_it(folder, streamchunk):
    streamchunk("init", "--typescript")
    first = (folder / "streamchunk/shim/src/index.js").read_text().splitlines()[0]
    assert re.fullmatch(
        r"// streamchunk-shim \S+, a copy made by streamchunk \S+; to renew it: streamchunk init --typescript --renew",
        first,
    )
    assert json.loads((folder / "streamchunk/shim/package.json").read_text())["type"] == "module"


def test_renewing_touches_the_shim_and_nothing_else(folder, streamchunk):
    streamchunk("init", "--typescript")
    fresh = tree(folder)
    for name in ("streamchunk.toml", "streamchunk/adapter.mjs", "streamchunk/shim/src/index.js"):
        (folder / name).write_text("changed")
    ran = streamchunk("init", "--typescript", "--renew")
    assert ran.status == 0
    after = tree(folder)
    assert after["streamchunk/shim/src/index.js"] == fresh["streamchunk/shim/src/index.js"]
    assert after["streamchunk.toml"] == after["streamchunk/adapter.mjs"] == b"changed"


@pytest.mark.parametrize("text", ["{", "[]", '{"name": ', '"text"', "\udcff", "[" * 100_000])
def test_a_package_json_that_cannot_be_read_is_said(folder, streamchunk, text):
    (folder / "package.json").write_bytes(text.encode(errors="surrogateescape"))
    ran = streamchunk("init")
    assert (ran.status, list(tree(folder))) == (2, ["package.json"])
    assert "package.json: is " in ran.last


def test_what_a_package_json_has_of_another_kind_is_passed_over(folder, streamchunk):
    said = {"name": 7, "dependencies": ["x"], "devDependencies": {"@tanstack/ai-openai": 3}, "scripts": "start"}
    (folder / "package.json").write_text(json.dumps(said))
    assert streamchunk("init").status == 0
    assert "  name: 'my-app'," in code(folder)


@pytest.mark.parametrize("flavour", ["--typescript", "--python", "--http"])
def test_the_workflow_judges_keeps_the_report_and_sums_up(folder, streamchunk, flavour):
    streamchunk("init", flavour)
    done = steps(folder)
    [judging] = [step for step in done if step.get("name") == "Judge"]
    assert "streamchunk run --report html=" in judging["run"]
    assert [step for step in done if step.get("uses", "").startswith("actions/upload-artifact@")]
    assert [step for step in done if "GITHUB_STEP_SUMMARY" in step.get("run", "")]
    workflow = yaml.safe_load((folder / ".github/workflows/streamchunk.yml").read_text())
    assert {"push", "pull_request"} <= workflow[True].keys()  # YAML 1.1 reads the key `on` so
    assert workflow["permissions"] == {"contents": "read"}


def test_the_workflow_of_an_application_starts_it_where_its_provider_is_played(folder, streamchunk):
    depends(folder, {"@tanstack/ai-anthropic": "0.2.0"}, scripts={"start": "node server.mjs"})
    streamchunk("init", "--http")
    [starting] = [step for step in steps(folder) if step.get("name", "").startswith("Start the application")]
    assert starting["env"] == {"ANTHROPIC_BASE_URL": "http://127.0.0.1:8788"}
    assert starting["run"].startswith("npm start > ")
    assert read(folder / "streamchunk.toml").wires == ("anthropic-messages",)


@pytest.mark.parametrize("name", ["it's", 'a "name"', "back\\slash", "nul\u0000", "🙂", "\ud83d", ""])
def test_a_name_is_quoted_wherever_it_stands(folder, streamchunk, name):
    depends(folder, {name: "npm:@tanstack/ai-openai@0.3.0"}, name=name)
    streamchunk("init")
    checked = subprocess.run([NODE, "--check", "streamchunk/adapter.mjs"], cwd=folder, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", ["it's", 'a "name"', "back\\slash", "\U000f0000", "line\nbreak"])
def test_a_folder_of_any_name_gives_a_target_of_that_name(tmp_path, monkeypatch, streamchunk, name):
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / name)
    assert streamchunk("init", "--python").status == 0
    scope = {}
    exec((tmp_path / name / "streamchunk_target.py").read_text(), scope)  # noqa: S102 - it is what we wrote
    assert scope["Target"].name == name


def test_the_configuration_names_only_keys_that_there_are(folder, streamchunk):
    """Also in what is commented out: who takes away the sign must get what is promised."""
    streamchunk("init", "--http")
    text = (folder / "streamchunk.toml").read_text()
    live = re.sub(r"^# (?=[\w.\[-]+( = |\]))", "", text, flags=re.MULTILINE)
    said = tomllib.loads(live)
    assert {"target", "provider", "wires", "profile", "expectations", "strict", "levels"} == said.keys()
    (folder / "streamchunk.toml").write_text(live)
    assert read(folder / "streamchunk.toml").levels == {"TEXT-3": "off"}
