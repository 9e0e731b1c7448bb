"""The README's recording section runs as written, but for the address: the provider is played on loopback."""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from harness.cassettes import cassette
from harness.replay.cassettes import CassetteServer

ROOT = Path(__file__).parent.parent
STREAMCHUNK = str(Path(sys.executable).with_name("streamchunk"))
README = (ROOT / "README.md").read_text()
ADAPTER = "from harness.bundled import ReferenceAdapter as Mine\n"


def commands():
    [block] = [block for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "streamchunk record" in block]
    return [shlex.split(line, comments=True)[1:] for line in block.splitlines() if line]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "my_module.py").write_text(ADAPTER)
    return tmp_path


def environment(**more):
    return {**os.environ, "PYTHONPATH": ".", **more}


def ran(command, folder, **more):
    return subprocess.run(
        [STREAMCHUNK, *command], cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def started(command, folder):
    """A command that serves; its first line is its address."""
    process = subprocess.Popen(
        [STREAMCHUNK, *command],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return process, re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())[0]


def ended(process):
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    return process.returncode


def test_the_section_runs_from_the_first_line_to_the_last(folder):
    record, proxy, scan, run, replay, drift = commands()
    with CassetteServer([cassette.load("openai/responses-text")], match=("method", "path")) as provider:
        base = f"{provider.base_url}/v1"
        done = ran(record, folder, OPENAI_BASE_URL=base, OPENAI_API_KEY="test-key-1")
        assert done.returncode == 0, done.stderr
        assert "test-key-1" not in (folder / "recorded" / "hello.yaml").read_text()

        asked = [provider.base_url if part.startswith("https://") else part for part in proxy]
        process, address = started([part.replace(":8787", ":0") for part in asked], folder)
        try:
            answer = httpx.post(f"{address}/v1/responses", json={"model": "m", "input": "Hi", "stream": True})
            assert answer.status_code == 200
        finally:
            status = ended(process)
        assert status == 0
    assert len(list((folder / "recorded").glob("*.yaml"))) == 2

    assert ran(scan, folder).returncode == 0
    judged = ran(run, folder)
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "2 passed" in judged.stdout

    process, address = started([part.replace("8788", "0") for part in replay], folder)
    try:
        again = httpx.post(f"{address}/v1/responses", json={"stream": True, "input": "Hi", "model": "m"})
    finally:
        ended(process)
    assert again.content == answer.content

    (folder / "newer").mkdir()
    (folder / "newer" / "hello.yaml").write_bytes((folder / "recorded" / "hello.yaml").read_bytes())
    assert ran(drift, folder).returncode == 0
