"""Cases and a driver → results, as they come."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from threading import Condition, Lock
from typing import TypeAlias

from harness.drivers.driver import Driver
from harness.errors import Disturbed, HarnessError, InputError, ShimError, TargetError, TargetGone
from harness.judge import Levels, judge
from harness.protocol.masking import mask_of
from harness.protocol.script import Exchange, since
from harness.protocol.transcript import OVER_HTTP, Profile, Stimulus, Transcript
from harness.providers import wire_of_target
from harness.replay.answer import answer_of
from harness.replay.fixed_provider import FixedProvider
from harness.replay.place import Place
from harness.replay.server import ReplayServer
from harness.results import Errored, NotApplicable, Result, result_of
from harness.suite import application
from harness.suite.case import Case
from harness.suite.given import Http
from harness.suite.playing import is_fetchable, played_events, promised_events, scripts
from harness.suite.received import received
from harness.suite.stimulus import made_ids, stimulus

TIMEOUT = 30.0
"""Seconds that an implementation has for one answer, if nobody says otherwise."""

Answer: TypeAlias = Transcript | Errored | NotApplicable
"""What came of asking a case."""

_DIALECT = "streamchunk"
_MOST_DISTURBED = 3
_NOWHERE = "http://provider.invalid"  # where nothing is asked over a network (RFC 2606)
_SETTLING = 2.0  # seconds after an answer in which its connections are watched: one that stays open is a finding


def run(  # noqa: PLR0913 - one for each thing that a user says
    cases: Iterable[Case],
    driver: Driver,
    *,
    profile: Profile = "spec",
    strict: bool = False,
    timeout: float = TIMEOUT,
    levels: Levels | None = None,
    fetch: bool = False,
    provider: FixedProvider | None = None,
) -> Iterator[Result]:
    """Ask every case and yield its result at once, in the order of the cases.

    ``levels`` raises, lowers or switches off rules by id; the others are as in :func:`answers`, which says what is
    raised too. What the target does wrong is a result.
    """
    for case, answer in answers(cases, driver, profile=profile, timeout=timeout, fetch=fetch, provider=provider):
        if isinstance(answer, Transcript):
            verdict = judge(answer, profile=profile, strict=strict, levels=levels)
            yield result_of(case, answer, verdict)
        else:
            yield answer


def answers(  # noqa: PLR0913 - same
    cases: Iterable[Case],
    driver: Driver,
    *,
    profile: Profile = "spec",
    timeout: float = TIMEOUT,
    fetch: bool = False,
    provider: FixedProvider | None = None,
) -> Generator[tuple[Case, Answer], None, None]:
    """Ask every case and yield it with what came of it, in the order of the cases.

    As many are asked at a time as the implementation answers, and only a few are asked ahead of what was yielded. With
    ``fetch`` a case of one plain HTTP answer is played by the implementation's own ``fetch``, where it can do that:
    fast, in exact pieces, and with nothing known of its requests. ``timeout`` is in seconds, of one answer.
    ``provider`` is where a running application looks for its own; its cases come back as it is judged by them
    (:mod:`harness.suite.application`).

    Raises :class:`harness.errors.FixtureError` for a case whose source cannot be had, because then no result of the run
    could be trusted.
    """
    at_a_time = driver.implementation.concurrency
    if driver.implementation.is_application:
        cases = map(application.held, cases)
    with ExitStack() as stack:
        asking = _Asking(driver, profile, timeout, stack, fetch=fetch, provider=provider)
        if at_a_time == 1:
            yield from ((case, asking.answer(case)) for case in cases)
            return
        pool = ThreadPoolExecutor(at_a_time, thread_name_prefix="asking")
        # Whoever is interrupted does not wait: closing the driver, which follows, ends what is asked still.
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        ahead: deque[tuple[Case, Future[Answer]]] = deque()
        for case in cases:
            ahead.append((case, pool.submit(asking.answer, case)))
            if len(ahead) == 2 * at_a_time:
                first, answer = ahead.popleft()
                yield first, answer.result()
        for case, answer in ahead:
            yield case, answer.result()


class _Asking:
    """Asks one case after the other, or several at a time, of one driver."""

    def __init__(  # noqa: PLR0913 - each is one decision of whoever asks
        self,
        driver: Driver,
        profile: Profile,
        timeout: float,
        stack: ExitStack,
        *,
        fetch: bool,
        provider: FixedProvider | None,
    ) -> None:
        self._driver = driver
        self._profile = profile
        self._timeout = timeout
        self._stack = stack
        self._fetch = fetch and driver.implementation.plays_fetch
        self._fixed = provider
        self._turns = _Turns()
        self._starting = Lock()
        self._server: ReplayServer | None = None

    def answer(self, case: Case) -> Answer:
        """Ask one case; where its process was lost to another one, ask it again while nothing else is asked."""
        if reason := _not_applicable(case, self._driver, self._profile, is_played=self._fixed is not None):
            return NotApplicable(case, reason)
        try:
            with self._turns.among_others():
                return self._asked(case)
        except Disturbed:
            with self._turns.alone():
                return self._asked_until_undisturbed(case)

    def _asked_until_undisturbed(self, case: Case) -> Answer:
        disturbed: Disturbed | None = None
        for _ in range(_MOST_DISTURBED):
            try:
                return self._asked(case)
            except Disturbed as error:
                disturbed = error
        return Errored(case, TargetGone.__name__, str(disturbed))

    def _asked(self, case: Case) -> Answer:
        """Ask a case once; raises :class:`Disturbed`."""
        try:
            if self._driver.implementation.is_application:
                return self._of_application(case)
            if self._fetch and is_fetchable(case):
                return _fetched(case, self._driver, self._timeout)
            if case.operation in OVER_HTTP:
                return _over_http(case, self._driver, self._timeout, self._provider().open(scripts(case)))
            return self._driver.ask(stimulus(case), self._timeout)
        except Disturbed:
            raise
        except TargetError as error:
            mask = mask_of(Transcript((), stimulus=Stimulus(case.request)))
            return Errored(case, type(error).__name__, mask.excerpt(str(error)))

    def _of_application(self, case: Case) -> Transcript:
        """Ask a running application, whose provider is played at its own address, or is its own."""
        given = case.given
        if self._fixed is None or not isinstance(given, Http):
            return application.known(case, self._driver.ask(stimulus(case), self._timeout))
        place = self._fixed.open(
            scripts(case), application.closing(given.wire), lambda asked: wire_of_target(asked.target) == given.wire
        )
        transcript = _over_http(case, self._driver, self._timeout, place)
        if why := application.fault(case, transcript):
            raise ShimError(f"{self._driver.implementation.name}: {mask_of(transcript).excerpt(why)}")
        return application.known(case, transcript)

    def _provider(self) -> ReplayServer:
        with self._starting:
            self._server = self._server or self._stack.enter_context(ReplayServer())
            return self._server


class _Turns:
    """Many at a time, or one alone; whoever wants to be alone is let in before others come."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._among_others = 0
        self._waiting_alone = 0
        self._is_alone = False

    @contextmanager
    def among_others(self) -> Iterator[None]:
        """Wait until nobody is alone, or wants to be."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_alone and not self._waiting_alone)
            self._among_others += 1
        try:
            yield
        finally:
            with self._changed:
                self._among_others -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until nobody else is there."""
        with self._changed:
            self._waiting_alone += 1
            self._changed.wait_for(lambda: not self._is_alone and not self._among_others)
            self._waiting_alone -= 1
            self._is_alone = True
        try:
            yield
        finally:
            with self._changed:
                self._is_alone = False
                self._changed.notify_all()


def check(case: Case) -> None:
    """Raise :class:`harness.errors.InputError` that names the answer of a case which no server can play."""
    for place, script in enumerate(scripts(case)):
        try:
            answer_of(script)
        except InputError as error:
            raise InputError(f"given.answers.{place}: {error}") from None


def _over_http(case: Case, driver: Driver, timeout: float, place: Place) -> Transcript:
    """Ask while the provider is played, and end the play; what was played last is the transcript's source."""
    with closing(place):
        asked = time.monotonic()
        transcript = driver.ask(stimulus(case, place.base_url), timeout)
        started = ((asked if transcript.began is None else transcript.began) - place.opened_at) * 1000
        place.settled(_SETTLING)
        exchanges = tuple(_received(case, since(started, exchange)) for exchange in place.exchanges())
    events = played_events(case, exchanges, transcript.ending)
    known = replace(transcript.stimulus, events=events, made_ids=made_ids(events or ()))
    return replace(transcript, stimulus=known, exchanges=exchanges)


def _fetched(case: Case, driver: Driver, timeout: float) -> Transcript:
    """Have the implementation's own ``fetch`` play the one answer; what it was asked nobody knows."""
    events = promised_events(case)
    asked = replace(stimulus(case, _NOWHERE), script=scripts(case)[0], events=events, made_ids=made_ids(events))
    return driver.ask(asked, timeout)


def _received(case: Case, exchange: Exchange) -> Exchange:
    """Add what the provider was asked, or why nobody can tell; raises where our own server failed meanwhile."""
    if exchange.fault is not None:
        raise HarnessError(f"case {case.id}: {exchange.fault}")
    return received(case, exchange)


def _not_applicable(case: Case, driver: Driver, profile: Profile, *, is_played: bool) -> str | None:
    """Return why a case is not asked, or None where it is; ``is_played`` is of a running application's provider."""
    implementation = driver.implementation
    if implementation.dialect != _DIALECT:
        return f"{implementation.name} speaks the dialect {implementation.dialect}; this case is of {_DIALECT}"
    if reason := application.not_asked(
        case, is_application=implementation.is_application, wires=implementation.wires, is_played=is_played
    ):
        return reason
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
