"""How long it takes from an abort until the provider sees its connection closed: at most 100 ms (R28)."""

import asyncio
import statistics
import time

import pytest

from asking import HANG, OPTIONS, SSE, Consumer, heard, model, said
from harness.protocol.script import Piece, Script
from harness.replay import ReplayServer

pytestmark = pytest.mark.slow

TIMES = 50
MOST = 100.0
STATES = {
    "waiting for the head": Script((Piece(said("Hel")),), headers=(SSE,), head_pause=600),
    "between two pieces": Script((Piece(said("Hel")),), headers=(SSE,), ending="stall"),
    "in a flood of pieces": Script((Piece(said("Hel"), 0.001),), headers=(SSE,), ending="endless"),
}


async def milliseconds(place):
    """Abort one answer; return the time until the server found its connection closed, by the clock of the server."""
    consumer = Consumer()
    asking = asyncio.create_task(heard(model(place.base_url).do_stream(OPTIONS, consumer)))
    async with asyncio.timeout(HANG):
        while not place.exchanges():  # noqa: ASYNC110 - the provider lives in a thread of its own
            await asyncio.sleep(0.002)
    await asyncio.sleep(0.02)
    left = (time.monotonic() - place.opened_at) * 1000
    consumer.go()
    _, error = await asking
    assert error.code == "ABORTED"
    assert await asyncio.to_thread(place.settled, HANG)
    (exchange,) = place.exchanges()
    assert exchange.closed_by == "client"
    return exchange.closed_at - left


@pytest.mark.parametrize("state", STATES)
def test_an_abort_closes_the_connection_at_once(state, capsys):
    with ReplayServer() as server:

        async def run():
            return [await milliseconds(server.open([STATES[state]])) for _ in range(TIMES)]

        taken = asyncio.run(run())
    median = statistics.median(taken)
    with capsys.disabled():
        print(f"\nabort {state}: median {median:.2f} ms, most {max(taken):.2f} ms of {TIMES}, until closed", end="")
    assert min(taken) > 0
    assert median <= MOST
