"""What ``streamchunk init`` brings along: its templates, and the copy of the TypeScript shim."""

from __future__ import annotations

import json
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from harness.errors import FixtureError

SHIM = "streamchunk/shim"
RENEW = "streamchunk init --typescript --renew"

_SOURCE = Path(__file__).parent.parent / "drivers" / "shims" / "typescript"
_TEMPLATES = Path(__file__).parent / "scaffold"
_COMMENTS = {".js": "// {}", ".cjs": "// {}", ".ts": "// {}", ".cts": "// {}", ".md": "<!-- {} -->"}
"""How a line of a file is a comment, by its ending; other files get none."""


def version() -> str:
    """Return our version."""
    return metadata.version("streamchunk-harness")


def rendered(template: str, **given: Any) -> str:
    """Return a file of ``scaffold/`` with what it asks for; its tags are ``<% … %>``, since YAML has Jinja's own."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - help does not wait for it

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<%=",
        variable_end_string="%>",
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - none of these files is HTML
    )
    return environment.get_template(template).render(given)


def shim() -> dict[str, str]:
    """Return the files of the shim by their paths in a project, each with a first line that says how it is renewed.

    Raises :class:`FixtureError` where this installation has no shim.
    """
    package = _package()
    told = f"{package['name']} {package['version']}, a copy made by streamchunk {version()}; to renew it: {RENEW}"
    files = {}
    for name in ("package.json", "README.md", "LICENSE", *package["files"]):
        place = _SOURCE / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                comment = _COMMENTS.get(path.suffix, "")
                first = comment.format(told) + "\n" if comment else ""
                files[f"{SHIM}/{path.relative_to(_SOURCE).as_posix()}"] = first + path.read_text(encoding="utf-8")
    return files


def entry() -> str:
    """Return the path of the module that a stub imports, from the shim's folder; raises as :func:`shim` does."""
    module: str = _package()["exports"]["."]["default"]
    return module.removeprefix("./")


@cache
def _package() -> dict[str, Any]:
    try:
        package: dict[str, Any] = json.loads((_SOURCE / "package.json").read_bytes())
    except (OSError, ValueError) as error:
        raise FixtureError(f"the TypeScript shim is missing: {error}; reinstall streamchunk-harness") from error
    return package
