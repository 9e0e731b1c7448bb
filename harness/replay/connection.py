"""A client's requests on one connection, one after the other, each answered by its place."""

from __future__ import annotations

from collections.abc import Callable

import h11

from harness.protocol.script import Exchange
from harness.replay.account import Account, Clock
from harness.replay.answer import Answer
from harness.replay.channel import Channel, ClientGone
from harness.replay.place import Place, Watch
from harness.replay.playing import play
from harness.replay.receiving import Refused, body_of, head_of, one_by_one

Finder = Callable[[str], "tuple[Place, str] | Answer"]
"""A request's target → its place and the target below it, or the answer that there is none."""


async def converse(channel: Channel, find: Finder, on_refused: Watch) -> None:
    """Answer what one client asks, in order, until one side ends it; whoever calls this closes the channel.

    ``on_refused`` is told of what was no request, or none that is taken, once it was answered, and why.
    """
    await one_by_one(channel, lambda http: _answered(http, channel, find, on_refused))


async def _answered(http: h11.Connection, channel: Channel, find: Finder, on_refused: Watch) -> bool:
    """Read one request and answer it; tell whether the connection may carry another one."""
    request = None
    try:
        request = await head_of(http, channel)
        found = find(request.target.decode("ascii"))
        if isinstance(found, Answer):
            await body_of(http, channel, request)
            return await _perform(found, http, channel, _unheard(request))
        place, target = found
        with place.occupied():
            body = await body_of(http, channel, request)
            account, choice = place.take(_exchange(request, target, body), channel.number)
            try:
                return await _perform(choice.answer, http, channel, account)
            finally:
                place.over(account, choice)
    except Refused as refused:
        account = _unheard(request)
        try:
            return await _perform(refused.answer, http, channel, account)
        finally:
            on_refused(account.exchange(), str(refused))


async def _perform(answer: Answer, http: h11.Connection, channel: Channel, account: Account) -> bool:
    """Play an answer while the account listens to the client's going; a bug of ours ends this connection only."""
    bodiless = account.exchange().method == "HEAD"
    channel.watch(account.client_gone)
    try:
        return await play(answer, http, channel, account, bodiless=bodiless)
    except ClientGone:
        raise
    except Exception as error:  # told in the exchange, where it is seen: a log would be read by nobody
        account.failed(f"the replay server failed: {type(error).__name__}: {error}")
        channel.reset()
        raise ClientGone from error
    finally:
        account.ended("server", whole=False)  # counts only where nothing else has ended it: a cancelled task
        channel.watch(None)


def _exchange(request: h11.Request, target: str, body: bytes) -> Exchange:
    headers = tuple((name.decode("ascii"), value.decode("latin-1")) for name, value in request.headers)
    return Exchange(request.method.decode("ascii"), target, headers, body, asked_at=0.0)


def _unheard(request: h11.Request | None) -> Account:
    """Return an account that no place keeps, of a request to no place or of no request at all."""
    method, target = ("", "") if request is None else (request.method.decode("ascii"), request.target.decode("ascii"))
    return Account(Exchange(method, target, (), b"", asked_at=0.0), Clock())
