"""How an implementation is reached: a target's text → a driver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from harness.drivers.driver import DEFAULTS, Driver, Settings
from harness.errors import CannotConnect

REFERENCE = "reference"
_ALIASES = {REFERENCE: "python:harness.bundled:adapter"}

CONNECTORS: Mapping[str, tuple[str, str]] = {
    "python": ("harness.drivers.python", "connect"),
    "stdio": ("harness.drivers.stdio", "connect"),
    "stdio+tcp": ("harness.drivers.stdio", "attach"),
    "http": ("harness.drivers.http", "connect"),
    "https": ("harness.drivers.http", "connect_over_tls"),
}
"""The kinds of targets: what stands before the first colon, and module and name of what connects to the rest.

Each is imported when it is asked for: no target needs them all, and some are slow to import.
"""


def connect(target: str, settings: Settings = DEFAULTS) -> Driver:
    """Return a driver of ``reference`` or ``KIND:…``.

    Raises :class:`CannotConnect` where nothing is there (a kind that we do not know, a module that is not found) and
    :class:`harness.errors.ShimError` where something is there that does not work.
    """
    kind, colon, rest = _ALIASES.get(target, target).partition(":")
    if kind not in CONNECTORS or not colon:
        known = ", ".join([REFERENCE, *(f"{name}:…" for name in CONNECTORS)])
        raise CannotConnect(f"{target!r} is not a target; there is {known}")
    module, name = CONNECTORS[kind]
    connector: Callable[[str, Settings], Driver] = getattr(import_module(module), name)
    return connector(rest, settings)
