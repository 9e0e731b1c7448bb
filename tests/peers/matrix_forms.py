"""The matrix of the real adapters as Markdown and as one HTML page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup, escape

_TEMPLATES = Path(__file__).parent
_COUNTS = {
    "asked": "asked",
    "passed": "passed",
    "warned": "of these with warnings",
    "known": "known to fail",
    "failed": "failed otherwise",
}


def markdown(whole: Mapping[str, Any]) -> str:
    """Return the matrix as Markdown."""
    return _drawn("matrix.md.j2", whole)


def html(whole: Mapping[str, Any]) -> str:
    """Return the matrix as one page that needs nothing beside it."""
    return _drawn("matrix.html.j2", whole)


def _drawn(template: str, whole: Mapping[str, Any]) -> str:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(("html.j2",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["pipes"] = lambda text: text.replace("|", "\\|").replace("\n", " ")
    made.filters["coded"] = coded
    return made.get_template(template).render(
        columns=whole["implementations"],
        rows=whole["rules"],
        counts=_COUNTS,
        groups=groups(whole["implementations"]),
        idle=idle(whole["implementations"]),
    )


def coded(text: str) -> Markup:
    """Return a text for HTML, with what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - it is escaped before


def groups(columns: Mapping[str, Any]) -> list[list[str]]:
    """Return the names of the columns, those together whose reasons are the same."""
    found: list[list[str]] = []
    for name, column in columns.items():
        same = next((group for group in found if columns[group[0]]["reasons"] == column["reasons"]), None)
        if same is None:
            found.append([name])
        else:
            same.append(name)
    return found


def idle(columns: Mapping[str, Any]) -> list[str]:
    """Return every reason why some case was not asked, the most frequent first."""
    counts: dict[str, int] = {}
    for column in columns.values():
        for reason, cases in column["notApplicable"].items():
            counts[reason] = counts.get(reason, 0) + cases
    return sorted(counts, key=lambda reason: (-counts[reason], reason))
