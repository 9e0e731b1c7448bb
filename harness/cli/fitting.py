"""Flags that a target cannot use are refused: who gave one would think that it had done something."""

from __future__ import annotations

from collections.abc import Sequence

import click

from harness.cli.run_plan import Flags
from harness.cli.shown_target import shown_target
from harness.drivers.driver import Implementation
from harness.suite.case import Case

_SHIMS = ("stdio:", "stdio+tcp:")
_APPLICATIONS = ("http:", "https:")
_NO_SHIM = "is not asked in lines; a shim (stdio:…) is"
_NO_APPLICATION = "is no running application (http:…), which alone looks for its provider where it was told to"


def check_flags(flags: Flags, targets: Sequence[str]) -> None:
    """Raise :class:`click.BadParameter` for a flag that not one of the targets can use."""
    asked = {
        "--dump-driver-input": (flags.dump is not None, _SHIMS, _NO_SHIM),
        "--verify-driver": (flags.verify, _SHIMS, _NO_SHIM),
        "--fetch": (flags.fetch, _SHIMS, "has no fetch that could play a provider; a shim (stdio:…) may have"),
        "--provider": (flags.provider is not None, _APPLICATIONS, _NO_APPLICATION),
        "--wire": (bool(flags.wires), _APPLICATIONS, _NO_APPLICATION),
    }
    for flag, (is_given, kinds, why) in asked.items():
        if is_given and not any(target.startswith(kinds) for target in targets):
            raise click.BadParameter(f"{', '.join(map(shown_target, targets))} {why}", param_hint=flag)


def check_dump(flags: Flags, cases: Sequence[Case]) -> None:
    """Raise :class:`click.BadParameter` for what would make no file that can be fed to a shim by hand."""
    if flags.dump is not None and len(cases) != 1:
        raise click.BadParameter(f"{len(cases)} cases are selected; select one", param_hint="--dump-driver-input")


def check_fetch(flags: Flags, implementation: Implementation) -> None:
    """Raise :class:`click.BadParameter` where the implementation's own ``fetch`` is to play, and cannot."""
    if flags.fetch and not implementation.plays_fetch:
        why = f"{implementation.name} does not say that its fetch can play a provider (fetchShim: true)"
        raise click.BadParameter(why, param_hint="--fetch")
