"""Where a project's workflow lies: GitHub reads those at the root of the repository, and no others."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_WORKFLOWS = ".github/workflows"
_MARK = ".git"  # a folder, or a file in a worktree and in a submodule


@dataclass(frozen=True, slots=True)
class Place:
    """The workflow's ``file`` as a path from the project's folder, and that ``folder`` as one from the repository.

    ``folder`` is None where the project is the whole repository, or lies in none. ``name`` is that of the workflow.
    """

    file: str
    name: str
    folder: str | None


def place_of(folder: Path) -> Place:
    """Return where the workflow of the project in ``folder``, an absolute path, belongs."""
    root = root_of(folder)
    if root == folder:
        return Place(f"{_WORKFLOWS}/streamchunk.yml", "streamchunk", None)
    within = folder.relative_to(root).as_posix()
    name = "streamchunk-" + (re.sub(r"[^A-Za-z0-9._]+", "-", within).strip("-.") or "folder")
    return Place(f"{Path(os.path.relpath(root, folder)).as_posix()}/{_WORKFLOWS}/{name}.yml", name, within)


def root_of(folder: Path) -> Path:
    """Return the root of the repository that ``folder`` lies in, itself where it lies in none."""
    return next((one for one in (folder, *folder.parents) if os.path.lexists(one / _MARK)), folder)
