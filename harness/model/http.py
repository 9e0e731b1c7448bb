"""One attempt over HTTP: a request goes out, the pieces of its answer come in. The door to httpx; no retries here.

What httpx raises ends here (``failures``), and so does what it logs (``redaction``). Redirects are not followed: the
key would travel with them.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import math
import ssl
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

from harness.errors import ModelError
from harness.model import failures
from harness.model.answers import Opening, is_answer, message_of
from harness.model.failures import Failed
from harness.model.receiving import Deliver
from harness.model.redaction import Redaction, guard_the_log
from harness.model.retries import is_worth_another, retry_after
from harness.wire.compression import Compression, UnknownCompression

CONNECTING = 30.0
"""The longest that connecting may take, in seconds; less where the whole attempt may take less."""

LONGEST_BODY = 256 * 1024 * 1024
"""The longest answer in bytes, decompressed: four times the longest message that our framing takes (64 MiB), and
thousands of times the longest answer seen. A provider that never ends costs time then, and not the disk or the memory.
"""

_ACCEPTED = "gzip, deflate"  # what is asked for; more is understood
_REFUSAL_SIZE = 64 * 1024  # bytes of an error's body; its message stands at its beginning
_REFUSAL_TIME = 5.0  # seconds for them: the status is known, and the message is only worth a short wait
_SENDING = "http11.send_request_headers.started"  # httpcore's word for: connected, the request goes out

guard_the_log()


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a provider, ready to be sent; ``timeout`` is in seconds, from sending to the last byte."""

    url: httpx.URL = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    wire: str
    timeout: float
    redaction: Redaction = field(repr=False)


def address(text: str) -> httpx.URL:
    """Return the address that a text is; raises :class:`ModelError`, which shows nothing of it."""
    try:
        url = httpx.URL(text)
        _ = url.host  # httpx finds out only here that the letters for which a host's punycode stands do not exist
    except (httpx.InvalidURL, UnicodeError):
        pass
    else:
        return url
    raise ModelError("the provider's address is no address of the web", code=failures.INVALID_REQUEST)


async def attempt(call: Call, deliver: Deliver, now: float) -> Failed | None:
    """Send a request once, and deliver the pieces of a success's body; return why there is no whole answer, if so.

    ``now`` is Unix time, for a ``Retry-After`` that is a date. The time in which ``deliver`` waits for a slow consumer
    counts. Whatever ends it, the connection is closed: each attempt has a client, and so a connection, of its own. A
    pool would outlive its event loop, since nobody closes a model; a kept connection may be gone when it is needed,
    which to a POST is a failure; and a handshake is nothing beside the time in which a model answers.
    """
    try:
        client = client_for(call.url)
    except (httpx.InvalidURL, ValueError, ImportError, OSError):  # of a proxy, or of a file of certificates
        client = None
    if client is None:
        return Failed(failures.unusable_environment())
    async with client:
        return await _Attempt(call, deliver, now).made(client)


class _Attempt:
    """How far one attempt has come, which decides what its failure is called."""

    def __init__(self, call: Call, deliver: Deliver, now: float) -> None:
        self._call = call
        self._deliver = deliver
        self._now = now
        self._place = call.url.netloc.decode("ascii", "replace")
        self._connecting = min(CONNECTING, call.timeout)
        self._limit = asyncio.timeout(self._connecting)  # and from sending on, the call's own
        self._is_sent = False
        self._head_came = False

    async def made(self, client: httpx.AsyncClient) -> Failed | None:
        try:
            request = client.build_request(
                "POST",
                self._call.url,
                content=self._call.body,
                headers={"accept-encoding": _ACCEPTED, **self._call.headers},
                timeout=None,  # ours is for the whole, and httpx's for each step
                extensions={"trace": self._traced},
            )
            async with self._limit:
                return await self._exchanged(client, request)
        except failures.EXCEPTIONS as error:
            caught = error
        # Outside of `except`, or the failure would carry httpx's exception, and that one the request with its key.
        if self._limit.expired():
            if self._is_sent:
                return failures.timed_out(self._place, self._call.timeout)
            return failures.not_connected(self._place, self._connecting)
        if self._head_came:
            return failures.within_the_body(caught, self._place)
        return failures.without_a_head(caught, self._place)

    async def _traced(self, name: str, _info: Mapping[str, Any]) -> None:
        if name == _SENDING:
            self._is_sent = True
            self._limit.reschedule(asyncio.get_running_loop().time() + self._call.timeout)

    async def _exchanged(self, client: httpx.AsyncClient, request: httpx.Request) -> Failed | None:
        # Where a key is sent, the user name and the password of an address must not take its place.
        auth = httpx.Auth() if "authorization" in request.headers else httpx.USE_CLIENT_DEFAULT
        response = await client.send(request, stream=True, auth=auth, follow_redirects=False)
        self._head_came = True
        try:
            if response.is_success:
                wrong = await self._delivered(response)
                return None if wrong is None else Failed(wrong)
            return await self._refused(response)
        finally:
            await response.aclose()

    async def _delivered(self, response: httpx.Response) -> ModelError | None:
        """Deliver a body as long as it may be an answer; return why it is none."""
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not is_answer(media_type):
            return failures.no_answer(self._call.redaction.message(media_type))
        try:
            compression = Compression(response.headers.get("content-encoding", ""))
        except UnknownCompression:
            return failures.unknown_compression()
        opening, size = Opening(media_type), 0
        async with contextlib.aclosing(_body(response, compression)) as pieces:
            async for piece in pieces:
                size += len(piece)
                if size > LONGEST_BODY:
                    return failures.too_long(LONGEST_BODY)
                if (seen := opening.fault(piece)) is not None:
                    return failures.no_answer(seen)
                await self._deliver(piece)
        if compression.is_cut:
            return failures.cut_compression(self._place)
        return failures.empty(response.status_code) if opening.is_blank else None

    async def _refused(self, response: httpx.Response) -> Failed:
        """Return what a provider says that refuses; what cannot be read of it is left unread."""
        loop = asyncio.get_running_loop()
        until = min(loop.time() + _REFUSAL_TIME, self._limit.when() or math.inf)
        self._limit.reschedule(None)
        body = bytearray()
        with contextlib.suppress(UnknownCompression, *failures.EXCEPTIONS):
            compression = Compression(response.headers.get("content-encoding", ""))
            async with asyncio.timeout_at(until), contextlib.aclosing(_body(response, compression)) as pieces:
                async for piece in pieces:
                    body += piece[: _REFUSAL_SIZE - len(body)]
                    if len(body) >= _REFUSAL_SIZE:
                        break
        status = response.status_code
        said = message_of(self._call.wire, bytes(body), status, response.headers.get("x-amzn-errortype", ""))
        error = ModelError(self._call.redaction.message(said), code=str(status), status=status)
        return Failed(error, is_worth_another(status), retry_after(response.headers, self._now))


async def _body(response: httpx.Response, compression: Compression) -> AsyncGenerator[bytes, None]:
    """Yield a body as it arrives, freed of its compression."""
    async for raw in response.aiter_raw():
        for piece in compression.undone(raw):
            yield piece


def client_for(url: httpx.URL) -> httpx.AsyncClient:
    """Return a client for one attempt.

    Proxies of the environment are used, but never for a provider on this machine: a played provider is no business of
    a proxy, whether or not ``NO_PROXY`` says so.
    """
    if _is_loopback(url.host):
        return httpx.AsyncClient(verify=_tls() if url.scheme == "https" else _no_tls(), trust_env=False)
    return httpx.AsyncClient(verify=_tls())


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@cache
def _tls() -> ssl.SSLContext:
    """Return the certificates that are trusted, read once: it takes longer than all the rest of an attempt."""
    return httpx.create_ssl_context()


@cache
def _no_tls() -> ssl.SSLContext:
    """Return a context that trusts nobody, for a connection that needs none: httpx wants one all the same."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
