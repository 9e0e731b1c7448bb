"""One connection, and what the server's end of it sees; both ends are in one event loop."""

import asyncio
import socket
from contextlib import asynccontextmanager

import h11
import pytest

from harness.protocol.script import Exchange, Piece, Script
from harness.replay.account import Account, Clock
from harness.replay.answer import Answer, answer_of
from harness.replay.channel import Channel, ClientGone
from harness.replay.connection import converse
from harness.replay.place import Place, in_turn
from harness.replay.playing import play
from raw_client import HANG_BOUND


@asynccontextmanager
async def both_ends():
    """A channel, its socket and the client's socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        client.settimeout(HANG_BOUND)
        peer, _ = listener.accept()
        channel = Channel(peer, 0)
        try:
            async with asyncio.timeout(HANG_BOUND):
                yield channel, peer, client
        finally:
            channel.close()


def test_nothing_waits_for_more_to_be_said():
    async def run():
        async with both_ends() as (_, peer, _client):
            assert peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    asyncio.run(run())


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_watches_hears_once_that_the_client_is_gone(when):
    heard = []

    async def run():
        async with both_ends() as (channel, _, client):
            if when == "after":
                channel.watch(lambda: heard.append("gone"))
            client.close()
            with pytest.raises(ClientGone):
                await channel.pause(None)
            if when == "before":
                channel.watch(lambda: heard.append("gone"))
            with pytest.raises(ClientGone):
                await channel.pause(0.0)
            with pytest.raises(ClientGone):
                await channel.send(b"x")

    asyncio.run(run())
    assert heard == ["gone"]


def test_who_watches_no_more_hears_nothing():
    heard = []

    async def run():
        async with both_ends() as (channel, _, client):
            channel.watch(lambda: heard.append("gone"))
            channel.watch(None)
            client.close()
            with pytest.raises(ClientGone):
                await channel.pause(None)

    asyncio.run(run())
    assert heard == []


def test_what_arrived_before_the_client_left_is_still_received():
    async def run():
        async with both_ends() as (channel, _, client):
            client.sendall(b"last words")
            client.close()
            with pytest.raises(ClientGone):
                await channel.pause(None)
            assert await channel.receive() == b"last words"
            with pytest.raises(ClientGone):
                await channel.receive()

    asyncio.run(run())


def test_each_write_is_told_with_the_bytes_that_it_took():
    body = bytes(8 * 1024 * 1024)
    writes = []

    async def run():
        async with both_ends() as (channel, _, client):
            sending = asyncio.create_task(channel.send(body, lambda start, stop: writes.append((start, stop))))
            received = 0
            while received < len(body):
                received += len(await asyncio.to_thread(client.recv, 1 << 20))
            await sending

    asyncio.run(run())
    assert len(writes) > 1
    assert [start for start, _ in writes] == [0, *(stop for _, stop in writes[:-1])]
    assert writes[-1][1] == len(body)


class ByteByByte:
    """A channel whose kernel takes one byte at a time, which no real one can be told to do."""

    def __init__(self, account):
        self.account = account
        self.said = b""
        self.lengths = []

    async def send(self, data, left=None):
        for place, byte in enumerate(data):
            self.said += bytes([byte])
            if left is not None:
                left(place, place + 1)
                self.lengths.append(sum(sent.length for sent in self.account.exchange().sent))


def test_the_frame_of_a_chunk_is_no_part_of_what_was_sent():
    http = h11.Connection(h11.SERVER)
    http.receive_data(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    assert isinstance(http.next_event(), h11.Request)
    assert isinstance(http.next_event(), h11.EndOfMessage)
    account = Account(Exchange("GET", "/", (), b"", 0.0), Clock())
    channel = ByteByByte(account)
    asyncio.run(play(answer_of(Script((Piece(b"abc"),))), http, channel, account, bodiless=False))
    assert channel.said.endswith(b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    assert channel.lengths == [0, 0, 0, 1, 2, 3, 3, 3]
    assert [sent.length for sent in account.exchange().sent] == [1, 1, 1]


def test_a_bug_of_ours_is_told_in_the_exchange_and_ends_its_connection_only():
    unplayable = Answer(Script((Piece(b"abc"),)), h11.Response(status_code=204, headers=[]))
    place = Place("http://127.0.0.1/place-1", in_turn([unplayable], ""), None, on_close=list)

    async def run():
        async with both_ends() as (channel, _, client):
            client.sendall(b"GET /chat HTTP/1.1\r\nHost: here\r\n\r\n")
            await converse(channel, lambda target: (place, target), print)
            assert client.recv(1000) == b"HTTP/1.1 204 \r\n\r\n"
            with pytest.raises(ConnectionResetError):
                client.recv(1)

    asyncio.run(run())
    [exchange] = place.exchanges()
    assert exchange.fault.startswith("the replay server failed: LocalProtocolError: ")
    assert (exchange.whole, exchange.closed_by) == (False, "server")


@pytest.fixture
def turns(monkeypatch):
    """For each turn of the event loop, the number of parts of requests that were read in it."""
    counts = [0]
    next_event = h11.Connection.next_event

    def counted(http):
        counts[-1] += 1
        return next_event(http)

    monkeypatch.setattr(h11.Connection, "next_event", counted)
    return counts


async def conversation(place, sent, turns):
    """Send all of it as fast as the server takes it, and return what it says up to its end."""

    async def others():
        while True:
            turns.append(0)
            await asyncio.sleep(0)

    def received(client):
        data = b""
        while more := client.recv(1 << 16):
            data += more
        client.close()
        return data

    async with both_ends() as (channel, _, client):
        watching = asyncio.create_task(others())
        talking = asyncio.create_task(converse(channel, lambda target: (place, target), print))
        answers = asyncio.create_task(asyncio.to_thread(received, client))
        await asyncio.to_thread(client.sendall, sent)
        data = await answers
        await talking
        watching.cancel()
    return data


def test_a_flood_of_tiny_chunks_lets_others_have_their_turn(turns):
    place = Place(
        "http://127.0.0.1/place-1", in_turn([answer_of(Script((Piece(b"ok"),), keep_alive=False))], ""), None, list
    )
    head = b"POST /chat HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
    data = asyncio.run(conversation(place, head + b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n", turns))
    assert data.startswith(b"HTTP/1.1 200 OK")
    assert place.exchanges()[0].body == b"x" * 50_000
    assert sum(turns) > 50_000
    assert max(turns) < 1000


def test_a_flood_of_requests_lets_others_have_their_turn(turns):
    place = Place("http://127.0.0.1/place-1", in_turn([answer_of(Script())] * 2000, ""), None, list)
    request = b"HEAD / HTTP/1.1\r\nHost: here\r\n"
    data = asyncio.run(conversation(place, (request + b"\r\n") * 1999 + request + b"Connection: close\r\n\r\n", turns))
    assert data.count(b"HTTP/1.1 200 OK") == len(place.exchanges()) == 2000
    assert sum(turns) >= 4000
    assert max(turns) < 1000
