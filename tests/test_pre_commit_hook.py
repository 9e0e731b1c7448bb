"""The hook that .pre-commit-hooks.yaml offers is one that pre-commit can run, and does what it says."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
[HOOK] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
KEY = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xYaB3d"


def committed(folder, *names):
    """Run the hook as pre-commit does: its entry, and behind it the names of the files that its pattern admits."""
    files = [name for name in names if re.search(HOOK["files"], name)]
    program, *arguments = HOOK["entry"].split()
    command = [str(Path(sys.executable).with_name(program)), *arguments, *files]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_the_hook_has_what_pre_commit_asks_for():
    assert {"id", "name", "entry", "language"} <= HOOK.keys()
    assert HOOK["language"] == "python"
    assert HOOK["types"] == ["file"]


def test_a_commit_with_a_secret_in_a_cassette_is_refused_and_others_are_not(tmp_path):
    folder = tmp_path / "tests" / "cassettes"
    folder.mkdir(parents=True)
    folder.joinpath("bad.yaml").write_text(f"version: 1\nnote: {KEY}\n")
    folder.joinpath("good.yaml").write_text("version: 1\n")
    folder.joinpath("long.body").write_bytes(b"data: {}\n\n" * 10)
    tmp_path.joinpath("outside.yaml").write_text(f"note: {KEY}\n")
    good, body, outside = "tests/cassettes/good.yaml", "tests/cassettes/long.body", "outside.yaml"
    clean = committed(tmp_path, good, body, outside)
    assert clean.returncode == 0, clean.stderr
    assert "2 files" in clean.stdout
    refused = committed(tmp_path, good, "tests/cassettes/bad.yaml", body)
    assert refused.returncode == 1
    assert "tests/cassettes/bad.yaml:2: GitHub token in note: aB…3d" in refused.stdout
    assert KEY not in refused.stdout + refused.stderr
