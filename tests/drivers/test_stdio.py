"""A shim is started once, asked often, and gone when we are."""

import json
import re
import subprocess
import sys
from contextlib import closing

import pytest

from harness.drivers import connect
from harness.drivers.driver import Settings
from harness.errors import CannotConnect, ShimError
from harness.protocol.transcript import Stimulus
from harness.results import Errored, Failed, Passed
from harness.runner import answers, run
from hostile import SHIM, case, children, descriptors, processes, target, until

EVENTS = ({"type": "text-delta", "id": "t", "delta": "Hi"}, {"type": "finish"})
LONG = 60.0


def kinds(results):
    return [type(result) for result in results]


def test_a_shim_says_who_it_is():
    with closing(connect(target("good"))) as driver:
        implementation = driver.implementation
    assert (implementation.name, implementation.version, implementation.language) == ("hostile", "1", "Python")
    assert implementation.operations == {"transform", "parseJson"}
    assert implementation.abortable == {"transform"}
    assert implementation.approvable == {"transform"}
    assert (implementation.profile, implementation.concurrency, implementation.wires) == ("spec", 1, None)


def test_one_process_answers_many_cases():
    with closing(connect(target("good", "mark-many"))) as driver:
        before = processes("mark-many")
        assert kinds(run([case() for _ in range(20)], driver, timeout=LONG)) == [Passed] * 20
        assert processes("mark-many") == before
    assert not processes("mark-many")


def test_another_process_takes_over_behind_a_crash():
    with closing(connect(target("exits", "mark-crash"))) as driver:
        before = processes("mark-crash")
        crash, after = run([case(model="hostile"), case()], driver, timeout=LONG)
        assert (type(crash), type(after)) == (Errored, Passed)
        assert not set(processes("mark-crash")) & set(before)


def test_runs_overlap_where_the_shim_says_so_and_come_in_order():
    cases = [case(f"text/{number}") for number in range(12)]
    with closing(connect(target("answers in pairs"))) as driver:
        results = list(run(cases, driver, timeout=LONG))
    assert kinds(results) == [Passed] * 12
    assert [result.case.id for result in results] == [one.id for one in cases]


def test_only_the_guilty_of_several_is_blamed_for_a_crash():
    cases = [case(f"text/{number}", model="hostile" if number == 5 else "m") for number in range(12)]
    with closing(connect(target("exits among others"))) as driver:
        results = list(run(cases, driver, timeout=LONG))
    assert [result.case.id for result in results if not isinstance(result, Passed)] == ["text/5"]
    assert results[5].kind == "TargetGone"


def test_only_the_guilty_of_several_is_blamed_for_silence():
    cases = [case(f"text/{number}", model="hostile" if number == 5 else "m") for number in range(8)]
    with closing(connect(target("hangs among others"))) as driver:
        results = list(run(cases, driver, timeout=1.5))
    assert [result.case.id for result in results if not isinstance(result, Passed)] == ["text/5"]
    assert isinstance(results[5], Failed)
    assert results[5].answer.ending.kind == "timed out"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("stdio:no-such-command-anywhere shim.mjs", "there is no command 'no-such-command-anywhere'"),
        ("stdio:", "write stdio:COMMAND"),
        ("stdio:node 'shim.mjs", "cannot be split into words"),
        (f"stdio:{SHIM}", "not executable"),
        ("stdio+tcp://127.0.0.1:1", "no shim listens at 127.0.0.1:1"),
        ("stdio+tcp:nonsense", "write stdio+tcp://127.0.0.1:PORT"),
        ("stdio+tcp:127.0.0.1:99999", "write stdio+tcp://127.0.0.1:PORT"),
    ],
)
def test_what_is_not_there_is_told_with_what_to_do(text, hint):
    before = descriptors()
    with pytest.raises(CannotConnect, match=re.escape(hint)):
        connect(text)
    assert descriptors() == before


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CannotConnect, match="there is no such folder"):
        connect(target("good"), Settings(folder=tmp_path / "gone"))


def test_a_command_runs_in_its_folder_and_its_words_are_a_shells(tmp_path):
    folder = tmp_path / "my adapter"
    folder.mkdir()
    (folder / "the shim.py").write_bytes(SHIM.read_bytes())
    with closing(connect(f"stdio:{sys.executable} -S -E 'the shim.py' good", Settings(folder=folder))) as driver:
        assert driver.implementation.name == "hostile"


def test_the_lines_that_were_sent_can_be_fed_by_hand(tmp_path):
    lines = tmp_path / "lines.ndjson"
    with closing(connect(target("good"), Settings(dump=lines))) as driver:
        transcript = driver.ask(Stimulus({"model": "m"}, EVENTS), LONG)
    assert [json.loads(line)["method"] for line in lines.read_text().splitlines()] == ["initialize", "run"]
    with lines.open() as source:
        done = subprocess.run(
            [sys.executable, "-S", "-E", SHIM], stdin=source, capture_output=True, check=True, timeout=LONG
        )
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [message.get("method") for message in said] == [None, "chunk", "chunk", None]
    assert said[1]["params"]["chunk"]["delta"] == transcript.records[0].chunk["delta"]


def test_traffic_that_is_right_passes_the_schema_in_both_directions():
    with closing(connect(target("good"), Settings(verify=True))) as driver:
        assert kinds(run([case() for _ in range(3)], driver, timeout=LONG)) == [Passed] * 3


def test_a_shim_that_runs_already_is_joined_and_never_ended():
    with subprocess.Popen(
        [sys.executable, "-S", "-E", SHIM, "listens"], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as shim:
        try:
            port = int(shim.stderr.readline())
            for place in (f"//127.0.0.1:{port}", f"127.0.0.1:{port}", f"{port}"):
                with closing(connect(f"stdio+tcp:{place}")) as driver:
                    assert kinds(run([case()], driver, timeout=LONG)) == [Passed]
            assert shim.poll() is None
        finally:
            shim.kill()


def test_nothing_is_left_of_a_thousand_runs():
    before = descriptors(), len(children())
    with closing(connect(target("good"))) as driver:
        within = descriptors(), len(children())
        assert sum(answer.ending.kind == "completed" for _, answer in answers([case()] * 1000, driver)) == 1000
        assert (descriptors(), len(children())) == within
    assert (descriptors(), len(children())) == before


def test_what_nobody_closes_ends_with_the_interpreter():
    forgetful = f"from harness.drivers import connect\nconnect({target('ignores SIGTERM', 'mark-forgotten')!r})"
    subprocess.run([sys.executable, "-c", forgetful], check=True, timeout=LONG)
    assert until(lambda: not processes("mark-forgotten"))


def test_a_driver_that_was_closed_is_asked_no_more():
    driver = connect(target("good"))
    driver.close()
    driver.close()
    with pytest.raises(Exception, match="it was let go"):
        driver.ask(Stimulus({"model": "m"}, EVENTS), LONG)


def test_a_shim_that_cannot_be_started_again_is_given_up_soon(tmp_path):
    shim = tmp_path / "shim.py"
    shim.write_bytes(SHIM.read_bytes())
    with closing(connect(f"stdio:{sys.executable} -S -E {shim} exits")) as driver:
        shim.write_text("raise SystemExit('gone for good')")
        results = list(run([case(model="hostile") for _ in range(6)], driver, timeout=LONG))
    assert [result.kind for result in results[:4]] == ["TargetGone", *["ShimError"] * 3]
    assert "gone for good" in results[1].reason
    assert "asked no more" in results[5].reason


def test_a_command_that_is_no_shim_is_told_from_one():
    with pytest.raises(ShimError, match="exited with status 0 before it said who it is"):
        connect(f"stdio:{sys.executable} -c pass")
