"""The suite of a run: the cases and cassettes that are named, else the bundled ones."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from harness import runner
from harness.cli.run_plan import Plan
from harness.config import Config
from harness.errors import InputError
from harness.suite import recorded, store
from harness.suite.case import Case


def asked_suite(plan: Plan, said: Config) -> Sequence[Case]:
    """Return all cases of which some are asked.

    Raises :class:`InputError` for what cannot be asked; where the configuration names it, with the file and the key.
    """
    own: list[Case] = []
    if plan.places:
        with _told(said, "cases", is_said=plan.places is said.cases):
            own += store.load(plan.places, runner.check)
    if plan.tapes:
        with _told(said, "cassettes", is_said=plan.tapes is said.cassettes):
            own += recorded.load(plan.tapes, runner.check)
    return own or store.bundled()


@contextlib.contextmanager
def _told(said: Config, key: str, *, is_said: bool) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        if not is_said:
            raise
        raise InputError(f"{said.place(key)}: {error}") from None
