"""One played provider for all tests of this folder; each opens places of its own."""

import pytest

from harness.replay import ReplayServer


@pytest.fixture(scope="session")
def server():
    with ReplayServer() as running:
        yield running
