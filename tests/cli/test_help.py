"""Help reads well and comes fast; a wrong word is answered with what would have been right."""

import subprocess
import sys

import pytest

from harness.cli import COMMANDS

SLOW = {"asyncio", "httpx", "jinja2", "jsonschema", "pydantic", "rich", "vcr", "yaml"}


def imported(*arguments):
    script = (
        "import sys\n"
        "from harness.cli import main\n"
        "try:\n"
        f"    main({list(arguments)!r})\n"
        "except SystemExit:\n"
        "    print(*sys.modules, file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    return set(ran.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["--version"], []])
def test_nothing_slow_and_no_command_is_imported_for_help(arguments):
    modules = imported(*arguments)
    assert not modules & SLOW
    assert {name for name in modules if name.startswith("harness.")} == {
        "harness.cli",
        "harness.cli.ending",
        "harness.errors",
    }


@pytest.mark.parametrize("command", ["judge", "decode", "rules", "explain"])
def test_a_command_imports_nothing_that_it_does_not_need(command):
    assert not imported(command, "--help") & SLOW


def test_the_help_reads_well(streamchunk, snapshot):
    ran = streamchunk("--help")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == snapshot


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_reads_well(streamchunk, snapshot, command):
    ran = streamchunk(command, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == snapshot


def test_a_command_that_is_missing_is_asked_for(streamchunk):
    ran = streamchunk()
    assert ran.status == 2
    assert ran.err.splitlines()[-1] == "streamchunk: usage (exit 2): a command is missing"


@pytest.mark.parametrize("arguments", [["jugde"], ["judge"], ["judge", "--frobnicate", "x"], ["decode"], ["explain"]])
def test_a_wrong_word_is_a_usage_error_with_the_last_line_that_every_run_has(streamchunk, arguments):
    ran = streamchunk(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("Usage: streamchunk ")
    assert ran.err.splitlines()[-1].startswith("streamchunk: usage (exit 2): ")


def test_the_version_is_said(streamchunk):
    assert streamchunk("--version").out == "streamchunk 0.1.0\n"


def test_the_module_is_the_command():
    ran = subprocess.run([sys.executable, "-m", "harness", "--version"], capture_output=True, check=True, text=True)
    assert ran.stdout == "streamchunk 0.1.0\n"
