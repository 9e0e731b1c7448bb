"""The forms of a report that is written to a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.reports.document import Report, dumped
from harness.reports.html_report import html
from harness.reports.markdown import markdown

FORMATS: Mapping[str, Callable[[Report], str]] = {"json": dumped, "html": html, "md": markdown}
"""By the word before the equals sign of ``--report``."""
