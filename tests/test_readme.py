"""The README is the front door: what it shows is what happens."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from harness.cassettes import cassette
from harness.protocol.script import Piece, Script
from harness.replay.server import ReplayServer

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
STREAMCHUNK = Path(sys.executable).with_name("streamchunk")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_every_command_of_the_readme_exists():
    shown = subprocess.run([STREAMCHUNK, "--help"], capture_output=True, text=True, check=True).stdout
    for command in set(
        re.findall(r"streamchunk (init|run|compare|judge|decode|record|replay|cassette|rules|explain|ledger)\b", README)
    ):
        assert command in shown
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"make ([a-z]+)", README)) - {"has"}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_figures_of_the_real_adapters_are_those_of_the_matrix():
    columns = json.loads((ROOT / "reports/real-adapters.json").read_text())["implementations"].values()
    asked = [
        re.findall(r"\d+", row)[-3:] for row in re.findall(r"^\| .*`(?:tanstack|spec)` \|.*$", README, re.MULTILINE)
    ]
    figures = [[str(one["cases"][name]) for name in ("asked", "passed", "known")] for one in columns]
    assert figures[0] == figures[1]
    assert asked == figures[1:]


def test_the_library_example_runs_as_written():
    [example] = [block for block in blocks("python") if "from harness import judge" in block]
    base = {"id": "r", "model": "m", "timestamp": 1}
    scope = {
        "chunks": [
            {"type": "content", **base, "delta": "a", "content": "a"},
            {
                "type": "done",
                **base,
                "finishReason": "stop",
                "usage": {"promptTokens": 1, "completionTokens": 1, "totalTokens": 2},
            },
        ],
        "events": [
            {"type": "response-metadata", "id": "r", "modelId": "m"},
            {"type": "text-delta", "id": "t", "delta": "a"},
            {
                "type": "finish",
                "finishReason": "stop",
                "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
            },
        ],
    }
    exec(example, scope)  # noqa: S102 - the example is ours, and running it is the point
    assert scope["verdict"].exercised
    assert example.index("assert") - example.index("from") < 300


def test_the_adapter_example_runs_as_written_against_a_provider():
    [example] = [block for block in blocks("python") if "mastra_text" in block]
    assert len([line for line in example.splitlines() if line]) <= 10
    tape = cassette.load("anthropic/text")
    with ReplayServer() as server, server.open([Script((Piece(tape.body),))]) as place:
        environment = {**os.environ, "ANTHROPIC_API_KEY": "test-key-1", "ANTHROPIC_BASE_URL": place.base_url}
        ran = subprocess.run(
            [sys.executable, "-c", example], capture_output=True, text=True, check=True, timeout=60, env=environment
        )
        [asked] = place.exchanges()
    *said, done = ran.stdout.splitlines()
    assert "".join(line.removeprefix("content ") for line in said) == "Hello."
    assert done == "done "
    assert asked.header("x-api-key") == "test-key-1"


def test_the_map_names_every_room():
    rooms = {
        path.name for path in (ROOT / "harness").iterdir() if path.is_dir() and path.name not in {"__pycache__", "data"}
    }
    for room in rooms - {"__pycache__"}:
        assert f"harness/{room}" in README, room


def test_the_finding_that_is_shown_is_real():
    """The excerpt's command is run on the excerpt's log, and its lines are found in what comes out."""
    [command] = re.findall(r"^\$ (streamchunk judge .*)$", README, re.MULTILINE)
    excerpt = README.split(f"$ {command}\n")[1].split("```")[0].strip().splitlines()
    ran = subprocess.run(
        [STREAMCHUNK, *command.split()[1:]], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 1
    for line in excerpt:
        if line.strip() not in {"", "…"}:
            assert line.rstrip() in [out.rstrip() for out in ran.stdout.splitlines()], line
