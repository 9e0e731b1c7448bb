"""A shim may do whatever it likes: each way is one named result of its case, and the others go on."""

import os
import re
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from harness.drivers import connect
from harness.drivers.driver import Settings
from harness.errors import ShimError
from harness.results import Errored, Failed, Passed
from harness.runner import run
from hostile import SHIM, case, children, descriptors, processes, target

QUICK = 1.0  # seconds for what will never answer
LONG = 60.0  # seconds for what will answer
SAID_BY_THE_SHIM = [
    ("prints a banner", "Debugger listening on ws://127.0.0.1:9229", "not JSON"),
    ("writes half a line", '{"jsonrpc":"2.0","method":"chu', "in the middle of a line"),
    ("writes invalid UTF-8", r"\xff\xfe", "not UTF-8"),
    ("answers before the end", '"delta":"Hi"', "the run 2 was answered already"),
    ("answers twice", '"id":2', "the request 2 was answered already"),
    ("names another run", '"runId":"nobody"', 'there is no run "nobody"'),
    ("sends no chunk", '"method":"chunk"', "params has no chunk"),
    ("sends an unknown message", '"method":"progress"', "a shim sends the notifications chunk and modelCall"),
    ("asks the harness", '"id":1', "a shim sends the notifications chunk and modelCall"),
    ("says an unknown ending", '"ending":"finished"', "one of completed, raised, aborted"),
    ("refuses", "no model of that name", "refused to run transform"),
]


def results(mode, timeout=LONG, mark="unmarked", **hostile):
    """Ask a good case, one in which the shim misbehaves, and a good one again."""
    cases = [case("text/before"), case("text/hostile", model="hostile", **hostile), case("text/after")]
    with closing(connect(target(mode, mark))) as driver:
        before, between, after = run(cases, driver, timeout=timeout)
    assert isinstance(before, Passed)
    assert isinstance(after, Passed)
    return between


def assert_timed_out(result, name):
    assert isinstance(result, Failed)
    assert result.answer.ending.kind == "timed out"
    assert result.answer.ending.error["name"] == name
    assert "END-8" in {violation.rule.id for violation in result.verdict.violations}


def assert_errored(result, kind, *words):
    assert isinstance(result, Errored)
    assert result.kind == kind
    for word in words:
        assert word in result.reason


@pytest.mark.parametrize(("mode", "sent", "why"), SAID_BY_THE_SHIM, ids=[mode for mode, *_ in SAID_BY_THE_SHIM])
def test_what_breaks_the_driver_protocol_is_said_and_is_no_verdict(mode, sent, why):
    assert_errored(results(mode), "ShimError", "your shim", sent, why)


def test_a_shim_that_hangs_is_timed_out():
    result = results("hangs", QUICK)
    assert_timed_out(result, "Timeout")
    assert result.answer.chunks == 1


def test_a_shim_that_ignores_sigterm_is_timed_out_and_ended():
    assert_timed_out(results("ignores SIGTERM", QUICK, "mark-ignores-sigterm"), "Timeout")
    assert not processes("mark-ignores-sigterm")


def test_a_shim_that_reads_no_more_does_not_keep_us_writing():
    megabytes = {"given": {"events": [{"type": "text-delta", "id": "t", "delta": "x" * 4_000_000}]}}
    with closing(connect(target("reads no more"))) as driver:
        (result,) = run([case(**megabytes)], driver, timeout=QUICK)
    assert_timed_out(result, "Timeout")


def test_a_shim_that_exits_in_the_middle_is_gone_and_its_last_words_are_told():
    assert_errored(results("exits"), "TargetGone", "exited with status 7", "about to die of a bug")


def test_a_shim_that_is_killed_is_gone():
    assert_errored(results("is killed"), "TargetGone", "SIGKILL")


def test_a_shim_that_exits_behind_its_answer_is_judged_by_it():
    assert isinstance(results("exits behind its answer"), Failed | Passed)


def test_a_shim_that_exits_behind_every_answer_is_told_of_once_with_how_often():
    with closing(connect(target("exits behind its answer"))) as driver:
        for _ in run([case(model="hostile") for _ in range(4)], driver, timeout=LONG):
            time.sleep(0.1)
        (complaint,) = driver.complaints
    times = re.fullmatch(
        r"your shim exited with status 0 behind an answer \((\d) times\); it is started again .*", complaint
    )
    assert times[1] in {"3", "4"}  # nobody need look what became of it behind the last answer


def test_a_shim_that_crashes_late_is_no_fault_of_the_next():
    cases = [case("text/slow", model="hostile"), case("text/next"), case("text/after")]
    with closing(connect(target("exits long behind its answer"))) as driver:
        _, following, after = run(cases, driver, timeout=LONG)
        (complaint,) = driver.complaints
    assert (type(following), type(after)) == (Passed, Passed)
    assert "exited with status 3" in complaint


def test_a_fault_that_is_found_again_is_a_result_and_no_complaint():
    cases = [case("text/before"), case("text/hostile", model="hostile")]
    with closing(connect(target("prints a banner"))) as driver:
        _, hostile = run(cases, driver, timeout=LONG)
        assert_errored(hostile, "ShimError", "Debugger listening")
        assert driver.complaints == ()


def test_a_shim_that_declares_something_else_when_it_is_started_again_is_asked_no_more(tmp_path):
    shim = tmp_path / "shim.py"
    shim.write_bytes(SHIM.read_bytes())
    with closing(connect(f"stdio:{sys.executable} -S -E {shim} exits")) as driver:
        shim.write_bytes(SHIM.read_bytes().replace(b'["transform", "parseJson"]', b'["transform"]'))
        first, *others = run([case(model="hostile"), case(), case()], driver, timeout=LONG)
    assert_errored(first, "TargetGone")
    for other in others:
        assert_errored(other, "ShimError", "declares something else than before", "operations")


def test_a_shim_that_closes_its_output_is_gone():
    assert_errored(results("closes its output"), "TargetGone", "closed its standard output")


def test_an_adapter_that_ignores_an_abort_is_judged():
    result = results("ignores an abort", abort={"afterChunks": 1})
    assert isinstance(result, Failed)
    assert result.answer.ending.kind == "aborted"
    assert "ABORT-2" in {violation.rule.id for violation in result.verdict.violations}


def test_an_adapter_that_never_ends_after_an_abort_is_timed_out():
    result = results("never ends after an abort", QUICK, abort={"orAfterMs": 100})
    assert result.answer.ending.kind == "timed out"
    assert result.answer.ending.at >= 100
    assert "ABORT-7" in {violation.rule.id for violation in result.verdict.violations}


def test_a_grandchild_that_keeps_the_pipe_open_hangs_nobody():
    assert_timed_out(results("forks and hangs", QUICK, "mark-forks-and-hangs"), "Timeout")
    assert not processes("mark-forks-and-hangs")


def test_a_grandchild_that_outlives_the_shim_does_not_hide_its_exit():
    assert_errored(results("forks and exits", LONG, "mark-forks-and-exits"), "TargetGone", "exited with status 3")
    assert not processes("mark-forks-and-exits")


def test_what_is_said_long_after_an_answer_is_a_complaint_and_nobody_elses_result():
    cases = [case("text/hostile", model="hostile"), case("text/next"), case("text/after")]
    with closing(connect(target("answers long before the end"))) as driver:
        list(run(cases[:1], driver, timeout=LONG))
        time.sleep(0.5)  # the answer was handed on before anybody could know
        following, after = run(cases[1:], driver, timeout=LONG)
        (complaint,) = driver.complaints
    assert (type(following), type(after)) == (Passed, Passed)
    assert "the run 1 was answered already (question 1 to its process, transform); it is started again" in complaint


def test_a_fault_of_json_in_a_chunk_is_a_finding():
    result = results("says a number twice")
    places = [violation.finding for violation in result.verdict.violations if violation.rule.id == "SHAPE-12"]
    assert "timestamp" in " ".join(f"{place.expected} {place.seen}" for place in places)


@pytest.mark.parametrize(
    ("mode", "word"),
    [
        ("exits at once", "Cannot find module '@tanstack/ai'"),
        ("begins with a banner", "my-adapter@1.0.0"),
        ("never says who it is", "did not answer initialize within 0.5 s"),
    ],
)
def test_a_shim_that_does_not_say_who_it_is_is_no_target(mode, word):
    with pytest.raises(ShimError, match=word.replace("(", r"\(")):
        connect(target(mode, f"mark-{mode}"), Settings(start_timeout=0.5))
    assert not processes(f"mark-{mode}")


def test_a_shim_that_does_not_answer_shutdown_is_ended():
    connect(target("never answers shutdown", "mark-shutdown")).close()
    assert not processes("mark-shutdown")


def test_nothing_is_left_of_fifty_restarts():
    with closing(connect(target("exits"))) as driver:
        before = descriptors(), len(children())
        for result in run([case(model="hostile") for _ in range(50)], driver, timeout=LONG):
            assert_errored(result, "TargetGone", "status 7")
        list(run([case()], driver, timeout=LONG))
        assert (descriptors(), len(children())) == before


FLOODS = {
    "floods": "timed out: TooManyChunks",
    "floods in long lines": "timed out: TooManyBytes",
    "floods its log": "completed",
    "writes a line without an end": "ShimError: your shim sent a line of over 64 MB",
}
MEASURED = """
import resource, sys
from contextlib import closing
from hostile import case, target
from harness.drivers import connect
from harness.runner import answers

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

before = peak()
with closing(connect(target(sys.argv[1]))) as driver:
    (_, hostile), (_, after) = answers([case(model="hostile"), case()], driver, timeout=60)
error = getattr(hostile, "reason", None) or (hostile.ending.error or {}).get("name")
print(peak() - before, getattr(hostile, "kind", None) or hostile.ending.kind, error, after.ending.kind, sep="|")
"""


@pytest.mark.parametrize("mode", FLOODS)
def test_a_flood_is_one_result_and_does_not_fill_the_memory(mode):
    tests = Path(__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, mode], capture_output=True, text=True, check=True, env=environment
    )
    megabytes, *said, after = done.stdout.strip().split("|")
    assert ": ".join(said).removesuffix(": None").startswith(FLOODS[mode])
    assert after == "completed"
    assert int(megabytes) < 400
