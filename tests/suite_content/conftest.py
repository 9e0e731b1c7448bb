"""The suite's files as plain data: these tests look at what a person wrote, not at what a loader makes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CASES = ROOT / "fixtures" / "cases"
CASSETTES = ROOT / "cassettes"


@pytest.fixture(scope="session")
def case_files():
    """The text of every hand-written case by its id; what a hunt wrote down is no content of ours."""
    paths = {path.relative_to(CASES).with_suffix("").as_posix(): path for path in sorted(CASES.rglob("*.json"))}
    return {id_: path.read_text() for id_, path in paths.items() if not id_.startswith("regressions/")}


@pytest.fixture(scope="session")
def cases(case_files):
    return {id_: json.loads(text) for id_, text in case_files.items()}


@pytest.fixture(scope="session")
def cassette_files():
    """The text of every cassette by its name, line ends as they are."""
    paths = sorted(CASSETTES.rglob("*.yaml"))
    return {path.relative_to(CASSETTES).with_suffix("").as_posix(): path.read_bytes().decode() for path in paths}


@pytest.fixture(scope="session")
def cassettes(cassette_files):
    return {name: yaml.safe_load(text) for name, text in cassette_files.items()}


@pytest.fixture(scope="session")
def bodies(cassettes):
    """The bytes of every cassette's answer by its name."""
    strings = {name: tape["interactions"][0]["response"]["body"]["string"] for name, tape in cassettes.items()}
    return {name: text if isinstance(text, bytes) else text.encode() for name, text in strings.items()}
