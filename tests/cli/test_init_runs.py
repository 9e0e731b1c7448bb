"""What `streamchunk init` writes runs as it is written: the next command that it names, and its workflow's steps."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

BIN = Path(sys.executable).parent
NODE = BIN / "node"
PEERS = Path(__file__).parent.parent / "peers"
MODULES = PEERS / "node_modules"
ENVIRONMENT = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def shell(command, folder, **more):
    """Run a command as a person types it, or a step of a workflow as GitHub does."""
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command],
        cwd=folder,
        env={**ENVIRONMENT, **more},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def last_of(done):
    return (done.stdout + done.stderr).splitlines()[-1]


def initialised(folder, flags=""):
    """Run `streamchunk init`; return the next command that it names."""
    done = shell(f"streamchunk init {flags}", folder)
    assert done.returncode == 0, done.stderr
    [named] = [line.removeprefix("next: ") for line in done.stdout.splitlines() if line.startswith("next: ")]
    return named


def with_packages(folder, packages):
    """Give a folder a package.json and the installed packages: what it imports → which of the peers that is."""
    for name, peer in packages.items():
        link = folder / "node_modules" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(MODULES / peer)
    (folder / "package.json").write_text(json.dumps({"name": "my-app", "dependencies": dict.fromkeys(packages, "*")}))


def test_the_example_in_typescript_passes_all_that_it_declares(tmp_path):
    done = shell(initialised(tmp_path, "--typescript"), tmp_path)
    assert done.returncode == 0, done.stdout
    assert last_of(done).startswith("streamchunk: conforms (exit 0): ")
    assert " 0 passed" not in last_of(done)


def test_a_workflows_steps_judge_the_example_in_python_and_sum_it_up(tmp_path):
    """The verdict decides the job, and what it says is kept."""
    initialised(tmp_path, "--python")
    workflow = yaml.safe_load((tmp_path / ".github/workflows/streamchunk.yml").read_text())
    steps = {step["name"]: step["run"] for step in workflow["jobs"]["conformance"]["steps"] if "name" in step}
    judged = shell(steps["Judge"], tmp_path)
    assert judged.returncode == 0, judged.stdout
    summary = tmp_path / "summary.md"
    assert shell(steps["Summarise"], tmp_path, GITHUB_STEP_SUMMARY=str(summary)).returncode == 0
    assert "conforms" in summary.read_text()
    assert (tmp_path / "streamchunk-report/report.html").stat().st_size > 1000


@pytest.mark.slow
def test_a_real_adapter_has_its_verdict_at_once(tmp_path):
    with_packages(tmp_path, {"@tanstack/ai": "@tanstack/ai", "@tanstack/ai-openai": "ai-openai-0.3.0"})
    done = shell(initialised(tmp_path), tmp_path)
    assert done.returncode == 1, done.stderr
    assert last_of(done).startswith("streamchunk: violations (exit 1): ")
    assert "0 errored" in last_of(done)
    assert "TOOL-" in done.stdout


@pytest.mark.parametrize(
    ("imported", "peer", "case"),
    [
        ("@tanstack/ai-anthropic", "@tanstack/ai-anthropic", "matrix/streaming-anthropic"),
        ("@mastra/core", "mastra-core-1.0.4", "matrix/streaming-openai-chat"),
        *(
            pytest.param(*more, marks=pytest.mark.slow)
            for more in [
                ("@tanstack/ai-openai", "ai-openai-0.2.1", "matrix/streaming-openai-responses"),
                ("@tanstack/ai-gemini", "@tanstack/ai-gemini", "matrix/streaming-google"),
                ("@tanstack/ai-ollama", "@tanstack/ai-ollama", "conversations/three-turns-ollama"),
                ("@mastra/core", "mastra-core-1.71.0", "matrix/streaming-openai-chat"),
            ]
        ),
    ],
)
def test_the_stub_of_every_known_adapter_reaches_the_played_provider(tmp_path, imported, peer, case):
    """Where it did not, its provider would have been asked nothing, and there would be no text."""
    with_packages(tmp_path, {"@tanstack/ai": "@tanstack/ai", imported: peer})
    command = f"{initialised(tmp_path)} {shlex.quote(case)} --format json"
    done = shell(command, tmp_path)
    cases = [one for one in json.loads(done.stdout)["cases"] if one["result"] != "not applicable"]
    assert done.returncode in {0, 1}, done.stderr
    assert any("content" in one["answer"]["types"] for one in cases)


@contextmanager
def application(provider):
    """TanStack AI's `chat()` behind HTTP, which looks for its provider where it is told to; yields its address."""
    told = {**ENVIRONMENT, "OPENAI_BASE_URL": provider, "OPENAI_API_KEY": "not-a-key"}
    command = [NODE, PEERS / "application.mjs"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=told, start_new_session=True) as app:
        try:
            yield f"127.0.0.1:{int(app.stdout.readline())}"
        finally:
            os.killpg(app.pid, signal.SIGTERM)  # Node from PyPI is a child of a small program


@pytest.mark.slow
def test_a_running_application_is_judged_while_its_provider_is_played(tmp_path):
    """Only the ports are changed, to free ones; that it speaks Responses is told by its package.json."""
    (tmp_path / "package.json").write_text('{"dependencies": {"@tanstack/ai-openai": "0.3.0"}}')
    initialised(tmp_path, "--http")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        provider = f"127.0.0.1:{free.getsockname()[1]}"
    written = tmp_path / "streamchunk.toml"
    with application(f"http://{provider}/v1") as address:
        told = written.read_text().replace("127.0.0.1:3000", address).replace("127.0.0.1:8788", provider)
        written.write_text(told)
        done = shell("streamchunk run --format json", tmp_path)
    assert done.returncode in {0, 1}, done.stderr
    cases = [one for one in json.loads(done.stdout)["cases"] if one["result"] != "not applicable"]
    assert any("content" in one["answer"]["types"] for one in cases)


@pytest.mark.slow
@pytest.mark.slow
def test_the_example_is_sound_typescript(tmp_path):
    initialised(tmp_path, "--typescript")
    options = "--noEmit --allowJs --checkJs --strict --skipLibCheck --target es2023 --module nodenext --types node"
    command = [MODULES / ".bin" / "tsc", *options.split(), "--typeRoots", MODULES / "@types", "streamchunk/adapter.mjs"]
    done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_the_first_verdict_on_a_new_adapter_comes_within_a_minute_of_init(tmp_path):
    """With what npm has in its cache: the packages are installed once before, elsewhere."""
    packages = {"@tanstack/ai": "0.2.2", "@tanstack/ai-openai": "0.3.0"}
    for place in ("before", "new"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "package.json").write_text(json.dumps({"name": "my-app", "dependencies": packages}))
    assert shell("npm install --no-audit --no-fund", tmp_path / "before").returncode == 0
    begun = time.monotonic()
    done = shell(initialised(tmp_path / "new"), tmp_path / "new")
    seconds = time.monotonic() - begun
    print(f"first verdict on a new adapter: {seconds:.1f} s from init, npm install included")  # noqa: T201 - a figure
    assert done.returncode == 1, done.stderr
    assert seconds < 60
