"""A running application: ``http://HOST:PORT/PATH``, ``https://…``, or ``http:URL``.

It is asked as TanStack's client asks it (:mod:`harness.drivers.http_request`) and answers with chunks, as server-sent
events or one per line; its transcript has scope ``wire``, so that the frame is judged too. What it is asked over, and
by whom it is answered, is its own matter: it has its own model, key, system prompt and tools.

What becomes of an answer is decided by whose fault it is:

    chunks, in a frame            a transcript, whatever is wrong with them
    a status from 500             a transcript that ``raised``: it failed at this question, and its client sees that
    cut in the middle             a transcript that ``raised``, with a fault of the frame
    silence                       a transcript that ``timed out``
    a status below 500            :class:`ShimError`: it does not take what TanStack's client sends, or not here
    a page, a JSON object         :class:`ShimError`: it answers, but not with chunks
    a redirect to no such answer  :class:`ShimError`: it sends its client somewhere else, and where
    nothing, and nobody listens   :class:`TargetGone`; :class:`CannotConnect` where nobody did from the start on

An abort closes the connection, as a browser does; what had come by then is the transcript. Redirects are followed as
``fetch`` follows them, compression is undone, proxies and ``.netrc`` of the environment are left out. Every question
has a connection of its own: what one answer leaves behind is never the next one's fault.
"""

from __future__ import annotations

import asyncio
import errno
import math
import os
import socket
import time
import uuid

import httpx

from harness.drivers.driver import DEFAULTS, MAX_CHUNKS, Implementation, Settings
from harness.drivers.http_answer import Answered, HttpAnswer, told
from harness.drivers.http_request import ACCEPTED, COMPRESSED, address, body_of, shown
from harness.errors import CannotConnect, ShimError, TargetError, TargetGone
from harness.protocol.transcript import AbortAt, Stimulus, Transcript

CHAT = frozenset({"chat"})
_MOST_REDIRECTS = 5
_NO_HTTP = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.RemoteProtocolError)
_PAUSE = 0.2  # seconds between two looks for an application that is not there yet
_REFUSED = os.strerror(errno.ECONNREFUSED)
_PROBE = 2.0  # seconds in which an application that has just answered nothing is looked for


def connect(rest: str, settings: Settings = DEFAULTS) -> HttpDriver:
    """Return the driver of the application at ``http:rest``; ``rest`` may be a whole address.

    An application that was just started may need a moment, so a connection that is refused is asked for again until
    ``settings.start_timeout`` is over. Raises :class:`CannotConnect` where nothing listens there.
    """
    return _connected(f"http:{rest}" if rest.startswith("//") else rest, settings)


def connect_over_tls(rest: str, settings: Settings = DEFAULTS) -> HttpDriver:
    """Return the driver of the application at ``https:rest``; raises as :func:`connect` does."""
    return _connected(f"https:{rest}", settings)


def _connected(text: str, settings: Settings) -> HttpDriver:
    url = address(text)
    until = time.monotonic() + settings.start_timeout
    while (why := _silence_at(url, settings.start_timeout)) == _REFUSED and time.monotonic() < until:
        time.sleep(_PAUSE)
    if why is not None:
        waited = f"{settings.start_timeout:g} s were given to it to start"
        raise CannotConnect(
            f"nothing answers at {shown(url)}: {why}; {waited}; start your application, and see its port"
        )
    return HttpDriver(url, settings)


class HttpDriver:
    """Asks one application over HTTP, one question at a time."""

    def __init__(self, url: httpx.URL, settings: Settings) -> None:
        self._url = url
        self._name = shown(url)
        self._implementation = Implementation(
            name=self._name,
            operations=CHAT,
            abortable=CHAT,
            profile="tanstack",
            wires=settings.wires,
            is_application=True,
        )
        self._loop = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._client = httpx.AsyncClient(
            verify=httpx.create_ssl_context(),
            trust_env=False,
            timeout=None,  # noqa: S113 - ours is for the whole answer, and httpx's for each step
            follow_redirects=True,
            max_redirects=_MOST_REDIRECTS,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    @property
    def implementation(self) -> Implementation:
        """Who is asked."""
        return self._implementation

    def ask(self, stimulus: Stimulus, timeout: float) -> Transcript:
        """Ask the application; see :class:`harness.drivers.driver.Driver` and the table above."""
        return self._loop.run(self._asked(stimulus, timeout))

    def close(self) -> None:
        """Let the application go."""
        self._loop.run(self._client.aclose())
        self._loop.close()

    async def _asked(self, stimulus: Stimulus, seconds: float) -> Transcript:
        request = self._client.build_request(
            "POST",
            self._url,
            content=body_of(stimulus.request, f"streamchunk-{uuid.uuid4().hex}"),
            headers={"content-type": "application/json", "accept": ACCEPTED, "accept-encoding": COMPRESSED},
        )
        most, patience = _wanted(stimulus.abort)
        answer = HttpAnswer(self._name, most)
        try:
            async with asyncio.timeout(min(seconds, patience)):
                answered = await self._read(request, answer)
        except TimeoutError:
            answered = answer.give_up(patience) if patience <= seconds else Answered.SILENT
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if not answer.has_begun:
                raise self._unanswered(error, answer) from error
            answered = answer.broke_off(error)
        return answer.transcript(stimulus, answered, seconds)

    async def _read(self, request: httpx.Request, answer: HttpAnswer) -> Answered:
        """Read an answer to its end, or as far as it is wanted; whatever ends it, the connection is closed."""
        self._client.event_hooks["response"] = [answer.looked_at]
        response = await self._client.send(request, stream=True)
        try:
            answer.begin(response)
            async for piece in response.aiter_raw():
                if (answered := answer.feed(piece)) is not None:
                    return answered
            return answer.ended()
        finally:
            await response.aclose()

    def _unanswered(self, error: Exception, answer: HttpAnswer) -> TargetError:
        """Return what it means that no answer began: it sent us away, went away itself, or does not speak HTTP."""
        if isinstance(error, httpx.TooManyRedirects):
            return ShimError(f"{self._name} redirects more than {_MOST_REDIRECTS} times; give the address at the end")
        if answer.sent_to is not None:
            # The words of an error about an address may quote what is left out of it here.
            why = "no answer of HTTP" if isinstance(error, _NO_HTTP) else f"no answer: {told(error)}"
            return ShimError(f"{self._name} redirects to {answer.sent_to}, where there is {why}")
        why = told(error)
        if (gone := _silence_at(self._url, _PROBE)) is not None:
            return TargetGone(f"{self._name} gave no answer ({why}), and now nothing answers there: {gone}")
        return ShimError(f"{self._name} gave no answer of HTTP: {why}")


def _wanted(abort: AbortAt | None) -> tuple[int, float]:
    """Return how many chunks are wanted, and for how many seconds; who wants none does not wait."""
    if abort is None:
        return MAX_CHUNKS, math.inf
    most = MAX_CHUNKS if abort.chunks is None else min(abort.chunks, MAX_CHUNKS)
    if most == 0:
        return most, 0.0
    return most, math.inf if abort.milliseconds is None else abort.milliseconds / 1000


def _silence_at(url: httpx.URL, timeout: float) -> str | None:
    """Return why nobody takes a connection at an address, None where somebody does."""
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        socket.create_connection((url.host, port), timeout).close()
    except (OSError, UnicodeError) as error:
        return getattr(error, "strerror", None) or str(error) or type(error).__name__
    return None
