"""Figures of the whole adapter over loopback HTTP, asked as an application asks it."""

from __future__ import annotations

import asyncio
import json
import statistics
import time

from timing import Figure

from harness import AbortController, mastra_text
from harness.protocol.script import Piece, Script
from harness.replay.server import ReplayServer

TIMES = 50
SSE = (("Content-Type", "text/event-stream"),)
REQUEST = {"messages": [{"role": "user", "content": "Hello."}]}


def piece(text, reason=None):
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    return Piece(f"data: {json.dumps({'id': 'c', 'model': 'm', 'choices': [choice]})}\n\n".encode())


def adapter_of(place):
    return mastra_text("any/model", {"url": place.base_url, "apiKey": "test-key-1", "maxRetries": 0})


async def closed_after(place):
    """Abort behind the first chunk; return the milliseconds until the server found its connection closed."""
    controller = AbortController()
    chunks = adapter_of(place).chat_stream({**REQUEST, "abortController": controller})
    await anext(chunks)
    aborted = (time.monotonic() - place.opened_at) * 1000
    controller.abort()
    rest = [chunk["type"] async for chunk in chunks]
    assert rest in ([], ["error"])
    await asyncio.to_thread(place.settled, 10)
    (exchange,) = place.exchanges()
    assert exchange.closed_by == "client"
    return exchange.closed_at - aborted


def an_abort_closes_the_connection():
    script = Script((piece("Hel"),), headers=SSE, ending="stall")
    with ReplayServer() as server:

        async def run():
            return [await closed_after(server.open([script])) for _ in range(TIMES)]

        taken = asyncio.run(run())
    note = f"median of {TIMES}, the longest {max(taken):.1f} ms"
    return Figure("milliseconds from an abort to a closed connection", statistics.median(taken), 100, True, note)


def an_answer_over_http_costs_little():
    """One question after another, each a request, a stream of 50 pieces and its chunks."""
    script = Script((*[piece("word ")] * 49, piece("", "stop")), headers=SSE)

    async def ask(place):
        return [chunk async for chunk in adapter_of(place).chat_stream(REQUEST)]

    with ReplayServer() as server:

        async def run():
            times = []
            for _ in range(TIMES):
                place = server.open([script])
                start = time.perf_counter()
                chunks = await ask(place)
                times.append((time.perf_counter() - start) * 1000)
                assert chunks[-1]["type"] == "done"
            return times

        taken = asyncio.run(run())
    note = f"median of {TIMES} questions with 50 pieces each, both sides in one process"
    return Figure("milliseconds for a whole answer over loopback HTTP", statistics.median(taken), 100, True, note)
