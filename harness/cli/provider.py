"""What is said of a running application: where it looks for its provider, which is played there, and what it speaks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import click

from harness.cli.wires import WireName
from harness.drivers.driver import Driver, Implementation
from harness.errors import InputError
from harness.protocol.streamchunk import ERROR
from harness.replay.fixed_provider import FixedProvider
from harness.results import Failed, NotApplicable, Result

_HERE = ("127.0.0.1", "localhost")
_LAST_PORT = 65_535
_START = (
    "start the application with its provider's base URL at http://127.0.0.1:8788/v1, and give --provider "
    '127.0.0.1:8788 or write provider = "127.0.0.1:8788" into streamchunk.toml'
)

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
    help="Of a running application: what it speaks to its provider, which --provider has played; may be repeated.",
)


@contextlib.contextmanager
def played(provider: str | None, drivers: Iterable[Driver]) -> Iterator[FixedProvider | None]:
    """Play the provider at this address, where any of the drivers is of a running application that looks for it there.

    Raises :class:`InputError` for what is no address of this machine, where the port is taken, and where it is said
    what an application speaks to a provider that is not played: nobody would look at it.
    """
    applications = [driver.implementation for driver in drivers if driver.implementation.is_application]
    if provider is None or not applications:
        if any(application.wires is not None for application in applications):
            raise InputError(
                "--wire, or wires of the configuration, says what an application speaks to a provider that is played, "
                f"and none is: {_START}"
            )
        yield None
        return
    if (port := port_of(provider)) is None:
        raise InputError(
            f"the provider {provider!r:.80}: write 127.0.0.1:PORT; it is played on this machine alone, at a port that "
            "the application was told"
        )
    with FixedProvider(port) as fixed:
        yield fixed


def port_of(provider: str) -> int | None:
    """Return the port of ``127.0.0.1:PORT``, None for what is no address of this machine."""
    host, _, port = provider.rpartition(":")
    digits = port if port.isascii() and port.isdecimal() and len(port) <= len(str(_LAST_PORT)) else "0"
    return int(digits) if host in _HERE and 0 < int(digits) <= _LAST_PORT else None


def unplayed(results: Sequence[Result], implementation: Implementation, provider: FixedProvider | None) -> str | None:
    """Return a hint where a running application, whose provider is not played, failed whatever it was asked.

    It was most likely started for a provider that is not there: then each of its answers is an error of its own.
    """
    asked = [one for one in results if not isinstance(one, NotApplicable)]
    if provider is not None or not implementation.is_application or not asked or not all(map(_failed_by_itself, asked)):
        return None
    return f"every answer was an error of the application's own, and no provider is played for it: {_START}"


def _failed_by_itself(result: Result) -> bool:
    """Tell whether an answer is a failure and nothing else."""
    if not isinstance(result, Failed):
        return False
    kinds = {kind for kind, _ in result.answer.types}
    return kinds <= {ERROR} and (bool(kinds) or result.answer.ending.kind == "raised")
