"""Cases and a driver → results, as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.drivers.driver import Driver
from harness.errors import TargetError
from harness.judge import judge
from harness.protocol.transcript import Profile
from harness.results import Errored, NotApplicable, Result, result_of
from harness.suite.case import Case
from harness.suite.stimulus import stimulus

TIMEOUT = 30.0
"""Seconds that an implementation has for one answer, if nobody says otherwise."""

_DIALECT = "streamchunk"


def run(
    cases: Iterable[Case],
    driver: Driver,
    *,
    profile: Profile = "spec",
    strict: bool = False,
    timeout: float = TIMEOUT,
) -> Iterator[Result]:
    """Ask every case and yield its result at once, in the order of the cases.

    What the target does wrong is a result. Raises :class:`harness.errors.FixtureError` for a case whose source cannot
    be had, because then no result of the run could be trusted.
    """
    for case in cases:
        if reason := _not_applicable(case, driver, profile):
            yield NotApplicable(case, reason)
            continue
        asked = stimulus(case)
        try:
            transcript = driver.transform(asked, timeout)
        except TargetError as error:
            yield Errored(case, type(error).__name__, str(error))
            continue
        verdict = judge(transcript, profile=profile, strict=strict, source=asked.events)
        yield result_of(case, transcript, verdict)


def _not_applicable(case: Case, driver: Driver, profile: Profile) -> str | None:
    """Return why a case is not asked, or None where it is."""
    implementation = driver.implementation
    if implementation.dialect != _DIALECT:
        return f"{implementation.name} speaks the dialect {implementation.dialect}; this case is of {_DIALECT}"
    if case.operation not in implementation.operations:
        return f"{implementation.name} does not offer {case.operation}"
    if profile not in case.profiles:
        return f"the case does not belong to the profile {profile}"
    return None
