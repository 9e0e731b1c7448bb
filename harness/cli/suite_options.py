"""The options that commands say alike which ask the suite: which cases, how strictly, and where it is reported."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any, TypeAlias

import click

Decorator: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]

keyword_option: Decorator = click.option(
    "-k", "keyword", metavar="PATTERN", help="Only cases whose id or title holds this: 'tools and not order'."
)
strict_option: Decorator = click.option(
    "--strict/--no-strict", default=None, help="A broken SHOULD breaks the protocol too."
)

_REPORT_AND_SUITE: tuple[Decorator, ...] = (
    click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True),
    click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="FORM=PATH",
        help="Write a report as well: html=PATH, json=PATH or md=PATH; may be repeated.",
    ),
    click.option(
        "--cases",
        "places",
        multiple=True,
        type=click.Path(path_type=Path),
        help="Your own case files, or folders of them, instead of the bundled suite; may be repeated.",
    ),
    click.option(
        "--cassettes",
        "tapes",
        multiple=True,
        metavar="CASSETTE|FOLDER",
        help="Your own cassettes, folders of them, or bundled ones by name, instead of the suite; may be repeated.",
    ),
)


def report_and_suite_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--format``, ``--report``, ``--cases`` and ``--cassettes``, in this order of its help."""
    return reduce(lambda given, option: option(given), reversed(_REPORT_AND_SUITE), command)
