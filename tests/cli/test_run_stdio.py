"""`streamchunk run stdio:…`: whose fault it was, and what is left when it is interrupted."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hostile import case, processes, target, until

BOUND = 60  # seconds
STREAMCHUNK = Path(sys.executable).with_name("streamchunk")


@pytest.fixture
def cases(tmp_path):
    """A folder of two cases; in the first one the hostile shim misbehaves."""
    folder = tmp_path / "cases" / "text"
    folder.mkdir(parents=True)
    for name, model in (("hostile", "hostile"), ("plain", "m")):
        written = case(f"text/{name}", model=model).model_dump(by_alias=True, exclude_unset=True)
        (folder / f"{name}.json").write_text(json.dumps(written))
    return folder.parent


@pytest.mark.parametrize(
    ("mode", "status", "words"),
    [
        ("exits behind its answer", 1, "1 passed, 1 failed, 0 errored"),
        ("hangs", 1, "1 passed, 1 failed, 0 errored"),
        ("exits", 3, "1 passed, 0 failed, 1 errored"),
        ("prints a banner", 3, "1 passed, 0 failed, 1 errored"),
        ("exits at once", 3, "exited with status 1 before it said who it is"),
    ],
)
def test_the_exit_status_tells_the_adapters_fault_from_the_shims(streamchunk, cases, mode, status, words):
    ran = streamchunk("run", target(mode), "--cases", cases, "--timeout", "1")
    assert ran.status == status
    assert words in ran.last


def test_a_command_that_is_not_there_is_a_wrong_argument(streamchunk, cases):
    ran = streamchunk("run", "stdio:no-such-command-anywhere", "--cases", cases)
    assert ran.status == 2
    assert "there is no command 'no-such-command-anywhere'" in ran.err


@pytest.mark.parametrize(
    ("mode", "how", "status"),
    [
        ("hangs", signal.SIGINT, 130),
        ("ignores SIGTERM", signal.SIGINT, 130),
        ("hangs among others", signal.SIGINT, 130),
        ("forks and hangs", signal.SIGINT, 130),
        ("ignores SIGTERM", signal.SIGTERM, 143),
        ("hangs among others", signal.SIGHUP, 129),
    ],
)
def test_who_interrupts_us_leaves_no_process_behind(cases, mode, how, status):
    mark = f"mark-{how}-{mode}"
    started = cases / "started"
    chosen = ["--cases", str(cases), "text/hostile", "--dump-driver-input", str(started)]
    asking = subprocess.Popen(
        [STREAMCHUNK, "run", target(mode, mark), *chosen], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert until(lambda: started.exists() and '"method":"run"' in started.read_text(), BOUND)
        asking.send_signal(how)
        out, err = asking.communicate(timeout=BOUND)
    finally:
        asking.kill()
        asking.wait()
    assert asking.returncode == status
    assert "Traceback" not in out + err
    assert not processes(mark)


def test_a_message_that_breaks_the_schema_is_said_when_that_is_asked_for(streamchunk, cases):
    shim = target("refuses without a code")
    assert "refused to run transform" in streamchunk("run", shim, "--cases", cases).out
    ran = streamchunk("run", shim, "--cases", cases, "--verify-driver")
    assert ran.status == 3
    assert "error: 'code' is a required property" in ran.out


def test_lines_can_be_dumped_of_one_case_and_of_a_shim_only(streamchunk, cases, tmp_path):
    lines = tmp_path / "lines"
    several = streamchunk("run", target("good"), "--cases", cases, "--dump-driver-input", lines)
    assert (several.status, "2 cases are selected" in several.err) == (2, True)
    other = streamchunk("run", "reference", "--cases", cases, "text/plain", "--dump-driver-input", lines)
    assert (other.status, "is not asked in lines" in other.err) == (2, True)
    assert streamchunk("run", target("good"), "--cases", cases, "text/plain", "--dump-driver-input", lines).status == 0
    sent = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [message["method"] for message in sent] == ["initialize", "run"]
    assert "expect" not in json.dumps(sent)
