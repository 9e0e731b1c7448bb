"""What is written to a terminal or a pipe: JSON as UTF-8 bytes, and colours only where somebody sees them."""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO

import click

from harness.protocol.json_text import line
from harness.reports.findings import Paint, plain

_COLOURS: dict[str, dict[str, Any]] = {
    "MUST": {"fg": "red", "bold": True},
    "SHOULD": {"fg": "yellow", "bold": True},
    "good": {"fg": "green"},
    "quiet": {"dim": True},
}


def write_json(value: Any) -> None:
    """Write a value as one line of JSON to stdout, in UTF-8 whatever the terminal's encoding is."""
    sys.stdout.buffer.write(line(value).encode() + b"\n")


def painter(stream: TextIO) -> Paint:
    """Return what paints texts for a stream: nothing unless it is a terminal and ``NO_COLOR`` is unset or empty."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return plain
    return lambda text, what: click.style(text, **_COLOURS[what])
