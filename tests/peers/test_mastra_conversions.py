"""The Mastra adapter's own tests of its conversions and its structured output: `make` compiles it, Node runs them."""

import subprocess
import sys
from pathlib import Path

import pytest

ADAPTER = Path(__file__).parent / "mastra-adapter"
NODE = Path(sys.executable).parent / "node"
SUITES = sorted((ADAPTER / "tests").glob("*.test.mjs"))


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.name.partition(".")[0])
def test_the_adapters_own_tests_hold(suite):
    assert (ADAPTER / "dist").is_dir(), "make compiles it: tests/peers/mastra-adapter/dist is missing"
    command = [NODE, "--test", "--test-reporter=tap", suite]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "\n# tests 1\n" not in run.stdout, "a file without tests counts as one"


def test_every_suite_is_found():
    found = {suite.name.partition(".")[0] for suite in SUITES}
    assert found >= {"conversions", "requests", "streaming", "structured", "waiting"}
