"""One request goes to a provider as it is, and its answer comes back as it came: what a recording is made of.

Nothing is tried again, unpacked, joined or cut: the pieces are those of the transport, a chunk of the chunked coding or
what one look at the connection found. The target is sent letter for letter, with the dots and brackets that httpx would
resolve and escape, so what is recorded is what was sent. As in :mod:`harness.model.http`, each request has a connection
of its own, no redirect is followed, and what httpx raises and logs ends here.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from harness.cassettes.interaction import Request, TapeEnding
from harness.cassettes.proofs import proofs_of
from harness.cassettes.tape import Head
from harness.errors import ModelError
from harness.model import failures
from harness.model.http import CONNECTING, address, client_for
from harness.model.redaction import IN_THE_LOG, Redaction
from harness.model.registry import PROVIDERS
from harness.protocol.script import BodyFraming

_SENT = "http11.send_request_body.complete"  # httpcore's word for: the provider's turn
_ORIGIN = re.compile(r"[^:/?#]+://[^/?#]*")
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_WITHOUT_BODY = frozenset({204, 304})
_VARIABLE = re.compile(r"\\\$\\\{\w+\\\}")  # as re.escape writes it


class Answering:
    """An answer whose head is there; times are seconds of ``time.monotonic()``.

    ``asked_at`` is when the request had left, ``head_at`` when the head came. ``ending`` is told once the pieces have
    been read to their end.
    """

    def __init__(self, response: httpx.Response, place: str, asked_at: float) -> None:
        self.asked_at = asked_at
        self.head_at = time.monotonic()
        self.head = _head(response)
        self.ending: TapeEnding | None = None
        self._response = response
        self._place = place

    async def close(self) -> None:
        """Close the connection, whatever is still to come."""
        await self._response.aclose()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the body as it comes, none of its pieces empty, up to its end or to the end of the connection.

        Raises :class:`ModelError` where the provider breaks the rules of HTTP in the middle of it.
        """
        try:
            async for piece in self._response.aiter_raw():
                yield piece
        except failures.EXCEPTIONS as error:
            caught = error
        else:
            self.ending = "end"
            return
        failed = failures.within_the_body(caught, self._place).error
        if failed.code != failures.STREAM_TRUNCATED:
            raise failed
        # A FIN is found by what is missing of the body, a RST by the connection itself.
        self.ending = "reset" if isinstance(caught, httpx.ReadError) else "fin"


def called(url: str) -> str:
    """Return the id of the provider whose host this is, the first in the registry, or else the host itself."""
    host = urlsplit(url).netloc.rpartition("@")[2].lower()
    for provider in PROVIDERS.values():
        known = _VARIABLE.sub("[^.]+", re.escape(urlsplit(provider.base_url).netloc))
        if known and re.fullmatch(known, host):
            return provider.id
    return host


def sendable(uri: str) -> str:
    """Return a URI that can be sent: behind the host, all but printable ASCII is percent-encoded (RFC 3987 3.1)."""
    origin, target = _split(uri)
    return origin + quote(target, safe=_ASCII)


@asynccontextmanager
async def asked(request: Request, secrets: tuple[str, ...] = ()) -> AsyncGenerator[Answering, None]:
    """Send a request, and give its answer as soon as the head is there; the connection is closed behind it.

    The request's URI is :func:`sendable`. ``secrets`` are what the log must not show, beside what proves in the request
    who asks. Raises :class:`ModelError` where there is no head to be had.
    """
    IN_THE_LOG.set(Redaction((*secrets, *proofs_of(request)), request.body))
    url = address(_split(request.uri)[0])
    try:
        client = client_for(url)
    except (httpx.InvalidURL, ValueError, ImportError, OSError):  # of a proxy, or of a file of certificates
        client = None
    if client is None:
        raise failures.unusable_environment()
    async with client:
        response = await _response(client, request, url)
        if isinstance(response, ModelError):
            raise response
        try:
            yield response
        finally:
            await response.close()


async def _response(client: httpx.AsyncClient, request: Request, url: httpx.URL) -> Answering | ModelError:
    """Return the answer, or why there is none: raised here, it would carry httpx's exception and that one the key."""
    place = url.netloc.decode("ascii", "replace")
    sent_at = time.monotonic()

    async def traced(name: str, _info: Mapping[str, Any]) -> None:
        nonlocal sent_at
        if name == _SENT:
            sent_at = time.monotonic()

    target = _split(request.uri)[1]
    outgoing = httpx.Request(  # made by hand: a client would add headers of its own
        request.method,
        url,
        headers=[
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, values in request.headers.items()
            for value in values
        ],
        content=request.body,
        extensions={"timeout": {"connect": CONNECTING}, "trace": traced},
    )
    outgoing.url = _AsAsked(url, (target if target.startswith("/") else f"/{target}").encode())
    # Where a key is sent, the user name and the password of an address must not take its place.
    auth = httpx.Auth() if "authorization" in outgoing.headers else httpx.USE_CLIENT_DEFAULT
    try:
        response = await client.send(outgoing, stream=True, auth=auth, follow_redirects=False)
    except failures.EXCEPTIONS as error:
        caught = error
    else:
        return Answering(response, place, sent_at)
    return failures.without_a_head(caught, place).error


class _AsAsked(httpx.URL):
    """An address of which the transport sends another target: httpx itself sends none but a tidy one."""

    def __init__(self, url: httpx.URL, target: bytes) -> None:
        super().__init__(url)
        self._target = target

    @property
    def raw_path(self) -> bytes:
        """The target (RFC 9112 3.2.1)."""
        return self._target


def _split(uri: str) -> tuple[str, str]:
    """Return what stands before the path of a URI, and the rest."""
    found = _ORIGIN.match(uri)
    end = found.end() if found else 0
    return uri[:end], uri[end:]


def _head(response: httpx.Response) -> Head:
    headers: dict[str, tuple[str, ...]] = {}
    for raw_name, raw_value in response.headers.raw:
        name = raw_name.decode("latin-1")
        headers[name] = (*headers.get(name, ()), raw_value.decode("latin-1"))
    return Head(response.status_code, response.reason_phrase, headers, _framing(response))


def _framing(response: httpx.Response) -> BodyFraming:
    """Return how the end of the body is told (RFC 9112 6.3)."""
    if response.request.method == "HEAD" or response.status_code in _WITHOUT_BODY:
        return "length"
    if "transfer-encoding" in response.headers:
        return "chunked"
    return "length" if "content-length" in response.headers else "close"
