"""A request of a client is read, part by part, and refused where nobody could take it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import cast

import h11

from harness.replay.answer import refusal
from harness.replay.channel import Channel, ClientGone

MOST_BODY = 64 * 1024 * 1024
"""The most bytes that a request's body may have; behind them the answer is 413."""
_MOST_HEAD = 128 * 1024  # bytes
_AT_ONCE = 64  # parts of a body that are read in one turn of the loop: a client may cut its body into single bytes
_TOO_LARGE = (413, "body_too_large", f"the body has more than {MOST_BODY} bytes")
_GO_ON = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")


class Refused(Exception):
    """What the client sends is not taken; ``answer`` tells it so, and is the last on its connection."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = refusal(status, code, message, keep_alive=False)


async def one_by_one(channel: Channel, answered: Callable[[h11.Connection], Awaitable[bool]]) -> None:
    """Have each request of a connection answered, in order, until one side ends it; its caller closes the channel.

    ``answered`` reads the request and tells whether the connection may carry another one.
    """
    with suppress(ClientGone):
        http = await _begun(b"", channel)
        while await answered(http):
            await asyncio.sleep(0)  # the turn of the other connections: a client may send thousands of requests ahead
            sent_ahead, _ = http.trailing_data
            http = await _begun(sent_ahead, channel)
        await channel.linger()


async def _begun(heard: bytes, channel: Channel) -> h11.Connection:
    """Return a reader for one request, whose first byte has come; raises :class:`ClientGone` where none comes.

    h11 refuses the empty lines that may stand before a request (RFC 9112 2.2), so they never reach it.
    """
    while not (begin := heard.lstrip(b"\r\n")):
        heard = await channel.receive()
    http = h11.Connection(h11.SERVER, max_incomplete_event_size=_MOST_HEAD)
    http.receive_data(begin)
    return http


async def head_of(http: h11.Connection, channel: Channel) -> h11.Request:
    """Return the beginning of a request."""
    request = cast("h11.Request", await _next_event(http, channel))  # a new connection has nothing else to begin with
    if not request.http_version.startswith(b"1."):  # h11 would take it for 1.1
        raise Refused(505, "http_version_not_supported", "only HTTP/1.1 is spoken here")
    if request.method == b"CONNECT":  # behind its success the bytes are no HTTP any more (RFC 9110 9.3.6)
        raise Refused(501, "method_not_implemented", "an API is served here, to which nobody can CONNECT")
    return request


async def body_of(http: h11.Connection, channel: Channel, request: h11.Request) -> bytes:
    """Return the whole body; one that is announced too large is refused before a byte of it was read."""
    if any(int(value) > MOST_BODY for name, value in request.headers if name == b"content-length"):
        raise Refused(*_TOO_LARGE)
    body, parts = bytearray(), 0
    while isinstance(data := await _next_event(http, channel), h11.Data):
        body += data.data
        if len(body) > MOST_BODY:
            raise Refused(*_TOO_LARGE)
        parts += 1
        if parts % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return bytes(body)


async def _next_event(http: h11.Connection, channel: Channel) -> object:
    """Return the next part of a request, having told a client that waits for it to go on."""
    try:
        while (event := http.next_event()) is h11.NEED_DATA:
            if http.they_are_waiting_for_100_continue:
                await channel.send(http.send(_GO_ON))
            http.receive_data(await channel.receive())
    except h11.RemoteProtocolError as error:  # its words quote the request, which may hold a key
        raise Refused(error.error_status_hint, "bad_request", "this is no request of HTTP/1.1") from None
    return event
