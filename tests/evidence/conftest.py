"""The measured world lies beside the checkout; where it is absent the evidence fails, it does not skip."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared():
    folder = Path(__file__).parents[3] / "shared"
    if not folder.is_dir():
        pytest.fail(f"{folder} is missing: the evidence needs the recordings and logs that lie there", pytrace=False)
    return folder
