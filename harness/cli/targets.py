"""What every command says alike that asks an implementation: how long it may take, and that it is there."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import click

from harness import runner
from harness.cli.shown_target import without_keys
from harness.cli.signals import ended_in_order
from harness.config import LONGEST_TIMEOUT
from harness.drivers import connect
from harness.drivers.driver import DEFAULTS, Driver, Implementation, Settings
from harness.drivers.stdio import StdioDriver
from harness.errors import CannotConnect
from harness.protocol.transcript import Stimulus, Transcript


class Seconds(click.FloatRange):
    """A number of seconds, more than none and at most a day."""

    def __init__(self) -> None:
        super().__init__(min=0, max=LONGEST_TIMEOUT, min_open=True)

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
def connected(target: str, hint: str, settings: Settings = DEFAULTS, *, dialect: str | None = None) -> Iterator[Driver]:
    """Connect, and let go; a target that is not there is a wrong argument, which ``hint`` names.

    ``dialect`` is what it speaks, whatever it says itself. What a shim did wrong while no question could be blamed is
    told at the end, as warnings on stderr.
    """
    with ended_in_order():
        try:
            driver = connect(target, settings)
        except CannotConnect as error:
            raise click.BadParameter(without_keys(str(error), target), param_hint=hint) from error
        with contextlib.closing(driver):
            yield driver if dialect is None else _Speaking(driver, dialect)
        if isinstance(driver, StdioDriver):
            for complaint in driver.complaints:
                click.echo(f"warning: {complaint}", err=True)


class _Speaking:
    """A driver of an implementation that speaks another dialect than it says."""

    def __init__(self, driver: Driver, dialect: str) -> None:
        self._driver = driver
        self._implementation = replace(driver.implementation, dialect=dialect)

    @property
    def implementation(self) -> Implementation:
        return self._implementation

    def ask(self, stimulus: Stimulus, timeout: float) -> Transcript:
        return replace(self._driver.ask(stimulus, timeout), dialect=self._implementation.dialect)

    def close(self) -> None:
        self._driver.close()
