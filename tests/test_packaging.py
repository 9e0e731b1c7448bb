"""A wheel is as good as a checkout: it carries the schemas, the fixtures and the cassettes, and finds them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with nothing but what the wheel unpacks to."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    [wheel] = folder.glob("*.whl")
    site = folder / "site"
    subprocess.run([*pip, "install", "--no-deps", "--target", site, wheel], check=True, capture_output=True)
    return site


def run_installed(site, tmp_path, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}
    return subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_an_installed_wheel_knows_where_its_data_lies(installed, tmp_path):
    code = "import harness.resources as r; print(r.folder('schemas'), r.folder('fixtures'), r.folder('cassettes'))"
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"}
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    ).stdout.split()
    assert [Path(place) for place in shown] == [
        installed / "harness/data" / name for name in ("schemas", "fixtures", "cassettes")
    ]


@pytest.mark.slow
def test_an_installed_wheel_runs_the_whole_suite(installed, tmp_path):
    ran = run_installed(installed, tmp_path, "run", "reference", "--format", "json")
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr
    report = json.loads(ran.stdout)
    assert report["summary"]["passed"] >= 120


def test_an_installed_wheel_explains_a_rule_with_the_example_that_breaks_it(installed, tmp_path):
    explained = run_installed(installed, tmp_path, "explain", "TOOL-3")
    assert explained.returncode == 0, explained.stderr
    assert "TOOL-3" in explained.stdout


def test_an_installed_wheel_carries_the_typescript_shim(installed):
    shim = Path("harness/drivers/shims/typescript")
    here, there = ({file.relative_to(root) for file in (root / shim).rglob("*.*")} for root in (ROOT, installed))
    assert here == there
    assert shim / "package.json" in there
