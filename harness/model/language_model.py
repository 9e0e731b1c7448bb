"""One model of one provider, asked over HTTP: call options in, source events out."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from harness import providers
from harness.errors import HarnessError, InputError, ModelError
from harness.model import failures, http
from harness.model.answers import new_id
from harness.model.receiving import Deliver, received
from harness.model.redaction import IN_THE_LOG, Redaction
from harness.model.requests import body_bytes, request_of
from harness.model.retries import Waiting, persistent
from harness.model.router import resolve
from harness.protocol.events import Event
from harness.protocol.language_model import CallOptions, Signal

TIMEOUT = 600_000
"""Milliseconds that an attempt may take where the configuration has no ``timeout``."""

MAX_RETRIES = 2
"""How often a failed attempt is made again where the configuration has no ``maxRetries``."""

_NEVER = 10**12  # milliseconds, thirty years
_LAST = frozenset({"finish", "error"})


class RoutedModel:
    """The :class:`harness.protocol.language_model.LanguageModel` that a router's id names (§2).

    ``config`` may hold ``apiKey``, ``url`` and ``headers`` (:func:`harness.model.router.resolve`); ``timeout`` in
    milliseconds, which limits each attempt from sending to the last byte; and ``maxRetries``. ``base_url`` is where the
    provider is played, ``environment`` takes the place of the process's own variables, ``waiting`` of clock and chance.

    Raises :class:`NoSuchModel` and :class:`InputError` for an id and a configuration that cannot work.
    """

    def __init__(
        self,
        model_id: str,
        config: Mapping[str, Any] | None = None,
        *,
        base_url: str | None = None,
        environment: Mapping[str, str] | None = None,
        waiting: Waiting | None = None,
    ) -> None:
        self._waiting = waiting or Waiting()
        refused = self._configured(model_id, config or {}, base_url, os.environ if environment is None else environment)
        del config, environment  # some tracebacks show the locals of every frame, and a key must not be among them
        if refused is not None:
            raise refused

    def _configured(
        self, model_id: str, config: Mapping[str, Any], base_url: str | None, environment: Mapping[str, str]
    ) -> HarnessError | None:
        """Take the configuration; return why it cannot work, without the frames that have seen its key."""
        try:
            self._route = resolve(model_id, config, base_url=base_url, environment=environment)
            self._timeout = _timeout(config.get("timeout")) / 1000
            self._retries = _retries(config.get("maxRetries"))
        except HarnessError as error:
            return error.with_traceback(None)
        return None

    def __repr__(self) -> str:
        return f"RoutedModel({getattr(self, '_route', None)!r})"  # none where it was refused

    @property
    def provider(self) -> str:
        """The first part of the router's id."""
        return self._route.provider

    @property
    def model_id(self) -> str:
        """The rest of it."""
        return self._route.model_id

    def do_stream(self, options: CallOptions, signal: Signal) -> AsyncGenerator[Event, None]:
        """Ask for an answer as a stream, and yield its events as its bytes arrive.

        What came before a failure is yielded before it is raised, as :class:`ModelError` (R22). A stream that ends
        without its completion yields no ``finish``, and that is for the adapter to tell (R20). An abort raises
        ``ABORTED`` (R28). The connection is closed when the generator is: behind ``finish`` or ``error``, on any
        failure, on an abort, and by ``aclose``.
        """
        return self._events(options, signal, stream=True)

    def do_generate(self, options: CallOptions, signal: Signal) -> AsyncGenerator[Event, None]:
        """Ask for a whole answer, and yield the events that a stream of it would give; else as :meth:`do_stream`."""
        return self._events(options, signal, stream=False)

    async def _events(self, options: CallOptions, signal: Signal, *, stream: bool) -> AsyncGenerator[Event, None]:
        call = self._call(options, stream=stream)
        del options  # its headers may hold a key, and some tracebacks show the locals of every frame
        if isinstance(call, ModelError):
            raise call
        decoding = providers.decode(self._route.wire, new_id)
        failure: ModelError | None = None
        try:
            async with contextlib.aclosing(received(functools.partial(self._fetch, call), signal)) as pieces:
                async for piece in pieces:
                    for event in decoding.feed(piece):
                        if signal.aborted:
                            raise failures.aborted()
                        yield _shown(event, call)
                        if event["type"] in _LAST:
                            return
        except ModelError as error:
            failure = error
        # Only the end of the bytes completes some answers, and an answer that is complete did not fail (R38).
        aborted = failure is not None and failure.code == failures.ABORTED
        for event in [] if aborted else decoding.close():
            if signal.aborted:
                raise failures.aborted()
            yield _shown(event, call)
            if event["type"] in _LAST:
                return
        if failure is not None:
            raise failure

    def _call(self, options: CallOptions, *, stream: bool) -> http.Call | ModelError:
        """Return what is to be sent, or what is wrong with options that no request can say."""
        try:
            request = request_of(self._route, options, stream=stream)
            body = body_bytes(request.body)
            url = http.address(self._route.base_url + request.path)
        except InputError as error:
            return ModelError(str(error), code=failures.INVALID_REQUEST)
        except ModelError as error:
            return error.with_traceback(None)
        return http.Call(
            url=url,
            headers=request.headers,
            body=body,
            wire=self._route.wire,
            timeout=self._timeout,
            redaction=Redaction(request.secrets, body),
        )

    async def _fetch(self, call: http.Call, deliver: Deliver) -> ModelError | None:
        IN_THE_LOG.set(call.redaction)  # of this task alone, which ends with the call

        async def attempt() -> failures.Failed | None:
            return await http.attempt(call, deliver, self._waiting.now())

        return await persistent(attempt, self._retries, self._waiting)


def _shown(event: Event, call: http.Call) -> Event:
    """Free an error of secrets: providers were seen to quote the key that they refuse, with the status 200 too."""
    return call.redaction.json(event) if event["type"] == "error" else event


def _timeout(given: object) -> float:
    """Return milliseconds; a number that no float holds is as good as none."""
    if given is None:
        return TIMEOUT
    if isinstance(given, bool) or not isinstance(given, int | float) or not given > 0:
        raise InputError("timeout of the configuration is no number of milliseconds above 0")
    return float(min(given, _NEVER))


def _retries(given: object) -> int:
    if given is None:
        return MAX_RETRIES
    if isinstance(given, bool) or not isinstance(given, int | float) or not given >= 0 or given % 1 != 0:
        raise InputError("maxRetries of the configuration is no whole number from 0")
    return int(given)
