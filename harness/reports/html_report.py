"""A run as one HTML page that needs nothing else: no network, no script to read it, light or dark as the reader's system is."""

from __future__ import annotations

from pathlib import Path

from harness.reports.document import Report

_TEMPLATE = "report.html.j2"


def html(report: Report) -> str:
    """Return the page; every text of the implementation's is escaped, a lone surrogate is written as its code."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only who wants HTML waits for it

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template(_TEMPLATE).render(report)
    return page.encode("utf-8", "backslashreplace").decode() + "\n"
