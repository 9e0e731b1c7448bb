"""What a shim wrote before it died, and what it did wrong for itself, as a person reads it in a terminal."""

import time

from harness.cli.targets import connected
from harness.reports.terminal import result_lines
from harness.results import Errored
from harness.runner import run
from hostile import case, target


def test_the_end_of_a_log_is_told_in_lines_of_its_own_and_what_it_died_of_stands_last():
    log = "\n".join([f"  at frame {number} {'x' * 300}" for number in range(30)] + ["Error: no model map"])
    reason = f"it exited with status 1 before it had answered; the end of its stderr:\n{log}"
    lines = list(result_lines(Errored(case(), "TargetGone", reason)))
    assert lines[1] == "    TargetGone: it exited with status 1 before it had answered; the end of its stderr:"
    assert lines[-2] == "      Error: no model map"
    assert len(lines) == 1 + 1 + 12 + 1
    assert max(map(len, lines)) <= 6 + 200


def test_what_no_question_can_be_blamed_for_is_a_warning_at_the_end(capsys):
    with connected(target("answers long before the end"), "TARGET") as driver:
        list(run([case(model="hostile")], driver))
        time.sleep(0.5)  # the answer was handed on before anybody could know
        list(run([case()], driver))
    assert capsys.readouterr().err.startswith("warning: your shim sent {")
