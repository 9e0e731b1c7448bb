"""``streamchunk cassette`` is a group: its verbs are listed, and none is imported before it is called."""

import subprocess
import sys

import pytest

from harness.cli.cassette import VERBS


def test_the_verbs_are_listed(streamchunk):
    ran = streamchunk("cassette", "--help")
    assert (ran.status, ran.err) == (0, "")
    for verb, (_, short_help) in VERBS.items():
        assert any(line.split() == [verb, *short_help.split()] for line in joined(ran.lines)), verb


def joined(lines):
    """Help texts with the lines that were wrapped put together again."""
    found = []
    for line in lines:
        if line.startswith("     ") and found:
            found[-1] += line
        else:
            found.append(line)
    return found


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_help_that_begins_with_what_it_does(streamchunk, verb):
    ran = streamchunk("cassette", verb, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert ran.lines[0].startswith(f"Usage: streamchunk cassette {verb} ")


def test_no_verb_is_imported_for_help():
    script = (
        "import sys\n"
        "from harness.cli import main\n"
        "try:\n"
        "    main(['cassette', '--help'])\n"
        "except SystemExit:\n"
        "    print(*sys.modules, file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    modules = set(ran.stderr.split())
    assert not modules & {"yaml", "vcr", "harness.providers", "harness.cassettes"}


def test_a_verb_that_is_missing_is_asked_for(streamchunk):
    ran = streamchunk("cassette")
    assert ran.status == 2
    assert ran.err.splitlines()[-1] == "streamchunk: usage (exit 2): a command is missing"


@pytest.mark.parametrize("arguments", [["lsit"], ["list", "--frobnicate"], ["show"]])
def test_a_wrong_word_is_a_usage_error(streamchunk, arguments):
    ran = streamchunk("cassette", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("Usage: streamchunk cassette")
    assert ran.last.startswith("streamchunk: usage (exit 2): ")


def test_a_reader_that_goes_away_is_no_failure():
    command = f"{sys.executable} -m harness cassette list | head -1"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("name ")
