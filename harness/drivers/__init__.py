"""How an implementation is reached: a target's text → a driver."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.drivers import http, python, stdio
from harness.drivers.driver import DEFAULTS, Driver, Settings
from harness.errors import CannotConnect

REFERENCE = "reference"
_ALIASES = {REFERENCE: "python:harness.bundled:adapter"}

CONNECTORS: Mapping[str, Callable[[str, Settings], Driver]] = {
    "python": python.connect,
    "stdio": stdio.connect,
    "stdio+tcp": stdio.attach,
    "http": http.connect,
    "https": http.connect_over_tls,
}
"""The kinds of targets: what stands before the first colon, and what connects to the rest."""


def connect(target: str, settings: Settings = DEFAULTS) -> Driver:
    """Return a driver of ``reference`` or ``KIND:…``.

    Raises :class:`CannotConnect` where nothing is there (a kind that we do not know, a module that is not found) and
    :class:`harness.errors.ShimError` where something is there that does not work.
    """
    kind, colon, rest = _ALIASES.get(target, target).partition(":")
    if kind not in CONNECTORS or not colon:
        known = ", ".join([REFERENCE, *(f"{name}:…" for name in CONNECTORS)])
        raise CannotConnect(f"{target!r} is not a target; there is {known}")
    return CONNECTORS[kind](rest, settings)
