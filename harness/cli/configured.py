"""The configuration as the commands use it: found, and with the names in it looked up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from harness import config
from harness.config import OFF, Config
from harness.errors import InputError
from harness.judge import Levels
from harness.protocol.transcript import PROFILES, Profile
from harness.rules import BY_ID
from harness.rules.rule import Level

config_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The configuration; if not given, the nearest streamchunk.toml, or pyproject.toml with [tool.streamchunk].",
)


def configured(file: Path | None) -> Config:
    """Return what this file says, or the nearest where none is named; raises :class:`InputError` for a wrong one."""
    if file is not None:
        return config.read(file)
    try:
        folder = Path.cwd()
    except OSError:  # the current folder is gone, which is no reason not to judge a log elsewhere
        return config.NONE
    return config.nearest(folder)


def here() -> Path:
    """Return the current folder; raises :class:`InputError` where it is there no more."""
    try:
        return Path.cwd()
    except OSError as error:
        raise InputError(
            f"the current folder is gone ({error.strerror or error}); change to one that is there"
        ) from None


def profile_in(said: Config) -> Profile | None:
    """Return the profile that the configuration names, if it does; raises :class:`InputError` for none of ours."""
    if said.profile is None:
        return None
    for profile in PROFILES:
        if profile == said.profile:
            return profile
    raise said.fault("profile", " or ".join(PROFILES), said.profile)


def levels_in(said: Config) -> Levels:
    """Return the rules that the configuration raises, lowers or switches off; raises :class:`InputError` as above."""
    for id_ in said.levels:
        if id_ not in BY_ID:
            raise said.fault(f"levels.{id_}", "a rule's id (`streamchunk rules` lists them)", id_)
    return {id_: None if word == OFF else Level(word) for id_, word in said.levels.items()}
