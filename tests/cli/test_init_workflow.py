"""The workflow of `streamchunk init`: where it lies, what it installs, and that it says what it cannot know."""

import json
import os
import subprocess

import pytest
import yaml

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    place = tmp_path / "my-app"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Have this package be version 9.8, installed from where a `direct_url.json` says."""

    def installed(direct_url):
        place = tmp_path / "site" / "streamchunk_harness-9.8.dist-info"
        place.mkdir(parents=True)
        (place / "METADATA").write_text("Metadata-Version: 2.1\nName: streamchunk-harness\nVersion: 9.8\n")
        if direct_url is not None:
            (place / "direct_url.json").write_text(json.dumps(direct_url))
        monkeypatch.syspath_prepend(place.parent)

    return installed


def job_of(path):
    [job] = yaml.safe_load(path.read_text())["jobs"].values()
    return job


def installing(folder):
    workflow = job_of(folder / ".github/workflows/streamchunk.yml")
    [step] = [step for step in workflow["steps"] if step.get("name") == "Install streamchunk"]
    return step


def done(step, folder, **environment):
    """Run a step as GitHub does, with a `python` that says what it is told."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    python = tools / "python"
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    python.chmod(0o755)
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        env={**os.environ, **step.get("env", {}), **environment, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("direct_url", "wanted", "told"),
    [
        (None, "streamchunk-harness==9.8", "streamchunk-harness==9.8"),
        (
            {"url": "https://host.example/o/r.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f"streamchunk-harness @ git+https://host.example/o/r.git@{COMMIT}",
            "0123456789ab of https://host.example/o/r.git",
        ),
        (
            {
                "url": "https://me:secret@host.example/o/r",
                "vcs_info": {"vcs": "git", "commit_id": COMMIT, "requested_revision": "main"},
                "subdirectory": "packages/py thon",
            },
            f"streamchunk-harness @ git+https://host.example/o/r@{COMMIT}#subdirectory=packages/py thon",
            "https://host.example/o/r",
        ),
        (
            {"url": "ssh://git@host.example/o/r.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f"streamchunk-harness @ git+ssh://git@host.example/o/r.git@{COMMIT}",
            "ssh://git@host.example/o/r.git",
        ),
        (
            {"url": "https://host.example/streamchunk.whl", "archive_info": {}},
            "streamchunk-harness @ https://host.example/streamchunk.whl",
            "https://host.example/streamchunk.whl",
        ),
    ],
)
def test_what_is_installed_here_is_installed_there(folder, streamchunk, installed, direct_url, wanted, told):  # noqa: PLR0913, PLR0917 - fixtures and a row
    installed(direct_url)
    ran = streamchunk("init", "--python")
    [line] = [line for line in ran.lines if line.startswith("workflow: ")]
    assert told in line
    assert done(installing(folder), folder).stdout.splitlines() == ["-m", "pip", "install", wanted]


@pytest.mark.parametrize(
    "direct_url",
    [
        {"url": "file:///home/me/streamchunk", "dir_info": {"editable": True}},
        {"url": "file:///home/me/streamchunk.whl", "archive_info": {}},
        {"url": "file:///home/me/repository", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
        {"url": "https://host.example/o/r", "vcs_info": "git"},
        ["no object"],
    ],
)
def test_where_nobody_knows_the_workflow_fails_and_says_why(folder, streamchunk, installed, direct_url):
    installed(direct_url)
    ran = streamchunk("init", "--python")
    [line] = [line for line in ran.lines if line.startswith("workflow: ")]
    assert "in place of git+https://HOST/OWNER/streamchunk-harness@COMMIT" in line
    assert "/home/me" not in ran.out + (folder / ".github/workflows/streamchunk.yml").read_text()
    failed = done(installing(folder), folder)
    assert failed.returncode == 1
    assert failed.stdout.startswith("::error::say in this workflow where streamchunk-harness is installed from")
    named = "git+https://host.example/o/r@main"
    assert done(installing(folder), folder, STREAMCHUNK=named).stdout.splitlines() == ["-m", "pip", "install", named]


def test_in_a_repository_the_workflow_is_at_its_root_and_works_in_the_folder(tmp_path, folder, streamchunk):
    (tmp_path / ".git").mkdir()
    ran = streamchunk("init", "--python")
    assert not (folder / ".github").exists()
    path = tmp_path / ".github/workflows/streamchunk-my-app.yml"
    job = job_of(path)
    assert job["defaults"] == {"run": {"working-directory": "my-app"}}
    [kept] = [step["with"] for step in job["steps"] if step.get("uses", "").startswith("actions/upload-artifact@")]
    assert (kept["path"], kept["name"]) == ("my-app/streamchunk-report/", "streamchunk-my-app-report")
    assert yaml.safe_load(path.read_text())["name"] == "streamchunk-my-app"
    assert "wrote ../.github/workflows/streamchunk-my-app.yml" in ran.lines
    assert any("GitHub reads those at the root of the repository alone" in line for line in ran.lines)
    assert streamchunk("init", "--python").status == 2


@pytest.mark.parametrize("name", ["it's", 'a "name" #1', "two: words", "back\\slash", "Ünï"])
def test_a_folder_of_any_name_is_named_in_the_workflow(tmp_path, monkeypatch, streamchunk, name):
    (tmp_path / ".git").write_text("gitdir: elsewhere")  # a worktree
    (tmp_path / "packages" / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "packages" / name)
    assert streamchunk("init", "--python").status == 0
    [path] = (tmp_path / ".github/workflows").iterdir()
    assert job_of(path)["defaults"]["run"]["working-directory"] == f"packages/{name}"


def test_at_the_root_of_a_repository_the_workflow_has_no_folder(folder, streamchunk):
    (folder / ".git").mkdir()
    streamchunk("init", "--python")
    job = job_of(folder / ".github/workflows/streamchunk.yml")
    assert "defaults" not in job
    [kept] = [step["with"] for step in job["steps"] if step.get("uses", "").startswith("actions/upload-artifact@")]
    assert kept["path"] == "streamchunk-report/"


LOCKS = [
    (None, "npm install", "npm install"),
    ("package-lock.json", "npm ci", "npm install"),
    ("npm-shrinkwrap.json", "npm ci", "npm install"),
    ("pnpm-lock.yaml", "corepack enable && pnpm install --frozen-lockfile", "pnpm install"),
    ("yarn.lock", "corepack enable && yarn install --frozen-lockfile", "yarn install"),
    ("bun.lock", "bun install --frozen-lockfile", "bun install"),
    ("bun.lockb", "bun install --frozen-lockfile", "bun install"),
]


@pytest.mark.parametrize(("lock", "locked", "by_hand"), LOCKS)
@pytest.mark.parametrize("is_workspace", [False, True])
def test_the_project_is_installed_as_it_is_locked(tmp_path, folder, streamchunk, lock, locked, by_hand, is_workspace):  # noqa: PLR0913, PLR0917 - fixtures and a row
    root = tmp_path if is_workspace else folder
    (root / ".git").mkdir()
    (folder / "package.json").write_text('{"dependencies": {"@tanstack/ai-openai": "0.3.0"}}')
    if lock:
        (root / lock).write_text("{}")
    ran = streamchunk("init")
    assert f"next: {by_hand} && streamchunk run" in ran.lines
    [path] = (root / ".github/workflows").iterdir()
    done = job_of(path)["steps"]
    assert locked in [step.get("run") for step in done]
    assert any(step.get("uses", "").startswith("oven-sh/setup-bun@") for step in done) == (by_hand == "bun install")


def test_what_python_needs_is_installed_too(folder, streamchunk):
    (folder / "requirements.txt").write_text("x")
    (folder / "pyproject.toml").write_text("")
    streamchunk("init")
    runs = [step.get("run") for step in job_of(folder / ".github/workflows/streamchunk.yml")["steps"]]
    assert "python -m pip install -r requirements.txt" in runs
    assert "python -m pip install --editable ." in runs


def test_an_application_is_started_by_what_installs_it(folder, streamchunk):
    (folder / "package.json").write_text("{}")
    (folder / "pnpm-lock.yaml").write_text("")
    ran = streamchunk("init", "--http")
    assert "next: OPENAI_BASE_URL=http://127.0.0.1:8788/v1 pnpm start & streamchunk run" in ran.lines
