"""Cases and a driver → results, as they come."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

from harness.drivers.driver import Driver
from harness.errors import HarnessError, InputError, TargetError
from harness.judge import judge
from harness.protocol.script import Exchange, since
from harness.protocol.transcript import OVER_HTTP, Profile, Transcript
from harness.replay.answer import answer_of
from harness.replay.server import ReplayServer
from harness.results import Errored, NotApplicable, Result, result_of
from harness.suite.case import Case
from harness.suite.given import Http
from harness.suite.playing import played_events, scripts
from harness.suite.received import received
from harness.suite.stimulus import made_ids, stimulus

TIMEOUT = 30.0
"""Seconds that an implementation has for one answer, if nobody says otherwise."""

_DIALECT = "streamchunk"
_SETTLING = 2.0  # seconds after an answer in which its connections are watched: one that stays open is a finding


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
    with ExitStack() as stack:
        server: ReplayServer | None = None
        for case in cases:
            if reason := _not_applicable(case, driver, profile):
                yield NotApplicable(case, reason)
                continue
            try:
                if case.operation in OVER_HTTP:
                    server = server or stack.enter_context(ReplayServer())
                    transcript = _over_http(case, driver, timeout, server)
                else:
                    transcript = driver.ask(stimulus(case), timeout)
            except TargetError as error:
                yield Errored(case, type(error).__name__, str(error))
                continue
            verdict = judge(transcript, profile=profile, strict=strict)
            yield result_of(case, transcript, verdict)


def check(case: Case) -> None:
    """Raise :class:`harness.errors.InputError` that names the answer of a case which no server can play."""
    for place, script in enumerate(scripts(case)):
        try:
            answer_of(script)
        except InputError as error:
            raise InputError(f"given.answers.{place}: {error}") from None


def _over_http(case: Case, driver: Driver, timeout: float, server: ReplayServer) -> Transcript:
    """Play the provider while the implementation is asked; what was played last is the transcript's source."""
    with closing(server.open(scripts(case))) as place:
        started = (time.monotonic() - place.opened_at) * 1000
        transcript = driver.ask(stimulus(case, place.base_url), timeout)
        place.settled(_SETTLING)
        exchanges = tuple(_received(case, since(started, exchange)) for exchange in place.exchanges())
    events = played_events(case, exchanges, transcript.ending)
    known = replace(transcript.stimulus, events=events, made_ids=made_ids(events or ()))
    return replace(transcript, stimulus=known, exchanges=exchanges)


def _received(case: Case, exchange: Exchange) -> Exchange:
    """Add what the provider was asked, or why nobody can tell; raises where our own server failed meanwhile."""
    if exchange.fault is not None:
        raise HarnessError(f"case {case.id}: {exchange.fault}")
    return received(case, exchange)


def _not_applicable(case: Case, driver: Driver, profile: Profile) -> str | None:
    """Return why a case is not asked, or None where it is."""
    implementation = driver.implementation
    if implementation.dialect != _DIALECT:
        return f"{implementation.name} speaks the dialect {implementation.dialect}; this case is of {_DIALECT}"
    if case.operation not in implementation.operations:
        return f"{implementation.name} does not offer {case.operation}"
    wire = case.given.wire if isinstance(case.given, Http) else None
    if wire is not None and implementation.wires is not None and wire not in implementation.wires:
        return f"{implementation.name} does not speak {wire}"
    if case.abort is not None and case.operation not in implementation.abortable:
        return f"{implementation.name} cannot be told of an abort in {case.operation}: it takes no signal"
    if case.approvals and case.operation not in implementation.approvable:
        return f"{implementation.name} cannot be told of approvals in {case.operation}: it takes no signal"
    if profile not in case.profiles:
        return f"the case does not belong to the profile {profile}"
    return None
