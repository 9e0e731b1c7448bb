"""An answer is played: its bytes leave in exactly the pieces and pauses of its script."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import assert_never

import h11

from harness.protocol.script import Piece
from harness.replay.account import Account
from harness.replay.answer import Answer
from harness.replay.channel import Channel

_FASTEST = 64 * 1024 * 1024  # bytes a second of an endless body, once each piece was sent
_SHORTEST = 0.001  # seconds between two pieces of an endless body


async def play(answer: Answer, http: h11.Connection, channel: Channel, account: Account, *, bodiless: bool) -> bool:
    """Play one answer to its end; tell whether the connection may carry another one.

    Where it may not, the connection is closed, or at least our side of it. ``bodiless`` is an answer to HEAD.
    Raises :class:`harness.replay.channel.ClientGone` where the client went away; the account knows it by then.
    """
    script = answer.script
    if script.head_pause:
        await channel.pause(script.head_pause)
    if answer.head is None:
        await channel.send(script.raw or b"", lambda start, stop: account.left(stop - start))
        return await _closed(answer, channel, account)
    # h11 would frame a body for an HTTP/1.1 client by itself. A connection that has not heard of any client ends its
    # body by closing, which is what this framing is.
    writer = h11.Connection(h11.SERVER) if script.framing == "close" else http
    await channel.send(writer.send(answer.head))
    account.answered(script.status, script.headers)
    pieces = () if bodiless else script.pieces
    for piece in pieces:
        if piece.pause:
            await channel.pause(piece.pause)
        if piece.data:
            await _leave(piece, writer, channel, account)
    if script.ending == "endless" and any(piece.data for piece in pieces):
        await _repeat(pieces, writer, channel, account)
    if script.ending != "end":
        return await _closed(answer, channel, account)
    # No await between the last byte and the account: a client may close as soon as it has that byte.
    await channel.send(writer.send(h11.EndOfMessage()))
    if writer.our_state is h11.DONE:
        account.ended(None, whole=True)
        return True
    channel.finish()
    account.ended("server", whole=True)
    return False


async def _closed(answer: Answer, channel: Channel, account: Account) -> bool:
    """End a connection whose answer has no proper end."""
    match answer.script.ending:
        case "stall" | "endless":  # the second: with nothing to repeat
            await channel.pause(None)
        case "reset":
            await channel.delivered()
            channel.reset()
        case "end" | "fin":  # the first: behind raw bytes
            channel.finish()
        case never:
            assert_never(never)
    account.ended("server", whole=False)
    return False


async def _repeat(pieces: Sequence[Piece], writer: h11.Connection, channel: Channel, account: Account) -> None:
    """Send the pieces again and again until the client goes, at a pace that leaves the machine alone."""
    while True:
        for piece in pieces:
            await channel.pause(max(piece.pause, _SHORTEST, len(piece.data) / _FASTEST))
            if piece.data:
                await _leave(piece, writer, channel, account)


async def _leave(piece: Piece, writer: h11.Connection, channel: Channel, account: Account) -> None:
    """Send one piece in one write: with chunked coding one chunk, whose frame is not counted."""
    await asyncio.sleep(0)  # the turn of the other connections, and of what this client does
    data = writer.send(h11.Data(data=piece.data))
    first = max(0, len(data) - len(piece.data) - len(b"\r\n"))
    last = first + len(piece.data)

    def left(start: int, stop: int) -> None:
        if (length := min(stop, last) - max(start, first)) > 0:
            account.left(length)

    await channel.send(data, left)
    account.piece_left()
