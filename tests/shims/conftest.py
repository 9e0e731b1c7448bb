"""What the tests of the shim share: every Node that it is for, and one process for each test file and Node."""

import pytest

import speaking


@pytest.fixture(scope="module", params=["node24", "node20"])
def node(request):
    """A Node's path; 24 is there wherever the tests are, 20 where the system has it."""
    found = speaking.nodes()
    if request.param not in found:
        pytest.skip("this system has no Node 20")
    return found[request.param]


@pytest.fixture(scope="module")
def shim(node):
    """A conversation with the adapter of the tests."""
    with speaking.Shim(node) as started:
        yield started
