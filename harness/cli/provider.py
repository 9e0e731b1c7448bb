"""What is said of a running application: where it looks for its provider, which is played there, and what it speaks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import click

from harness.cli.wires import WireName
from harness.drivers.driver import Driver
from harness.errors import InputError
from harness.replay.fixed_provider import FixedProvider

_HERE = ("127.0.0.1", "localhost")
_LAST_PORT = 65_535

provider_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--provider",
    metavar="HOST:PORT",
    help="Of a running application (http:…): where it looks for its provider, which is played there, such as "
    "127.0.0.1:8788 for an application that was started with OPENAI_BASE_URL=http://127.0.0.1:8788/v1.",
)
wire_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--wire",
    "wires",
    type=WireName(),
    multiple=True,
    help="Of a running application: what it speaks to its provider; may be repeated.",
)


@contextlib.contextmanager
def played(provider: str | None, drivers: Iterable[Driver]) -> Iterator[FixedProvider | None]:
    """Play the provider at this address, where any of the drivers is of a running application that looks for it there.

    Raises :class:`InputError` for what is no address of this machine, and where the port is taken.
    """
    if provider is None or not any(driver.implementation.is_application for driver in drivers):
        yield None
        return
    with FixedProvider(_port(provider)) as fixed:
        yield fixed


def _port(provider: str) -> int:
    host, _, port = provider.rpartition(":")
    if host not in _HERE or not (port.isascii() and port.isdecimal() and 0 < int(port) <= _LAST_PORT):
        raise InputError(
            f"the provider {provider!r:.80}: write 127.0.0.1:PORT; it is played on this machine alone, at a port that "
            "the application was told"
        )
    return int(port)
