"""A run as one HTML page that needs nothing else: no network, and no script but for its filters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.reports.document import Report
from harness.reports.findings import escaped

_TEMPLATE = "report.html.j2"


def html(report: Report) -> str:
    """Return the page; every text of the implementation's is escaped.

    Of a known failure only what was expected and seen is told, since there may be a thousand; the JSON report has all.
    """
    return drawn(_TEMPLATE, report)


def drawn(template: str, values: Mapping[str, Any]) -> str:
    """Return a page that a template of this folder makes of values; every text in them is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only who wants HTML waits for it

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(values) + "\n"


def _visible(value: object) -> object:
    """Write control characters and lone surrogates as their codes; a page may hold neither."""
    return value if type(value) is not str or value.isprintable() else escaped(value, kept="\n")
