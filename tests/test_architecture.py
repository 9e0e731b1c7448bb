"""The import table of the architecture is law, and so is the size of a room."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HARNESS = Path(__file__).parent.parent / "harness"
ANYONE = {"errors", "stage"}
EVERYTHING = {"*"}

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "stage": set(),
    "wire": set(),
    "protocol": set(),
    "resources": set(),
    "config": set(),
    "providers": {"wire", "protocol"},
    "cassettes": {"wire", "protocol", "resources"},
    # logs is ours beside the page's table: a chunk log in any of six formats becomes a transcript. It needs framing and
    # the protocol's words, so it can live in neither room, and the command line must not know formats.
    "logs": {"wire", "protocol"},
    "rules": {"protocol", "resources"},
    "judge": {"protocol", "rules"},
    "suite": {"protocol", "providers", "cassettes", "resources", "config"},
    "reference": {"protocol"},
    "model": {"protocol", "providers", "wire", "cassettes"},
    # drivers may read logs: a running application answers over HTTP with the very text that a wire log is.
    "drivers": {"protocol", "wire", "logs"},
    "replay": {"wire", "protocol", "cassettes"},
    "results": {"protocol", "judge", "suite"},
    "bundled": {"protocol", "providers", "reference", "model"},
    "runner": {"protocol", "providers", "judge", "suite", "results", "drivers", "replay"},
    "fuzz": {"protocol", "wire", "providers", "rules", "judge", "suite"},
    "reports": {"results", "protocol", "rules"},
    "cli": EVERYTHING,
    "plugin": EVERYTHING,
    "selftest": EVERYTHING,
    "__main__": {"cli"},
    "__init__": EVERYTHING,
}

PURE = {"stage", "wire", "protocol", "providers", "reference", "rules", "judge", "results", "logs"}
IMPURE_MODULES = {"asyncio", "httpx", "socket", "subprocess", "time", "random", "os", "datetime", "uuid"}
CEILING = 400

FILES = sorted(HARNESS.rglob("*.py"))
TESTS = sorted(path for path in Path(__file__).parent.rglob("*.py") if "node_modules" not in path.parts)


def room_of(path: Path) -> str:
    first = path.relative_to(HARNESS).parts[0]
    return first.removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide who imports whom"
            found.add(node.module or "")
            if node.module == "harness":
                found |= {f"harness.{alias.name}" for alias in node.names}
    return found


def rooms_imported(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imports_of(path) if name.startswith("harness.")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HARNESS)))
def test_a_room_imports_only_what_the_table_allows(path):
    room = room_of(path)
    allowed = MAY_IMPORT[room]
    if allowed is EVERYTHING:
        return
    assert rooms_imported(path) <= allowed | ANYONE | {room}


@pytest.mark.parametrize(
    "path", [f for f in FILES if room_of(f) in PURE], ids=lambda path: str(path.relative_to(HARNESS))
)
def test_a_pure_room_touches_no_clock_no_chance_and_no_world(path):
    assert not {name.split(".")[0] for name in imports_of(path)} & IMPURE_MODULES


@pytest.mark.parametrize("path", FILES + TESTS, ids=lambda path: str(path.relative_to(HARNESS.parent)))
def test_a_file_stays_below_the_ceiling(path):
    assert len(path.read_text().splitlines()) <= CEILING


def test_the_law_and_the_reference_do_not_know_each_other():
    for path in FILES:
        rooms = rooms_imported(path)
        if room_of(path) in {"rules", "judge"}:
            assert "reference" not in rooms
        if room_of(path) == "reference":
            assert not rooms & {"rules", "judge"}


def test_the_table_is_read_and_not_vacuous():
    assert {"protocol"} <= rooms_imported(HARNESS / "judge.py")
    assert len(FILES) > 20
