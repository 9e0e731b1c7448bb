"""Walk 1 of the architecture, without mocks: a cassette's bytes, decoded, played, judged, reported by the real command.

cassette → providers → driver → implementation → transcript → judge → result → report.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PARALLEL = "cassettes/anthropic-parallel-tools"


def streamchunk(*arguments, cwd=TESTS):
    """Run the command in a process of its own, as a user does, from the folder of the test implementations."""
    environment = {**os.environ, "PYTHONPATH": str(TESTS.parent), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def right():
    return streamchunk("run", "reference", "--format", "json")


def test_the_reference_passes_the_whole_suite(right):
    assert right.returncode == 0, right.stderr
    report = json.loads(right.stdout)
    unasked = {case["area"] for case in report["cases"] if case["result"] == "not applicable"}
    assert unasked == {"application"}  # whose cases are made for running applications
    assert {case["result"] for case in report["cases"] if case["area"] not in unasked} == {"passed"}
    assert report["summary"]["passed"] >= 120
    assert right.stderr.splitlines()[-1].startswith("streamchunk: conforms (exit 0): ")


def test_the_cassettes_of_every_wire_were_played(right):
    report = json.loads(right.stdout)
    played = [case["id"] for case in report["cases"] if case["area"] == "cassettes"]
    for provider in ("openai-chat", "openai-responses", "anthropic", "google"):
        assert sum(case.startswith(f"cassettes/{provider}") for case in played) >= 8, provider


def test_the_chunks_are_those_of_the_recorded_bytes(right):
    """What a provider wrote in its own words is found again in what a client gets, with nobody's help between them."""
    [case] = [case for case in json.loads(right.stdout)["cases"] if case["id"] == PARALLEL]
    recorded = (TESTS.parent / "cassettes/anthropic/parallel-tools.yaml").read_text()
    calls = [json.loads(chunk["text"]) for chunk in case["answer"]["shown"] if '"tool_call"' in chunk["text"]]
    assert len(calls) >= 2
    for call in calls:
        assert f'"id":"{call["toolCall"]["id"]}"' in recorded.replace(" ", "")
    assert "TOOL-18" in case["exercised"]


def test_a_wrong_implementation_is_told_where_and_why():
    ran = streamchunk("run", "python:implementations:encodes_arguments_twice", PARALLEL)
    assert ran.returncode == 1, ran.stderr
    assert f"FAILED {PARALLEL}: " in ran.stdout
    assert f"{PARALLEL}: chunk " in ran.stdout
    assert "MUST TOOL-2" in ran.stdout
    assert "    why       " in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith("streamchunk: violations (exit 1): 0 passed, 1 failed")


def test_an_implementation_that_blocks_its_thread_neither_hangs_nor_breaks_the_command():
    ran = streamchunk("run", "python:implementations:blocks_its_thread", "text/one-delta", "--timeout", "0.3")
    assert ran.returncode == 1, ran.stderr
    assert "MUST END-8" in ran.stdout
    assert "its thread was left behind" in ran.stdout


@pytest.mark.slow
def test_two_runs_tell_the_same_but_for_time_and_chance(right):
    """Decoding and judging are pure: two runs differ by the clock, the port, and who closed a connection first."""
    areas = ("text", "tool-calls", "ending", "structured", "providers", "over-http/cassettes")
    runs = [right, streamchunk("run", *areas, "--format", "json")]
    first, again = (json.loads(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", run.stdout))["cases"] for run in runs)
    for case in (*(case for case in first if "answer" in case), *again):
        case["answer"].pop("durationMs")
        case["answer"].pop("shown")
        for request in case["answer"].get("requests", []):
            del request["whole"], request["closedBy"]
    of_the_first = {case["id"]: case for case in first}
    assert len(again) > 500
    assert [of_the_first[case["id"]] for case in again] == again
