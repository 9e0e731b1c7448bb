"""What every command says alike that asks an implementation: how long it may take, and that it is there."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import click

from harness import runner
from harness.drivers import connect
from harness.drivers.driver import Driver
from harness.errors import CannotConnect

_LONGEST_TIMEOUT = 86_400.0  # seconds


class Seconds(click.FloatRange):
    """A number of seconds, more than none and at most a day."""

    def __init__(self) -> None:
        super().__init__(min=0, max=_LONGEST_TIMEOUT, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number; click's own range knows nothing of NaN."""
        seconds = float(super().convert(value, param, ctx))
        if math.isnan(seconds):
            self.fail("nan is no number of seconds", param, ctx)
        return seconds


timeout_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--timeout",
    type=Seconds(),
    default=runner.TIMEOUT,
    show_default=True,
    metavar="S",
    help="Seconds that one answer may take.",
)


@contextlib.contextmanager
def connected(target: str, hint: str) -> Iterator[Driver]:
    """Connect, and let go; a target that is not there is a wrong argument, which ``hint`` names."""
    try:
        driver = connect(target)
    except CannotConnect as error:
        raise click.BadParameter(str(error), param_hint=hint) from error
    with contextlib.closing(driver):
        yield driver
