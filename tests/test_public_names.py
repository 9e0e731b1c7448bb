"""What a user of the library may import, and nothing else."""

import subprocess
import sys

import pytest

import harness


def test_the_public_names_are_these():
    assert harness.__all__ == ["Reading", "Transcript", "Verdict", "Violation", "judge"]
    assert dir(harness) == harness.__all__


@pytest.mark.parametrize("name", harness.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(harness, name).__doc__


@pytest.mark.parametrize(
    "first", ["", "import harness.judge;", "from harness.judge import Verdict;", "import harness.cli.judge;"]
)
def test_judge_is_the_function_whatever_was_imported_before(first):
    code = "from harness import judge; from harness import judge as again; print(judge([]).conforms, again is judge)"
    shown = subprocess.run([sys.executable, "-c", f"{first}{code}"], capture_output=True, text=True, check=True).stdout
    assert shown.split() == ["False", "True"]


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        harness.nope  # noqa: B018 - the access is the test
